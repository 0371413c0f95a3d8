"""How a number of warnings, duties, campaigns or the radar is counted, and what was left out and why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from dash import html

from dashboard import duty_view, parts, radar_view, results_view
from dashboard.panels import how
from dashboard.panels.activities import signin_of
from dashboard.panels.flow_pipeline import BACK, POCKET
from dashboard.panels.flow_pipeline import STEPS as PIPELINE
from dashboard.words import Words
from indicators.radar.registry import axes as all_axes
from indicators.warnings.registry import all_warnings
from layers.scene import Scene, World
from layers.transfers import subject as flows_of
from layers.transfers import view as flow_view
from stores.duty_states import MORE, NAMES

KEY = "how_more"
ORDER = 56
SIDE = "sheet"
OPENS = ("how", "")
DEPENDS = ("how", "place", "basis", "month", "span", "focus", "organisation")
Rows = list[dict[str, Any]]
Asked = dict[str, tuple[str, dict[str, Any]]]
BASICS: Final = {
    "team": ("A4", "A7"),
    "activities": ("A3",),
    "positions": ("P1",),
    "institutions": ("A2",),
    "support": ("A1",),
}
TOTALS: Final = ("now", "open", "per_100", "organisations", "s1", "s2", "s3", "s4", "opened", "cleared")
FIGURES: Final = {
    "dues_reminded": "W01",
    "transfers_resolved": "W03",
    "organisations_reminded": "W04",
    "lost_found": "W13",
}
CAMPAIGNS: Final = {
    "kite": ("away_in_contact", "away"),
    "homing": ("lost_found", "lost_total"),
    "pioneer": ("reported", "in_service"),
}
STEPS: Final = (*PIPELINE, POCKET, *BACK, "completed")
OF_MEMBERS: Final = ("radar", "basic", "campaign", "step", "flow", "inst")
"""The kinds of number that members are counted in; the rest count organisations and their warnings."""
SOURCES: Final = {"A": "how_src_article", "V": "how_src_rules", "M": "how_src_rules", "D": "how_src_default"}


@dataclass(frozen=True, slots=True)
class Subject:
    """Hold what is asked about: ``kind`` before the colon, ``name`` after it, and the node."""

    kind: str
    name: str
    basis: str
    node: str


@dataclass(slots=True)
class Explained:
    """Hold an explanation: facts in their order are (name, content)."""

    title: str
    definition: str
    formula: str
    rule: str
    counted: list[tuple[str, Any]] = field(default_factory=list)
    excluded: Mapping[str, int] = field(default_factory=dict)
    period: str = ""


def subject_of(scene: Scene, world: World) -> Subject | None:
    """Read what is asked about from ``scene.how``; None where it is none of this sheet's."""
    kind, colon, rest = scene.how.partition(":")
    name, _, node = rest.partition("@")
    if not colon or kind not in _KINDS or not _KINDS[kind][0](name):
        return None
    if kind in ("radar", "basic"):
        return Subject(kind, name, *radar_view.subject(scene, world))
    if kind == "step":
        return Subject(kind, name, scene.basis, flows_of(scene))
    if not node:
        return Subject(kind, name, scene.basis, scene.place)
    basis = "affiliation" if node.startswith("O") else scene.basis
    return Subject(kind, name, basis, node) if world.nearest(basis, node) == node else None


def tables_of(subject: Subject) -> tuple[str, ...]:
    """Return the tables of facts behind a number."""
    if subject.kind == "warn" and subject.name in all_warnings():
        return all_warnings()[subject.name].TABLES
    if subject.kind == "article":
        return all_warnings()[FIGURES[subject.name]].TABLES
    if subject.kind in ("radar", "basic"):
        wanted = (subject.name,) if subject.kind == "radar" else BASICS[subject.name]
        return tuple(dict.fromkeys(name for axis in all_axes() if axis.KEY in wanted for name in axis.TABLES))
    fixed: dict[str, tuple[str, ...]] = {
        "campaign": ("member",),
        "weak": ("weak_org",),
        "star": ("star_rating",),
    }
    fixed["step"] = fixed["flow"] = ("transfer", "workday")
    return fixed.get(subject.kind, ("activity", "organisation", "org_pause"))


