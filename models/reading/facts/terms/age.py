"""Age of a person; the bounds that an ad sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from models.reading.facts.canonical import Canonical, JobWords
from models.reading.facts.fact import Fact
from models.reading.facts.terms.age_alone import KIND, OF_AGE_FROM, is_clause, noted, of_trade
from models.reading.facts.terms.clauses import MOST_FOUND, YEARS

_LEAST, _MOST = 12, 90
_NEAR: Final = 45
_NUMBER: Final = re.compile(r"(?<![\d.,/:$-])\d\d(?!\d|[.,/:]\d|%|x\d|[a-z]{2}\b(?<!an))")
_UNIT: Final = re.compile(rf" ?{YEARS}\b")
_DOING: Final = re.compile(
    r"^ ?(?:de (?!edad)|en\b|como\b|con (?=la |el |los |esta|mi (?:taxi|moto|carro)|experiencia"
    r"|exp\b|maquin)|por\b"
    r"|haciendo|[a-z]+[aei]ndo\b|(?:trabaj|manej|cocin)(?!o\b)|(?:trabajo|manejo|cocino) (?:de"
    r"|en|como)\b|que\b)"
)
"""After a count of years: they are years of doing something."""
_I_AM: Final = re.compile(
    r"\b(?:tengo|tengo ya|a mis|ya tengo|ya con|cumpli|acabo de cumplir|edad|edad actual)(?: de| es"
    r"| son|:)*(?: los)? ?$"
)
_THINGS: Final = re.compile(
    r"^ ?(?:hij[oa]s|soles|mil\b|meses|dias|horas|kilos|kg|trabajador|personas|nin[oa]s|cursos"
    r"|maquin|vacas"
    r"|ovejas|animales|cabezas|hectareas|cuadras|certificad|carros|motos|niet[oa]s|metros|x\b"
    r"|cuyes|gallinas"
    r"|clientes|herman|platos|colmenas|mesas|combis|alumn|arboles|matas|cumpleanos)"
)
_KIND_OF: Final = re.compile(
    rf"(?:[\n.;,!:] ?|\b(?:soy|hola|ola|buenas|dias|tardes|noches|amig[oa]s?|senores|saludos"
    rf"|una?|yo|soy una?)"
    rf" ){KIND} (?:(?:solter[oa]|seri[oa]|responsable|honrad[oa]|proactiv[oa]|trabajador[a]?"
    rf"|puntual|humilde"
    r"|fuerte|y|muy|dinamic[oa]) )*(?:de )?$"
)
_KIND_COMMA: Final = re.compile(
    rf"(?:\b{KIND}|nacid[oa] en [a-z ]{{2,20}}|natural de [a-z ]{{2,20}}), $"
)
_ALONE: Final = re.compile(r"(?:\n|[.;] |- ?|\()(?:edad:? )?$")
_ALONE_END: Final = re.compile(r"(?: de edad)?(?:\n|[.;)](?:\s|$)| -|$|, )")
_COMMA_END: Final = re.compile(r"[\n.;,]|$| -")
_TURNED: Final = re.compile(
    rf"(?: ?{YEARS})?(?: de edad\b| (?:recien |ya )?cumplidos\b(?! (?:de|en)\b))"
)
_I_HAVE: Final = re.compile(r" (?:ya )?tengo(?: ya)? ?(?:[\n.,;)]|$)")
_TRADE: Final = re.compile(r"(?:\n|[.;] )(?:soy )?(?:una? )?[a-z]+(?: [a-z]+)? de $")
_NAME: Final = re.compile(r"\n[a-z]+(?: [a-z]+\.?){0,3}, $")
_LINE_END: Final = re.compile(r"\.?(?:\n|$)")
_FAMILY: Final = re.compile(
    r",? (?:sin hijos|con \d+ hijos|y \d+ (?:hij|niet)[oa]s|solter[oa]|casad[oa])\b"
)
_FIRST_WORD: Final = re.compile(r", (?!\d)[a-z]")
_YOUNG: Final = 20
"""Who has so many years of work says of what."""
_CHILD: Final = re.compile(
    r"\b(?:chic[oa]|joven|hij[oa]|sobrin[oa]|muchach[oa]|herman[oa]|adolescente|papa|mama|ti[oa]"
    r"|espos[oa]) de $"
)
_CHILD_END: Final = re.compile(r"(?: que)? (?:quiere|busca|desea|necesita|puede|quisiera)")
_OTHER: Final = re.compile(
    r"\b(?:cuid\w*|atend\w*|acompan\w*)\b[^.\n]{0,28}$"
    r"|\b(?:hij[oa]s?|bebe|nin[oa]s?|niet[oa]s?|ancian[oa]s?|abuel\w*|experiencia|exp|trabaj\w*"
    r"|labor\w*|oficio|para|espos[oa]|mi mama|mi papa|pacientes?|padre de|madre de"
    r"|herman[oa]s?(?: mayor| menor)? ?\(?"
    r"|mama de"
    r"|papa de|mis?|su)\b:?[^.\n]{0,15}$"
)
_RULES: Final = {
    "i_am": 0.99, "of_age": 0.98, "kind": 0.98, "alone": 0.98, "clause": 0.97,
    "parent": 0.97,
}  # fmt: skip
"""By rule how sure it is, in order of precedence after "parent"."""


def person(words: Canonical) -> Fact[int] | None:
    """How old a person says they are: not their children, not their years of work.

    A parent who writes for a child who looks for work says the child's age.
    """
    best: tuple[int, Fact[int]] | None = None
    order = ("parent", *_RULES)
    for number, start, near, rest in _numbers(words.text):
        rule = _rule(number, near, rest) if _LEAST <= number <= _MOST else None
        if rule == "clause" and best and best[1].rule == rule and best[1].value != number:
            best = None  # two such counts: which one is the age is not said
            break
        if rule is not None and (best is None or order.index(rule) < best[0]):
            unit = _UNIT.match(rest)
            end = start + 2 + (unit.end() if unit else 0)
            best = (order.index(rule), words.fact(number, start, end, _RULES[rule], rule))
    return best and best[1]


def _numbers(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Numbers of two digits: number, place, what is before and after; a text begins with a line."""
    for found in islice(_NUMBER.finditer(text), MOST_FOUND):
        at = found.start()
        near = text[at - _NEAR : at] if at > _NEAR else "\n" + text[:at]
        yield int(found[0]), at, near, text[at + 2 : at + 2 + _NEAR]


