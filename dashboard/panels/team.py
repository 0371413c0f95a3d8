"""The member team: its ages, education or work as ordered bars, women and college education beneath."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.words import Words
from layers.members import GROUPS, chosen_group
from layers.scene import Scene, World
from stores.figure import Figure

KEY = "team"
ORDER = 20
SIDE = "left"
BOARDS = ("overview", "activity")
DEPENDS = ("place", "basis", "month", "pick:dim", "pick:group")
DIMS = GROUPS
COLLEGE = ("postgrad", "bachelor", "college")
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for three splits of this place, and of the nearest place above for where they are not published."""
    above = _above(scene, world)
    asked: dict[str, tuple[str, dict[str, Any]]] = {}
    for prefix, node in (("", scene.place), ("above_", above)):
        if prefix and node == scene.place:
            continue
        for dim in dict.fromkeys((_dim(scene), "sex", "education")):
            params = {"basis": scene.basis, "node": node, "month": scene.month, "dim": dim}
            asked[prefix + dim] = ("member_mix", params)
    if above != scene.place:
        asked["above"] = ("node", {"basis": scene.basis, "node": above})
    return asked


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return title with the choice of split, five bars in per cent, and the two shares beneath."""
    dim = _dim(scene)
    own = _shares(rows.get(dim, []), DIMS[dim])
    lent = not any(figure.shown for figure in own.values()) and bool(rows.get("above_" + dim))
    prefix = "above_" if lent else ""
    shares = _shares(rows.get(prefix + dim, []), DIMS[dim])
    note = [_tabs(dim, words)]
    painted: list[Any] = [parts.title(words("panel.team"), note, at=KEY)]
    if lent:
        painted.append(_lent(parts.first(rows, "above"), words))
    painted.append(_bars(shares, dim, chosen_group(scene), words, lent))
    if not lent:
        painted.append(_beneath(rows, words))
    return painted


def _dim(scene: Scene) -> str:
    wanted = scene.picked("dim")
    return wanted if wanted in DIMS else "age"


def _above(scene: Scene, world: World) -> str:
    """Return the town of a place, the district for all else: what every mode may see split up."""
    chain = world.chain(scene.basis, scene.place)
    return chain[min(1, len(chain) - 1)] if scene.basis == "place" else chain[0]


def _shares(rows: Rows, groups: Mapping[str, tuple[str, ...]]) -> dict[str, Figure]:
    """Return the share of each group of bands in all bands; hidden where a band is."""
    whole = parts.total(row["n"] for row in rows)
    by_band = {row["band"]: row["n"] for row in rows}
    return {
        name: parts.share(parts.total(by_band.get(band, 0) for band in bands) if rows else None, whole)
        for name, bands in groups.items()
    }


def _tabs(dim: str, words: Words) -> html.Span:
    """Return one small button a split; the one on goes back to ages."""
    buttons = [
        parts.act(
            "pick",
            f"dim:{name}" if name != "age" else "dim",
            KEY,
            words(f"dim.{name}"),
            f"dim/{name}",
            className="on" if name == dim else "",
            **{"aria-pressed": str(name == dim).lower()},
        )
        if name != dim
        else html.Span(words(f"dim.{name}"), className="on", **parts.marked(f"dim/{name}"))
        for name in DIMS
    ]
    return html.Span(buttons, className="tabs")


def _lent(above: Mapping[str, Any], words: Words) -> html.Div:
    name = words.name(above)
    return html.Div(
        [html.B("＊"), words("panel.lent", name=name)], className="lent", title=words("states.hidden")
    )


def _bars(
    shares: Mapping[str, Figure], dim: str, chosen: tuple[str, str] | None, words: Words, lent: bool
) -> html.Div:
    """Return a line a group: its bar filters the map, its number tells how it is counted."""
    largest = max((figure.value or 0 for figure in shares.values()), default=0)
    lines = []
    for name, figure in shares.items():
        on = chosen == (dim, name)
        top = on if chosen else figure.value == largest and largest
        look = "past" if lent else "top" if top else ""
        label = html.Span(words(f"{dim}_groups.{name}"), className="digits" if dim == "age" else "")
        pick = parts.act(
            "pick",
            f"group:{dim}.{name}",
            KEY,
            [label, parts.bar(figure.value, float(largest), look)],
            f"pick/group/{dim}.{name}",
            **{"aria-pressed": str(on).lower()},
        )
        number = parts.number(figure, words, percent=True, decimals=1, look=look)
        shown = [pick, parts.act("how", dim, f"{KEY}-{name}", number, f"how/{dim}")]
        lines.append(html.Div(shown, className="on" if on else "off" if chosen else ""))
    return html.Div(lines, className=f"team-rows {dim}")


def _beneath(rows: Mapping[str, Rows], words: Words) -> html.Div:
    women = _shares(rows.get("sex", []), {"women": ("f",)})["women"]
    college = _shares(rows.get("education", []), {"college": COLLEGE})["college"]
    return html.Div(
        [
            parts.act(
                "how",
                key,
                KEY,
                [
                    html.Span(words(f"panel.{key}")),
                    parts.number(value, words, percent=True, decimals=1),
                    html.Small("%" if value.shown else ""),
                ],
                f"kpi/{key}",
            )
            for key, value in (("women", women), ("college", college))
        ],
        className="beneath",
    )
