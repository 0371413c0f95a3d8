"""Judge anew whenever the facts change while the wall is served: after a load, after live sign-ins."""

from __future__ import annotations

import logging
import threading
import time
from typing import Final

from indicators.warnings.kept import memory_of
from indicators.warnings.running import run
from stores.desk import Desk
from stores.errors import StoreError
from stores.settings import Settings
from stores.store import Store

LOOK_SECONDS: Final = 1.0
REST_SHARE: Final = 2.0
"""After an evaluation it rests for so many times as long as that took: the wall comes first."""
_LOG: Final = logging.getLogger(__name__)


class Watcher:
    """Watch the version of the facts from a thread of its own.

    Args:
        store: the facts alone; the desk's own changes are no reason to judge anew.
        desk: where warnings are kept.
        settings: the deployment.
    """

    def __init__(self, store: Store, desk: Desk, settings: Settings) -> None:
        self._store, self._desk, self._settings = store, desk, settings
        self._memory = memory_of(settings)
        self._stop = threading.Event()
        self._judged: int | None = None
        self._thread = threading.Thread(target=self._watch, name="warnings", daemon=True)

    def start(self) -> None:
        """Begin to watch; what stands in the records already is not judged again."""
        if self._desk.read("select 1 as n from evaluation limit 1"):
            self._judged = self._store.version
        self._thread.start()

    def stop(self) -> None:
        """End watching and wait for an evaluation under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> bool:
        """Judge if the facts have changed; tell whether they had."""
        version = self._store.version
        if version == self._judged:
            return False
        run(self._store, self._desk, self._settings, memory=self._memory)
        self._judged = version
        return True

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            began = time.monotonic()
            try:
                took = self.look()
            except StoreError:
                _LOG.exception("the warnings were not evaluated; they will be at the next change")
                self._judged = self._store.version
                continue
            if took:
                self._stop.wait(REST_SHARE * (time.monotonic() - began))
