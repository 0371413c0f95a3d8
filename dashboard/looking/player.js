(function () {
  "use strict";
  const told = JSON.parse(document.getElementById("told").textContent), [wide, high] = told.size;
  const frame = document.querySelector("iframe"), nav = document.querySelector("nav"), main = document.querySelector("main");
  const SHAPES = { previous: "M3 3h3v12H3zM15 3v12L7 9z", next: "M12 3h3v12h-3zM3 3l8 6-8 6z", play: "M4 2l11 7-11 7z", hold: "M3 2h4v14H3zM11 2h4v14h-4z", full: "M2 2h5v2H4v3H2zM11 2h5v5h-2V4h-3zM2 11h2v3h3v2H2zM14 11h2v5h-5v-2h3z" };
  let lang = "zh", at = 0, playing = false, timer = null;

  const say = (name) => told.words[lang][name];
  const stations = () => told.scenes[lang];

  function drawn(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), path = document.createElementNS(svg.namespaceURI, "path");
    svg.setAttribute("viewBox", "0 0 18 18");
    path.setAttribute("d", SHAPES[name]);
    svg.append(path);
    return svg;
  }
  function button(label, inner, act, look) {
    const made = document.createElement("button");
    made.type = "button";
    made.setAttribute("aria-label", label);
    made.title = label;
    made.className = look || "";
    made.append(inner);
    made.addEventListener("click", act);
    return made;
  }

  function controls() {
    const held = document.activeElement && document.activeElement.getAttribute && document.activeElement.getAttribute("aria-label"), gap = () => Object.assign(document.createElement("i"), { className: "gap" });
    const chapters = stations().map((one, i) => {
      const inner = document.createElement("span");
      inner.textContent = " " + one.chapter;
      const made = button(say("stop_n").replace("{n}", i + 1).replace("{chapter}", one.chapter), String(i + 1), () => show(i), "chapter" + (i === at ? " now" : ""));
      made.append(inner);
      if (i === at) made.setAttribute("aria-current", "step");
      return made;
    });
    nav.replaceChildren(
      button(say("previous"), drawn("previous"), () => show(at - 1)), button(say(playing ? "hold" : "play"), drawn(playing ? "hold" : "play"), () => play(!playing), "play"),
      button(say("next"), drawn("next"), () => show(at + 1)), gap(), ...chapters, gap(),
      button(say("language"), lang === "zh" ? "EN" : "中文", speak), button(say("full"), drawn("full"), full));
    const again = held && [...nav.children].find((one) => one.getAttribute("aria-label") === held);
    if (again) again.focus();
  }

  /* The scene stands in a frame without scripts; its pictures stand once in the file and are put where they belong. */
  function show(index) {
    at = Math.max(0, Math.min(stations().length - 1, index));
    const one = stations()[at], inner = frame.contentDocument, root = inner.documentElement;
    const parsed = new DOMParser().parseFromString(one.markup, "application/xhtml+xml");
    for (const image of parsed.querySelectorAll("img")) {
      const name = /^picture:(.*)$/.exec(image.getAttribute("src") || "");
      if (name) image.setAttribute("src", told.pictures[name[1]]);
    }
    for (const name of root.getAttributeNames()) root.removeAttribute(name);
    for (const [name, value] of Object.entries(one.root)) root.setAttribute(name, value);
    inner.body.replaceWith(inner.importNode(parsed.documentElement, true));
    document.documentElement.lang = lang === "en" ? "en" : "zh-CN";
    document.title = told.titles[lang];
    frame.title = told.titles[lang] + " · " + one.chapter;
    root.style.setProperty("--dwell", playing ? one.dwell + "s" : "0s");
    controls();
    schedule();
    history.replaceState(null, "", "#" + (at + 1) + (lang === "en" ? "e" : ""));
  }

  function schedule() {
    clearTimeout(timer);
    if (!playing) return;
    timer = setTimeout(() => (at + 1 < stations().length ? show(at + 1) : play(false)), stations()[at].dwell * 1000);
  }
  function play(on) {
    playing = on;
    if (on && at + 1 === stations().length) at = 0;
    show(at);
  }
  function speak() { lang = lang === "zh" ? "en" : "zh"; show(at); }
  function full() { if (document.fullscreenElement) document.exitFullscreen(); else document.documentElement.requestFullscreen().catch(() => {}); }

  function fit() {
    const scale = Math.min(main.clientWidth / wide, main.clientHeight / high);
    frame.style.width = wide + "px";
    frame.style.height = high + "px";
    frame.style.transform = `scale(${scale}) translate(-50%, -50%)`;
  }

  const KEYS = { ArrowRight: () => show(at + 1), PageDown: () => show(at + 1), ArrowLeft: () => show(at - 1), PageUp: () => show(at - 1), Home: () => show(0), End: () => show(stations().length - 1), f: full, l: speak, p: () => play(!playing) };
  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = event.key === " " && event.target.tagName !== "BUTTON" ? () => play(!playing) : /^[1-9]$/.test(event.key) ? () => show(Number(event.key) - 1) : KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /* The buttons inside the scene are those of the wall: they lead this tour too. */
  const ACTS = { next: () => show(at + 1), previous: () => show(at - 1), hold: () => play(!playing), leave: () => show(0) };
  function begin() {
    const inner = frame.contentDocument, style = inner.createElement("style");
    style.textContent = told.css + "*,*::before,*::after{animation:none!important;transition:none!important}.tools,.status .tool,#play,.timeline button{pointer-events:none}.tools,.take{visibility:hidden}";
    inner.head.append(style);
    inner.addEventListener("keydown", key);
    inner.addEventListener("click", (event) => {
      const on = event.target.closest("[data-tour]");
      event.preventDefault();
      if (on) on.dataset.tour === "jump" ? show(Number(on.dataset.stop) - 1) : ACTS[on.dataset.tour]();
    });
    const asked = /^#(\d+)(e?)$/.exec(location.hash);
    if (asked && asked[2]) lang = "en";
    fit();
    show(asked ? Number(asked[1]) - 1 : 0);
    inner.fonts.ready.then(() => { document.documentElement.dataset.ready = "1"; });
  }
  document.addEventListener("keydown", key);
  new ResizeObserver(fit).observe(main);
  begin();
})();
