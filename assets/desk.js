/* The duty desk: one answer of the server, drawn as elements; every act goes back as one order. */
(function () {
  "use strict";
  const body = document.body, root = document.getElementById("desk"), holder = document.getElementById("dialogs");
  const words = JSON.parse(body.dataset.words), lang = body.dataset.lang;
  const slash = lang === "en" ? "/" : "／";
  const SHOWN = 60, DAY = 86400000;
  let board = null, version = "", chosen = { org: "", id: "" }, limit = SHOWN, turn = 0, details = {}, matrices = {}, late = null, toast = null;
  const filter = { text: "", sev: 0, ind: "", stage: "", town: "", day: "" };

  const T = (key, values) => (words["desk." + key] || words[key] || key).replace(/\{(\w+)\}/g, (_, name) => (values && name in values ? values[name] : ""));
  const named = (ind) => words["warn." + ind + ".short"] || ind;
  const has = (key) => "desk." + key in words;
  const SVG = "http://www.w3.org/2000/svg";

  function put(made, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return made;
  }
  const h = (tag, attributes, ...children) => put(document.createElement(tag), attributes, children);
  const s = (tag, attributes, ...children) => put(document.createElementNS(SVG, tag), attributes, children);
  const number = (n) => Number(n).toLocaleString("en");
  const day = (text) => text.slice(5);

  /* Severity by shape first: hollow circle, hollow triangle, solid diamond, disc with a double ring. */
  function mark(sev) {
    const svg = s("svg", { viewBox: "0 0 20 20", role: "img", "aria-label": T("sev_" + sev) });
    if (sev === 1) svg.append(s("circle", { cx: 10, cy: 10, r: 5.5, fill: "none", stroke: "var(--unit)", "stroke-width": 2.2 }));
    if (sev === 2) svg.append(s("path", { d: "M10 3.5L17 16H3Z", fill: "none", stroke: "var(--watch)", "stroke-width": 2.2, "stroke-linejoin": "round" }));
    if (sev === 3) svg.append(s("path", { d: "M10 3L17 10L10 17L3 10Z", fill: "var(--amber)" }));
    if (sev === 4) svg.append(s("circle", { cx: 10, cy: 10, r: 8.6, fill: "none", stroke: "var(--amber)", "stroke-width": 1.5 }), s("circle", { cx: 10, cy: 10, r: 5.6, fill: "none", stroke: "var(--amber)", "stroke-width": 1.5 }), s("circle", { cx: 10, cy: 10, r: 3, fill: "var(--amber)" }));
    return svg;
  }

  /* ---- talking to the server ---- */
  const here = (path) => path + (path.includes("?") ? "&" : "?") + "lang=" + lang;
  async function ask(path, order) {
    const how = { cache: "no-store", headers: { Accept: "application/json" } };
    if (order) Object.assign(how, { method: "POST", body: JSON.stringify(order) }), (how.headers["Content-Type"] = "application/json");
    const answer = await fetch(here(path), how);
    if (answer.status === 401) { window.location.assign("/login?next=/desk"); throw new Error(""); }
    if (answer.status === 204) return null;
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) {
      if (answer.status === 403 && !order) window.location.assign("/");
      const error = (told.error || {});
      throw new Error((lang === "en" ? error.message_en : error.message) || T("failed"));
    }
    return told;
  }
  /* What was typed stays where it is: the caller shows the sentence and may try again under the same key. */
  async function order(what) {
    try { return await ask("/desk/act", what); } catch (error) { throw new Error(error instanceof TypeError ? T("failed") : error.message); }
  }
  const key = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16).padStart(2, "0")).join("");

  async function refresh(force) {
    const begun = turn;
    try {
      const told = await ask("/desk/data" + (force ? "" : "?v=" + version));
      body.classList.remove("stale");
      if (begun !== turn) return; /* something was done meanwhile; what it asks for itself is newer */
      if (told) { board = told; version = told.version; details = {}; matrices = {}; draw(); if (chosen.id) choose(chosen.org, chosen.id, true); }
    } catch (error) { body.classList.add("stale"); if (!board) root.replaceChildren(h("p", { class: "loading" }, T("failed"), " ", h("button", { class: "btn", onclick: () => refresh(true) }, T("retry")))); }
  }

  /* ---- what the filters leave ---- */
  function groups() {
    const text = filter.text.trim().toLowerCase(), due = filter.day ? new Set((board.week.orgs[filter.day] || [])) : null;
    const fits = (one) => (!filter.sev || one.sev === filter.sev) && (!filter.ind || one.ind === filter.ind) && (!filter.stage || one.state === filter.stage);
    const made = [];
    for (const group of board.groups) {
      if (filter.town && group.town !== filter.town) continue;
      if (due && !due.has(group.org)) continue;
      let alerts = group.alerts.filter(fits);
      if (text && !group.name.toLowerCase().includes(text)) alerts = alerts.filter((one) => named(one.ind).toLowerCase().includes(text) || one.ind.toLowerCase() === text);
      if (alerts.length) made.push(Object.assign({}, group, { alerts }));
    }
    return made;
  }
  const find = (id) => { for (const group of board.groups) for (const one of group.alerts) if (one.id === id) return [group, one]; return [null, null]; };

  /* ---- parts ---- */
  function top() {
    const sources = board.sources.map((one) => h("span", { class: one.late ? "late" : "" }, T(one.key) + " " + (one.key === "swipes" ? one.at.slice(5).replace("T", " ") : day(one.at.slice(0, 10))) + (one.late ? " " + T("source_late") : "")));
    return h("header", { class: "top" },
      h("h1", { class: "slab" }, board.centre),
      h("nav", { class: "crumb", "aria-label": T("title") }, board.scope + " › ", h("b", {}, T("title"))),
      h("div", { class: "sources", role: "group", "aria-label": T("sources") }, sources),
      h("span", { class: "when" }, board.now.replace("T", " ")),
      h("button", { "data-key": "theme", onclick: changeTheme }, T(isLight() ? "theme_dark" : "theme_light")),
      h("a", { href: "/" + (lang === "en" ? "?lang=en" : "") }, T("wall")),
      h("button", { class: "badge", title: T("login.switch"), onclick: toVisitor }, words["desk.mode"] || modeWord()),
      board.demo && h("span", { class: "demo" }, T("app.demo")),
      h("span", { class: "me" }, board.me.name),
      h("button", { onclick: leave }, T("login.out")));
  }
  /* By day a light desk: kept in a cookie, so that the next page is light before its first frame. */
  const isLight = () => document.documentElement.dataset.theme === "light";
  function changeTheme() {
    if (isLight()) delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = "light";
    document.cookie = "ejia_theme=" + (isLight() ? "light; max-age=31536000" : "; max-age=0") + "; path=/; samesite=strict";
    draw();
  }
  const modeWord = () => (lang === "en" ? "Duty" : "值守");

  function listColumn() {
    const all = board.groups.flatMap((group) => group.alerts), shown = groups(), count = shown.reduce((n, group) => n + group.alerts.length, 0);
    const since = [["new", board.since.new], ["cleared", board.since.cleared], ["escalated", board.since.escalated]].map(([name, n]) => h("span", { class: name, "data-key": "since/" + name }, h("b", {}, number(n)), T(name)));
    const sevs = [4, 3, 2, 1].map((sev) => h("button", { "aria-pressed": String(filter.sev === sev), "data-key": "sev/" + sev, onclick: () => { filter.sev = filter.sev === sev ? 0 : sev; redraw(); } }, mark(sev), T("sev_" + sev), h("b", {}, number(all.filter((one) => one.sev === sev).length))));
    const inds = [...new Set(all.map((one) => one.ind))].sort();
    const choice = (name, none, options) => h("select", { "aria-label": none, "data-key": "filter/" + name, onchange: (event) => { filter[name] = event.target.value; redraw(); } },
      h("option", { value: "" }, none), options.map(([value, text]) => h("option", { value, selected: filter[name] === value }, text)));
    return h("main", { class: "col list", "aria-label": T("title") },
      h("h2", { class: "unseen" }, T("title")),
      h("div", { class: "since" }, since, h("span", { class: "from" }, T("since", { time: board.shift.since.slice(5, 16).replace("T", " ") })), h("span", { class: "total", "data-key": "total" }, T("total", { n: number(count), orgs: number(shown.length) }))),
      h("div", { class: "sevs" }, sevs),
      h("div", { class: "filters" },
        h("input", { type: "search", placeholder: T("filter_text"), "aria-label": T("filter_text"), "data-key": "filter/text", value: filter.text, oninput: (event) => { filter.text = event.target.value; redrawRows(); } }),
        choice("ind", T("all_indicators"), inds.map((ind) => [ind, named(ind)])),
        choice("stage", T("all_stages"), board.stages.map((stage) => [stage, T("stage_" + stage)])),
        choice("town", T("all_towns"), board.map.towns.map((town) => [town.id, town.name]))),
      h("div", { class: "cols" }, h("span"), ["indicator", "value", "stage", "days", "due"].map((name) => h("span", {}, T("col_" + name)))),
      h("div", { class: "rows", id: "rows", tabindex: "-1" }, rows(shown)),
      h("div", { class: "foot" },
        h("button", { class: "note", "data-key": "letters", onclick: letters }, T("notices", board.notices)),
        h("button", { class: "btn", "data-key": "help", onclick: help }, T("help"), h("kbd", {}, "?")),
        h("button", { class: "btn", "data-key": "shift", onclick: handOver }, T("hand_over")),
        h("a", { class: "btn", href: here("/desk/report.pdf"), target: "_blank", rel: "noopener", "data-key": "report" }, T("report")),
        h("button", { class: "btn main", "data-key": "urge", disabled: !chosen.org, onclick: () => dialog("urge") }, T("do_urge"))));
  }

  function rows(shown) {
    if (!shown.length) return [h("p", { class: "empty" }, board.groups.length ? T("nothing_match") : T("nothing"))];
    const made = shown.slice(0, limit).map(groupRow), rest = shown.slice(limit);
    if (rest.length) made.push(h("button", { class: "rest", onclick: () => { limit += SHOWN; redrawRows(); } }, T("more", { orgs: number(rest.length), n: number(rest.reduce((n, group) => n + group.alerts.length, 0)) })));
    return made;
  }

  function groupRow(group) {
    return h("article", { class: "group" + (group.org === chosen.org ? " on" : ""), "data-org": group.org },
      h("h3", {}, h("button", { onclick: () => choose(group.org, group.alerts[0].id) }, group.name), h("small", {}, [group.place, group.domain].filter(Boolean).join(" · ")), h("small", { class: "n" }, group.alerts.length > 1 ? T("items", { n: group.alerts.length }) : "")),
      group.alerts.map(alertRow));
  }

  function alertRow(one) {
    const stage = board.stages.indexOf(one.state);
    return h("button", { class: "item" + (one.id === chosen.id ? " on" : ""), "data-alert": one.id, onclick: () => choose(one.org, one.id), ondblclick: () => dialog("urge") },
      h("span", { class: "mark" }, mark(one.sev)),
      h("span", { class: "name" }, named(one.ind), one.unseen && h("i", { title: T("unseen"), "aria-label": T("unseen") })),
      h("span", { class: "value" }, one.value),
      h("span", { class: "steps", title: T("stage_" + one.state), role: "img", "aria-label": T("stage_" + one.state) }, [0, 1, 2, 3].map((n) => h("i", { class: n < stage ? "done" : n === stage ? "now" : "" }))),
      h("span", { class: "days" + (one.days > 30 ? " long" : "") }, T("unit_day", { number: one.days })),
      h("span", { class: "due" + (one.late ? " late" : "") }, one.late ? T("overdue", { days: one.late }) : one.due && day(one.due)));
  }

  function ladder() {
    const most = Math.max(...board.ladder.slice(0, 4).map((one) => one.n), 1), unit = Math.max(1, Math.ceil(most / 44));
    const treads = board.ladder.map((one, i) => {
      const closed = one.stage === "closed", cells = closed ? 0 : Math.ceil(one.n / unit), bad = closed ? 0 : Math.ceil(one.late / unit);
      return h("button", { class: "tread" + (closed ? " closed" : "") + (filter.stage === one.stage ? " on" : ""), style: "--down:" + i, "data-key": "stage/" + one.stage, disabled: closed, onclick: () => { filter.stage = filter.stage === one.stage ? "" : one.stage; redraw(); } },
        h("span", { class: "t" }, T("stage_" + one.stage), h("b", {}, number(one.n))),
        closed ? [h("small", {}, T("median", { days: one.median })), h("small", {}, T("this_month")), h("small", {}, T("waived", { n: one.waived }))] : [
          h("span", { class: "cells" }, Array.from({ length: cells }, (_, n) => h("i", { class: n >= cells - bad ? "late" : "" }))),
          h("small", {}, T("oldest", { days: one.oldest })),
          one.late ? h("small", { class: "late" }, T("late", { n: number(one.late) })) : one.stage in board.limits ? h("small", {}, T("within", { days: board.limits[one.stage] })) : null]);
    });
    const note = unit > 1 ? T("unit_cells", { n: unit }) : T("ladder_note");
    return [h("div", { class: "head" }, h("h2", {}, T("ladder")), h("span", { class: "note" }, note)), h("div", { class: "ladder" }, treads)];
  }

  /* Labels that would touch move apart, each as little as will do; they stay near their town. */
  function apart(towns) {
    const wide = (name) => Math.max(104, [...name].reduce((n, letter) => n + (letter > "\u2e80" ? 31 : 17), 0));
    const boxes = towns.map((town) => ({ town, x: town.x, y: town.y, w: wide(town.name), h: 112 }));
    for (let round = 0; round < 40; round += 1) {
      let moved = false;
      for (const a of boxes) for (const b of boxes) {
        if (a === b || a.x > b.x) continue;
        const dx = (a.w + b.w) / 2 + 6 - (b.x - a.x), dy = a.h - Math.abs(b.y - a.y);
        if (dx <= 0 || dy <= 0) continue;
        moved = true;
        if (dx <= dy) { a.x -= dx / 2; b.x += dx / 2; } else { const up = a.y <= b.y ? -1 : 1; a.y += (up * dy) / 2; b.y -= (up * dy) / 2; }
      }
      if (!moved) break;
    }
    return boxes.map((box) => [box.town, Math.round(box.x), Math.round(box.y)]);
  }

  const RAMP = [1, 2, 3, 4, 5].map((n) => "var(--ramp-" + n + ")");
  function map() {
    const towns = board.map.towns.filter((town) => town.path), rates = towns.filter((town) => town.rate !== null).map((town) => town.rate), top = Math.max(...rates, 0), low = Math.min(...rates, top), mean = board.map.rate || 1;
    const step = (rate) => RAMP[top > low ? Math.min(4, Math.floor(((rate - low) / (top - low)) * 4.999)) : 2];
    const svg = s("svg", { viewBox: "-20 -20 " + (board.map.width + 40) + " " + (board.map.height + 40), preserveAspectRatio: "xMidYMid meet" });
    const order = towns.slice().sort((a, b) => (a.id === filter.town) - (b.id === filter.town));
    for (const town of order) svg.append(s("g", { class: town.id === filter.town ? "on" : "" }, s("path", { d: town.path, fill: town.rate === null ? "var(--panel)" : step(town.rate), tabindex: 0, role: "button", "aria-label": town.name, onclick: () => { filter.town = filter.town === town.id ? "" : town.id; redraw(); } })));
    for (const [town, x, y] of apart(towns)) {
      const hot = town.rate !== null && town.rate >= mean * 1.05;
      svg.append(s("g", { class: hot ? "hot" : "" },
        s("text", { class: "town", x, y: y - 28, "font-size": 30 }, town.name),
        s("rect", { class: "pill", x: x - 50, y: y - 20, width: 100, height: 40, rx: 20 }),
        s("text", { class: "rate", x, y: y + 10, "font-size": 28 }, town.rate === null ? "—" : town.rate.toFixed(1)),
        s("text", { class: "part", x, y: y + 46, "font-size": 25 }, town.n + slash + town.orgs)));
    }
    const source = board.map_source;
    return [h("div", { class: "head" }, h("h2", {}, T("per_100")), h("span", { class: "note" }, T("map_note", { rate: board.map.rate === null ? "—" : board.map.rate.toFixed(1) }))),
      h("div", { class: "map" }, svg, h("div", { class: "source" }, T("app.source", { source: source.source }) + "　" + (source.approval ? T("app.approval", { number: source.approval }) : T("app.no_approval")) + "　" + T("app.schematic")))];
  }

  function week() {
    const cells = [h("span")];
    for (const one of board.week.days) {
      const look = (one.day === board.today ? " now" : "") + (one.weekday > 5 ? " weekend" : "") + (filter.day === one.day ? " on" : "");
      cells.push(h("button", { class: "day" + look, "data-key": "day/" + one.day, onclick: () => { filter.day = filter.day === one.day ? "" : one.day; redraw(); } },
        h("span", {}, one.day === board.today ? T("today") : T("weekday", { day: [...T("weekdays")][one.weekday - 1] }), h("br"), day(one.day))));
    }
    const most = Math.max(1, ...board.week.kinds.flatMap((kind) => Object.values(kind.n)));
    for (const kind of board.week.kinds) {
      cells.push(h("span", { class: "kind" }, T("due_" + kind.kind)));
      for (const one of board.week.days) {
        const n = kind.n[one.day] || 0, size = 1.25 + 0.5 * Math.sqrt(n / most);
        cells.push(h("span", { class: (one.day === board.today ? "now" : "") + (one.weekday > 5 ? " weekend" : "") }, n ? h("i", { style: "min-width:" + size + "rem;height:" + size + "rem" }, number(n)) : ""));
      }
    }
    return [h("div", { class: "head" }, h("h2", {}, T("week")), h("span", { class: "note" }, board.week.kinds.length ? T("week_note") : T("nothing_due"))), h("div", { class: "week" }, cells)];
  }

  /* The duties around the chosen organisation, or around the first of the list while none is chosen. */
  const around = () => chosen.org || (groups()[0] || { org: "" }).org;
  function matrix() {
    const org = around(), told = matrices[org], head = h("div", { class: "head" }, h("h2", {}, T("matrix")), h("span", { class: "note" }, told && told.rows.length ? T("matrix_note", { place: told.place, month: told.month, n: told.rows.length }) : ""));
    if (!told) return [head, h("div", { class: "matrix" }, h("p", { class: "empty" }, org ? T("loading") : T("matrix_none")))];
    if (!told.rows.length) return [head, h("div", { class: "matrix" }, h("p", { class: "empty" }, T("duty_no_data")))];
    const line = (row) => h("tr", { class: row.org === chosen.org ? "on" : "" }, h("td", { title: row.name }, row.name.replace(/^.{2,3}区/, "")), told.institutions.map((name) => h("td", {}, h("i", { class: "duty " + (row.states[name] || "no_data"), role: "img", "aria-label": T("duty_" + (row.states[name] || "no_data")) }))));
    const key = ["held", "made_up", "missed", "not_due", "not_applicable", "no_data"].map((name) => h("span", {}, h("i", { class: "duty " + name }), name === "made_up" ? T("duty_made_up") + slash + T("duty_late") : T("duty_" + name)));
    return [head, h("div", { class: "matrix", tabindex: 0 }, h("table", {}, h("thead", {}, h("tr", {}, h("th"), told.institutions.map((name) => h("th", {}, h("span", {}, T("inst_" + name)))))), h("tbody", {}, told.rows.map(line)))), h("div", { class: "key" }, key)];
  }

  function drawer() {
    const [group, one] = find(chosen.id), told = details[chosen.id];
    if (!one) return h("aside", { class: "drawer none" }, T("how_none"));
    const how = told && told.how, share = how && how.share && how.den;
    const sum = h("div", { class: "sum" }, h("b", { class: "big" }, one.value), how && how.den && how.num !== null ? T("parts", { num: number(how.num), den: number(how.den) }) : "", how && how.period ? h("span", {}, how.period) : "",
      how && how.threshold !== null && h("span", { class: "line" }, T("line", { value: share ? +(how.threshold * 100).toFixed(1) + "%" : how.threshold })));
    const facts = [];
    const fact = (name, text) => { if (text) facts.push(h("dt", {}, T(name)), h("dd", {}, text)); };
    if (how) {
      fact("definition", words["warn." + one.ind + ".definition"]);
      const detail = Object.entries(how.detail).filter(([name, n]) => has("detail_" + name) && n).map(([name, n]) => T("detail_" + name, { n })).join(lang === "en" ? "; " : "；");
      fact("col_value", detail);
      const why = (name) => (has("why_" + name) ? T("why_" + name) : T("why_other"));
      const out = Object.entries(how.excluded).map(([name, n]) => why(name) + " " + number(n)).join(lang === "en" ? ", " : "、");
      fact("excluded", how.checked === undefined || how.checked === null ? "" : out ? T("excluded_text", { checked: number(how.checked), parts: out }) : T("checked_text", { checked: number(how.checked) }));
      fact("rule", T("rule_text", { version: how.rule_version, source: how.source || "—" }));
      fact("run", "");
      fact("source", how.as_of ? T("run", { at: how.ran_at.replace("T", " "), day: how.as_of }) : "");
      const steps = told.steps.slice().reverse().map((step) => h("li", {}, h("span", {}, step.at.slice(0, 16).replace("T", " ")), h("span", {}, T("verb_" + step.verb)), h("span", {}, [step.actor === "system" ? T("system") : step.actor, step.verb === "urge" ? T("urge_" + step.value) : step.value, step.evidence, step.note, step.approver].filter(Boolean).join(" · "))));
      facts.push(h("dt", {}, T("history")), h("dd", {}, h("ol", {}, steps)));
    }
    const can = { acknowledge: one.state === "open" || one.state === "notified" || one.unseen && one.state === "rectifying", promise: one.state === "acknowledged" || one.state === "rectifying" };
    const button = (verb, letter) => h("button", { class: "btn" + (verb === "urge" ? " main" : ""), disabled: can[verb] === false, "data-key": "do/" + verb, onclick: () => start(verb) }, T("do_" + verb), h("kbd", {}, letter));
    return h("aside", { class: "drawer" },
      h("div", { class: "head" }, h("h2", {}, T("how")), h("span", { class: "note" }, [group.name, named(one.ind), one.assigned && T("assigned_to", { name: one.assigned }), one.promised && T("promised_on", { day: day(one.promised) })].filter(Boolean).join(" · "))),
      h("div", { class: "body" }, sum, share ? h("div", { class: "gauge" }, h("i", { style: "width:" + Math.min(100, (100 * how.num) / how.den) + "%" }), h("u", { style: "left:" + Math.min(100, 100 * how.threshold) + "%" })) : null, how ? h("dl", {}, facts) : h("p", { class: "empty" }, T("loading"))),
      h("div", { class: "acts" }, [["acknowledge", "a"], ["assign", "g"], ["promise", "p"], ["urge", "u"], ["clear", "c"], ["waive", "w"]].map(([verb, letter]) => button(verb, letter))));
  }

  /* ---- drawing ---- */
  function draw() {
    const focus = document.activeElement && document.activeElement.dataset.key, at = document.getElementById("rows"), scrolled = at ? at.scrollTop : 0;
    root.setAttribute("aria-busy", "false");
    root.replaceChildren(top(), listColumn(), h("section", { class: "col mid", "aria-label": T("ladder") }, ladder(), map(), week()), h("section", { class: "col right", id: "right", "aria-label": T("how") }, matrix(), drawer()));
    document.getElementById("rows").scrollTop = scrolled;
    if (!chosen.org) fill("", "");
    if (focus) { const again = root.querySelector('[data-key="' + CSS.escape(focus) + '"]'); if (again) again.focus({ preventScroll: true }); }
  }
  function redraw() { limit = SHOWN; draw(); document.getElementById("rows").scrollTop = 0; }
  function redrawRows() {
    const shown = groups(), holder = document.getElementById("rows");
    holder.replaceChildren(...rows(shown));
    root.querySelector(".total").textContent = T("total", { n: number(shown.reduce((n, group) => n + group.alerts.length, 0)), orgs: number(shown.length) });
    if (!chosen.org) { redrawRight(); fill("", ""); }
  }
  function redrawRight() { const right = document.getElementById("right"); if (right) right.replaceChildren(...[matrix(), drawer()].flat()); }

  function choose(org, id, quiet) {
    chosen = { org, id };
    for (const made of root.querySelectorAll(".group")) made.classList.toggle("on", made.dataset.org === org);
    for (const made of root.querySelectorAll(".item")) {
      made.classList.toggle("on", made.dataset.alert === id);
      if (made.dataset.alert === id && !quiet) made.scrollIntoView({ block: "nearest" });
    }
    const main = root.querySelector('.foot [data-key="urge"]');
    if (main) main.disabled = !org;
    redrawRight();
    clearTimeout(late);
    late = setTimeout(() => fill(org, id), quiet ? 0 : 120);
  }
  async function duties(org) {
    matrices[org] = await ask("/desk/matrix/" + encodeURIComponent(org)).catch(() => ({ rows: [] }));
    if (around() === org) redrawRight();
  }
  async function fill(org, id) {
    const jobs = [];
    if (id && !details[id]) jobs.push(ask("/desk/alert/" + encodeURIComponent(id)).then((told) => { details[id] = told; if (chosen.id === id) redrawRight(); }).catch(() => {}));
    const near = org || around();
    if (near && !matrices[near]) jobs.push(duties(near));
    await Promise.all(jobs);
    body.dataset.filled = id;
  }

  /* Put the changed warnings into place at once; the whole is asked again behind them. */
  function changed(told) {
    turn += 1;
    for (const fresh of told) {
      for (const group of board.groups) {
        const i = group.alerts.findIndex((one) => one.id === fresh.id);
        if (i < 0) continue;
        if (board.stages.includes(fresh.state)) group.alerts[i] = fresh; else group.alerts.splice(i, 1);
      }
      delete details[fresh.id];
    }
    board.groups = board.groups.filter((group) => group.alerts.length);
    if (chosen.id && !find(chosen.id)[1]) { const group = board.groups.find((one) => one.org === chosen.org); chosen.id = group ? group.alerts[0].id : ""; if (!group) chosen.org = ""; }
    draw();
    if (chosen.id) fill(chosen.org, chosen.id);
    refresh(false);
  }

  function say(text, undo) {
    if (toast) toast.remove();
    const mine = (toast = h("div", { class: "toast", role: "status" }, text, undo && h("button", { "data-key": "undo", onclick: () => { mine.remove(); undo(); } }, T("undo"))));
    body.append(mine);
    setTimeout(() => mine.remove(), undo ? 58000 : 4000);
  }

  /* ---- acts ---- */
  function start(verb) {
    const one = find(chosen.id)[1];
    if (!one) return;
    if (verb === "acknowledge") return acknowledge(one);
    dialog(verb);
  }
  async function acknowledge(one) {
    if (!(one.state === "open" || one.state === "notified" || one.unseen && one.state === "rectifying")) return;
    try {
      const told = await order({ verb: "acknowledge", ids: [one.id], key: key() });
      changed(told.alerts);
      say(T("done_acknowledge"), async () => { try { changed((await order({ verb: "undo", ids: [one.id], key: key() })).alerts); say(T("undone")); } catch (error) { say(error.message); } });
    } catch (error) { say(error.message); }
  }

  function field(name, label, kind, value, more) {
    const made = kind === "area" ? h("textarea", { name, required: true, maxlength: 500, ...more }) : kind === "select" ? h("select", { name }, more.map((one) => h("option", {}, one))) : h("input", { name, type: kind, required: true, maxlength: 500, ...more });
    if (kind !== "select") made.value = value || "";
    return h("label", {}, label, made);
  }
  const later = (days) => new Date(Date.parse(board.today) + days * DAY).toISOString().slice(0, 10);

  function dialog(verb) {
    const [group, one] = find(chosen.id);
    if (!one || document.querySelector("dialog[open]")) return;
    if (verb === "urge") return urging(group);
    const fields = {
      assign: () => [field("value", T("assign_to"), "select", "", board.hands)],
      promise: () => [field("value", T("promise_day"), "date", later(14), { min: board.today, max: later(366) })],
      clear: () => [field("evidence", T("evidence"), "area")],
      waive: () => [field("note", T("reason"), "area"), field("approver", T("approver"), "text", "", { maxlength: 40, autocomplete: "off" })],
    }[verb]();
    const why = h("p", { class: "why", role: "alert" }), mine = key();
    const form = h("form", { method: "dialog", onsubmit: async (event) => {
      event.preventDefault();
      const what = Object.assign({ verb, ids: [one.id], key: mine }, Object.fromEntries(new FormData(form)));
      send.disabled = true; why.textContent = "";
      try { const told = await order(what); box.close(); changed(told.alerts); say(T("done_" + verb)); } catch (error) { why.textContent = error.message; send.disabled = false; }
    } }, h("h2", {}, T("do_" + verb)), h("p", { class: "sub" }, group.name + " · " + named(one.ind) + " · " + one.value), fields, why,
      h("div", { class: "bar" }, h("button", { class: "btn", type: "button", onclick: () => box.close() }, T("cancel"))));
    const send = h("button", { class: "btn main", type: "submit", "data-key": "save" }, T("save"));
    form.lastElementChild.append(send);
    const box = open(form);
  }

  /* A reminder: written first, then shown as it will stand, and only then sent. */
  function urging(group) {
    const ids = group.alerts.slice(0, 50).map((one) => one.id), items = () => group.alerts.map((one) => named(one.ind) + (lang === "en" ? " (" : "（") + one.value + (lang === "en" ? ")" : "）")).join(lang === "en" ? "; " : "；");
    const draft = { kind: "remind", due: later(5), text: "", mine: key() }, why = h("p", { class: "why", role: "alert" });
    const template = () => T("urge_template", { items: items(), due: draft.due });
    draft.text = template();
    const place = h("div"), box = open(place);
    function write() {
      const kinds = h("div", { class: "kinds" }, board.urgings.map((kind) => h("button", { type: "button", "aria-pressed": String(kind === draft.kind), "data-key": "kind/" + kind, onclick: () => { draft.kind = kind; write(); } }, T("urge_" + kind))));
      const due = field("due", T("urge_due"), "date", draft.due, { min: board.today, max: later(366) }), text = field("text", T("urge_text"), "area", draft.text);
      due.lastElementChild.addEventListener("change", (event) => { const before = template(); draft.due = event.target.value; if (draft.text === before) { draft.text = template(); text.lastElementChild.value = draft.text; } });
      text.lastElementChild.addEventListener("input", (event) => { draft.text = event.target.value; });
      const form = h("form", { onsubmit: (event) => { event.preventDefault(); check(); } }, h("h2", {}, T("do_urge")), h("p", { class: "sub" }, T("chosen", { name: group.name, n: group.alerts.length })), h("span", {}, T("urge_kind")), kinds, due, text,
        h("div", { class: "bar" }, h("button", { class: "btn", type: "button", onclick: () => box.close() }, T("cancel")), h("button", { class: "btn main", type: "submit", "data-key": "next" }, T("next"))));
      place.replaceChildren(form);
    }
    function check() {
      why.textContent = "";
      const send = h("button", { class: "btn main", type: "button", "data-key": "confirm", onclick: async () => {
        send.disabled = true; why.textContent = "";
        try { const told = await order({ verb: "urge", ids, value: draft.kind, due_on: draft.due, note: draft.text.slice(0, 500), key: draft.mine }); box.close(); changed(told.alerts); say(T("done_urge")); } catch (error) { why.textContent = error.message; send.disabled = false; }
      } }, T("confirm"));
      place.replaceChildren(h("h2", {}, T("do_urge")), h("p", { class: "sub" }, T("urge_check")), h("div", { class: "slip" }, h("h3", {}, T("urge_" + draft.kind) + (lang === "en" ? "" : "单")), group.name + "\n" + draft.text + "\n" + T("urge_due") + " " + draft.due), why,
        h("div", { class: "bar" }, h("button", { class: "btn", type: "button", onclick: () => box.close() }, T("cancel")), h("button", { class: "btn", type: "button", onclick: write }, T("back")), send));
      send.focus();
    }
    write();
  }

  function handOver() {
    const why = h("p", { class: "why", role: "alert" }), send = h("button", { class: "btn main", type: "button", "data-key": "save", onclick: async () => {
      send.disabled = true;
      try { await ask("/desk/shift", {}); box.close(); say(T("done_shift")); refresh(true); } catch (error) { why.textContent = error.message || T("failed"); send.disabled = false; }
    } }, T("hand_over"));
    const box = open(h("div", {}, h("h2", {}, T("hand_over")), h("p", { class: "sub" }, T("hand_over_ask")), why, h("div", { class: "bar" }, h("button", { class: "btn", onclick: () => box.close() }, T("cancel")), send)));
  }

  /* Messages that could not be delivered, with the reason; an administrator may send one again. */
  async function letters() {
    let told;
    try { told = await ask("/desk/notices"); } catch (error) { return say(error.message); }
    const again = (one) => board.me.role === "admin" && h("button", { class: "btn", onclick: async (event) => { event.target.disabled = true; try { await ask("/desk/notices/" + one.notice_id, {}); event.target.closest("li").remove(); } catch (error) { event.target.disabled = false; say(error.message); } } }, T("again"));
    const lines = told.letters.map((one) => h("li", {}, h("span", {}, one.made_at.slice(5, 16).replace("T", " ") + " · " + one.channel + " · " + one.error), again(one)));
    const box = open(h("div", {}, h("h2", {}, T("letters")), lines.length ? h("ul", { class: "letters" }, lines) : h("p", { class: "sub" }, T("no_letters")), h("div", { class: "bar" }, h("button", { class: "btn", onclick: () => box.close() }, T("key_close")))));
  }

  const KEYS = [["j / k", "next", "previous"], ["Enter", "open"], ["a", "acknowledge"], ["u", "urge"], ["p", "promise"], ["c", "clear"], ["w", "waive"], ["g", "assign"], ["/", "search"], ["?", "help"], ["Esc", "close"]];
  function help() {
    const box = open(h("div", {}, h("h2", {}, T("help")), h("div", { class: "keys" }, KEYS.flatMap(([letter, ...names]) => [h("kbd", {}, letter), h("span", {}, names.map((name) => T("key_" + name)).join(" / "))])), h("div", { class: "bar" }, h("button", { class: "btn", onclick: () => box.close() }, T("key_close")))));
  }
  function open(inner) {
    const box = h("dialog", { onclose: () => box.remove() }, inner);
    holder.append(box);
    box.showModal();
    return box;
  }

  async function toVisitor() {
    root.hidden = true;
    try { await fetch("/session/mode", { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify({ as_visitor: true }) }); } finally { window.location.assign("/"); }
  }
  async function leave() {
    root.hidden = true;
    try { await fetch("/logout", { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: "{}" }); } finally { window.location.assign("/login?next=/desk"); }
  }

  /* ---- keys ---- */
  function step(by) {
    const items = [...root.querySelectorAll(".item")], at = items.findIndex((made) => made.dataset.alert === chosen.id), next = items[Math.max(0, Math.min(items.length - 1, at < 0 ? 0 : at + by))];
    if (next) choose(next.closest(".group").dataset.org, next.dataset.alert);
  }
  const VERBS = { a: "acknowledge", u: "urge", p: "promise", c: "clear", w: "waive", g: "assign" };
  document.addEventListener("keydown", (event) => {
    if (!board || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const writing = event.target.matches("input, textarea, select");
    if (event.key === "Escape") { if (writing) event.target.blur(); else if (chosen.id) choose("", ""); else { Object.assign(filter, { text: "", sev: 0, ind: "", stage: "", town: "", day: "" }); redraw(); } return; }
    if (writing) return;
    const letter = event.key.toLowerCase();
    if (event.key === "j" || event.key === "ArrowDown") step(1);
    else if (event.key === "k" || event.key === "ArrowUp") step(-1);
    else if (event.key === "Enter" && !event.target.closest("button, a")) { const body_ = root.querySelector(".drawer .body"); if (body_) { body_.tabIndex = -1; body_.focus(); } }
    else if (event.key === "?") help();
    else if (event.key === "/") root.querySelector('[data-key="filter/text"]').focus();
    else if (letter in VERBS) start(VERBS[letter]);
    else return;
    event.preventDefault();
  });

  function scale() { document.documentElement.style.fontSize = Math.max(14.5, 16 * Math.min(window.innerWidth / 1920, window.innerHeight / 1080)) + "px"; }
  scale();
  window.addEventListener("resize", scale);
  refresh(true);
  setInterval(() => { if (!document.querySelector("dialog[open]")) refresh(false); }, 20000);
})();
