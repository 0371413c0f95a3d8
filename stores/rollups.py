"""Roll-ups are made from the facts by the numbered texts of stores/sql/rollups, one text a table.

NN_name.sql serves every engine. Where one must differ, NN_name.<engine>.sql stands for it or comes in
addition, and its head says why.

They are additive in everything that can arrive late, so that a late sign-in is added to the few buckets it
touches; a load makes them anew.  Either way happens inside the transaction that takes the facts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa
import shapely

from stores.errors import LoadError
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
) e"""
_LAST_EVENT: Final = """
select max("at") from (
    select max(start_at) as "at" from activity where status in ('held', 'approved')
    union all select max("at") from attendance
    union all select max(decided_at) from transfer
    union all select cast(max(on_date) as timestamp) from study_record
) e
where "at" < $end"""
PUT_META: Final = """
insert into meta (key, value) values ($key, $value) on conflict (key) do update set value = excluded.value"""
_RULE: Final = {
    "root": pa.string(),
    "root_name": pa.string(),
    "root_name_en": pa.string(),
    "as_of": pa.date32(),
    "first_month": pa.string(),
    "last_month": pa.string(),
    "step_workdays": pa.int32(),
    "study_hours_year": pa.float64(),
    "unified_day_share": pa.float64(),
}


class Facts(Protocol):
    """Reach facts and roll-ups of one engine, inside the caller's transaction."""

    @property
    def engine(self) -> str:
        """Return the engine's name, as in the names of override files."""
        ...

    def rows(self, sql: str, /, **params: Any) -> list[tuple[Any, ...]]:
        """Run a statement with ``$name`` parameters and return its rows, if it has any."""
        ...

    def shapes(self) -> list[tuple[str, bytes]]:
        """Return (id, WKB) of every region and building that has a shape."""
        ...

    def put(self, table: str, rows: pa.Table) -> None:
        """Make a table anew that holds these rows."""
        ...

    def make(self, table: str, query: str, /) -> None:
        """Make a roll-up anew from a query."""
        ...

    def finish(self, tables: tuple[str, ...]) -> None:
        """Do what is left to do when all roll-ups are made, such as indexes."""
        ...


@cache
def texts(engine: str = "duckdb") -> tuple[tuple[str, str], ...]:
    """Return (table, SQL) of every roll-up in the order in which they build on one another."""
    found: dict[str, Path] = {}
    for path in sorted(FOLDER.glob("*.sql")):
        name, _, only = path.stem.partition(".")
        if only in ("", engine) and (only or name not in found):
            found[name] = path
    return tuple((name.partition("_")[2], path.read_text("utf-8")) for name, path in sorted(found.items()))


def rebuild(
    facts: Facts, settings: Settings, tell: Callable[[str, float], None] = lambda what, share: None
) -> None:
    """Make every roll-up anew from the facts, inside the caller's transaction.

    Args:
        facts: where facts and roll-ups live.
        settings: district and counting rules.
        tell: hears the table being made and the share done.
    """
    _set_rule(facts, settings)
    _set_points(facts)
    made = texts(facts.engine)
    for place, (table, sql) in enumerate(made):
        tell(table, place / len(made))
        facts.make(table, sql)
    facts.finish(tuple(table for table, _ in made))
    tell("", 1.0)


def mark(engine: str) -> str:
    """Return a fingerprint of the texts that make the roll-ups of an engine."""
    whole = hashlib.sha256()
    for name, text in texts(engine):
        whole.update(f"{name}\0{text}\0".encode())
    return whole.hexdigest()[:16]


def refuse_own_facts(facts: Facts) -> None:
    """Refuse to pour into a store that was loaded: its roll-ups are those of its facts.

    Raises:
        LoadError: it has facts of its own.
    """
    poured = facts.rows("select 1 from meta where key = 'rolled_up'")
    if not poured and facts.rows("select 1 from organisation limit 1"):
        raise LoadError("this store has facts of its own; name an empty one for roll-ups made elsewhere")


def refuse_poured(facts: Facts) -> None:
    """Refuse to load into a store whose roll-ups were made elsewhere: they would be lost.

    Raises:
        LoadError: its facts are in a lake.
    """
    if facts.rows("select 1 from meta where key = 'rolled_up'"):
        raise LoadError(
            "this store shows roll-ups whose facts are elsewhere; load there, or name a new store"
        )


def _set_rule(facts: Facts, settings: Settings) -> None:
    """Lay out what the roll-ups need to know of the deployment: a table of one row."""
    as_of, first = _span(facts)
    district, rules = settings.district, settings.rules
    values: list[Any] = [district.code, district.name, district.name_en, as_of, first and f"{first:%Y-%m}"]
    values += [as_of and f"{as_of:%Y-%m}", rules.transfer_step_workdays]
    values += [rules.study_hours_year, rules.unified_day_share]
    columns = [pa.array([value], kind) for value, kind in zip(values, _RULE.values(), strict=True)]
    facts.put("rule", pa.table(columns, names=list(_RULE)))
    put_meta(facts, "data_as_of", str(as_of) if as_of else None)
    end = datetime(as_of.year, as_of.month, as_of.day, 23, 59, 59, 999999) if as_of else datetime.max
    last = _one(facts, _LAST_EVENT, end=end)
    put_meta(facts, "last_event_at", str(last) if last else None)


def _span(facts: Facts) -> tuple[date | None, date | None]:
    """Find the data date and the first month: what the source declared, else the events, else today."""
    row = facts.rows(_EVENTS)[0]
    declared = _one(facts, "select value from meta where key = 'as_of'")
    as_of = date.fromisoformat(declared) if declared else row[1]
    if as_of is None:
        return (
            (date.today(), date.today())
            if _one(facts, "select 1 from organisation limit 1")
            else (None, None)
        )
    months = as_of.year * 12 + as_of.month - LONGEST_MONTHS
    longest = date(months // 12, months % 12 + 1, 1)
    return as_of, min(as_of, max(row[0] or as_of, longest))


def _set_points(facts: Facts) -> None:
    """Find a point inside every shape, so that no engine needs geometry."""
    rows = facts.shapes()
    points = shapely.point_on_surface(shapely.from_wkb([row[1] for row in rows], on_invalid="ignore"))
    found = pa.table(
        {
            "node_id": pa.array([row[0] for row in rows], pa.string()),
            "lon": pa.array(shapely.get_x(points), pa.float64(), from_pandas=True),
            "lat": pa.array(shapely.get_y(points), pa.float64(), from_pandas=True),
        }
    )
    facts.put("place_point", found)


def put_meta(facts: Facts, key: str, value: str | None) -> None:
    """Set a fact about the store; None takes it away."""
    if value is None:
        facts.rows("delete from meta where key = $key", key=key)
    else:
        facts.rows(PUT_META, key=key, value=value)


def _one(facts: Facts, sql: str, **params: Any) -> Any:
    """Return the first value of the first row, None where there is none."""
    rows = facts.rows(sql, **params)
    return rows[0][0] if rows else None
