"""Long numbers out of a text: phones, documents, accounts; pay, hours and years stay.

A run is a chain of numbers with nothing but separators between them, however they are written:
"987-654-321", "nueve ocho 7, 65 cuatro...", "9.8.7.6". Seven digits or more in a run identify
somebody; so do six outside a list of facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from models.explain.numbers import ARTICLES, Number, fold, scan

LONG: Final = 6
"""Digits from which a run is taken for a phone, a document or an account."""

_ALONE: Final = r"(?<![\d@])(?<!\d[\s.,/-])(?<!\d\s-)"
_END: Final = r"(?![\d@])(?![\s.,/-]{1,2}\d)"
_AMOUNT: Final = r"\d{1,3}(?:[,. ]\d{3})?(?:[.,]\d{1,2})?|\d{1,5}(?:[.,]\d{1,2})?"
_RANGE: Final = rf"(?:{_AMOUNT})(?:\s*(?:-|a|y|hasta|o)\s*(?:s/\.?\s*)?(?:{_AMOUNT}))?"
_CLOCK: Final = r"(?:[01]?\d|2[0-3]):[0-5]\d"
_FACTS: Final = re.compile(
    rf"{_ALONE}(?:s/\.?\s*(?:{_RANGE}){_END}"
    rf"|(?:{_RANGE})\s*(?:nuevos )?(?:soles|mensual|al mes|por mes|por dia|diarios|semanal|x mes)"
    rf"|{_CLOCK}(?:\s*(?:am|pm|hrs?|h))?(?:\s*(?:-|a|y|hasta)\s*{_CLOCK})?(?![\d:]){_END}"
    rf"|(?:0?[1-9]|[12]\d|3[01])[/.-](?:0?[1-9]|1[0-2])[/.-](?:20[12]\d|[23]\d){_END}"
    rf"|(?:19|20)\d\d(?:\s*[-/a]\s*(?:19|20)?\d\d)?{_END}"
    r"|\d{1,3}(?:[.,]\d)?\s*(?:horas?|hrs?|anos?|meses|mes|dias?|semanas?|km|kilometros|vacantes?"
    r"|personas|plazas|puestos|kg|kilos|turnos|%))"
)
_BETWEEN: Final = re.compile(
    r"[\s.,;:/\\\-\u2010-\u2015_()\[\]*+#|\u00b7\u2022~=<>\"']*"
    r"(?:(?:y luego|seguido de|y|e|con|guion|raya|punto|espacio|coma|luego|despues|mas|pausa"
    r"|barra|slash|repito|doble|triple|por)(?![a-z])[\s.,;:/\-_]*)*"
)


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the runs are that identify somebody."""
    folded = fold(text)
    facts = [match.span() for match in _FACTS.finditer(folded)]
    run: list[Number] = []
    for number in scan(folded):
        if any(start <= number.start < end for start, end in facts):
            yield from _judge(run)
            run = []
            continue
        if run and not _BETWEEN.fullmatch(folded, run[-1].end, number.start):
            yield from _judge(run)
            run = []
        if run or folded[number.start : number.end] not in ARTICLES:
            run.append(number)
    yield from _judge(run)


def _judge(run: list[Number]) -> Iterator[tuple[int, int]]:
    digits = sum(number.digits for number in run)
    lone_words = len(run) == 1 and run[0].spelled
    if digits >= LONG and not (lone_words and digits <= LONG):
        yield run[0].start, run[-1].end
