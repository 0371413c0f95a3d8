"""What stands on the desk: open warnings by organisation, the ladder of stages, the map, what comes due.

Everything here is for the duty desk and inside the asker's scope: numbers of warnings and an organisation's
own counts, never a person.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import cos, radians
from statistics import median
from typing import Any, Final

from shapely.geometry.base import BaseGeometry

from dashboard.answers import Answers
from dashboard.words import Words
from dashboard.world import DistrictWorld
from stores.alert_due import due_day
from stores.alerts import EVERYBODY, by_organisation, count_steps
from stores.duty_states import MORE, NAMES
from stores.gate import Gate
from stores.scope import Scope
from stores.settings import Settings

STAGES: Final = ("open", "notified", "acknowledged", "rectifying")
WEEK_KINDS: Final = (
    "promise",
    "urging",
    "transfer_step",
    "probation",
    "term",
    "unified_day",
    "org_life_meeting",
    "month_close",
)
SOURCES: Final = ("activity", "dues_status", "transfer", "study_record", "organisation")
SHARES: Final = frozenset({"W02", "W10", "W15"})
PARTS: Final = frozenset({"W06"})
COUNTS: Final = frozenset({"W01", "W03", "W13", "W14", "R2", "R3", "R6"})
SINCE: Final = frozenset({"W11", "W12", "R4"})
MOST_WRITTEN: Final = 20_000
MAP_WIDTH: Final = 1000.0
LATE_DAYS: Final = 35  # a monthly sheet that has not come for so long is late
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Now:
    """Hold the desk's time: the present one, and in a demo the day of its data with the hour of today."""

    at: datetime
    is_demo: bool

    @property
    def day(self) -> date:
        """Return the day."""
        return self.at.date()


