/* The contrast of each text with the picture behind it (WCAG 2.2): of the pixels in its box, the tenth part that is
   worst decides. boxes: [{box: [left, top, right, bottom], rgb, alpha}] in pixels of the picture; null = nothing there. */
(async function (picture, boxes) {
  "use strict";
  const bytes = Uint8Array.from(atob(picture), (char) => char.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: "image/webp" }));
  const pen = new OffscreenCanvas(image.width, image.height).getContext("2d", { willReadFrequently: true });
  pen.drawImage(image, 0, 0);
  const linear = Float64Array.from({ length: 256 }, (_, i) => (i / 255 <= 0.04045 ? i / 255 / 12.92 : Math.pow((i / 255 + 0.055) / 1.055, 2.4)));
  const shade = (r, g, b) => 0.2126 * linear[r] + 0.7152 * linear[g] + 0.0722 * linear[b];
  return boxes.map(({ box, rgb, alpha }) => {
    const x = Math.max(0, Math.round(box[0])), y = Math.max(0, Math.round(box[1]));
    const wide = Math.min(image.width, Math.round(box[2])) - x, high = Math.min(image.height, Math.round(box[3])) - y;
    if (wide < 1 || high < 1 || rgb.length < 3) return null;
    const data = pen.getImageData(x, y, wide, high).data, ratios = [];
    const step = 4 * Math.max(1, Math.floor((wide * high) / 900));
    for (let i = 0; i < data.length; i += step) {
      const back = shade(data[i], data[i + 1], data[i + 2]);
      const mix = (n) => Math.round(alpha * rgb[n] + (1 - alpha) * data[i + n]);
      const ink = shade(mix(0), mix(1), mix(2));
      ratios.push((Math.max(ink, back) + 0.05) / (Math.min(ink, back) + 0.05));
    }
    ratios.sort((a, b) => a - b);
    return ratios[Math.floor(ratios.length / 10)];
  });
})
