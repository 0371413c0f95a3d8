/* A page whose files did not all arrive (the network changed, the server was just restarting) is loaded again: at
   first soon, then less often, and only when the server answers. So is one that has not come to stand after a
   while. A page that stands is left alone, if it lacks nothing or was tried often enough. This stands in the page itself, since files may fail. */
(function () {
  "use strict";
  const KEY = "ejia.mend", WITHIN = 40000, MOST = 5;
  const tries = Math.min(Number(sessionStorage.getItem(KEY)) || 0, MOST);
  const pause = 2000 * 2 ** tries;
  let lacking = false, due = 0;

  function plan(after) { if (!due) due = setTimeout(mend, after); }

  async function mend() {
    due = 0;
    try {
      if (!(await fetch("/healthz", { cache: "no-store" })).ok) throw new Error("not yet");
    } catch (error) { return plan(2000); }
    sessionStorage.setItem(KEY, String(tries + 1));
    location.reload();
  }

  addEventListener("error", (event) => {
    if (!event.target || !["SCRIPT", "LINK"].includes(event.target.tagName)) return;
    lacking = true;
    plan(pause);
  }, true);

  const late = setTimeout(() => plan(pause), WITHIN);
  const look = setInterval(() => {
    if (document.documentElement.dataset.ready !== "1") return;
    clearInterval(look);
    clearTimeout(late);
    if (lacking && tries < MOST) return;
    clearTimeout(due);
    if (!lacking) sessionStorage.removeItem(KEY);
  }, 500);
})();
