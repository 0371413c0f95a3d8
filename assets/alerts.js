/* Warnings on the map: severity by shape before colour, never red, never moving. What nobody has acknowledged
   is drawn full; where all were seen, the same shape is drawn faint. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  const TAU = 2 * Math.PI;

  /* One shape a severity: hollow circle, hollow triangle, solid diamond, disc with a double ring. */
  function shape(pen, severity, x, y, r, ground, colour) {
    const path = new Path2D();
    pen.strokeStyle = pen.fillStyle = colour["sev-" + severity];
    pen.lineWidth = r * 0.28;
    if (severity === 1) path.arc(x, y, r * 0.8, 0, TAU);
    else if (severity === 2) { path.moveTo(x, y - r); path.lineTo(x + r, y + r * 0.8); path.lineTo(x - r, y + r * 0.8); path.closePath(); }
    else if (severity === 3) { path.moveTo(x, y - r * 1.1); path.lineTo(x + r * 1.1, y); path.lineTo(x, y + r * 1.1); path.lineTo(x - r * 1.1, y); path.closePath(); }
    else path.arc(x, y, r * 0.5, 0, TAU);
    if (ground) { pen.save(); pen.strokeStyle = ground; pen.lineWidth = r * 0.9; pen.stroke(path); pen.restore(); }
    if (severity < 3) { if (ground) { pen.save(); pen.fillStyle = ground; pen.fill(path); pen.restore(); } pen.stroke(path); }
    else pen.fill(path);
    if (severity === 4) for (const ring of [0.85, 1.25]) { pen.lineWidth = r * 0.17; pen.beginPath(); pen.arc(x, y, r * ring, 0, TAU); pen.stroke(); }
  }

  /* Organisations below a community: the shape, and beside it how many where there are several. */
  function draw(pen, points, view) {
    const u = view.u;
    for (const p of [...points].sort((a, b) => a.severity - b.severity)) {
      pen.globalAlpha = p.seen ? 0.6 : 1;
      shape(pen, p.severity, p.x, p.y, 12 * u, view.colour.ground, view.colour);
      if (p.n > 1) {
        pen.font = `700 ${24 * u}px "Ejia Sans", sans-serif`;
        pen.textBaseline = "middle";
        pen.lineWidth = 5 * u; pen.strokeStyle = view.colour.ground; pen.strokeText(p.n, p.x + 18 * u, p.y);
        pen.fillStyle = view.colour.strong; pen.fillText(p.n, p.x + 18 * u, p.y);
      }
      pen.globalAlpha = 1;
    }
  }

  function glyph(severity, seen) {
    const canvas = document.createElement("canvas"), u = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    canvas.width = canvas.height = 28 * u;
    canvas.className = "glyph" + (seen ? " seen" : "");
    canvas.setAttribute("aria-hidden", "true");
    shape(canvas.getContext("2d"), severity, 14 * u, 14 * u, 10 * u, null, ejia.colours());
    return canvas;
  }

  function text(tag, className, words) {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = words;
    return made;
  }

  /* Under a place's name: in the district the rate with count and organisations, below the count alone. */
  function pill(one, wide) {
    const holder = text("span", "warn-place", ""), box = text("span", "warn-pill sev-" + one.severity, "");
    const n = one.few ? "<3" : one.n === null ? "＊" : String(one.n);
    if (!wide && n === "0") return holder;
    if (one.severity) box.append(glyph(one.severity, one.seen));
    box.append(text("b", "", wide ? (one.rate === null ? "＊" : one.rate.toFixed(1)) : n));
    holder.append(box);
    if (wide) holder.append(text("span", "warn-count", n + ejia.say("slash") + one.organisations));
    return holder;
  }

  function legend(say) {
    const list = text("div", "shapes", "");
    for (const severity of [4, 3, 2, 1]) {
      const row = text("div", "shape-row", "");
      row.append(glyph(severity), text("span", "", say["severity_" + severity] || severity));
      list.append(row);
    }
    return list;
  }

  /* A tap on a number asks how it is counted, also where its row does another thing. */
  document.addEventListener("click", (event) => {
    const number = event.target.closest && event.target.closest("[data-how]");
    if (!number || !ejia.send) return;
    event.stopPropagation();
    event.preventDefault();
    ejia.send("how", number.dataset.how);
  }, true);

  ejia.alerts = { shape, draw, pill, legend };
})();
