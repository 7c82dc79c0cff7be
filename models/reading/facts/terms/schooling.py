"""Schooling that a person completed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from models.reading.facts.canonical import Canonical
from models.reading.facts.fact import Fact
from models.reading.facts.terms.clauses import after, before
from models.reading.facts.terms.schooling_signs import SECONDARY, SIGNS
from schemas.vocab import EDUCATION

BELOW: Final = {
    "primaria": "none", "secundaria": "primaria", "tecnica": "secundaria",
    "universitaria": "secundaria",
}  # fmt: skip
"""What somebody has who did not finish a level."""
_GRADE: Final = r"(?:[1-6](?:ro|er|ero|do|to|°)?|primero?|segundo|tercero?|cuarto|quinto|sexto)"
_HINTS: Final = tuple({hint for sign in SIGNS for hint in sign.hints} | {"ciclo"})
_PART: Final = re.compile(
    rf"\b(?P<grade>{_GRADE}) (?:ano |grado )?(?:de )?(?:la )?(?P<level>{SECONDARY}|primaria)"
    rf"|\b(?P<level2>secundaria|primaria)(?: incompleta)?[:( ]{{1,3}}(?P<grade2>[1-6](?:ro|er|do"
    rf"|to))\b"
    r"|\b(?P<level3>secundaria|primaria),? (?:solo )?hasta (?:el )?"
    r"(?P<grade3>[1-6](?:ro|er|do|to)|primero?|segundo|tercero?|cuarto|quinto|sexto)\b"
)
_CUT: Final = re.compile(
    r"\b(?:incomplet\w*|inconclus\w*|trunc\w*|a medias|sin (?:terminar|acabar|concluir)|en curso)"
)
_CUT_HINTS: Final = ("incompl", "inconcl", "trunc", "a medias", "sin ", "en curso")
_DONE_HINTS: Final = ("termin", "acab", "conclu", "compl", "culmin")
_NOT_DONE: Final = re.compile(
    rf"\bno tengo (?:la |mi )?(?P<whole>{SECONDARY}|primaria) (?:complet|termin|acab|conclu)\w*"
    r"|\bno (?:la |lo |he |pude |llegue a |logre |alcance a )?(?:termin|acab|conclu|complet"
    r"|culmin)\w*"
    rf"(?: de)?(?: estudiar)?(?: (?:la|el|mi"
    rf"|mis))? ?(?:estudios? (?:de )?)?(?P<after>{SECONDARY}|colegio|cole\b|primaria|carrera)?"
)
_STUDIES: Final = re.compile(
    r"\bestudiante (?:de |del )?(?:la )?[a-z]+|\b(?:[ivx]+|\d{1,2}(?:mo|vo|no|to|ro|do)?|sexto"
    r"|quinto|cuarto"
    r"|septimo|octavo|tercer|ultimo) ciclo|\btecnic\w+ en [a-z]+[^.;\n]{0,12} (?:me"
    r"|le) falta(?! (?:solo )?(?:el )?titul)"
    r"|\bestudio (?:en )?(?:la |el |un )?(?:universidad|instituto)"
    r"|\bestudio [a-z]+(?: [a-z]+){0,2} en (?:la universidad|el instituto|senati)\b"
    r"|\bestudio [a-z]+(?: [a-z]+){0,2} (?:\d(?:do|to|er|ro)|primer|segundo|tercer|cuarto"
    r"|quinto) ano\b"
    r"|\bestoy (?:en|estudiando en) (?:la universidad|el instituto)"
    r"|\bestudi\w+ [^.;\n]{3,40} (?:(?:lo|la)|pero) deje\b"
    r"|\bdeje (?:la |mi )?(?:carrera|universidad)\b"
)
_STUDY_HINTS: Final = ("estudi", "ciclo", "deje", " falta")
_STUDY_PLACE: Final = re.compile(r" de [a-z ]{3,30}|[^.;\n]{0,30}\b(?:universidad|instituto)\b")
_GOES: Final = re.compile(
    r"\b(?:estoy|voy|estudio|cursando|curso|pas(?:ar|e|ado|o)|estudiando|este ano|entro|empiezo"
    r"|llegue"
    r"|hasta|estudie|cursa|esta)\b[^.;\n]{0,14}$"
)
_ENDED: Final = re.compile(
    r"\b(?:termine|acabe|hasta|complet\w*|estudie hasta|conclui)\b[^.;\n]{0,14}$"
)
_OF_OTHERS: Final = re.compile(
    r"\b(?:hij[oa]s?|hijit[oa]s?|bebes?|niet[oa]s?|sobrin[oa]s?|herman[oa]s?|alumn\w*|espos[oa]"
    r"|nin[oa]s"
    r"|escolares)\b[^.;\n]{0,22}$"
)
_TAUGHT: Final = re.compile(
    r"\b(?:refuerzo|tareas|profesor[a]?|profe|docente|maestr[oa]|ensen\w*|clases"
    r"|auxiliar(?: de educacion)?"
    r"|colegios?|nivel|dicto|academia|limpieza)\b[^.;\n]{0,22}$"
)
_NEGATED: Final = re.compile(
    r"\b(?:no (?:soy|estoy|tengo|cuento con)(?: (?:el|un|mi))?(?: [a-z]+)?|sin"
    r"|aunque no [a-z ]*) ?$"
)
_UNTITLED: Final = re.compile(
    r"\b(?:me )?falta (?:el |mi |solo el )?titul|\bsin titulo|\bno termine|\bempiric"
)
_OF_ANY: Final = re.compile(r"titulo a|\s*titulad[oa]\W*$")
"""Titles of any level."""
_LACKS: Final = re.compile(r"\b(?:sin|no|falta|aun|todavia|estudi(?:ando|o (?:en|la|el))|ciclo)\b")


def person(words: Canonical) -> Fact[str] | None:
    """The highest level that a person says they completed.

    Who is in a level now or left it has the one before.
    """
    text = words.text
    if not any(hint in text for hint in _HINTS):
        return None
    open_: list[tuple[int, int]] = []
    found = [*_unfinished(words, open_), *_grades(words, open_), *_signs(words, open_)]
    schooled = [fact for fact in found if fact.value != "none"]
    return max(schooled or found, key=lambda f: (EDUCATION.index(f.value), -f.start), default=None)


def _unfinished(words: Canonical, open_: list[tuple[int, int]]) -> Iterator[Fact[str]]:
    """Levels that were not finished; `open_` is told where they stand."""
    text = words.text
    cut = [*_CUT.finditer(text)] if any(word in text for word in _CUT_HINTS) else []
    if any(word in text for word in _DONE_HINTS):
        cut += _NOT_DONE.finditer(text)
    for found in cut:
        start, end = found.span()
        near = before(text, start, 30)
        groups = found.groupdict()
        said = groups.get("after") or groups.get("whole")
        level = named(said or "") or named(near) or (None if said else named(after(text, end, 24)))
        if level is not None and not _OF_OTHERS.search(near):
            open_.append((start - 26, end + 12))
            yield words.fact(BELOW[level], start, end, 0.97, "unfinished")
    if not any(word in text for word in _STUDY_HINTS):
        return
    for found in _STUDIES.finditer(text):
        start, end = found.span()
        rest = found[0] + after(text, end, 30)
        if not _OF_OTHERS.search(before(text, start, 30)) and named(rest) not in (
            "primaria",
            "secundaria",
        ):
            cycle = "ciclo" in found[0] and _STUDY_PLACE.match(after(text, end, 40))
            yield words.fact("secundaria", start, end, 0.97 if cycle else 0.95, "studies")


def _grades(words: Canonical, open_: list[tuple[int, int]]) -> Iterator[Fact[str]]:
    """Grades of school: the last one is the level unless they go to it."""
    text = words.text
    if not any(word in text for word in ("secu", "sec ", "media", "primaria")):
        return
    for found in _PART.finditer(text):
        start, end = found.span()
        open_.append((start, end))
        near = before(text, start, 30)
        if _OF_OTHERS.search(near) or _TAUGHT.search(near):
            continue
        named_, grade = _either(found, "level"), _either(found, "grade")
        level = "primaria" if named_ == "primaria" else "secundaria"
        last = grade.startswith(("6", "sexto") if level == "primaria" else ("5", "quinto"))
        finished = last and (not _GOES.search(near) or _ENDED.search(near))
        yield words.fact(level if finished else BELOW[level], start, end, 0.97, "grade")


def _either(found: re.Match[str], name: str) -> str:
    """What one of the groups "level", "level2", "level3" says."""
    return found[name] or found[f"{name}2"] or found[f"{name}3"]


def _signs(words: Canonical, open_: list[tuple[int, int]]) -> Iterator[Fact[str]]:
    text = words.text
    for sign in SIGNS:
        if not any(hint in text for hint in sign.hints):
            continue
        school = sign.level in ("primaria", "secundaria")
        for found in sign.pattern.finditer(text):
            start, end = found.span()
            near = before(text, start, 35)
            if sign.level != "none" and any(a < end and start < b for a, b in open_):
                continue
            if (
                _OF_OTHERS.search(near)
                or (school and _TAUGHT.search(near))
                or _NEGATED.search(near)
            ):
                continue
            if sign.rule == "technical" and (
                _LACKS.search(found[0])
                or "pedagogic" in found[0]
                or _UNTITLED.search(after(text, end, 50))
                or (_OF_ANY.match(found[0]) and "tecnic" not in text)
            ):
                continue
            yield words.fact(sign.level, start, end, sign.sure, sign.rule)


_LEVEL_NAMES: Final = tuple(
    (re.compile(pattern), level)
    for pattern, level in (
        (SECONDARY, "secundaria"), (r"\bcole(?:gio)?\b", "secundaria"), (r"\bprimaria", "primaria"),
        (r"\btecnic[oa]|\binstituto|\bcarrera"
        r"|\bsenati", "tecnica"), (r"\buniv(?:ersi|\b)", "universitaria"),
    )
)  # fmt: skip


def named(said: str) -> str | None:
    """The level that a piece of text names last."""
    best: tuple[int, str] | None = None
    for pattern, level in _LEVEL_NAMES:
        for found in pattern.finditer(said):
            if best is None or found.start() > best[0]:
                best = found.start(), level
    return best and best[1]
