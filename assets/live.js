/* Live push: one stream of small messages; the page asks again for what changed, and says when nobody answers. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  const LATE = 8500, STOPPED = 45000, LEAST_RIPPLES = 24;
  const live = (ejia.live = { good: performance.now(), goodAt: Date.now(), source: null, day: null, on: {} });

  ejia.say = (key) => {
    const lang = (ejia.scene && ejia.scene() && ejia.scene().lang) || "zh", source = document.getElementById("map-words");
    if (!ejia.words && source) ejia.words = JSON.parse(source.dataset.words);
    return (ejia.words && ejia.words[lang] && ejia.words[lang][key]) || key;
  };

  /* Other parts listen to commands and states by name. */
  ejia.listen = (event, act) => { live.on[event] = act; if (live.source) attach(live.source, event); };
  function attach(source, event) {
    source.addEventListener(event, (message) => { heard(true); live.on[event](JSON.parse(message.data)); });
  }

  /* ---- the connection ---- */
  function open() {
    if (live.source) live.source.close();
    const source = (live.source = new EventSource("/events"));
    for (const event of Object.keys(live.on)) attach(source, event);
    source.onerror = () => { if (source.readyState === EventSource.CLOSED) setTimeout(() => { if (live.source === source) open(); }, 5000); };
  }
  ejia.reopen = open;

  async function ask() {
    try {
      const answer = await fetch("/healthz", { cache: "no-store" });
      if (answer.ok) state(await answer.json());
    } catch (error) { /* nobody there: the signs of life end by themselves */ }
  }

  function heard(well) {
    if (!well) return;
    live.good = performance.now();
    live.goodAt = Date.now();
    mark();
  }

  function state(told) {
    heard(told.well !== false);
    if (told.well === false || told.version === undefined) return;
    const shown = ejia.shownVersion && ejia.shownVersion();
    if (shown !== undefined && told.version !== shown) ejia.again(told.version);
  }
  live.on.hello = state;
  live.on.beat = state;
  live.on.version = state;

  /* ---- freshness: late after seconds, stopped after most of a minute; amber, and the picture stays ---- */
  function mark() {
    const age = performance.now() - live.good, body = document.body;
    body.classList.toggle("stale", age > LATE);
    body.classList.toggle("stopped", age > STOPPED);
    note(age > STOPPED);
  }

  function note(on) {
    let holder = document.getElementById("stopped-note");
    if (!on) { if (holder) holder.remove(); return; }
    if (!holder) {
      holder = document.createElement("div");
      holder.id = "stopped-note";
      holder.setAttribute("role", "alert");
      document.body.append(holder);
    }
    const when = new Date(live.goodAt).toLocaleTimeString("en-GB"), text = ejia.say("live_stopped").replace("{time}", when);
    if (holder.textContent !== text) holder.textContent = text;
  }

  setInterval(() => {
    mark();
    if (performance.now() - live.good > 6000) ask();
  }, 1000);

  /* ---- sign-ins: one ripple a pulse, and the day's count ---- */
  function ripple(pulse) {
    const map = ejia.mapState, place = map.byId[pulse.place], box = map.map && map.map.getContainer();
    if (!place || !box || document.hidden || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    if (box.querySelectorAll(".ripple").length >= LEAST_RIPPLES || map.map._animatingZoom) return;
    const at = map.map.latLngToContainerPoint([place.label[1], place.label[0]]);
    if (at.x < 0 || at.y < 0 || at.x > box.clientWidth || at.y > box.clientHeight) return;
    const ring = document.createElement("i");
    ring.className = "ripple";
    ring.style.left = at.x + "px";
    ring.style.top = at.y + "px";
    ring.addEventListener("animationend", () => ring.remove());
    setTimeout(() => ring.remove(), 1500);
    box.append(ring);
  }

  live.on.swipes = (told) => {
    const spread = Math.min(900, 40 * told.pulses.length);
    told.pulses.forEach((pulse, i) => setTimeout(() => ripple(pulse), (spread * i) / Math.max(1, told.pulses.length)));
    live.day = told;
    count();
  };

  function count() {
    const told = live.day, box = document.getElementById("map-box");
    if (!told || !box) return;
    let holder = document.getElementById("live-count");
    if (!holder) {
      holder = document.createElement("div");
      holder.id = "live-count";
      holder.dataset.key = "live/count";
      holder.append(document.createElement("span"), document.createElement("b"), document.createElement("small"));
      box.append(holder);
    }
    holder.classList.toggle("replay", told.replay);
    holder.children[0].textContent = ejia.say(told.replay ? "live_replay" : "live_today");
    ejia.tween(holder.children[1], told.count);
    holder.children[2].textContent = told.day + " " + told.at;
  }
  ejia.countAgain = count;

  /* A number runs to its new value in at most 600 ms; where motion is not wanted, it jumps. */
  ejia.tween = function (element, target) {
    const from = Number(element.dataset.value || 0), start = performance.now();
    element.dataset.value = target;
    const time = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--number-time")) || 0;
    if (!time || document.hidden) { element.textContent = target.toLocaleString("en"); return; }
    cancelAnimationFrame(element.ticket);
    const step = (now) => {
      const share = Math.min(1, (now - start) / time);
      element.textContent = Math.round(from + (target - from) * (1 - Math.pow(1 - share, 3))).toLocaleString("en");
      if (share < 1) element.ticket = requestAnimationFrame(step);
    };
    element.ticket = requestAnimationFrame(step);
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", open);
  else open();
})();
