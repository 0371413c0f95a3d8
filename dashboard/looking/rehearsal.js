/* What a rehearsal looks for on the wall as it stands: an expression that gives a function of its options.
   {least: {cjk, other}: px of type, seams: {x, y}: px, air: px} -> {texts: [...], findings: [...], size, map}
   It changes nothing that stays: a style sheet makes everything hittable for as long as it looks. */
(function (options) {
  "use strict";
  const root = document.documentElement, u = parseFloat(getComputedStyle(root).fontSize) / 16;
  const wide = window.innerWidth, high = window.innerHeight, findings = [];
  const CJK = /[\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60]/, LETTER = /[\p{L}\p{N}]/u;
  const hittable = document.createElement("style");
  hittable.textContent = "*{pointer-events:auto!important}";
  document.head.append(hittable);

  const found = (kind, text, box, told) => findings.push({ kind, text: String(text).slice(0, 60),
    box: [box.left, box.top, box.right - box.left, box.bottom - box.top].map((n) => Math.round(n)), told });

  /* ---- every line of letters: where its ink is, who holds it, what colour it has ---- */
  function colourOf(style, holder) {
    const svg = holder.namespaceURI.endsWith("svg"), text = svg ? style.fill : style.color;
    const parts = (text.match(/[\d.]+/g) || []).map(Number);
    let alpha = parts.length > 3 ? parts[3] : 1;
    for (let at = holder; at && at !== root; at = at.parentElement) alpha *= Number(getComputedStyle(at).opacity);
    return { rgb: parts.slice(0, 3), alpha };
  }

  function linesOf(node, holder, style, size) {
    const range = document.createRange(), lines = [];
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width < 1 || box.height < 1) continue;
      const middle = (box.top + box.bottom) / 2, half = 0.44 * size;
      lines.push({ left: box.left, right: box.right, top: middle - half, bottom: middle + half });
    }
    return lines;
  }

  /* Chinese characters fill their square; digits and capitals reach 0.73 of it. */
  function texts() {
    const all = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const holder = node.parentElement, text = node.data.replace(/\s+/g, " ").trim();
      if (!LETTER.test(text) || !holder || /^(SCRIPT|STYLE|TITLE|FOOTER)$/i.test(holder.tagName) || holder.closest("footer, svg title")) continue;
      if (!holder.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const style = getComputedStyle(holder);
      let size = parseFloat(style.fontSize);
      if (holder.namespaceURI.endsWith("svg") && holder.getScreenCTM) size *= Math.hypot(holder.getScreenCTM().a, holder.getScreenCTM().b);
      for (const box of linesOf(node, holder, style, size)) all.push({ ...box, text, holder, style, size, weight: Number(style.fontWeight) || 400 });
    }
    return all;
  }

  /* ---- what is seen of it: cut by its holders, or under something that is not see-through ---- */
  function clipOf(holder) {
    const clip = { left: 0, top: 0, right: wide, bottom: high, by: null, scrolls: false };
    for (let at = holder; at && at !== root && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at), box = at.getBoundingClientRect();
      for (const [axis, low, up] of [["overflowX", "left", "right"], ["overflowY", "top", "bottom"]]) {
        if (style[axis] === "visible" || at.namespaceURI.endsWith("svg")) continue;
        if (box[low] > clip[low] + 0.5) { clip[low] = box[low]; clip.by = at; }
        if (box[up] < clip[up] - 0.5) { clip[up] = box[up]; clip.by = at; }
        if (/auto|scroll/.test(style[axis])) clip.scrolls = true;
      }
      inset(style.clipPath, box, at, clip);
      if (style.position === "fixed") break;
    }
    return clip;
  }

  /* clip-path: inset(top right bottom left), the rest as in a margin. */
  function inset(text, box, at, clip) {
    const found = /^inset\(([^)]*?)(?: round .*)?\)$/.exec(text);
    if (!found) return;
    const given = found[1].trim().split(/\s+/), far = (i, whole) => { const one = given[i]; return one.endsWith("%") ? (parseFloat(one) * whole) / 100 : parseFloat(one); };
    const [t, r, b, l] = [0, given.length > 1 ? 1 : 0, given.length > 2 ? 2 : 0, given.length > 3 ? 3 : given.length > 1 ? 1 : 0];
    for (const [low, edge] of [["left", box.left + far(l, box.width)], ["top", box.top + far(t, box.height)]]) if (edge > clip[low] + 0.5) { clip[low] = edge; clip.by = at; }
    for (const [up, edge] of [["right", box.right - far(r, box.width)], ["bottom", box.bottom - far(b, box.height)]]) if (edge < clip[up] - 0.5) { clip[up] = edge; clip.by = at; }
  }

  const solid = (one) => {
    const parts = (getComputedStyle(one).backgroundColor.match(/[\d.]+/g) || []).map(Number);
    return parts.length === 3 || parts[3] > 0.9;
  };
  function covered(one) {
    const x = Math.min(wide - 1, Math.max(0, (one.left + one.right) / 2)), y = Math.min(high - 1, Math.max(0, (one.top + one.bottom) / 2));
    for (const at of document.elementsFromPoint(x, y)) {
      if (at === one.holder || at.contains(one.holder) || one.holder.contains(at)) return false;
      if (solid(at)) return true;
    }
    return false;
  }

  const nameOf = (one) => { const panel = one.closest("[data-key^='panel/'], #legend, #scale-bar, .place-names, #stack, #live-count"); return panel ? panel.dataset.key || panel.id || panel.className : one.tagName.toLowerCase(); };

  const all = texts(), seen = [];
  for (const one of all) {
    const clip = clipOf(one.holder), over = { left: clip.left - one.left, top: clip.top - one.top, right: one.right - clip.right, bottom: one.bottom - clip.bottom };
    const most = Math.max(...Object.values(over)), gone = one.right <= clip.left + 1 || one.left >= clip.right - 1 || one.bottom <= clip.top + 1 || one.top >= clip.bottom - 1;
    if (clip.right - clip.left < 3 || clip.bottom - clip.top < 3) continue; /* words for screen readers alone */
    one.clip = clip;
    if (!gone && covered(one)) continue;
    if (most > 1.5 * u) found(clip.scrolls ? "scroll" : "cut", one.text, one, { by: clip.by ? nameOf(clip.by) : "wall", px: Math.round(most), panel: nameOf(one.holder) });
    if (!gone) seen.push(one);
  }

  /* ---- too small, over a seam, one over another ---- */
  for (const one of seen) {
    const least = CJK.test(one.text) ? options.least.cjk : options.least.other;
    if (one.size < least - 0.05) found("small", one.text, one, { px: Number(one.size.toFixed(1)), least: Number(least.toFixed(1)), panel: nameOf(one.holder) });
    const seam = options.seams.x.find((x) => one.left < x - 0.5 && one.right > x + 0.5) ?? options.seams.y.find((y) => one.top < y - 0.5 && one.bottom > y + 0.5);
    if (seam !== undefined) found("seam", one.text, one, { at: Math.round(seam), panel: nameOf(one.holder) });
  }
  const across = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left), down = (a, b) => Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  const ordered = [...seen].sort((a, b) => a.left - b.left);
  ordered.forEach((one, i) => {
    for (let j = i + 1; j < ordered.length && ordered[j].left < one.right - 2 * u; j++) {
      const two = ordered[j];
      if (one.holder === two.holder && one.text === two.text) continue;
      if (across(one, two) > 2 * u && down(one, two) > 0.12 * Math.min(one.size, two.size)) found("collision", one.text + " × " + two.text, one, { panel: nameOf(one.holder), other: nameOf(two.holder) });
    }
  });

  /* ---- the map: whether anything is on it ---- */
  const map = document.querySelector("#map canvas"), pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  let colours = 0;
  if (map && map.width) {
    pen.canvas.width = pen.canvas.height = 96;
    pen.imageSmoothingEnabled = false;
    pen.drawImage(map, 0, 0, 96, 96);
    colours = new Set(new Uint32Array(pen.getImageData(0, 0, 96, 96).data.buffer)).size;
  }
  if (colours < 12) found("blank", "map", { left: 0, top: 0, right: wide, bottom: high }, { colours });
  const lacks = window.ejia && ejia.lacks ? ejia.lacks() : ["wall"];
  if (lacks.length) found("unfinished", lacks.join(" "), { left: 0, top: 0, right: wide, bottom: high }, { lacks });
  hittable.remove();
  return { size: [wide, high], kind: root.dataset.wall, u, findings,
    texts: seen.map((one) => ({ text: one.text.slice(0, 60), size: one.size, weight: one.weight, panel: nameOf(one.holder), ...colourOf(one.style, one.holder),
      box: [Math.max(one.left, one.clip.left), Math.max(one.top, one.clip.top), Math.min(one.right, one.clip.right), Math.min(one.bottom, one.clip.bottom)] })) };
})
