"""What `ejia tour check` looks for: dead places, captions too long, captions that today's numbers deny."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from dashboard.tour_values import VALUES, asked, figure_of, written
from dashboard.tours import LONGEST, Problem, Stop, Tour, named_values, unknown_values
from dashboard.words import Words
from layers.scene import World, read_query

if TYPE_CHECKING:
    from dashboard.answers import Answers

MODE: Final = "visitor"
_CLAIM: Final = re.compile(r"\s*(\w+)\s*(<=|>=|==|<|>)\s*(\w+(?:\.\d+)?)\s*")
_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}
_OWN_NUMBER: Final = re.compile(r"(?<![\d.])\d[\d,]*(?:\.\d+)?(?![\d.])\s*[%％]?")
_DATE: Final = re.compile(r"\d{4}\s*年(\d{1,2}\s*月)?(\d{1,2}\s*日)?|\b(19|20)\d\d\b")
SMALL: Final = 31  # a number up to this may be a count of steps, days or stations


def check(found: Mapping[str, Tour], answers: Answers) -> list[Problem]:
    """Return everything wrong with some tours, by tour and station; an empty list is a clean bill."""
    return [
        Problem(name, index, text)
        for name, tour in found.items()
        for index, stop in enumerate(tour.stops, 1)
        for text in [
            *_scene(stop, answers),
            *_captions(stop, answers),
            *_shown(stop, answers),
            *_claims(stop, answers),
        ]
    ]


def _scene(stop: Stop, answers: Answers) -> Iterator[str]:
    """Name what a scene asks for and does not exist."""
    world = answers.world
    wanted = read_query(stop.scene)
    if wanted.tour or wanted.stop or "lang=" in stop.scene:
        yield "the scene names a tour, a stop or a language; leave them out"
    for field, value in wanted.settled(world)[1]:
        yield f"the scene's {field} {value!r} does not exist"
    if wanted.organisation:
        rows = answers.rows({"it": ("organisation", _organisation(wanted.organisation, world))}, MODE)
        if not rows["it"]:
            yield f"the scene's organisation {wanted.organisation!r} does not exist"
    known = set(re.findall(r"[?&]?(\w+)=", stop.scene)) - set(replace(wanted).__class__.__dataclass_fields__)
    for name in sorted(known):
        yield f"the scene has no field {name!r}"


def _organisation(org_id: str, world: World) -> dict[str, Any]:
    return {"org_id": org_id, "month": world.months[-1]}


def _captions(stop: Stop, answers: Answers) -> Iterator[str]:
    """Name captions that are too long, name no value, or bring numbers of their own."""
    for lang in ("zh", "en"):
        text = stop.caption.of(lang)
        try:
            names, strange = named_values(text), unknown_values(text)
        except ValueError as wrong:
            yield f"the caption ({lang}) has a loose brace: {wrong}"
            continue
        for name in strange:
            yield f"the caption ({lang}) names no known value: {{{name}}}"
        if strange:
            continue
        words = Words(lang)
        values = written(names, answers.rows(asked(names, answers.world), MODE), words)
        for name, shown in values.items():
            if not any(sign.isdigit() for sign in shown):
                yield f"the caption ({lang}) names a value that is not published: {{{name}}}"
        length = len(text.format(**values))
        if length > LONGEST[lang]:
            yield f"the caption ({lang}) has {length} characters; at most {LONGEST[lang]} fit"
        yield from _own_numbers(text, lang)


def _shown(stop: Stop, answers: Answers) -> Iterator[str]:
    """Name values of the captions that no panel, layer, colour or sheet of the station shows."""
    scene = read_query(stop.scene).settled(answers.world)[0]
    here = {f"board:{scene.board}", f"open:{scene.open}"} | {f"layer:{key}" for key in scene.layers}
    here |= {f"measure:{scene.measure}"} if "members" in scene.layers else set()
    for name in dict.fromkeys(_names(stop)):
        seen = VALUES[name].seen if name in VALUES else ()
        if seen and not here & set(seen):
            yield f"the caption speaks of {{{name}}}, which the scene does not show; add {' or '.join(seen)}"


def _names(stop: Stop) -> Iterator[str]:
    for lang in ("zh", "en"):
        try:
            yield from named_values(stop.caption.of(lang))
        except ValueError:
            continue  # said where captions are read


def _own_numbers(text: str, lang: str) -> Iterator[str]:
    """Name numbers that stand in a caption as text: they are true on the day they were written at most."""
    plain = _DATE.sub("", re.sub(r"\{\w+\}", "", text))
    for own in _OWN_NUMBER.findall(plain):
        amount = float(own.strip(" %％").replace(",", ""))
        if amount > SMALL or own.rstrip().endswith(("%", "％")):
            yield f"the caption ({lang}) holds the number {own.strip()}; name a value instead"


def _claims(stop: Stop, answers: Answers) -> Iterator[str]:
    """Name claims that are not true today."""
    for claim in stop.claims:
        match = _CLAIM.fullmatch(claim)
        if match is None:
            yield f"the claim {claim!r} is no comparison of a value"
            continue
        left, sign, right = match[1], match[2], match[3]
        sides = [_amount(side, answers) for side in (left, right)]
        if None in sides:
            yield f"the claim {claim!r} names a value that is unknown or not published"
        elif not _COMPARE[sign](sides[0] or 0.0, sides[1] or 0.0):
            yield f"the claim {claim!r} is not true today: {left} is {sides[0]:g}"


def _amount(side: str, answers: Answers) -> float | None:
    """Return a number, or the published value of this name; None where there is none."""
    if re.fullmatch(r"\d+(\.\d+)?", side):
        return float(side)
    if side not in VALUES:
        return None
    return figure_of(side, answers.rows(asked((side,), answers.world), MODE)).value
