"""Places, buildings and organisations are found by characters, pinyin, initials, or a mixture of them."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from threading import Lock
from typing import Any, Final, Protocol

LONGEST_QUERY: Final = 60
_KIND_ORDER: Final = {"place": 0, "organisation": 1, "building": 2}
_NOISE: Final = re.compile(r"[\s·・\-—_'’,，。、（）()\[\]【】“”\"]+")
_ENOUGH: Final = 400  # candidates that are ranked; a one-letter query matches everything


class Source(Protocol):
    """Where entries come from: the gate."""

    def answer(self, question: str, mode: str, **params: Any) -> list[dict[str, Any]]:
        """Return the published rows of a question."""
        ...


@dataclass(frozen=True, slots=True)
class Hit:
    """Hold one entry found; `start` and `end` mark the matched characters of the name (0, 0: by English)."""

    kind: str
    id: str
    name: str
    name_en: str
    parent_name: str
    place_id: str
    start: int
    end: int

    def json(self) -> dict[str, Any]:
        """Give the form for the wire."""
        return {
            "kind": self.kind,
            "id": self.id,
            "name": self.name,
            "name_en": self.name_en,
            "parent_name": self.parent_name,
            "place_id": self.place_id,
            "hit": [self.start, self.end],
        }


class Finder:
    """Find entries in an index that is built once.

    Args:
        rows: mappings with kind ('place', 'building', 'organisation'), id, name, name_en, parent_name and
            place_id; the last three may be null.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = sorted(rows, key=_weight)
        spelled = [_spell(str(row["name"])) for row in self._rows]
        english = [" " + _plain(str(row.get("name_en") or "")) for row in self._rows]
        self._spelled = spelled
        self._chinese_text, self._chinese_starts = _joined(spelled)
        self._english_text, self._english_starts = _joined(english)

    def __len__(self) -> int:
        return len(self._rows)

    def find(self, query: str, limit: int = 12) -> list[Hit]:
        """Return the best entries for a query, best first; none for an empty query.

        The whole name comes first, then names that begin with the query, then names that hold it; of equals
        a place stands before an organisation before a building, and a short name before a long one.
        """
        wanted = _NOISE.sub("", _plain(query[:LONGEST_QUERY]))
        if not wanted:
            return []
        pattern = _pattern(wanted)
        ranked = [(self._rank(i, pattern), i) for i in self._candidates(pattern)]
        hits = [self._hit(i, start, end) for (_, start, end), i in sorted(ranked)[: 4 * limit]]
        known = {(hit.kind, hit.id) for hit in hits}
        english = self._in_english(query)
        first = [hit for hit in english if (hit.kind, hit.id) not in known and hit.kind == "place"]
        rest = [hit for hit in english if (hit.kind, hit.id) not in known and hit.kind != "place"]
        return [*first, *hits, *rest][:limit]

    def _candidates(self, pattern: re.Pattern[str]) -> list[int]:
        """List the entries whose spelling matches anywhere, in the order of their weight."""
        return _lines(pattern, self._chinese_text, self._chinese_starts)

    def _rank(self, index: int, pattern: re.Pattern[str]) -> tuple[tuple[int, int], int, int]:
        """Return ((class, kind), first character, end) of the best match inside one entry."""
        text = self._spelled[index]
        match = pattern.search(text)
        assert match is not None
        start = text.count(" ", 0, match.start())
        end = text.count(" ", 0, match.end("hit"))
        whole = match.start() == 0 and " " not in text[match.end("hit") :]
        order = 0 if whole else 1 if start == 0 else 2
        return (order, _KIND_ORDER.get(str(self._rows[index]["kind"]), 9)), start, end

    def _in_english(self, query: str) -> list[Hit]:
        """Return entries with an English word that begins as the query does."""
        words = _plain(query[:LONGEST_QUERY]).strip()
        if len(words) < 2 or not words.isascii():
            return []
        found = _lines(re.compile(" " + re.escape(words)), self._english_text, self._english_starts)
        return [self._hit(i, 0, 0) for i in found[:50]]

    def _hit(self, index: int, start: int, end: int) -> Hit:
        row = self._rows[index]
        texts = {
            name: str(row.get(name) or "")
            for name in ("kind", "id", "name", "name_en", "parent_name", "place_id")
        }
        return Hit(**texts, start=start, end=end)


