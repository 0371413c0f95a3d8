/* The wall's glue: scene to questions, scene to address, keys, play, and the sign that all is painted. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  let count = 0, current = null, parcel = null, playing = null, pending = 0, quiet = null, busy = false, least = 0, shownAt;
  const payloads = {}, waiting = [];

  /* Send one gesture to the scene's only writer, each after the answer to the one before. */
  ejia.send = function (verb, arg) {
    if (current === null) return; /* a key pressed before the wall stands */
    if (!document.body.classList.contains("stale")) ejia.flyAhead(verb, arg);
    waiting.push([verb, String(arg)]);
    next();
    settle();
  };

  function next() {
    if (busy || !waiting.length) return;
    const [verb, arg, since] = waiting.shift();
    busy = true;
    count += 1;
    window.dash_clientside.set_props("tap", { data: { verb: verb, arg: arg, since: since, n: count, wide: isWide() } });
  }

  const isWide = () => /wide|portrait/.test(document.documentElement.dataset.wall);

  function answered() { busy = false; next(); settle(); }

  /* Panels that the filters in force do not change say so. */
  const FILTERS = ["domain", "group"];
  const inForce = (scene) => FILTERS.filter((name) => scene.picks.some((pick) => pick.startsWith(name + ":")));
  function unfiltered(scene) {
    const store = document.getElementById("map-words"), views = JSON.parse(store.dataset.follows);
    const words = JSON.parse(store.dataset.words)[scene.lang] || {}, on = inForce(scene);
    for (const section of document.querySelectorAll(".column > .panel, #stage > .flow_pipeline")) {
      const follows = views[section.dataset.key] || [];
      if (on.some((name) => !follows.includes("pick:" + name))) {
        section.dataset.note = words.unfiltered;
        section.style.setProperty("--note", JSON.stringify(words.unfiltered || ""));
      } else delete section.dataset.note;
    }
  }

  /* Drop what the map and the panels show, and what is under way: it belonged to another mode. The map's shapes stay. */
  ejia.forget = function () {
    least = count + 1;
    shownAt = -1;
    for (const key of Object.keys(payloads)) payloads[key] = null;
    ejia.forgetPanels();
    if (!current) return;
    ejia.paint(current, payloads, ejia.mapState.version);
    ejia.legend(current, payloads);
    ejia.stack(current, null);
  }

  /* Keep the address bar equal to the scene, so that Back works and a link is the exact screen. */
  function address(scene) {
    const here = window.location.search, first = current === null;
    if (here !== scene.query) {
      window.history[first ? "replaceState" : "pushState"](null, "", window.location.pathname + scene.query);
    }
    current = scene;
    if (first) scale();
    document.documentElement.lang = scene.lang === "en" ? "en" : "zh-CN";
    const titles = document.getElementById("map-words").dataset;
    document.title = (scene.lang === "en" && titles.titleEn) || titles.titleZh || document.title;
    document.body.dataset.level = scene.level;
    document.body.dataset.board = scene.board;
    document.body.dataset.side = scene.layers.includes("members") || !/heat|transfers/.test(scene.layers) ? "left" : "right";
    unfiltered(scene);
    document.body.dataset.sheet = scene.open || (scene.how ? "how" : "");
    (ejia.sceneActs || []).forEach((act) => act(scene));
  }

  ejia.scene = () => current;
  /* The version of the store behind the newest answer. */
  ejia.shownVersion = () => shownAt;
  /* Let the scene ask again: for a new version of the store, or for another mode of the session. */
  ejia.again = function (version, otherMode) {
    if (waiting.some((one) => one[0] === "stay" && one[2] !== undefined)) return;
    waiting.push(["stay", "", otherMode || shownAt === undefined ? -1 : shownAt]);
    next();
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, { wall: {
    /* A button made of a component sends the gesture in its id. */
    gesture() {
      for (const one of window.dash_clientside.callback_context.triggered) {
        if (!one.value) continue;
        const id = JSON.parse(one.prop_id.slice(0, one.prop_id.lastIndexOf(".")));
        ejia.send(id.verb, id.arg);
      }
      return window.dash_clientside.no_update;
    },

    /* Take a scene and the answers that came with it; return which questions are now held. */
    receive(scene, given, held, version) {
      const fresh = given !== parcel;
      if (scene !== current) address(scene);
      const own = given.n === undefined || given.n >= least;
      if (fresh) parcel = given;
      if (fresh && own) {
        shownAt = given.at;
        for (const [key, tree] of Object.entries(given.panels)) ejia.render(key, tree);
        showPlaying();
        Object.assign(payloads, given.layers);
      }
      ejia.paint(scene, payloads, version);
      ejia.legend(scene, payloads);
      ejia.stack(scene, payloads.floors);
      if (given.n !== undefined && fresh) setTimeout(answered);
      if (!own) return window.dash_clientside.no_update;
      if (given.anew && fresh) return given.held;
      return Object.keys(given.held).length ? { ...held, ...given.held } : window.dash_clientside.no_update;
    },
  } });

  /* ---- ready sign: html[data-ready="1"] where the scene stands whole, else html[data-lacks] says what it waits for ---- */
  const LACKS = {
    answers: () => busy || waiting.length > 0 || current === null,
    requests: () => pending > 0,
    layers: () => current !== null && current.drawn.some((key) => !payloads[key] || payloads[key].place !== current.place),
    shapes: () => ejia.mapState.lacksShapes(),
    map: () => ejia.mapState.dirty || ejia.mapState.turning || !ejia.mapState.view || Boolean(ejia.mapState.map._animatingZoom),
    charts: () => document.querySelector(".dash-graph--pending") !== null,
    fonts: () => document.fonts.status === "loading",
    opening: () => document.body.classList.contains("opening"),
  };
  ejia.lacks = () => Object.keys(LACKS).filter((name) => LACKS[name]());

  /* Two frames after the last change everything is asked; what is still on its way is waited for. */
  function settle() {
    clearTimeout(quiet);
    const root = document.documentElement.dataset;
    root.ready = "0";
    root.lacks = ejia.lacks().join(" ");
    if (pending > 0 || busy || waiting.length) return;
    quiet = setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => {
      if (ejia.lacks().length) return settle();
      if (ejia.nudge) ejia.nudge();
      root.lacks = "";
      root.ready = "1";
    })), 60);
  }
  ejia.pending = () => pending;
  /* A gesture without an answer: fly back to where the wall stands, and forget what waited behind it. */
  function refused() {
    waiting.length = 0;
    busy = false;
    settle();
    if (current) ejia.flyBack(current);
  }
  const fetch_ = window.fetch;
  window.fetch = function (...args) {
    const asked = String(args[0] && args[0].url ? args[0].url : args[0]);
    if (!/_dash-|\/geo\//.test(asked)) return fetch_.apply(this, args);
    /* The first page is painted for the columns that this wall has. */
    if (/_dash-layout$/.test(asked) && isWide()) args[0] = asked + "?wide=1";
    pending += 1; settle();
    const answer = fetch_.apply(this, args).finally(() => { pending -= 1; settle(); });
    if (/_dash-update/.test(asked)) answer.then((found) => { if (found.status !== 200) refused(); }, refused);
    return answer;
  };

  /* ---- size: one rem is a sixty-seventh-and-a-half of the wall's height, and never too wide ---- */
  function scale() {
    if (document.documentElement.dataset.theme === "print") return;  // paper has its own size, see assets/print.js
    const edge = 2 * (ejia.margin ? ejia.margin() : 0), wide = window.innerWidth - edge, high = window.innerHeight - edge;
    const portrait = high / wide > 1.3 && wide >= 1000, tablet = !portrait && (wide <= 1200 || wide / high < 1.45);
    const rem = portrait ? wide / 67.5 : tablet ? Math.max(10, Math.min(wide / 97, high / 66)) : Math.min(high / 67.5, wide / 108);
    document.documentElement.style.fontSize = rem + "px";
    const before = document.documentElement.dataset.wall;
    document.documentElement.dataset.wall = portrait ? "portrait" : tablet ? "tablet" : wide / high > 4.2 ? "ultrawide" : wide / high > 2.2 ? "wide" : "plain";
    if (ejia.fitScreen) ejia.fitScreen();
    /* Columns that were not on the wall have not been asked. */
    if (current && before !== document.documentElement.dataset.wall) ejia.send("stay", "");
  }
  scale();
  window.addEventListener("resize", scale);

  /* ---- play through the months ---- */
  function play(on) {
    clearInterval(playing);
    playing = on ? setInterval(() => ejia.send("step", "1"), 1600) : null;
    showPlaying();
  }

  /* A panel painted anew while time runs says so again. */
  function showPlaying() {
    for (const button of document.querySelectorAll("#play, .play-button")) button.setAttribute("aria-pressed", String(Boolean(playing)));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("#play, .play-button");
    if (button) return play(!playing);
    if (event.target.closest("[data-month]")) play(false);
  });

  /* ---- keys: Escape and Backspace go up, Home to the district, arrows through time, / to search ---- */
  const KEYS = { Escape: ["up", ""], Backspace: ["up", ""], Home: ["home", ""], ArrowLeft: ["step", "-1"], ArrowRight: ["step", "1"], "/": ["open", "search"] };
  const PRESET_KEYS = ["overview", "branches", "members", "activity", "transfers", "warnings"];
  document.addEventListener("keydown", (event) => {
    const writing = event.target.matches && event.target.matches("input, textarea, select");
    if (event.ctrlKey || event.metaKey || event.altKey || (writing && event.key !== "Escape")) return;
    if (event.target.closest && event.target.closest(".leaflet-container") && event.key.startsWith("Arrow")) event.stopPropagation();
    if (event.key === " " && !event.target.closest("button, [role=button]")) { event.preventDefault(); return play(!playing); }
    const preset = PRESET_KEYS[Number(event.key) - 1];
    const gesture = KEYS[event.key] || (preset && ["preset", preset]);
    if (!gesture) return;
    event.preventDefault();
    ejia.send(gesture[0], gesture[1]);
  });

  window.addEventListener("popstate", () => ejia.send("go", window.location.search));

  /* A search result or table row outside the pattern-matching ids may carry its gesture as data. */
  document.addEventListener("click", (event) => {
    const holder = event.target.closest("[data-verb]");
    if (holder) ejia.send(holder.dataset.verb, holder.dataset.arg || "");
  });

  /* ---- legend of the map: written from the payloads' own classes ---- */
  const words = (scene) => (ejia.words && ejia.words[scene.lang]) || {};
  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function short(n, lang) {
    if (lang !== "en" && n >= 10000) return +(n / 10000).toFixed(2) + "万";
    return Number(Number(n) < 10 ? Number(n).toFixed(1) : Math.round(n)).toLocaleString("en");
  }

  ejia.legend = function (scene, all) {
    const holder = document.getElementById("legend"), say = words(scene);
    if (!holder) return;
    const source = document.getElementById("map-words");
    if (source && !ejia.words) { ejia.words = JSON.parse(source.dataset.words); return ejia.legend(scene, all); }
    holder.replaceChildren();
    const on = (key) => scene.drawn.includes(key) && all[key] && all[key].place === scene.place ? all[key] : null;
    const members = on("members") || on("alerts"), branches = on("branches");
    if (members && members.breaks && members.breaks.length) {
      const block = element("div", "ramp");
      block.append(element("div", "ramp-title", (say["measure_" + members.measure] || members.measure)));
      const steps = element("div", "ramp-steps"), ends = element("div", "ramp-ends");
      for (let i = 0; i < members.breaks.length - 1; i++) steps.append(element("i", "ramp-" + (i + 1)));
      members.breaks.forEach((b) => ends.append(element("span", "", short(b, scene.lang))));
      block.append(steps, ends);
      if (members.hidden) block.append(element("div", "ramp-note", say.hidden_note || "＊"));
      holder.append(block);
    }
    if (members && members.hidden && !members.circles && !(members.breaks && members.breaks.length)) {
      const block = element("div", "ramp");
      block.append(element("div", "ramp-title", say["measure_" + members.measure] || members.measure), element("div", "ramp-note", say.hidden_note || "＊"));
      holder.append(block);
    }
    if (members && members.circles) {
      const block = element("div", "ramp");
      block.append(element("div", "ramp-title", say["measure_" + members.measure] || members.measure));
      const largest = Math.max(...Object.values(members.circles), 0), row = line("circle", short(largest, scene.lang));
      block.append(row);
      if (members.hidden) block.append(element("div", "ramp-note", say.hidden_note || "＊"));
      holder.append(block);
    }
    if (on("alerts")) holder.append(ejia.alerts.legend(say));
    else if (branches && scene.level !== "district") {
      const list = element("div", "shapes");
      const counts = shapeCounts(branches, scene);
      branches.shapes.forEach((kind, i) => {
        const n = counts[i];
        if (!n) return;
        const row = element("div", "shape-row");
        row.append(glyph(kind), element("span", "", say["shape_" + kind] || kind), element("b", "", short(n, scene.lang)));
        list.append(row);
      });
      if (on("heat") && !members) list.append(line("waves", say.legend_heat));
      holder.append(list);
    } else {
      const list = element("div", "shapes");
      if (branches) list.append(line("dots", say.legend_branches));
      if (on("heat")) list.append(line("waves", say.legend_heat));
      if (on("positions")) list.append(line("house", say.legend_positions));
      if (on("landmarks")) list.append(line("diamond", say.legend_landmarks));
      if (on("transfers")) {
        list.append(line("inflow", say.legend_in), line("outflow", say.legend_out));
        if (inForce(scene).length) list.append(element("div", "ramp-note", say.unfiltered));  // one table of flows, whole
      }
      if (list.childElementCount) holder.append(list);
    }
  };

  /* Branches by shape; with a domain chosen those of it alone. */
  function shapeCounts(branches, scene) {
    const pick = scene.picks.find((one) => one.startsWith("domain:"));
    if (!pick) return branches.counts || branches.shapes.map(() => 0);
    const counts = branches.shapes.map(() => 0);
    branches.shape.forEach((shape, i) => {
      if (branches.domains[branches.domain[i]] === pick.slice(7) && !(branches.dim && branches.dim[i])) counts[shape] += branches.n ? branches.n[i] : 1;
    });
    return counts;
  }

  function line(icon, text) {
    const row = element("div", "shape-row");
    row.append(element("i", "icon " + icon), element("span", "", text || icon));
    return row;
  }

  function glyph(kind) {
    const canvas = document.createElement("canvas"), u = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    canvas.width = canvas.height = 26 * u;
    canvas.className = "glyph";
    canvas.setAttribute("aria-hidden", "true");
    ejia.marks.shape(canvas.getContext("2d"), kind, 13 * u, 13 * u, 7.5 * u, { u: u, colour: ejia.colours() }, false);
    return canvas;
  }
})();
