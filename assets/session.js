/* Who is signed in: the header's doors, the switch to visitors, and a page that outlived its session. */
(function () {
  "use strict";
  const root = document.documentElement, ejia = (window.ejia = window.ejia || {});
  let known = null;

  /* The mode this page was painted for; the badge says it. */
  const painted = () => { const badge = document.querySelector("[data-session='mode']"); return badge && badge.dataset.mode; };

  function show(state) {
    known = state;
    document.body.classList.toggle("shielded", Boolean(state.signed && state.as_visitor));
    root.dataset.signed = state.signed ? (state.desk ? "desk" : "yes") : "no";
    if (painted() && painted() !== state.mode) again();
  }

  /* What is on the screen belongs to another mode: away with it at once, then ask anew. */
  function again() { root.dataset.hushed = "1"; window.location.reload(); }

  ejia.knowSession = show;
  ejia.session = () => known;

  async function look() {
    try {
      const answer = await fetch("/session", { cache: "no-store", headers: { Accept: "application/json" } });
      if (answer.ok) show(await answer.json());
    } catch (error) { /* an outage is said elsewhere; the next look tells */ }
  }

  async function leave() {
    root.dataset.hushed = "1";
    const answer = { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: "{}" };
    try { await fetch("/logout", answer); } finally { again(); }
  }

  document.addEventListener("click", (event) => {
    const at = event.target.closest("[data-session]");
    if (at) (at.dataset.session === "out" ? leave : ejia.switchMode)();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    if (event.key === "v" || event.key === "V") ejia.switchMode();
  });
  new MutationObserver(() => { if (known) show(known); }).observe(document.body, { childList: true, subtree: true });
  look();
  setInterval(look, 20000);
})();
