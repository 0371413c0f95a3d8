/* The wall's own screen: its panel grid and margin. Columns end at seams, and no text, circle or label lies across one. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  const given = new URLSearchParams(window.location.search);
  const AIR = 3; /* pixels between ink and a seam */

  function kept(name) {
    const value = given.get(name);
    try {
      if (value !== null) sessionStorage.setItem("ejia." + name, value);
      return value !== null ? value : sessionStorage.getItem("ejia." + name);
    } catch (error) { return value; }
  }
  const own = { grid: kept("grid"), margin: kept("margin") };

  function deployed(name) {
    const holder = document.getElementById("map-words");
    return holder && holder.dataset[name] ? holder.dataset[name] : "";
  }
  ejia.margin = () => Math.max(0, Math.min(400, Number(own.margin !== null ? own.margin : deployed("margin")) || 0));

  /* Seams in page pixels: upright ones by x, level ones by y. */
  ejia.seams = function () {
    const found = /^([1-9]\d?)x([1-9]\d?)$/.exec(own.grid !== null ? own.grid : deployed("grid"));
    if (!found) return { x: [], y: [] };
    const cut = (parts, whole) => Array.from({ length: parts - 1 }, (_, i) => ((i + 1) * whole) / parts);
    return { x: cut(Number(found[1]), window.innerWidth), y: cut(Number(found[2]), window.innerHeight) };
  };

  /* How far a span must move to leave all seams: the least step, 0 where none is needed. */
  ejia.offSeam = function (low, high, seams) {
    for (const seam of seams) {
      if (high + AIR <= seam || low - AIR >= seam) continue;
      const back = seam - AIR - high, forth = seam + AIR - low;
      return -back < forth ? back : forth;
    }
    return 0;
  };

  /* Map labels and marks ask with canvas pixels; the canvas begins outside the shown map. */
  ejia.seamsInCanvas = function (offset, box) {
    const seams = ejia.seams(), frame = box.getBoundingClientRect();
    return { x: seams.x.map((x) => x - frame.left + offset.x), y: seams.y.map((y) => y - frame.top + offset.y) };
  };

  /* ---- columns: each lies between two seams; what that leaves over widens its neighbours in the same panel ---- */
  function snap() {
    const wall = document.getElementById("wall"), stage = document.getElementById("stage"), seams = ejia.seams().x;
    if (!wall || !stage) return;
    wall.style.gridTemplateColumns = "";
    if (!seams.length) return;
    const widths = getComputedStyle(wall).gridTemplateColumns.split(" ").map(parseFloat), frame = wall.getBoundingClientRect();
    const middle = Math.max(1, Number(getComputedStyle(stage).gridColumnStart) || 2) - 1;
    const place = (list, start, step) => {
      let at = start, since = 0;
      list.forEach((index, i) => {
        const far = at + step * widths[index], crossed = seams.find((seam) => (seam - at) * step > 1 && (far - seam) * step > 1);
        if (crossed === undefined) { at = far; return; }
        const gap = Math.abs(crossed - at), group = list.slice(since, i);
        if (group.length) group.forEach((one) => { widths[one] += gap / group.length; });
        at = crossed + step * widths[index];
        since = i;
      });
    };
    place(widths.map((_, i) => i).slice(0, middle), frame.left, 1);
    place(widths.map((_, i) => i).slice(middle + 1).reverse(), frame.right, -1);
    widths[middle] = 0;
    const rest = frame.width - widths.reduce((sum, width) => sum + width, 0);
    widths[middle] = Math.max(0, rest);
    wall.style.gridTemplateColumns = widths.map((width) => width.toFixed(2) + "px").join(" ");
  }

  /* The panel of the stage that is widest: captions, sheets and notes stand inside it. */
  function roomiest() {
    const stage = document.getElementById("stage"), root = document.documentElement.style;
    if (!stage) return;
    const frame = stage.getBoundingClientRect(), seams = ejia.seams().x.filter((x) => x > frame.left + 1 && x < frame.right - 1);
    if (!seams.length) { document.body.classList.remove("caption-split"); for (const name of ["--room-left", "--room-right", "--room-centre"]) root.removeProperty(name); return; }
    const edges = [frame.left, ...seams, frame.right];
    let best = 0;
    for (let i = 1; i < edges.length - 1; i++) if (edges[i + 1] - edges[i] > edges[best + 1] - edges[best] + 1) best = i;
    root.setProperty("--room-left", edges[best] - frame.left + (best ? 12 : 0) + "px");
    root.setProperty("--room-right", frame.right - edges[best + 1] + (best < edges.length - 2 ? 12 : 0) + "px");
    root.setProperty("--room-centre", (edges[best] + edges[best + 1]) / 2 + "px");
    split(frame, edges, edges[best + 1] - edges[best]);
  }

  /* A caption needs so much room; where no panel has it, it lies evenly on both sides of the seam that leaves most. */
  const CAPTION = 58; /* rem */
  function split(frame, edges, widest) {
    const unit = parseFloat(getComputedStyle(document.documentElement).fontSize), root = document.documentElement.style;
    const half = (i) => Math.min(edges[i] - edges[i - 1], edges[i + 1] - edges[i]);
    let best = 1;
    for (let i = 2; i < edges.length - 1; i++) if (half(i) > half(best) + 1) best = i;
    const narrow = widest < CAPTION * unit && edges.length > 2;
    document.body.classList.toggle("caption-split", narrow);
    if (!narrow) return;
    root.setProperty("--split-left", edges[best] - half(best) - frame.left + "px");
    root.setProperty("--split-right", frame.right - edges[best] - half(best) + "px");
  }

  /* ---- ink: where letters really are; a line box is taller than they ---- */
  function inks(root) {
    const found = [], walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), range = document.createRange();
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const holder = node.parentElement;
      if (!node.data.trim() || !holder || !holder.checkVisibility({ visibilityProperty: true })) continue;
      const drawn = holder.namespaceURI.endsWith("svg") && holder.getScreenCTM();
      const size = parseFloat(getComputedStyle(holder).fontSize) * (drawn ? Math.hypot(drawn.a, drawn.b) : 1);
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) {
        if (box.width < 1) continue;
        const middle = (box.top + box.bottom) / 2;
        found.push({ left: box.left, right: box.right, top: middle - 0.47 * size, bottom: middle + 0.47 * size, holder });
      }
    }
    return found;
  }

  /* Shift a column's panels until no line of theirs lies on a level seam: up into their air, or down into what is left below. */
  function level(panels, seams, bottom) {
    panels.forEach((panel) => { panel.style.marginTop = ""; });
    const unit = parseFloat(getComputedStyle(document.documentElement).fontSize);
    /* A column that is full gives way elsewhere, so a move is measured and, where it fell short, made again. */
    for (const panel of panels) for (let margin = 0, round = 0; round < 6; round++) {
      const ink = inks(panel), clear = (move) => !ink.some((one) => ejia.offSeam(one.top + move, one.bottom + move, seams));
      if (clear(0)) break;
      const last = panels[panels.length - 1].getBoundingClientRect().bottom, slack = Math.max(0, bottom - last) + 0.9 * unit;
      let move = 0;
      for (let step = 1; step < 4 * unit && !move; step++) {
        if (step < 0.95 * unit && clear(-step)) move = -step;
        else if ((step <= slack || step > 2.6 * unit) && clear(step)) move = step;
      }
      if (!move) break;
      margin += move;
      panel.style.marginTop = margin + "px";
    }
  }

  /* A row of cells of one width: each seam falls between two cells, and the cells of a panel share it evenly. */
  function fences(grid, seams) {
    grid.style.gridTemplateColumns = "";
    grid.classList.remove("narrow");
    const style = getComputedStyle(grid), gap = parseFloat(style.columnGap) || 0, box = grid.getBoundingClientRect();
    const count = [...grid.children].filter((cell) => cell.checkVisibility()).length;
    const inside = seams.filter((x) => x > box.left + gap && x < box.right - gap);
    if (!inside.length || style.gridTemplateColumns.split(" ").length !== count) return;
    const ends = [...inside, box.right + gap / 2], first = box.left - gap / 2, whole = box.right + gap / 2 - first, widths = [];
    let from = first;
    ends.forEach((end, i) => {
      const cells = (i === ends.length - 1 ? count : Math.round((count * (end - first)) / whole)) - widths.length;
      if (cells < 1) return;  // too narrow for a cell: the next one begins here
      for (let cell = 0; cell < cells; cell++) widths.push((end - from) / cells - gap);
      from = end;
    });
    if (widths.length !== count) return;
    grid.style.gridTemplateColumns = widths.map((width) => width.toFixed(2) + "px").join(" ");
    grid.classList.toggle("narrow", Math.min(...widths) < 12.5 * parseFloat(getComputedStyle(document.documentElement).fontSize));
  }

  /* Rows of words: one that lies on an upright seam begins after it, and those behind follow. */
  function upright(row, seams) {
    const parts = [...row.children].filter((part) => part.checkVisibility());
    parts.forEach((part) => { part.style.marginLeft = ""; part.style.translate = ""; });
    let before = -Infinity;
    for (const part of parts) {
      const ink = inks(part), taken = before;
      if (!ink.length) continue;
      before = Math.max(...ink.map((one) => one.right));
      const left = Math.min(...ink.map((one) => one.left)), right = Math.max(...ink.map((one) => one.right));
      if (!ejia.offSeam(left, right, seams)) continue;
      const seam = seams.find((x) => right + AIR > x && left - AIR < x);
      if (getComputedStyle(row).justifyContent !== "flex-start" && /months|source|flow-row/.test(row.className)) {
        const move = ejia.offSeam(left, right, seams), forth = seam + AIR - left;
        part.style.translate = (left + move > taken + AIR ? move : forth) + "px";
      }
      else part.style.marginLeft = seam + AIR - left + (parseFloat(getComputedStyle(part).marginLeft) || 0) + "px";
    }
  }
  /* One that stands alone moves by the least, and stays over the map. */
  function alone(part, seams, frame) {
    part.style.translate = "";
    const ink = inks(part);
    if (!ink.length) return;
    const left = Math.min(...ink.map((one) => one.left)), right = Math.max(...ink.map((one) => one.right));
    let x = ejia.offSeam(left, right, seams.x);
    const seam = seams.x.find((at) => right + AIR > at && left - AIR < at);
    if (x < 0 && left + x < frame.left) x = seam + AIR - left;
    if (x > 0 && right + x > frame.right) x = seam - AIR - right;
    const y = ejia.offSeam(Math.min(...ink.map((one) => one.top)), Math.max(...ink.map((one) => one.bottom)), seams.y);
    if (x || y) part.style.translate = `${x}px ${y}px`;
  }

  /* The smallest move, either way, that clears; none where there are no seams or nothing does. */
  function least(seams, most, clears) {
    for (let step = 0; seams.length && step <= most; step++) for (const by of [step, -step]) if (clears(by)) return by;
    return 0;
  }

  /* Called when all is painted. */
  ejia.nudge = function () {
    const seams = ejia.seams();
    if (!seams.x.length && !seams.y.length) return;
    roomiest();
    const frame = document.getElementById("stage").getBoundingClientRect(), bottom = window.innerHeight - ejia.margin();
    const all = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
    for (const column of all(".column.left, .column.right")) level([...column.children].filter((panel) => panel.checkVisibility()), seams.y, bottom);
    for (const panel of all(".column.wide > .panel")) level([panel], seams.y, bottom);
    /* What stands at the head of an upright wall's map moves down together. */
    const heads = all("#stage > .place_title, #stage > .tools"), headInk = heads.flatMap((part) => { part.style.translate = ""; return inks(part); });
    const lower = least(seams.y, 160, (by) => by >= 0 && !headInk.some((one) => ejia.offSeam(one.top + by, one.bottom + by, seams.y)));
    for (const part of heads) if (lower) part.style.translate = `0 ${lower}px`;
    for (const grid of all(".flow-steps")) fences(grid, seams.x);
    for (const row of all(".presets .painted, .status .painted, .crumbs, .place-facts, .months, .tools .painted, .caption-head, .flow-step-name, .flow-step .flow-row, .flow-pipeline-title h2")) upright(row, seams.x);
    for (const part of all(".source, #legend .ramp, #legend .shapes, #scale-bar, #live-count, .spans")) alone(part, seams, frame);
    const stack = document.getElementById("stack");
    if (stack) {
      stack.style.translate = "";
      const ink = inks(stack), unit = parseFloat(getComputedStyle(document.documentElement).fontSize);
      const left = Math.min(...ink.map((one) => one.left)) - frame.left, right = frame.right - Math.max(...ink.map((one) => one.right));
      const across = least(seams.x, Math.max(left, right, 0), (by) => by >= -left && by <= right && !ink.some((one) => ejia.offSeam(one.left + by, one.right + by, seams.x)));
      const down = least(seams.y, 4 * unit, (by) => !ink.some((one) => ejia.offSeam(one.top + by, one.bottom + by, seams.y)));
      if (across || down) stack.style.translate = `${across}px ${down}px`;
    }
  };

  /* After a painting, before the frame is shown; the map draws its labels again where its place on the wall changed. */
  let ticket = 0, stood = "";
  ejia.nudgeSoon = function () {
    cancelAnimationFrame(ticket);
    ticket = requestAnimationFrame(() => {
      const seams = ejia.seams(), stage = document.getElementById("stage");
      if (!stage || (!seams.x.length && !seams.y.length)) return;
      snap();
      ejia.nudge();
      const frame = stage.getBoundingClientRect(), stands = [frame.left, frame.top, frame.width, frame.height].join();
      if (stood !== stands && ejia.redraw) ejia.redraw();
      stood = stands;
    });
  };

  ejia.fitScreen = function () {
    document.documentElement.style.setProperty("--safe", ejia.margin() + "px");
    snap();
    roomiest();
    ejia.nudgeSoon();
  };
  window.addEventListener("resize", () => requestAnimationFrame(ejia.fitScreen));
  if (document.fonts) document.fonts.ready.then(() => ejia.nudgeSoon());
})();
