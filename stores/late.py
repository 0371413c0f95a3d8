"""A late sign-in is added to the buckets it touches; making all roll-ups anew would give the same."""

from __future__ import annotations

from typing import Final

import duckdb
import pyarrow as pa

from stores.rollups import PUT_META
from stores.tables import fact_tables

_TAKE: Final = """
insert into attendance ({columns}, source_id, import_batch_id, updated_at)
select {casts}, {source}, null, localtimestamp
from (select *, row_number() over () as line from late_rows)
qualify row_number() over (partition by activity_id, member_pid order by line) = 1
on conflict do nothing
returning activity_id, state, "at"
"""

CHANGE: Final = """
with fresh as (
    select activity_id, count(*) as n from taken where state in ('valid', 'late') group by activity_id
),
now as (
    select
        h.*, coalesce(o.domain, 'other') as domain,
        greatest(h.reported, coalesce(s.n, 0) + f.n) as new_attended
    from fresh f
    join held h on h.activity_id = f.activity_id
    join seat o on o.org_id = h.org_id
    left join signed s on s.activity_id = f.activity_id
)
select
    activity_id, org_id, institution, month, on_date, week, hour, day_kind, x, y, domain,
    new_attended - attended as attended,
    greatest(reported_due, new_attended) - due as due
from now"""

_UPDATES: Final = (
    """
    insert into signed
    select activity_id, 0 from taken
    where state in ('valid', 'late')
        and not exists (select 1 from signed where signed.activity_id = taken.activity_id)
    group by activity_id""",
    """
    update signed set n = signed.n + t.n
    from (
        select activity_id, count(*) as n from taken where state in ('valid', 'late') group by activity_id
    ) t
    where t.activity_id = signed.activity_id""",
    """
    update held set attended = held.attended + c.attended, due = held.due + c.due
    from change c where c.activity_id = held.activity_id""",
    """
    update leaf set attended = leaf.attended + d.attended, due = leaf.due + d.due
    from (
        select org_id, month, sum(attended) as attended, sum(due) as due from change group by org_id, month
    ) d
    where d.org_id = leaf.org_id and d.month = leaf.month""",
    """
    update heat set attended = heat.attended + d.attended
    from (
        select g.lod, cast(floor(x / g.step) as integer) as cell_x,
            cast(floor(y / g.step) as integer) as cell_y, month, day_kind, hour, sum(attended) as attended
        from change, (select 0 as lod, 1.0 as step union all select 1, 4.0) g
        group by 1, 2, 3, 4, 5, 6
    ) d
    where d.lod = heat.lod and d.cell_x = heat.cell_x and d.cell_y = heat.cell_y and d.month = heat.month
        and d.day_kind = heat.day_kind and d.hour = heat.hour""",
    """
    update domain_heat set attended = domain_heat.attended + d.attended
    from (
        select g.lod, cast(floor(x / g.step) as integer) as cell_x,
            cast(floor(y / g.step) as integer) as cell_y, month, day_kind, hour, domain,
            sum(attended) as attended
        from change, (select 0 as lod, 1.0 as step union all select 1, 4.0) g
        group by 1, 2, 3, 4, 5, 6, 7
    ) d
    where d.lod = domain_heat.lod and d.cell_x = domain_heat.cell_x and d.cell_y = domain_heat.cell_y
        and d.month = domain_heat.month and d.day_kind = domain_heat.day_kind and d.hour = domain_heat.hour
        and d.domain = domain_heat.domain""",
    """
    update heat_month set attended = heat_month.attended + d.attended
    from (
        select g.lod, cast(floor(x / g.step) as integer) as cell_x,
            cast(floor(y / g.step) as integer) as cell_y, month, sum(attended) as attended
        from change, (select 0 as lod, 1.0 as step union all select 1, 4.0) g
        group by 1, 2, 3, 4
    ) d
    where d.lod = heat_month.lod and d.cell_x = heat_month.cell_x and d.cell_y = heat_month.cell_y
        and d.month = heat_month.month""",
)
_UP: Final = """
update {table} set attended = {table}.attended + d.attended, due = {table}.due + d.due
from (
    select u.basis, u.node_id, {keys}, sum(c.attended) as attended, sum(c.due) as due
    from change c join closure u on u.org_id = c.org_id
    group by u.basis, u.node_id, {keys}
) d
where d.basis = {table}.basis and d.node_id = {table}.node_id and {same}"""
LATEST: Final = """
select cast(max("at") as varchar) from taken
where "at" < (select as_of + interval '1 day' from rule)
    and "at" > coalesce(
        (select cast(value as timestamp) from meta where key = 'last_event_at'), '-infinity'
    )"""
_BUCKETS: Final = {
    "tree": ("month",),
    "domain_tree": ("month", "domain"),
    "institution_month": ("month", "institution"),
    "week": ("week",),
    "day": ("on_date",),
}


def append(connection: duckdb.DuckDBPyConnection, rows: pa.Table) -> tuple[int, int]:
    """Take sign-ins into facts and roll-ups, inside the caller's transaction.

    Args:
        connection: where facts and roll-ups live.
        rows: columns of ``attendance``, at least activity_id and member_pid; of equal keys the first
            stands.

    Returns:
        (taken, already known).
    """
    columns = [name for name in fact_tables()["attendance"].columns if name in rows.column_names]
    kinds = fact_tables()["attendance"].columns
    casts = ", ".join(f'cast("{name}" as {kinds[name]})' for name in columns)
    source = "source_id" if "source_id" in rows.column_names else "'live'"
    connection.register("late_rows", rows)
    sql = _TAKE.format(columns=", ".join(f'"{name}"' for name in columns), casts=casts, source=source)
    found = connection.execute(sql).fetchall()
    names = {"activity_id": pa.string(), "state": pa.string(), "at": pa.timestamp("us")}
    taken = pa.table(
        {name: pa.array([row[at] for row in found], kind) for at, (name, kind) in enumerate(names.items())}
    )
    connection.unregister("late_rows")
    if taken.num_rows:
        _add(connection, taken)
    return taken.num_rows, rows.num_rows - taken.num_rows


TOUCHED: Final = ("signed", "held", "leaf", "heat", "heat_month", *_BUCKETS)
"""The roll-ups to which late sign-ins are added."""


def updates() -> tuple[str, ...]:
    """Return the statements that add ``change`` and ``taken`` to every bucket above them, in order."""
    ups = []
    for table, names in _BUCKETS.items():
        keys = ", ".join(f"c.{name}" for name in names)
        same = " and ".join(f"d.{name} = {table}.{name}" for name in names)
        ups.append(_UP.format(table=table, keys=keys, same=same))
    return (*_UPDATES, *ups)


def _add(connection: duckdb.DuckDBPyConnection, taken: pa.Table) -> None:
    """Add new sign-ins to every bucket above them."""
    connection.register("taken", taken)
    connection.execute(f"create or replace temp table change as {CHANGE}")
    for sql in updates():
        connection.execute(sql)
    latest = connection.execute(LATEST).fetchall()[0][0]
    if latest:
        connection.execute(PUT_META, {"key": "last_event_at", "value": latest})
    connection.execute("drop table change")
    connection.unregister("taken")
