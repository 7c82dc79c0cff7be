"""The least schooling that an ad asks."""

from __future__ import annotations

import re
from typing import Final

from models.reading.facts.canonical import JobWords
from models.reading.facts.fact import Fact
from models.reading.facts.terms.clauses import after, before
from models.reading.facts.terms.schooling_described import described, of_title

_PROFESSION: Final = (
    r"(?:enfermer|medic[oi]|psicolog|obstetr|ingenier|abogad|contador(?:a)? public|derecho"
    r"|odontolog"
    r"|biolog|nutricion|trabaj\w+ social|arquitect|econom|quimic|veterinari|sociolog|antropolog"
    r"|tecnolog[oia]+ medic|arqueolog|estadistic|educacion|ciencias|comunicacion social|bibliotec)"
)
"""What only a university teaches, where no technician is named."""
_TRADE: Final = (
    r"(?:electri|electro|mecan|farmacia|gastronom|cocina|turismo|guia|inicial|secretari|computacion"
    r"|informatica|agropecuari|construccion|soldad|carpint|industria|hoteler|refriger|laborator"
    r"|topograf|optometr|protesis|fisioterap|administrativ)"
)
"""What institutes teach."""
_CUT: Final = r"(?:incomplet\w*|inconclus\w*|no conclu\w*|trunc\w*|en curso)"
_ORDINAL: Final = (
    r"(?:[ivx]+|\d{1,2}(?:°|mo|to|vo|no|er|do|ro)?\.?|tercer|cuarto|quinto|sexto|septimo|octavo"
    r"|noveno|decimo)"
)
_LEVELS: Final = tuple(
    (level, re.compile(pattern))
    for level, pattern in (
        (
            "none",
            r"\bno (?:se )?(?:pedimos|piden?|requiere|exigen?|exigimos) (?:de )?estudios"
            r"|\bsin estudios\b"
            r"|\bno (?:es )?necesari[oa]s? estudios|\bprimari[ao]s?[^.;\n]{0,16}\bincomplet"
            r"|\bno importa (?:el )?(?:grado de )?(?:estudios?|instruccion)",
        ),
        ("primaria", rf"\bprimari[ao]s?\b|\bsecundari?[ao]s? {_CUT}"),
        (
            "secundaria",
            r"\bsecunda?ri?[ao]s?\b|\bsecundara\b|\bcolegio completo|\b5t[oa]? (?:ano )?de media"
            rf"|\btecnic\w+ (?:superior |basic[ao] )?(?:{_CUT})|\bultimos ciclos|\bno concluida"
            r"|(?<!\ba )(?<!\bcon )(?<!\bpara )(?<!\bde )\bestudiantes?\b"
            rf"|\b{_ORDINAL}(?: \(\d+\))? (?:ciclo|semestre)\b|\buniversitari\w+ {_CUT}"
            r"|\btecnic\w+[^.;\n]{0,110}\bminimo \d+ (?:\(\d+\) )?(?:meses|semestres|ciclos)"
            r"|\buniversitari\w+ (?:concluidos o en curso|a partir del)",
        ),
        (
            "tecnica",
            r"\btecnic[oa]s?\b|\btecnic[oa]\(|\binstitutos?\b|\bsenati\b|\bcon titulo\b"
            r"|\btecnologo\b"
            rf"|\btitul(?:o|ad[oa]s?) (?:de|en) (?:la )?{_TRADE}|\btitulo no universitario"
            r"|\bsecretariado\b[^.;\n]{0,30}\b(?:conclui|titul|egresad)"
            r"|\b(?:egresad\w+|titul\w+) [^.;\n]{0,20}secretariado",
        ),
        (
            "universitaria",
            r"\bbachiller\w*|\bunivers\w+|\blicenciatura|\bingenier[oa]s?\b|\bing\b|\bcolegiad[oa]"
            r"|\bcolegiatura\b(?!\W{0,3}no\b)|\blicenciad[oa]s?\b"
            r"(?! (?:(?:de|del|de las?) )?(?:ejer|servicio|ff|fuerza|fap|marina))"
            rf"|\btitul(?:o|ad[oa]s?)/? (?:profesional )?(?:de|en) (?:la carrera de )?{_PROFESSION}"
            r"|\btitulo profesional (?:en|de)\b",
        ),
    )
)
_WELCOME: Final = re.compile(
    r"\bdeseable|\bde preferencia|\bpreferi?(?:ble|ente)|\bideal\b|\bopcional|\bmejor si\b"
    r"|\bno (?:es )?(?:indispens|obligat|necesari|excluy)"
)
_BARE: Final = re.compile(r"\btitul(?:o|ad[oa]s?)(?: profesional)?\b")
_NO_SCHOOL: Final = re.compile(
    r"\b(?:capacitacion|cursos?|soporte|conocimientos?|mantenimiento|asistencia|experiencia"
    r"|manejo|apoyo"
    r"|supervision|informe|area|especificaciones|revision|desempen\w+|funcion|cargo|labor\w*"
    r"|programa"
    r"|talleres?|fichas?|como(?: auxiliar)?|puestos? de|agente)\b[^.;\n,]{0,22}$"
)
_SUBJECT: Final = re.compile(
    r"\b(?:titul\w+|bachiller|licenciad\w+|profesor\w*|docente|especialidad|mencion|ensenanza"
    r"|inicial|iiee|educativas|alumnos|pedagog\w+|nivel de educacion)\b"
)
"""A level that somebody teaches."""
_CARE: Final = re.compile(r"\b(?:atencion|salud|educativas?|vacunacion) (?:de )?$")
_WORKED: Final = re.compile(r"\b(?:experiencia|funciones|labores)\b")
_STUDIED: Final = re.compile(r"\b(?:titul|egresad|estudi|formacion|carrera|bachiller|grado|nivel)")
_COMPLETE: Final = re.compile(r" ?(?:complet|camplet|conclu|\()")
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
        titled = of_title(words.title.text)
        if titled and not _WELCOME.search(before(text, bare.start(), 30)):
            return part.fact(titled, bare.start(), bare.end(), 0.95, "title")
    return described(words)


def _counts(text: str, found: re.Match[str], level: str) -> bool:
    """Whether a level is asked, and no course, function or wish."""
    if level == "none":
        return True
    near, rest = before(text, found.start(), 45), after(text, found.end(), 45)
    if level in ("primaria", "secundaria"):
        if _CARE.search(near):
            return False
        if _SUBJECT.search(near) and not _COMPLETE.match(rest):
            return False
        near = near.rsplit(",", 1)[-1]
    if _WELCOME.search(near) or _WELCOME.search(rest.split(",")[0]):
        return False
    if level == "tecnica":
        said = before(text, found.start(), 90)
        if _NO_SCHOOL.search(near) or (_WORKED.search(said) and not _STUDIED.search(said)):
            return False
    return not (
        level == "primaria" and rest.startswith((" – secundari", " - secundari", " y secundari"))
    )
