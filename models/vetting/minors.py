"""Work that an ad may not offer to the minors whom it takes.

* Ley 27337 (Código de los Niños y Adolescentes): nobody below 14 works (art. 51, changed by Ley
  27571), nobody below 18 at night (art. 57) or in dangerous work (art. 58), which D.S.
  003-2010-MIMDES lists, and D.S. 009-2022-MIMP after it.
* Ley 31047: nobody below 18 does domestic work.
"""

from __future__ import annotations

import re
from typing import Final

from schemas.job import Job
from schemas.vocab import plain

ADULT, LEAST_AGE = 18, 14
_DANGER: Final = re.compile(
    r"\b(?:mina|minas|mineros?|mineria|socavon|cantera|explosiv\w+|dinamita|altura|alturas"
    r"|andamios?"
    r"|plaguicidas?|fumig\w+|pesticidas?|agroquimicos?|quimicos|asbesto|fundicion|soldadura"
    r"|alta tension"
    r"|maquinaria pesada|retroexcavadora|sierra|aserradero|camal|matadero|frigorific\w+|camara fria"
    r"|bar|bares|discoteca|night ?club|cantina|licor(?:es)?|cerveza|estib\w+|carga pesada"
    r"|cargar sacos"
    r"|basural|reciclaje de residuos|residuos (?:toxicos|hospitalarios)|pesca de altura|buceo"
    r"|pirotecnic\w+|fuegos artificiales|cohetes|chancan|pallaquer\w+|mototaxi"
    r"|ladrill\w+|socavon|polvora|soldar|soldador\w*|esmeril\w+|chancador\w*|hornos?|freidora"
    r"|carboneria|estibar|cargador\w*|descargar|fumig\w+|botadero|bolichera|compresora|pota|vigil\w+"
    r"|mar adentro|desmonte|mineral|oro|quimbalete\w*|pallaque\w*|horno|demolicion|vigilan\w+"
    r"|seguridad armada|arma)\b"
)
_HOME: Final = re.compile(
    r"\b(?:cama (?:adentro|afuera)|(?:trabajador\w*|emplead\w+|trabajo) (?:del hogar|domestic\w+)"
    r"|niner[ao]s?"
    r"|(?:ayud|apoy|limp|cuid)\w+ (?:\w+ ){0,3}(?:en|de|la) (?:la |una )?(?:casa|hogar))\b"
)
_NIGHT: Final = re.compile(
    r"\b(?:turno (?:de )?noche|nocturn\w+|de noche|(?:en|por) la noche|madrugada"
    r"|amanecida|hasta las (?:1[0-2]|[1-5])(?: (?:pm|am|a m))?|(?:de|a) [2-5] ?am)\b"
)
#: Requirements that are an age band alone: "15 a 17", "De 9 a 13 años".
_BAND: Final = re.compile(r"(?:de |entre )?(1[0-7]|[6-9](?=.*anos)) ?(?:a|y|-) ?(?:1\d|2\d)\b")
_NO: Final = re.compile(
    r"\b(?:no|ni|sin|nunca|lejos de)(?: (?:se|hay|trabaj\w+|us\w+|carg\w+|con)){0,4} ?$"
)
_MINOR: Final = re.compile(
    r"\b(?:desde|a partir de|mayores de) (?:los )?(1[0-7])(?: anos)?\b(?! (?:de la|am|pm|horas"
    r"|h)\b)"
    r"|\bde (1[0-7])(?: anos)? (?:a|hasta) (?:los )?(?:1\d|2\d) anos\b"
    r"|\b(?:nin|ninit|jovencit|muchach|chic)[ao]s? de (1[0-7])(?: a 1\d)? anos"
    r"(?= (?:para|que) (?:cuid|ayud|trabaj|acompan|limpi|vend))"
    r"|\b(?:chic|chiquit|muchach|jovencit)[ao]s?(?: [\w.]+){0,5}? ([6-9]|1[0-7])"
    r"(?: (?:a|o|hasta) (?:1[0-9]|2[0-8])\b(?! horas)| anos en adelante)"
    r"|\b(?:chicos|hijos|ninos)\b(?: \w+){0,2}? (?:chanc\w+|para (?:voltear|chancar|rellenar))\b"
    r"|\b(?:menores|adolescentes|escolares|ninos)\b(?: \w+){0,3}? (?:pueden|tambien|bienvenidos"
    r"|para"
    r" (?:trabaj|cosech|carg|ladrill|vend|ayud|recog|apoy)\w+)\b"
)
#: Who teaches, trains or looks after minors: their ages are no age of the applicant.
TAUGHT: Final = re.compile(
    r"\b(?:clases|talleres|tutor\w*|profesor\w*|docente|entrenador\w*|instructor\w*|alumn\w+"
    r"|albergue|aula|categorias?|nido|prevencion|trabajo infantil|animador\w*"
    r"|mayor(?:es)? de (?:edad|18)|(?:cuidar|ensenar|tareas) (?:\w+ ){0,3}(?:nin|chic|hij)\w+)\b"
)
_NOT_MINOR: Final = re.compile(
    r"\b(?:no|prohibid\w+|para|con|de|cuid\w+|ensen\w+|clases?|profesor\w*|tutor\w*|atencion)"
    r"(?: \w+){0,3} (?:menores de edad|adolescentes|escolares|menor de edad)"
)
PATTERNS: Final = (_DANGER, _HOME, _NIGHT, _MINOR, _NOT_MINOR, TAUGHT, _BAND, _NO)
"""What this module looks for."""
PLACES: Final = (
    ("law_child", _MINOR), ("law_minor", _MINOR), ("law_minor", _DANGER), ("law_minor", _HOME),
    ("law_minor", _NIGHT),
)  # fmt: skip
"""By code, what a reviewer is shown."""


def breaches(job: Job, text: str) -> dict[str, dict[str, str | int | float]]:
    """Whether an ad takes minors for work that is forbidden to them, by code, with the facts.

    Args:
        job: The ad.
        text: Its words, as `signs.words_of` gives them.
    """
    age = _stated_age(job, text)
    if age is None or age >= ADULT:
        return {}
    if age < LEAST_AGE:
        return {"law_child": {"age": age}}
    why = forbidden(job, text)
    return {"law_minor": {"age": age, "why": why}} if why else {}


def forbidden(job: Job, text: str) -> str:
    """What makes an ad's work forbidden to adolescents, as its sentence says it; "" if nothing."""
    if job.shift == "night" or _NIGHT.search(text):
        return "de noche (Ley 27337)"
    if any(not _NO.search(text[: found.start()]) for found in _DANGER.finditer(text)):
        return "peligroso (D.S. 009-2022-MIMP)"
    return "del hogar (Ley 31047)" if _HOME.search(text) else ""


def _stated_age(job: Job, text: str) -> int | None:
    """The least age that the ad takes, if it says one below 18 or its field says one."""
    if job.min_age:
        return job.min_age
    if job.requirements and (band := _BAND.match(plain(job.requirements))):
        return int(band[1])
    spared = _NOT_MINOR.search(text) or TAUGHT.search(text)
    found = None if spared else _MINOR.search(text)
    if found is None:
        return None
    return int(next((group for group in found.groups() if group), ADULT - 1))
