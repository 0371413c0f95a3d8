/* Flows: arcs of membership transfers on a canvas of their own over the map. The arcs are drawn once a change;
   only the moving dots are drawn each frame, and only while the transfers board is open. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  const TAU = 2 * Math.PI, WIDEST = 1.15, MOST_MOVING = 2.6e6, MOST_CHANGED = 1e6, LEAST_BEND = 0.05, MOST_BEND = 0.5, MANY = 40;
  const state = { layer: null, arcs: [], nodes: [], byId: {}, key: "", frames: 0, ticket: 0, lit: null };
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  /* ---- geometry: pure, in px ---- */

  /* Where a ray from the middle of a frame meets its edge: {x, y, edge}. bearing: degrees clockwise from north. */
  function edgePoint(bearing, frame) {
    const angle = (bearing * Math.PI) / 180, cx = (frame.left + frame.right) / 2, cy = (frame.top + frame.bottom) / 2;
    const dx = Math.sin(angle), dy = -Math.cos(angle);
    const tx = Math.abs(dx) < 1e-6 ? 1e9 : (frame.right - frame.left) / 2 / Math.abs(dx);
    const ty = Math.abs(dy) < 1e-6 ? 1e9 : (frame.bottom - frame.top) / 2 / Math.abs(dy);
    const t = Math.min(tx, ty);
    return { x: cx + dx * t, y: cy + dy * t, edge: tx < ty ? (dx > 0 ? "right" : "left") : dy > 0 ? "bottom" : "top" };
  }

  /* Bars on one edge move apart along it until each has its room; their order, the true one, stays. */
  function partBars(bars, frame, u) {
    for (const edge of ["left", "right", "top", "bottom"]) {
      const flat = edge === "top" || edge === "bottom", axis = flat ? "x" : "y";
      const own = bars.filter((bar) => bar.edge === edge).sort((a, b) => a[axis] - b[axis]);
      const low = flat ? frame.left + (edge === "top" ? frame.title : 0) : frame.top + 30 * u;
      const high = flat ? frame.right - (edge === "top" ? frame.tools : 0) : frame.bottom - 40 * u;
      const room = (bar) => (flat ? Math.max(bar.long, 178 * u) : Math.max(bar.long, 96 * u));
      let at = low;
      for (const bar of own) { bar[axis] = Math.max(bar[axis], at + room(bar) / 2); at = bar[axis] + room(bar) / 2; }
      at = high;
      for (const bar of [...own].reverse()) { bar[axis] = Math.min(bar[axis], at - room(bar) / 2); at = bar[axis] - room(bar) / 2; }
    }
  }

  /* The angle by which an arc leaves its chord, from its bend (a share of the chord's length). */
  const turn = (bend) => Math.atan(2 * bend);

  /* Turn arcs that would leave or reach one place side by side apart, all places at once, by their bends alone. */
  function partArcs(arcs, reach) {
    const ends = new Map();
    for (const arc of arcs) {
      const chord = Math.atan2(arc.b.y - arc.a.y, arc.b.x - arc.a.x);
      arc.turn = turn(arc.bend);
      for (const [node, base, sign] of [[arc.a.id, chord, 1], [arc.b.id, chord + Math.PI, -1]]) {
        if (!ends.has(node)) ends.set(node, []);
        ends.get(node).push({ arc, base, sign });
      }
    }
    const low = turn(LEAST_BEND), high = turn(MOST_BEND), crowded = [...ends.values()].filter((list) => list.length > 1);
    for (let round = 0; round < 40; round++) {
      let moved = 0;
      for (const list of crowded) {
        for (const end of list) end.at = (((end.base + end.sign * end.arc.turn) % TAU) + TAU) % TAU;
        list.sort((p, q) => p.at - q.at);
        for (let i = 0; i < list.length; i++) {
          const p = list[i], q = list[(i + 1) % list.length];
          if (p === q || p.arc === q.arc) continue;
          let gap = q.at - p.at;
          if (gap < 0) gap += TAU;
          const wanted = ((p.arc.width + q.arc.width) / 2 + 3) / reach;
          if (gap >= wanted) continue;
          const push = Math.min(0.05, (wanted - gap) / 2);
          for (const [end, way] of [[p, -1], [q, 1]]) {
            const next = Math.min(high, Math.max(low, end.arc.turn + end.sign * way * push));
            moved += Math.abs(next - end.arc.turn);
            end.arc.turn = next;
          }
        }
      }
      if (moved < 0.002) break;
    }
    for (const arc of arcs) arc.bend = Math.tan(arc.turn) / 2;
  }

  const at = (arc, t) => {
    const s = 1 - t;
    return { x: s * s * arc.a.x + 2 * s * t * arc.c.x + t * t * arc.b.x, y: s * s * arc.a.y + 2 * s * t * arc.c.y + t * t * arc.b.y };
  };

  /* Where along an arc it leaves a circle of radius r around one of its ends, 0..1. */
  function leave(arc, end, r, backward) {
    let low = 0, high = 0.5;
    for (let i = 0; i < 14; i++) {
      const mid = (low + high) / 2, p = at(arc, backward ? 1 - mid : mid);
      if (Math.hypot(p.x - end.x, p.y - end.y) < r) low = mid; else high = mid;
    }
    return backward ? 1 - high : high;
  }

  /* Bend an arc to the right of its travel and cut it where it meets the places at its ends. */
  function bendArc(arc, u) {
    const dx = arc.b.x - arc.a.x, dy = arc.b.y - arc.a.y;
    arc.c = { x: (arc.a.x + arc.b.x) / 2 - dy * arc.bend, y: (arc.a.y + arc.b.y) / 2 + dx * arc.bend };
    arc.length = Math.hypot(dx, dy) * (1 + arc.bend);
    arc.head = Math.min(arc.length * 0.4, arc.width * 0.75 + 11 * u);
    arc.from = leave(arc, arc.a, (arc.a.r || 0) + 2 * u, false);
    const tip = leave(arc, arc.b, (arc.b.r || 0) + 3 * u, true);
    arc.tip = at(arc, tip);
    arc.to = Math.max(arc.from + 0.02, leave(arc, arc.b, (arc.b.r || 0) + 3 * u + arc.head, true));
    arc.neck = at(arc, arc.to);
  }

  /* The part of a quadratic curve between two parameters, as its three points (de Casteljau). */
  function part(arc, t0, t1) {
    const p0 = at(arc, t0), p1 = at(arc, t1);
    const mix = (p, q, t) => ({ x: p.x + (q.x - p.x) * t, y: p.y + (q.y - p.y) * t });
    const c0 = mix(arc.a, arc.c, t0), c1 = mix(arc.c, arc.b, t0);
    return [p0, mix(c0, c1, t1), p1];
  }

  /* ---- from payload to arcs and places on the canvas ---- */
  function frameOf(corner, box, u, deep) {
    const board = document.body.dataset.board === "transfers";
    const top = corner.y + (board ? 92 : 190) * u, bottom = corner.y + box.clientHeight - (board ? 150 : 170) * u;
    const middle = corner.x + box.clientWidth / 2, half = Math.min(box.clientWidth / 2 - 122 * u, (bottom - top) * WIDEST);
    const narrow = half < box.clientWidth / 2 - 123 * u;
    return { left: middle - half, right: middle + half, top, bottom, title: (narrow ? 60 : deep ? 480 : 415) * u, tools: (narrow ? 60 : 240) * u };
  }

  function place(input) {
    const { view, payload, corner, box } = input, u = view.u, focus = payload.focus && gatherFocus(payload);
    const frame = frameOf(corner, box, u, input.deep), top = Math.max(1, ...payload.nodes.filter((n) => !n.outside && n.id !== focus).map((n) => n.total));
    state.frame = frame;
    state.deep = input.deep;
    const places = payload.nodes.filter((node) => !node.outside).length, largest = places > 14 ? 12 : 20, smallest = places > 14 ? 5 : 8;
    let around = 0;
    const ring = payload.nodes.filter((node) => node.around).length;
    /* The organisations of one building stand around it; elsewhere those without a point near their place. */
    const whole = ring > 0 && payload.nodes.every((node) => node.outside || node.around || node.rest);
    const wide = whole ? Math.min(0.5 * (frame.right - frame.left) - 230 * u, 420 * u) : 230 * u;
    const high = whole ? 0.5 * (frame.bottom - frame.top) - 95 * u : 170 * u;
    state.nodes = payload.nodes.map((node) => {
      if (node.outside) {
        const point = edgePoint(node.bearing, frame);
        return { ...node, ...point, r: 7 * u, long: Math.min(150, Math.max(34, 1.3 * node.total)) * u, thick: 11 * u };
      }
      const made = { ...node, x: view.x(node.lon), y: view.y(node.lat) };
      if (node.around) {
        const angle = (TAU * (around++ + (whole && ring < 3 ? 0.5 : 0))) / Math.max(whole ? 2 : 3, ring) - Math.PI / 2;
        made.x += Math.cos(angle) * wide; made.y += Math.sin(angle) * high;
      }
      made.x = Math.min(frame.right - 8 * u, Math.max(frame.left + 8 * u, made.x));
      const aside = made.x < frame.left + 480 * u || made.x > frame.right - 290 * u;  // title and tools hang down here
      made.y = Math.min(frame.bottom - 8 * u, Math.max(frame.top + (input.deep && aside ? 112 : 8) * u, made.y));
      made.r = node.id === focus ? 29 * u : node.total ? (focus ? 6 + 5 * Math.sqrt(node.total / top) : smallest + largest * Math.sqrt(node.total / top)) * u : 4 * u;
      return made;
    });
    partBars(state.nodes.filter((node) => node.outside), frame, u);
    state.byId = Object.fromEntries(state.nodes.map((node) => [node.id, node]));
    state.focusId = focus;
    const most = Math.max(1, ...payload.arcs.map((arc) => arc.n));
    const scale = Math.min(0.46, 27 / most);
    state.arcs = payload.arcs.map((arc) => {
      const a = state.byId[arc.from], b = state.byId[arc.to];
      if (!a || !b) return null;
      const chord = Math.hypot(b.x - a.x, b.y - a.y);
      if (chord < 6) return null;
      const width = Math.max(2.5, scale * arc.n) * u * (arc.hop > 1 ? 0.8 : 1);
      return { ...arc, a, b, width, bend: chord < 180 * u ? 0.3 : width > 16 * u ? 0.1 : 0.17 };
    }).filter(Boolean).sort((p, q) => q.hop - p.hop || q.n - p.n);
    spreadOnBars(state.arcs);
    if (state.arcs.length < 200) partArcs(state.arcs, 84 * u);
    state.arcs.forEach((arc, i) => { bendArc(arc, u); arc.phase = (i * 0.618) % 1; });
  }

  /* Arcs that meet at a bar share its length, in the order of their other ends, so that they do not cross there. */
  function spreadOnBars(arcs) {
    const ends = new Map();
    for (const arc of arcs) for (const side of ["a", "b"]) {
      const node = arc[side];
      if (!node.outside) continue;
      if (!ends.has(node.id)) ends.set(node.id, []);
      ends.get(node.id).push({ arc, side, node, other: side === "a" ? arc.b : arc.a });
    }
    for (const list of ends.values()) {
      const node = list[0].node, axis = node.edge === "top" || node.edge === "bottom" ? "x" : "y";
      const turned = (end) => end.other[axis] + (end.side === "a" ? 1 : -1) * (node.edge === "right" || node.edge === "top" ? 1 : -1) * (axis === "x" ? 1 : 1);
      list.sort((p, q) => p.other[axis] - q.other[axis] || turned(p) - turned(q));
      const room = list.reduce((sum, end) => sum + end.arc.width, 0), long = Math.max(node.long * 0.86, Math.min(room, node.long));
      const gap = list.length > 1 ? Math.max(0, long - room) / (list.length - 1) : 0;
      let at = node[axis] - (list.length > 1 ? long : room) / 2;
      for (const end of list) {
        end.arc[end.side] = { ...node, [axis]: at + end.arc.width / 2 };
        at += end.arc.width + gap;
      }
    }
  }

  /* A place outside may be asked for by a longer name than that of the province it is drawn as. */
  function gatherFocus(payload) {
    if (payload.nodes.some((node) => node.id === payload.focus)) return payload.focus;
    const found = payload.nodes.find((node) => node.outside && node.id.length > 4 && payload.focus.startsWith(node.id));
    return found ? found.id : payload.focus;
  }

  /* The first hop around another centre, made from what is here already: the picture the server will send. */
  function ahead(payload, id, scene) {
    const came = {}, went = {}, add = (sums, key, n) => { sums[key] = (sums[key] || 0) + n; };
    const arcs = payload.all.edges.filter(([from, to]) => (from === id) !== (to === id))
      .map(([from, to, n]) => ({ from, to, n, hop: 1, direction: to === id ? "in" : "out" }))
      .filter((arc) => scene.way === "both" || arc.direction === scene.way);
    for (const arc of arcs) for (const end of [arc.from, arc.to]) add(arc.direction === "in" ? came : went, end, arc.n);
    const drawn = arcs.filter((arc) => arc.n >= Number(scene.noise))
      .sort((p, q) => q.n - p.n || (p.from < q.from ? -1 : p.from > q.from ? 1 : p.to < q.to ? -1 : 1)).slice(0, 500);
    for (const way of ["in", "out"]) {
      const own = drawn.filter((arc) => arc.direction === way);
      const best = own.reduce((p, q) => (!p || q.n > p.n || (q.n === p.n && q.from > p.from) ? q : p), null);
      if (best) best.disc = way === "out" && scene.way === "both" ? 2 : 1;
    }
    const ends = new Set(drawn.flatMap((arc) => [arc.from, arc.to]));
    const nodes = payload.all.nodes.filter((node) => ends.has(node.id) || node.inside || node.id === id).map((node) => {
      const moved_in = came[node.id] || 0, moved_out = went[node.id] || 0;
      return { ...node, moved_in, moved_out, total: moved_in + moved_out };
    }).sort((p, q) => q.total - p.total || (p.id < q.id ? -1 : 1));
    return { ...payload, arcs: drawn, nodes, focus: id };
  }

  /* ---- drawing ---- */
  /* Colours by direction, near and further hops; read once a theme from the tokens. */
  function tones() {
    const theme = document.documentElement.dataset.theme;
    if (state.tones && state.theme === theme) return state.tones;
    state.theme = theme;
    const style = getComputedStyle(document.documentElement), token = (name) => style.getPropertyValue("--" + name).trim();
    const pair = (name) => [token(name), token(name + "-far")];
    return (state.tones = { in: pair("in"), out: pair("out"), between: pair("within") });
  }

  function drawArcs(pen, view) {
    const tone = tones(), dimmed = !state.focusId, lit = litArcs();
    for (const arc of lit.size ? [...state.arcs].sort((p, q) => lit.has(p) - lit.has(q)) : state.arcs) {
      pen.globalAlpha = lit.size && !lit.has(arc) ? 0.2 : 1;
      const ink = tone[arc.direction][arc.hop > 1 ? 1 : 0];
      const [p, c, q] = part(arc, arc.from, arc.to);
      const fade = pen.createLinearGradient(p.x, p.y, q.x, q.y);
      fade.addColorStop(0, ink + "1f"); fade.addColorStop(0.5, ink + (dimmed ? "80" : "99")); fade.addColorStop(1, ink + "f2");
      pen.strokeStyle = fade; pen.lineWidth = arc.width; pen.lineCap = "butt";
      pen.beginPath(); pen.moveTo(p.x, p.y); pen.quadraticCurveTo(c.x, c.y, q.x, q.y); pen.stroke();
      const dx = arc.tip.x - arc.neck.x, dy = arc.tip.y - arc.neck.y, length = Math.hypot(dx, dy) || 1;
      const half = arc.width / 2 + 6 * view.u, nx = (-dy / length) * half, ny = (dx / length) * half;
      pen.fillStyle = ink;
      pen.beginPath(); pen.moveTo(arc.tip.x, arc.tip.y); pen.lineTo(arc.neck.x + nx, arc.neck.y + ny);
      pen.lineTo(arc.neck.x - nx, arc.neck.y - ny); pen.closePath(); pen.fill();
    }
    pen.globalAlpha = 1;
  }

  /* What a lit arc carries stands on its middle. */
  function drawLit(pen, view) {
    const u = view.u, lit = [...litArcs()].slice(0, 4);
    for (const arc of lit) {
      const p = at(arc, arc.from + (arc.to - arc.from) * 0.5), text = String(arc.n);
      pen.font = `700 ${30 * u}px "Ejia Sans", sans-serif`; pen.textAlign = "center"; pen.textBaseline = "middle";
      const w = pen.measureText(text).width / 2 + 10 * u, h = 20 * u;
      pen.fillStyle = view.colour.ground; pen.fillRect(p.x - w, p.y - h, 2 * w, 2 * h);
      pen.strokeStyle = tones()[arc.direction][0]; pen.lineWidth = 2 * u; pen.strokeRect(p.x - w, p.y - h, 2 * w, 2 * h);
      pen.fillStyle = view.colour.strong; pen.fillText(text, p.x, p.y + 2 * u);
    }
  }

  /* A place is a ring: the share that came in cyan, that left in sand, clockwise from the top. */
  function drawNodes(pen, view) {
    const u = view.u, tone = tones(), many = state.nodes.length > MANY;
    for (const node of [...state.nodes].sort((a, b) => a.r - b.r)) {
      if (node.outside) { bar(pen, node, view); continue; }
      const chosen = node.id === state.focusId;
      if (!node.total && !chosen && many) continue;  // of very many places those without flows stay silent
      pen.beginPath(); pen.arc(node.x, node.y, node.r, 0, TAU);
      pen.fillStyle = chosen ? view.colour.window : view.colour.ground; pen.fill();
      pen.lineWidth = (chosen ? 4 : 2.4) * u;
      if (chosen) { pen.strokeStyle = view.colour.strong; pen.stroke(); continue; }
      if (!node.total) { pen.strokeStyle = view.colour.faint; pen.lineWidth = 1.6 * u; pen.stroke(); continue; }
      const cut = -Math.PI / 2 + (TAU * node.moved_in) / node.total, thick = Math.max(2.6 * u, node.r * 0.3);
      pen.lineWidth = thick;
      [[tone.in[0], -Math.PI / 2, cut], [tone.out[0], cut, 1.5 * Math.PI]].forEach(([ink, from, to]) => {
        if (to - from < 1e-6) return;
        pen.strokeStyle = ink; pen.beginPath(); pen.arc(node.x, node.y, node.r - thick / 2, from, to); pen.stroke();
      });
    }
  }

  function bar(pen, node, view) {
    const flat = node.edge === "top" || node.edge === "bottom";
    const w = flat ? node.long : node.thick, h = flat ? node.thick : node.long;
    pen.fillStyle = node.id === state.focusId ? view.colour.cyan : view.colour.strong;
    if (node.merged) {
      pen.strokeStyle = view.colour.strong; pen.lineWidth = 2 * view.u; pen.fillStyle = view.colour.ground;
      pen.fillRect(node.x - w / 2, node.y - h / 2, w, h); pen.strokeRect(node.x - w / 2, node.y - h / 2, w, h);
    } else pen.fillRect(node.x - w / 2, node.y - h / 2, w, h);
  }

  /* Numbers on the strongest path, in the order of time; the alluvial beside the map carries the same ones. */
  function drawDiscs(pen, view) {
    const u = view.u, tone = tones(), r = 17 * u, placed = [];
    for (const arc of state.arcs) {
      if (!arc.disc) continue;
      const spot = [0.5, 0.42, 0.6, 0.34, 0.7].map((t) => at(arc, arc.from + (arc.to - arc.from) * t))
        .find((p) => placed.every((q) => Math.hypot(p.x - q.x, p.y - q.y) > 2.4 * r) &&
          state.nodes.every((n) => Math.hypot(p.x - n.x, p.y - n.y) > n.r + r)) || at(arc, 0.5);
      placed.push({ ...spot, disc: arc.disc });
      pen.beginPath(); pen.arc(spot.x, spot.y, r, 0, TAU);
      pen.fillStyle = view.colour.ground; pen.fill();
      const ink = tone[arc.direction][arc.hop > 1 ? 1 : 0];
      pen.strokeStyle = ink; pen.lineWidth = 2.4 * u; pen.stroke();
      pen.fillStyle = arc.hop > 1 ? ink : view.colour.strong;
      pen.font = `700 ${24 * u}px "Ejia Sans", sans-serif`; pen.textAlign = "center"; pen.textBaseline = "middle";
      pen.fillText(String(arc.disc), spot.x, spot.y + 1.5 * u);
    }
    state.discs = placed;
  }

  function dots(strip, now, view) {
    const r = 3.2 * view.u, lit = litArcs(), pen = strip.getContext("2d"), left = strip.room[0] - r, right = strip.room[2] + r;
    pen.fillStyle = view.colour.strong; pen.globalAlpha = 0.85;
    pen.beginPath();
    for (const arc of state.arcs) {
      if (lit.size && !lit.has(arc)) continue;
      const many = Math.min(3, 1 + Math.floor(arc.width / (9 * view.u))), speed = (46 * view.u) / arc.length / 1000;
      for (let i = 0; i < many; i++) {
        const t = (arc.phase + i / many + now * speed) % 1, p = at(arc, arc.from + (arc.to - arc.from) * t);
        if (p.x < left || p.x > right) continue;
        pen.moveTo(p.x + r, p.y); pen.arc(p.x, p.y, r, 0, TAU);
      }
    }
    pen.fill();
    pen.globalAlpha = 1;
  }

  /* ---- the layer: a canvas for what stands, strips of canvas for what moves ---- */
  function lay(canvas, at, size, scale) {
    L.DomUtil.setPosition(canvas, at);
    const w = Math.round(size.x * scale), h = Math.round(size.y * scale);
    if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
    canvas.style.width = size.x + "px"; canvas.style.height = size.y + "px";
    canvas.style.opacity = 1;
  }

  /* The room in which dots move, whole px: that of the arcs, cut to what is seen. */
  function reachOf(view) {
    const room = [Infinity, Infinity, -Infinity, -Infinity], r = 5 * view.u;
    for (const arc of state.arcs) for (let t = 0; t <= 1; t += 0.0625) {
      const p = at(arc, arc.from + (arc.to - arc.from) * t);
      room[0] = Math.min(room[0], p.x - r); room[1] = Math.min(room[1], p.y - r);
      room[2] = Math.max(room[2], p.x + r); room[3] = Math.max(room[3], p.y + r);
    }
    const seen = state.seen;
    return [Math.max(seen[0], Math.floor(room[0])), Math.max(seen[1], Math.floor(room[1])),
      Math.min(seen[2], Math.ceil(room[2])), Math.min(seen[3], Math.ceil(room[3]))];
  }

  function makeLayer() {
    return L.Layer.extend({
      onAdd(map) {
        this.pane = map.getPane("overlayPane");
        this.still = this.sheet();
        this.strips = [];
      },
      sheet() {
        const canvas = document.createElement("canvas");
        canvas.className = "wall-canvas flow-canvas";
        this.pane.append(canvas);
        return canvas;
      },
      onRemove() {
        cancelAnimationFrame(state.ticket); state.ticket = 0;
        for (const canvas of [this.still, ...this.strips]) canvas.remove();
        handle.remove();
      },
      getEvents() { return { zoomstart: this._hide }; },
      _hide() { for (const canvas of [this.still, ...this.strips]) canvas.style.opacity = 0; },
      fit(bounds) {
        const size = bounds.getSize(), ratio = window.devicePixelRatio || 1;
        lay(this.still, bounds.min, size, ratio);
        return ratio;
      },
      /* Lay strips side by side over what moves. A large picture has several, of which each frame renews one: what
         changes at once is what a screen without a graphics card can put together again in a sixtieth of a second. */
      cut(min, box) {
        const width = box[2] - box[0], height = box[3] - box[1], ratio = window.devicePixelRatio || 1;
        const many = width > 0 && height > 0 ? Math.ceil((width * height * ratio * ratio) / MOST_CHANGED) : 0;
        while (this.strips.length > many) this.strips.pop().remove();
        while (this.strips.length < many) this.strips.push(this.sheet());
        /* Moving dots need no more points than a 1080-line wall has: a larger wall shows them stretched. */
        const coarse = Math.min(ratio, Math.sqrt(MOST_MOVING / (width * height)));
        this.strips.forEach((canvas, i) => {
          const left = Math.round(box[0] + (width * i) / many), right = Math.round(box[0] + (width * (i + 1)) / many);
          lay(canvas, min.add([left, box[1]]), { x: right - left, y: height }, coarse);
          const pen = canvas.getContext("2d");
          pen.setTransform(coarse, 0, 0, coarse, -left * coarse, -box[1] * coarse);
          canvas.room = [left, box[1], right, box[3]];
          wipe(canvas);
        });
      },
    });
  }

  /* Paint the flows for the map's present view; null takes them off the map. Called at each drawing of the map. */
  function update(input) {
    if (!input) {
      if (state.layer) { state.layer.remove(); state.layer = null; }
      state.arcs = []; state.nodes = []; state.byId = {}; state.labels = [];
      light(null);
      return;
    }
    const { map, view, bounds } = input;
    if (!state.layer) { const Layer = makeLayer(); state.layer = new Layer(); state.layer.addTo(map); }
    const ratio = state.layer.fit(bounds);
    state.view = view; state.shape = input.shape; state.ratio = ratio; state.min = bounds.min;
    const corner = input.corner.round ? input.corner.round() : input.corner, box = input.box;
    state.seen = [corner.x, corner.y, corner.x + box.clientWidth, corner.y + box.clientHeight];
    place(input);
    paint();
    besides();
    state.layer.cut(bounds.min, mayMove() ? reachOf(view) : [0, 0, 0, 0]);
    run();
  }

  /* Draw what stands. */
  function paint() {
    const view = state.view, ratio = state.ratio, pen = state.layer.still.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, view.width, view.height);
    if (state.shape) ejia.marks.outline(pen, view.path(state.shape), view, 2.5, view.colour.strong);
    drawArcs(pen, view);
    drawNodes(pen, view);
    drawDiscs(pen, view);
    drawLit(pen, view);
  }

  /* ---- one flow lit: its arc, its ribbon in the alluvial and its cell in the matrix, the rest dimmed ---- */
  const layerOf = (arc) => ({ in: -arc.hop, out: arc.hop })[arc.direction] || 0;
  const ribbons = () => [...document.querySelectorAll(".flow-alluvial .ribbon")].map((mark) =>
    ({ mark, layer: Number(mark.dataset.layer), from: mark.dataset.from, to: mark.dataset.to }));
  const same = (p, q) => p.layer === q.layer && p.from === q.from && p.to === q.to;

  /* Whether an arc is in a ribbon; a ribbon from or to the rest of its row holds the arcs of all places without a band. */
  function holds(ribbon, arc, all) {
    if (ribbon.layer !== arc.layer) return false;
    return ["from", "to"].every((side) => ribbon[side] === arc[side] ||
      (ribbon[side] === "rest" && !all.some((other) => other.layer === arc.layer && other[side] === arc[side])));
  }
  const ends = (arc) => ({ layer: layerOf(arc), from: arc.a.id, to: arc.b.id });
  function litArcs() {
    if (!state.lit) return new Set();
    const all = state.lit.ribbon ? ribbons() : [];
    return new Set(state.arcs.filter((arc) => (state.lit.ribbon ? holds(state.lit, ends(arc), all) : same(state.lit, ends(arc)))));
  }

  /* Light a flow, or none; the flow that is lit already goes out. */
  function light(flow) {
    const next = flow && state.lit && same(flow, state.lit) ? null : flow;
    if (!next && !state.lit) return;
    state.lit = next;
    if (state.layer) paint();
    besides();
  }

  /* Mark what is lit beside the map. */
  function besides() {
    const lit = state.lit, all = ribbons(), arcs = lit ? [...litArcs()] : [];
    for (const one of all) {
      const on = Boolean(lit) && (lit.ribbon ? same(lit, one) : holds(one, lit, all));
      one.mark.classList.toggle("lit", on);
      one.mark.setAttribute("aria-pressed", String(on));
      one.mark.ownerSVGElement.classList.toggle("lit", Boolean(lit) && all.some((other) => (lit.ribbon ? same(lit, other) : holds(other, lit, all))));
    }
    for (const cell of document.querySelectorAll(".flow-matrix td[data-from]"))
      cell.classList.toggle("lit", arcs.some((arc) => arc.a.id === cell.dataset.from && arc.b.id === cell.dataset.to));
    hold();
  }

  /* The arc under a tap, near its line: its ends and layer, or null. */
  function arcUnder(x, y, reach) {
    let best = null;
    for (const arc of state.arcs) {
      for (let t = 0; t <= 1; t += 0.02) {
        const p = at(arc, arc.from + (arc.to - arc.from) * t), d = Math.max(0, Math.hypot(p.x - x, p.y - y) - arc.width / 2);
        if (d < reach && (!best || d < best.d)) best = { ...ends(arc), d };
      }
    }
    return best && { layer: best.layer, from: best.from, to: best.to };
  }

  /* By key: one button stands on one arc, the largest first; arrows carry it to the next one. */
  const handle = document.createElement("button");
  handle.type = "button"; handle.className = "arc-key"; handle.dataset.key = "flow/arc";
  let held = 0;
  const bySize = () => [...state.arcs].sort((p, q) => p.hop - q.hop || q.n - p.n || (p.a.id + p.b.id < q.a.id + q.b.id ? -1 : 1));
  function hold() {
    const arcs = bySize();
    if (!state.layer || !arcs.length) { handle.remove(); return; }
    held = Math.min(held, arcs.length - 1);
    const arc = arcs[held], p = at(arc, arc.from + (arc.to - arc.from) * 0.5), english = document.documentElement.lang === "en";
    const name = (node) => (english && node.name_en) || node.name || node.id;
    const pane = state.layer.still.parentNode;
    if (handle.parentNode !== pane) pane.append(handle);
    handle.style.transform = `translate(${state.min.x + p.x}px, ${state.min.y + p.y}px) translate(-50%, -50%)`;
    handle.setAttribute("aria-label", `${name(arc.a)} → ${name(arc.b)} ${arc.n}`);
    handle.setAttribute("aria-pressed", String(Boolean(state.lit) && litArcs().has(arc)));
  }
  handle.addEventListener("click", (event) => { event.stopPropagation(); light(ends(bySize()[held])); });
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key], many = state.arcs.length;
    if (!step || !many) return;
    event.preventDefault(); event.stopPropagation();
    held = (held + step + many) % many;
    hold();
  });

  const flowOf = (mark) => ({ ribbon: true, layer: Number(mark.dataset.layer), from: mark.dataset.from, to: mark.dataset.to });
  document.addEventListener("click", (event) => {
    const mark = event.target.closest && event.target.closest(".flow-alluvial .ribbon");
    if (mark) light(flowOf(mark));
  });
  document.addEventListener("keydown", (event) => {
    const mark = event.target.closest && event.target.closest(".flow-alluvial .ribbon");
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (mark && (step || event.key === "Enter" || event.key === " ")) {
      event.preventDefault(); event.stopImmediatePropagation();
      if (!step) return light(flowOf(mark));
      const all = ribbons().map((one) => one.mark), next = all[(all.indexOf(mark) + step + all.length) % all.length];
      for (const one of all) one.setAttribute("tabindex", one === next ? "0" : "-1");
      return next.focus();
    }
    if (event.key === "Escape" && state.lit && !document.body.dataset.sheet && !event.target.closest("input, textarea, select")) {
      event.preventDefault(); event.stopImmediatePropagation();
      light(null);
    }
  }, true);
  (ejia.sceneActs = ejia.sceneActs || []).push(() => light(null));

  /* Dots run while the transfers board is open and nobody asked for stillness. */
  const mayMove = () => state.layer && !still.matches && document.body.dataset.board === "transfers" && !document.hidden;
  function run() {
    if (state.ticket || !mayMove()) return;
    const step = (now) => {
      state.ticket = 0;
      const strips = state.layer ? state.layer.strips : [];
      if (!mayMove() || !strips.length) { strips.forEach(wipe); return; }
      state.frames += 1;
      const strip = strips[state.frames % strips.length];
      wipe(strip);
      dots(strip, now, state.view);
      state.ticket = requestAnimationFrame(step);
    };
    state.ticket = requestAnimationFrame(step);
  }
  function wipe(strip) {
    const [left, top, right, bottom] = strip.room;
    strip.getContext("2d").clearRect(left, top, right - left, bottom - top);
  }
  /* Dots begin again where they had stopped; their strips are laid when they are wanted first. */
  function again() {
    if (mayMove() && state.view && !state.layer.strips.length) state.layer.cut(state.min, reachOf(state.view));
    run();
  }
  document.addEventListener("visibilitychange", again);
  still.addEventListener("change", again);

  /* ---- names: each place's name with what came and went, clear of arcs, places and each other ---- */
  function names(view, nameOf, width, zone) {
    const u = view.u, taken = (state.discs || []).map((d) => [d.x - 19 * u, d.y - 19 * u, d.x + 19 * u, d.y + 19 * u]), kept = [];
    for (const node of state.nodes) taken.push(node.outside ? barRoom(node) : [node.x - node.r, node.y - node.r, node.x + node.r, node.y + node.r]);
    if (document.body.dataset.board === "transfers") {
      taken.push([zone[0] - 99 * u, zone[1] - 99 * u, zone[0] + (state.deep ? 500 : 430) * u, zone[1] + 92 * u, 5]);
      taken.push([zone[2] - (state.deep ? 300 : 210) * u, zone[1] - 99 * u, zone[2] + 99 * u, zone[1] + 44 * u, 5]);
      taken.push([zone[2] - 130 * u, zone[3] - 30 * u, zone[2] + 99 * u, zone[3], 5]);
    }
    const seams = ejia.seamsInCanvas ? ejia.seamsInCanvas(ejia.mapState.layer.offset(), ejia.mapState.map.getContainer()) : { x: [], y: [] };
    const samples = [];
    for (const arc of state.arcs) for (let t = 0.1; t < 1; t += 0.08) samples.push(at(arc, arc.from + (arc.to - arc.from) * t));
    const crowded = state.nodes.filter((node) => !node.outside).length > 14;
    const order = [...state.nodes].sort((a, b) => (b.id === state.focusId) - (a.id === state.focusId) || b.outside - a.outside || b.total - a.total);
    /* The best spot for a label: clear of other labels always, of places and arcs where it can be. */
    function spotOf(node, one) {
      const w = Math.max(width(one.text, one.size * u), one.figures ? width(one.figures, 30 * u) : 0) + 8 * u;
      const h = (one.size * 1.25 + (one.figures ? 34 : 0)) * u;
      let best = null;
      for (const [x0, y0, cost] of node.outside ? barSpots(node, w, h, u) : spotsAround(node, w, h, u)) {
        const x = x0 + ejia.offSeam(x0 - w / 2, x0 + w / 2, seams.x), y = y0 + ejia.offSeam(y0 - h / 2, y0 + h / 2, seams.y);
        const room = [x - w / 2, y - h / 2, x + w / 2, y + h / 2];
        const meets = (q) => room[0] < q[2] && room[2] > q[0] && room[1] < q[3] && room[3] > q[1];
        if (room[0] < zone[0] || room[1] < zone[1] || room[2] > zone[2] || room[3] > zone[3]) continue;
        if (kept.some((other) => other.room && meets(other.room))) continue;
        const hits = taken.filter(meets).reduce((sum, q) => sum + (q[4] || 1), 0);
        const over = samples.filter((p) => p.x > room[0] && p.x < room[2] && p.y > room[1] && p.y < room[3]).length;
        const score = hits * 100 + over * 2 + cost;
        if (!best || score < best.score) best = { x, y, room, score, hits };
      }
      return best;
    }
    for (const node of order) {
      if (!node.total && node.id !== state.focusId && order.length > MANY) continue;
      let one = labelOf(node, nameOf(node), u);
      if (one.inner) { kept.push({ ...one, x: node.x, y: node.y }); continue; }
      let best = spotOf(node, one);
      if (!best && one.figures) { one = { ...one, figures: "", flow: null }; best = spotOf(node, one); }
      if (!best || (best.hits && !node.outside && (crowded || !node.total))) continue;
      kept.push({ ...one, x: best.x, y: best.y, room: best.room });
    }
    state.rooms = kept.filter((one) => one.room).map((one) => one.room);
    return kept;
  }

  function labelOf(node, text, u) {
    const figures = [node.moved_in ? "+" + node.moved_in : "", node.moved_out ? "−" + node.moved_out : ""].filter(Boolean).join(" ");
    const chosen = node.id === state.focusId, inner = chosen && !node.outside && [...text].length <= 2 && text.charCodeAt(0) > 255;
    return { id: node.id, text, size: 22, kind: "flow" + (node.outside ? " edge" : "") + (node.total || chosen ? "" : " none") + (chosen ? " chosen" : ""),
      inner, figures: chosen ? "" : figures, verb: node.merged || node.rest ? "" : "trace", arg: node.id, flow: chosen || !node.total ? null : node };
  }

  const barRoom = (node) => {
    const flat = node.edge === "top" || node.edge === "bottom", w = (flat ? node.long : node.thick) / 2, h = (flat ? node.thick : node.long) / 2;
    return [node.x - w, node.y - h, node.x + w, node.y + h];
  };
  function barSpots(node, w, h, u) {
    const gap = 12 * u, out = [];
    const add = (x, y, cost) => out.push([x, y, cost]);
    if (node.edge === "left" || node.edge === "right") {
      const side = node.edge === "left" ? 1 : -1, x = node.x + side * (w / 2 + gap);
      for (const dy of [0, -node.long / 2 - h / 2, node.long / 2 + h / 2, -h, h, -1.7 * h, 1.7 * h, -2.6 * h, 2.6 * h]) add(x, node.y + dy, Math.abs(dy) / (20 * u));
    } else {
      const side = node.edge === "top" ? 1 : -1, y = node.y + side * (h / 2 + gap);
      for (const dx of [0, -node.long / 2 - w / 2 - 4 * u, node.long / 2 + w / 2 + 4 * u]) add(node.x + dx, dx ? node.y + side * h / 2 : y, Math.abs(dx) / (20 * u));
      for (const dx of [0, -w / 2, w / 2, -w, w]) add(node.x + dx, y + side * h * 1.05, 12 + Math.abs(dx) / (20 * u));
    }
    return out;
  }
  function spotsAround(node, w, h, u) {
    const gap = node.r + 5 * u, out = [];
    [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 0.8], [-1, 0.8], [1, -0.8], [-1, -0.8]].forEach(([sx, sy], i) => {
      out.push([node.x + sx * (gap + w / 2), node.y + sy * (gap * (sx ? 0.6 : 1) + h / 2), i * 0.5]);
      out.push([node.x + sx * (gap + w * 0.62), node.y + sy * (gap + h * 0.8), 8 + i * 0.5]);
    });
    return out;
  }

  /* The place under a tap, within reach: its id, or null. */
  function under(x, y, reach) {
    let best = null;
    for (const node of state.nodes) {
      if (node.merged || node.rest) continue;
      const room = node.outside ? barRoom(node) : null;
      const d = room ? Math.hypot(Math.max(room[0] - x, 0, x - room[2]), Math.max(room[1] - y, 0, y - room[3])) : Math.max(0, Math.hypot(node.x - x, node.y - y) - node.r);
      if (d < reach && (!best || d < best.d)) best = { id: node.id, d };
    }
    return best && best.id;
  }

  /* ---- hands: the slider of the least flow, the window over the months, drawn buttons by key ---- */
  const stopsOf = (slider) => slider.dataset.stops.split(",");
  function slide(slider, place) {
    const stops = stopsOf(slider), next = stops[Math.min(stops.length - 1, Math.max(0, place))];
    if (next === slider.dataset.now) return;
    const button = slider.querySelector(`[data-key="noise/${next}"]`);
    if (button && slider.contains(document.activeElement)) button.focus({ preventScroll: true });
    ejia.send("noise", next);
  }
  document.addEventListener("keydown", (event) => {
    const slider = event.target.closest && event.target.closest(".flow-noise");
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (slider && (step || event.key === "Home" || event.key === "End")) {
      const here = stopsOf(slider).indexOf(slider.dataset.now);
      event.preventDefault(); event.stopImmediatePropagation();
      return slide(slider, event.key === "Home" ? 0 : event.key === "End" ? 99 : here + step);
    }
    const drawn = event.target.closest && event.target.closest("g[data-verb]");
    if (drawn && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault(); event.stopImmediatePropagation();
      ejia.send(drawn.dataset.verb, drawn.dataset.arg);
    }
  }, true);

  let drag = null;
  document.addEventListener("pointerdown", (event) => {
    const slider = event.target.closest(".flow-noise"), months = event.target.closest(".flow-months");
    if (slider) drag = { slider, x: event.clientX };
    else if (months) drag = { months, x: event.clientX, end: grabbed(months, event.clientX) };
  });
  /* A finger within 22 design px of the window's left end takes that end, else the window. */
  function grabbed(months, x) {
    const first = months.querySelector("button.on"), u = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    return first && Math.abs(first.getBoundingClientRect().left - x) < 22 * u ? "first" : "last";
  }
  document.addEventListener("pointerup", (event) => {
    const was = drag;
    drag = null;
    if (!was || Math.abs(event.clientX - was.x) < 12) return;
    if (was.slider) {
      const box = was.slider.getBoundingClientRect(), stops = stopsOf(was.slider).length;
      return slide(was.slider, Math.floor(((event.clientX - box.left) / box.width) * stops));
    }
    const buttons = [...was.months.querySelectorAll("button")];
    const under = buttons.findIndex((one) => { const box = one.getBoundingClientRect(); return event.clientX >= box.left && event.clientX < box.right; });
    const place = under < 0 ? (event.clientX < buttons[0].getBoundingClientRect().left ? 0 : buttons.length - 1) : under;
    const on = buttons.map((one, i) => (one.classList.contains("on") ? i : -1)).filter((i) => i >= 0), last = on[on.length - 1];
    if (was.end === "first") {
      const wanted = last - place + 1, spans = { month: 1, quarter: 3, year: 12 };
      const best = Object.keys(spans).reduce((p, q) => (Math.abs(spans[q] - wanted) < Math.abs(spans[p] - wanted) ? q : p));
      return ejia.send("span", best);
    }
    const start = buttons.findIndex((one) => { const box = one.getBoundingClientRect(); return was.x >= box.left && was.x < box.right; });
    const moved = on.includes(start) ? last + place - start : place;
    ejia.send("month", buttons[Math.min(buttons.length - 1, Math.max(0, moved))].dataset.month);
  });

  ejia.flows = { state, update, names, under, arcUnder, light, litArcs, ahead, geometry: { edgePoint, partArcs, bendArc, at, part } };
})();
