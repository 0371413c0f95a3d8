/* What a test asks a page: the contrast of each text, what has no name, where Tab leads. */
({
  /* Each visible text outside the map's own names and the one on a drawn block: its colour over what lies behind
     it, both flattened. */
  contrast: () => {
    const parse = (text) => { const n = (text.match(/[\d.]+/g) || []).map(Number); if (n.length < 3) return null; const full = text.startsWith("color(") ? 255 : 1; return [n[0] * full, n[1] * full, n[2] * full, n.length > 3 ? n[3] : 1]; };
    const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3]));
    const light = (rgb) => { const [r, g, b] = rgb.map((c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const behind = (element) => {
      const chain = [];
      for (let at = element; at; at = at.parentElement) chain.unshift(at);
      let ground = [255, 255, 255];
      for (const one of chain) { const style = getComputedStyle(one), colour = parse(style.backgroundColor); if (colour && colour[3] > 0) ground = over(colour, ground); }
      return ground;
    };
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const holder = node.parentElement;
      if (!node.data.trim() || !holder || holder.closest("script, style, footer, .centre-name, .unseen, .place-names, option, [disabled]")) continue;
      if (!holder.checkVisibility({ visibilityProperty: true })) continue;
      const range = document.createRange(); range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (box.width < 1 || box.height < 1 || box.right < 0 || box.left > innerWidth || box.bottom < 0 || box.top > innerHeight) continue;
      const style = getComputedStyle(holder), ground = behind(holder);
      let colour = parse(holder.namespaceURI.endsWith("svg") ? style.fill : style.color), opacity = 1;
      if (!colour) continue;
      for (let at = holder; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
      if (opacity < 0.02) continue;
      const ink = over([colour[0], colour[1], colour[2], colour[3] * opacity], ground), a = light(ink), b = light(ground);
      found.push([node.data.trim().slice(0, 24), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), parseFloat(style.fontSize), Number(style.fontWeight), holder.className.baseVal || String(holder.className)]);
    }
    return found;
  },

  /* What a screen reader meets without a name: pictures, and everything that can be operated. */
  nameless: () => [...document.querySelectorAll("img, svg, canvas, [role=img], button, a[href], input, select, textarea, [role=button], [role=radio], [tabindex='0']")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest("[aria-hidden=true], #js-plotly-tester") && !(one.parentElement && one.parentElement.closest("[role=img][aria-label]")))
    .filter((one) => !one.hasAttribute("alt") && !one.getAttribute("aria-label") && !one.getAttribute("title") && !one.textContent.trim() && !one.querySelector("[aria-label], [alt]:not([alt=''])") && !(one.labels && one.labels.length) && !(one.placeholder))
    .map((one) => one.outerHTML.slice(0, 120)),

  /* Everything that Tab should reach; each is marked, so that it is known who was met. */
  controls: () => [...document.querySelectorAll("button, a[href], input:not([type=hidden]), select, textarea, [tabindex='0']")]
    .filter((one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility({ visibilityProperty: true }))
    .map((one) => { one.dataset.met = one.dataset.met || "0"; return one.dataset.key || one.className || one.tagName; }),

  /* Who has the focus now: its name, whether that shows, whether it stands on the page, whether it was met before. */
  meet: () => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const style = getComputedStyle(one), box = one.getBoundingClientRect(), hit = one.querySelector && one.querySelector(".hit");
    const stroked = (mark) => { // a drawn mark shows the focus by a stroke that its like does not have
      if (!mark.ownerSVGElement) return false;
      const like = mark.parentNode.insertBefore(mark.cloneNode(), mark.nextSibling), without = getComputedStyle(like).stroke;
      like.remove();
      return style.stroke !== "none" && style.stroke !== without;
    };
    const ring = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || (hit && getComputedStyle(hit).stroke !== "none") || stroked(one);
    const again = one.dataset.met === "1";
    one.dataset.met = "1";
    return [one.dataset.key || String(one.className.baseVal || one.className) || one.tagName, Boolean(ring), box.width > 0 && box.height > 0, again];
  },

  /* Every string of the page: texts, and what is said instead of or beside them. */
  strings: () => {
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      if (node.data.trim() && !node.parentElement.closest("script, style, footer")) found.push(node.data.trim());
    for (const name of ["aria-label", "title", "alt", "placeholder"])
      for (const one of document.querySelectorAll(`[${name}]`)) if (one.getAttribute(name)) found.push(one.getAttribute(name));
    return [...new Set([...found, document.title])];
  },

  /* Whom Tab never met. */
  left: () => [...document.querySelectorAll("[data-met='0']")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true })).map((one) => one.dataset.key || one.outerHTML.slice(0, 80)),
})