def _rule(number: int, near: str, rest: str) -> str | None:
    """By what a number is somebody's age, None where it is not."""
    unit = _UNIT.match(rest)
    tail = rest[unit.end() :] if unit else rest
    if _CHILD.search(near) and _CHILD_END.match(tail):
        return "parent"
    if (note := noted(near, rest, unit is not None)) and not _OTHER.search(near):
        return note
    doing = unit is not None and _DOING.match(tail) is not None
    if _I_AM.search(near):
        return None if doing or _THINGS.match(rest) else "i_am"
    if doing or _OTHER.search(near):
        return None
    if _TURNED.match(rest) or (_I_HAVE.match(tail) and (unit or near.endswith((", ", "\n", ". ")))):
        return "of_age"
    if near == "\n" and _FIRST_WORD.match(rest) and number >= OF_AGE_FROM:
        return "kind"
    if _KIND_OF.search(near) and (unit or re.match(r" [a-z]|,|\.|$|\n", rest)):
        return None if _THINGS.match(rest) else "kind"
    if unit is None:
        return None
    if near.endswith(("jubilado ", "jubilada ", "jubilado de ", "jubilada de ")):
        return "kind"
    if _KIND_COMMA.search(near) and _COMMA_END.match(tail):
        return "kind"
    if _NAME.search(near) and _LINE_END.match(tail) and not of_trade(near.rsplit("\n", 1)[-1]):
        return "alone"
    if _FAMILY.match(tail) or (near.endswith(", ") and 16 <= number < _YOUNG):
        return "alone"
    if _ALONE.search(near) and _ALONE_END.match(tail):
        return "alone"
    if _TRADE.search(near) and "experiencia" not in tail[:16]:
        return "kind"
    return "clause" if is_clause(number, near, tail) else None


