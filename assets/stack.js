/* The building's floors as a stack of plates, one plate a floor, drawn as SVG beside its footprint. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  const NS = "http://www.w3.org/2000/svg";
  /* Top, front and side of a plate: one colour, the sides with some of the ground in it. */
  const shaded = (colour) => [colour, `color-mix(in srgb, ${colour} 55%, var(--ground))`, `color-mix(in srgb, ${colour} 75%, var(--ground))`];
  const TONE = Object.fromEntries(Object.entries({ own: "cyan", joint: "joint", under3: "under3", none: "empty", gap: "amber", chosen: "foot-chosen" })
    .map(([kind, token]) => [kind, shaded(`var(--${token})`)]));
  const ROWS = 14;

  function node(name, attributes, text) {
    const made = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /* Fold floors so that at most ROWS plates stand: equal neighbours become one plate with a range. */
  function plates(floors) {
    const same = (a, b) => a.organisations.length === 0 && b.organisations.length === 0 && String(a.units) === String(b.units);
    let out = floors.map((floor) => ({ ...floor, low: floor.floor, high: floor.floor }));
    const empty = (plate) => plate.organisations.length === 0 && !plate.units.includes("gap");
    for (let pass = 0; pass < 2 && out.length > ROWS; pass++) {
      const folded = [];
      for (const plate of out) {
        const last = folded[folded.length - 1];
        const join = last && folded.length + (out.length - out.indexOf(plate)) > ROWS && (pass === 0 ? same(last, plate) : empty(last) && empty(plate));
        if (join) last.high = plate.high; else folded.push({ ...plate });
      }
      out = folded;
    }
    return out;
  }

  const point = (x, y) => `${x.toFixed(1)},${y.toFixed(1)}`;

  /* Project plan units (a along, b across) at a height onto the picture. */
  function projector(left, base, along, across) {
    return (a, b, z) => [left + a * along[0] + b * across[0], base + a * along[1] + b * across[1] - z];
  }

  function plate(svg, place, at, z, thick, label) {
    const housed = place.organisations.length > 0 && !place.units.some((kind) => kind === "own" || kind === "joint");
    const kinds = housed ? ["own", ...place.units] : place.units.length ? place.units : ["none"];
    const group = node("g", { class: "plate", role: "button", tabindex: 0, "aria-label": label, "data-verb": "drill", "data-arg": place.id, "data-key": "place/" + place.id });
    const face = (a, b, kind, side) => group.append(node("polygon", { points: [...a, ...b].map(([x, y]) => point(x, y)).join(" "), fill: TONE[kind][side] }));
    kinds.forEach((kind, i) => {
      const a0 = i / kinds.length, a1 = (i + 1) / kinds.length - (i + 1 < kinds.length ? 0.012 : 0);
      const tone = place.chosen ? "chosen" : kind;
      face([at(a0, 1, z), at(a1, 1, z)], [at(a1, 1, z - thick), at(a0, 1, z - thick)], tone, 1);
      if (i === kinds.length - 1) face([at(a1, 0, z), at(a1, 1, z)], [at(a1, 1, z - thick), at(a1, 0, z - thick)], tone, 2);
      const top = [at(a0, 0, z), at(a1, 0, z), at(a1, 1, z), at(a0, 1, z)].map(([x, y]) => point(x, y)).join(" ");
      group.append(node("polygon", { points: top, fill: kind === "gap" && !place.chosen ? "url(#gap-hatch)" : TONE[tone][0],
        stroke: kind === "gap" ? "var(--amber)" : "var(--ground)", "stroke-width": kind === "gap" ? 2 : 1 }));
    });
    svg.append(group);
  }

  function hatchPattern() {
    const defs = node("defs", {}), pattern = node("pattern", { id: "gap-hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
    pattern.append(node("rect", { width: 7, height: 7, fill: "var(--far-land)" }), node("rect", { width: 3.4, height: 7, fill: "var(--amber)" }));
    defs.append(pattern);
    return defs;
  }

  function floorLabel(row) { return row.low === row.high ? String(row.low) : `${row.low}–${row.high}`; }

  /* Type in the picture's own units: what is drawn smaller than the wall's own scale gets larger letters. */
  function typeOf(holder, height) {
    const unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    const scale = Math.min(holder.clientWidth / 1000, holder.clientHeight / height) / unit;
    return Math.max(26, Math.min(42, 26 / (scale || 1)));
  }

  /* What a screen reader says of a plate: the floor, and who is on it. */
  function spoken(row) {
    const on = row.organisations.map((org) => org.name).join(", ");
    return ejia.say("floor").replace("{number}", floorLabel(row)) + " " + (on || (row.units.includes("gap") ? ejia.say("gap") : ""));
  }

  function nameRow(svg, row, y, x, right, scene, size) {
    const shown = row.organisations.slice(0, 1);
    shown.forEach((org) => {
      const group = node("g", { role: "button", tabindex: 0, "data-verb": "organisation", "data-arg": org.id, "data-key": "organisation/" + org.id, class: "org-name" });
      const more = row.organisations.length > 1 ? " +" + (row.organisations.length - 1) : "", told = (org.band || "") + more;
      const room = right - x - size - 0.69 * size * told.length, text = org.name;
      const fit = Math.floor(room / size);
      group.append(node("rect", { x: x - 12, y: y - 22, width: right - x + 20, height: 44, fill: "transparent" }));
      group.append(node("text", { x, y: y + 0.35 * size, class: scene.organisation === org.id ? "chosen" : "" }, text.length > fit ? text.slice(0, fit - 1) + "…" : text));
      group.append(node("text", { x: right, y: y + 0.37 * size, "text-anchor": "end", class: "quiet" }, told));
      svg.append(group);
    });
    if (!shown.length && row.units.includes("gap")) {
      svg.append(node("path", { d: `M${x} ${y} l11 -11 l11 11 l-11 11 z`, fill: "none", stroke: "var(--amber)", "stroke-width": 2.5 }));
      svg.append(node("text", { x: x + 34, y: y + 0.35 * size, class: "gap" }, ejia.words && ejia.words[scene.lang] ? ejia.words[scene.lang].gap : ""));
    }
  }

  /* Draw the chosen building's floors; nothing where no building is chosen. */
  ejia.stack = function (scene, payload) {
    const holder = document.getElementById("stack");
    if (!holder) return;
    holder.replaceChildren();
    const shown = payload && payload.floors && payload.building && scene.chain.includes(payload.building);
    document.body.classList.toggle("has-stack", Boolean(shown));
    if (!shown) return;
    const floor = scene.place.includes("/") ? Number(scene.place.split("/")[1]) : null;
    const rows = plates(payload.floors.map((one) => ({ ...one, id: payload.building + "/" + one.floor, chosen: one.floor === floor })));
    const step = Math.min(46, 620 / Math.max(rows.length, 6)), height = rows.length * step + 190;
    const size = typeOf(holder, height);
    const svg = node("svg", { viewBox: `0 0 1000 ${height}`, class: "stack", role: "group", style: `--type: ${size.toFixed(1)}px`, "aria-label": payload.name });
    svg.append(hatchPattern());
    const at = projector(250, height - 120, [214 * 0.93, 214 * 0.2], [-118 * 0.82, 118 * 0.21]);
    const top = (rows.length - 1) * step;
    for (const [a, b] of [[0, 1], [1, 1], [1, 0]]) {
      const [x1, y1] = at(a, b, 0), [x2, y2] = at(a, b, top);
      svg.append(node("line", { x1, y1, x2, y2, class: "corner" }));
    }
    rows.forEach((row, i) => {
      plate(svg, row, at, i * step, 7, spoken(row));
      const [, y] = at(1, 0, i * step);
      const label = node("text", { x: 120, y: at(0, 1, i * step)[1] + 0.24 * size, "text-anchor": "end", class: row.units.includes("gap") ? "floor gap" : "floor" }, floorLabel(row));
      svg.append(label);
      if (row.organisations.length || row.units.includes("gap")) {
        const [ex] = at(1, 0.4, i * step);
        svg.append(node("line", { x1: ex + 6, y1: y + 8, x2: 498, y2: y + 8, class: "leader" }));
        nameRow(svg, row, y + 8, 512, 990, scene, size);
      }
    });
    holder.append(svg);
    ejia.leaders(corners);
  };

  /* Two hairlines from the footprint to its ground floor: the map stays in plan, only the choice rises. */
  let corners = null;
  ejia.leaders = function (at) {
    corners = at;
    const box = document.getElementById("map-box"), ground = document.querySelector("#stack .plate"), old = document.getElementById("leaders");
    if (old) old.remove();
    if (!box || !at || !ground || !document.body.classList.contains("has-stack")) return;
    const frame = box.getBoundingClientRect(), plate = ground.getBoundingClientRect(), [a, b] = at;
    const svg = node("svg", { id: "leaders", "aria-hidden": "true" });
    const left = [plate.left - frame.left, plate.top - frame.top + plate.height * 0.51], low = [plate.left - frame.left + plate.width * 0.67, plate.bottom - frame.top];
    for (const [from, to] of [[a, left], [b, low]]) svg.append(node("line", { x1: from.x, y1: from.y, x2: to[0], y2: to[1] }));
    box.insertBefore(svg, document.getElementById("stack"));
  };

  document.addEventListener("keydown", (event) => {
    const target = event.target.closest && event.target.closest("[data-verb]");
    if (target && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); ejia.send(target.dataset.verb, target.dataset.arg); }
  });
})();
