"""Dates of exports: ISO 8601, day/month/year as in Peru, months in words, serials of Excel."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from models.reading.facts.terms.openings import MONTHS
from schemas.base import LIMA, MAX_MS, MIN_MS
from schemas.vocab import plain

Moment = date | int
"""A date, a datetime, or epoch milliseconds."""
_DAY_ZERO: Final = date(1899, 12, 30)
"""Serial 0 of Excel, whose 1900 has a 29 February: right from March 1900 on."""
_SERIALS: Final = range(36_526, 73_416)
"""Serial numbers of 2000 to 2100."""
_TIME: Final = r"(?:,? +(?:a las )?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]\.? ?m\.?)?)?"
_NUMBERS: Final = re.compile(rf"(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}")
_YEAR_FIRST: Final = re.compile(rf"(20\d\d)([/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}")
_WORDS: Final = re.compile(
    r"(?:(?:lunes|martes|miercoles|jueves|viernes|sabado|domingo),? )?(\d{1,2})(?: (?:de )?|[-/.])"
    rf"({'|'.join(MONTHS)})\.?(?: (?:del? )?(?:ano )?|[-/.])(20\d\d|\d\d){_TIME}"
)
_SERIAL: Final = re.compile(r"(\d{5})(?:[.,]\d+)?")
_NO_DATE: Final = "debe ser una fecha (día/mes/año)"


@lru_cache(maxsize=4096)
def read_date(text: str, form: str = "", month_first: bool = False) -> Moment:
    """The day or moment that a cell names.

    Args:
        text: The cell.
        form: strptime format that the column has; words and ISO 8601 may stand there too.
        month_first: The column's dates look like month/day: what could be both is refused.

    Raises:
        ValueError: with the end of a Spanish sentence.
    """
    if form:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            pass
    try:
        at = datetime.fromisoformat(text)
        return at if len(text) > 10 else at.date()
    except ValueError:
        pass
    if not form and text.isdecimal() and MIN_MS <= int(text) < MAX_MS:
        return int(text)
    told = plain(text[:60])
    if found := _WORDS.fullmatch(told):
        return _day(found[3], MONTHS[found[2]], int(found[1]))
    if form:
        raise ValueError(_NO_DATE)
    if found := _YEAR_FIRST.fullmatch(told):
        return _day(found[1], int(found[3]), int(found[4]))
    if found := _NUMBERS.fullmatch(told):
        day, month = int(found[1]), int(found[3])
        if month > 12 >= day:
            raise ValueError("tiene el mes antes que el día: escriba día/mes/año")
        if month_first and day <= 12 and day != month:
            raise ValueError(
                "está en una columna con mes/día: diga su formato en el archivo de columnas"
            )
        return _day(found[4], month, day)
    if (serial := _SERIAL.fullmatch(told)) and int(serial[1]) in _SERIALS:
        return _DAY_ZERO + timedelta(days=int(serial[1]))
    raise ValueError(_NO_DATE)


def order(text: str) -> str:
    """``day`` or ``month`` if only that can stand first in a date of numbers, else empty."""
    found = _NUMBERS.fullmatch(plain(text[:60]))
    if found is None:
        return ""
    first, second = int(found[1]), int(found[3])
    if first > 12 >= second:
        return "day"
    return "month" if second > 12 >= first else ""


def _day(year: str, month: int, day: int) -> date:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    except ValueError:
        raise ValueError(_NO_DATE) from None


def day_of(moment: Moment) -> date:
    """The day in Peru on which a moment lies."""
    if isinstance(moment, int):
        return datetime.fromtimestamp(moment / 1000, LIMA).date()
    if isinstance(moment, datetime):
        return (moment.astimezone(LIMA) if moment.tzinfo else moment).date()
    return moment
