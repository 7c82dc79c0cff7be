"""Number words as digits: "treinta y cinco", "mil doscientos", "3 mil", "pichqa chunka".

Of Quechua and Aymara those in common use; "huk" and "maya" are articles as often as numbers.
"""

from __future__ import annotations

import re
from typing import Final

from models.reading.number_words import HUNDREDS, ONES, TEENS, TENS, TWENTIES, UNITS

_UNITS: Final = {
    **UNITS, **TEENS, **TWENTIES,
    "sinco": 5, "dies": 10, "dose": 12, "kinse": 15, "quinse": 15, "kince": 15,
    "iskay": 2, "kimsa": 3, "tawa": 4, "pichqa": 5, "pisqa": 5, "suqta": 6, "soqta": 6,
    "qanchis": 7, "pusaq": 8, "isqun": 9, "paya": 2, "pusi": 4, "phisqa": 5, "suxta": 6,
    "paqallqu": 7, "kimsaqallqu": 8, "llatunka": 9,
}  # fmt: skip
_TENS: Final = {
    "veinte": 20, "beinte": 20, **TENS, "sincuenta": 50, "cuarentai": 40, "treintai": 30,
}  # fmt: skip

_WORDS: Final = sorted((*_UNITS, *_TENS, *HUNDREDS), key=len, reverse=True)
_TIMES: Final = {"mil": 1000, "chunka": 10, "tunka": 10, "pachak": 100, "waranqa": 1000}
"""Words that multiply what stands before them."""
_ANY: Final = "|".join((*_WORDS, *_TIMES))
_RUN: Final = re.compile(
    rf"\b(?:\d{{1,3}} mil|{_ANY})\b(?: (?:y (?:{'|'.join((*ONES, *_UNITS))})|{_ANY})\b)*"
)
"""A run of number words in a folded text; "uno" alone is an article as often as a number."""
NUMBER_WORDS: Final = frozenset((*_WORDS, *_TIMES))
"""A folded text without one of these has no number in words."""
_TOKEN: Final = re.compile(r"[a-z0-9]+")


def numbers_in(told: str) -> list[tuple[int, int, str]]:
    """(start, end, digits) of the numbers in words of a folded text, in order.

    "veinte treinta" are two numbers; a run is cut where the next word cannot belong.
    """
    out: list[tuple[int, int, str]] = []
    for run in _RUN.finditer(told):
        out += _split(told, run.start(), run.end())
    return out


def value_of(words: str) -> int | None:
    """The number that a run of number words says, None where it is no single number.

    Args:
        words: Folded, one space between words.
    """
    found = numbers_in(words)
    return int(found[0][2]) if len(found) == 1 and found[0][:2] == (0, len(words)) else None


def _split(told: str, start: int, end: int) -> list[tuple[int, int, str]]:
    out: list[tuple[int, int, str]] = []
    total = part = begin = last = 0
    least = 0  # what comes next must be smaller; 0: no number has begun
    for token in _TOKEN.finditer(told, start, end):
        word = token[0]
        if word == "y":
            continue
        size, value = _sized(word)
        times = _TIMES.get(word)
        if times and least and not total and part < times:
            total, part, least = (part or 1) * times, 0, times
        elif size < least:
            part, least = part + value, size
        else:
            if least:
                out.append((begin, last, str(total + part)))
            begin, total, part, least = token.start(), 0, value, size
            if times:
                total, part, least = times, 0, times
        last = token.end()
    out.append((begin, last, str(total + part)))
    return out


def _sized(word: str) -> tuple[int, int]:
    """What the next word must be smaller than, and the number this word says."""
    if word in HUNDREDS:
        return 100, HUNDREDS[word]
    if word in _TENS:
        return 10, _TENS[word]
    if word in _TIMES:
        return _TIMES[word], 0
    if word.isdigit():
        return 1, int(word)
    return 1, _UNITS.get(word) or ONES[word]
