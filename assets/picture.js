/* The wall as it stands, taken away: a still (styles, letters, markup, drawn canvases) and from it a PNG.
   Nothing is drawn anew: what the browser shows is copied, its canvases included, and nothing of it is asked for again. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  const XHTML = "http://www.w3.org/1999/xhtml", MOST = 60e6; /* pixels of a picture */
  const GONE = "script, footer, noscript, #map-words, #notice:empty, .ripple, .help, .picture-note";
  const KEPT = /^(class|style|id|lang|role|aria-label|src|alt|width|height|viewBox|d|x|y|x1|x2|y1|y2|cx|cy|r|rx|ry|points|fill|stroke|stroke-width|fill-opacity|stroke-opacity|transform|text-anchor|patternUnits|patternTransform|xmlns|colspan|rowspan|data-(tour|stop|board|boards|side|level|sheet|note))$/;

  const base64 = (buffer) => { const bytes = new Uint8Array(buffer), parts = []; for (let i = 0; i < bytes.length; i += 32768) parts.push(String.fromCharCode(...bytes.subarray(i, i + 32768))); return btoa(parts.join("")); };

  /* Every rule of this page as it was written (read back, a browser loses borders with tokens in them); letters are
     added by themselves, and no address of a file is left. */
  async function styles() {
    const texts = [], faces = [];
    for (const sheet of document.styleSheets) {
      for (const rule of sheet.cssRules) if (rule instanceof CSSFontFaceRule) faces.push({ rule, base: sheet.href || document.baseURI });
      const text = sheet.href ? await fetch(sheet.href).then((answer) => answer.text()) : sheet.ownerNode.textContent;
      texts.push(text.replace(/\/\*[^]*?\*\//g, "").replace(/@font-face\s*\{[^}]*\}/g, "").replace(/@import[^;]*;/g, "").replace(/url\((?!\s*["']?(?:data:|#))[^)]*\)/g, "none"));
    }
    return { css: texts.join("\n"), faces };
  }

  /* Those slices of the letters that this page has needed. */
  async function letters(faces) {
    const used = new Set([...document.fonts].filter((one) => one.status === "loaded").map((one) => one.weight + "|" + one.unicodeRange.toUpperCase().replace(/\s/g, "")));
    const wanted = faces.filter(({ rule }) => used.has(rule.style.getPropertyValue("font-weight") + "|" + rule.style.getPropertyValue("unicode-range").toUpperCase().replace(/\s/g, "")));
    return Promise.all(wanted.map(async ({ rule, base }) => {
      const found = /url\(["']?([^"')]+)/.exec(rule.style.getPropertyValue("src")), answer = await fetch(new URL(found[1], base));
      if (!answer.ok) throw new Error("letters: " + answer.status);
      const about = ["font-family", "font-weight", "unicode-range"].map((name) => `${name}:${rule.style.getPropertyValue(name)}`).join(";");
      return `@font-face{${about};src:url(data:font/woff2;base64,${base64(await answer.arrayBuffer())}) format("woff2")}`;
    }));
  }

  /* A copy of an element and of what is seen in it; a canvas becomes its own picture. */
  function copy(from, kind) {
    if (from.nodeType === Node.TEXT_NODE) return document.createTextNode(from.data);
    if (from.nodeType !== Node.ELEMENT_NODE || from.matches(GONE)) return null;
    const style = getComputedStyle(from);
    if (style.display === "none") return null;
    const drawn = from instanceof HTMLCanvasElement;
    if (drawn && (!from.width || !from.height)) return null;
    const made = drawn ? document.createElement("img") : from.cloneNode(false);
    for (const { name, value } of [...from.attributes]) {
      if (drawn && KEPT.test(name) && name !== "width" && name !== "height") made.setAttribute(name, value);
      if (!drawn && !KEPT.test(name)) made.removeAttribute(name);
    }
    if (drawn) {
      made.src = from.toDataURL(kind, 0.92);
      made.alt = "";
      made.style.width = style.width;
      made.style.height = style.height;
      for (const name of ["position", "left", "top"]) made.style[name] = style[name]; /* Leaflet's rules know a canvas by its kind */
    }
    for (const child of from.childNodes) { const part = copy(child, kind); if (part) made.append(part); }
    return made;
  }

  /* {css, letters, root: attributes of html, markup of body, width, height, mode}; `kind` is that of the canvases' pictures. */
  ejia.still = async function (kind = "image/png") {
    await document.fonts.ready;
    const { css, faces } = await styles(), body = copy(document.body, kind), root = document.documentElement, badge = document.querySelector("[data-session='mode']");
    body.className = document.body.className.replace(/\bresting\b/, "");
    const attributes = { lang: root.lang, "data-wall": root.dataset.wall || "plain", "data-signed": root.dataset.signed || "no", style: "font-size:" + getComputedStyle(root).fontSize + ";--scale:" + root.style.getPropertyValue("--scale") };
    return { css, letters: await letters(faces), root: attributes, markup: new XMLSerializer().serializeToString(body), width: window.innerWidth, height: window.innerHeight, mode: badge ? badge.dataset.mode : "" };
  };

  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");

  /* The still as a drawing that the browser paints by itself. */
  function asDrawing(still) {
    const size = parseFloat(getComputedStyle(document.documentElement).fontSize), attributes = Object.entries(still.root).map(([name, value]) => `${name}="${escaped(value)}"`).join(" ");
    const css = escaped(still.letters.join("") + still.css + "*,*::before,*::after{animation:none!important;transition:none!important}");
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${still.width}" height="${still.height}" style="font-size:${size}px"><foreignObject width="100%" height="100%">` +
      `<html xmlns="${XHTML}" ${attributes}><head><style>${css}</style></head>${still.markup}</html></foreignObject></svg>`;
  }

  async function blobOf(scale) {
    const still = await ejia.still(), image = new Image(), canvas = document.createElement("canvas");
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(asDrawing(still));
    await image.decode();
    const most = Math.min(scale, Math.sqrt(MOST / (still.width * still.height)));
    canvas.width = Math.round(still.width * most);
    canvas.height = Math.round(still.height * most);
    const pen = canvas.getContext("2d");
    /* Letters and pictures inside a drawing come a moment after it; the last of some paintings is whole. */
    for (let round = 0; round < 3; round++) {
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      await new Promise((done) => setTimeout(done, 120));
    }
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  }
  ejia.pictureBlob = () => blobOf(Math.max(1, window.devicePixelRatio || 1));

  /* Wait until the scene stands whole, take it, and hand it over as a file. */
  ejia.picture = async function () {
    for (let i = 0; i < 100 && ejia.lacks().length; i++) await new Promise((done) => setTimeout(done, 100));
    const scene = ejia.scene(), blob = await ejia.pictureBlob(), link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = ["wall", scene.place.replace(/\W+/g, "-"), scene.month].join("-") + ".png";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    /* Who is signed in leaves a line in the log; a visitor's picture shows what anybody may see. */
    if (ejia.session && ejia.session() && ejia.session().signed) fetch("/picture", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ place: scene.place }) });
  };
})();
