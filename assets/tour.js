/* The tour's player: the stop stands in the address, so a reload, Back and a tablet all find it again. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  const IDLE = 120000;
  let backAfter = 90000;
  const tour = (ejia.tour = { tours: [], held: false, away: false, since: 0, timer: null, touched: performance.now(), started: new Set() });
  let broken = false; /* by a warning, until a station is shown again */
  let going = false; /* to a station that was asked for and has not come */
  const same = (query) => query.replace(/^\?/, "").split("&").filter((part) => !part.startsWith("lang=")).sort().join("&");
  /* An opened address that names a tour and nothing to see means its station. */
  let fresh = location.search.slice(1).split("&").every((part) => /^(tour|stop|lang|wall)=/.test(part));
  const keep = (held) => { try { sessionStorage.setItem("ejia.held", held ? "1" : ""); } catch (error) { /* not kept */ } };
  try { tour.held = sessionStorage.getItem("ejia.held") === "1"; } catch (error) { /* not kept */ }

  tour.load = async function () {
    try {
      const answer = await fetch("/tours.json", { cache: "no-store" });
      if (answer.ok) { tour.tours = await answer.json(); follow(); }
    } catch (error) { /* asked again at the next sign of life */ }
  };

  const scene = () => ejia.scene && ejia.scene();
  const playing = () => { const now = scene(); return now && now.tour ? tour.tours.find((one) => one.name === now.tour) : null; };
  const at = () => Math.max(0, Number((scene() || {}).stop || 1) - 1);

  /* Go to a station; the language of the wall stays. */
  tour.jump = function (index, name) {
    const chosen = name ? tour.tours.find((one) => one.name === name) : playing();
    if (!chosen) return;
    const stop = chosen.stops[((index % chosen.stops.length) + chosen.stops.length) % chosen.stops.length];
    const lang = (scene() || {}).lang === "en" ? "&lang=en" : "";
    if (stop.opening && index === 0 && !tour.started.has(chosen.name) && ejia.opening) ejia.opening();
    tour.started.add(chosen.name);
    broken = false;
    going = true;
    ejia.send("go", stop.query + lang);
  };
  tour.next = () => { const one = playing(); if (one) tour.jump(at() + 1 < one.stops.length || one.loop ? at() + 1 : one.stops.length - 1); };
  tour.previous = () => tour.jump(Math.max(0, at() - 1));
  tour.start = (name, index) => { setHeld(false); tour.jump(index || 0, name); };
  tour.leave = () => { setHeld(false); ejia.send("home", ""); };
  tour.hold = () => { if (tour.away && !going) { setHeld(false); return tour.jump(at()); } setHeld(!tour.held); };
  tour.resume = () => { setHeld(false); if (tour.away) tour.jump(at()); };

  function setHeld(held) {
    tour.held = held;
    keep(held);
    follow();
  }

  /* Called with every scene: stand at the station, or notice that somebody asks a question elsewhere. */
  function follow() {
    const one = playing(), now = scene(), body = document.body;
    clearTimeout(tour.timer);
    body.classList.toggle("touring", Boolean(now && now.tour));
    if (!one) { tour.away = false; report(); return; }
    const stop = one.stops[at()];
    tour.away = !stop || same(stop.query) !== same(now.query);
    const first = fresh;
    fresh = false;
    if (first && tour.away) return tour.jump(at());
    body.classList.toggle("tour-held", tour.held || tour.away);
    body.classList.toggle("tour-broken", broken && tour.away);
    const bar = document.querySelector(".caption .now");
    if (bar) bar.style.setProperty("--dwell", tour.held || tour.away ? "0s" : stop.dwell + "s");
    if (tour.away) tour.timer = setTimeout(idleBack, backAfter);
    else if (!tour.held && (one.loop || at() + 1 < one.stops.length)) tour.timer = setTimeout(() => { if (!document.hidden) tour.next(); }, stop.dwell * 1000);
    report();
  }
  function idleBack() {
    if (performance.now() - tour.touched < backAfter - 1000) { tour.timer = setTimeout(idleBack, 15000); return; }
    if (!tour.held) tour.jump(at());
  }
  /* How long a wall that was led away from its station waits for a touch before it goes back, in ms. */
  tour.patience = (time) => { backAfter = time; follow(); };
  function report() { if (ejia.reportState) ejia.reportState(); }
  tour.state = () => { const one = playing(); return one ? { tour: one.name, stop: at() + 1, of: one.stops.length, held: tour.held || tour.away } : { tour: "", stop: 0, of: 0, held: false }; };

  (ejia.sceneActs = ejia.sceneActs || []).push(() => { going = false; follow(); });

  /* A warning of this severity stops the tour and shows where it is; the same key goes on with it, and so does the
     tour by itself when nobody touched the wall for a while. */
  ejia.interrupt = function (severity, query) {
    const one = playing();
    if (!one || !one.interrupt || severity < one.interrupt) return false;
    const lang = (scene() || {}).lang === "en" ? "&lang=en" : "";
    broken = true;
    ejia.send("go", (query || "?") + "&tour=" + one.name + "&stop=" + (at() + 1) + lang);
    return true;
  };

  if (ejia.listen) ejia.listen("warning", (news) => ejia.interrupt(Number(news.severity) || 0, String(news.query || "")));

  /* ---- the clock: a tour starts by itself when its time has come and nobody is at the wall ---- */
  function due(slot, now) {
    const clock = String(now.getHours()).padStart(2, "0") + ":" + String(now.getMinutes()).padStart(2, "0");
    const day = now.getDay(), on = slot.days === "daily" || (slot.days === "workdays" && day > 0 && day < 6) || slot.days === "day-" + now.getDate();
    return on && clock >= slot.start && clock < slot.until;
  }
  setInterval(() => {
    if (playing() || performance.now() - tour.touched < IDLE) return;
    const chosen = tour.tours.filter((one) => one.schedule.some((slot) => due(slot, new Date())));
    const special = chosen.find((one) => one.schedule.some((slot) => slot.days.startsWith("day-") && due(slot, new Date())));
    if (chosen.length) tour.start((special || chosen[0]).name);
  }, 20000);
  for (const name of ["pointerdown", "keydown", "wheel"]) document.addEventListener(name, () => { tour.touched = performance.now(); }, { capture: true, passive: true });

  /* ---- blackout: the wall goes dark at once and comes back as it was ---- */
  ejia.blackout = function (on) {
    const dark = document.body.classList.toggle("blackout", on);
    report();
    return dark;
  };

  const ACTS = {
    next: () => tour.next(), previous: () => tour.previous(), hold: () => tour.hold(), leave: () => tour.leave(),
    jump: (index) => tour.jump(index),
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tour]");
    if (!button) return;
    ACTS[button.dataset.tour](Number(button.dataset.stop || 1) - 1);
  });
  document.addEventListener("pointerdown", () => { if (document.body.classList.contains("blackout")) ejia.blackout(false); }, true);

  /* ---- keys, also those of a clicker: they go before the wall's own while a tour is on ---- */
  const TOURING = { " ": "step", PageDown: "next", ArrowRight: "next", n: "next", PageUp: "previous", ArrowLeft: "previous", p: "previous", h: "hold", Home: "leave" };
  document.addEventListener("keydown", (event) => {
    const writing = event.target.matches && event.target.matches("input, textarea, select");
    if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "b" || event.key === "B" || event.key === ".") return stop(event, () => ejia.blackout());
    if (document.body.classList.contains("blackout")) return stop(event, () => ejia.blackout(false));
    if (event.key === "t") return stop(event, () => ejia.send("open", "tours"));
    if (!playing()) return;
    const act = TOURING[event.key], digit = /^[1-9]$/.test(event.key) && Number(event.key);
    if (event.key === " " && event.target.closest && event.target.closest("button")) return;
    if (act === "step") return stop(event, () => (tour.away ? tour.resume() : tour.next()));
    if (act) return stop(event, () => ACTS[act]());
    if (digit && digit <= playing().stops.length) return stop(event, () => tour.jump(digit - 1));
  }, true);
  function stop(event, act) {
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", tour.load);
  else tour.load();
})();
