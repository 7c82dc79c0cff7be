"""Names of places in Peru: districts, provinces, regions, and what people call parts of them.

The table of districts and ``data/places.tsv`` in one dictionary by first word; the longest name
counts. Names that are ordinary words too are marked, for the reader to ask for more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Final

from models.reading.districts import ALL, District
from models.reading.facts.canonical import canonical
from models.reading.named_places import DOMINANT, SPELLINGS, lines, name_key
from models.reading.phonetic import sounds

_SHORT: Final = {
    "santa": ("sta",), "santo": ("sto",), "san": ("sn",), "puerto": ("pto",), "puente": ("pte",),
    "nuevo": ("nvo",), "nueva": ("nva",), "general": ("gral",),
}  # fmt: skip
"""How people write the first word of a name."""
_ARTICLE: Final = re.compile(r"(?:los|las|la|el) (.+)")
_CAPITAL_MEANT: Final = 3
"""The same for the capital of a province of that name, which more people know."""
_COMPACT: Final = 9
"""Letters of a name from which it is known without its spaces too: "casagrande"."""
_THREE: Final = str.maketrans("oe", "ui")
_LEAST: Final = 4
SELF: Final = 1.0
_PART, _AREA, _CAPITAL, _FAR = 0.95, 0.9, 0.8, 0.5
"""How far a name agrees with a district: it is its own, that of a part of it, of its province or
region, of its province's capital, of its region's capital."""


@dataclass(eq=False)
class Place:
    """What a name can mean.

    Attributes:
        own: INEI codes of districts that bear the name or are called so.
        towns: Of districts whose main town bears it.
        parts: Of districts with a neighbourhood, hamlet or market of that name.
        areas: Codes of provinces (four digits) and regions (two) that bear it.
        word: Also an ordinary word or a name of persons and things.
    """

    own: set[str] = field(default_factory=set)
    towns: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    areas: set[str] = field(default_factory=set)
    word: bool = False

    @cached_property
    def districts(self) -> frozenset[str]:
        """All districts it can mean; not to be asked before all names are there."""
        return frozenset(self.own | self.towns | self.parts)


@cache
def by_code() -> dict[str, District]:
    """The table by INEI code."""
    return {district.ubigeo: district for district in ALL}


def key(name: str) -> str:
    """How names are compared: as canonical text has them, words and single spaces only."""
    return canonical(name_key(name)).text


@cache
def places() -> dict[str, Place]:
    """All names, built at first use in some 50 ms."""
    found: dict[str, Place] = {}

    def at(name: str) -> Place:
        return found.setdefault(key(name), Place())

    for district in ALL:
        at(district.name).own.add(district.ubigeo)
        at(district.province).areas.add(district.ubigeo[:4])
        at(district.region).areas.add(district.ubigeo[:2])
        if district.capital:
            at(re.sub(r" ?\(.*", "", district.capital)).towns.add(district.ubigeo)
    for line in lines():
        if line.kind == "word":
            continue
        place = at(line.name)
        if line.kind == "town":
            place.own.add(line.code)
        elif line.kind == "part":
            place.parts.add(line.code)
        elif line.kind == "area":
            place.areas.add(line.code)
    for name, place in list(found.items()):
        if short := _ARTICLE.fullmatch(name):
            shorter = found.setdefault(short[1], Place())
            shorter.towns |= place.own
            shorter.areas |= {area for area in place.areas if len(area) == 4}
    for name, place in list(found.items()):
        first, _, rest = name.partition(" ")
        for written in _SHORT.get(first, ()) if rest else ():
            found.setdefault(f"{written} {rest}", place)
    for name, place in list(found.items()):
        if " " in name and len(name) >= _COMPACT and (place.own or place.towns):
            found.setdefault(name.replace(" ", ""), place)
    for spelt, usual in SPELLINGS.items():
        found[spelt] = found[usual]
    for line in lines():
        if line.kind == "word" and line.name in found:
            found[line.name].word = True
    for name in [name for name in found if not re.search("[a-z]", name)]:
        del found[name]  # Pusi and Quince Mil are numbers in canonical spelling
    # Lima is where a third of the country lives: the word alone names no district.
    found["lima"].own.clear()
    return found


@cache
def starts() -> dict[str, dict[str, tuple[str, ...]]]:
    """Names by their first word, then by their second ("" for one word), the longest first."""
    found: dict[str, dict[str, list[str]]] = {}
    for name in places():
        first, second, *_ = (*name.split(" ", 2), "")
        found.setdefault(first, {}).setdefault(second, []).append(name)
    return {
        first: {
            second: tuple(sorted(names, key=lambda name: (-name.count(" "), -len(name), name)))
            for second, names in held.items()
        }
        for first, held in found.items()
    }


def meant(codes: set[str], most: int = DOMINANT) -> str | None:
    """The one of several namesakes with `most` times the people of the others, if there is one."""
    people = {code: by_code()[code].population for code in codes}
    if len(people) == 1:
        return next(iter(people))
    if not people:
        return None
    largest = max(sorted(people), key=lambda code: people[code])
    rest = sum(people.values()) - people[largest]
    district = by_code()[largest]
    capital = largest.endswith("01") and key(district.name) == key(district.province)
    least = _CAPITAL_MEANT if capital else most
    return largest if people[largest] >= least * max(rest, 1) else None


@cache
def capitals() -> dict[str, frozenset[str]]:
    """By province (four digits) and region (two): districts of its capital town."""
    found: dict[str, frozenset[str]] = {}
    for code in by_code():
        if code.endswith("01"):
            found[code[:4]] = frozenset({code})
        if code.endswith("0101"):
            found[code[:2]] = frozenset({code})
    return found


def says(place: Place, code: str) -> float:
    """How far a name agrees with a district, 0 if not at all."""
    if code in place.own or code in place.towns:
        return SELF
    if code in place.parts:
        return _PART
    if code[:4] in place.areas or code[:2] in place.areas:
        return _AREA
    for area, weight in ((code[:4], _CAPITAL), (code[:2], _FAR)):
        if not (place.own | place.towns).isdisjoint(capitals().get(area, ())):
            return weight
    return 0.0


def agree(named: Sequence[Place]) -> bool:
    """Whether one place can be meant by all names."""
    candidates = {code for place in named for code in place.districts}
    if candidates:
        return any(all(says(place, code) for place in named) for code in candidates)
    return len({area[:2] for place in named for area in place.areas}) == 1


@cache
def _heard() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, place in places().items():
        if place.own or place.towns or place.areas:
            found.setdefault(_vowels(name), name)
    return found


def _vowels(name: str) -> str:
    """As a speaker of Quechua or Aymara may write it: three vowels, by ear."""
    return sounds(name).replace(" ", "").translate(_THREE)


def as_heard(stem: str) -> str | None:
    """The name that sounds so with the three vowels of Quechua: "panau" is Panao."""
    return _heard().get(_vowels(stem)) if len(stem) >= _LEAST else None
