/* Marks: one pure drawing function a kind of mark. Each gets (pen, payload, view) and leaves nothing behind.
   pen: CanvasRenderingContext2D; view: {x(lon), y(lat), u, focus, colour, path(place)} with u = px per design px. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  const TAU = 2 * Math.PI;

  /* Colours are read once from the design tokens. */
  function colours() {
    const style = getComputedStyle(document.documentElement);
    const token = (name) => style.getPropertyValue("--" + name).trim();
    const names = ["ground", "land", "land-line", "text", "strong", "quiet", "faint", "cyan", "bar", "contour",
      "point", "outline", "sand", "amber", "gold", "ramp-1", "ramp-2", "ramp-3", "ramp-4", "ramp-5", "divider",
      "sev-1", "sev-2", "sev-3", "sev-4", "glow", "far-land", "inner-land", "inner-line", "veil", "foot-chosen", "foot-some", "foot-none", "window"];
    return Object.fromEntries(names.map((name) => [name, token(name)]));
  }

  /* Path of a geometry: {rings: [Float64Array of mercator x, y in 0..1]}. */
  function pathOf(shape, view) {
    const path = new Path2D();
    for (const ring of shape.rings) {
      for (let i = 0; i < ring.length; i += 2) {
        const x = view.mx(ring[i]), y = view.my(ring[i + 1]);
        if (i === 0) path.moveTo(x, y); else path.lineTo(x, y);
      }
      path.closePath();
    }
    return path;
  }

  function neighbours(pen, shapes, view) {
    pen.lineWidth = 1.5 * view.u;
    pen.fillStyle = view.colour.land;
    pen.strokeStyle = view.colour["land-line"];
    for (const shape of shapes) {
      const path = pathOf(shape, view);
      pen.fill(path);
      pen.stroke(path);
    }
  }

  /* Crosses at each tenth of a degree: a quiet scale for the eye. */
  function graticule(pen, view) {
    const arm = 5 * view.u;
    pen.strokeStyle = view.colour["land-line"];
    pen.lineWidth = 1.5 * view.u;
    pen.beginPath();
    for (let lon = Math.ceil(view.west * 10); lon <= view.east * 10; lon++) {
      for (let lat = Math.ceil(view.south * 10); lat <= view.north * 10; lat++) {
        const x = view.x(lon / 10), y = view.y(lat / 10);
        pen.moveTo(x - arm, y); pen.lineTo(x + arm, y);
        pen.moveTo(x, y - arm); pen.lineTo(x, y + arm);
      }
    }
    pen.stroke();
  }

  /* A soft glow around a shape from stacked strokes: a blur filter costs ten times as much. */
  function glow(pen, path, view, colour, width, strength) {
    pen.save();
    pen.strokeStyle = colour;
    pen.lineJoin = "round";
    const steps = 7;
    for (let i = 1; i <= steps; i++) {
      pen.globalAlpha = strength / steps * (1 + i / steps);
      pen.lineWidth = width * view.u * (1 - (i - 1) / steps);
      pen.stroke(path);
    }
    pen.restore();
  }

  /* Water lines: the outline at growing distances, fading outwards; drawn far to near, each hollowed out. */
  function waterlines(pen, path, view, metres) {
    if (lines.key !== view.key) Object.assign(lines, { key: view.key, pad: drawnLines(pen, path, view, metres) });
    pen.save();
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.drawImage(lines.pad, 0, 0);
    pen.restore();
  }

  /* They are half the cost of a picture and stay as long as the map stands still. */
  const lines = { key: "", pad: null };
  function drawnLines(pen, path, view, metres) {
    const pad = document.createElement("canvas");
    pad.width = pen.canvas.width; pad.height = pen.canvas.height;
    const ink = pad.getContext("2d");
    ink.setTransform(pen.getTransform());
    ink.lineJoin = "round";
    const alphas = [0.55, 0.34, 0.2, 0.11];
    [450, 1000, 1700, 2600].map((d, i) => [d / metres, alphas[i]]).reverse().forEach(([far, alpha]) => {
      ink.globalCompositeOperation = "source-over";
      ink.strokeStyle = view.colour.cyan;
      ink.globalAlpha = alpha;
      ink.lineWidth = 2 * far + 1.6 * view.u;
      ink.stroke(path);
      ink.globalCompositeOperation = "destination-out";
      ink.globalAlpha = 1;
      ink.lineWidth = 2 * far - 1.6 * view.u;
      ink.stroke(path);
    });
    ink.globalCompositeOperation = "destination-out";
    ink.globalAlpha = 1;
    ink.fill(path);
    return pad;
  }

  /* Choropleth: fill by class; children are parted by a gap of ground, not by a stroke colour. */
  function choropleth(pen, children, fill, view, gap, plain = 2) {
    pen.lineJoin = "round";
    for (const child of children) {
      const mode = fill ? fill[child.id] : undefined;
      pen.fillStyle = view.colour["ramp-" + (mode === undefined || mode === null || mode < 0 ? plain : mode + 1)];
      pen.fill(view.path(child));
      if (mode === -1) hatch(pen, view.path(child), view);
    }
    pen.strokeStyle = view.colour.ground;
    pen.lineWidth = gap * view.u;
    for (const child of children) pen.stroke(view.path(child));
  }

  function hatch(pen, path, view) {
    pen.save();
    pen.clip(path);
    pen.strokeStyle = view.colour.faint;
    pen.globalAlpha = 0.5;
    pen.lineWidth = 1.5 * view.u;
    pen.beginPath();
    const step = 14 * view.u, span = view.width + view.height;
    for (let d = -view.height; d < span; d += step) { pen.moveTo(d, 0); pen.lineTo(d + view.height, view.height); }
    pen.stroke();
    pen.restore();
  }

  function rim(pen, path, view) {
    pen.save();
    pen.clip(path);
    glow(pen, path, view, view.colour.cyan, 34, 0.34);
    pen.restore();
  }

  function outline(pen, path, view, width, colour, dash) {
    pen.save();
    pen.strokeStyle = colour || view.colour.outline;
    pen.lineWidth = width * view.u;
    pen.lineJoin = "round";
    if (dash) pen.setLineDash(dash.map((d) => d * view.u));
    pen.stroke(path);
    pen.restore();
  }

  /* Proportional circles: area by count, with the sqrt rule. counts: {id: n}. */
  function circles(pen, children, counts, view) {
    const top = Math.max(1, ...Object.values(counts).map((n) => n || 0));
    for (const child of children) {
      const n = counts[child.id];
      if (!n) continue;
      const r = Math.sqrt(n / top) * 46 * view.u;
      pen.beginPath();
      const spot = { x: view.x(child.label[0]), y: view.y(child.label[1]) };
      if (ejia.clearOfSeams) ejia.clearOfSeams([spot], view, r);
      pen.arc(spot.x, spot.y, r, 0, TAU);
      pen.globalAlpha = 0.28; pen.fillStyle = view.colour.cyan; pen.fill();
      pen.globalAlpha = 0.9; pen.strokeStyle = view.colour.cyan; pen.lineWidth = 2 * view.u; pen.stroke();
      pen.globalAlpha = 1;
    }
  }

  /* Activity as contours: payload.levels is [[level 0..1, [[lon, lat, lon, lat …] × 1e5 …]] …], low to high. */
  function contours(pen, payload, view, lines, within, veil = true) {
    const levels = payload.levels || [];
    pen.save();
    pen.clip(within);
    levels.forEach(([, rings], rank) => {
      const path = new Path2D();
      for (const ring of rings) {
        for (let i = 0; i < ring.length; i += 2) {
          const x = view.x(ring[i] / 1e5), y = view.y(ring[i + 1] / 1e5);
          if (i === 0) path.moveTo(x, y); else path.lineTo(x, y);
        }
      }
      const share = levels.length > 1 ? rank / (levels.length - 1) : 1;
      pen.fillStyle = view.colour.veil;
      pen.globalAlpha = 0.02 + 0.06 * share;
      if (veil) pen.fill(path, "evenodd");
      if (lines) {
        pen.strokeStyle = view.colour.contour;
        pen.globalAlpha = 0.24 + 0.5 * share;
        pen.lineWidth = (1.2 + 0.7 * share) * view.u;
        pen.stroke(path);
      }
    });
    pen.restore();
  }

  const SHAPES = {
    community(pen, x, y, r) { pen.moveTo(x + r, y); pen.arc(x, y, r, 0, TAU); },
    enterprise(pen, x, y, r) { pen.moveTo(x, y - r * 1.15); pen.lineTo(x + r * 1.1, y + r * 0.85); pen.lineTo(x - r * 1.1, y + r * 0.85); pen.closePath(); },
    organ(pen, x, y, r) { pen.rect(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76); },
    school(pen, x, y, r) { pen.moveTo(x, y - r * 1.2); pen.lineTo(x + r * 1.2, y); pen.lineTo(x, y + r * 1.2); pen.lineTo(x - r * 1.2, y); pen.closePath(); },
    other(pen, x, y, r) { pen.moveTo(x + r * 0.8, y); pen.arc(x, y, r * 0.8, 0, TAU); },
  };
  const SHAPE_COLOUR = { community: "strong", enterprise: "cyan", organ: "strong", school: "cyan", other: "strong" };

  function shape(pen, kind, x, y, r, view, chosen) {
    pen.beginPath();
    (SHAPES[kind] || SHAPES.other)(pen, x, y, r);
    pen.strokeStyle = view.colour.ground;
    if (kind === "other") {
      pen.lineWidth = 5 * view.u; pen.stroke();
      pen.strokeStyle = view.colour.strong; pen.lineWidth = 2.4 * view.u; pen.stroke();
    } else {
      pen.fillStyle = chosen ? view.colour.gold : view.colour[SHAPE_COLOUR[kind]];
      pen.lineWidth = 3.2 * view.u; pen.stroke(); pen.fill();
    }
    if (chosen) {
      pen.beginPath(); pen.arc(x, y, r * 2.1, 0, TAU);
      pen.strokeStyle = view.colour.strong; pen.lineWidth = 3 * view.u; pen.stroke();
    }
  }

  /* Branches far away: small discs, one colour; a disc that stands for several is larger. */
  function dots(pen, points, view) {
    pen.globalAlpha = 0.78;
    pen.fillStyle = view.colour.point;
    pen.beginPath();
    for (const p of points) {
      if (p.dim) continue;
      const r = 2.2 * view.u * Math.min(3, 1 + 0.25 * Math.log2(p.n || 1));
      pen.moveTo(p.x + r, p.y); pen.arc(p.x, p.y, r, 0, TAU);
    }
    pen.fill();
    pen.globalAlpha = 1;
  }

  /* Branches near: shape by kind, pushed apart by the caller. */
  function shapes(pen, points, view, chosen) {
    for (const p of points) {
      pen.globalAlpha = p.dim ? 0.18 : 1;
      shape(pen, p.shape, p.x, p.y, (p.r || 6) * view.u, view, p.id === chosen);
    }
    pen.globalAlpha = 1;
  }

  /* Positions: a small house; the featured ones filled. */
  function positions(pen, points, view, large) {
    const r = (large ? 9 : 6) * view.u;
    pen.lineWidth = 2 * view.u;
    for (const p of points) {
      pen.beginPath();
      pen.moveTo(p.x - r, p.y); pen.lineTo(p.x, p.y - r); pen.lineTo(p.x + r, p.y);
      pen.lineTo(p.x + r * 0.75, p.y); pen.lineTo(p.x + r * 0.75, p.y + r * 0.9); pen.lineTo(p.x - r * 0.75, p.y + r * 0.9);
      pen.lineTo(p.x - r * 0.75, p.y); pen.closePath();
      pen.fillStyle = p.featured ? view.colour.strong : view.colour.cyan;
      pen.globalAlpha = p.dim ? 0.2 : 0.95;
      pen.strokeStyle = view.colour.ground; pen.stroke(); pen.fill();
    }
    pen.globalAlpha = 1;
  }

  /* Landmarks: hollow diamonds, to find one's way. */
  function landmarks(pen, points, view) {
    pen.strokeStyle = view.colour.point;
    pen.fillStyle = view.colour.ground;
    pen.lineWidth = 1.8 * view.u;
    for (const p of points) {
      const r = 6 * view.u;
      pen.beginPath(); SHAPES.school(pen, p.x, p.y, r); pen.fill(); pen.stroke();
    }
  }

  /* Building footprints: lighter with organisations, the chosen one white. */
  function footprints(pen, shapes_, values, view, chosen, inside) {
    for (const foot of shapes_) {
      const value = values[foot.id];
      const n = value ? value.organisations : 0;
      const path = pathOf(foot, view);
      pen.globalAlpha = inside ? 1 : 0.6;
      pen.fillStyle = view.colour[foot.id === chosen ? "foot-chosen" : n > 3 ? "cyan" : n > 0 ? "foot-some" : "foot-none"];
      pen.fill(path);
      if (foot.id === chosen) {
        pen.strokeStyle = view.colour.strong; pen.lineWidth = 2 * view.u;
        pen.stroke(path);
        glow(pen, path, view, view.colour.outline, 22, 0.5);
      }
    }
    pen.globalAlpha = 1;
  }

  ejia.colours = colours;
  ejia.marks = { pathOf, neighbours, graticule, glow, waterlines, choropleth, circles, rim, outline, contours, dots,
    shape, shapes, positions, landmarks, footprints };
})();
