/* The search sheet: asks while one types, and offers each find as a gesture. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  let waiting = null, latest = 0;

  function result(found, lang) {
    const button = document.createElement("button"), where = document.createElement("span");
    button.type = "button";
    button.dataset.verb = "go";
    button.dataset.arg = found.wall_url.slice(found.wall_url.indexOf("?"));
    button.dataset.key = "result/" + found.id;
    button.append((lang === "en" && found.name_en) || found.name);
    where.textContent = (lang === "en" && found.parent_name_en) || found.parent_name || "";
    button.append(where);
    return button;
  }

  async function search(text, holder) {
    const turn = ++latest;
    const lang = (ejia.mapState.scene && ejia.mapState.scene.lang) || "zh";
    const answer = await fetch(`/api/v1/search?q=${encodeURIComponent(text)}&lang=${lang}`);
    const found = answer.ok ? (await answer.json()).hits : [];
    if (turn !== latest) return;
    holder.replaceChildren(...found.slice(0, 12).map((one) => result(one, lang)));
    if (!found.length) holder.textContent = holder.dataset.none;
  }

  document.addEventListener("input", (event) => {
    if (event.target.id !== "search-box") return;
    const text = event.target.value.trim(), holder = document.getElementById("search-results");
    clearTimeout(waiting);
    if (!text) { holder.replaceChildren(); return; }
    waiting = setTimeout(() => search(text, holder), 80);
  });

  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "search-box" || event.key !== "Enter") return;
    const first = document.querySelector("#search-results button");
    if (first) first.click();
  });

  /* The sheet is painted after the gesture: bring the caret into it. */
  new MutationObserver(() => {
    const box = document.getElementById("search-box");
    if (box && !box.dataset.met) { box.dataset.met = "1"; box.focus(); }
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
