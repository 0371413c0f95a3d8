"""The organisations with warnings, the worst first, for those who may see names; visitors get a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from dash import html

from dashboard import parts
from dashboard.sessions import current_mode
from dashboard.severity import glyph
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "alert_list_sheet"
ORDER = 65
SIDE = "sheet"
OPENS = ("open", "organisations")
DEPENDS = ("open", "place", "basis")
MOST = 40
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the list while it is open; a visitor may not, and nothing is asked."""
    if scene.open != "organisations" or current_mode() == "visitor":
        return {}
    return {"list": ("alert_list", {"basis": scene.basis, "node": scene.place})}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return one row an organisation: how many warnings it has, of which kinds, and since when."""
    if scene.open != "organisations":
        return []
    if "list" not in rows:
        body: list[Any] = [html.Div(words("alert.no_names"), className="nothing")]
    else:
        groups = [list(group) for _, group in groupby(rows["list"], key=lambda row: row["org_id"])]
        heads = [html.Th(words(f"alert.list_{name}")) for name in ("organisation", "warnings", "days")]
        lines = [_line(group, words) for group in groups[:MOST]]
        table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="alert-list")
        shown = min(MOST, len(groups))
        foot = html.Div(words("alert.list_foot", shown=shown, n=words.number(len(groups))), className="foot")
        body = (
            [html.Div(table, className="scroll", tabIndex="0"), foot]
            if lines
            else [html.Div(words("alert.none"), className="nothing")]
        )
    return [parts.sheet(words("alert.list"), "open", "organisations", body, words, "table/organisations")]


def _line(group: Rows, words: Words) -> html.Tr:
    """One organisation's failings stand in one row, so that a dead branch is not read as several."""
    first = group[0]
    name = parts.act(
        "organisation",
        str(first["org_id"]),
        KEY,
        [str(first["name"]), html.Small(str(first["region_name"] or ""))],
        f"alert-org/{first['org_id']}",
    )
    signs = [
        html.Span([glyph(int(row["severity"])), words(f"warn.{row['indicator']}.short")]) for row in group[:4]
    ]
    if len(group) > len(signs):
        signs.append(html.Span(f"+{len(group) - len(signs)}"))
    days = max(int(row["days"]) for row in group)
    return html.Tr([html.Td(name), html.Td(signs, className="signs"), html.Td(words("alert.days", n=days))])
