"""When a person can work."""

from __future__ import annotations

import re
from typing import Final

from models.reading.facts.canonical import Canonical
from models.reading.facts.fact import Fact
from models.reading.facts.terms.clauses import after, before
from models.reading.facts.terms.hours import hours_in, shift_of
from schemas.vocab import SHIFTS

_HINTS: Final = (
    "noche", "turno", "horario", "dia", "sabado", "semana", "tiempo", "tarde", "manana", "rota",
    "tuta", "unchaw", "uruk", "aruma", "jornada", "madrugada", "diurn", "por horas", "amanecida",
    "puedo", "podria", "disponib",
)  # fmt: skip
_BUSY: Final = re.compile(
    r"^ ?,? ?(?:yo |ya |si |tambien )?(?:estudio|estudi|atiendo|cuido|tengo (?:clase|que|otr)"
    r"|estoy (?:estudi|ocup|con)"
    r"|voy|ayudo|llevo|duermo|vendo|trabajo en|cuida|ocupad|recojo|hay|no\b|sale|salgo|me toca"
    r"|trabajo (?:como|de)"
    r"|es mi|de descanso|crio|veo a)"
)
_CANNOT: Final = re.compile(
    r"\b(?:no|ni|menos|excepto|nunca|tampoco|nada|evit\w+|sin)\b"
    r"(?:(?!\bsolo\b|\bpero\b|problem|import|molest|miedo|inconven)[^,.;\n]){0,26}$"
)
_NO_AFTER: Final = re.compile(
    r"^,? ?(?:si que |yo |eso |ya )?(?:no|mana[mn]?|janiw\w*)\b"
    r"(?! (?:hay|tengo|me|es) (?:ningun )?(?:problem|molest|import|incon|miedo))"
)
_FINE: Final = re.compile(r"problem|import|molest|miedo|inconven|igual|da lo mismo")
_ALSO: Final = re.compile(r"\btambien\b|\bincluso\b|\bsi es necesario\b|\baunque sea\b")
_BOTH: Final = re.compile(
    r"\b(?:dia|tarde),? (?:o|y|u|como|ni)(?: de)? noche\b|\bdia/noche\b|\bnoche,? (?:o|y"
    r"|u)(?: de)? dia\b|\bdiurno (?:o"
    r"|y) nocturno"
)
_NIGHT: Final = re.compile(
    r"\b(?:(?:de|turnos?|turnos? de|solo|por las|en las?|las|la|horario)(?: la"
    r"| las)? )?noches?\b|\bnocturn[oa]s?\b"
    r"|\bmadrugada\b|\bamanecida|\btutaqa\b|\btuta(?= mana)|\btutalla\w*\b|\barumax?\b"
)
_OF_OTHERS: Final = re.compile(
    r"\b(?:espos[oa]|pareja|marido|mi mujer|hij[oa]|herman[oa]|mama|papa)\b[^,.;\n]{0,16}$"
)
_AND: Final = re.compile(r" (?:y|porque|pero) |, ")
_SHIFT: Final = re.compile(r"\b(?:turnos?|horarios?|guardias?|jornada|disponib\w*)\b")
_NOW: Final = re.compile(r"\btrabaj(?:o|e|aba|ando) de noche$")
_AS: Final = re.compile(r" (?:como|en|hace|y busco|\d)\b")
_AND_WEEKEND: Final = re.compile(r" (?:y|o) (?:los )?(?:fin(?:es)? de semana|sabados|domingos)")
_ONLY_THEN: Final = re.compile(r"\bsolo\b|turno")
_TOO: Final = re.compile(r"\brotativ[oa]s? (?:y|o) $")
_ITEMS: Final = ("de noche", "noche", "noches", "madrugada")
_ITEM: Final = re.compile(r" ?(?:[.,;]|$)")
_BEGINS: Final = re.compile(r"(?:^|(?<!tarde)(?<!manana), )(?:(?:de )?madrugadas? [yo] )?$")
"""A clause of its own, and not the last of all parts of a day."""
_OFFERED: Final = re.compile(
    r"\b(?:puedo|podria|acept\w+|disponib\w+)(?: (?:hacer|para|de|realizar|cubrir|turnos?"
    r"|y)){0,3} guardias?\b[^.;\n]{0,20}$"
)
"""What nurses and guards take on beside other hours."""
_STUDY_THEN: Final = re.compile(
    r"\b(?:ciclo|cursa\w*|estudi\w+|universidad|instituto)\b[^.;,\n]{0,28}$"
)
_WANTS: Final = re.compile(r"\b(?:puedo|quiero|busco|prefiero|solo)\b")
_OFFERS_NIGHT: Final = re.compile(
    r"\bsolo\b|nomas|unicamente|prefi?er|busco|turno|(?:trabajo|chamba|chambita) de"
    r"|horario|disponib|quiero|puedo"
    r"|noches? o\b"
    r"|esta bien|guardias|tutalla|acepto|costumbre|acostumbrad"
)
_DAY: Final = re.compile(
    r"\bde dia\b|\b(?:solo|nomas|unicamente) dia(?<!un solo dia)(?= ?(?:[.,;\n]|$))"
    r"|\bhasta las? [4567] (?:de la tarde|pm)|\bp'?unchaw (?=lla[mn])|\bel dia (?=si\b"
    r"|$|[.,;\n])|\b(?:en|durante) el dia\b"
    r"|\bturnos?:? (?:de )?(?:la )?(?:manana|dia|tarde|diurno)\b"
    r"|\bhorario (?:de )?(?:oficina|diurno|dia)\b|\bdiurno\b|\bp'?unchawlla\w*|\btutamantalla\w*"
    r"|\buruki?w\b"
    r"|\btodo el dia\b(?! no)"
)
_BECAUSE: Final = re.compile(r"\b(?:porque|mientras|estudio)(?: [a-z]+)? ?$")
_ROTATING: Final = re.compile(r"\brotativ[oa]s?\b|\brota(?:r|ndo|n|cion)\b")
_NOT_ROTATING: Final = re.compile(r"\b(?:horno|libre|descanso|dia|dia libre) $")
_PART: Final = re.compile(
    r"\bmedi[oa] (?:tiempo|turno|jornada)\b|\btiempo parcial\b|\bpor horas\b|\bunas horas\b"
    r"|\b(?:solo|por|en|solamente|unicamente)(?: (?:por|en))?(?: las)? (?:mananas|tardes)\b"
    r"|\b(?:solo|puedo|nomas|busco) (?:en |por )?(?:la |las )(?:mananas?|tardes?)\b"
    r"|\b(?:nomas|solo)\b[^.;\n,]{0,28}\bhasta las? (?:11|12|1|2|3)\b|\bhasta las? (?:11|12|1"
    r"|2) nomas"
    r"|\b(?:horario|disponib\w*|turno):? (?:por las |en las )?(?:mananas|tardes)\b"
    r"|\b(?:3|4|5|6) horas (?:al dia|diarias|por dia)"
)
_STUDIES: Final = re.compile(r"\b(?:estudi\w+|clases|llam\w+|contact\w+|escri\w+) ?$")
_WEEKEND: Final = re.compile(
    r"\bsab(?:ados?)?\.?,? (?:y |o |e )?(?:los )?dom(?:ingos?)?\b|\bfin(?:es)? de semana\b"
    r"|\b(?:solo|noches? [oy]) (?:los )?(?:sabados|domingos)\b"
)
_NOT_WEEKEND: Final = re.compile(
    r"\btrabajo de [^.;,\n]{0,30}$|\bentre semana y $|\blunes a viernes y $|\b(?:no|ni|menos"
    r"|excepto|tampoco|descans\w+|incluso|incluy\w+"
    r"|inclusive|salvo|viernes,"
    r"|libres?|cuando"
    r"|hasta|clases|estudio(?: los)?)\b[^,.;\n]{0,24}$"
)
_FREE: Final = re.compile(
    r"^,? ?(?:y feriados )?(?:no|libres?|descans\w*|tambien|inclusive|son para|me toca|yo no"
    r"|voy a)\b|^ (?:estudio|clases)\b"
)
_ONLY: Final = re.compile(r" (?:libre|nomas|no hay problema|sin problema|esta bien)\b")
_SPAN: Final = re.compile(r"\d(?: ?[ap]m)? (?:a|hasta) (?:las? )?\d")
_CAN: Final = re.compile(r"\b(?:puedo|podria|solo|horario|turno|disponib\w*)\b(?!.*\bno\b)")

