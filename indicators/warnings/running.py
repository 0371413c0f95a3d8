"""Evaluate the warnings as of a day and bring the desk's records up to it.

The facts decide what fails, the desk remembers what was said and done about it. An evaluation opens what is
new, lets grow what grew worse, closes what is over; what the facts no longer show is retracted where they
hold history and cleared where they hold the present only. Periods older than the last closed three are not
judged again. The first evaluation of all writes the history that the facts tell of.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from indicators.warnings.ahead import ahead
from indicators.warnings.columns import NEVER, Columns, day_number, day_of
from indicators.warnings.episodes import Episode, Found
from indicators.warnings.facts import Facts
from indicators.warnings.kept import Kept
from indicators.warnings.matrix import states
from indicators.warnings.registry import Warn, all_warnings, check, parameters
from stores import alerts
from stores.alert_rules import AlertError
from stores.alerts import Finding
from stores.desk import Desk, Row, Writer
from stores.duty_states import put_states
from stores.periods import LENGTH, Kind, last_closed, period_of
from stores.settings import Settings
from stores.store import Store

HOUR: Final = "T06:00:00"
"""Steps of the evaluation are dated to this time of the day of which it speaks."""
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Outcome:
    """Hold what an evaluation did: steps by kind, and what each indicator found."""

    as_of: date
    opened: int = 0
    escalated: int = 0
    closed: int = 0
    retracted: int = 0
    found: dict[str, Found] = field(default_factory=dict)


@dataclass
class _Told:
    """Hold one episode as the desk is told of it."""

    warn: Warn
    episode: Episode
    org_id: str
    threshold: float | None

    def finding(self, severity: int) -> Finding:
        one = self.episode
        return Finding(
            self.warn.KEY,
            self.org_id,
            one.key,
            severity,
            one.num,
            one.den,
            self.threshold,
            self.warn.VERSION,
            one.detail,
        )


def evaluate(
    columns: Columns,
    settings: Settings,
    as_of: date,
    only: Iterable[str] | None = None,
    facts: Facts | None = None,
) -> dict[str, Found]:
    """Evaluate the enabled indicators; nothing is written. ``facts`` are those of the day, if there are any.

    Raises:
        ParameterError: the deployment sets a threshold that is none.
    """
    shared = settings.warnings
    check(shared.parameters, shared.enabled)
    known = facts or Facts(columns, shared, as_of)
    chosen = shared.enabled if only is None else tuple(only)
    return {
        key: one.evaluate(known, **parameters(one, shared.parameters))
        for key, one in all_warnings().items()
        if key in chosen
    }


def data_day(store: Store) -> date | None:
    """Return the data date of the facts; None = there are none."""
    found = store.ask("gate_day")
    return date.fromisoformat(str(found[0]["as_of"])[:10]) if found and found[0]["as_of"] else None


def run(
    store: Store,
    desk: Desk,
    settings: Settings,
    as_of: date | None = None,
    columns: Columns | None = None,
    memory: Kept | None = None,
) -> Outcome | None:
    """Evaluate as of a day and write it into the desk's records; None = there are no facts yet.

    Args:
        store: the facts.
        desk: the desk's records.
        settings: the deployment.
        as_of: the day; None = the data date.
        columns: of the store, shared by the days of a replay; None = fetched now.
        memory: what the last evaluation kept, so that only changes are read; None = everything is.
    """
    day = as_of or data_day(store)
    if day is None:
        return None
    last = alerts.last_as_of(desk)
    if last is not None and day < last:
        if as_of is not None:
            raise AlertError(f"the desk's records already speak of {last}; judge as of then or later")
        day = last
    shown = columns or Columns(store, memory)
    facts = Facts(shown, settings.warnings, day)
    found = evaluate(shown, settings, day, facts=facts)
    told = list(_told(found, shown, settings))
    with desk.writing() as writer:
        outcome = _write(writer, told, found, settings, day, shown)
        alerts.put_coming(writer, ahead(facts))
        put_states(writer, *states(facts))
        writer.run(
            """insert into evaluation (as_of, ran_at, facts_version, opened, escalated, closed)
            values ($as_of, $ran_at, $version, $opened, $escalated, $closed)
            on conflict (as_of) do update set ran_at = excluded.ran_at, opened = excluded.opened,
                facts_version = excluded.facts_version, escalated = excluded.escalated,
                closed = excluded.closed""",
            as_of=day.isoformat(),
            ran_at=datetime.now().isoformat(timespec="microseconds"),
            version=store.version,
            opened=outcome.opened,
            escalated=outcome.escalated,
            closed=outcome.closed,
        )
        _explain(writer, found, settings)
    if memory is not None:
        memory.save()
    return outcome


def _told(found: dict[str, Found], columns: Columns, settings: Settings) -> Iterable[_Told]:
    """Give every episode the names by which the desk knows it."""
    for key, one in found.items():
        warn = all_warnings()[key]
        line = parameters(warn, settings.warnings.parameters)[warn.THRESHOLD]
        for episode in one.episodes:
            yield _Told(warn, episode, str(columns.org_ids[episode.org]), float(line))


def _write(
    writer: Writer,
    told: Sequence[_Told],
    found: dict[str, Found],
    settings: Settings,
    day: date,
    columns: Columns,
) -> Outcome:
    """Bring the warnings up to what was found."""
    before = writer.run("select max(as_of) as as_of from evaluation")[0]["as_of"]
    known = _known(writer)
    counts = dict.fromkeys(("opened", "escalated", "closed", "retracted"), 0)
    now = day.isoformat() + HOUR
    seen: set[str] = set()
    for one in sorted(told, key=lambda one: (one.episode.opened, one.warn.KEY, one.org_id)):
        rows = known.get((one.warn.KEY, one.org_id, one.episode.key), [])
        row = rows[-1] if rows else None
        if row is None:
            if before is not None and not _recent(one.warn, one.episode.key, settings, day):
                continue
            _tell_new(writer, one, before, now, counts)
        else:
            seen.add(row["alert_id"])
            _tell_on(writer, row, one, before, now, counts)
    orgs = {name: place for place, name in enumerate(columns.org_ids.tolist())}
    for rows in known.values():
        for row in rows:
            if row["cleared_at"] is None and row["alert_id"] not in seen:
                _tell_gone(writer, row, found, orgs, settings, day, now, counts)
    return Outcome(day, **counts, found=found)


def _known(writer: Writer) -> dict[tuple[str, str, str], list[Row]]:
    """Fetch all warnings by key, the latest last."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in writer.run("select * from alert order by opened_at, alert_id"):
        found.setdefault((row["indicator"], row["org_id"], row["period_key"]), []).append(row)
    return found