def ask(scene: Scene, world: World) -> Asked:
    """Ask for the number's own rows, how its indicator was evaluated, and the files behind its tables."""
    subject = subject_of(scene, world)
    if subject is None:
        return {}
    here = {"basis": subject.basis, "node": subject.node}
    asked: Asked = {
        "rows": _question(subject, here, scene),
        "runs": ("alert_how", {}),
        "place": ("node", here),
        "freshness": ("freshness", {}),
    }
    if subject.kind == "radar":
        asked["peers"] = ("radar_peers", {**here, "month": scene.month})
    if subject.kind == "flow":
        asked["rows"] = ("flow_totals", flow_view(scene, world))
    if subject.kind == "inst":
        start, end = scene.months_back(world)
        inside = [month for month in world.months if start <= month <= end]
        asked |= {f"month_{month}": ("institutions", {**here, "month": month}) for month in inside}
    if subject.kind == "campaign":
        asked["figures"] = ("article_figures", {})
    return asked | {f"files_{name}": ("sources", {"table_name": name}) for name in tables_of(subject)}


def _question(subject: Subject, here: Mapping[str, Any], scene: Scene) -> tuple[str, dict[str, Any]]:
    month = {**here, "month": scene.month}
    if subject.kind == "warn":
        if subject.name in all_warnings():
            return "alert_kinds", dict(here)
        if subject.name in ("opened", "cleared"):
            return "alert_months", dict(here)
        return "alert_total", month if subject.name != "now" else {**here, "month": None}
    if subject.kind == "duty":
        last = subject.name.partition(":")[2] or scene.month
        return "duty_matrix", {**here, "from_month": last, "to_month": last}
    found: dict[str, tuple[str, dict[str, Any]]] = {
        "stage": ("alert_ladder", dict(here)),
        "article": ("article_figures", {}),
        "campaign": ("campaigns", dict(here)),
        "weak": ("weak_counts", dict(here)),
        "star": ("stars", dict(here)),
        "radar": ("radar", month),
        "basic": ("radar_basics", month),
        "step": ("flow_pipeline", month),
        "flow": ("flow_pipeline", month),
        "inst": ("institutions", month),
    }
    return found[subject.kind]


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the sheet while such a number is asked about."""
    subject = subject_of(scene, world)
    if subject is None or "rows" not in rows:
        return []
    told = _KINDS[subject.kind][1](subject, rows, scene, words)
    counted = told.counted or [(words("panel.counted"), words("alert.how_no_rows"))]
    facts: list[Any] = [
        *_fact(words("panel.definition"), told.definition),
        *_fact(words("panel.formula"), told.formula),
    ]
    for name, value in counted:
        facts += _fact(name, value)
    if told.excluded:
        sums = words("frame.list_separator").join(
            f"{words.one_of('alert', f'excl_{reason}')} {words.number(n)}"
            for reason, n in sorted(told.excluded.items())
        )
        facts += _fact(words("alert.how_excluded"), sums)
    facts += _hiding(told, words)
    facts += _fact(words("panel.rule"), told.rule)
    facts += _fact(
        words("panel.of"), parts.notes(_place(rows, words), words(f"bases.{subject.basis}"), told.period)
    )
    facts += _fact(words("panel.loaded"), how.loaded(rows, words))
    files = [row for name in tables_of(subject) for row in rows.get(f"files_{name}", [])]
    body = [html.Div([html.Dl(facts), how.files_table(files, words)], className="scroll", tabIndex="0")]
    publishing = "panel.publishing" if subject.kind in OF_MEMBERS else "alert.how_publishing"
    body.append(html.Div(words(publishing), className="foot"))
    text = parts.notes(words("panel.how"), told.title)
    return [parts.sheet(text, "how", scene.how, body, words, f"how/{scene.how}")]


def _fact(name: str, value: Any) -> list[Any]:
    return [html.Dt(name), html.Dd(value)]


def _place(rows: Mapping[str, Rows], words: Words) -> str:
    return words.name(parts.first(rows, "place"))


def _hiding(told: Explained, words: Words) -> list[Any]:
    """Say why something is hidden or rounded, where it is."""
    looks = str([value for _, value in told.counted if isinstance(value, html.Span)])
    if "is-hidden" in looks or "is-band" in looks:
        return _fact(words("alert.how_hidden_why"), words("alert.how_hidden_text"))
    return _fact(words("alert.how_rounded"), words("alert.how_rounded_text")) if "is-rounded" in looks else []


def _run(rows: Mapping[str, Rows], name: str) -> dict[str, Any]:
    return next((row for row in rows.get("runs", []) if row["indicator"] == name), {})


def _rule(run: Mapping[str, Any], words: Words) -> str:
    marks = dict.fromkeys(
        SOURCES.get(mark[0], "how_src_default") for mark in str(run.get("source") or "D").split()
    )
    source = words("frame.list_separator").join(words(f"alert.{key}") for key in marks)
    return words("alert.how_rule_text", version=run.get("rule_version", 1), source=source)


def _warned(subject: Subject, rows: Mapping[str, Rows], scene: Scene, words: Words) -> Explained:
    """Explain an indicator, or a total of all indicators."""
    if subject.name in all_warnings():
        return _indicator(subject, rows, words)
    name, month = subject.name, words.month(scene.month)
    runs = rows["runs"]
    excluded: Counter[str] = Counter()
    for run in runs:
        excluded.update(json.loads(run["excluded"]))
    told = Explained(
        words(f"alert.t_{name}"),
        words(f"alert.d_{name}"),
        words(f"alert.f_{name}"),
        _rule(runs[0] if runs else {}, words),
    )
    if name in ("opened", "cleared"):
        found = rows["rows"]
        told.period = words("alert.twelve")
        told.counted = (
            [(words(f"alert.{name}"), parts.number(parts.total(row[name] for row in found), words))]
            if found
            else []
        )
        told.counted += [(words.month(row["month"]), parts.number(row[name], words)) for row in found[-3:]]
        return told
    row = parts.first(rows, "rows")
    told.excluded = excluded
    told.period = month if name != "now" else str(row.get("as_of") or "")
    if not row:
        return told
    whole = parts.number(row["organisations"], words)
    own = {"now": "n", "open": "n", "organisations": "alerting"}.get(name, name)
    told.counted = [(told.title, parts.number(row[own], words, decimals=1 if own == "per_100" else 0))]
    if own == "n":
        told.counted += [
            (words(f"map.severity_{s}"), parts.number(row[f"s{s}"], words)) for s in (1, 2, 3, 4)
        ]
    if own == "per_100":
        told.counted.insert(0, (words("alert.open"), parts.number(row["n"], words)))
    told.counted.insert(1, (words("alert.column_organisations"), whole))
    return told


def _indicator(subject: Subject, rows: Mapping[str, Rows], words: Words) -> Explained:
    """Explain one indicator by this deployment's own thresholds."""
    key, run = subject.name, _run(rows, subject.name)
    values = json.loads(run["parameters"]) if run else {}
    parts_of = [words(f"warn.{key}.{part}") for part in ("numerator", "denominator")]
    formula = words(f"alert.form_{key}", **values) if values else " ÷ ".join(parts_of)
    meaning = f"{words(f'warn.{key}.definition')} {words(f'warn.{key}.excluded')}"
    told = Explained(words(f"warn.{key}.name"), meaning, formula, _rule(run, words))
    row = next((row for row in rows["rows"] if row["indicator"] == key), None)
    if row is not None:
        told.counted = [
            (words(f"alert.column_{name}"), parts.number(row[name], words))
            for name in ("n", "alerting", "opened", "cleared")
        ]
    if run:
        told.counted.append((words("alert.how_checked"), words.number(run["checked"])))
        told.excluded = json.loads(run["excluded"])
        told.period = words("app.as_of", day=str(run["as_of"]))
    return told


