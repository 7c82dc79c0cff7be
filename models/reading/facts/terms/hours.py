"""Hours of work in a text, "de 7 pm a 6 am", and the shift that they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from models.reading.facts.terms.clauses import MOST_FOUND, after, before

_HALF: Final = r"am|a\.m\.?|pm|p\.m\.?|de la (?:manana|tarde|noche|madrugada)|del mediodia"
_CLOCK: Final = rf"(\d{{1,2}})(?:[:.](\d\d))?(?: ?(?:horas|hrs|h)\b)? ?({_HALF})?"
_RANGE: Final = re.compile(rf"{_CLOCK} ?(?:a|hasta|-|–)(?: las?)? ?{_CLOCK}(?![\d/%]|[.,]\d)")
_DIGITS: Final = re.compile(r"\d+")
_SATURDAY: Final = re.compile(r"\bsabados?:?(?: de)? ?$")
_AFTERNOON: Final = re.compile(
    r"\b(?:lunes|martes|miercoles|jueves|viernes|sabados?|domingos?|tardes?|turno|horario|semana)"
    r":?,?(?: de)? $"
)
"""Behind a day a small hour is of the afternoon: "martes y jueves 2 a 7"."""
_FROM_TO: Final = re.compile(
    rf"\b(?:entrada|empieza|entras?|ingreso|inicia"
    rf"|desde)(?: a)?(?: las?)? {_CLOCK}[^.\n\d]{{0,14}}?"
    rf"\b(?:a las|salida|hasta las|acaba a las|termina a las|sale a las) {_CLOCK}(?![\d/%]|[.,]\d)"
)
_NOT_HOURS: Final = re.compile(
    r" ?(?:anos?|soles|dias?|kilos?|kg|personas|meses|m2|metros|semanas|km|por dia|diari\w*"
    r"|al dia|ton|veces"
    r"|habitaciones|unidades|mil|horas? (?:semanal\w*|por)|vacantes|jabas|x|m|cm|grados|noches?)\b"
)
_CONTEXT: Final = re.compile(
    r"(?:^|\b(?:de|y|turno|horario:?|viernes,?|sabado,?|domingos?,?|jornada:?|feriados?,?"
    r"|jueves,?|completo"
    r"|desde(?: las)?|entrada|l-[vsd]|manana|tarde|noche|turno de|las)|,|\() ?$"
)


class Hours(NamedTuple):
    """Hours of one day, 0 to 36 (past midnight), and where they stand."""

    begin: float
    end: float
    start: int
    stop: int

    @property
    def length(self) -> float:
        """How long, in hours."""
        return self.end - self.begin


def hours_in(text: str) -> list[Hours]:
    """All ranges of hours of a canonical text; without "am" or "pm" those of a working day."""
    out: list[Hours] = []
    for found in _ranges(text):
        marked = any(found[i] for i in (2, 3, 5, 6))
        if _NOT_HOURS.match(after(text, found.end(), 16)):
            continue
        near = before(text, found.start(), 20)
        if near.endswith(("s/ ", "s/. ", "s/", "s/.")) or not (marked or _CONTEXT.search(near)):
            continue
        if out and _SATURDAY.search(near):
            continue  # the half day at the end of a week
        span = _span(found, bool(out) or (not marked and _AFTERNOON.search(near) is not None))
        if span is not None:
            out.append(Hours(*span, found.start(), found.end()))
    if not out:
        for found in _FROM_TO.finditer(text):
            span = _span(found, False)
            if span is not None and (found[3] or found[6]):
                out.append(Hours(*span, found.start(), found.end()))
    return out


def _ranges(text: str) -> Iterator[re.Match[str]]:
    """Matches of _RANGE that do not begin within a word or a number."""
    last = 0
    for digits in islice(_DIGITS.finditer(text), MOST_FOUND):
        at = digits.start()
        if at < last or (at and (text[at - 1].isalnum() or text[at - 1] in "/.,$")):
            continue
        found = _RANGE.match(text, at)
        if found:
            last = found.end()
            yield found


def _span(found: re.Match[str], second: bool) -> tuple[float, float] | None:
    """Begin and end in hours.

    Args:
        found: Hour, minutes and half of the day, twice.
        second: After the first half of a day, or a day's name: a small hour is of the afternoon.
    """
    first, last = int(found[1]), int(found[4])
    if not (1 <= first <= 24 and 1 <= last <= 24):
        return None
    begin, end = first + int(found[2] or 0) / 60, last + int(found[5] or 0) / 60
    half_1, half_2 = _half(found[3]), _half(found[6])
    if not (half_1 or half_2) and (first > 12 or last > 12) and not (found[2] or found[5]):
        return None
    if half_1:
        begin = _on_clock(begin, half_1)
    if half_2:
        end = _on_clock(end, half_2)
    if not half_1:
        if half_2 == "pm" and begin < 5 and begin + 12 < end:
            begin += 12  # "2 a 10 pm"
        elif not half_2 and begin < 5:
            if not second:
                return None
            begin += 12
    if not half_2 and end <= begin and end <= 12:
        end += 12
    if end <= begin:
        end += 24 if half_2 or end <= 12 else 0
    return (begin, end) if 0 < end - begin <= 16 else None


def _half(said: str | None) -> str:
    if not said:
        return ""
    return "am" if said.startswith("a") or said.endswith(("manana", "madrugada")) else "pm"


def _on_clock(hour: float, half: str) -> float:
    if half == "am":
        return hour - 12 if 12 <= hour < 13 else hour
    return hour if hour >= 12 else hour + 12


def shift_of(hours: list[Hours]) -> str | None:
    """The shift that hours of work are, None where that is open; two halves of a day are one."""
    if len(hours) == 2 and hours[0].end <= hours[1].begin:
        whole = hours[0].length + hours[1].length
        return "day" if whole >= 6 and hours[1].end <= 20 else None
    shifts = {_one(h) for h in hours}
    return shifts.pop() if len(shifts) == 1 else None


def _one(hours: Hours) -> str | None:
    if hours.begin >= 17 and hours.end > 22:
        return "night"
    if hours.length < 6:
        return "part_time"
    if 3 <= hours.begin <= 11.5 and hours.end <= 20.5 and hours.length <= 13:
        return "day"
    return None
