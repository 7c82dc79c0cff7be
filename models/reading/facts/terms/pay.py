"""The least pay that a person wants, with its period."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from models.reading.facts.canonical import Canonical
from models.reading.facts.fact import Fact
from models.reading.facts.terms.clauses import after, before
from models.reading.facts.terms.money import (
    COUNTED,
    PIECE,
    amount,
    end_of_first,
    is_plausible,
    is_range,
    period,
    sums,
)

_WISH: Final = re.compile(
    r"\b(?:minimo|menos|pretension\w*|expectativa\w*|sueldo|jornal|cobro|cobrar\w*|ganar|quiero"
    r"|quisiera|espero"
    r"|pido|desde|aspir\w+|deseado|salga|saque|pag(?:an|uen|ue)|remuneracion|salario|acepto"
    r"|haber|por menos|bajo|bajar|menor"
    r"|a partir|minima)\b[^.;\n]{0,34}$"
)
_WISH_AFTER: Final = re.compile(
    r" ?(?:[a-z]+ ){0,2}(?:menos no|minimo|no me conviene|como minimo|munani|(?:por lo|al) menos"
    r"|para arriba|a mas\b)"
)
_PAST: Final = re.compile(
    r"\b(?:gan(?:aba|e|an|o|abamos|aban)|pag(?:aban|aba|aron|ando|o (?:el|la|mi|de|un|alquiler))"
    r"|cobraba|alquil\w+|cuarto"
    r"|debo|deuda"
    r"|prestamo|pension de|cuota|me dieron|dabam?n?|vend\w+|cuesta|recibia|sacaba|invert\w+"
    r"|prestaron|gasto|anterior|ultimo sueldo"
    r"|mi hijo|colegio de|pasaje)\b[^.;,\n]{0,30}$"
)
_BARE_WISH: Final = re.compile(
    r"(?:sueldo|pretension\w*|salari\w+|expectativa\w*|remuneracion|ganar|minimo"
    r"|menos de|por lo menos|al menos|(?:bajo|bajar) de|menor (?:de|a))(?: [a-z]+)*:? ?$"
)
_GOES_ON: Final = re.compile(r"$|\W*$|[.,;\n]| (?:porque|para|y|mas|o|pero|que|por|en|al)\b")
_DEBT: Final = re.compile(
    r"(?: soles)?(?: [a-z]+){0,2} (?:de|del|por el|para el) (?:alquiler|cuarto|pension|colegio|luz"
    r"|prestamo)\b"
)
_A_MONTH: Final = (600, 15_000)
"""A bare wish in these bounds is evidently one for a month."""


_NOW_WISH: Final = re.compile(r" (?:y|pero) (?=(?:ahora )?(?:quiero|quisiera|pido|espero|busco)\b)")
"""What comes after is no longer what they earned."""


class _Wish(NamedTuple):
    value: float
    period: str
    start: int
    end: int
    rule: str


def person(words: Canonical) -> tuple[Fact[float] | None, Fact[str] | None]:
    """The least pay that a person wants, and its period; not what they earned, owe or pay."""
    best: _Wish | None = None
    for found in sums(words.text):
        wish = _wish(words.text, found)
        if wish and (best is None or (best.rule, wish.rule) == ("said", "wish")):
            best = wish
    if best is None:
        return None, None
    sure = 0.99 if best.rule == "wish" else 0.97
    return (
        words.fact(best.value, best.start, best.end, sure, best.rule),
        words.fact(best.period, best.start, best.end, sure, best.rule),
    )


def _wish(text: str, found: re.Match[str]) -> _Wish | None:
    start = found.start()
    end = found.end() if is_range(found) or not found["b"] else end_of_first(found)
    near, rest = _NOW_WISH.split(before(text, start, 60))[-1], after(text, end, 40)
    if _PAST.search(near) or _DEBT.match(rest) or COUNTED.match(rest) or PIECE.match(rest):
        return None
    value = amount(found["a"])
    told = period(near, rest)
    money = bool(found["cur"] or found["sol"] or found["sol2"])
    wish = _WISH.search(near) is not None or _WISH_AFTER.match(rest) is not None
    rule = "wish" if wish else "said"
    if told is not None:
        if is_plausible(value, told.name) and (money or wish or value >= 20):
            return _Wish(value, told.name, start, end + told.length, rule)
        return None
    low, high = _A_MONTH
    if wish and low <= value <= high and _WISH_AFTER.match(rest) and value >= 900:
        return _Wish(value, "month", start, end, rule)
    if wish and low <= value <= high and _BARE_WISH.search(near):
        evident = value >= 900 and value % 10 == 0 and _GOES_ON.match(rest) is not None
        if money or evident:
            return _Wish(value, "month", start, end, rule)
    return None
