"""Years of experience that an ad asks."""

from __future__ import annotations

import re
from typing import Final

from models.reading.facts.canonical import JobWords
from models.reading.facts.fact import Fact
from models.reading.facts.terms.clauses import after, before, quantities
from models.reading.facts.terms.experience_described import described, is_general

_MOST: Final = 15
"""Years; more is the age of something."""
_NOT_ASKED: Final = re.compile(
    r"\b(?:ultimos?|edad(?: minima| maxima)?|mayor(?:es)? de|desde(?: los)?|menores de|carrera"
    r"|superior:?"
    r"|estudi\w+|antiguedad|vigencia|contrato|nin[oa]s?|bebe|salita|papa|mama|tiene|duracion"
    r"|durante"
    r"|capacitacion|\(3 o|no mayor(?:es)? (?:a|de)|renovable\w*|vacaciones|curso\w*|entre|plazo"
    r"|no exceder de|hasta)(?: (?:de|\d+|y|no mayor a|minima|minimo|es|por|a|los|menor a))* ?$"
    r"|\bminimo (?:de )?$(?<=afines, minimo )"
)
_NOT_ASKED_AFTER: Final = re.compile(
    r"^ ?(?:de edad|a mas\b|para arriba|en adelante|de antiguedad|de carrera|de estudios?"
    r"|de vigencia"
    r"|de contrato|renovable|cumplidos|de duracion|de garantia|seguidos|corridos|con permiso"
    r"|con autorizacion|de formacion|de egresad|a la fecha)"
)
_NONE_FOR_SOME: Final = re.compile(r"\bsin experiencia[;,] ")
"""Of several trades one needs none."""
_STAYS: Final = re.compile(
    r"\b(?:quedar\w*|disponib\w*|permanec\w*|contrato|periodo)\b[^.;\n]{0,20}$"
)

_SAYS: Final = re.compile(r"\bexp(?:eriencia)?\b|\banos?\b")
"""Years or experience, however they are asked: the description says no more of them."""


def job(words: JobWords) -> Fact[float] | None:
    """Years that an ad asks; of a notice with several, the general ones.

    That none is needed is left open: it asks for nothing.
    """
    part = words.requirements
    text = part.text
    if _NONE_FOR_SOME.search(text):
        return None
    first: Fact[float] | None = None
    last = 0
    for said in quantities(text):
        near, rest = before(text, said.start, 50), after(text, said.end, 40)
        asked = not (_NOT_ASKED.search(near) or _STAYS.search(near) or _NOT_ASKED_AFTER.match(rest))
        if 0 < said.years <= _MOST and asked:
            if is_general(text, said, last):
                return part.fact(said.years, said.start, said.end, 0.99, "general")
            first = first or part.fact(said.years, said.start, said.end, 0.98, "first")
        last = said.end
    if first is None and not _SAYS.search(text):
        return described(words.description)
    return first
