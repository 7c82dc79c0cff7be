"""Ages that stand alone: between commas, or after a name."""

from __future__ import annotations

import re
from typing import Final

KIND: Final = (
    r"(?:joven|senora|senor|senorita|mujer|varon|hombre|chica|chico|muchach[oa]|solter[oa]"
    r"|casad[oa]|jovenes"
    r"|viud[oa]|madre|padre|mama|papa|peruan[oa]|venezolan[oa]|jovencit[oa]|adulto|adulta"
    r"|chibol[oa]|caballero|dama)"
)
_KIND_OF_AGE: Final = re.compile(
    rf"\b(?:{KIND}|don|dona)(?: [a-z]+){{0,2}},? de $|\b(?:don|dona|senora?)(?: [a-z]+){{1,2}}: $"
)
"""Of somebody a note is about: "la señora Eusebia, de 47 años", "don Teófilo: 55 años"."""
_NEXT_COUNT: Final = re.compile(
    r",? (?:y )?(?P<years>\d{1,2}) anos (?:de (?:exp|trabaj|servicio)|[a-z]+ndo\b|en )"
    r"|,? \d hij[oa]s?\b|,? (?:ninguna|sin) exp"
)
"""After years that are an age: those of work, children, or none of either."""
_SHORT_YEARS: Final = re.compile(r" a\.(?=[, ]|$)")
_TURNED_ON: Final = re.compile(r"\bcumplio(?: los)? $")
_OF_KIN: Final = re.compile(r"\byo *(?:: |de )$")
_BEFORE_BARE: Final = re.compile(
    r"\b(?:[ab]-?(?:i{1,3}|[123])-?[abc]?|brevet\w*|licencia|arma|lejos|completa?|incompleta?"
    r"|terminad[oa]|solter[oa]|casad[oa]|secundaria|primaria|senati|instituto|ciclo|ano|mama|papa"
    r"|(?:sin|con) hijos|responsable|puntual|sucamec) $"
)
"""What in a message without commas is no work that years could be of."""
_CLAUSE: Final = re.compile(r"(?:\n|[.,;] )(?:y )?$")
_CLAUSE_END: Final = re.compile(r" ?(?:[\n.,;)]|$)| -")
_I_DO: Final = re.compile(
    r" (?:acabe|termine|busco|buscando|vivo|quiero|tengo|soy|necesito|estudi[oe]|quisiera|deseo)\b"
)
_CALLED: Final = re.compile(
    r"\b(?:(?:me llamo|mi nombre es)(?: [a-z]+){1,3}|soy(?: [a-z]+){0,2})(?: de| y tengo|,)? $"
)
_WORKER: Final = re.compile(
    r"\b(?:chofer|mozo|peon|obrer\w+|guardian|conductor\w*|sereno|chef|bartender|barman|vigia|capataz"
    r"|profe|operador\w*|tecnic\w+|agente|auxiliar|albanil|hace|por|unos|casi|mas|con)\b"
)
_TRADES: Final = re.compile(
    r"(?:[dt]or[a]?|er[oa]|ist[oa]|ic[oa]|ante|il|ent[ea]|ari[oa]|ez|cocina|limpieza)\b"
)
OF_AGE_FROM, _OF_AGE_TO = 18, 80
"""Years that stand alone are an age only between these."""


def noted(near: str, rest: str, years: bool) -> str | None:
    """By what a note about somebody says their age, None where it does not.

    Args:
        near, rest: What stands before and behind the number.
        years: Whether "años" stands behind it.
    """
    if near.endswith(", ") and _SHORT_YEARS.match(rest):
        return "kind"
    if years and (_KIND_OF_AGE.search(near) or _OF_KIN.search(near)):
        return "kind"
    return "of_age" if _TURNED_ON.search(near) else None


def is_clause(number: int, near: str, tail: str) -> bool:
    """Whether years stand alone between commas, or after a name: who counts work says of what."""
    if not OF_AGE_FROM <= number <= _OF_AGE_TO:
        return False
    if _BEFORE_BARE.search(near):
        return True
    counted = _NEXT_COUNT.match(tail)
    if counted and int(counted["years"] or 0) < number:
        return True
    ends = _CLAUSE_END.match(tail) is not None
    if not ends and not _I_DO.match(tail):
        return False
    if ends and _CLAUSE.search(near):
        line = near.rfind("\n")
        is_line = line > 0 or (line == 0 and tail.startswith("\n"))
        return not (is_line and of_trade(near[line:]))
    name = _CALLED.search(near)
    return name is not None and not of_trade(name[0])


def of_trade(said: str) -> bool:
    """Whether a piece of text names a trade, so that years after it may be years in it."""
    return _TRADES.search(said) is not None or _WORKER.search(said) is not None
