/* The wall on paper: A4 lying, dark on white from the same tokens, the map drawn anew at three pixels to one. While
   the print dialog is open the screen itself stays dark: no wall flashes white because somebody prints it. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  const WIDE = 1062, HIGH = 733, SHARP = 3; /* CSS px of a lying A4 sheet inside its margins of 8 mm */
  let before = null;

  function begin() {
    const root = document.documentElement, wall = document.getElementById("wall");
    if (before || !wall || !ejia.refit || !ejia.scene || !ejia.scene()) return;
    before = { size: root.style.fontSize, wall: root.dataset.wall, columns: wall.style.gridTemplateColumns };
    const cover = document.createElement("div");
    cover.id = "print-cover";
    document.body.append(cover);
    root.dataset.theme = "print";
    root.dataset.wall = "plain";
    root.style.fontSize = Math.min(HIGH / 67.5, WIDE / 108) + "px";
    Object.assign(wall.style, { width: WIDE + "px", height: HIGH + "px", margin: "0", gridTemplateColumns: "" });
    ejia.refit(SHARP);
    if (ejia.legend) ejia.legend(ejia.scene(), ejia.mapState.payloads);
  }

  function end() {
    const root = document.documentElement, wall = document.getElementById("wall");
    if (!before) return;
    const was = before;
    before = null;
    delete root.dataset.theme;
    root.dataset.wall = was.wall;
    root.style.fontSize = was.size;
    Object.assign(wall.style, { width: "", height: "", margin: "", gridTemplateColumns: was.columns });
    ejia.refit(0);
    if (ejia.legend) ejia.legend(ejia.scene(), ejia.mapState.payloads);
    const cover = document.getElementById("print-cover");
    if (cover) cover.remove();
    window.dispatchEvent(new Event("resize"));
  }

  window.addEventListener("beforeprint", begin);
  window.addEventListener("afterprint", end);
  ejia.paper = { begin, end };
})();
