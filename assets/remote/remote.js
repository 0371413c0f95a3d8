/* The tablet: pairs with a wall and steers it. It holds no figures; it knows places, tours and the presenter's notes. */
(function () {
  "use strict";
  const root = document.getElementById("remote"), words = JSON.parse(root.dataset.words);
  const my = { lang: document.documentElement.lang === "en" ? "en" : "zh", walls: [], wall: null, world: null, shapes: null, state: {},
    source: null, tab: "tours", pointing: false, lost: false, shown: null };
  const say = (key) => words[my.lang][key] || key;
  const named = (place) => (my.lang === "en" && place.name_en) || place.name;

  function make(tag, className, text, act) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    if (act) made.addEventListener("click", act);
    if (tag === "button") made.type = "button";
    return made;
  }
  const ask = async (address) => { const answer = await fetch(address, { cache: "no-store" }); if (!answer.ok) throw new Error(answer.status); return answer.json(); };
  const post = (address, body) => fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), keepalive: true });

  /* ---- commands ---- */
  async function send(order) {
    try {
      const answer = await post("/remote/command", { wall: my.wall, ...order });
      if (answer.status === 403) { await refresh(); draw(); }
      lost(!answer.ok && answer.status !== 403);
    } catch (error) { lost(true); }
  }
  const gesture = (verb, arg) => send({ do: "gesture", verb: verb, arg: arg === undefined ? "" : String(arg) });
  function lost(on) {
    my.lost = on;
    document.body.classList.toggle("lost", on);
  }

  /* ---- pairing ---- */
  async function pair(code) {
    const answer = await post("/remote/pair", { code: code }).catch(() => null);
    if (!answer || !answer.ok) return false;
    my.wall = (await answer.json()).wall;
    return true;
  }

  function drawPairing() {
    const form = make("form", "pair"), field = make("input"), note = make("p", "note", say("pair_hint"));
    field.inputMode = "numeric"; field.pattern = "[0-9]{6}"; field.maxLength = 7; field.autocomplete = "one-time-code"; field.autofocus = true;
    field.setAttribute("aria-label", say("pair"));
    const button = make("button", "wide", say("connect"));
    button.type = "submit";
    form.append(make("h1", "", say("pair")), field, button, note);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (await pair(field.value.replace(/\D/g, ""))) return start();
      note.textContent = say("bad");
      note.className = "note bad";
      field.value = "";
      field.focus();
    });
    root.replaceChildren(top(), form);
  }

  /* ---- the frame ---- */
  function top() {
    const bar = make("header"), language = make("button", "tool", say("other_language"), () => { my.lang = my.lang === "en" ? "zh" : "en"; document.documentElement.lang = my.lang; draw(); });
    const choose = make("div", "walls");
    my.walls.forEach((wall, i) => {
      const button = make("button", wall.wall_id === my.wall ? "on" : "", wall.name || say("wall") + " " + (i + 1), () => { my.wall = wall.wall_id; my.state = wall.state || {}; listen(); draw(); });
      choose.append(button);
    });
    if (my.walls.length) choose.append(make("button", "add", "+", () => { my.adding = true; draw(); }));
    bar.append(choose, make("span", "status", ""), language);
    return bar;
  }

  function draw() {
    if (!my.walls.length || my.adding) { my.adding = false; return drawPairing(); }
    const steps = make("div", "steps"), state = my.state, hold = make("button", "big hold", "", () => send({ do: "hold" }));
    hold.id = "hold";
    steps.append(make("button", "big", say("previous"), () => send({ do: "previous" })), hold, make("button", "big primary", say("next"), () => send({ do: "next" })));
    const tools = make("div", "tools");
    const dark = make("button", "", say("blackout"), () => send({ do: "blackout", arg: !my.state.dark }));
    const shield = make("button", "", say("visitor"), () => send({ do: "visitor", arg: true }));
    const pointing = make("button", my.pointing ? "on" : "", say("pointer"), () => { my.pointing = !my.pointing; pointing.classList.toggle("on", my.pointing); if (!my.pointing) send({ do: "point" }); });
    dark.id = "dark"; shield.id = "shield";
    tools.append(dark, shield, pointing, make("button", "", say("leave"), () => send({ do: "leave" })));
    const main = make("div", "split"), left = make("section", "left"), right = make("section", "right");
    const canvas = make("canvas", "map");
    canvas.id = "map";
    canvas.setAttribute("aria-label", say("map"));
    left.append(canvas, make("button", "back", say("back"), () => gesture("up")));
    right.append(stops(), make("h2", "", say("notes")), notes());
    main.append(left, right);
    root.replaceChildren(top(), main, chips(), tools, steps);
    pointers(canvas);
    update(state);
    new ResizeObserver(() => paint()).observe(canvas);
  }

  function chips() {
    const holder = make("div", "chips");
    const add = (title, list) => {
      const row = make("div", "chip-row");
      row.append(make("span", "", title), ...list);
      holder.append(row);
    };
    add(say("presets"), my.world.presets.map((key) => make("button", "", say("preset_" + key), () => gesture("preset", key))));
    add(say("layers"), my.world.layers.map((key) => make("button", "", say("layer_" + key), () => gesture("layer", key))));
    const month = make("b", "month", my.state.month || "");
    month.id = "month";
    add(say("period"), [make("button", "", "‹", () => gesture("step", -1)), month, make("button", "", "›", () => gesture("step", 1))]);
    return holder;
  }

  function stops() {
    const holder = make("div", "stops"), tour = tourNow();
    const tabs = make("div", "tabs");
    my.world.tours.forEach((one) => tabs.append(make("button", one === tour ? "on" : "", one.title[my.lang], () => { my.chosen = one.name; send({ do: "start", arg: one.name }); draw(); })));
    const list = make("div", "thumbs");
    tour.stops.forEach((stop, i) => {
      const card = make("button", "thumb", undefined, () => (my.state.tour === tour.name ? send({ do: "jump", arg: i }) : (send({ do: "start", arg: tour.name }), setTimeout(() => send({ do: "jump", arg: i }), 300))));
      card.dataset.stop = String(i + 1);
      const small = make("canvas");
      small.setAttribute("aria-hidden", "true"); /* its button says the station */
      small.width = 144; small.height = 108;
      card.append(small, make("span", "", i + 1 + "  " + stop.chapter[my.lang]));
      list.append(card);
      thumbnail(small, stop);
    });
    holder.append(tabs, list);
    return holder;
  }

  function tourNow() {
    const name = my.state.tour || my.chosen;
    return my.world.tours.find((one) => one.name === name) || my.world.tours[0];
  }

  function notes() {
    const holder = make("div", "notes");
    holder.id = "notes";
    return holder;
  }

  /* ---- what the wall tells ---- */
  function update(state) {
    const before = my.state.tour;
    my.state = state;
    const tour = tourNow(), stop = state.tour ? tour.stops[state.stop - 1] : null;
    if (before !== state.tour && state.tour && document.querySelector(".stops")) document.querySelector(".stops").replaceWith(stops());
    document.querySelectorAll(".thumb").forEach((card) => card.classList.toggle("on", Boolean(state.tour) && Number(card.dataset.stop) === state.stop));
    const on = document.querySelector(".thumb.on");
    if (on) on.scrollIntoView({ block: "nearest", inline: "nearest" });
    const set = (id, act) => { const found = document.getElementById(id); if (found) act(found); };
    set("hold", (button) => { button.textContent = say(state.held ? "resume" : "hold"); button.disabled = !state.tour; });
    set("dark", (button) => button.classList.toggle("on", Boolean(state.dark)));
    set("shield", (button) => button.classList.toggle("on", Boolean(state.visitor)));
    set("month", (text) => { text.textContent = state.month || ""; });
    set("notes", (holder) => {
      const lines = [make("p", "spoken", stop ? stop.caption[my.lang] : ""), make("p", "", (stop && stop.notes[my.lang]) || say("no_notes"))];
      holder.replaceChildren(...lines);
    });
    const status = document.querySelector(".status");
    if (status) status.textContent = my.lost ? say("lost") : state.query === undefined ? say("offline") : say("online");
    paint();
  }

  function listen() {
    if (my.source) my.source.close();
    if (!my.wall) return;
    const source = (my.source = new EventSource("/events?watch=" + encodeURIComponent(my.wall)));
    source.addEventListener("state", (message) => { lost(false); update(JSON.parse(message.data)); });
    source.addEventListener("hello", () => lost(false));
    source.addEventListener("parted", () => start());
    source.onerror = () => {
      lost(true);
      update(my.state);
      if (source.readyState === EventSource.CLOSED) setTimeout(() => { if (my.source === source) listen(); }, 3000);
    };
  }

  /* ---- the small map ---- */
  function shapeOf(feature) {
    const polygons = feature.geometry.type === "Polygon" ? [feature.geometry.coordinates] : feature.geometry.coordinates;
    return { ...feature.properties, rings: polygons.flat() };
  }
  const placeNow = () => {
    let at = my.world.places.find((one) => one.node_id === my.state.place) || null;
    while (at && !my.byId[at.node_id]) at = my.world.places.find((one) => one.node_id === at.parent_id);
    const prefix = (my.state.place || "").slice(0, 12);
    return (at && my.byId[at.node_id]) || my.byId[prefix] || my.shapes[0];
  };
  const childrenOf = (id) => my.shapes.filter((shape) => shape.parent === id);

  function viewFor(place, width, height, edge) {
    const [west, south, east, north] = place.bbox, squeeze = Math.cos(((south + north) / 2) * Math.PI / 180);
    const scale = Math.min((width - 2 * edge) / ((east - west) * squeeze), (height - 2 * edge) / (north - south));
    const left = (width - (east - west) * squeeze * scale) / 2, upper = (height - (north - south) * scale) / 2;
    return { x: (lon) => left + (lon - west) * squeeze * scale, y: (lat) => upper + (north - lat) * scale,
      lon: (x) => west + (x - left) / squeeze / scale, lat: (y) => north - (y - upper) / scale };
  }

  function trace(pen, shape, view) {
    pen.beginPath();
    for (const ring of shape.rings) ring.forEach(([lon, lat], i) => (i ? pen.lineTo(view.x(lon), view.y(lat)) : pen.moveTo(view.x(lon), view.y(lat))));
    pen.closePath();
  }

  function paint() {
    const canvas = document.getElementById("map");
    if (!canvas || !my.shapes) return;
    const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight, pen = canvas.getContext("2d");
    if (!width) return;
    canvas.width = width * ratio; canvas.height = height * ratio;
    pen.scale(ratio, ratio);
    const place = placeNow(), home = place.level === "community" ? my.byId[place.parent] : place;
    const view = (my.view = viewFor(home, width, height, 14));
    my.home = home;
    pen.lineWidth = 1.5;
    for (const shape of childrenOf(home.id)) {
      trace(pen, shape, view);
      pen.fillStyle = shape.id === place.id ? "#2b8fcd" : "#195a93";
      pen.strokeStyle = "#0a1631";
      pen.fill(); pen.stroke();
    }
    trace(pen, home, view);
    pen.strokeStyle = "#8fdcff"; pen.lineWidth = 2; pen.stroke();
    pen.fillStyle = "#ffffff"; pen.textAlign = "center"; pen.textBaseline = "middle";
    pen.font = `600 ${home.level === "district" ? 15 : 12}px "Ejia Sans", sans-serif`;
    const taken = [];
    for (const shape of childrenOf(home.id)) {
      const text = my.lang === "en" ? (shape.name_en || shape.name).replace(/ (Subdistrict|Sub-district|Community|Village)$/, "") : shape.name.replace(/(街道|社区居委会|村委会|居委会|社区|村)$/, "") || shape.name;
      const x = view.x(shape.label[0]), y = view.y(shape.label[1]), half = pen.measureText(text).width / 2 + 2;
      if (taken.some((other) => Math.abs(other.x - x) < other.half + half && Math.abs(other.y - y) < 15)) continue;
      taken.push({ x, y, half });
      pen.fillText(text, x, y);
    }
  }

  function thumbnail(canvas, stop) {
    const pen = canvas.getContext("2d"), district = my.shapes[0], view = viewFor(district, canvas.width, canvas.height, 8);
    const id = my.byId[stop.place] ? stop.place : (my.world.places.find((one) => stop.place.startsWith(one.node_id)) || {}).node_id;
    const fill = stop.board !== "overview" ? "#8a6a45" : stop.layers.includes("heat") ? "#1f73b0" : "#195a93";
    for (const shape of childrenOf(district.id)) {
      trace(pen, shape, view);
      pen.fillStyle = id === shape.id ? "#d9f3ff" : fill;
      pen.strokeStyle = "#0a1631";
      pen.fill(); pen.stroke();
    }
    if (stop.layers.includes("branches")) {
      pen.fillStyle = "#eaf7ff";
      for (const shape of my.shapes) if (shape.level === "community") pen.fillRect(view.x(shape.label[0]), view.y(shape.label[1]), 2, 2);
    }
  }

  /* A tap drills; while pointing, the finger draws a ring on the wall. */
  function pointers(canvas) {
    let last = 0;
    const at = (event) => { const box = canvas.getBoundingClientRect(); return [my.view.lon(event.clientX - box.left), my.view.lat(event.clientY - box.top)]; };
    const point = (event) => {
      if (!my.pointing || performance.now() - last < 40) return;
      last = performance.now();
      const [lon, lat] = at(event);
      send({ do: "point", lon: lon, lat: lat });
    };
    canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); point(event); });
    canvas.addEventListener("pointermove", (event) => { if (event.buttons) point(event); });
    canvas.addEventListener("click", (event) => {
      if (my.pointing || !my.view) return;
      const [lon, lat] = at(event), found = childrenOf(my.home.id).find((shape) => inside(shape, lon, lat));
      if (found) gesture("drill", found.id);
    });
  }

  function inside(shape, x, y) {
    let odd = false;
    for (const ring of shape.rings) for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [xi, yi] = ring[i], [xj, yj] = ring[j];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
    }
    return odd;
  }

  /* ---- begin ---- */
  async function refresh() {
    my.walls = await ask("/remote/walls");
    if (!my.walls.some((wall) => wall.wall_id === my.wall)) my.wall = my.walls.length ? my.walls[my.walls.length - 1].wall_id : null;
    const chosen = my.walls.find((wall) => wall.wall_id === my.wall);
    my.state = (chosen && chosen.state) || {};
  }

  async function start() {
    try {
      await refresh();
      if (my.walls.length && !my.world) {
        my.world = await ask("/remote/world");
        my.shapes = (await ask(`/geo/${my.world.version}/places.json`)).features.map(shapeOf);
        my.byId = Object.fromEntries(my.shapes.map((shape) => [shape.id, shape]));
      }
      draw();
      listen();
    } catch (error) { lost(true); setTimeout(start, 3000); }
  }

  (async () => {
    const code = window.location.hash.slice(1);
    if (/^\d{6}$/.test(code)) { window.history.replaceState(null, "", window.location.pathname); await pair(code); }
    start();
  })();
  window.remote = my;
})();
