/* A wall that was named comes back where it was: its last scene is kept as an address, and never older than a day. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  const KEY = "ejia.last", DAY = 86400000, given = new URLSearchParams(window.location.search);
  const bare = [...given.keys()].every((name) => ["wall", "grid", "margin"].includes(name));
  if (given.has("wall") && bare) {
    try {
      const last = JSON.parse(localStorage.getItem(KEY) || "null");
      if (last && Date.now() - last.at < DAY && last.query) {
        window.history.replaceState(null, "", window.location.pathname + last.query + "&" + given.toString());
      }
    } catch (error) { /* begins at the overview */ }
  }
  (ejia.sceneActs = ejia.sceneActs || []).push((scene) => {
    try { if (localStorage.getItem("ejia.wall")) localStorage.setItem(KEY, JSON.stringify({ query: scene.query, at: Date.now() })); } catch (error) { /* not kept */ }
  });
})();
