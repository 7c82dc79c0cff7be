"""Peru's districts: from codes and names people write to a row, and distances between rows.

A district is a row number of DISTRICTS; -1 is unknown. A place that could be two districts stays
unknown: unknown filters nobody out, a wrong guess would.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import takewhile
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.vocab import plain

EARTH_KM: Final = 6371.0
UNKNOWN: Final = -1


@dataclass(frozen=True, slots=True)
class District:
    """One district; numbers are None where the source has none.

    Attributes:
        ubigeo: INEI code, six digits.
        name, province, region: As written in Peru.
        capital: Its main town where that has another name, else "".
        lat, lon: Of the capital, degrees; NaN for the newest districts.
        altitude: Of the capital, metres.
        poverty: Share of people in poverty, percent, 2018.
        population: About, 2020; 0 unknown.
    """

    ubigeo: str
    name: str
    province: str
    region: str
    capital: str
    lat: float
    lon: float
    altitude: float | None
    poverty: float | None
    population: int


def _key(name: str) -> str:
    """How names are compared: no accents, no case, no punctuation."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain(name)).split())


def _read() -> list[District]:
    def number(text: str) -> float | None:
        return float(text) if text else None

    source = resources.files("models.data").joinpath("districts.csv").read_text("utf-8")
    districts = []
    for row in list(csv.reader(source.splitlines()))[1:]:
        ubigeo, name, province, region, capital, lat, lon, altitude, poverty, population = row
        districts.append(
            District(
                ubigeo, name, province, region, capital,
                float(lat or "nan"), float(lon or "nan"),
                number(altitude), number(poverty), int(population or 0),
            )
        )  # fmt: skip
    return districts


_ALL: Final = _read()
DISTRICTS: Final = tuple(takewhile(lambda d: d.lat == d.lat, _ALL))
"""Districts whose place is known; the file has the others, names only, at its end."""

_BY_CODE: Final = {district.ubigeo: i for i, district in enumerate(DISTRICTS)}

_ALIASES: Final = {
    "sjl": "150132", "san juan lurigancho": "150132", "zarate": "150132",
    "sjm": "150133", "smp": "150135", "san martin porres": "150135",
    "ves": "150142", "villa salvador": "150142", "vmt": "150143",
    "surco": "150140", "cercado de lima": "150101", "lima cercado": "150101",
    "lima centro": "150101", "ate vitarte": "150103", "huaycan": "150103",
    "huachipa": "150118", "barrios altos": "150101", "gamarra": "150115",
    "manchay": "150123", "cuzco": "080101", "huamanga": "050101", "canete": "150501",
    "chincha": "110201", "cerro de pasco": "190101", "cercado de arequipa": "040101",
    "nasca": "110301", "quillabamba": "080901", "la merced": "120301", "chanchamayo": "120301",
    "tingo maria": "100601", "pedregal": "040520", "talara": "200701", "pucallpa": "250101",
}  # fmt: skip
"""Names people use for a district that the table does not have, to INEI codes."""

_REGION_SPELLINGS: Final = {"cuzco": "cusco", "nasca": "nazca"}
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
_DOMINANT: Final = 10
"""One of several namesakes is meant if ten times as many people live there as in the others."""


@cache
def _names() -> tuple[dict[str, tuple[int, ...]], frozenset[str], frozenset[str]]:
    """Rows of _ALL by district name, town or alias; and the names of provinces and of regions."""
    rows: dict[str, set[int]] = {}
    codes = {district.ubigeo: i for i, district in enumerate(_ALL)}
    for i, district in enumerate(_ALL):
        rows.setdefault(_key(district.name), set()).add(i)
        if district.capital:
            rows.setdefault(_key(district.capital), set()).add(i)
    for alias, code in _ALIASES.items():
        rows.setdefault(alias, set()).add(codes[code])
    provinces = frozenset(_key(district.province) for district in _ALL)
    regions = frozenset(_key(district.region) for district in _ALL)
    return {name: tuple(sorted(found)) for name, found in rows.items()}, provinces, regions


def district_index(ubigeo: str | None, place: str | None) -> int:
    """Row of the district meant, by code if it is one of INEI's, else by name; -1 if unknown."""
    if ubigeo:
        found = _BY_CODE.get(ubigeo.strip().zfill(6))
        if found is not None:
            return found
    return _by_name(place) if place else UNKNOWN


