/* One idea: a plotly figure is drawn for a wall of 1080 lines; this gives CSS the wall's scale to zoom it by. */
(function () {
  "use strict";
  const root = document.documentElement;
  let last = "";
  function scale() {
    const now = (parseFloat(getComputedStyle(root).fontSize) / 16).toFixed(4);
    if (now === last) return;
    last = now;
    root.style.setProperty("--scale", now);
  }
  new MutationObserver(scale).observe(root, { attributes: true, attributeFilter: ["style"] });
  scale();
})();
