"""Publish the layers of a flow: the first hop is the published table's, a further one never exceeds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stores.flow_chains import Layer
from stores.flow_places import OTHER
from stores.gate_matrix import Edge, Publisher, View
from stores.gate_tree import BASE


def publish_layers(publisher: Publisher, view: View, layers: Iterable[Layer], focus: str) -> list[Layer]:
    """Publish layers around a place.

    The first hops are the edges of the published table that touch the focus.  Further hops are shown behind a
    place that is named there; their far ends, where the table does not name them or fewer than the least come
    from them, join the next level up; what is still too small is left out: it is not traced.
    """
    exact = list(layers)
    shown: list[Layer] = [
        (1 if start == focus else -1, start, end, n)
        for (start, end), n in view.shown.items()
        if start != end and focus in (start, end)
    ]
    named = {place for edge in view.shown for place in edge}
    for way in (-1, 1):
        room = {(b if way < 0 else c): n for layer, b, c, n in shown if layer == way}
        deepest = max((layer * way for layer, *_ in exact), default=0)
        for hop in range(2, deepest + 1):
            found = [(b, c, n) for layer, b, c, n in exact if layer == way * hop]
            made = _hop(publisher, found, room, named, way)
            shown += [(way * hop, b, c, n) for (b, c), n in made.items()]
            room = {}
            for (b, c), n in made.items():
                far = b if way < 0 else c
                room[far] = room.get(far, 0) + n
    return sorted(shown, key=lambda one: (one[0], -one[3], one[1], one[2]))


def _hop(
    publisher: Publisher,
    found: Sequence[tuple[str, str, int]],
    room: Mapping[str, int],
    named: set[str],
    way: int,
) -> dict[Edge, int]:
    """Publish one hop further out: near ends are places of the hop before, far ends may merge."""
    near_at, far_at = (1, 0) if way < 0 else (0, 1)
    sizes: dict[str, dict[str, int]] = {}
    for *ends, n in found:
        near, far = str(ends[near_at]), str(ends[far_at])
        if near in room:
            while far not in named and far != OTHER:
                far = publisher.places.above(far)
            part = sizes.setdefault(near, {})
            part[far] = part.get(far, 0) + n
    made: dict[Edge, int] = {}
    for near, part in sizes.items():
        for far, n in _rounded(publisher, near, _merged(publisher, part), room[near], way).items():
            made[(far, near) if way < 0 else (near, far)] = n
    return made


def _merged(publisher: Publisher, part: dict[str, int]) -> dict[str, int]:
    """Let far ends below the least join the next level up, the finest first; drop what stays below."""
    least, places = publisher.policy.flow_edge, publisher.places
    while True:
        small = [far for far, n in part.items() if n < least and far != OTHER]
        if not small:
            return {far: n for far, n in part.items() if n >= least}
        far = max(small, key=lambda place: (places.rank(place), place))
        n = part.pop(far)
        upper = places.above(far)
        part[upper] = part.get(upper, 0) + n


def _rounded(publisher: Publisher, near: str, part: Mapping[str, int], room: int, way: int) -> dict[str, int]:
    """Round, and cut what exceeds the hop before, the smallest first."""
    shown = {far: publisher.near((far, near, str(way)), n) for far, n in part.items()}
    for far in sorted(shown, key=lambda place: (shown[place], place)):
        over = sum(shown.values()) - room
        if over > 0:
            shown[far] -= min(shown[far], -(-over // BASE) * BASE)
    return {far: n for far, n in shown.items() if n}


def wait_bands(rows: Sequence[Mapping[str, Any]], least: int) -> list[tuple[str, int]]:
    """Gather waits, rising, into bands of at least ``least`` transfers, ('2-4', 5); none if all are few."""
    bands: list[list[int]] = []
    for row in sorted(rows, key=lambda one: int(one["waited"])):
        if not bands or bands[-1][2] >= least:
            bands.append([int(row["waited"]), int(row["waited"]), 0])
        bands[-1][1] = int(row["waited"])
        bands[-1][2] += int(row["n"])
    if len(bands) > 1 and bands[-1][2] < least:
        last = bands.pop()
        bands[-1][1], bands[-1][2] = last[1], bands[-1][2] + last[2]
    if bands and bands[-1][2] < least:
        return []
    return [(str(a) if a == b else f"{a}-{b}", n) for a, b, n in bands]
