/* The wall's glue: scene to questions, scene to address, keys, play, and the sign that all is painted. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  let count = 0, current = null, payloads = {}, playing = null, pending = 0, quiet = null;

  /* Send one gesture to the scene's only writer. */
  ejia.send = function (verb, arg) {
    if (current === null) return; /* a key pressed before the wall stands */
    if (!document.body.classList.contains("stale")) ejia.flyAhead(verb, arg);
    count += 1;
    window.dash_clientside.set_props("tap", { data: { verb: verb, arg: String(arg), n: count } });
  };

  /* The part of a scene a view depends on, as text: equal text, nothing to ask. */
  const question = (scene, fields) => fields.map((name) => String(scene[name])).join("|");

  /* A sheet that the scene leaves closed asks nothing. */
  function closed(scene, when) {
    if (!when) return false;
    const chosen = String(scene[when[0]]).split(":")[0];
    return when[1] ? chosen !== when[1] : !chosen;
  }

  /* The same question of another version of the store is asked again and says which version is shown, so
     that an answer which is still right need not come twice. */
  const forgotten = new WeakSet();
  /* Drop what the map and the panels show: it belonged to another mode. The map's shapes stay. */
  ejia.forget = function () {
    for (const key of Object.keys(payloads)) { if (payloads[key]) forgotten.add(payloads[key]); payloads[key] = null; }
    ejia.forgetPanels();
    if (!current) return;
    ejia.paint(current, payloads, ejia.mapState.version);
    ejia.legend(current, payloads);
    ejia.stack(current, null);
  };
  let start, stamp;
  function stamped(before, next, keep) {
    const [base, marks] = String(before).split("@@"), shown = marks ? marks.split(">")[1] : start + ".0";
    const now = stamp || start + ".0";
    if (base === next && (shown === now || next === "closed")) return keep;
    const same = base === next && shown.split(".")[1] === now.split(".")[1];
    return next === "closed" ? next : next + "@@" + (same ? shown.split(".")[0] : "") + ">" + now;
  }
  ejia.scene = () => current;
  ejia.startVersion = () => {
    const holder = document.getElementById("map-words");
    return start !== undefined ? start : holder ? holder.dataset.at : undefined;
  };
  /* Let the scene ask again: for a new version, or for another mode of the session (salt). */
  let salt = 0;
  ejia.again = function (version, otherMode) {
    if (otherMode) salt += 1;
    stamp = (version === undefined ? (stamp || start + ".0").split(".")[0] : version) + "." + salt;
    if (current) window.dash_clientside.set_props("scene", { data: { ...current } });
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, { wall: {
    /* scene, views → one question a view; unchanged ones, and layers that are off, stay as they are. */
    ask(scene, asked, ids, views) {
      const keep = window.dash_clientside.no_update;
      start = start === undefined ? views.at : start;
      return ids.map((id, i) => {
        if (views.wide.includes(id.key) && !/wide|portrait/.test(document.documentElement.dataset.wall)) return keep;
        if (views.boards[id.key] && !views.boards[id.key].includes(scene.board)) return keep;
        if (id.asks === "layer" && !scene.drawn.includes(id.key.slice(6))) return keep;
        const next = closed(scene, views.opens[id.key]) ? "closed" : question(scene, views.depends[id.key]);
        return stamped(asked[i], next, keep);
      });
    },

    /* Keep the address bar equal to the scene, so that Back works and a link is the exact screen. */
    address(scene) {
      const here = window.location.search, first = current === null;
      if (here !== scene.query) {
        window.history[first ? "replaceState" : "pushState"](null, "", window.location.pathname + scene.query);
      }
      current = scene;
      if (first) scale();
      document.documentElement.lang = scene.lang === "en" ? "en" : "zh-CN";
      document.body.dataset.level = scene.level;
      document.body.dataset.board = scene.board;
      document.body.dataset.side = scene.layers.includes("members") || !/heat|transfers/.test(scene.layers) ? "left" : "right";
      document.body.dataset.sheet = scene.open || (scene.how ? "how" : "");
      (ejia.sceneActs || []).forEach((act) => act(scene));
      return window.dash_clientside.no_update;
    },

    panels(trees, ids) {
      ejia.treesOf(trees);
      trees.forEach((tree, i) => ejia.render(ids[i].key, tree));
      return window.dash_clientside.no_update;
    },

    paint(scene, data, ids, version) {
      ids.forEach((id, i) => { payloads[id.key.slice(6)] = data[i] && forgotten.has(data[i]) ? null : data[i]; });
      ejia.paint(scene, payloads, version);
      ejia.legend(scene, payloads);
      ejia.stack(scene, payloads.floors);
      return window.dash_clientside.no_update;
    },
  } });

  /* ---- ready sign: no request under way and two frames gone ---- */
  function settle() {
    clearTimeout(quiet);
    document.documentElement.dataset.ready = "0";
    if (pending > 0) return;
    quiet = setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => {
      const map = ejia.mapState, moving = map.dirty || (map.map && map.map._animatingZoom);
      if (pending > 0 || moving) return settle();
      if (ejia.nudge) ejia.nudge();
      document.documentElement.dataset.ready = "1";
    })), 60);
  }
  ejia.pending = () => pending;
  const fetch_ = window.fetch;
  window.fetch = function (...args) {
    const asked = String(args[0] && args[0].url ? args[0].url : args[0]);
    if (!/_dash-|\/geo\//.test(asked)) return fetch_.apply(this, args);
    pending += 1; settle();
    const answer = fetch_.apply(this, args).finally(() => { pending -= 1; settle(); });
    answer.catch(() => { if (current) ejia.flyBack(current); });
    return answer;
  };

  /* ---- size: one rem is a sixty-seventh-and-a-half of the wall's height, and never too wide ---- */
  function scale() {
    const edge = 2 * (ejia.margin ? ejia.margin() : 0), wide = window.innerWidth - edge, high = window.innerHeight - edge;
    const portrait = high / wide > 1.3 && wide >= 1000, tablet = !portrait && (wide <= 1200 || wide / high < 1.45);
    const rem = portrait ? wide / 67.5 : tablet ? Math.max(10, Math.min(wide / 97, high / 66)) : Math.min(high / 67.5, wide / 108);
    document.documentElement.style.fontSize = rem + "px";
    const before = document.documentElement.dataset.wall;
    document.documentElement.dataset.wall = portrait ? "portrait" : tablet ? "tablet" : wide / high > 4.2 ? "ultrawide" : wide / high > 2.2 ? "wide" : "plain";
    if (ejia.fitScreen) ejia.fitScreen();
    /* Columns that were not on the wall have not been asked: let the scene ask again. */
    if (current && before !== document.documentElement.dataset.wall) window.dash_clientside.set_props("scene", { data: { ...current } });
  }
  scale();
  window.addEventListener("resize", scale);

  /* ---- play through the months ---- */
  function play(on) {
    clearInterval(playing);
    playing = on ? setInterval(() => ejia.send("step", "1"), 1600) : null;
    const button = document.getElementById("play");
    if (button) button.setAttribute("aria-pressed", String(Boolean(on)));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("#play");
    if (button) return play(!playing);
    if (event.target.closest("[data-month]")) play(false);
  });

  /* ---- keys: Escape and Backspace go up, Home to the district, arrows through time, / to search ---- */
  const KEYS = { Escape: ["up", ""], Backspace: ["up", ""], Home: ["home", ""], ArrowLeft: ["step", "-1"], ArrowRight: ["step", "1"], "/": ["open", "search"] };
  const PRESET_KEYS = ["overview", "branches", "members", "activity", "transfers"];
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
    const members = on("members"), branches = on("branches");
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
    if (members && members.circles) {
      const block = element("div", "ramp");
      block.append(element("div", "ramp-title", say["measure_" + members.measure] || members.measure));
      const largest = Math.max(...Object.values(members.circles), 0), row = line("circle", short(largest, scene.lang));
      block.append(row);
      if (members.hidden) block.append(element("div", "ramp-note", say.hidden_note || "＊"));
      holder.append(block);
    }
    if (branches && scene.level !== "district") {
      const list = element("div", "shapes");
      branches.shapes.forEach((kind, i) => {
        const n = branches.counts ? branches.counts[i] : 0;
        if (!n) return;
        const row = element("div", "shape-row");
        row.append(glyph(kind), element("span", "", say["shape_" + kind] || kind), element("b", "", short(n, scene.lang)));
        list.append(row);
      });
      holder.append(list);
    } else {
      const list = element("div", "shapes");
      if (branches) list.append(line("dots", say.legend_branches));
      if (on("heat")) list.append(line("waves", say.legend_heat));
      if (on("positions")) list.append(line("house", say.legend_positions));
      if (on("landmarks")) list.append(line("diamond", say.legend_landmarks));
      if (on("transfers")) { list.append(line("inflow", say.legend_in), line("outflow", say.legend_out)); }
      if (list.childElementCount) holder.append(list);
    }
  };

  function line(icon, text) {
    const row = element("div", "shape-row");
    row.append(element("i", "icon " + icon), element("span", "", text || icon));
    return row;
  }

  function glyph(kind) {
    const canvas = document.createElement("canvas"), u = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    canvas.width = canvas.height = 26 * u;
    canvas.className = "glyph";
    ejia.marks.shape(canvas.getContext("2d"), kind, 13 * u, 13 * u, 7.5 * u, { u: u, colour: ejia.colours() }, false);
    return canvas;
  }
})();
