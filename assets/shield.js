/* Visitor mode: one key or tap hides everything at once; then the server answers as to visitors, and only then the wall shows again. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  let wanted = false, busy = null;

  /* Hide within this frame; what was painted for another mode is thrown away, not only covered. */
  function cover() {
    const body = document.body.classList;
    body.add("covering");
    if (ejia.forget) ejia.forget();
  }

  async function tell(on) {
    const answer = await fetch("/session/visitor", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ on: on }) });
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

  /* Switch visitor mode on or off; as long as the server has not said yes, the wall stays covered. */
  ejia.shield = async function (on) {
    wanted = on === undefined ? !wanted : on;
    const mine = wanted;
    document.body.classList.toggle("shielded", wanted);
    if (ejia.reportState) ejia.reportState();
    cover();
    for (;;) {
      try { await tell(mine); break; } catch (error) { await new Promise((next) => setTimeout(next, 1500)); }
      if (mine !== wanted) return;
    }
    ejia.reopen();
    ejia.again(undefined, true);
    setTimeout(uncover, 80);
  };

  document.addEventListener("keydown", (event) => {
    const writing = event.target.matches && event.target.matches("input, textarea, select");
    if (writing || event.ctrlKey || event.metaKey || event.altKey || event.key !== "v") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ejia.shield();
  }, true);
  document.addEventListener("click", (event) => { if (event.target.closest(".badge.mode")) ejia.shield(); });
})();
