/* The wall's side of a tablet: the code and its QR, obeying commands, telling how things stand, the pointer. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  const QUIET = 300000;
  let told = "", waiting = null, sheet = null, opener = null, clock = null, remotes = 0, heard = 0;

  const wallName = (() => {
    const given = new URLSearchParams(window.location.search).get("wall");
    try {
      if (given) localStorage.setItem("ejia.wall", given);
      return localStorage.getItem("ejia.wall") || "";
    } catch (error) { return given || ""; }
  })();

  const post = (address, body, method) => fetch(address, { method: method || "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}) });

  /* ---- how things stand, told on every change ---- */
  ejia.reportState = function () {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const scene = ejia.scene && ejia.scene();
      if (!scene || !ejia.tour) return;
      const body = document.body.classList, state = { ...ejia.tour.state(), query: scene.query, place: scene.place, month: scene.month, lang: scene.lang,
        dark: body.contains("blackout"), visitor: body.contains("shielded"), name: wallName };
      const text = JSON.stringify(state);
      if (text === told) return;
      try {
        const answer = await post("/walls/state", state);
        if (!answer.ok) return;
        told = text;
        remotes = (await answer.json()).remotes;
        badge();
      } catch (error) { /* told again with the next change */ }
    }, 40);
  };

  /* ---- the code ---- */
  function make(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  ejia.pair = async function () {
    if (sheet) return close();
    if (!ejia.scene || !ejia.scene()) return;
    let code;
    try {
      const answer = await post("/walls/code");
      if (!answer.ok) return;
      code = await answer.json();
    } catch (error) { return; }
    sheet = make("div", "pairing");
    sheet.setAttribute("role", "dialog");
    sheet.dataset.key = "pairing";
    const image = make("img", "pairing-qr");
    image.alt = ejia.say("pair_title");
    image.src = "data:image/svg+xml," + encodeURIComponent(code.qr);
    const left = make("div", "pairing-left"), end = performance.now() + code.seconds * 1000;
    const shut = make("button", "close", "×");
    sheet.setAttribute("aria-label", ejia.say("pair_title"));
    shut.setAttribute("aria-label", ejia.say("close"));
    shut.addEventListener("click", close);
    const words = make("div", "pairing-words");
    const digits = make("b", "pairing-digits", code.code.slice(0, 3) + " " + code.code.slice(3));
    digits.dataset.key = "pairing/code";
    words.append(make("h2", "", ejia.say("pair_title")), make("p", "", ejia.say("pair_hint")), digits,
      make("p", "quiet", code.address.replace(/#.*$/, "")), left);
    sheet.append(image, words, shut);
    opener = document.activeElement;
    document.body.append(sheet);
    shut.focus();
    const tick = () => {
      const seconds = Math.ceil((end - performance.now()) / 1000);
      left.textContent = ejia.say("pair_left").replace("{seconds}", Math.max(0, seconds));
      if (seconds <= 0) close();
    };
    tick();
    clock = setInterval(tick, 1000);
  };
  function close() {
    clearInterval(clock);
    if (!sheet) return;
    sheet.remove();
    sheet = null;
    if (opener && opener.isConnected) opener.focus();
    post("/walls/code", {}, "DELETE").catch(() => {});
  }

  /* ---- who controls this wall is always to be seen, and can be parted by one tap ---- */
  function badge() {
    let holder = document.getElementById("controlled");
    const on = remotes > 0 && performance.now() - heard < QUIET && heard > 0;
    document.body.classList.toggle("controlled", on);
    if (!on) { if (holder) holder.remove(); return; }
    const text = ejia.say("controlled") + (remotes > 1 ? " ×" + remotes : "");
    if (!holder) {
      holder = make("div", "");
      holder.id = "controlled";
      const end = make("button", "");
      end.addEventListener("click", () => { remotes = 0; post("/walls/remotes", {}, "DELETE").catch(() => {}); badge(); });
      holder.append(make("span", ""), end);
      document.body.append(holder);
    }
    holder.firstChild.textContent = text;
    holder.lastChild.textContent = ejia.say("controlled_end");
  }
  setInterval(badge, 5000);

  /* ---- commands ---- */
  const ACTS = {
    next: () => ejia.tour.next(), previous: () => ejia.tour.previous(), hold: () => ejia.tour.hold(), leave: () => ejia.tour.leave(),
    resume: () => ejia.tour.resume(), jump: (order) => ejia.tour.jump(order.arg), start: (order) => ejia.tour.start(order.arg),
    blackout: (order) => ejia.blackout(order.arg), visitor: () => ejia.switchMode && ejia.switchMode(true),
    gesture: (order) => ejia.send(order.verb, order.arg), point: (order) => point(order.lon, order.lat),
  };
  function obey(order) {
    heard = performance.now();
    if (ejia.tour) ejia.tour.touched = heard;
    if (remotes < 1) remotes = 1;
    badge();
    if (Object.hasOwn(ACTS, order.do)) ACTS[order.do](order);
  }
  ejia.listen("command", obey);
  ejia.listen("paired", (news) => { remotes = news.remotes; heard = performance.now(); close(); badge(); told = ""; ejia.reportState(); });
  (ejia.sceneActs = ejia.sceneActs || []).push(() => ejia.reportState());

  /* ---- the pointer: a ring where the tablet's finger is; it goes by itself ---- */
  let gone = null;
  function point(lon, lat) {
    const map = ejia.mapState.map;
    let ring = document.getElementById("pointer");
    clearTimeout(gone);
    if (lon === undefined || !map) { if (ring) ring.remove(); return; }
    const box = map.getContainer(), at = map.latLngToContainerPoint([lat, lon]);
    if (!ring) { ring = make("i", ""); ring.id = "pointer"; box.append(ring); }
    ring.style.transform = `translate(${at.x}px, ${at.y}px)`;
    gone = setTimeout(() => ring.remove(), 4000);
  }

  document.addEventListener("keydown", (event) => {
    const writing = event.target.matches && event.target.matches("input, textarea, select");
    if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "r" || (sheet && event.key === "Escape")) { event.preventDefault(); event.stopImmediatePropagation(); ejia.pair(); }
  }, true);
  document.addEventListener("click", (event) => { if (event.target.closest("[data-pair]")) ejia.pair(); });
})();
