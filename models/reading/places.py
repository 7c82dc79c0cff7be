"""From places as people write them to a district of the table.

A place that could be two districts stays unknown: unknown filters nobody out, a wrong guess would.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final, NamedTuple

from models.reading.districts import ALL, DISTRICTS
from models.reading.named_places import DOMINANT, SPELLINGS, lines, name_key

UNKNOWN: Final = -1

_FILLERS: Final = frozenset(
    {
        "de", "del", "la", "las", "el", "los", "y", "en", "a", "al", "por", "cerca",
        "distrito", "dist", "provincia", "prov", "region", "reg", "departamento", "dpto", "depto",
        "dep", "ciudad", "cercado", "centro", "peru", "zona", "vivo", "soy",
    }
)  # fmt: skip
"""Words of a place that name no place."""
_ADDRESS: Final = frozenset(
    {"av", "avenida", "jr", "jiron", "calle", "ca", "psje", "pasaje", "mz", "mza", "lt", "lote"}
)
"""Words that make a part an address, whose street may be called like a district."""


class _Names(NamedTuple):
    """Keys (see `name_key`) to rows of ALL.

    Attributes:
        rows: By any name of a district: its own, an alias, its main town, with or without article.
        own: By its own name or an alias only.
        provinces, regions: Names of these.
        capitals: First four digits of ubigeo to the row of the province's capital.
    """

    rows: dict[str, frozenset[int]]
    own: dict[str, frozenset[int]]
    provinces: frozenset[str]
    regions: frozenset[str]
    capitals: dict[str, int]


@cache
def _aliases() -> dict[str, str]:
    """Names people use for a district that the table does not have, to INEI codes."""
    named: dict[str, set[str]] = {}
    for line in lines():
        if line.kind == "town":
            named.setdefault(line.name, set()).add(line.code)
    return {name: codes.pop() for name, codes in named.items() if len(codes) == 1}


@cache
def _names() -> _Names:
    """All names of the table, built at first use."""
    own: dict[str, set[int]] = {}
    codes = {district.ubigeo: i for i, district in enumerate(ALL)}
    for i, district in enumerate(ALL):
        own.setdefault(name_key(district.name), set()).add(i)
    for alias, code in _aliases().items():
        own.setdefault(alias, set()).add(codes[code])
    rows = {name: set(found) for name, found in own.items()}
    for i, district in enumerate(ALL):
        if district.capital:
            rows.setdefault(name_key(district.capital), set()).add(i)
        if short := re.fullmatch(r"(?:los|las|la|el) (.+)", name_key(district.name)):
            rows.setdefault(short[1], set()).add(i)
    for name in [name for name in rows if " " in name]:
        rows.setdefault(name.replace(" ", ""), set()).update(rows[name])
    return _Names(
        rows={name: frozenset(found) for name, found in rows.items()},
        own={name: frozenset(found) for name, found in own.items()},
        provinces=frozenset(name_key(district.province) for district in ALL),
        regions=frozenset(name_key(district.region) for district in ALL),
        capitals={code[:4]: i for code, i in codes.items() if code.endswith("01")},
    )


def by_name(place: str) -> int:
    """Row of the one district a text names, -1 if none or several."""
    known, clean = _read(place)
    return _resolve(tuple(known), clean) if known else UNKNOWN


def names_only_places(place: str) -> bool:
    """Whether a text has nothing but names of places, and words that lead from one to another."""
    known, clean = _read(place)
    return clean and bool(known)


def _read(place: str) -> tuple[list[str], bool]:
    """The names of places in a text, and whether it has no other words that say something."""
    known: list[str] = []
    clean = True
    for part in re.split(r"[,/|;>()\n]", place[:300]):
        words = name_key(part).split()
        if _ADDRESS.intersection(words) or any(word.isdigit() for word in words):
            clean = False
            continue
        found, rest = _segments(words)
        known += found
        clean = clean and not rest
    return known, clean


def _segments(words: list[str]) -> tuple[list[str], bool]:
    """The longest known names in a row of words, and whether words that say something are left."""
    names = _names()
    found: list[str] = []
    rest = False
    at = 0
    while at < len(words):
        for end in range(min(len(words), at + 6), at, -1):
            said = " ".join(words[at:end])
            if said in names.rows or said in names.provinces or said in names.regions:
                found.append(said)
                at = end
                break
        else:
            rest = rest or words[at] not in _FILLERS
            at += 1
    return found, rest


@lru_cache(maxsize=4096)
def _resolve(known: tuple[str, ...], clean: bool) -> int:
    """The one district that all names agree on. Cached: known names are no personal data."""
    own = frozenset[int]().union(*(_names().own.get(said, frozenset()) for said in known))
    fits: set[int] = set()
    # A province may be named by its capital ("Punchana, Iquitos"), if nothing else makes sense.
    for by_capital in (False, True):
        for i, said in enumerate(known):
            others = known[:i] + known[i + 1 :]
            # Said three times it is district, province and region.
            alone = len(known) < 3 and set(others) <= {said}
            found = {
                row
                for row in _candidates(said, alone, clean)
                if all(_lies_in(row, other, by_capital) for other in others)
            }
            fits |= found
        if fits:
            break
    fits = {row for row in fits if _in_full(row, known)} or fits
    if len(fits) > 1:
        exact = fits & own
        told = len(set(known)) > 1 and len(exact) == 1
        fits = exact if told else _dominant(fits) & (own or fits)
    row = fits.pop() if len(fits) == 1 else UNKNOWN
    return row if row < len(DISTRICTS) else UNKNOWN


def _candidates(said: str, alone: bool, clean: bool) -> frozenset[int]:
    """Rows a name can mean as a district.

    Alone, a region's or province's name means its capital of that name, never a namesake
    elsewhere; and with words around it that we do not know, it is where the unknown place lies.
    """
    names = _names()
    found = names.rows.get(said, frozenset())
    region = SPELLINGS.get(said, said) in names.regions
    if not region and said not in names.provinces:
        return found
    if not clean:
        return frozenset()
    if alone and region:
        return frozenset(i for i in found if ALL[i].ubigeo.endswith("0101"))
    if alone and not any(name_key(ALL[i].province) == said for i in found):
        return found & names.own.get(said, frozenset()) if said in _aliases() else frozenset()
    return found


def _lies_in(row: int, other: str, by_capital: bool) -> bool:
    """Whether the district lies in the province or region named, or is the district named."""
    names = _names()
    district = ALL[row]
    if SPELLINGS.get(other, other) in (name_key(district.province), name_key(district.region)):
        return True
    named = names.rows.get(other, frozenset())
    return row in named or (by_capital and names.capitals[district.ubigeo[:4]] in named)


def _in_full(row: int, known: tuple[str, ...]) -> bool:
    """Whether district, province and region are named and no more ("San Luis, Lima, Lima")."""
    district = ALL[row]
    own = [name_key(name) for name in (district.name, district.province, district.region)]
    return sorted(own) == sorted(known)


def _dominant(rows: set[int]) -> set[int]:
    """The one of several namesakes where nearly everybody of them lives, if there is one."""
    largest = max(rows, key=lambda row: ALL[row].population)
    rest = sum(ALL[row].population for row in rows if row != largest)
    return {largest} if ALL[largest].population >= DOMINANT * max(rest, 1) else set()
