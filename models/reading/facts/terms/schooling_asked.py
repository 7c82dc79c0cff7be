"""The least schooling that an ad asks."""

from __future__ import annotations

import re
from typing import Final

from models.reading.facts.canonical import Canonical, JobWords
from models.reading.facts.fact import Fact
from models.reading.facts.terms.clauses import after, before

_PROFESSION: Final = (
    r"(?:enfermer|medic|psicolog|obstetr|ingenier|abogad|contador public|derecho|odontolog"
    r"|biolog|nutricion"
    r"|trabaj\w+ social|arquitect|econom|quimico|veterinari[oa]|sociolog|antropolog"
    r"|tecnolog[oa] medic)"
)
"""Professions that only a university gives, where no technician is named."""
_CUT: Final = r"(?:incomplet\w*|inconclus\w*|no conclu\w*|trunc\w*|en curso)"
_LEVELS: Final = tuple(
    (level, re.compile(pattern))
    for level, pattern in (
        (
            "none",
            r"\bno (?:se )?(?:pedimos|piden?|requiere|exige) (?:de )?estudios|\bsin estudios\b"
            r"|\bno (?:es )?necesari[oa]s? estudios|\bprimari[ao]s?[^.;\n]{0,16}\bincomplet"
            r"|\bno importa (?:el )?(?:grado de )?(?:estudios?|instruccion)",
        ),
        ("primaria", rf"\bprimari[ao]s?\b|\bsecundari?[ao]s? {_CUT}"),
        (
            "secundaria",
            r"\bsecunda?ri?[ao]s?\b|\bsecundara\b|\bcolegio completo"
            rf"|\btecnic\w+ (?:superior |basic[ao] )?(?:{_CUT})|\b5t[oa]? (?:ano )?de media"
            r"|(?<!\ba )(?<!\bcon )(?<!\bpara )(?<!\bde )\bestudiantes?\b|\b[ivx\d]+(?:mo|to|vo"
            r"|no|er|do)?\.? ciclo\b"
            r"|\bno concluida|\btecnic\w+[^.;\n]{0,110}\bminimo \d+ (?:\(\d+\) )?(?:meses"
            r"|semestres|ciclos)"
            rf"|\buniversitari\w+ {_CUT}|\bultimos ciclos",
        ),
        (
            "tecnica",
            r"\btecnic[oa]s?\b|\btecnic[oa]\(|\btitulad[oa]s? (?:de|en) |\binstituto\b"
            r"|\bsenati\b|\bcon titulo\b"
            rf"|\btitulo (?:de|en) (?!{_PROFESSION})[a-z]+|\btecnologo|\btitulo no universitario"
            r"|\bsecretariado\b[^.;\n]{0,30}\b(?:conclui|titul|egresad)|\b(?:egresad\w+"
            r"|titul\w+) [^.;\n]{0,20}secretariado",
        ),
        (
            "universitaria",
            r"\bbachiller\w*|\bunivers\w+|\blicenciad[oa]s?\b(?! (?:de|del) (?:las?|el|ejer"
            r"|servicio|ff))"
            rf"|\blicenciatura|\bingenier[oa]s?\b|\bing\b|\bcolegiad[oa]|\bcolegiatura"
            rf"|\btitulo (?:profesional )?(?:de|en) {_PROFESSION}|\btitulo profesional universi",
        ),
    )
)
_WELCOME: Final = re.compile(
    r"\bdeseable|\bde preferencia|\bpreferi?(?:ble|ente)|\bideal\b|\bopcional|\bmejor si\b"
    r"|\bno (?:es )?(?:indispens|obligat|necesari|excluy)"
)
_BARE: Final = re.compile(r"\btitul(?:o|ad[oa]s?)(?: profesional)?\b")
_HIGH: Final = re.compile(
    r"\blicenciad|\benfermer[oa]s?\b|\bmedico|\bobstetra|\bpsicolog|\bingenier|\babogad|\bquimico"
)
_LOW: Final = re.compile(r"\btecnic|\btec\b")
_NO_SCHOOL: Final = re.compile(
    r"\b(?:capacitacion|cursos?|soporte|conocimientos?|mantenimiento|asistencia|experiencia"
    r"|manejo|apoyo"
    r"|supervision|informe|area|especificaciones|revision|desempen\w+|funcion|cargo|labor\w*"
    r"|programa"
    r"|talleres?|fichas?|como(?: auxiliar)?|puestos? de|agente)\b[^.;\n,]{0,22}$"
)
_NO_MATTER: Final = re.compile(
    r"\btecnic[oa] en [a-z]+(?: o [a-z]+)? o cuidador|\bpedagogic"
    r"|\bo (?:con )?experiencia (?:equivalente|comprobada)"
)
"""Somebody without these studies is as welcome."""


def job(words: JobWords) -> Fact[str] | None:
    """The least schooling that an ad asks, "none" where it says that none is.

    Of alternatives the least; who still studies has the level before. A bare "titulado" is of
    the level that the title of the ad names.
    """
    part = words.requirements
    text = part.text
    for level, pattern in _LEVELS:
        for found in pattern.finditer(text):
            if not _counts(text, found, level):
                continue
            if level in ("tecnica", "universitaria") and _NO_MATTER.search(text):
                return None
            return part.fact(level, found.start(), found.end(), 0.97, level)
    for bare in _BARE.finditer(text):
        titled = _of_title(words.title.text)
        if titled and not _WELCOME.search(before(text, bare.start(), 30)):
            return part.fact(titled, bare.start(), bare.end(), 0.95, "title")
    return _described(words.description)


def _of_title(title: str) -> str | None:
    low, high = _LOW.search(title), _HIGH.search(title)
    return "tecnica" if low else "universitaria" if high else None


def _described(part: Canonical) -> Fact[str] | None:
    none = _LEVELS[0][1].search(part.text)
    if none:
        return part.fact("none", none.start(), none.end(), 0.98, "none")
    found = re.search(r"\b(primaria|secundaria) completa\b", part.text)
    return found and part.fact(found[1], found.start(), found.end(), 0.95, "description")


def _counts(text: str, found: re.Match[str], level: str) -> bool:
    """Whether a level is asked, and no course, function or wish."""
    if level == "none":
        return True
    near, rest = before(text, found.start(), 45), after(text, found.end(), 45)
    near = near.rsplit(",", 1)[-1] if level in ("primaria", "secundaria") else near
    if _WELCOME.search(near) or _WELCOME.search(rest.split(",")[0]):
        return False
    if level == "tecnica" and _NO_SCHOOL.search(near):
        return False
    return not (
        level == "primaria" and rest.startswith((" – secundari", " - secundari", " y secundari"))
    )
