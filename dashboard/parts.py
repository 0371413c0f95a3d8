"""The few building blocks panels share: title, number, bar, columns; all plain elements, sized by CSS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from dash import html

from dashboard.words import Words
from layers.scene import Scene
from stores.figure import NO_DATA, Figure, band, exact, rounded

Published = Figure | int | float | None


def marked(key: str, **more: Any) -> dict[str, Any]:
    """Return a `data-key` and further attributes with hyphens (written with _) for an element."""
    return {"data-key": key, **{name.replace("_", "-"): value for name, value in more.items()}}


def act(verb: str, arg: str, at: str, children: Any, key: str = "", **more: Any) -> html.Button:
    """Return a button that sends one gesture.

    Args:
        verb: a key of `layers.scene.VERBS`.
        arg: the gesture's argument.
        at: the panel it stands in; makes the id unique on the page.
        children: what stands on it.
        key: its `data-key`; 'verb/arg' when empty.
        more: further properties of the button, such as className.
    """
    known: dict[str, Any] = {"data-key": key or f"{verb}/{arg}", **more}
    return html.Button(children, id={"verb": verb, "arg": arg, "at": at}, **known)


def title(text: str, note: Any = "", opens: str = "", at: str = "") -> html.Div:
    """Return a panel's title row: its name, a quiet note at the right, and the sheet behind it, if any."""
    name: Any = act("open", opens, at, [text, html.I(className="more")]) if opens else text
    heading = html.H2(name, className="panel-name")
    return html.Div([heading, html.Span(note, className="panel-note")], className="panel-title")


def as_figure(value: Published) -> Figure:
    """Return a published value as a figure; public columns are exact."""
    if isinstance(value, Figure):
        return value
    return NO_DATA if value is None else exact(value)


def size(value: Published) -> float | None:
    """Return the number to draw: the value, the lower end of a band, None where there is none to draw."""
    figure = as_figure(value)
    return figure.value if figure.value is not None else figure.low


def downward(value: Published) -> float:
    """Return a key that sorts the largest first and what has no number last."""
    amount = size(value)
    return 1.0 if amount is None else -amount


def total(values: Iterable[Published]) -> Figure:
    """Add published values: exact if all are, rounded if any is, a band if any is one.

    One that is not shown hides the sum; nothing to add is `NO_DATA`.
    """
    figures = [as_figure(value) for value in values]
    dark = [figure for figure in figures if not figure.shown and figure.state != "band"]
    if dark or not figures:
        return dark[0] if dark else NO_DATA
    if len(figures) == 1:
        return figures[0]
    if any(figure.state == "band" for figure in figures):
        return _band_of(figures)
    amount = sum(figure.value or 0 for figure in figures)
    return exact(amount) if all(figure.state == "exact" for figure in figures) else rounded(amount)


def _band_of(figures: Sequence[Figure]) -> Figure:
    """Add numbers and bands: the sum of the lower ends to the sum of the upper ends."""
    lows = [int(size(figure) or 0) for figure in figures]
    highs = [figure.high if figure.state == "band" else int(figure.value or 0) for figure in figures]
    return band(sum(lows), None if None in highs else sum(high or 0 for high in highs))


def share(part: Published, whole: Published) -> Figure:
    """Divide two published values: rounded if one is, hidden where one is, no data over nought."""
    parts = [as_figure(part), as_figure(whole)]
    for figure in parts:
        if not figure.shown:
            return Figure(None, "hidden") if figure.state == "band" else figure
    above, below = (float(figure.value or 0) for figure in parts)
    if not below:
        return NO_DATA
    return (exact if parts[0].state == parts[1].state == "exact" else rounded)(above / below)


def text_of(
    value: Published, words: Words, *, percent: bool = False, decimals: int = 0, short: bool = False
) -> str:
    """Write a published value; a percentage without its sign, a rounded one without decimals."""
    figure = as_figure(value)
    if figure.value is None:
        return words.figure(figure)
    if percent:
        return f"{100 * figure.value:.{decimals}f}"
    return words.short(figure.value) if short else words.number(figure.value, decimals)


def number(
    value: Published,
    words: Words,
    *,
    percent: bool = False,
    decimals: int = 0,
    short: bool = False,
    look: str = "",
    how: str = "",
) -> html.Span:
    """Return a number as an element whose class and title say how far it may be trusted.

    With `how` a tap on the number itself asks how it is counted, also inside a button.
    """
    figure = as_figure(value)
    text = text_of(figure, words, percent=percent, decimals=decimals, short=short)
    told: dict[str, Any] = {} if figure.state == "exact" else {"title": words(f"states.{figure.state}")}
    told |= {"data-how": how} if how else {}
    return html.Span(text, className=f"num is-{figure.state} {look}".strip(), **told)


def explained(how: str) -> dict[str, Any]:
    """Return the attribute that makes an element's tap ask how it is counted."""
    return {"data-how": how}


def _named(label: str) -> dict[str, Any]:
    return {"aria-label": label} if label else {}


def unit(value: Published, text: str, words: Words) -> html.Small:
    """Return the unit beside a number; beside a sign that stands for one, what the sign means."""
    figure = as_figure(value)
    if figure.shown or figure.state == "band":
        return html.Small(text)
    return html.Small(words(f"states.{figure.state}") if figure.state == "hidden" else "")