def name(index: int) -> str:
    """ "District, Region" for people to read; "" if unknown."""
    if index < 0:
        return ""
    district = DISTRICTS[index]
    same = district.name == district.region
    return district.name if same else f"{district.name}, {district.region}"


def _by_name(place: str) -> int:
    known: list[str] = []
    clean = True
    for part in re.split(r"[,/|;>()\n]", place[:300]):
        words = _key(part).split()
        if _ADDRESS.intersection(words) or any(word.isdigit() for word in words):
            clean = False
            continue
        names, rest = _segments(words)
        known += names
        clean = clean and not rest
    return _resolve(tuple(known), clean) if known else UNKNOWN


def _segments(words: list[str]) -> tuple[list[str], bool]:
    """The longest known names in a row of words, and whether words that say something are left."""
    rows, provinces, regions = _names()
    found: list[str] = []
    rest = False
    at = 0
    while at < len(words):
        for end in range(min(len(words), at + 6), at, -1):
            candidate = " ".join(words[at:end])
            if candidate in rows or candidate in provinces or candidate in regions:
                found.append(candidate)
                at = end
                break
        else:
            rest = rest or words[at] not in _FILLERS
            at += 1
    return found, rest


@lru_cache(maxsize=4096)
def _resolve(known: tuple[str, ...], clean: bool) -> int:
    """The one district that all names given agree on. Cached: known names are no personal data."""
    fits: set[int] = set()
    for i, said in enumerate(known):
        others = known[:i] + known[i + 1 :]
        fits.update(row for row in _candidates(said, clean) if _agrees(row, others))
    if len(fits) > 1:
        fits = _dominant(fits)
    row = fits.pop() if len(fits) == 1 else UNKNOWN
    return row if row < len(DISTRICTS) else UNKNOWN


def _candidates(said: str, clean: bool) -> list[int]:
    """Rows a name can mean as a district.

    A region's name means its capital of that name, never a namesake elsewhere; and with words
    around it that we do not know, it is where the unknown place lies, not the place. A province's
    name means no district that is a namesake only.
    """
    rows, provinces, regions = _names()
    found = list(rows.get(said, ()))
    spelt = _REGION_SPELLINGS.get(said, said)
    if spelt in regions:
        found = [i for i in found if _ALL[i].ubigeo.endswith("0101")] if clean else []
    elif said in provinces and not any(_key(_ALL[i].province) == said for i in found):
        found = []
    return found


def _agrees(row: int, others: tuple[str, ...]) -> bool:
    """Whether the district lies in, or is, all the other places named."""
    rows, _, _ = _names()
    district = _ALL[row]
    around = {_key(district.province), _key(district.region)}
    return all(
        _REGION_SPELLINGS.get(other, other) in around or row in rows.get(other, ())
        for other in others
    )


def _dominant(rows: set[int]) -> set[int]:
    """The one of several namesakes where nearly everybody of them lives, if there is one."""
    largest = max(rows, key=lambda row: _ALL[row].population)
    rest = sum(_ALL[row].population for row in rows if row != largest)
    return {largest} if _ALL[largest].population >= _DOMINANT * max(rest, 1) else set()


@cache
def distances() -> NDArray[np.float32]:
    """Great-circle kilometres between districts, float32 [D + 1, D + 1].

    The last row and column, which index -1 reads, are 0: an unknown place is far from nowhere.
    """
    lat = np.radians([district.lat for district in DISTRICTS])
    lon = np.radians([district.lon for district in DISTRICTS])
    chord2 = np.zeros((len(lat), len(lat)))
    for axis in (np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)):
        chord2 += np.square(axis[:, None] - axis[None, :])
    table = np.zeros((len(lat) + 1, len(lat) + 1), np.float32)
    table[:-1, :-1] = 2 * EARTH_KM * np.arcsin(np.minimum(1.0, np.sqrt(chord2) / 2))
    table.flags.writeable = False
    return table


def __getattr__(attribute: str) -> NDArray[np.float32]:
    """DISTANCE_KM is `distances()`, built at first use."""
    if attribute == "DISTANCE_KM":
        return distances()
    raise AttributeError(attribute)
