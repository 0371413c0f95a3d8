/* Panels from plain trees: [tag, attributes, children] or text; no markup is ever parsed. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  const SVG = new Set(["svg", "path", "circle", "line", "polyline", "polygon", "rect", "g", "text", "title"]);
  const shown = new Map();

  function build(tree) {
    if (typeof tree === "string") return document.createTextNode(tree);
    const [tag, attributes, children] = tree;
    const made = SVG.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "style") made.style.cssText = value;
      else if (!name.startsWith("on")) made.setAttribute(name, value);
    }
    if (tag === "button") made.type = "button";
    made.append(...children.map(build));
    return made;
  }

  /* Empty every panel: what it shows belonged to another mode. */
  ejia.forgetPanels = function () {
    shown.clear();
    for (const holder of document.querySelectorAll("[data-view]")) holder.replaceChildren();
  };

  /* Paint a panel's tree into its place; what had the focus keeps it. */
  ejia.render = function (key, tree) {
    if (shown.get(key) === tree || (tree && JSON.stringify(shown.get(key)) === JSON.stringify(tree))) return;
    const holder = document.querySelector(`[data-view="${key}"]`);
    if (!holder || !tree) return;
    shown.set(key, tree);
    const focused = holder.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    holder.replaceChildren(...tree.map(build));
    if (ejia.nudgeSoon) ejia.nudgeSoon();
    if (!focused) return;
    const again = holder.querySelector(`[data-key="${CSS.escape(focused)}"]`);
    if (again) again.focus({ preventScroll: true });
  };
})();
