"""Pieces of a canonical text around a place, and how counts of years and months are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

YEARS: Final = r"(?:anos?|anitos?|anazos?|anios?|ano\(s\)|wata(?:m|n|ta|pas)?|mara(?:w|x)?)"
MONTHS: Final = r"(?:mes(?:es)?|mese)"
MOST_FOUND: Final = 80
"""Of one kind in a text: more of them are no statement, and cost stays bounded."""
_ENDS: Final = (". ", "\n", ";", "! ", "? ")


def before(text: str, at: int, limit: int = 40) -> str:
    """What stands before a place in the same sentence, at most `limit` characters."""
    low = max(0, at - limit)
    for end in _ENDS:
        found = text.rfind(end, low, at)
        if found >= 0:
            low = found + len(end)
    return text[low:at]


def after(text: str, at: int, limit: int = 40) -> str:
    """What stands after a place in the same sentence, at most `limit` characters."""
    high = min(len(text), at + limit)
    for end in _ENDS:
        found = text.find(end, at, high)
        if found >= 0:
            high = found
    if text[high - 1 : high] == "." and high == len(text):
        high -= 1
    return text[at : max(at, high)]


def sentence(text: str, start: int, end: int, limit: int = 90) -> str:
    """The sentence around a piece, at most `limit` characters to either side."""
    return before(text, start, limit) + text[start:end] + after(text, end, limit)


class Quantity(NamedTuple):
    """A count of years or months: "2 anos", "un (01) ano", "(06) meses", "1 ano y medio"."""

    years: float
    start: int
    end: int
    in_months: bool
    one: bool
    """An article as often as a number: "un ano"."""
    native: bool
    """In Quechua or Aymara: "kimsa wata"."""


_UNIT: Final = re.compile(rf"(?<![a-z])(?:{YEARS}|{MONTHS})(?![a-z])(?P<half> y medio)?")
_COUNT: Final = re.compile(
    r"(?:(?<![a-z\d.,/-])(?P<word>una?|uno|medio|\d{1,2}(?:[.,]\d{1,2})?) ?)?"
    r"(?:\((?P<digits>\d{1,2})\) ?|\(una?o?\) ?)?$"
)


_SMALL: Final = {"un": 1.0, "me": 0.5}


def quantities(text: str) -> Iterator[Quantity]:
    """The counts of years and months in a text, in order; "los anos" is none."""
    for unit in islice(_UNIT.finditer(text), MOST_FOUND):
        low = max(0, unit.start() - 14)
        count = _COUNT.search(text[low : unit.start()])
        said = count and (count["digits"] or count["word"])
        if count is None or not (said or (unit["half"] and unit[0].startswith("ano "))):
            continue
        said = said or "un"  # "año y medio de experiencia"
        number = _SMALL.get(said[:2]) or float(said.replace(",", "."))
        if unit["half"]:
            number += 0.5
        native = unit[0].startswith(("wata", "mara"))
        months = unit[0].startswith("m") and not native
        years = round(number / 12, 2) if months else number
        yield Quantity(years, low + count.start(), unit.end(), months, said[0] == "u", native)
