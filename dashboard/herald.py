"""Tells open walls that a serious warning has opened, whoever evaluated: tours stop for it."""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final

from layers.scene import PRESETS, Scene
from stores.errors import StoreError
from stores.gate_policy import MODES
from stores.gate_warned import RARE

if TYPE_CHECKING:
    from dashboard.live import Hub
    from stores.gate import Gate
    from stores.whole import WholeStore

LEAST: Final = 3
"""Severity from which on a warning is serious enough to tell of."""
WAIT: Final = 4.0
REST: Final = 1.0
"""Seconds between two looks; an evaluation that opens hundreds is told of once."""
_LOG: Final = logging.getLogger(__name__)


class Herald:
    """Watch the desk's records of one store and publish the event 'warning'.

    Args:
        store: facts and records.
        gate: the only exit.
        hub: tells open walls.
    """

    def __init__(self, store: WholeStore, gate: Gate, hub: Hub) -> None:
        self._store, self._gate, self._hub = store, gate, hub
        self._known: dict[str, int] | None = None
        self._seen = -1
        self._ended = Event()

    def start(self) -> None:
        """Watch from a thread that lives as long as the process; what is open already is no news."""
        Thread(target=self._watch, name="herald", daemon=True).start()

    def stop(self) -> None:
        """Tell no more, from the next look on."""
        self._ended.set()

    def look(self) -> dict[str, Any] | None:
        """Tell of the worst warning that is new, or has become serious, since the last look.

        Returns:
            What each mode is told, None where there is nothing new.
        """
        root, towns, communities = self._places()
        rows = self._gate.answer("alert_list", "duty", basis="affiliation", node=root)
        now = {str(row["alert_id"]): int(row["severity"]) for row in rows}
        before, self._known = self._known, now
        if before is None:
            return None
        news = [
            row
            for row in rows
            if row["severity"] >= LEAST and before.get(row["alert_id"], 0) < int(row["severity"])
        ]
        if not news:
            return None
        worst = max(news, key=lambda row: (row["severity"], row["opened_at"], row["alert_id"]))
        org = str(worst["org_id"])
        town = next((place for place in towns if org in self._gate.under("place", place)), "")
        near = next((place for place in communities if org in self._gate.under("place", place)), town)
        told: dict[str, Any] = {
            mode: _message(int(worst["severity"]), near, org)
            if mode != "visitor"
            else _message(int(worst["severity"]), "" if worst["indicator"] in RARE else town)
            for mode in MODES
        }
        self._hub.publish("warning", by_mode=told)
        return told

    def _places(self) -> tuple[str, list[str], list[str]]:
        rows = self._gate.answer("place_tree", "visitor")
        by_level: dict[str, list[str]] = {}
        for row in rows:
            by_level.setdefault(str(row["level"]), []).append(str(row["node_id"]))
        return by_level["district"][0], by_level.get("town", []), by_level.get("community", [])

    def _watch(self) -> None:
        version = -1
        while not self._ended.is_set():
            try:
                if self._store.desk.version != self._seen:
                    self._seen = self._store.desk.version
                    self.look()
                    self._ended.wait(REST)
                version = self._store.wait(version, WAIT)
            except StoreError as error:
                _LOG.warning("nothing can be told of new warnings now: %s", error)
                self._ended.wait(WAIT)


def _message(severity: int, place: str, organisation: str = "") -> dict[str, Any]:
    """Say how bad it is and which scene shows where."""
    scene = Scene(place=place, board="warnings", layers=PRESETS["warnings"], organisation=organisation)
    return {"severity": severity, "query": scene.as_query()}
