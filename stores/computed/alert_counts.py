"""How many warnings are open under each child of this node, by severity and per 100 organisations?"""

from __future__ import annotations

from typing import Any

from stores.alert_views import Rows, by_org, children, counts, open_at, per_100

PARAMS = ("basis", "node", "month")
PUBLISH = """node_id = node; level = level; name, name_en, kind, organisations = public;
n, s1, s2, s3, s4, unseen, alerting, worst, worst_unseen, per_100 = alerts"""


def rows(store: Any, basis: str, node: str, month: str | None) -> Rows:
    """Return a row a child: ``n`` warnings (``s1`` … ``s4`` by severity, ``unseen`` not acknowledged),
    ``alerting`` organisations with any, ``worst`` severity (0 = none), ``per_100`` organisations.

    At an earlier month's end ``unseen`` and ``worst_unseen`` are 0: who had seen what is not kept.
    """
    nodes, under = children(store, basis, node)
    groups = by_org(open_at(store, month))
    made = []
    for child in nodes:
        orgs = under[child["node_id"]]
        found = counts(groups, orgs)
        row = {name: child[name] for name in ("node_id", "level", "name", "name_en", "kind")}
        row |= {"organisations": len(orgs), **found, "per_100": per_100(found["n"], len(orgs))}
        made.append(row)
    return made