_TO: Final = re.compile(
    rf"(?: ?{YEARS})? ?(?:a|y|hasta|-|–) ?(?:los )?(?P<high>\d\d)\b(?P<unit> ?{YEARS})?"
)
_OF_WHOM: Final = re.compile(
    r"\b(?:chicas?|senoritas?|jovenes|varon(?:es)?|mujer(?:es)?|personas?|senor(?:a|es|as)?"
    r"|hombres?|solter\w+"
    r"|chicos?|damas?|caballeros?|edad(?:es)?|operari[oa]s|jovencitas?)(?: [a-z]+){0,2}(?: de"
    r"| entre|:)? $"
)
_YOUNG_SOUGHT: Final = re.compile(
    r"\b(?:busca\w*|contrata\w*|recib\w+|emple\w+|necesit\w+|requ\w+|acept\w+|tomamos)\b[^.;\n]{0,12}"
    r"\b(?:adolescentes|aprendices|practicantes|menores|jovenes|joven)(?: [a-z]+)? de $"
)
"""The young who are sought, not those who are looked after."""
_RANGE_FROM: Final = re.compile(r"(?:\b(?:de|entre)|[\n.;,]) ?$")
_RANGE_TO: Final = re.compile(r" ?[.,;)\n]|$| de edad\b| con\b| sin\b")
_LEAST_AGE: Final = re.compile(
    r"(?<!no )\b(?:mayor(?:es)?(?: de edad)?,? (?:de|a|que)|edad (?:mayor (?:de|a)|desde"
    r"|minima(?: de)?|minimo"
    r"|entre)):?(?: los)? $"
)
_FROM: Final = re.compile(r"\b(?:desde|minimo|a partir de)(?: los)? $")
_UPWARD: Final = re.compile(r" (?:a mas|para arriba|en adelante|o mas|cumplidos)")
_MOST_AGE: Final = re.compile(
    r"\b(?:hasta|maximo|menor(?:es)? (?:de|a)|edad maxima(?: de)?|no mayor(?:es)? (?:de"
    r"|a)):?(?: los)? $"
)
_OF_AGE: Final = re.compile(
    r"\bmayor(?:es)? de edad\b|\bsea(?:n)? mayor(?:es)?(?= y|[.,]|$)|\bser mayor(?=[.,]|$)"
)
_NOT_THEIRS: Final = re.compile(
    r"\b(?:nin[oa]s?|ninez|adult[oa]s?|ancian[oa]s?|pacientes?|alumn\w*|estudiantes?|bebes?"
    r"|hij[oa]s?|mama|papa"
    r"|mamita|abuel\w*|usuari[oa]s?|adolescentes|experiencia|antiguedad|laboral|vigencia|ultimos"
    r"|garantia"
    r"|contrato|poblacion|personas adultas|salita|aula|turno|horario|sueldo|pago|gana\w*|s/"
    r"|jornada|lunes"
    r"|grupos?|equipos?|kilos?|sale|con mas de)\b[^.;,\n]{0,30}$"
)
_UNITS: Final = re.compile(
    r" ?(?:\(\d+\) ?)?(?:soles|kilos|kg|dias|horas|hrs|am\b|pm\b|p\.m|a\.m|de la (?:manana|tarde"
    r"|noche)|meses"
    r"|metros|m\b|%|personas|habitaciones|por dia|diari|al dia|mil|jabas|km|toneladas"
    r"|de (?:enero|febrero"
    r"|marzo|abril|mayo|junio|julio|agosto|se[pt]|octubre|noviembre|diciembre)|h\b|trabajadores"
    r"|semanas)"
)


def job(words: JobWords) -> tuple[Fact[int] | None, Fact[int] | None]:
    """The least and the highest age that an ad asks of the person it looks for."""
    low: Fact[int] | None = None
    high: Fact[int] | None = None
    for part in (words.requirements, words.description, words.title):
        for number, start, near, rest in _numbers(part.text):
            young = _YOUNG_SOUGHT.search(near) is not None
            if not 14 <= number <= 80 or (_NOT_THEIRS.search(near) and not young):
                continue
            span = _TO.match(rest)
            unit = _UNIT.match(rest)
            end = start + 2 + (unit.end() if unit else 0)
            if span and (young or _is_range(number, span, near, rest)):
                end = start + 2 + span.end()
                low = low or part.fact(number, start, end, 0.98, "range")
                high = high or part.fact(int(span["high"]), start, end, 0.98, "range")
            elif _UNITS.match(rest):
                continue
            elif _MOST_AGE.search(near):
                if unit and number >= 25:
                    high = high or part.fact(number, start, end, 0.97, "most")
            elif _is_least(near, rest, unit) or (young and _UPWARD.match(rest)):
                low = low or part.fact(number, start, end, 0.99, "least")
        if low is None and (found := _OF_AGE.search(part.text)):
            low = part.fact(18, found.start(), found.end(), 0.98, "of_age")
    return low, high


def _is_range(number: int, span: re.Match[str], near: str, rest: str) -> bool:
    most, tail = int(span["high"]), rest[span.end() :]
    if not number < most <= 80 or _UNITS.match(tail):
        return False
    if span["unit"] or _OF_WHOM.search(near):
        return True
    return most - number >= 4 and bool(_RANGE_FROM.search(near) and _RANGE_TO.match(tail))


def _is_least(near: str, rest: str, unit: re.Match[str] | None) -> bool:
    if _LEAST_AGE.search(near):
        return True
    return unit is not None and bool(_FROM.search(near) or _UPWARD.match(rest, unit.end()))
