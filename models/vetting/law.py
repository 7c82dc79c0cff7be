"""What an ad may not ask under Peruvian law, whatever else it says.

* Leyes 26772 (changed by 27270) and 28983: no job offer may exclude by sex, age, race or looks.
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
#: Breaches by the ad's words alone: its employer may have none of it in mind.
WORDING: Final = frozenset({"law_sex", "law_age", "law_looks"})

_MEN: Final = (
    r"(?:varon(?:es)?|hombres?|senor(?:es)?|caballeros?|masculino|jovenes varones|chicos?"
    r"|muchachos?)"
)
_WOMEN: Final = (
    r"(?:mujer(?:es)?|damas?|senoritas?|srtas?|femenino|chicas?|jovencitas?|senoras?|muchachas?)"
)
_ANY: Final = rf"(?:{_MEN}|{_WOMEN})"
_SEX: Final = re.compile(
    rf"\b(?:solo|solamente|unicamente|exclusiv\w+|preferentemente|de preferencia"
    rf"|(?:sexo|genero)(?: \.)?) (?:para |sexo )?{_ANY}\b"
    rf"|\b{_ANY} (?:solamente|unicamente|exclusiv\w+|de \d\d (?:a|hasta|y) \d\d)\b"
    rf"|\b(?:se (?:necesita|necesitan|busca|buscan|requiere|requieren|solicita|solicitan|contrata)"
    rf"|buscamos|busco|necesito|necesitamos|requerimos|requiero|solicito|solicitamos"
    rf"|contratamos|contrato)"
    rf" (?:\d+ |una? |solo |jovenes )?(?:personal )?{_ANY}\b"
    rf"|\b(?:personal (?:masculino|femenino)|abstenerse {_ANY})\b"
    rf"|^ ?(?:urgente )?(?:senoritas?|srtas?|chicas?|varones|jovencitas?|damas)\b"
    r"|(?<! para)(?<! de)(?<! a)(?<! las) (?:senoritas?|chicas?|jovencitas?|muchachas?|varones)"
    r"(?: \.)? para\b"
    rf"|\b(?:solter[oa]s? (?:y |o )?sin (?:hijos|compromisos?)|sin hijos (?:ni|o|y) solter[oa]s?)\b"
    rf"|\b(?:no (?:se acept\w+|contrat\w+|mujeres|varones|hombres)) ?{_ANY}?\b"
)
_BOTH: Final = re.compile(
    r"\b(?:ambos sexos|sexo indistinto|indistinto|todos los generos|cualquier (?:sexo|genero)"
    r"|sin distincion)\b"
)
_AND: Final = r"(?: (?:y|o|u|e|ni|y o|o y|\.))?(?: (?:una?|sexo|personal|para|de))? "
_PAIR: Final = re.compile(
    rf"\b(?:{_MEN}{_AND}{_WOMEN}|{_WOMEN}{_AND}{_MEN}"
    r"|(?:senor|chico|muchacho) (?:ita )?a(?! (?:tiempo|cargo|medio|domicilio)))\b"
)
_AGES: Final = re.compile(
    r"\b(?:edad(?:es)? (?:maxima |entre |de )?|de |entre (?:los )?|desde (?:los )?)?(?:18|19"
    r"|[2-6]\d)"
    r"(?: anos)? (?:a|y|hasta|al?) (?:los )?([2-7]\d) ?(?:anos|de edad)\b(?! de experiencia)"
    r"|\bedad (?:[\w.]+ ){0,2}(?:1[89]|[2-6]\d) (?:(?:a|y|hasta) )?([2-7]\d)\b"
    r"|\b(?:maximo|max|(?<!garantia )hasta|no mayor(?:es)? (?:de|a)|menor(?:es)? de|tope) (?:de "
    r"|los )?([2-6]\d) anos\b"
    r"(?! de (?:experiencia|antiguedad|garantia|contrato|credito))"
    r"|\bedad (?:maxima|limite|tope) (?:de )?(?:los )?([2-6]\d)\b"
    r"|\bno mas de (?:los )?([2-6]\d)(?: anos)?\b(?! (?:horas|minutos|km|kilos|anos de))"
    r"|\bde 18 a (2\d|3\d)\b"
)
_SHE: Final = r"(?:chicas?|senoritas?|mujer(?:es)?|jovencitas?|ninas?|personas?|cara|muy)"
_LOOKS: Final = re.compile(
    r"\b(?:buena presencia|buen aspecto|excelente presencia|tez (?:clara|blanca|morena)|piel clara"
    r"|piel blanca|blanquit\w+|buena? (?:figura|fisico|cuerpo)|buen fisico|agraciad\w+|guap[ao]s?"
    rf"|{_SHE} (?:atractiv[ao]s?|bonitas?|hermosas?|lindas?)|lind[ao]s? {_SHE}|simpaticas?"
    r"|fisicamente atractiv[ao]s?|(?:figura|cuerpo|altas? y|simpatica y) delgad[ao]s?"
    r"|talla (?:minima|de)|estatura|contextura (?:delgada|atletica)|rasgos (?:finos|europeos)"
    r"|no (?:de )?provincia\w*|buen(?:os)? apellidos?"
    r"|apellidos? (?:reconocid|extranjer|compuest)\w+"
    r"|nacid[ao]s? en (?:lima|la capital)|sin tatuajes|(?:sus|tus) medidas|medidas corporales)\b"
)
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


def breaches(job: Job, text: str) -> dict[str, dict[str, str | int | float]]:
    """What an ad breaks, by code, with the facts for its sentence.

    Args:
        job: The ad.
        text: Its words, as `signs.words_of` gives them.
    """
    out: dict[str, dict[str, str | int | float]] = {}
    if not _BOTH.search(text) and _SEX.search(_PAIR.sub(".", text)):
        out["law_sex"] = {}
    if found := _AGES.search(text):
        out["law_age"] = {"most": int(next(group for group in found.groups() if group))}
    if found := _LOOKS.search(text):
        out["law_looks"] = {}
    age = _stated_age(job, text)
    if age is not None and age < LEAST_AGE:
        out["law_child"] = {"age": age}
    elif age is not None and age < ADULT and (why := forbidden(job, text)):
        out["law_minor"] = {"age": age, "why": why}
    return out


def found_at(text: str) -> list[tuple[str, int, int]]:
    """Places of words that `breaches` may have read: their code, where they begin and end.

    Args:
        text: Plain words, as `signs.words_of` gives them.
    """
    looked = (
        ("law_sex", _SEX), ("law_age", _AGES), ("law_looks", _LOOKS), ("law_child", _MINOR),
        ("law_minor", _MINOR), ("law_minor", _DANGER), ("law_minor", _HOME), ("law_minor", _NIGHT),
    )  # fmt: skip
    return [
        (code, found.start(), found.end())
        for code, pattern in looked
        for found in pattern.finditer(text)
    ]


def forbidden(job: Job, text: str) -> str:
    """What makes an ad's work forbidden to adolescents, as its sentence says it; "" if nothing."""
    if job.shift == "night" or _NIGHT.search(text):
        return "de noche (Ley 27337)"
    if any(not _NO.search(text[: found.start()]) for found in _DANGER.finditer(text)):
        return "peligroso (D.S. 009-2022-MIMP)"
    return "del hogar (Ley 31047)" if _HOME.search(text) else ""


def patterns() -> tuple[re.Pattern[str], ...]:
    """What this module looks for."""
    return (
        _SEX, _BOTH, _PAIR, _AGES, _LOOKS, _DANGER, _HOME, _NIGHT, _MINOR, _NOT_MINOR, TAUGHT,
        _BAND, _NO,
    )  # fmt: skip


def names_both(text: str) -> bool:
    """Whether an ad says that women and men may apply."""
    return (_BOTH.search(text) or _PAIR.search(text)) is not None


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
