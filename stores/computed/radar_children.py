"""How do this place and those below it stand on the eight axes in the last closed quarter?"""

from __future__ import annotations

from typing import Any

from stores.radar_views import AXES, quarters_until

PARAMS = ("basis", "node", "month")
PUBLISH = """node_id = node; level = level; name, name_en, axis, quarter = public;
num, den, value = axis"""


def rows(store: Any, basis: str, node: str, month: str) -> list[dict[str, Any]]:
    """Return a row a place and axis: first the place itself, then all below it in their order.

    ``value`` 0 to 100, None = a gap. No rows where no quarter is closed.
    """
    quarters = quarters_until(store, month)
    nodes = store.ask("node", basis=basis, node=node) + store.ask("children", basis=basis, node=node)
    if not quarters or not nodes:
        return []
    given = {f"node_{i}": one["node_id"] for i, one in enumerate(nodes)}
    among = ", ".join(f"${name}" for name in given)
    values = store.desk.read(
        f"""select node_id, axis, num, den, value from radar_value
        where basis = $basis and quarter = $quarter and node_id in ({among})""",
        basis=basis,
        quarter=quarters[-1],
        **given,
    )
    found = {(row["node_id"], row["axis"]): row for row in values}
    none = {"num": None, "den": None, "value": None}
    return [
        {name: one[name] for name in ("node_id", "level", "name", "name_en")}
        | {"axis": axis, "quarter": quarters[-1]}
        | {key: found.get((one["node_id"], axis), none)[key] for key in none}
        for one in nodes
        for axis in AXES
    ]