_Places = dict[str, tuple[int, int]]


def person(words: Canonical) -> Fact[tuple[str, ...]] | None:
    """Shifts that a person can work; who only refuses the night can work by day.

    What they would also do ("de noche tambien") is left open: the other shifts stay possible.
    """
    text = words.text
    if not any(hint in text for hint in _HINTS):
        return None
    found: _Places = {}
    refused: tuple[int, int] | None = None
    both = _BOTH.search(text)
    if both and not _CANNOT.search(before(text, both.start(), 30)):
        found["day"] = found["night"] = both.span()
    _parts(text, found)
    if not both:
        refused = _nights(text, found)
        _days(text, found)
    if refused and not found:
        found["day"] = refused
    if not found:
        _hours(text, found)
    if not found:
        return None
    start, end = min(s for s, _ in found.values()), max(e for _, e in found.values())
    values = tuple(shift for shift in SHIFTS if shift in found)
    rule = "refused" if refused and values == ("day",) else "+".join(values)
    return words.fact(values, start, end, 0.96, rule)


def _parts(text: str, found: _Places) -> None:
    """Adds weekends, changing shifts and half days where they offer them."""
    for match in _WEEKEND.finditer(text):
        near, rest = before(text, match.start(), 40), after(text, match.end(), 25)
        if not (_NOT_WEEKEND.search(near) or _FREE.match(rest) or _OFFERED.search(near)):
            found.setdefault("weekend", match.span())
    for match in _ROTATING.finditer(text):
        near, rest = before(text, match.start(), 30), after(text, match.end(), 30)
        refused = _CANNOT.search(near) or _NO_AFTER.match(rest)
        if not _NOT_ROTATING.search(near) and (not refused or _FINE.search(near + rest)):
            found.setdefault("rotating", match.span())
    for match in _PART.finditer(text):
        near, rest = before(text, match.start(), 30), after(text, match.end(), 25)
        if not (
            _BUSY.match(rest)
            or rest.startswith((" o completo", " o tiempo comp", " o turno comp"))
            or _CANNOT.search(near)
            or _STUDIES.search(near)
        ):
            found.setdefault("part_time", match.span())


