"""Roll-ups are made from the facts by the numbered texts of stores/sql/rollups, one text a table.

They are additive in everything that can arrive late, so that a late sign-in is added to the few buckets it
touches; a load makes them anew.  Either way happens inside the transaction that takes the facts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import shapely

from stores.settings import Settings

FOLDER: Final = Path(__file__).resolve().parent / "sql" / "rollups"
LONGEST_MONTHS: Final = 120
INDEXES: Final = (
    ("above", "key"),
    ("node", "key"),
    ("node", "parent_key"),
    ("tree", "key"),
    ("tree", "parent_key"),
    ("domain_tree", "key"),
    ("domain_tree", "parent_key"),
)

_EVENTS: Final = """
select min(day) as first_day, max(day) as last_day from (
    select cast(start_at as date) as day from activity where status in ('held', 'approved')
    union all select on_date from study_record
    union all select cast(decided_at as date) from transfer where status = 'completed'
    union all select cast(month || '-01' as date) from dues_month
)"""
_LAST_EVENT: Final = """
select max("at") from (
    select max(start_at) as "at" from activity where status in ('held', 'approved')
    union all select max("at") from attendance
    union all select max(decided_at) from transfer
    union all select cast(max(on_date) as timestamp) from study_record
)
where "at" < $end"""
_SHAPES: Final = """
select region_id, geom from region where geom is not null
union all select building_id, geom from building where geom is not null"""


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """Return (table, SQL) of every roll-up in the order in which they build on one another."""
    files = sorted(FOLDER.glob("*.sql"))
    return tuple((path.stem.partition("_")[2], path.read_text("utf-8")) for path in files)


def rebuild(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    tell: Callable[[str, float], None] = lambda what, share: None,
) -> None:
    """Make every roll-up anew from the facts, inside the caller's transaction.

    Args:
        connection: where facts and roll-ups live.
        settings: district and counting rules.
        tell: hears the table being made and the share done.
    """
    _set_rule(connection, settings)
    _set_points(connection)
    made = texts()
    for place, (table, sql) in enumerate(made):
        tell(table, place / len(made))
        connection.execute(f"create or replace table {table} as {sql}")
    for table, column in INDEXES:
        connection.execute(f"create index {table}_{column} on {table} ({column})")
    tell("", 1.0)


def _set_rule(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Lay out what the roll-ups need to know of the deployment: a table of one row."""
    as_of, first = _span(connection)
    district, rules = settings.district, settings.rules
    connection.execute(
        """
        create or replace table rule (
            root text, root_name text, root_name_en text, as_of date, first_month text, last_month text,
            step_workdays integer, study_hours_year double, unified_day_share double
        )"""
    )
    values: list[Any] = [district.code, district.name, district.name_en, as_of, first and f"{first:%Y-%m}"]
    values += [as_of and f"{as_of:%Y-%m}", rules.transfer_step_workdays]
    values += [rules.study_hours_year, rules.unified_day_share]
    connection.execute("insert into rule values (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    put_meta(connection, "data_as_of", str(as_of) if as_of else None)
    end = datetime(as_of.year, as_of.month, as_of.day, 23, 59, 59, 999999) if as_of else datetime.max
    last = _one(connection, _LAST_EVENT, {"end": end})
    put_meta(connection, "last_event_at", str(last) if last else None)


def _span(connection: duckdb.DuckDBPyConnection) -> tuple[date | None, date | None]:
    """Find the data date and the first month: what the source declared, else the events, else today."""
    row = connection.execute(_EVENTS).fetchall()[0]
    declared = _one(connection, "select value from meta where key = 'as_of'")
    as_of = date.fromisoformat(declared) if declared else row[1]
    if as_of is None:
        return (
            (date.today(), date.today()) if _one(connection, "select 1 from organisation") else (None, None)
        )
    months = as_of.year * 12 + as_of.month - LONGEST_MONTHS
    longest = date(months // 12, months % 12 + 1, 1)
    return as_of, min(as_of, max(row[0] or as_of, longest))


def _set_points(connection: duckdb.DuckDBPyConnection) -> None:
    """Find a point inside every shape, so that no engine needs geometry."""
    rows = connection.execute(_SHAPES).fetchall()
    points = shapely.point_on_surface(shapely.from_wkb([row[1] for row in rows], on_invalid="ignore"))
    found = pa.table(
        {
            "node_id": pa.array([row[0] for row in rows], pa.string()),
            "lon": pa.array(shapely.get_x(points), pa.float64(), from_pandas=True),
            "lat": pa.array(shapely.get_y(points), pa.float64(), from_pandas=True),
        }
    )
    connection.register("found_points", found)
    connection.execute("create or replace table place_point as select * from found_points")
    connection.unregister("found_points")


def put_meta(connection: duckdb.DuckDBPyConnection, key: str, value: str | None) -> None:
    """Set a fact about the store; None takes it away."""
    if value is None:
        connection.execute("delete from meta where key = ?", [key])
    else:
        connection.execute(
            "insert into meta values (?, ?) on conflict (key) do update set value = excluded.value",
            [key, value],
        )


def _one(connection: duckdb.DuckDBPyConnection, sql: str, params: dict[str, Any] | None = None) -> Any:
    """Return the first value of the first row, None where there is none."""
    rows = connection.execute(sql, params or {}).fetchall()
    return rows[0][0] if rows else None