class Board:
    """Answer what the desk shows, all of it through the gate and for whoever asks.

    Args:
        gate: the only exit.
        answers: knows the world.
        settings: the deployment.
        facts_version: of the facts alone; an act at the desk leaves it as it is.
        scope_of: gives the scope of who asks; None = the whole district.
    """

    def __init__(
        self,
        gate: Gate,
        answers: Answers,
        settings: Settings,
        facts_version: Callable[[], int],
        scope_of: Callable[[], Scope | None],
    ) -> None:
        self._gate, self._answers, self._settings = gate, answers, settings
        self._facts_version, self._scope_of = facts_version, scope_of
        self._kept: dict[str, tuple[int, Any]] = {}
        self._written: dict[tuple[str, str], tuple[Row, date, Row]] = {}

    @property
    def _world(self) -> DistrictWorld:
        found: DistrictWorld = self._once("world", lambda: self._answers.world)
        return found

    def ask(self, question: str, key: Sequence[str], **params: Any) -> list[Row]:
        """Ask for each place for which who asks stands; what lies in two of them comes once, by its key."""
        scope = self._scope_of()
        places = [("affiliation", self._world.root)] if scope is None else sorted(scope.places)
        found: dict[tuple[Any, ...], Row] = {}
        for basis, node in places:
            for row in self._gate.answer(question, "duty", basis=basis, node=node, **params):
                found.setdefault(tuple(row[name] for name in key), row)
        return list(found.values())

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what depends on the facts alone; an act at the desk leaves it as it is."""
        version = self._facts_version()
        known = self._kept.get(name)
        if known is None or known[0] != version:
            known = self._kept[name] = (version, make())
        return known[1]

    def now(self) -> Now:
        """Return the desk's time. A demo's data end years ago; its desk lives on their last day."""
        fresh, real = self._world.freshness, datetime.now().replace(microsecond=0)
        if fresh.get("data_label") != "demo" or not fresh.get("as_of"):
            return Now(real, False)
        runs = self._gate.answer("alert_how", "duty")
        day = date.fromisoformat(str((runs and runs[0]["as_of"]) or fresh["as_of"])[:10])
        return Now(datetime.combine(day, real.time()), True)

    def names(self) -> Mapping[str, Row]:
        """Return name, town, community and domain of every organisation and community by id."""
        world = self._world

        def make() -> dict[str, Row]:
            rows = self._gate.answer(
                "organisations_of", "visitor", basis="affiliation", node=world.root, month=world.months[-1]
            )
            found = {
                row["org_id"]: {"name": row["short_name"] or row["name"], "domain": row["domain"]}
                for row in rows
            }
            for place in self._gate.answer("place_tree", "visitor"):
                if place["level"] == "district":
                    continue
                for org in self._gate.under("place", place["node_id"]):
                    found.setdefault(org, {"name": org, "domain": ""})[place["level"]] = place["node_id"]
                found.setdefault(place["node_id"], {"name": place["name"], "domain": ""})
            return found

        made: dict[str, Row] = self._once("names", make)
        return made

    def towns(self) -> list[Row]:
        """Return id, name and name_en of the towns in the order of their codes."""
        rows = self._gate.answer("place_tree", "visitor")
        return [row for row in rows if row["level"] == "town"]

    def open_now(self) -> list[Row]:
        """Return the open warnings, worst first, then oldest; the other parts are made of them."""
        rows = self.ask("alert_list", ("alert_id",))
        return sorted(rows, key=lambda row: (-row["severity"], row["opened_at"], row["alert_id"]))

    def since(self, at: str) -> dict[str, int]:
        """Count what happened since a time, ISO; what happened in that very second counts."""
        return count_steps(self.ask("desk_steps", ("alert_id", "seq"), since=at))

    def found(self, name: str) -> Row | None:
        """Return one warning, open or closed; None = there is none in scope."""
        return next(iter(self.ask("alert_one", ("alert_id",), alert_id=name)), None)

    def story(self, name: str) -> tuple[list[Row], list[Row]]:
        """Return the steps of a warning and its urgings, in order."""
        rows = self.ask("alert_story", ("part", "mark"), alert_id=name)
        return [row for row in rows if row["part"] == "step"], [
            row for row in rows if row["part"] == "urging"
        ]

    def groups(self, rows: Sequence[Row], words: Words, now: Now) -> list[Row]:
        """Return open warnings grouped by organisation, the worst first, as the page wants them."""
        names = self.names()
        short = {row["node_id"]: short_town(words.name(row), words.lang) for row in self.towns()}
        groups = by_organisation(rows)
        made = []
        for group in groups:
            about = names.get(group["org_id"], {"name": group["org_id"], "domain": ""})
            made.append(
                {
                    "org": group["org_id"],
                    "name": about["name"],
                    "town": about.get("town", ""),
                    "place": short.get(about.get("town", ""), ""),
                    "domain": words.one_of("domains", about["domain"]) if about["domain"] else "",
                    "alerts": [self.one(row, words, now) for row in group["alerts"]],
                }
            )
        return made

    def one(self, row: Row, words: Words, now: Now) -> Row:
        """Return one warning as the page wants it; what has not changed is not written anew."""
        key = (row["alert_id"], words.lang)
        known = self._written.get(key)
        if known is None or known[0] != row or known[1] != now.day:
            if len(self._written) > MOST_WRITTEN:
                self._written.clear()
            known = self._written[key] = (row, now.day, self._one(row, words, now))
        return known[2]

    def _one(self, row: Row, words: Words, now: Now) -> Row:
        due = self.due(row)
        since = datetime.fromisoformat(row["opened_at"]).date()
        return {
            "id": row["alert_id"],
            "org": row["org_id"],
            "ind": row["indicator"],
            "sev": row["severity"],
            "value": value_text(row, words, now.day),
            "state": row["state"],
            "days": max((now.day - since).days, 0),
            "due": due.isoformat() if due else "",
            "late": max((now.day - due).days, 0) if due else 0,
            "unseen": bool(row["unseen"]),
            "assigned": row["assigned_to"] or "",
            "promised": row["promised_on"] or "",
            "urged": row.get("urged", 0),
        }

    def due(self, row: Row) -> date | None:
        """Return the day by which the present stage should be over; None for a closed warning."""
        return due_day(row, self._settings.desk)

    def ladder(self, rows: Sequence[Row], now: Now) -> list[Row]:
        """Return the stages: how many stand there, for how long, how many are late; then what was closed."""
        made = []
        for stage in STAGES:
            here = [row for row in rows if row["state"] == stage]
            ages = sorted(self._age(row, now) for row in here)
            late = sum(1 for row in here if (due := self.due(row)) and due < now.day)
            made.append({"stage": stage, "n": len(here), "oldest": ages[-1] if ages else 0, "late": late})
        return [*made, self._closed(now)]

    @staticmethod
    def _age(row: Row, now: Now) -> int:
        return max((now.day - datetime.fromisoformat(row["state_at"]).date()).days, 0)

    def _closed(self, now: Now) -> Row:
        """Return what was closed this month: how many, how many of them waived, the median of days."""
        kept = self.ask("desk_closed", ("alert_id",), since=now.day.replace(day=1).isoformat())
        days = [
            (datetime.fromisoformat(row["cleared_at"]) - datetime.fromisoformat(row["opened_at"])).days
            for row in kept
        ]
        waived = sum(row["state"] == "waived" for row in kept)
        return {
            "stage": "closed",
            "n": len(kept),
            "median": int(median(days)) if days else 0,
            "waived": waived,
        }

    def map(self, rows: Sequence[Row], orgs: Collection[str] | None, words: Words) -> Row:
        """Return the towns' shapes with warnings for a hundred organisations, as an SVG drawing's parts."""
        world = self._world
        drawn = self._once("map", lambda: outlines(self.towns(), world.outline))
        counts: dict[str, int] = {}
        names = self.names()
        for row in rows:
            town = names.get(row["org_id"], {}).get("town", "")
            counts[town] = counts.get(town, 0) + 1
        made, all_orgs = [], 0
        for town in self.towns():
            inside = self._gate.under("place", town["node_id"])
            whole = len(inside if orgs is None else inside & frozenset(orgs))
            n, all_orgs = counts.get(town["node_id"], 0), all_orgs + whole
            rate = round(100 * n / whole, 1) if whole else None
            about = {"id": town["node_id"], "name": short_town(words.name(town), words.lang)}
            made.append(
                about | {"n": n, "orgs": whole, "rate": rate, **drawn["towns"].get(town["node_id"], {})}
            )
        total = round(100 * len(rows) / all_orgs, 1) if all_orgs else None
        return {"width": MAP_WIDTH, "height": drawn["height"], "rate": total, "towns": made}

    def week(self, now: Now) -> Row:
        """Return what comes due in seven days from today: kind × day → how many, and whose it is."""
        days = [now.day + timedelta(n) for n in range(7)]
        span = {"from_day": days[0].isoformat(), "to_day": days[-1].isoformat()}
        found = self.ask("desk_week", ("due_on", "kind", "org_id", "alert_id"), **span)
        cells: dict[str, dict[str, int]] = {}
        marked: dict[str, list[str]] = {}
        for row in found:
            by_day = cells.setdefault(row["kind"], {})
            by_day[row["due_on"]] = by_day.get(row["due_on"], 0) + int(row["n"])
            if row["org_id"] != EVERYBODY:
                marked.setdefault(row["due_on"], []).append(row["org_id"])
        return {
            "days": [{"day": day.isoformat(), "weekday": day.isoweekday()} for day in days],
            "kinds": [{"kind": kind, "n": cells[kind]} for kind in WEEK_KINDS if kind in cells],
            "orgs": {day: sorted(set(ids)) for day, ids in marked.items()},
        }

    def sources(self, now: Now) -> list[Row]:
        """Return how fresh each kind of data is: when it came last, and whether that is late."""
        fresh = self._world.freshness
        made = []
        for table in SOURCES:
            rows = self._gate.answer("sources", "visitor", table_name=table)
            if not rows:
                continue
            loaded = max(row["loaded_at"] for row in rows)
            age = (datetime.now() - loaded).days
            made.append({"key": table, "at": loaded.isoformat(timespec="minutes"), "late": age > LATE_DAYS})
        last = fresh.get("last_event_at")
        if last is not None:
            silent = (now.at - last).days >= self._settings.warnings.silent_days
            made.insert(0, {"key": "swipes", "at": last.isoformat(timespec="minutes"), "late": silent})
        return made

    def matrix(self, org: str) -> Row:
        """Return the duties of the branches in an organisation's community in the last month."""
        about, month = self.names().get(org, {}), self._world.months[-1]
        node = about.get("community")
        if not node:
            return {"month": month, "place": "", "institutions": [], "rows": []}
        found = self._gate.answer("duty_units", "duty", basis="place", node=node, month=month)
        units: dict[str, Row] = {}
        for row in found:
            unit = units.setdefault(
                row["node_id"], {"org": row["node_id"], "name": row["name"], "states": {}}
            )
            unit["states"][row["institution"]] = row["state"] or "no_data"
        rows = sorted(units.values(), key=_missed_first)
        place = self.names().get(node, {}).get("name", "")
        there = {row["institution"] for row in found}
        names = [name for name in (*NAMES, *MORE) if name in there]
        return {"month": month, "place": place, "institutions": names, "rows": rows}

    def explained(self, row: Row, words: Words) -> Row:
        """Return how a warning was counted: value and line, what else was counted, rule, source, last run."""
        how = {one["indicator"]: one for one in self._gate.answer("alert_how", "duty")}
        run = how.get(row["indicator"], {})
        return {
            "num": row["value_num"],
            "den": row["value_den"],
            "threshold": row["threshold"],
            "share": row["indicator"] in SHARES,
            "detail": json.loads(row["detail"]),
            "period": period_text(row["period_key"], words),
            "rule_version": row["rule_version"],
            "parameters": json.loads(run.get("parameters") or "{}"),
            "excluded": json.loads(run.get("excluded") or "{}"),
            "checked": run.get("checked"),
            "source": run.get("source", ""),
            "tables": str(run.get("tables", "")).split(),
            "as_of": run.get("as_of"),
            "ran_at": str(run.get("ran_at") or "")[:16],
        }


