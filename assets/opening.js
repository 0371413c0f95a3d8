/* The opening: the map assembles once, in less than ten seconds; with reduced motion it simply stands there. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  const TRACE = 2600, TOWNS = 4200, FADE = 900, END = TRACE + TOWNS + FADE;
  let running = 0;

  function towns(state) {
    const district = state.places[0];
    const far = (place) => Math.hypot(place.label[0] - district.label[0], place.label[1] - district.label[1]);
    return state.places.filter((place) => place.parent === district.id).sort((a, b) => far(a) - far(b));
  }

  /* The length of an outline in pixels, so that a dash can draw it from end to end. */
  function lengthOf(place, view) {
    let sum = 0;
    for (const ring of place.rings) for (let i = 2; i < ring.length; i += 2)
      sum = Math.max(sum, 0) + Math.hypot(view.mx(ring[i]) - view.mx(ring[i - 2]), view.my(ring[i + 1]) - view.my(ring[i - 1]));
    return sum;
  }

  function paint(pen, width, height, age) {
    const state = ejia.mapState, view = state.view, offset = state.layer.offset(), district = state.places[0];
    const ease = (t) => 1 - Math.pow(1 - Math.min(1, Math.max(0, t)), 3);
    pen.setTransform(pen.ratio, 0, 0, pen.ratio, 0, 0);
    pen.globalCompositeOperation = "source-over";
    pen.globalAlpha = 1 - ease((age - TRACE - TOWNS) / FADE);
    pen.fillStyle = view.colour.ground;
    pen.clearRect(0, 0, width, height);
    pen.fillRect(0, 0, width, height);
    pen.translate(-offset.x, -offset.y);
    const list = towns(state);
    pen.globalCompositeOperation = "destination-out";
    list.forEach((place, i) => {
      pen.globalAlpha = ease((age - TRACE - (i * (TOWNS - 700)) / list.length) / 700);
      if (pen.globalAlpha > 0) pen.fill(view.path(place));
    });
    pen.globalCompositeOperation = "source-over";
    pen.globalAlpha = 1 - ease((age - TRACE - TOWNS) / FADE);
    const length = lengthOf(district, view);
    pen.strokeStyle = view.colour.outline;
    pen.lineWidth = 2.5 * view.u;
    pen.lineJoin = "round";
    pen.setLineDash([length * ease(age / TRACE), length]);
    pen.stroke(view.path(district));
    pen.setLineDash([]);
  }

  ejia.opening = function () {
    const map = ejia.mapState.map;
    if (!map || running || !ejia.mapState.places || matchMedia("(prefers-reduced-motion: reduce)").matches) return false;
    const box = document.getElementById("map-box"), canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
    running = performance.now();
    canvas.id = "opening";
    pen.ratio = Math.min(2, window.devicePixelRatio || 1);
    document.body.classList.add("opening");
    box.append(canvas);
    function frame(now) {
      const age = now - running, width = box.clientWidth, high = box.clientHeight, view = ejia.mapState.view;
      if (age > END || !view || !canvas.isConnected) return done();
      if (canvas.width !== Math.round(width * pen.ratio)) { canvas.width = Math.round(width * pen.ratio); canvas.height = Math.round(high * pen.ratio); }
      paint(pen, width, high, age);
      requestAnimationFrame(frame);
    }
    function done() {
      canvas.remove();
      document.body.classList.remove("opening");
      running = 0;
    }
    requestAnimationFrame(frame);
    setTimeout(done, END + 600);
    for (const number of document.querySelectorAll('[data-key="kpi/members"] .num, [data-key="kpi/organisations"] .num')) countUp(number);
    return true;
  };

  /* The two great numbers run up once while the map assembles. */
  function countUp(element) {
    const text = element.textContent, target = Number(text.replace(/,/g, ""));
    if (!Number.isFinite(target) || String(target) !== text.replace(/,/g, "")) return;
    const start = performance.now(), time = 1800;
    const step = (now) => {
      const share = Math.min(1, (now - start) / time);
      if (!element.isConnected) return;
      element.textContent = share < 1 ? Math.round(target * (1 - Math.pow(1 - share, 3))).toLocaleString("en") : text;
      if (share < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }
})();
