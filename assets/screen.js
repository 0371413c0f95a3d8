/* A wall without a keyboard: full screen by a button, a cursor that goes away, a screen that stays on, and the sheet of keys. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  const REST = 4000;
  let rest = null, lock = null, sheet = null, opener = null;

  function moved() {
    document.body.classList.remove("resting");
    clearTimeout(rest);
    rest = setTimeout(() => document.body.classList.add("resting"), REST);
  }
  for (const name of ["pointermove", "pointerdown"]) document.addEventListener(name, moved, { passive: true });

  /* The lock is lost whenever the page is hidden; it is asked for again when it is seen. */
  async function stayOn() {
    if (!navigator.wakeLock || document.hidden || lock) return;
    try {
      lock = await navigator.wakeLock.request("screen");
      lock.addEventListener("release", () => { lock = null; });
    } catch (error) { /* not allowed here: the kiosk's own settings keep the screen on */ }
  }
  document.addEventListener("visibilitychange", stayOn);
  document.addEventListener("pointerdown", stayOn, { once: true });

  ejia.fullScreen = function () {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen({ navigationUI: "hide" }).catch(() => {});
  };

  const KEYS = [["Space", "step"], ["PageDown →", "next"], ["PageUp ←", "previous"], ["h", "hold"], ["1–9", "jump"], ["Home", "home"], ["Esc", "up"], ["t", "tours"],
    ["b .", "blackout"], ["v", "visitor"], ["r", "remote"], ["f", "full"], ["/", "search"], ["?", "help"]];
  ejia.help = function () {
    if (sheet) { sheet.remove(); sheet = null; if (opener && opener.isConnected) opener.focus(); return; }
    opener = document.activeElement;
    sheet = document.createElement("div");
    sheet.className = "help";
    sheet.setAttribute("role", "dialog");
    sheet.dataset.key = "help";
    const title = document.createElement("h2"), list = document.createElement("dl"), shut = document.createElement("button");
    title.textContent = ejia.say("keys");
    sheet.setAttribute("aria-label", title.textContent);
    for (const [key, name] of KEYS) {
      const term = document.createElement("dt"), text = document.createElement("dd");
      term.textContent = key;
      text.textContent = ejia.say("key_" + name);
      list.append(term, text);
    }
    shut.className = "close";
    shut.textContent = "×";
    shut.setAttribute("aria-label", ejia.say("close"));
    shut.addEventListener("click", ejia.help);
    sheet.append(title, list, shut);
    document.body.append(sheet);
    shut.focus();
  };

  document.addEventListener("keydown", (event) => {
    const writing = event.target.matches && event.target.matches("input, textarea, select");
    if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = event.key === "?" || (sheet && event.key === "Escape") ? ejia.help : event.key === "f" ? ejia.fullScreen : null;
    if (!act) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  }, true);
  document.addEventListener("click", (event) => {
    const at = event.target.closest("[data-screen]");
    const acts = { full: ejia.fullScreen, picture: ejia.picture };
    if (at) (acts[at.dataset.screen] || ejia.help)();
  });
  stayOn();
  moved();
})();