def _hours(text: str, found: _Places) -> None:
    """Adds the shift of the hours that they can work: "solo puedo de 7 a 1"."""
    if not _SPAN.search(text):
        return
    hours = hours_in(text)
    near = before(text, hours[0].start, 60) if hours else ""
    if len(hours) == 1 and (_CAN.search(near) or _ONLY.match(after(text, hours[0].stop, 20))):
        shift = shift_of(hours)
        if shift:
            found[shift] = (hours[0].start, hours[0].stop)


def _nights(text: str, found: _Places) -> tuple[int, int] | None:
    """Adds the night where they offer it; gives the place where they refuse it."""
    refused = None
    for match in _NIGHT.finditer(text):
        near, rest = before(text, match.start(), 34), after(text, match.end(), 30)
        said = near + match[0]
        offered = _OFFERED.search(near + match[0])
        if offered or _STUDY_THEN.search(near) or _OF_OTHERS.search(near):
            continue
        if match[0] in _ITEMS and _ITEM.match(rest) and _BEGINS.search(near):
            found.setdefault("night", match.span())
            continue
        busy = _BUSY.match(rest) and not near.endswith("prefiero ")
        fine = _FINE.search(near.rsplit(",", 1)[-1] + rest.split(",", 1)[0])
        if fine and not _NO_AFTER.match(rest):
            if "rotating" in found or _WANTS.search(near):
                found.setdefault("night", match.span())
        elif _CANNOT.search(near) or _NO_AFTER.match(rest):
            refused = refused if match[0] == "madrugada" else match.span()
        elif _ALSO.search(near + rest) or near.endswith("buenas ") or busy:
            continue
        elif _TOO.search(near):
            found.setdefault("night", match.span())
        elif _OFFERS_NIGHT.search(_AND.split(said)[-1] + _AND.split(rest)[0]):
            plain = match[0].startswith(("la ", "las ", "en la")) and not _AND_WEEKEND.match(rest)
            known = match[0].startswith("noctur") and not _SHIFT.search(near)
            now = _NOW.search(said) and _AS.match(rest)
            if not (known or now or "miedo" in near) and (not plain or _ONLY_THEN.search(near)):
                found.setdefault("night", match.span())
    return refused


def _days(text: str, found: _Places) -> None:
    """Adds the day where they offer it."""
    for match in _DAY.finditer(text):
        near, rest = before(text, match.start(), 34), after(text, match.end(), 25)
        if _BUSY.match(rest) or _CANNOT.search(near) or _BECAUSE.search(near):
            continue
        if match[0] == "todo el dia" and (
            "weekend" in found or re.search("estudi|cuid|con mi", near)
        ):
            continue
        if not ("part_time" in found and match[0].startswith("turno")):
            found.setdefault("day", match.span())