def _missed_first(row: Row) -> tuple[float, str]:
    """Sort by missed duties; a row without any data stands in the middle, never last."""
    states = list(row["states"].values())
    if all(state in ("no_data", "not_applicable") for state in states):
        return -0.5, row["org"]
    return -float(states.count("missed")), row["org"]


def value_text(row: Row, words: Words, today: date) -> str:
    """Write what a warning counted, in its indicator's unit; the period where it counts nothing."""
    name, num, den = row["indicator"], row["value_num"], row["value_den"]
    if name in SHARES and num is not None and den:
        return words.percent(num / den, 0 if num in (0, den) else 1)
    if name in PARTS and num is not None and den:
        return f"{num:g}/{den:g}"
    if name in COUNTS and num is not None:
        return words("desk.unit_case" if name in ("W03", "R6") else "desk.unit_person", number=f"{num:g}")
    if name in SINCE:
        since = _day(json.loads(row["detail"]), row["period_key"])
        days = (today - since).days if since else 0
        return words("desk.unit_day" if days >= 0 else "desk.unit_day_ahead", number=abs(days))
    run = json.loads(row["detail"]).get("run", 1)
    return words("desk.unit_run", number=run) if run > 1 else period_text(row["period_key"], words)


def _day(detail: Row, key: str) -> date | None:
    """Find the day from which a state is counted."""
    for text in (detail.get("since"), detail.get("term_end"), key):
        try:
            return date.fromisoformat(str(text))
        except ValueError:
            continue
    return None