def _staged(subject: Subject, rows: Mapping[str, Rows], scene: Scene, words: Words) -> Explained:
    runs = rows["runs"]
    name = words(f"alert.stage_{subject.name}")
    told = Explained(
        parts.notes(words("alert.t_stage"), name),
        words("alert.d_stage"),
        words("alert.f_stage"),
        _rule(runs[0] if runs else {}, words),
    )
    row = next((row for row in rows["rows"] if row["stage"] == subject.name), None)
    if row is not None:
        told.counted = [
            (name, parts.number(row["n"], words)),
            (words("alert.how_late"), parts.number(row["late"], words)),
            (words("alert.how_oldest"), _days(row["oldest_days"], words)),
            (words("alert.how_median"), _days(row["median_days"], words)),
        ]
    return told


def _days(value: Any, words: Words) -> html.Span:
    shown = parts.number(value, words)
    return html.Span([shown, " " + words("alert.how_day_n")], className=f"is-{parts.as_figure(value).state}")


def _article(subject: Subject, rows: Mapping[str, Rows], scene: Scene, words: Words) -> Explained:
    key, run = subject.name, _run(rows, FIGURES[subject.name])
    told = Explained(
        words(f"alert.figure_{key}"), words(f"alert.d_{key}"), words(f"alert.f_{key}"), _rule(run, words)
    )
    row = next((row for row in rows["rows"] if row["key"] == key), None)
    if row is not None:
        told.counted = [(words("panel.counted"), parts.number(row["n"], words))]
        if row["of"]:
            told.counted.append((words("alert.how_den"), parts.number(row["of"], words)))
        told.period = results_view.period_words(row, words)
    if run:
        told.excluded = json.loads(run["excluded"])
    return told


