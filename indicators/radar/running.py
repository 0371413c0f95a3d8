"""Make the radar of every place and organisation for the last closed quarters and keep it with the records.

A node's value is made of the sums of its organisations, never of their values. Each quarter is judged as it
was known on the day it closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from indicators.radar.base import Quarter
from indicators.radar.registry import axes
from indicators.warnings.columns import Columns, Ints, day_of
from indicators.warnings.facts import Facts
from indicators.warnings.running import data_day
from stores.desk import Desk, Writer
from stores.settings import Settings
from stores.store import Store

QUARTERS: Final = 6
BANDS: Final = (10, 30, 50)
BAND_NAMES: Final = ("<10", "10–29", "30–49", "≥50")
ALL: Final = "*"
Value = tuple[str, str, str, str, float, float, float | None, str]
"""basis, node, quarter, axis, numerator, denominator, value, gap."""


@dataclass(frozen=True)
class Nodes:
    """Hold every node with the organisations under it, as pairs of places, and its kind."""

    keys: list[tuple[str, str]]
    node: Ints
    org: Ints
    kind: dict[str, tuple[str, str]]


def quarters(columns: Columns, settings: Settings, as_of: date) -> list[Quarter]:
    """Return the last closed quarters, the latest last, each as known on the day it closed."""
    calendar = Facts(columns, settings.warnings, as_of).calendar("quarter")
    made = []
    for p in range(max(calendar.closed - QUARTERS, 0), calendar.closed):
        facts = Facts(columns, settings.warnings, day_of(int(calendar.closing[p])))
        month = int(calendar.starts[p]) + 2
        begin, end = int(calendar.first_days[p]), int(calendar.end_days[p])
        made.append(Quarter(facts, calendar.keys[p], month, begin, end, settings.rules, settings.radar))
    return made


def read_nodes(store: Store, columns: Columns) -> Nodes:
    """Read places down to the community and all organisations, with what stands under each."""
    rows = store.ask("gate_under")
    place = {row["node_id"] for row in store.ask("place_tree")}
    at = {name: row for row, name in enumerate(columns.org_ids.tolist())}
    keys: dict[tuple[str, str], int] = {}
    node, org = [], []
    for row in rows:
        if row["basis"] == "place" and row["node_id"] not in place:
            continue
        key = keys.setdefault((row["basis"], row["node_id"]), len(keys))
        node.append(key)
        org.append(at[row["org_id"]])
    levels = {row["node_id"]: row["level"] for row in store.ask("place_tree")}
    kind = {name: (level, ALL) for name, level in levels.items()}
    return Nodes(list(keys), np.array(node, dtype=np.int64), np.array(org, dtype=np.int64), kind)


def run(store: Store, desk: Desk, settings: Settings, as_of: date | None = None) -> int:
    """Make the radar anew where the facts have changed it; return how many values were written."""
    day = as_of or data_day(store)
    if day is None:
        return 0
    columns = Columns(store)
    found = quarters(columns, settings, day)
    nodes = read_nodes(store, columns)
    kinds = nodes.kind | _branch_kinds(columns, found)
    values = [value for quarter in found for value in of_quarter(quarter, nodes, settings)]
    peers = _peers(values, kinds, settings)
    with desk.writing() as writer:
        return _write(writer, values, kinds, peers)


def of_quarter(quarter: Quarter, nodes: Nodes, settings: Settings) -> list[Value]:
    """Make all axes of all nodes for one quarter."""
    made: list[Value] = []
    count = len(nodes.keys)
    for axis in axes():
        by_org = axis.by_org(quarter)
        sums = {
            name: np.bincount(nodes.node, weights=column[nodes.org], minlength=count)
            for name, column in by_org.items()
        }
        for at, (basis, node) in enumerate(nodes.keys):
            own = {name: float(column[at]) for name, column in sums.items()}
            value, gap = axis.value(own, settings.radar)
            made.append((basis, node, quarter.key, axis.KEY, own["num"], own["den"], value, gap))
    return made


def _branch_kinds(columns: Columns, found: list[Quarter]) -> dict[str, tuple[str, str]]:
    """Return for organisations what they are compared with: branches by domain and size, others by kind."""
    if not found:
        return {}
    facts = found[-1].facts
    size = np.searchsorted(BANDS, found[-1].members, side="right")
    domain = columns.text("organisation", "domain")
    kind = columns.text("organisation", "kind")
    return {
        str(name): (str(domain[row] or "other"), BAND_NAMES[size[row]])
        if facts.is_branch[row]
        else (str(kind[row]), ALL)
        for row, name in enumerate(columns.org_ids.tolist())
    }


def _peers(
    values: list[Value], kinds: dict[str, tuple[str, str]], settings: Settings
) -> dict[tuple[str, str, str, str], tuple[float, float, float, int]]:
    """Return quartiles by kind, size, quarter and axis, where there are peers enough; ``*`` = any size."""
    groups: dict[tuple[str, str, str, str], list[float]] = {}
    for basis, node, quarter, axis, _, _, value, _ in values:
        if value is None or node not in kinds:
            continue
        domain, size = kinds[node]
        if (basis == "place") != (domain in ("district", "town", "community")):
            continue
        for band in {size, ALL}:
            groups.setdefault((domain, band, quarter, axis), []).append(value)
    return {
        key: (*(float(cut) for cut in np.percentile(found, (25, 50, 75))), len(found))  # type: ignore[misc]
        for key, found in groups.items()
        if len(found) >= settings.radar.least_peers
    }


def _write(
    writer: Writer, values: list[Value], kinds: dict[str, tuple[str, str]], peers: dict[Any, Any]
) -> int:
    """Write what changed and forget quarters that are too long ago."""
    known = {
        (row["basis"], row["node_id"], row["quarter"], row["axis"]): (
            row["num"],
            row["den"],
            row["value"],
            row["gap"] or "",
        )
        for row in writer.run("select * from radar_value")
    }
    changed: list[dict[str, Any]] = []
    for basis, node, quarter, axis, num, den, value, gap in values:
        if known.pop((basis, node, quarter, axis), None) != (num, den, value, gap):
            row: dict[str, Any] = {"basis": basis, "node": node, "quarter": quarter, "axis": axis}
            changed.append(row | {"num": num, "den": den, "value": value, "gap": gap or None})
    writer.many(
        """insert into radar_value (basis, node_id, quarter, axis, num, den, value, gap)
        values ($basis, $node, $quarter, $axis, $num, $den, $value, $gap)
        on conflict (basis, node_id, quarter, axis) do update set num = excluded.num,
            den = excluded.den, value = excluded.value, gap = excluded.gap""",
        changed,
    )
    names = ("basis", "node", "quarter", "axis")
    writer.many(
        """delete from radar_value where basis = $basis and node_id = $node and quarter = $quarter
        and axis = $axis""",
        [dict(zip(names, key, strict=True)) for key in known],
    )
    writer.run("delete from radar_peer")
    columns = ("domain", "size", "quarter", "axis", "low", "middle", "high", "n")
    writer.many(
        """insert into radar_peer (domain, size_band, quarter, axis, low, middle, high, n)
        values ($domain, $size, $quarter, $axis, $low, $middle, $high, $n)""",
        [dict(zip(columns, (*key, *found), strict=True)) for key, found in peers.items()],
    )
    writer.run("delete from radar_kind")
    writer.many(
        "insert into radar_kind (node_id, domain, size_band) values ($node, $domain, $size)",
        [{"node": node, "domain": domain, "size": size} for node, (domain, size) in kinds.items()],
    )
    return len(changed)