def _recent(warn: Warn, key: str, settings: Settings, day: date) -> bool:
    """Tell whether a period is one of the last closed that are judged again; a day always is."""
    period = period_of(key)
    if period is None or warn.VANISHED == "clear":
        return True
    kind: Kind = period[0]
    last = last_closed(kind, day, settings.warnings.grace_days)
    return period[1] > last - settings.warnings.periods_again * LENGTH[kind]


def _stamp(number: int, before: str | None, now: str) -> str:
    """Date a step: to the day it speaks of, but after the last evaluation, which did not know of it."""
    stamp = day_of(number).isoformat() + HOUR
    return stamp if before is None or stamp[:10] > before else now


def _tell_new(writer: Writer, one: _Told, before: str | None, now: str, counts: dict[str, int]) -> None:
    """Open a warning with all that has become of it since."""
    steps = one.episode.steps()
    opened = _stamp(steps[0][0], before, now)
    name = alerts.open_alert(writer, one.finding(steps[0][1]), opened)
    counts["opened"] += 1
    row = writer.run("select * from alert where alert_id = $alert_id", alert_id=name)[0]
    for number, severity in steps[1:]:
        alerts.refresh_alert(writer, row, one.finding(severity), _stamp(number, before, now))
        row["severity"] = severity
        counts["escalated"] += 1
    if one.episode.closed < NEVER:
        _close(writer, row, one, _stamp(one.episode.closed, before, now), counts)


def _tell_on(
    writer: Writer, row: Row, one: _Told, before: str | None, now: str, counts: dict[str, int]
) -> None:
    """Bring a known warning up to date; what people closed stays closed."""
    if row["cleared_at"] is not None:
        return
    for number, severity in one.episode.steps():
        if severity > int(row["severity"]):
            alerts.refresh_alert(writer, row, one.finding(severity), _stamp(number, before, now))
            row["severity"] = severity
            counts["escalated"] += 1
    alerts.refresh_alert(writer, row, one.finding(int(row["severity"])), now)
    if one.episode.closed < NEVER:
        _close(writer, row, one, _stamp(one.episode.closed, before, now), counts)


def _close(writer: Writer, row: Row, one: _Told, at: str, counts: dict[str, int]) -> None:
    alerts.close_alert(writer, row, one.episode.how or "clear", at, "facts")
    counts["closed"] += 1


def _tell_gone(
    writer: Writer,
    row: Row,
    found: dict[str, Found],
    orgs: dict[str, int],
    settings: Settings,
    day: date,
    now: str,
    counts: dict[str, int],
) -> None:
    """Close an open warning of which the facts no longer tell, unless it is too old to be judged again."""
    one = found.get(row["indicator"])
    if one is None or orgs.get(row["org_id"], -1) in one.holds or row["opened_at"] > now:
        return
    warn = all_warnings()[row["indicator"]]
    if not _recent(warn, row["period_key"], settings, day):
        return
    if warn.VANISHED == "retract":
        alerts.close_alert(writer, row, "retract", now, "facts_corrected")
        counts["retracted"] += 1
    else:
        alerts.close_alert(writer, row, "clear", now, "facts")
        counts["closed"] += 1


def _explain(writer: Writer, found: dict[str, Found], settings: Settings) -> None:
    """Keep how each indicator was counted: how many were judged, why others were not, by which thresholds."""
    for key, one in found.items():
        warn = all_warnings()[key]
        values: dict[str, Any] = parameters(warn, settings.warnings.parameters)
        writer.run("delete from indicator_run where indicator = $indicator", indicator=key)
        writer.run(
            """insert into indicator_run (indicator, checked, excluded, parameters, rule_version, period,
                source, tables, holds)
            values ($indicator, $checked, $excluded, $parameters, $version, $period, $source, $tables,
                $holds)""",
            indicator=key,
            checked=one.checked,
            excluded=json.dumps(dict(one.excluded), sort_keys=True),
            parameters=json.dumps(values, sort_keys=True),
            version=warn.VERSION,
            period=warn.PERIOD,
            source=warn.SOURCE,
            tables=" ".join(warn.TABLES),
            holds=len(one.holds),
        )


def replay(store: Store, desk: Desk, settings: Settings, first: date, last: date) -> None:
    """Evaluate day by day, from the first to the last."""
    columns = Columns(store)
    for number in range(day_number(first), day_number(last) + 1):
        run(store, desk, settings, day_of(number), columns)