def period_text(key: str, words: Words) -> str:
    """Write a period: '2019-01', '2018Q4', '2018' or a day."""
    if len(key) == 4 and key.isdecimal():
        return words("panel.year", year=key)
    if len(key) == 6 and key[4] == "Q":
        return words("desk.quarter", year=key[:4], number=key[5])
    return words.month(key) if len(key) == 7 else words.day(key) if len(key) == 10 else key


def short_town(name: str, lang: str) -> str:
    """Return a town's name without its kind; 江宁街道 keeps it, since 江宁 is the district too."""
    if lang == "en":
        return name.removesuffix(" Subdistrict")
    return name if name == "江宁街道" else name.removesuffix("街道")


def outlines(towns: Sequence[Row], outline: Any) -> Row:
    """Draw the towns' shapes as SVG paths, north up, ``MAP_WIDTH`` wide; label points inside them."""
    shapes: dict[str, BaseGeometry] = {
        town["node_id"]: shape for town in towns if (shape := outline(town["node_id"])) is not None
    }
    if not shapes:
        return {"height": 0.0, "towns": {}}
    bounds = [shape.bounds for shape in shapes.values()]
    west, south = min(b[0] for b in bounds), min(b[1] for b in bounds)
    east, north = max(b[2] for b in bounds), max(b[3] for b in bounds)
    squeeze = cos(radians((south + north) / 2))
    scale = MAP_WIDTH / ((east - west) * squeeze)

    def point(x: float, y: float) -> tuple[float, float]:
        return (x - west) * squeeze * scale, (north - y) * scale

    made = {}
    for node, shape in shapes.items():
        slim = shape.simplify(0.0012, preserve_topology=True)
        parts = getattr(slim, "geoms", [slim])
        rings = [ring.coords for part in parts for ring in (part.exterior, *part.interiors)]
        path = "".join(_ring([point(*spot[:2]) for spot in ring]) for ring in rings)
        spot = shape.representative_point()
        x, y = point(spot.x, spot.y)
        made[node] = {"path": path, "x": round(x), "y": round(y)}
    return {"height": round((north - south) * scale), "towns": made}


def _ring(spots: Sequence[tuple[float, float]]) -> str:
    """Write a closed line as a part of an SVG path."""
    return "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in spots) + "Z"