def bar(part: float | None, largest: float, look: str = "") -> html.Span:
    """Return a horizontal bar, `part` of `largest`; a dashed one where nothing may be drawn."""
    if part is None:
        return html.Span(className="bar none")
    width = 100 * part / largest if largest > 0 else 0
    inner = html.I(style={"width": f"{max(0.0, min(100.0, width)):.1f}%"})
    return html.Span(inner, className=f"bar {look}".strip())


def columns(
    values: Sequence[float | None], lit: Sequence[bool], line: float | None = None, label: str = ""
) -> html.Div:
    """Return upright bars from nought, one a month; lit ones are bright; `line` is a mark across all."""
    top = max([value for value in values if value is not None] + [line or 0, 0.0]) or 1.0
    bars: list[Any] = [
        html.I(className="none")
        if value is None
        else html.I(style={"height": f"{max(1.5, 100 * value / top):.1f}%"}, className="on" if on else "")
        for value, on in zip(values, lit, strict=True)
    ]
    if line is not None and any(value is not None for value in values):
        bars.append(html.Span(className="line", style={"bottom": f"{100 * line / top:.1f}%"}))
    return html.Div(bars, className="columns", role="img", **_named(label))


def spark(
    values: Sequence[float | None], ends: tuple[float, float], width: int = 184, height: int = 40
) -> html.Img:
    """Return a line over the months, from `ends[0]` to `ends[1]`, its end marked; gaps are left out."""
    known = [(i, value) for i, value in enumerate(values) if value is not None]
    low, high = ends
    span = (high - low) or 1.0
    steps = max(1, len(values) - 1)
    spots = [
        (6 + (width - 12) * i / steps, height - 6 - (height - 12) * (value - low) / span)
        for i, value in known
    ]
    return _spark_image(spots, width, height)


def _spark_image(spots: list[tuple[float, float]], width: int, height: int) -> html.Img:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    end = f"<circle cx='{spots[-1][0]:.1f}' cy='{spots[-1][1]:.1f}' r='4.5' fill='white'/>" if spots else ""
    line = f"<polyline points='{points}' fill='none' stroke='#5ac8fa' stroke-width='2.5'/>"
    return svg(
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'>{line}{end}</svg>", "spark"
    )


def svg(text: str, class_name: str) -> html.Img:
    """Return a small drawing as an image; it says nothing that does not also stand beside it in words."""
    return html.Img(src="data:image/svg+xml," + quote(text, safe=" ='/:,.-<>"), className=class_name, alt="")


def no_organisation(name: str, words: Words) -> list[Any]:
    """Return a panel of a place in which no organisation stands, which is an answer and no missing data."""
    return [title(name), html.Div(words("panel.no_organisations"), className="nothing")]


def of_domain(question: str, params: Mapping[str, Any], scene: Scene) -> tuple[str, dict[str, Any]]:
    """Return a question, or with a domain chosen its like of that domain's organisations alone."""
    domain = scene.picked("domain")
    return (f"{question}_of_domain", {**params, "domain": domain}) if domain else (question, dict(params))


def domain_note(scene: Scene, words: Words, note: str) -> str:
    """Return a panel's note, the chosen domain before it: no filtered number may pass for the whole."""
    domain = scene.picked("domain")
    if not domain:
        return note
    name = words.one_of("domains", domain)
    return name if words.lang == "en" else notes(name, note)  # English has no room for both


def signin(row: Mapping[str, Any]) -> Figure:
    """Return a row's sign-in rate: the gate's own, or of one domain that of the published counts."""
    if "signin" in row or "due" not in row:
        return as_figure(row.get("signin"))
    rate = share(row["attended"], row["due"])
    return Figure(round(rate.value or 0, 2), "rounded") if rate.state == "rounded" else rate


def rounding_note(values: Iterable[Published], words: Words, key: str = "panel.rounded_whole") -> str:
    """Say 'rounded to five' when one of the numbers is; otherwise nothing."""
    return words(key) if any(as_figure(value).state == "rounded" for value in values) else ""


def first(rows: Mapping[str, list[dict[str, Any]]], name: str) -> dict[str, Any]:
    """Return the first row of an answer, an empty one where there is none."""
    found = rows.get(name) or [{}]
    return found[0]


def notes(*texts: str) -> str:
    """Join short notes of a title with a wide space; empty ones are left out."""
    return "　".join(text for text in texts if text)


def sheet(text: str, field: str, value: str, children: Sequence[Any], words: Words, key: str) -> html.Div:
    """Return a sheet over the map with its title and the button that closes it.

    Args:
        text: the title.
        field: the scene's field that keeps it open, which is also the verb that closes it.
        value: what stands in that field now.
        children: the body.
        words: the language.
        key: the `data-key` of the sheet.
    """
    close = act(
        field, value, "close", "×", "close", className="close", **{"aria-label": words("frame.close")}
    )
    head = html.Div([html.H2(text), close], className="sheet-title")
    more = marked(key, aria_label=text, role="dialog")
    return html.Div([head, *children], className="sheet", **more)
