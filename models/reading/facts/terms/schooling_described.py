"""The least schooling that an ad asks in its description."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from models.reading.facts.canonical import JobWords
from models.reading.facts.fact import Fact
from models.reading.facts.terms.asking import begins, head, is_welcome
from models.reading.facts.terms.clauses import MOST_FOUND, sentence

HINTS: Final = (
    "primari", "secundari", "tecnic", "titul", "bachiller", "colegiad", "colegiatura", "egresad",
    "licenciad", "universi", "instituto", "senati",
)  # fmt: skip
_DONE: Final = r"(?:complet|conclui?d|terminad|culminad|acabad)[oa]s?"
_TITLED: Final = r"(?:titulad|egresad|graduad|diplomad)[oa]s?(?:\(as?\)|/a)?"
_ENDS: Final = (
    r"(?= ?(?:[.,;:)!\n+*•/]|$|-|y\b|o\b|con\b|para\b|minim|indispens|obligat|como minimo|a mas"
    r"|de preferencia|vigente))"
)
_PROFESSION: Final = (
    r"(?:medic[oa]s?|enfermer[oa]s?|psicolog[oa]s?|obstetras?|ingenier[oa]s?|abogad[oa]s?"
    r"|contador(?:a|es|as)?(?:\(a\))?"
    r"|odontolog[oa]s?|biolog[oa]s?|nutricionistas?|arquitect[oa]s?|economistas?|quimic[oa]s?"
    r"|veterinari[oa]s?|sociolog[oa]s?|antropolog[oa]s?|tecnolog[oa] medic[oa]|farmaceutic[oa]s?"
    r"|ing\.?|trabajador(?:a)? social|geolog[oa]s?|administrador(?:a)?|periodistas?"
    r"|profesional(?:es)?)"
)
_SECONDARY: Final = r"(?:secundari[oa]|secundara|secund|secu)"
_SIGNS: Final = tuple(
    (level, how, re.compile(pattern))
    for level, how, pattern in (
        (
            "none", "none",
            r"\bno (?:se )?(?:pedimos|piden?|requiere|exigen?|exigimos) (?:de )?estudios"
            r"|\bsin estudios\b"
            r"|\bno (?:es )?necesari[oa]s? estudios|\bno importa (?:el )?(?:grado de )?(?:estudios?"
            r"|instruccion)|\bprimaria incompleta",
        ),
        ("primaria", "begins", rf"\b{_SECONDARY} (?:incomplet|inconclus|trunc)[oa]"),
        (
            "primaria", "done",
            rf"\b(?:primaria|estudios primarios) (?:{_DONE}|minim|como minimo|indispens)",
        ),
        ("primaria", "bare", rf"\bprimaria\b{_ENDS}"),
        (
            "secundaria", "done",
            rf"\b(?:{_SECONDARY}|estudios secundarios) "
            rf"(?:tecnica )?(?:{_DONE}|minim|como minimo|indispens)|\bcolegio (?:{_DONE})",
        ),
        (
            "secundaria", "bare",
            rf"\b{_SECONDARY}(?: tecnica)?\b{_ENDS}|\bestudios secundarios\b"
            rf"|\b(?:5(?:to|°|º)?|quinto) (?:ano )?de {_SECONDARY}\b{_ENDS}",
        ),
        (
            "tecnica", "done",
            r"\btecnic[oa]s?(?:\(as?\)|/a)?(?: (?!para\b|que\b|por\b|apoy|ingenier"
            r"|licenciad)[a-z/]+){0,5}? "
            rf"(?:{_TITLED}|{_DONE})\b"
            rf"|\b{_TITLED} (?:como )?tecnic[oa]"
            rf"|\btitul\w+ (?:profesional )?(?:de |como )?tecnic|\btitulo a nombre de la nacion"
            rf"|\b(?:{_TITLED}|{_DONE}|titulo) (?:de |del |en )?(?:carreras? tecnicas?"
            rf"|institutos?\b|senati"
            rf"|tecsup|sencico|ist\b)"
            rf"|\b(?:instituto|senati|tecsup|sencico) (?:{_DONE})"
            r"|\b(?:bachiller|universitari[oa]s?)(?:\(a\))?(?: en [a-z]+)?,? (?:o|y/o|/) "
            r"(?:egresad[oa]s? )?(?:de )?tecnic[oa]s?\b"
            r"|\btecnic[oa]s?(?: en [a-z]+| de [a-z]+| superior)? (?:o|y/o|/) "
            r"(?:bachiller|universitari|titulad|licenciad)",
        ),
        (
            "tecnica", "sentence",
            r"\btecnic[oa](?:\(as?\)|/a)?(?: (?:en|de))?(?! (?:con|para|que|de campo|responsable"
            r"|empiric|experiment))"
            r" [a-z]{5,}(?: [a-z]+)?(?=[,.\n]|$| (?:o|u|y/o) "
            r"(?!(?!ingenier)[a-z]*(?:dor|dora|ero|era|ista|ante)\b|personas?\b|empiric))",
        ),
        (
            "tecnica", "begins",
            r"\b(?:estudios|carreras?|formacion|nivel|grado) (?:de (?:estudios"
            r"|instruccion):? )?tecnic[oa]s?\b",
        ),
        (
            "universitaria", "begins",
            r"\bbachiller(?:es)?\b(?:\(a\)|/a)?(?! tecnic)|\bcolegiad[oa]s?\b"
            r"|\bcolegiatura\b(?!\W{0,3}no\b)"
            rf"|\b{_PROFESSION}(?: [a-z]+)? (?:titulad|colegiad|licenciad)[oa]s?\b"
            r"|\b(?:lic\.?|licenciad[oa]s?)(?:\(as?\)|/[oa])? (?:en |o licenciad|con colegiatura"
            r"|titulad|colegiad)"
            r"|\btitul(?:o|ad[oa]s?)(?: profesional)? (?:(?:de|en) (?:la )?)?(?:universitari"
            r"|universidad)"
            rf"|\btitulad[oa]s?(?: y colegiad| en {_PROFESSION})|\btitulo (?:profesional )?"
            rf"(?:de|en) (?:la carrera de )?{_PROFESSION}"
            rf"|\b(?:egresad[oa]s?|graduad[oa]s?) (?:de (?:la )?)?universi\w+"
            rf"|\b(?:estudios |carrera |formacion )?universitari[oa]s? (?:{_TITLED}|{_DONE})\b",
        ),
    )
)  # fmt: skip
"""Level, where it must stand, what says it."""
_PROFESSIONAL: Final = re.compile(rf"(?:.* )?{_PROFESSION}(?: [a-z]+)?(?: [yo])?")
_SEEKS: Final = re.compile(
    r"\b(?:requ\w+|busca\w*|necesit\w+|solicit\w+|contrat\w+|convoc\w+|pid\w+|pedimos|exig\w+"
    r"|indispensable|obligatori\w+|minimo|requisitos?|debe\w*|tener)\b(?: [a-z/()]+){0,4}$"
)
_OF_OTHERS: Final = re.compile(
    r"\b(?:supervi\w+|cargo|dirig\w+|direccion|junto|nuestr[oa]s?|mi|mis|su|apoy\w+|asist\w+"
    r"|ayud\w+|guiad\w+"
    r"|equipo|atendid\w+|firmad\w+|aten\w+|alumn\w+|estudiantes?|escolar\w*|ninos?|ninas?"
    r"|hij[oa]s?|clases"
    r"|clientes?|pacientes?|refuerzo|reforzamiento|tareas|tutor\w*|nivel(?:es)? de|colegios?"
    r"|escuelas?"
    r"|libros?|utiles|textos|cursos?|certific\w+|capacit\w+|convenio|becas?|te damos|aprend\w+"
    r"|estudia\w*"
    r"|para que|soporte|asesor\w*|servicios?|mantenimiento|area|experiencia|examen|copia|traer"
    r"|llevar"
    r"|presentar|fotocopia|sin|ni|empresa|somos|firma)\b[^.;\n]{0,40}$"
)
"""Whose level it is, else: pupils, a chief, a firm; or a paper to bring."""
_CUT: Final = re.compile(r"[^.,;\n]{0,20}\b(?:incomplet|inconclus|trunc|en curso|no conclu)")
_TAUGHT: Final = re.compile(
    r"\b(?:docentes?|profesor\w*|profes?\b|tutor\w*|maestr[oa]s? de|colegios?|escuelas?|alumn\w+"
    r"|auxiliar(?:es)? de educacion|academia|refuerzo|tareas|escolar\w*|inicial|i\.? ?e\.?\b)"
)
_FORMS: Final = re.compile(r"\baprendi[zc]|\bmodalidad formativa|\bbecas?\b|\bbecari")
"""Who learns there, and may get a career for it."""
_STUDENTS: Final = re.compile(r"\bestudiantes?\b.* o\b")
"""Of alternatives the least: who still studies."""
_STILL: Final = re.compile(r"\bestudiantes?\b|\bciclos?\b|\bsemestres?\b|\ben curso\b")
_OR_WORD: Final = re.compile(r"\b(?:o|y/o|u)\b|/")
_OR_TECHNICAL: Final = re.compile(
    r"(?:\bo|\by/o|\bu|/) ?(?:[a-z]+ ){0,2}tecnic|\btecnic[oa]s?(?: [a-z]+)?(?: ?,| o\b| ?/| y/o\b)"
)
_OR: Final = re.compile(
    r"(?:(?:estudiantes?|secundaria|tecnic[oa]|bachiller|egresad[oa])\b[a-z ]*? o|) ?(?:con)?"
)
_SENTENCE: Final = re.compile(r"[.;\n!] ?[•*+-]? ?$")
"""Behind another sentence: the first one says who is sought, not what they studied."""
_OR_PRACTICE: Final = re.compile(
    r"[^.;\n]{0,60}?\bo (?:bien )?(?:con )?(?:\d+ anos|(?:su )?experiencia|empiric|practica"
    r"|equivalent)"
)
_BARE: Final = re.compile(r"\btitul(?:o|ad[oa]s?)(?: profesional)?\b")
_HIGH: Final = re.compile(
    r"\blicenciad|\benfermer[oa]s?\b|\bmedico|\bobstetra|\bpsicolog|\bingenier|\babogad|\bquimico"
)
_LOW: Final = re.compile(r"\btecnic|\btec\b")


def described(words: JobWords) -> Fact[str] | None:
    """The least level that clauses of the description ask, "none" where they ask none."""
    part = words.description
    text = part.text
    if "estudios" not in text and not any(hint in text for hint in HINTS):
        return None
    said = f"{words.title.text}\n{text}"
    school, forms = _TAUGHT.search(said) is not None, _FORMS.search(said) is not None
    for level, how, pattern in _SIGNS:
        for found in islice(pattern.finditer(text), MOST_FOUND):
            if how == "none":
                return part.fact(level, found.start(), found.end(), 0.98, "none")
            if (forms and how != "done") or not _is_asked(text, found, how, school):
                continue
            if _OR_PRACTICE.match(text, found.end()) or _or_less(text, found, level):
                return None
            return part.fact(level, found.start(), found.end(), 0.96, "described")
    titled = of_title(words.title.text)
    for bare in _BARE.finditer(text):
        if titled and begins(head(text, bare.start())) and not is_welcome(text, *bare.span()):
            return part.fact(titled, bare.start(), bare.end(), 0.96, "title")
    return None


def of_title(title: str) -> str | None:
    """The level of the trade that a title names: a nurse's, a technician's."""
    low, high = _LOW.search(title), _HIGH.search(title)
    if low and high:
        return None
    return "tecnica" if low else "universitaria" if high else None


def _or_less(text: str, found: re.Match[str], level: str) -> bool:
    """Whether the sentence names a lower level beside, in words that are no sign by themselves."""
    if level in ("none", "primaria", "secundaria"):
        return False
    said = sentence(text, *found.span(), 110)
    if _STILL.search(said) and _OR_WORD.search(said):
        return True
    return level == "universitaria" and _OR_TECHNICAL.search(said) is not None


def _is_asked(text: str, found: re.Match[str], how: str, school: bool) -> bool:
    """Whether a clause asks a level of who applies."""
    near = head(text, found.start())
    if _OF_OTHERS.search(near.rsplit(" y ", 1)[-1]) or _STUDENTS.search(near):
        return False
    if is_welcome(text, *found.span()) or _CUT.match(text, found.end()):
        return False
    if how == "done":
        return True
    if how == "bare":
        return not school and bool(begins(near) or _OR.fullmatch(near))
    if how == "sentence":
        return not near and _SENTENCE.search(text, 0, found.start()) is not None
    return begins(near) or bool(_PROFESSIONAL.fullmatch(near) or _SEEKS.search(near))
