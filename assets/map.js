/* The wall's map: one canvas under Leaflet that draws the marks, names as buttons over it, and taps. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  const state = { map: null, layer: null, scene: null, payloads: {}, places: null, byId: {}, surroundings: [],
    buildings: {}, focus: null, hits: [], words: {}, version: "" };
  ejia.mapState = state;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  const mercatorX = (lon) => (lon + 180) / 360;
  const mercatorY = (lat) => {
    const s = Math.sin((lat * Math.PI) / 180);
    return 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI);
  };

  /* Read a GeoJSON geometry into flat mercator rings once. */
  function ringsOf(geometry) {
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    return polygons.flatMap((polygon) => polygon.map((ring) => {
      const flat = new Float64Array(ring.length * 2);
      ring.forEach(([lon, lat], i) => { flat[2 * i] = mercatorX(lon); flat[2 * i + 1] = mercatorY(lat); });
      return flat;
    }));
  }

  function shapeOf(feature) {
    return { ...feature.properties, rings: ringsOf(feature.geometry) };
  }

  async function fetchShapes(url) {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(url + ": " + answer.status);
    return (await answer.json()).features.map(shapeOf);
  }

  /* Load the geometry of a version; the browser keeps it for good because its address carries the version. */
  async function loadGeometry(version) {
    if (state.version === version) return;
    state.version = version;
    const [places, surroundings] = await Promise.all([
      fetchShapes(`/geo/${version}/places.json`), fetchShapes(`/geo/${version}/surroundings.json`)]);
    state.places = places;
    state.byId = Object.fromEntries(places.map((place) => [place.id, place]));
    state.surroundings = surroundings;
    state.buildings = {};
    jump();
    loadInside();
    redrawSoon();
  }

  async function loadBuildings(community) {
    if (!community || state.buildings[community]) return;
    state.buildings[community] = [];
    state.loading = community;
    state.buildings[community] = await fetchShapes(`/geo/${state.version}/buildings/${community}.json`);
    if (state.loading === community) state.loading = null;
    focusOn(true);
    redrawSoon();
  }

  /* The footprints of a community come when one stands in it. */
  function loadInside() {
    const place = state.places && shownPlace();
    if (place && place.level === "community") loadBuildings(place.id);
  }

  /* Tell whether outlines, or the footprints of the community one stands in, are still on their way. */
  state.lacksShapes = () => {
    const place = state.places && shownPlace();
    return !place || (place.level === "community" && (!state.buildings[place.id] || state.loading === place.id));
  };

  /* The place whose outline is shown: scenes under the affiliation tree keep the whole district. */
  function shownPlace() {
    const chain = state.scene ? state.scene.chain || [] : [];
    for (let i = chain.length - 1; i >= 0; i--) if (state.byId[chain[i]]) return state.byId[chain[i]];
    return state.places && state.places[0];
  }

  function chosenBuilding() {
    const chain = (state.scene && state.scene.chain) || [];
    return chain.find((id) => id.startsWith("B") && !id.includes("/")) || null;
  }

  /* Two corners of the chosen building on the shown map, in px; null where none is chosen or its shape is not here. */
  function footprintAt() {
    const id = chosenBuilding(), place = shownPlace();
    const foot = id && place && (state.buildings[place.id] || []).find((shape) => shape.id === id);
    if (!foot) return null;
    const lat = (y) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI, spots = [];
    for (const ring of foot.rings) for (let i = 0; i < ring.length; i += 2) {
      spots.push(state.map.latLngToContainerPoint([lat(ring[i + 1]), ring[i] * 360 - 180]));
    }
    const along = spots.sort((a, b) => a.x + a.y - b.x - b.y);
    return [along[0], along[along.length - 1]];  // upper left and lower right: the sides one sees from the floors
  }

  function childrenOf(id) { return state.places.filter((place) => place.parent === id); }

  function boundsOf(place) {
    const [west, south, east, north] = place.bbox;
    return L.latLngBounds([south, west], [north, east]);
  }

  function inside(place, x, y) {
    let odd = false;
    for (const ring of place.rings) {
      for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
        const xi = ring[i], yi = ring[i + 1], xj = ring[j], yj = ring[j + 1];
        if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
      }
    }
    return odd;
  }

  /* Fly to the scene's place; the fitted view keeps clear of title, legend and the columns' fade. */
  function focusOn(animate) {
    const place = shownPlace();
    if (!state.map || !place) return;
    const building = chosenBuilding();
    const flows = document.body.dataset.board === "transfers";  // its months stand lower, its building in the middle
    const key = place.id + "|" + (building || "") + "|" + window.innerWidth + "x" + window.innerHeight +
      (building ? (state.buildings[place.id] || []).length + (flows ? "f" : "") : "");
    if (state.focus === key) return;
    /* Leaflet takes no other aim in mid-flight: the new one waits for the end of this. */
    if (state.map._animatingZoom) {
      if (!state.turning) state.map.once("zoomend", () => { state.turning = false; focusOn(animate); });
      state.turning = true;
      return;
    }
    state.focus = key;
    if (still.matches) animate = false;
    const box = state.map.getContainer().getBoundingClientRect(), u = unit();
    const side = Math.min(box.width * 0.12, 150 * u);
    const isUpright = document.documentElement.dataset.wall === "portrait", low = flows || isUpright ? 160 : 196;
    const start = L.point(side, (isUpright ? 48 : 100) * u), end = L.point(side, low * u);
    const foot = building && (state.buildings[place.id] || []).find((shape) => shape.id === building);
    if (foot) {
      const [west, south, east, north] = bboxOf(foot);
      const centre = L.latLng((south + north) / 2, (west + east) / 2);
      const zoom = Math.max(16.2, state.map.getBoundsZoom(boundsOf(place)) + 0.8) + Math.log2(u);
      const at = state.map.project(centre, zoom).add(flows ? [0, 29 * u] : [Math.min(0.27 * box.width, box.width / 2 - besideStack(box.width / u / 16) * 16 * u), -0.2 * box.height]);
      state.map.setView(state.map.unproject(at, zoom), zoom, { animate: animate });
    } else {
      const tools = toolsIn(box, u), first = fitted(place, start, end, box, u);
      const fit = reaches(place, first, tools, box) ? fitted(place, L.point(side, tools[3]), end, box, u) : first;
      state.map.setView(state.map.unproject(fit.centre, fit.zoom), fit.zoom, { animate: animate });
    }
  }

  /* The view, {centre, zoom} in the map's pixels, in which a place fills the box but for what its corners keep free. */
  function fitted(place, start, end, box, u) {
    const zoom = Math.min(18.5, state.map.getBoundsZoom(boundsOf(place), false, start.add(end)));
    const [west, south, east, north] = place.bbox;
    const corner = state.map.project([north, west], zoom), far = state.map.project([south, east], zoom);
    const centre = corner.add(far).add(end.subtract(start)).divideBy(2);
    const slide = clearOf(place, corner.subtract(centre), far.subtract(centre), box, u);
    return { centre: centre.subtract([slide, 0]), zoom };
  }

  /* The corner of the map's own buttons, left, top, right, bottom in px of the box; wide enough for their words. */
  function toolsIn(box, u) {
    const at = document.querySelector("#stage > .tools").getBoundingClientRect();
    return [at.right - box.left - 270 * u, 0, at.right - box.left, at.bottom - box.top + 12 * u];
  }

  /* Whether a place's outline in a view runs through a part of the box. */
  function reaches(place, { centre, zoom }, [left, top, right, bottom], box) {
    const [west, south, east, north] = place.bbox, x0 = mercatorX(west), y0 = mercatorY(north);
    const corner = state.map.project([north, west], zoom).subtract(centre).add([box.width / 2, box.height / 2]);
    const scale = (state.map.project([south, east], zoom).x - state.map.project([north, west], zoom).x) / (mercatorX(east) - x0);
    return place.rings.some((ring) => {
      for (let i = 0; i < ring.length; i += 2) {
        const x = corner.x + (ring[i] - x0) * scale, y = corner.y + (ring[i + 1] - y0) * scale;
        if (x > left && x < right && y > top && y < bottom) return true;
      }
      return false;
    });
  }

  /* How far right of the middle (px, negative = left) a fitted place stands clearest of the words in the map's corners.
     The corners are the same for every choice of layers, so that a layer never moves the map. */
  function clearOf(place, corner, far, box, u) {
    const room = Math.floor((box.width / 2 - 84 * u - (far.x - corner.x) / 2) / (8 * u));
    if (room <= 0) return 0;
    const w = box.width / 2, h = box.height / 2;
    const words = [  // title, legend of colours, legend of shapes: left, top, right, bottom
      [-w, -h, -w + 430 * u, -h + 110 * u], [-w, h - 260 * u, -w + 420 * u, h], [w - 360 * u, h - 410 * u, w, h]];
    const spots = [], across = 28;
    const [west, south, east, north] = place.bbox, x0 = mercatorX(west), x1 = mercatorX(east);
    const y0 = mercatorY(north), y1 = mercatorY(south);
    for (let i = 0; i <= across; i++) for (let j = 0; j <= across; j++) {
      const a = i / across, b = j / across;
      if (inside(place, x0 + a * (x1 - x0), y0 + b * (y1 - y0))) {
        spots.push([corner.x + a * (far.x - corner.x), corner.y + b * (far.y - corner.y)]);
      }
    }
    let best = 0, least = Infinity;
    for (let step = 0; step <= 2 * room; step++) {
      const slide = (step % 2 ? 1 : -1) * Math.ceil(step / 2) * 8 * u;  // 0, right, left, further right, …
      const hidden = spots.filter(([x, y]) => words.some(
        ([left, top, right, bottom]) => x + slide > left && x + slide < right && y > top && y < bottom)).length;
      if (hidden < least) { least = hidden; best = slide; }
    }
    return best;
  }

  /* The middle of what the floors leave free at the left, in rem: they are drawn as assets/wall.css lays them. */
  function besideStack(wide) {
    const kind = document.documentElement.dataset.wall, edge = { portrait: 1, tablet: 0.5 }[kind] || 7.5, fade = kind === "portrait" ? 0 : 7;
    const stack = Math.min(62, 0.82 * wide), labels = wide - edge - stack + 0.1 * stack;
    return (fade + labels) / 2;
  }

  /* Go to the scene's place at once; Leaflet would draw twice on the way, and the caller draws after. */
  function jump() {
    state.held = true;
    focusOn(false);
    state.held = false;
  }

  function bboxOf(shape) {
    let west = 9, south = 9, east = -9, north = -9;
    for (const ring of shape.rings) for (let i = 0; i < ring.length; i += 2) {
      west = Math.min(west, ring[i]); east = Math.max(east, ring[i]);
      south = Math.min(south, ring[i + 1]); north = Math.max(north, ring[i + 1]);
    }
    const lat = (y) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
    return [west * 360 - 180, lat(north), east * 360 - 180, lat(south)];
  }

  const unit = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

  /* A frame of reference for the marks: lon/lat and mercator to canvas pixels. */
  function viewOf(map, bounds) {
    const zoom = map.getZoom(), scale = 256 * Math.pow(2, zoom);
    const origin = map.getPixelOrigin();
    const ox = origin.x + bounds.min.x, oy = origin.y + bounds.min.y;
    const corner = map.layerPointToLatLng(bounds.min), end = map.layerPointToLatLng(bounds.max);
    const paths = new Map();
    const view = {
      u: unit(), colour: (state.colour = state.colour || ejia.colours()),
      mx: (x) => x * scale - ox, my: (y) => y * scale - oy,
      x: (lon) => mercatorX(lon) * scale - ox, y: (lat) => mercatorY(lat) * scale - oy,
      west: corner.lng, north: corner.lat, east: end.lng, south: end.lat,
      width: bounds.max.x - bounds.min.x, height: bounds.max.y - bounds.min.y,
      path(place) {
        if (!paths.has(place.id)) paths.set(place.id, ejia.marks.pathOf(place, view));
        return paths.get(place.id);
      },
    };
    view.key = [state.version, zoom, ox, oy, view.width, view.height, view.u, state.ratio || window.devicePixelRatio, document.documentElement.dataset.theme].join("|");
    view.metres = 40075016.7 * Math.cos(((corner.lat + end.lat) / 2) * Math.PI / 180) / scale;
    return view;
  }

  const visible = (key) => state.scene.drawn.includes(key) && current(key);
  /* A payload counts only for the place it was asked for: never one level's values on another's shapes. */
  function current(key) {
    const payload = state.payloads[key];
    return payload && payload.place === state.scene.place ? payload : null;
  }

  /* Paint everything, bottom first. */
  function draw(pen, view) {
    const place = shownPlace();
    if (!place || !state.scene) return;
    const marks = ejia.marks, district = state.places[0];
    const path = view.path(place), level = place.level;
    marks.neighbours(pen, state.surroundings, view);
    marks.graticule(pen, view);
    state.hits = [];
    if (level === "district") drawDistrict(pen, view, place, path);
    else drawWithin(pen, view, district, place, path);
    drawPoints(pen, view, level);
    drawFlows(view, visible("transfers") ? current("transfers") : null);
  }

  function drawDistrict(pen, view, place, path) {
    const marks = ejia.marks, members = visible("members") || visible("alerts"), heat = visible("heat");
    const flows = visible("transfers");
    if (!flows) {
      marks.glow(pen, path, view, view.colour.glow, 90, 0.22);
      marks.waterlines(pen, path, view, view.metres);
    }
    pen.fillStyle = view.colour[flows ? "ramp-1" : "ramp-3"];
    pen.fill(path);
    marks.choropleth(pen, childrenOf(place.id), members ? members.fill : null, view, 3, flows ? 0 : 2);
    if (!flows) marks.rim(pen, path, view);
    if (members && members.circles) marks.circles(pen, childrenOf(place.id), members.circles, view);
    if (heat) marks.contours(pen, heat, view, true, path);
    marks.outline(pen, path, view, flows ? 1.8 : 2.5);
  }

  function drawWithin(pen, view, district, place, path) {
    const marks = ejia.marks, members = visible("members") || visible("alerts"), heat = visible("heat");
    const all = childrenOf(district.id);
    pen.fillStyle = view.colour["far-land"];
    pen.strokeStyle = view.colour.ground;
    pen.lineWidth = 3 * view.u;
    for (const town of all) { pen.fill(view.path(town)); pen.stroke(view.path(town)); }
    marks.outline(pen, view.path(district), view, 1.6, view.colour.bar);
    marks.glow(pen, path, view, view.colour.glow, 70, 0.3);
    pen.fillStyle = place.level === "community" ? view.colour["inner-land"] : view.colour["ramp-2"];
    pen.fill(path);
    if (place.level === "town") {
      marks.choropleth(pen, childrenOf(place.id), members ? members.fill : null, view, 2);
      marks.rim(pen, path, view);
      if (members && members.circles) marks.circles(pen, childrenOf(place.id), members.circles, view);
    } else {
      const siblings = childrenOf(place.parent);
      for (const one of siblings) if (one.id !== place.id) marks.outline(pen, view.path(one), view, 1.2, view.colour["inner-line"]);
      const payload = current("buildings");
      marks.footprints(pen, state.buildings[place.id] || [], (payload && payload.values) || {}, view, chosenBuilding(), true);
    }
    if (heat) marks.contours(pen, heat, view, !members || place.level === "community", path, place.level !== "community");
    marks.outline(pen, path, view, 2.5, null, place.geom_basis === "schematic" && place.level === "community" ? [2, 7] : null);
  }

  function drawPoints(pen, view, level) {
    const marks = ejia.marks;
    const pick = pickOf("domain");
    if (visible("landmarks")) marks.landmarks(pen, placed(current("landmarks").points, view).filter(onMap(view)), view);
    if (visible("branches")) {
      const points = branchPoints(current("branches"), view, pick);
      const rooms = namesIn(view).filter((one) => one.kind !== "outside").map((one) => one.room);
      const free = (p) => !p.dim && !rooms.some(([l, t, r, b]) => p.x > l && p.x < r && p.y > t && p.y < b);
      if (level === "district" || current("branches").n) marks.dots(pen, points.filter(free), view);
      else if (!chosenBuilding()) {
        keepOff(points, rooms, view);
        spread(points, 14 * view.u);
        bringBack(points, pen, view);
        marks.shapes(pen, points, view, state.scene.organisation);
      }
      const single = points.filter((p) => !p.dim && !current("branches").n);  // a point of several branches opens none
      state.hits.push(...single.map((p) => ({ ...p, verb: "organisation", level: level })));
    }
    if (visible("alerts") && !chosenBuilding()) {
      const points = placed(current("alerts").points.filter((one) => one.lon !== null), view);
      spread(points, 40 * view.u);
      ejia.alerts.draw(pen, points, view);
      state.hits.push(...points.map((p) => ({ ...p, verb: "organisation", level: level })));
    }
    if (visible("positions")) {
      const points = placed(current("positions").points, view);
      marks.positions(pen, points, view, true);
    }
  }

  /* A branch stays inside the place it belongs to, however crowded it is. */
  function bringBack(points, pen, view) {
    const place = shownPlace(), path = view.path(place), ratio = pen.getTransform().a;
    const inside_ = (x, y) => pen.isPointInPath(path, x * ratio, y * ratio);
    for (const p of points) {
      if (inside_(p.x, p.y)) continue;
      const homeX = inside_(p.x0, p.y0) ? p.x0 : view.x(place.label[0]), homeY = inside_(p.x0, p.y0) ? p.y0 : view.y(place.label[1]);
      for (let step = 0; step < 12 && !inside_(p.x, p.y); step++) { p.x += (homeX - p.x) * 0.25; p.y += (homeY - p.y) * 0.25; }
    }
  }

  function pickOf(dimension) {
    const found = (state.scene.picks || []).find((pick) => pick.startsWith(dimension + ":"));
    return found ? found.slice(dimension.length + 1) : null;
  }

  function placed(points, view) {
    return clearOfSeams(points.map((p) => ({ ...p, x: view.x(p.lon), y: view.y(p.lat) })), view);
  }

  /* A mark beside a seam of the wall moves off it by a few pixels. */
  function clearOfSeams(points, view, radius) {
    if (!ejia.seamsInCanvas || !state.layer || !state.map) return points;
    const seams = ejia.seamsInCanvas(state.layer.offset(), state.map.getContainer()), r = radius || (shownPlace().level === "district" && !points.some((p) => p.kind || p.name) ? 3.5 : 11) * view.u;
    if (seams.x.length || seams.y.length) for (const p of points) { p.x += ejia.offSeam(p.x - r, p.x + r, seams.x); p.y += ejia.offSeam(p.y - r, p.y + r, seams.y); }
    return points;
  }
  ejia.clearOfSeams = clearOfSeams;

  function branchPoints(payload, view, pick) {
    const out = [];
    for (let i = 0; i < payload.lon.length; i++) {
      out.push({ id: payload.id ? payload.id[i] : null, shape: payload.shapes[payload.shape[i]],
        name: payload.name ? payload.name[i] : "", n: payload.n ? payload.n[i] : 1, x: view.x(payload.lon[i] / 1e5), y: view.y(payload.lat[i] / 1e5),
        dim: (payload.dim && payload.dim[i]) || (pick && payload.domains[payload.domain[i]] !== pick) || false });
    }
    return clearOfSeams(out, view);
  }

  /* Push points apart to a distance, each held near its place; a lattice keeps it linear. */
  function spread(points, distance) {
    for (const p of points) { p.x0 = p.x; p.y0 = p.y; }
    for (let round = 0; round < 24; round++) {
      const lattice = new Map();
      points.forEach((p) => {
        const key = Math.floor(p.x / distance) * 65536 + Math.floor(p.y / distance);
        if (!lattice.has(key)) lattice.set(key, []);
        lattice.get(key).push(p);
      });
      points.forEach((p, rank) => {
        const cx = Math.floor(p.x / distance), cy = Math.floor(p.y / distance);
        for (let i = -1; i <= 1; i++) for (let j = -1; j <= 1; j++) {
          for (const q of lattice.get((cx + i) * 65536 + cy + j) || []) {
            if (q === p) continue;
            let dx = p.x - q.x, dy = p.y - q.y, d = Math.hypot(dx, dy);
            if (d >= distance) continue;
            if (d < 0.01) { dx = Math.cos(rank * 2.4); dy = Math.sin(rank * 2.4); d = 1; }
            const push = (distance - Math.min(d, distance)) / 2 / d;
            p.x += dx * push * 0.6; p.y += dy * push * 0.6;
          }
        }
        p.x += (p.x0 - p.x) * 0.03; p.y += (p.y0 - p.y) * 0.03;
      });
    }
  }

  /* Flows stand on canvases of their own (assets/flows.js). */
  function drawFlows(view, payload) {
    if (!ejia.flows) return;
    ejia.flows.update(payload && { map: state.map, view: view, payload: payload, bounds: state.layer._bounds,
      corner: state.layer.offset(), box: state.map.getContainer(), deep: state.scene.chain.length > 1, shape: payload.focus && state.byId[payload.focus] });
  }

  function flowNames(view) {
    const corner = state.layer.offset(), box = state.map.getContainer(), u = view.u, lang = state.scene.lang;
    const zone = [corner.x + 112 * u, corner.y + 84 * u, corner.x + box.clientWidth - 112 * u, corner.y + box.clientHeight - 146 * u];
    const say = (ejia.words && ejia.words[lang]) || {};
    const nameOf = (node) => node.id === state.scene.place ? say.rest || "…" : state.byId[node.id] ? shortName(state.byId[node.id], lang) : (lang === "en" && node.name_en) || node.name || node.id;
    return ejia.flows.names(view, nameOf, textWidth, zone);
  }

  /* ---- names ---- */
  function shortName(place, lang) {
    if (lang === "en") return (place.name_en || place.name).replace(/ (Subdistrict|Sub-district|Community|Village|Town)$/, "");
    if (place.level === "town") {
      const cut = place.name.replace(/(街道|镇)$/, "");
      return state.places[0].name.startsWith(cut) ? place.name : cut;
    }
    return place.name.replace(/(社区居委会|村委会|居委会|社区|村)$/, "") || place.name;
  }

  const pen2 = document.createElement("canvas").getContext("2d");
  function textWidth(text, size) {
    pen2.font = `700 ${size}px "Ejia Sans", sans-serif`;
    return pen2.measureText(text).width;
  }

  function labelList(view) {
    const place = shownPlace(), lang = state.scene.lang, out = [];
    if (place.level === "district") {
      for (const child of childrenOf(place.id)) out.push({ place: child, size: 30, kind: "name", rank: 2 });
    } else if (place.level === "town") {
      for (const child of childrenOf(place.id)) out.push({ place: child, size: 22, kind: "name", rank: 2 });
      for (const town of childrenOf(state.places[0].id)) if (town.id !== place.id) out.push({ place: town, size: 30, kind: "far", rank: 1 });
    } else if (!chosenBuilding()) {
      out.push({ place: place, size: 30, kind: "here", rank: 2 });
      for (const one of childrenOf(place.parent)) if (one.id !== place.id) out.push({ place: one, size: 22, kind: "far", rank: 1 });
    }
    for (const label of out) {
      label.text = shortName(label.place, lang);
      label.verb = "drill"; label.arg = label.place.id;
      label.lon = label.place.label[0]; label.lat = label.place.label[1];
      label.weight = (label.place.bbox[2] - label.place.bbox[0]) * (label.place.bbox[3] - label.place.bbox[1]);
    }
    if (place.level === "district") for (const one of state.surroundings) {
      if (one.id === place.id || one.inside) continue;
      out.push({ text: lang === "en" ? one.name_en || one.name : one.name, size: 22, kind: "outside", rank: 0,
        lon: one.label[0], lat: one.label[1], weight: 0 });
    }
    if (visible("landmarks")) for (const mark of current("landmarks").points) {
      if (place.level === "district" && !mark.major) continue;
      out.push({ text: lang === "en" ? mark.name_en : mark.name, size: 22, kind: "landmark", rank: 0.5, lon: mark.lon, lat: mark.lat, weight: 0, below: true });
    }
    return out.sort((a, b) => b.rank - a.rank || b.weight - a.weight);
  }

  /* Place names without collision: by rank and size, largest first; one that finds no room is left out. */
  function label(view) {
    const offset = state.layer.origin(), holder = state.layer.names;
    const held = holder.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    holder.replaceChildren(...namesIn(view).map((one) => nameTag(one, one.x + offset.x, one.y + offset.y, one.size * view.u)));
    const again = held && [...holder.children].find((one) => one.dataset.key === held);
    if (again) again.focus({ preventScroll: true });
  }

  /* Where the breadcrumb, the filters and the legend stand over the map, in the canvas's pixels. */
  function titleRooms(corner, box, u) {
    const frame = box.getBoundingClientRect();
    return [...document.querySelectorAll(".crumbs > *, .place-facts > *, .tools button, #legend > *, #scale-bar")].map((one) => {
      const room = one.getBoundingClientRect(), x = corner.x - frame.left, y = corner.y - frame.top;
      return [room.left + x - 6 * u, room.top + y, room.right + x + 6 * u, room.bottom + y];
    });
  }

  const STEPS = [[0, 0], [0, -28], [0, 28], [-40, 0], [40, 0], [0, -56], [0, 56], [-40, -40], [40, -40], [-40, 40], [40, 40], [-80, 0], [80, 0], [0, -84], [0, 84], [90, 50], [-90, 50], [90, -50], [-90, -50]];
  function namesIn(view) {
    if (visible("transfers")) return flowNames(view);
    const kept = [], u = view.u;
    const corner = state.layer.offset(), box = state.map.getContainer(), taken = titleRooms(corner, box, u);
    const seen = onMap(view);
    const seams = ejia.seamsInCanvas ? ejia.seamsInCanvas(corner, box) : { x: [], y: [] };
    const offSeam = (middle, long, at) => middle + (ejia.offSeam ? ejia.offSeam(middle - long / 2, middle + long / 2, at) : 0);
    for (const one of labelList(view)) {
      if (one.kind === "landmark" && !seen({ x: view.x(one.lon), y: view.y(one.lat) })) continue;
      const warned = visible("alerts") && one.kind === "name" && current("alerts").places[one.place.id], wide = warned && state.scene.level === "district";
      if (warned) one.warned = warned;
      const size = one.size * u, width = Math.max(textWidth(one.text, size), warned ? (wide ? 132 : 76) * u : 0) + 10 * u, height = size * 1.25 + (warned ? (wide ? 70 : 32) * u : 0);
      const x = view.x(one.lon), y = view.y(one.lat) + (one.below ? 24 * u : 0);
      const clear = [corner.x + 96 * u, corner.y + 84 * u, corner.x + box.clientWidth - 96 * u, corner.y + box.clientHeight - 150 * u];
      const steps = warned && wide ? STEPS : STEPS.slice(0, 1);  // what carries a number gives way before it is left out
      for (const [dx, dy] of steps) {
        const across = offSeam(x + dx * u, width, seams.x), down = offSeam(y + dy * u, height, seams.y);  // a step may lead onto a seam
        const room = [across - width / 2, down - height / 2, across + width / 2, down + height / 2];
        if (room[0] < clear[0] || room[1] < clear[1] || room[2] > clear[2] || room[3] > clear[3]) continue;
        if (taken.some((other) => room[0] < other[2] && room[2] > other[0] && room[1] < other[3] && room[3] > other[1])) continue;
        taken.push(room);
        kept.push({ ...one, x: across, y: down, room });
        break;
      }
    }
    return kept;
  }

  /* Points keep off the names: at district level they are not drawn there, nearer they step aside. */
  function keepOff(points, rooms, view) {
    const edge = 9 * view.u;
    for (const p of points) for (const [left, top, right, bottom] of rooms) {
      if (p.x < left - edge || p.x > right + edge || p.y < top - edge || p.y > bottom + edge) continue;
      const up = p.y < (top + bottom) / 2;
      p.y = up ? top - edge : bottom + edge;
    }
  }

  /* A landmark under the header, the timeline or the legend is not drawn. */
  function onMap(view) {
    const corner = state.layer.offset(), box = state.map.getContainer(), u = view.u;
    const right = corner.x + box.clientWidth, bottom = corner.y + box.clientHeight;
    const legend = (p) => p.y > bottom - 430 * u && (p.x < corner.x + 430 * u ? p.y > bottom - 300 * u : p.x > right - 460 * u);
    return (p) => p.x > corner.x + 60 * u && p.x < right - 60 * u && p.y > corner.y + 84 * u && p.y < bottom - 160 * u && !legend(p);
  }

  function nameTag(one, x, y, size) {
    const tag = document.createElement(one.verb ? "button" : "span");
    tag.className = "place-name " + one.kind;
    tag.textContent = one.text;
    tag.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%)`;
    tag.style.fontSize = size + "px";
    if (one.flow && (one.flow.moved_in || one.flow.moved_out)) tag.append(flowFigures(one.flow));
    if (one.warned) { tag.classList.add("warned"); tag.append(ejia.alerts.pill(one.warned, state.scene.level === "district")); }
    if (one.verb) {
      tag.type = "button";
      tag.dataset.key = "place/" + one.arg;
      tag.addEventListener("click", (event) => { event.stopPropagation(); ejia.send(one.verb, one.arg); });
    }
    return tag;
  }

  function flowFigures(node) {
    const line = document.createElement("span");
    line.className = "flow-figures";
    [["in", "+", node.moved_in], ["out", "−", node.moved_out]].forEach(([name, sign, n]) => {
      if (!n) return;
      const figure = document.createElement("span");
      figure.className = name;
      figure.textContent = sign + n + " ";
      line.append(figure);
    });
    return line;
  }

  /* ---- the canvas layer ---- */
  function makeLayer() {
    return L.Renderer.extend({
      initialize() { L.Util.setOptions(this, { padding: 0.06 }); L.Util.stamp(this); this._layers = {}; },
      getEvents() {
        const events = L.Renderer.prototype.getEvents.call(this);
        events.zoomanim = this._hideNames;
        events.zoomstart = this._hideNames;
        return events;
      },
      _hideNames(event) {
        this.names.style.opacity = 0;
        if (event && event.center) this._onAnimZoom(event);
      },
      _initContainer() {
        this._container = document.createElement("canvas");
        this._container.className = "wall-canvas";
        this._container.setAttribute("aria-hidden", "true");  // said by assets/spoken.js
        this.names = document.createElement("div");
        this.names.className = "place-names";
        this._map.getPane("markerPane").append(this.names);
      },
      _destroyContainer() { this._container.remove(); this.names.remove(); },
      _update() {
        if (this._map._animatingZoom) return;
        L.Renderer.prototype._update.call(this);
        if (!state.held) this._draw();
      },
      /* Where the shown map begins inside the canvas, in px. */
      offset() { return this._map.containerPointToLayerPoint([0, 0]).subtract(this._bounds.min); },
      origin() { return this._bounds.min; },
      _draw() {
        const size = this._bounds.getSize(), ratio = state.ratio || window.devicePixelRatio || 1, canvas = this._container;
        L.DomUtil.setPosition(canvas, this._bounds.min);
        if (canvas.width !== Math.round(size.x * ratio) || canvas.height !== Math.round(size.y * ratio)) {
          canvas.width = Math.round(size.x * ratio); canvas.height = Math.round(size.y * ratio);
          canvas.style.width = size.x + "px"; canvas.style.height = size.y + "px";
        }
        const pen = canvas.getContext("2d");
        pen.setTransform(ratio, 0, 0, ratio, 0, 0);
        pen.clearRect(0, 0, size.x, size.y);
        if (!state.places || !state.scene) return;
        const view = viewOf(this._map, this._bounds);
        state.view = view;
        state.dirty = false;
        pen.save();  // every picture begins with the same pen, also the first
        pen.lineJoin = "round";
        draw(pen, view);
        pen.restore();
        label(view);
        this.names.style.opacity = 1;
        ejia.scaleBar(view);
        if (ejia.leaders) ejia.leaders(footprintAt());
        document.documentElement.dataset.mapDrawn = String((Number(document.documentElement.dataset.mapDrawn) || 0) + 1);
      },
    });
  }

  function redraw() {
    if (state.layer && state.layer._map && !state.map._animatingZoom) state.layer._update();
  }

  ejia.redraw = redraw;

  /* Stand in the container as it is now, in the colours of now; `ratio` = canvas pixels per CSS pixel, 0 = the screen's. */
  ejia.refit = function (ratio) {
    if (!state.map) return;
    state.ratio = ratio;
    state.colour = null;
    state.map.invalidateSize({ animate: false, pan: false });
    state.focus = null;
    jump();
    redraw();
  };

  /* One drawing for all answers of a change: wait for those under way, but not for long. */
  let ticket = 0, latest = 0;
  function redrawSoon() {
    state.dirty = true;
    if (!latest) latest = performance.now() + 250;
    cancelAnimationFrame(ticket);
    ticket = requestAnimationFrame(() => {
      if (ejia.pending() > 0 && performance.now() < latest) return redrawSoon();
      latest = 0;
      redraw();
    });
  }

  /* Names and what keeps clear of them are measured in our letters, which may come after the first picture. */
  document.fonts.addEventListener("loadingdone", () => { if (state.view) redrawSoon(); });

  /* A scale bar of a round length near 200 design px. */
  ejia.scaleBar = function (view) {
    const bar = document.getElementById("scale-bar");
    if (!bar) return;
    const metres = view.metres * 150 * view.u, power = Math.pow(10, Math.floor(Math.log10(metres)));
    const round = [5, 2, 1].map((n) => n * power).find((n) => n <= metres);
    bar.style.width = round / view.metres + "px";
    const zh = !state.scene || state.scene.lang !== "en";
    bar.textContent = round >= 1000 ? round / 1000 + (zh ? " 公里" : " km") : round + (zh ? " 米" : " m");
  };

  /* ---- taps ---- */
  function tapped(event) {
    if (!state.view || !state.scene) return;
    const point = event.layerPoint.subtract(state.layer._bounds.min), reach = 22 * state.view.u;
    const place = shownPlace();
    if (visible("transfers")) {
      const node = ejia.flows.under(point.x, point.y, reach);
      if (node) return ejia.send("trace", node);
      const arc = ejia.flows.arcUnder(point.x, point.y, 7 * state.view.u);
      if (arc || ejia.flows.state.lit) return ejia.flows.light(arc);
    }
    if (place.level !== "district" && !chosenBuilding()) {
      let best = null;
      for (const hit of state.hits) {
        const d = Math.hypot(hit.x - point.x, hit.y - point.y);
        if (hit.id && d < reach && (!best || d < best.d)) best = { ...hit, d };
      }
      if (best && best.d < 11 * state.view.u) return ejia.send("organisation", best.id);
    }
    const x = mercatorX(event.latlng.lng), y = mercatorY(event.latlng.lat);
    if (place.level === "community") {
      const foot = (state.buildings[place.id] || []).find((shape) => inside(shape, x, y));
      if (foot) return ejia.send("drill", foot.id);
    }
    const candidates = [...childrenOf(place.id), ...(place.parent ? childrenOf(place.parent) : [])];
    const target = candidates.find((one) => one.id !== place.id && inside(one, x, y)) ||
      childrenOf(state.places[0].id).find((one) => one.id !== place.id && one.id !== place.parent && inside(one, x, y));
    const traced = visible("transfers") && target && target.parent === state.scene.place;
    if (target) ejia.send(traced ? "trace" : "drill", target.id);
  }

  function attach(map) {
    state.map = map;
    map.on("click", tapped);
    /* Leaflet reckons from where it stands; rounded, every way to a place ends in the same picture. */
    map.getBoundsZoom = (...given) => Math.round(L.Map.prototype.getBoundsZoom.apply(map, given) * 1e6) / 1e6;
    const Layer = makeLayer();
    state.layer = new Layer();
    map.whenReady(() => {
      state.layer.addTo(map);
      new ResizeObserver(() => { map.invalidateSize({ animate: false, pan: false }); state.focus = null; jump(); redraw(); })
        .observe(map.getContainer());
      jump();
      redraw();
    });
  }

  /* Start the flight at once on the tapped place; the answer of the server follows. */
  ejia.flyAhead = function (verb, arg) {
    if (verb === "trace") return traceAhead(arg);
    if (verb !== "drill" || !state.byId[arg] || !state.scene || state.scene.basis !== "place") return;
    const place = state.byId[arg];
    const chain = [];
    for (let at = place; at; at = state.byId[at.parent]) chain.unshift(at.id);
    state.scene = { ...state.scene, place: arg, chain: chain };
    focusOn(true);
  };

  /* Draw another centre's first hop at once; the answer of the server replaces it by the same and what is beside it. */
  function traceAhead(id) {
    const payload = state.scene && visible("transfers");
    if (!payload || !payload.all || !id || id === state.scene.focus) return;
    const scene = { ...state.scene, focus: id, hops: "1" };
    state.scene = scene;
    state.ahead = ejia.flows.ahead(payload, id, scene);
    state.payloads = { ...state.payloads, transfers: state.ahead };
    redraw();
  }

  /* While the answer for a new centre is under way, what was drawn ahead stays. */
  function withAhead(scene, payloads) {
    const ahead = state.ahead, own = payloads.transfers;
    const waiting = ahead && own && ahead.focus === scene.focus && own.focus !== scene.focus && ahead.place === scene.place && scene.hops === "1";
    if (!waiting) state.ahead = null;
    return waiting ? { ...payloads, transfers: ahead } : payloads;
  }

  /* Return to a scene after a flight whose answer never came. */
  ejia.flyBack = function (scene) {
    state.scene = scene;
    state.payloads = state.answered || state.payloads;
    state.ahead = null;
    state.focus = null;
    focusOn(true);
    redrawSoon();
  };

  /* Take a scene and its payloads, fly where it points, and paint. */
  ejia.paint = function (scene, payloads, version) {
    state.scene = scene;
    state.answered = payloads;
    state.payloads = withAhead(scene, payloads);
    loadGeometry(version);
    loadInside();
    focusOn(true);
    redrawSoon();
  };

  /* Leaflet arrives with dash-leaflet; whichever comes first, every map made is ours to dress. */
  function hook() {
    L.Map.addInitHook(function () { attach(this); });
  }
  if (window.L) hook();
  else Object.defineProperty(window, "L", { configurable: true, set(value) {
    Object.defineProperty(window, "L", { value, writable: true, configurable: true });
    hook();
  }, get() { return undefined; } });
})();