def _campaign(subject: Subject, rows: Mapping[str, Rows], scene: Scene, words: Words) -> Explained:
    key = subject.name
    told = Explained(
        words(f"alert.campaign_{key}"),
        words(f"alert.d_{key}"),
        words(f"alert.f_{key}"),
        words("alert.how_rule_campaign"),
    )
    row = parts.first(rows, "rows")
    if row:
        row = results_view.exact_homing(row, rows.get("figures", []))
        part, whole = CAMPAIGNS[key]
        rate = parts.share(row[part], row[whole])
        told.counted = [
            (words("alert.how_num"), parts.number(row[part], words)),
            (words("alert.how_den"), parts.number(row[whole], words)),
            (
                words("panel.quotient"),
                html.Span(
                    [parts.number(rate, words, percent=True), "%" if rate.shown else ""],
                    className=f"is-{rate.state}",
                ),
            ),
        ]
    return told


def _weak(subject: Subject, rows: Mapping[str, Rows], scene: Scene, words: Words) -> Explained:
    told = Explained(
        words("alert.t_weak"), words("alert.d_weak"), words("alert.f_weak"), words("alert.how_rule_weak")
    )
    told.counted = [
        (
            words("alert.weak_left") if row["stage"] == "delisted" else str(row["stage"]),
            parts.number(row["n"], words),
        )
        for row in rows["rows"]
    ]
    return told


def _starred(subject: Subject, rows: Mapping[str, Rows], scene: Scene, words: Words) -> Explained:
    told = Explained(
        words("alert.t_star"), words("alert.d_star"), words("alert.f_star"), words("alert.how_rule_star")
    )
    told.counted = [
        ("★" * int(row["stars"]) or words("alert.unrated"), parts.number(row["organisations"], words))
        for row in rows["rows"]
    ]
    told.period = words("panel.year", year=rows["rows"][0]["year"]) if rows["rows"] else ""
    return told


def _radar(subject: Subject, rows: Mapping[str, Rows], scene: Scene, words: Words) -> Explained:
    kind, key = subject.kind, subject.name
    told = Explained(
        words(f"{kind}.{key}"),
        words(f"{kind}.d_{key}"),
        words(f"{kind}.f_{key}"),
        words("alert.how_rule_radar"),
    )
    row = next((row for row in rows["rows"] if row["axis"] == key), None)
    if row is None:
        return told
    told.period = radar_view.quarter_words(str(row["quarter"]), words)
    told.counted = [
        (words("radar.column_value"), parts.number(row["value"], words)),
        (words("alert.how_num"), parts.number(row["num"], words)),
        (words("alert.how_den"), parts.number(row["den"], words)),
        (words("alert.how_previous"), parts.number(row["previous"], words)),
    ]
    if row.get("gap") and row["value"].state != "hidden":
        told.counted.append((words("alert.how_gap"), words(f"radar.gap_{row['gap']}")))
    for peer in rows.get("peers", []):
        if peer["axis"] == key:
            told.counted.append((words(f"radar.peer_{peer['peer']}"), parts.number(peer["value"], words)))
    return told


def _duty(subject: Subject, rows: Mapping[str, Rows], scene: Scene, words: Words) -> Explained:
    name, _, month = subject.name.partition(":")
    title = parts.notes(words("alert.t_duty"), words(f"alert.duty_{name}"))
    told = Explained(title, words("alert.d_duty"), words("alert.f_duty"), words("alert.how_rule_duties"))
    told.period = words.month(month or scene.month)
    found = [row for row in rows["rows"] if name not in (*NAMES, *MORE) or row["institution"] == name]
    if not found:
        return told
    sums = duty_view.strip(found, str(found[0]["month"]))
    told.counted = [
        (words(f"alert.duty_{state}"), parts.number(figure, words)) for state, figure in sums.items()
    ]
    done = parts.total([sums["held"], sums["late"]])
    rate = parts.share(done, parts.total([done, sums["missed"]]))
    told.counted.append((words("panel.quotient"), parts.number(rate, words, percent=True, decimals=1)))
    return told


