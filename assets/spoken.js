/* For those who hear the wall or go by keys: what changed in a sentence, the map as a table, names of the regions,
   and a focus that follows a sheet that opens and comes back from one that closes. */
(function () {
  "use strict";
  const ejia = (window.ejia = window.ejia || {});
  let byKey = false, opener = "", said = "", waiting = null;

  function make(tag, id) {
    const made = document.createElement(tag);
    made.className = "unseen";
    made.id = id;
    return made;
  }

  /* ---- one sentence a change, after it has settled: place, period, and a tour's caption ---- */
  function say() {
    const holder = document.getElementById("spoken") || document.body.appendChild(make("div", "spoken"));
    holder.setAttribute("role", "status");
    const text = (selector) => [...document.querySelectorAll(selector)].map((one) => one.textContent.trim()).filter(Boolean);
    const sheet = document.querySelector("#sheets .sheet");
    const parts = [...text(".crumbs .here"), ...text(".place-facts > :nth-child(2)"), ...text(".presets .on"), ...text(".caption-text"),
      ...(sheet ? [sheet.getAttribute("aria-label") || ""] : [])];
    const sentence = parts.join(" · ");
    if (sentence === said) return;
    said = sentence;
    holder.textContent = sentence;
  }

  /* ---- the map as a table: what its colours, circles, pills and arrows say, place by place ---- */
  const number = (n) => (n === null || n === undefined ? "" : (+Number(n).toFixed(1)).toLocaleString("en"));
  function cell(payload, id) {
    const hidden = ejia.say("spoken_hidden");
    if (payload.circles) return payload.fill[id] < 0 ? hidden : number(payload.circles[id] || 0);
    if (payload.places && payload.places[id]) {
      const one = payload.places[id];
      return one.rate === null ? hidden : number(one.rate) + " (" + (one.few ? "<3" : number(one.n)) + ejia.say("slash") + number(one.organisations) + ")";
    }
    const step = payload.fill ? payload.fill[id] : undefined;
    if (step === undefined || step === null) return ejia.say("spoken_none");
    return step < 0 ? hidden : number(payload.breaks[step]) + "–" + number(payload.breaks[step + 1]);
  }

  function rowsOf(scene, state) {
    const drawn = (key) => scene.drawn.includes(key) && state.payloads[key] && state.payloads[key].place === scene.place ? state.payloads[key] : null;
    const named = (place) => (scene.lang === "en" && place.name_en) || place.name;
    const flows = drawn("transfers"), filled = drawn("alerts") || drawn("members"), inside = state.places.filter((place) => place.parent === scene.place);
    if (flows) {
      const rows = flows.nodes.filter((node) => node.moved_in || node.moved_out);
      return { heads: [ejia.say("name"), ejia.say("legend_in"), ejia.say("legend_out")], rows: rows.map((node) => [state.byId[node.id] ? named(state.byId[node.id]) : named(node) || node.id, number(node.moved_in || 0), number(node.moved_out || 0)]) };
    }
    if (filled && inside.length) return { heads: [ejia.say("name"), ejia.say("measure_" + filled.measure)], rows: inside.map((place) => [named(place), cell(filled, place.id)]) };
    return { heads: [ejia.say("name")], rows: inside.map((place) => [named(place)]) };
  }

  function table() {
    const scene = ejia.scene(), state = ejia.mapState, box = document.getElementById("map-box");
    if (!scene || !state.places || !box) return;
    const { heads, rows } = rowsOf(scene, state), made = make("table", "map-table"), caption = document.createElement("caption");
    caption.textContent = ejia.say("map_table");
    made.append(caption);
    const line = (tag, texts) => {
      const row = document.createElement("tr");
      texts.forEach((text, i) => { const one = document.createElement(i ? tag : "th"); one.scope = tag === "th" ? "col" : i ? "" : "row"; if (!one.scope) one.removeAttribute("scope"); one.textContent = text; row.append(one); });
      return row;
    };
    if (rows.length) made.append(line("th", heads), ...rows.map((row) => line("td", row)));
    const before = document.getElementById("map-table");
    if (before && before.textContent === made.textContent) return;
    if (before) before.replaceWith(made); else box.append(made);
  }

  function regions() {
    const name = (selector, key) => { const found = document.querySelector(selector); if (found) found.setAttribute("aria-label", ejia.say(key)); };
    for (const side of ["left", "right", "wide"]) name(".column." + side, "region_" + side);
    name("#map", "map");
    const map = document.getElementById("map");
    if (map) { map.setAttribute("role", "region"); map.setAttribute("aria-describedby", "map-table"); }
    for (const canvas of document.querySelectorAll("canvas:not([aria-hidden])")) canvas.setAttribute("aria-hidden", "true");
  }

  (ejia.sceneActs = ejia.sceneActs || []).push(() => {
    regions();
    clearTimeout(waiting);
    waiting = setTimeout(function tell() {
      if (document.documentElement.dataset.ready !== "1") { waiting = setTimeout(tell, 120); return; }
      regions();
      table();
      say();
    }, 120);
  });

  /* ---- the focus of who goes by keys ---- */
  for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, () => { byKey = name === "keydown"; }, { capture: true, passive: true });
  let sheet = null;
  function follow() {
    const now = document.querySelector("#sheets .sheet");
    if (now === sheet) return;
    const opened = now && !sheet;
    if (opened) opener = (document.activeElement && document.activeElement.dataset && document.activeElement.dataset.key) || "";
    sheet = now;
    if (!byKey) return;
    if (now) {
      if (!now.contains(document.activeElement) && !now.querySelector("#search-box")) (now.querySelector("button, a[href], [tabindex='0']") || now).focus();
    } else if (opener && (document.activeElement === document.body || !document.activeElement)) {
      const again = document.querySelector(`[data-key="${CSS.escape(opener)}"]`);
      if (again) again.focus({ preventScroll: true });
    }
  }
  /* A sheet is painted by another hand: look when its place changes. */
  function watch() {
    const holder = document.getElementById("sheets");
    if (!holder) return setTimeout(watch, 200);
    new MutationObserver(follow).observe(holder, { childList: true, subtree: true });
    follow();
  }
  watch();
})();
