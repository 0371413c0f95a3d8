"""What the ends of flows are called, and the sentence that says what the flows of a place amount to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard import parts
from dashboard.alluvial import REST
from dashboard.words import Words
from geo.outside import OWN_CITY, PLACES
from layers.members import number
from layers.scene import OUTSIDE, Scene
from layers.transfers import OTHER, OWN, district_of, gather, insiders, known_places, short_name, subject
from stores.figure import Figure

TENTH = 0.15
"""A share below this is not worth its words."""

TWO = 2
"""The number that is said otherwise before a measure word: 两成, not 二成."""

LATIN = 255
"""The last sign that is half as wide as a Chinese one."""

MOST_OF = 0.5
"""A share from here on is worth a clause: it is most of the whole."""


class Names:
    """Name the ends of flows in one language, from the rows of `layers.transfers.ask_names`."""

    def __init__(self, rows: Mapping[str, list[dict[str, Any]]], words: Words) -> None:
        self._words = words
        self.known = known_places(rows)
        self._district = district_of(self.known)
        self.here = str(parts.first(rows, "here").get("node_id") or "")

    def gather(self, node: str) -> str:
        """Return the end at which a node is drawn: itself, its province, or 'other'."""
        return gather(node, self.known)

    def part(self, node: str) -> str:
        """Return the short name of an end of a flow; the place shown stands for its parts that have none."""
        return self._words("flow.rest") if node == self.here else self(node)

    def __call__(self, node: str) -> str:
        """Return the short name of a place."""
        if node in (OTHER, REST):
            return self._words("flow.others")
        if node.startswith(OUTSIDE):
            return self._outside(node.removeprefix(OUTSIDE))
        row = self.known.get(node)
        if row is None:
            return self._words("flow.others")
        if self._words.lang == "en" and row.get("name_en"):
            return shorter(str(row["name_en"]))
        name = str(row.get("name") or node)
        short = short_name(name, self._district)
        return name if short == self._district[:-1] else short

    def shortest(self, node: str) -> str:
        """Return a name for a narrow place: outside places by their stem, long ones cut."""
        place = node.removeprefix(OUTSIDE)
        if node.startswith(OUTSIDE) and place in OWN:
            return self._words(f"flow.own_{'city' if place == OWN_CITY else 'province'}")
        name = self.part(node)
        most = 5 if ord(name[0]) > LATIN else 9
        return name if len(name) <= most else name[: most - 1] + "…"

    def _outside(self, place: str) -> str:
        english = self._words.lang == "en"
        if place in OWN:
            return OWN[place][english]
        if place in PLACES:
            return PLACES[place][2] if english else place
        return self._words("flow.elsewhere")


def shorter(name: str) -> str:
    """Return an English place name without its kind."""
    for kind in (" Subdistrict", " Sub-district", " Community", " Village", " Town"):
        name = name.removesuffix(kind)
    return name


@dataclass(frozen=True, slots=True)
class Clause:
    """Hold one part of a sentence: words before, the one large figure if any, words after, 'in' or 'out'."""

    before: str
    figure: Figure | None = None
    after: str = ""
    tone: str = "in"


def sentence(
    summary: Mapping[str, Any], exchange: Exchange, names: Names, scene: Scene, words: Words
) -> list[Clause]:
    """Return the clauses that are true of a summary, the first with the large figure; a rule, not a template.

    Args:
        summary: the row of `flow_summary`: net, moved_in, moved_out (members) and outside_share (of those who
            came, 0..1), as published.
        exchange: with whom most is exchanged.
        names: what the ends are called.
        scene: gives the span.
        words: the language.

    Returns:
        At least one clause.  What is hidden, nought or not true has none.
    """
    span = words(f"flow.span_{scene.span}")
    moved_in, moved_out = (parts.as_figure(summary.get(name)) for name in ("moved_in", "moved_out"))
    net = parts.as_figure(summary.get("net"))
    if not moved_in.shown and not moved_out.shown and not net.shown:
        dark = moved_in.state if moved_in.state != "no_data" else moved_out.state
        key = "flow.says_hidden" if dark in ("hidden", "band") else "flow.says_nothing"
        return [Clause(words(key, span=span))]
    if not moved_in.value and not moved_out.value and not net.value:
        return [Clause(words("flow.says_nothing", span=span))]
    made = [_head(net, moved_in, span, words)]
    if moved_in.shown and moved_out.shown and not (net.shown and net.value == 0 and not moved_in.value):
        made.append(
            Clause(words("flow.says_both", came=words.figure(moved_in), went=words.figure(moved_out)))
        )
    return made + _concentration(exchange, summary, names, words)


def _head(net: Figure, moved_in: Figure, span: str, words: Words) -> Clause:
    if not net.shown:
        return Clause(words("flow.says_in", span=span), moved_in, words("flow.persons"))
    if not net.value:
        return Clause(words("flow.says_even", span=span))
    key, tone = ("flow.says_gain", "in") if net.value > 0 else ("flow.says_loss", "out")
    return Clause(words(key, span=span), Figure(abs(net.value), net.state), words("flow.persons"), tone)


def _concentration(
    exchange: Exchange, summary: Mapping[str, Any], names: Names, words: Words
) -> list[Clause]:
    """Say with whom most is exchanged, whether most came from outside, and what the first three make up."""
    made = _partners(exchange, names, words)
    outside = parts.as_figure(summary.get("outside_share"))
    if not exchange.is_district and outside.shown and float(outside.value or 0) >= MOST_OF:
        made.append(Clause(words("flow.says_outside", share=tenths(float(outside.value or 0), words))))
    elif exchange.top3 >= MOST_OF:
        made.append(Clause(words("flow.says_top", share=tenths(exchange.top3, words))))
    return made


def _partners(exchange: Exchange, names: Names, words: Words) -> list[Clause]:
    """Say from where most came and whereto most went, in one clause when it is the same place."""
    came, went, share = exchange.main_from, exchange.main_to, exchange.from_share
    if came and came == went:
        return [Clause(words("flow.says_partner", name=names(came)))]
    made = []
    if came and share >= TENTH:
        made.append(Clause(words("flow.says_from_share", name=names(came), share=tenths(share, words))))
    elif came:
        made.append(Clause(words("flow.says_from", name=names(came))))
    if went:
        made.append(Clause(words("flow.says_to", name=names(went))))
    return made


@dataclass(frozen=True, slots=True)
class Exchange:
    """Hold with whom a place exchanges most, read off the flows that are drawn; '' where nobody stands out.

    `from_share` and `top3` are shares of all that came, 0..1.
    """

    main_from: str = ""
    main_to: str = ""
    from_share: float = 0.0
    top3: float = 0.0
    is_district: bool = False


def exchange_of(rows: Mapping[str, list[dict[str, Any]]], names: Names, scene: Scene, root: str) -> Exchange:
    """Add up the published flows over the border of the place spoken of, by their other ends."""
    centre = subject(scene)
    own = insiders(rows, scene) if centre == scene.place else {centre}
    came: Counter[str] = Counter()
    went: Counter[str] = Counter()
    for edge in rows.get("edges", []):
        start, end = str(edge["from_node"]), str(edge["to_node"])
        n = int(number(edge["n"]) or 0)
        if start not in own and end in own:
            came[names.gather(start)] += n
        elif start in own and end not in own:
            went[names.gather(end)] += n
    total = sum(came.values())
    top3 = sum(n for node, n in _named(came)[:3]) / total if total else 0.0
    main = [next(iter(_named(one)), ("", 0)) for one in (came, went)]
    share = main[0][1] / total if total else 0.0
    return Exchange(main[0][0], main[1][0], share, top3, centre == root)


def _named(sums: Counter[str]) -> list[tuple[str, int]]:
    """Return the places by size, without those that stand for many."""
    merged = (OTHER, OUTSIDE + OTHER)
    return sorted(
        ((node, n) for node, n in sums.items() if node not in merged), key=lambda one: (-one[1], one[0])
    )


def tenths(share: float, words: Words) -> str:
    """Write a share of one as people say it: 七成 / 70 %; just over a half is 过半 / over half."""
    if 0.5 < share < 0.55:
        return words("flow.over_half")
    if words.lang == "zh":
        if share >= 0.95:
            return words("flow.over_nine_tenths")
        tenth = max(1, round(share * 10))
        if tenth == TWO:
            return words("flow.two_tenths")
        return words("flow.tenths", n=words(f"numerals.{tenth}"))
    return words("flow.tenths", n=f"{round(share * 100)}")