class Searches:
    """Keep one finder per mode for the present version of the store."""

    def __init__(self, gate: Source, store: Any) -> None:
        self._gate, self._store = gate, store
        self._kept: dict[str, tuple[int, Finder]] = {}
        self._lock = Lock()

    def finder(self, mode: str) -> Finder:
        """Return the finder of a mode, built anew when the store has changed."""
        version = int(self._store.version)
        kept = self._kept.get(mode)
        if kept is not None and kept[0] == version:
            return kept[1]
        with self._lock:
            kept = self._kept.get(mode)
            if kept is None or kept[0] != version:
                kept = (version, Finder(self._gate.answer("searchables", mode)))
                self._kept[mode] = kept
            return kept[1]


def _weight(row: Mapping[str, Any]) -> tuple[int, int, int, str]:
    """Order entries by kind, then places from the top of the tree down, then short names first."""
    name, kind = str(row["name"]), str(row["kind"])
    depth = len(str(row["id"])) if kind == "place" else 0
    return _KIND_ORDER.get(kind, 9), depth, len(name), name


def _plain(text: str) -> str:
    """Fold width and case."""
    return unicodedata.normalize("NFKC", text).casefold().replace("\n", " ")


def _spell(name: str) -> str:
    """Write a name as its characters, each with its reading: '东山' → ' 东:dong 山:shan'.

    A character that folds into several ('㎡') or is a separator keeps its place, so that hits can be marked.
    """
    from pypinyin import lazy_pinyin  # its dictionary takes 0.3 s to read; the first page need not wait

    readings = lazy_pinyin(name, errors=lambda run: list(run))  # type: ignore[arg-type, return-value]
    return "".join(
        f" {_one(char)}:{reading.casefold()}" for char, reading in zip(name, readings, strict=True)
    )


def _one(char: str) -> str:
    """Fold a character, but never into several or into one the spelling uses itself."""
    folded = _plain(char)
    return folded if len(folded) == 1 and folded not in " :" else "_"


def _pattern(wanted: str) -> re.Pattern[str]:
    """Compile a query: each Han character stands for itself, letters for beginnings of successive readings.

    So 'dongshan', 'ds', 'dongs', '东s' and '东山' all match ' 东:dong 山:shan'.
    """
    skip = "(?: [_·（）()-]:[^ \\n]*+)*+"
    steps = []
    for i, char in enumerate(wanted):
        own = re.escape(char)
        if not char.isascii() or not char.isalpha():
            step = f" {own}:"
        elif i and wanted[i - 1].isascii() and wanted[i - 1].isalpha():
            step = f"(?:{own}|[^ \\n]*+{skip} [^ \\n]:{own})"
            steps.append(step)
            continue
        else:
            step = f" [^ \\n]:{own}"
        steps.append(step if i == 0 else f"[^ \\n]*+{skip}{step}")
    return re.compile(f"(?P<hit>{''.join(steps)})")


def _joined(lines: list[str]) -> tuple[str, list[int]]:
    """Join lines into one text and list where each begins."""
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    return "\n".join(lines), starts[:-1]


def _lines(pattern: re.Pattern[str], text: str, starts: list[int]) -> list[int]:
    """List the lines of a joined text that match, at most `_ENOUGH`, in order."""
    found: list[int] = []
    position = 0
    while len(found) < _ENOUGH and (match := pattern.search(text, position)):
        line = bisect_right(starts, match.start()) - 1
        found.append(line)
        if line + 1 == len(starts):
            break
        position = starts[line + 1]
    return found
