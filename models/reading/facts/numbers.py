"""Spanish number words as digits: "treinta y cinco", "mil doscientos"."""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = {
    "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9,
    "diez": 10, "once": 11, "doce": 12, "trece": 13, "catorce": 14, "quince": 15,
    "dieciseis": 16, "diecisiete": 17, "dieciocho": 18, "diecinueve": 19, "veinte": 20,
    "veintiuno": 21, "veintiun": 21, "veintiuna": 21, "veintidos": 22, "veintitres": 23,
    "veinticuatro": 24, "veinticinco": 25, "veintiseis": 26, "veintisiete": 27,
    "veintiocho": 28, "veintinueve": 29,
}  # fmt: skip
_TENS: Final = {
    "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70,
    "ochenta": 80, "noventa": 90,
}  # fmt: skip
_HUNDREDS: Final = {
    "cien": 100, "ciento": 100, "doscientos": 200, "doscientas": 200, "trescientos": 300,
    "trescientas": 300, "cuatrocientos": 400, "cuatrocientas": 400, "quinientos": 500,
    "quinientas": 500, "seiscientos": 600, "seiscientas": 600, "setecientos": 700,
    "setecientas": 700, "ochocientos": 800, "ochocientas": 800, "novecientos": 900,
    "novecientas": 900,
}  # fmt: skip
_ONE: Final = {"un": 1, "uno": 1, "una": 1}

_ANY: Final = "|".join(sorted((*_UNITS, *_TENS, *_HUNDREDS, "mil"), key=len, reverse=True))
NUMBER_WORDS: Final = re.compile(
    rf"\b(?:{_ANY})(?: (?:y (?:{'|'.join((*_ONE, *_UNITS))})|{_ANY}))*\b"
)
"""A run of number words in a folded text; "uno" alone is an article as often as a number."""


def value_of(words: str) -> int | None:
    """The number that a run of number words says, None where it is no single number.

    Args:
        words: As `NUMBER_WORDS` matches them, folded, one space between words.
    """
    total = part = 0
    least = 10**9  # what comes next must be smaller: "veinte treinta" is two numbers
    for word in words.split(" "):
        if word == "y":
            continue
        if word == "mil":
            if least <= 1000 and total:
                return None
            total, part, least = (part or 1) * 1000, 0, 1000
            continue
        size, value = _sized(word)
        if size >= least:
            return None
        part, least = part + value, size
    return total + part


def _sized(word: str) -> tuple[int, int]:
    """What the next word must be smaller than, and the number this word says."""
    if word in _HUNDREDS:
        return 100, _HUNDREDS[word]
    if word in _TENS:
        return 10, _TENS[word]
    return 1, _UNITS.get(word) or _ONE[word]
