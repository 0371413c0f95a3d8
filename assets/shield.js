/* Visitor mode: one key or tap hides everything at once; then the server answers as to visitors, and only then
   the wall shows again. Without a reload, so that tour, map and stream stay. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  let wanted = null, busy = null;

  /* Hide within this frame; what was painted for another mode is thrown away, not only covered. */
  function cover() {
    document.body.classList.add("covering");
    if (ejia.forget) ejia.forget();
  }

  async function tell(on) {
    const answer = await fetch("/session/mode", { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ as_visitor: on }) });
    if (answer.status === 401) return { signed: false, mode: "visitor" };
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  }

  function uncover() {
    clearInterval(busy);
    busy = setInterval(() => {
      if (document.documentElement.dataset.ready !== "1") return;
      clearInterval(busy);
      document.body.classList.remove("covering");
    }, 50);
  }

  /* To visitors and back; `on` true only ever hides. As long as the server has not said yes, the wall stays covered. */
  ejia.switchMode = async function (on) {
    const known = ejia.session && ejia.session();
    if (!known || !known.signed) return;
    const to = typeof on === "boolean" ? on : !(wanted === null ? known.as_visitor : wanted);
    wanted = to;
    cover();
    let state = null;
    while (!state) {
      try { state = await tell(to); } catch (error) { await new Promise((next) => setTimeout(next, 1500)); }
      if (wanted !== to) return;
    }
    wanted = null;
    ejia.knowSession(state);
    ejia.reopen();
    ejia.again(undefined, true);
    if (ejia.reportState) ejia.reportState();
    setTimeout(uncover, 80);
  };
})();
