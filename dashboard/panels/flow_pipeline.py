"""Where the transfers of a place stand: six stages, a dot a case by the workdays it has waited."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final

from dash import html

from dashboard import parts
from dashboard.drawing import Mark, canvas, mark
from dashboard.words import Words
from layers.members import number
from layers.scene import Scene, World
from layers.transfers import subject, view
from stores.figure import Figure

KEY = "flow_pipeline"
ORDER = 7
SIDE = "map"
BOARDS = ("transfers",)
DEPENDS = ("place", "basis", "month", "span", "focus")
STEPS: Final = (
    "pending_application",
    "pending_from_branch",
    "pending_from_committee",
    "pending_to_committee",
    "pending_to_branch",
)
"""The steps of a transfer in order, as `flow_pipeline` names them."""

UNKNOWN: Final = "pending"
"""What is open in a month whose steps are no longer known."""

POCKET: Final = "pocket"
BACK: Final = ("returned", "withdrawn", "rejected", "revoked")
LIMIT: Final = 5
"""Workdays a step may take (SLA of each step)."""

WIDE, HIGH, DAY, DOT, TALL = 196.0, 72.0, 13.0, 5.6, 4
MOST_DAYS = 14
Rows = list[dict[str, Any]]


@dataclass
class Step:
    """Hold one step: its cases, those overdue, the longest wait in workdays, and cases by days waited."""

    name: str
    cases: Figure | None = None
    overdue: Figure | None = None
    longest: Figure | None = None
    waited: Counter[int] = field(default_factory=Counter)

    @property
    def in_time(self) -> bool:
        """Tell whether the longest wait is known to be within the limit: then nothing is overdue."""
        return self.longest is not None and self.longest.shown and (self.longest.value or 0) <= LIMIT


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask where the transfers of the centre stand at the end of the month."""
    span = view(scene, world)
    period = {name: span[name] for name in ("from_month", "to_month")}
    return {
        "steps": ("flow_pipeline", {"basis": scene.basis, "node": subject(scene), "month": scene.month}),
        "summary": ("flow_summary", {"basis": scene.basis, "node": subject(scene), **period}),
    }


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the title with what is open and overdue, the steps, and what was done and sent back."""
    found = {str(row["status"]): row for row in rows["steps"] if row["waited"] is None}
    steps = [] if UNKNOWN in found else steps_of(rows["steps"])
    each = case_per_dot(steps)
    largest = max((parts.size(step.cases) or 0 for step in steps), default=0)
    made: list[Any] = [_step(step, each, float(largest), words) for step in steps]
    if UNKNOWN in found:
        made.append(html.Div(words("flow.steps_unknown"), className="nothing flow-unknown"))
    made += [_done(found, words), _back(found, words)]
    open_ = parts.total(found[name]["n"] for name in (UNKNOWN, *STEPS) if name in found)
    late = parts.total(step.overdue for step in steps if step.overdue and not step.in_time)
    if "open" in found:  # visitors are told of all steps together
        late = parts.as_figure(found["open"]["overdue"])
    return [_title(open_, late, steps, each, words), html.Div(made, className="flow-steps")]


def steps_of(rows: Rows) -> list[Step]:
    """Read the rows of `flow_pipeline` into the steps, in order; a step without rows has no cases."""
    made = []
    for name in STEPS:
        step = Step(name)
        for row in rows:
            if row["status"] != name:
                continue
            if row["waited"] is None:
                step.cases, step.overdue, step.longest = (
                    parts.as_figure(row[column]) for column in ("n", "overdue", "longest")
                )
            elif n := number(row["n"]):
                step.waited[middle_of(str(row["waited"]))] += int(n)
        made.append(step)
    return made


def middle_of(waited: str) -> int:
    """Return the workdays of a wait or the middle of a band of waits: '3' → 3, '2-4' → 3, '11+' → 11."""
    low, _, high = waited.rstrip("+").partition("-")
    return (int(low) + int(high or low)) // 2


def case_per_dot(steps: list[Step]) -> int:
    """Return how many cases a dot stands for, so that no stack is higher than it may be."""
    most = max((n for step in steps for n in columns(step.waited).values()), default=0)
    return max(1, ceil(most / TALL))


def columns(waited: Mapping[int, int]) -> dict[int, int]:
    """Return the cases by day of the axis: what waited longer stands in its last column."""
    made: dict[int, int] = defaultdict(int)
    for day, n in waited.items():
        made[min(max(0, day), MOST_DAYS - 1)] += n
    return dict(made)


def dots_of(waited: Mapping[int, int], each: int) -> list[tuple[float, float, bool]]:
    """Return the dots of a step as (x, y, overdue), px; a begun dot is drawn whole."""
    return [
        (DAY * day + DAY / 2, HIGH - 10 - level * 14.0, day > LIMIT)
        for day, n in sorted(columns(waited).items())
        for level in range(ceil(n / each))
    ]


def _title(open_: Figure, late: Figure, steps: list[Step], each: int, words: Words) -> html.Div:
    inner: list[Any] = [words("flow.open_before"), parts.number(open_, words), words("flow.cases")]
    head = [parts.act("how", "flow_open", KEY, inner, "how/flow_open")]
    if late.value or late.state in ("hidden", "band"):
        inner = [html.I(className="late"), words("flow.overdue"), parts.number(late, words, how="flow_open")]
        head.append(parts.act("open", "overdue", KEY, inner, "open/overdue", className="late"))
    note = ""
    if any(step.waited for step in steps):
        dot = words("flow.dot_is") if each == 1 else words("flow.dots_are", n=each)
        note = dot + words("flow.further_right", n=LIMIT)
    return html.Div([html.H2(head), html.Span(note, className="quiet")], className="flow-pipeline-title")


def _head(name: str, value: Figure | None, words: Words, follows: bool) -> html.Div:
    how = "step:completed" if name == "done" else f"step:{name}"
    none = html.Span("0", className="num none", **parts.explained(how))
    count = parts.number(value, words, how=how) if value else none
    arrow = [html.I(className="next")] if follows else []
    said: list[Any] = [html.Span(words(f"flow.step_{name}")), count]
    if follows:  # an open step: who holds it
        said = [parts.act("open", "overdue", f"{KEY}_{name}", said, f"open/{name}")]
    return html.Div([*said, *arrow], className="flow-step-name")


def _step(step: Step, each: int, largest: float, words: Words) -> html.Div:
    """Return one step: name and count, its dots or a bar, the longest wait and what is overdue in words."""
    said: list[Any] = []
    if step.longest and step.longest.shown:
        look = "late" if (step.longest.value or 0) > LIMIT else ""
        days: list[Any] = [
            words("flow.step_longest"),
            html.B(words.figure(step.longest), className="wait", **parts.explained(f"step:{step.name}")),
            words("flow.days"),
        ]
        said.append(html.Span(days, className=look))
    if step.overdue and not step.in_time and (step.overdue.value or step.overdue.state == "band"):
        said.append(
            html.Span(
                [
                    words("flow.step_overdue"),
                    html.B(words.figure(step.overdue), **parts.explained(f"step:{step.name}")),
                ],
                className="late",
            )
        )
    drawn: Any = _dots(step, each, words)
    if not step.waited:
        known = step.cases.value if step.cases else None
        drawn = html.Div(parts.bar(known, largest) if known else "", className="flow-bare")
    body = [_head(step.name, step.cases, words, True), drawn, html.Div(said, className="flow-row")]
    return html.Div(body, className="flow-step", **parts.marked(f"step/{step.name}"))


def _dots(step: Step, each: int, words: Words) -> Mark:
    """Return the dots on their axis, with the line of the limit; overdue cases are diamonds."""
    limit = DAY * (LIMIT + 1)
    marks: list[Any] = [
        mark("line", x1=0, y1=HIGH - 2, x2=WIDE, y2=HIGH - 2, class_="axis"),
        mark("line", x1=limit, y1=6, x2=limit, y2=HIGH - 2, class_="limit"),
    ]
    for x, y, late in dots_of(step.waited, each):
        if late:
            r = 7.2
            marks.append(
                mark(
                    "path",
                    d=f"M{x:.1f} {y - r:.1f}L{x + r:.1f} {y:.1f}L{x:.1f} {y + r:.1f}L{x - r:.1f} {y:.1f}Z",
                    class_="late",
                )
            )
        else:
            marks.append(mark("circle", cx=x, cy=y, r=DOT, class_="dot"))
    return canvas(WIDE, HIGH, marks, words("flow.dots_label", step=words(f"flow.step_{step.name}")))


def _done(found: Mapping[str, Mapping[str, Any]], words: Words) -> html.Div:
    """Return what was completed in the month, and how many workdays it took."""
    row = found.get("completed", {})
    lines: list[Any] = []
    for key, name in (("flow.median", "median"), ("flow.longest", "longest")):
        days = parts.as_figure(row.get(name))
        if days.shown:
            lines.append(
                html.Span(
                    [
                        words(key),
                        html.B(words.figure(days), className="wait", **parts.explained("step:completed")),
                        words("flow.workdays_short"),
                    ]
                )
            )
    body = [
        _head("done", parts.as_figure(row.get("n")), words, False),
        html.Div(lines, className="flow-back"),
    ]
    return html.Div(body, className="flow-step done", **parts.marked("step/done"))


def _back(found: Mapping[str, Mapping[str, Any]], words: Words) -> html.Div:
    """Return letters issued and not handed in, then what was sent back or withdrawn: three lines at most."""
    lines: list[Any] = []
    pocket = parts.as_figure(found.get(POCKET, {}).get("n"))
    if pocket.value or pocket.state in ("hidden", "band"):
        inner: list[Any] = [
            html.I(className="late"),
            words("flow.pocket"),
            html.B(words.figure(pocket), **parts.explained(f"step:{POCKET}")),
        ]
        lines.append(html.Span(inner, className="late", **parts.marked("flow/pocket")))
    for status in BACK:
        n = parts.as_figure(found.get(status, {}).get("n"))
        if n.value or n.state in ("hidden", "band"):
            lines.append(
                html.Span(
                    [
                        words(f"flow.back_{status}"),
                        html.B(words.figure(n), **parts.explained(f"step:{status}")),
                    ]
                )
            )
    return html.Div(lines[:3], className="flow-step flow-back")
