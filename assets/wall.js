/* The wall's glue: scene to questions, scene to address, keys, play, and the sign that all is painted. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  let count = 0, current = null, payloads = {}, playing = null, pending = 0, quiet = null;

  /* Send one gesture to the scene's only writer. */
  ejia.send = function (verb, arg) {
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

  window.dash_clientside = Object.assign({}, window.dash_clientside, { wall: {
    /* scene, views → one question a view; unchanged ones, and layers that are off, stay as they are. */
    ask(scene, asked, ids, views) {
      const keep = window.dash_clientside.no_update;
      return ids.map((id, i) => {
        if (views.wide.includes(id.key) && !/wide/.test(document.documentElement.dataset.wall)) return keep;
        if (views.boards[id.key] && !views.boards[id.key].includes(scene.board)) return keep;
        if (id.asks === "layer" && !scene.drawn.includes(id.key.slice(6))) return keep;
        const next = closed(scene, views.opens[id.key]) ? "closed" : question(scene, views.depends[id.key]);
        return next === asked[i] ? keep : next;
      });
    },

    /* Keep the address bar equal to the scene, so that Back works and a link is the exact screen. */
    address(scene) {
      const here = window.location.search;
      if (here !== scene.query) {
        const first = current === null;
        window.history[first ? "replaceState" : "pushState"](null, "", window.location.pathname + scene.query);
      }
      current = scene;
      document.documentElement.lang = scene.lang === "en" ? "en" : "zh-CN";
      document.body.dataset.level = scene.level;
      document.body.dataset.board = scene.board;
      document.body.dataset.side = scene.layers.includes("members") || !/heat|transfers/.test(scene.layers) ? "left" : "right";
      document.body.dataset.sheet = scene.open || (scene.how ? "how" : "");
      return window.dash_clientside.no_update;
    },

    panels(trees, ids) {
      trees.forEach((tree, i) => ejia.render(ids[i].key, tree));
      showPlaying();
      return window.dash_clientside.no_update;
    },

    paint(scene, data, ids, version) {
      ids.forEach((id, i) => { payloads[id.key.slice(6)] = data[i]; });
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
    const wide = window.innerWidth, high = window.innerHeight, tablet = wide <= 1200 || wide / high < 1.45;
    const rem = tablet ? Math.max(10, Math.min(wide / 97, high / 66)) : Math.min(high / 67.5, wide / 108);
    document.documentElement.style.fontSize = rem + "px";
    const before = document.documentElement.dataset.wall;
    document.documentElement.dataset.wall = tablet ? "tablet" : wide / high > 4.2 ? "ultrawide" : wide / high > 2.2 ? "wide" : "plain";
    /* Columns that were not on the wall have not been asked: let the scene ask again. */
    if (current && before !== document.documentElement.dataset.wall) window.dash_clientside.set_props("scene", { data: { ...current } });
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

  /* ---- a server that does not answer is said, and the last picture stays ---- */
  async function pulse() {
    let alive = false;
    try { alive = (await fetch_("/healthz", { cache: "no-store" })).ok; } catch (error) { alive = false; }
    document.body.classList.toggle("stale", !alive);
  }
  setInterval(pulse, 5000);

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
