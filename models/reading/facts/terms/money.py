"""Sums of soles and the period they are for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from models.reading.facts.terms.clauses import MOST_FOUND

NUM: Final = r"\d{1,3}(?:[., ]\d{3})+(?:\.\d{1,2})?(?!\d)|\d{1,5}(?:[.,]\d{1,2})?(?!\d)"
CURRENCY: Final = r"(?:s/\.? ?|s\. ?/ ?)"
SOLES: Final = r"(?: ?(?:nuevos )?(?:soles(?:ta)?|lu[ck]as)\b)?"
SUM: Final = re.compile(
    rf"(?P<cur>{CURRENCY})?(?P<a>{NUM})(?P<sol>{SOLES})"
    rf"(?:(?: ?(?:a|hasta|-|–) ?"
    rf"| y )(?P<cur2>{CURRENCY})?(?P<b>{NUM}))?(?P<sol2>{SOLES})(?![\d/x%]|:\d)"
)
"""A number or two that may be sums, with or without their currency."""
_DIGITS: Final = re.compile(r"\d[\d.,]*")
_MARK: Final = re.compile(rf"{CURRENCY}$")
PIECE: Final = re.compile(
    r" ?(?:dolares|usd)|(?: ?soles)? ?(?:(?:por|el|la|cada|x|las?) )+(?:cada )?(?:kilo\w*|kg"
    r"|jaba|lata|sacos?"
    r"|docena|prenda|unidad"
    r"|ficha|pedido|millar|barrica|lapicero|viaje|grupo|uno|una|caja|metro|m2|pieza|plato"
    r"|encuesta|entrega"
    r"|envio|arroba|quintal|par|cubo|tonelada|balde|mata|planta|surco|tarea|visita|cliente"
    r"|servicio|vuelta"
    r"|paquete|parte|afiliad[oa]|carrera|bolsa|racimo|hectarea|corte|polo|puerta|arbol|llamada"
    r"|ladrillo)s?\b"
)
"""After a sum: it is for a piece of work, which has no period."""
COUNTED: Final = re.compile(
    r" ?(?:anos?|meses|dias?|horas|hrs|km|kilo\w*|kg|personas|hijos|vacas|metros|m2|m|platos"
    r"|cuadras|hectareas"
    r"|%|cubiertos|pollos|cuyes|comensales|sacos|docenas|prendas|polos|toneladas|t|lecturas"
    r"|visitas|trabajadores"
    r"|obreros|habitaciones|alumnos|ninos|socios|clientes|vacantes|cupos|plazas|operari[oa]s"
    r"|jornaleros|fichas|encuestas|raciones|plantas|cabezas|locales|viajes)\b"
)
"""After a number: it counts something."""
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[., ]\d{3})+")
_PERIODS: Final = {
    "hour": r"(?:(?:a|por|cada) )?(?:la )?hora\b(?! extra)|por hora\b",
    "week": r"(?:(?:a|por|cada) )?(?:la )?semana\b|semanal(?:es|mente)?\b",
    "month": r"(?:al|por|el|cada|x) mes\b|mes\b(?! de\b)|mensual(?:es|mente)?\b|killapi\b",
    "day": r"(?:al|el|por|cada|x|por todo el) dia\b|diari[oa]s?\b|diariamente\b|(?:(?:el|por"
    r"|de|x) )?jornal\b"
    r"|(?:la|por) jornada\b|(?:la|por|cada) noche\b|(?:el|por|cada) turno\b|(?:la|por) tarde\b"
    r"|(?:la|por) (?:manana|madrugada|guardia|fecha)\b|(?:por|cada) vez\b|sapa p'?unchaw"
    r"|p'?unchawmanta",
}
_AFTER: Final = re.compile(
    rf"{SOLES}(?: ?\(?(?:brut[oa]s?|net[oa]s?|libres|fij[oa]s?|limpios|aprox\w*"
    rf"|asegurado|minimo|como minimo|para arriba|a mas)\)?)?,? ?(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _PERIODS.items())
    + ")"
)
_BEFORE: Final = re.compile(
    r"(?:(?P<day>jornal(?: [a-z]+){0,3}|(?:pago|paga|tareo|sueldo|salario|haber) diari[oa]|(?:al"
    r"|por|x|el) dia"
    r"|diario|sapa p'?unchaw|p'?unchawmanta)"
    r"|(?P<week>(?:pago|paga|sueldo|pagan) semanal|por semana|a la semana|semanal)"
    r"|(?P<month>(?:pago|paga|sueldo|remuneracion|ingreso|pretension|expectativa|salario"
    r"|haber) mensual|mensual"
    r"|al mes|por mes)"
    r"|(?P<hour>por hora|la hora))(?: (?:de|es|son|desde|minimo|minima|a|cobro"
    r"|pido))*[:,]? ?(?:s/\.? ?)?$"
)
_PLAUSIBLE: Final = {
    "hour": (3, 120),
    "day": (15, 800),
    "week": (60, 4_000),
    "month": (200, 20_000),
}


class Period(NamedTuple):
    """A period of pay and how far behind the sum its words reach."""

    name: str
    length: int


def sums(text: str) -> Iterator[re.Match[str]]:
    """The numbers that may be sums, as SUM matches them, in order."""
    last = 0
    for digits in islice(_DIGITS.finditer(text), MOST_FOUND):
        at = digits.start()
        if at < last:
            continue
        mark = _MARK.search(text, max(last, at - 4), at)
        if text.startswith(("us$", "usd", "$"), max(0, at - 4)) or text[at - 1 : at] == "$":
            continue
        if mark is None and at and text[at - 1] in "/.,:-":
            continue
        found = SUM.match(text, mark.start() if mark else at)
        if found:
            last = found.end()
            yield found


def amount(said: str) -> float:
    """A number as people write sums: "1,800", "1.289,5", "2.50"."""
    thousands = _THOUSANDS.match(said)
    if thousands:
        rest = said[thousands.end() :].replace(",", ".")
        return float(re.sub(r"[., ]", "", thousands[0]) + rest)
    return float(said.replace(",", "."))


def period(near: str, rest: str) -> Period | None:
    """The period that the words before or after a sum name."""
    found = _AFTER.match(rest)
    if found:
        return Period(found.lastgroup or "", found.end())
    found = _BEFORE.search(near)
    return Period(found.lastgroup or "", 0) if found else None


def is_plausible(value: float, name: str) -> bool:
    """Whether somebody may be paid so much for a period."""
    low, high = _PLAUSIBLE[name]
    return low <= value <= high


def is_range(found: re.Match[str]) -> bool:
    """Whether the second number of a SUM is the upper end of the first."""
    return bool(found["b"]) and amount(found["a"]) < amount(found["b"]) <= 5 * amount(found["a"])


def end_of_first(found: re.Match[str]) -> int:
    """Where the first number of a SUM ends, its currency included."""
    return found.end("sol") if found["sol"] else found.end("a")
