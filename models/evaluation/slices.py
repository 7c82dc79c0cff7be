"""Slices of queries: what they are called in a report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from models.reading import occupations
from models.reading.districts import DISTRICTS
from models.reading.gender import gender_said
from models.reading.geo import district_index

UNKNOWN: Final = "unknown"
MAJOR: Final = {
    "0": "0 armed forces", "1": "1 managers", "2": "2 professionals", "3": "3 technicians",
    "4": "4 clerks", "5": "5 services and sales", "6": "6 farming and fishing",
    "7": "7 crafts and building", "8": "8 machines and driving", "9": "9 elementary",
}  # fmt: skip
"""Major groups of ISCO-08, in short."""
_LENGTHS: Final = ((2, "1-2 words"), (6, "3-6 words"), (12, "7-12 words"),
                   (float("inf"), "13 words and more"))  # fmt: skip
_AGES: Final = ((17, "to 17"), (24, "18 to 24"), (44, "25 to 44"), (200, "45 and more"))
_POVERTY: Final = ((20.0, "below 20 %"), (40.0, "20 to 40 %"), (float("inf"), "40 % and more"))
"""Share of people in poverty in the district, 2018; 20 % was about the country's own."""


def in_order(names: Iterable[str]) -> list[str]:
    """Slices of a facet by the number that they begin with, those without first."""

    def key(name: str) -> tuple[int, str]:
        begins = re.match(r"\d+", name)
        return (int(begins[0]) if begins else -1, name)

    return sorted(names, key=key)


def length(text: str) -> str:
    """Few words or many."""
    words = len(text.split())
    return next(name for most, name in _LENGTHS if words <= most)


def major_group(isco: str) -> str:
    """The major group of an ISCO code such as "C5120" or "5120"."""
    return MAJOR.get(isco.lstrip("C")[:1], UNKNOWN)


def trade(text: str) -> str:
    """The major group of the first trade that a text names."""
    codes = occupations.occupations_of(text)
    return major_group(f"{codes[0]:04d}") if codes else UNKNOWN


def commonest_trade(texts: Iterable[str]) -> str:
    """The major group that most of these texts name, of as common ones the first."""
    known = Counter(group for text in texts if (group := trade(text)) != UNKNOWN)
    return known.most_common(1)[0][0] if known else UNKNOWN


def place_of(ubigeo: str | None, place: str | None) -> dict[str, str]:
    """Region, and how poor the district is."""
    row = district_index(ubigeo, place)
    if row < 0:
        return {"region": UNKNOWN, "poverty of the district": UNKNOWN}
    district = DISTRICTS[row]
    poor = UNKNOWN
    if district.poverty is not None:
        poor = next(name for limit, name in _POVERTY if district.poverty < limit)
    return {"region": district.region, "poverty of the district": poor}


def sex(text: str) -> str:
    """By the words: nobody is asked, no event says it (see `gender_said` for what it is worth)."""
    return gender_said(text) or UNKNOWN


def age_band(age: int | None) -> str:
    """Ten to thirty years together."""
    if age is None:
        return UNKNOWN
    return next(name for most, name in _AGES if age <= most)