def _step(subject: Subject, rows: Mapping[str, Rows], scene: Scene, words: Words) -> Explained:
    told = Explained(
        words.one_of("flow", f"step_{subject.name}"),
        words("how.flow_open.definition"),
        words("how.flow_open.formula"),
        words("how.flow_open.rule"),
    )
    if subject.name == "completed":
        told = _texts("flow_days", words)
    told.period = words.month(scene.month)
    row = next((row for row in rows["rows"] if row["status"] == subject.name and row["waited"] is None), None)
    if row is not None:
        names = {"n": "panel.counted", "overdue": "alert.how_late", "longest": "alert.how_oldest"}
        names["median"] = "alert.how_median"
        told.counted = [
            (words(key), parts.number(row[name], words)) for name, key in names.items() if name in row
        ]
    return told


def _texts(key: str, words: Words) -> Explained:
    return Explained(
        words(f"how.{key}.title"),
        words(f"how.{key}.definition"),
        words(f"how.{key}.formula"),
        words(f"how.{key}.rule"),
    )


def _flow(subject: Subject, rows: Mapping[str, Rows], scene: Scene, words: Words) -> Explained:
    told = _texts("flow_net", words)
    row = next((row for row in rows["rows"] if row["node_id"] == subject.name), None)
    if row is not None:
        told.counted = [
            (words("panel.moved_in"), parts.number(row["moved_in"], words)),
            (words("panel.moved_out"), parts.number(row["moved_out"], words)),
            (words("panel.quotient"), parts.number(row["net"], words)),
        ]
    told.period = words(f"panel.span_{scene.span}")
    return told


def _institution(subject: Subject, rows: Mapping[str, Rows], scene: Scene, words: Words) -> Explained:
    told = Explained(
        words.one_of("institutions", subject.name),
        words("how.activities.definition"),
        words("how.signin.formula"),
        words("how.activities.rule"),
    )
    found = [
        row
        for name, months in rows.items()
        if name.startswith("month_")
        for row in months
        if row["institution"] == subject.name
    ]
    told.counted = [(words("panel.held_n"), words.number(sum(row["held"] for row in found)))]
    if found and "due" in found[0]:
        for key, name in (("how.signin.part", "attended"), ("how.signin.whole", "due")):
            told.counted.append((words(key), parts.number(parts.total(row[name] for row in found), words)))
        rate = signin_of(found)
        told.counted.append((words("panel.quotient"), parts.number(rate, words, percent=True)))
    told.period = words(f"panel.span_{scene.span}")
    return told


def _is_short(name: str) -> bool:
    return 0 < len(name) <= 40 and name.isprintable()


def _known_duty(name: str) -> bool:
    what, _, month = name.partition(":")
    return what in (*NAMES, *MORE, *duty_view.STATES) and (not month or _is_month(month))


def _is_month(text: str) -> bool:
    year, dash, month = text.partition("-")
    return (
        bool(dash)
        and len(year) == 4
        and year.isascii()
        and year.isdecimal()
        and month in {f"{n:02}" for n in range(1, 13)}
    )


_Painter = Callable[[Subject, Mapping[str, Rows], Scene, Words], Explained]
_KINDS: Final[dict[str, tuple[Callable[[str], bool], _Painter]]] = {
    "warn": (lambda name: name in TOTALS or name in all_warnings(), _warned),
    "stage": (lambda name: name in ("open", "notified", "acknowledged", "rectifying"), _staged),
    "article": (lambda name: name in FIGURES, _article),
    "campaign": (lambda name: name in CAMPAIGNS, _campaign),
    "weak": (lambda name: name == "all", _weak),
    "star": (lambda name: name == "all", _starred),
    "radar": (lambda name: name in {f"A{n}" for n in range(1, 9)}, _radar),
    "basic": (lambda name: name in BASICS, _radar),
    "duty": (_known_duty, _duty),
    "step": (lambda name: name in STEPS, _step),
    "flow": (_is_short, _flow),
    "inst": (_is_short, _institution),
}
