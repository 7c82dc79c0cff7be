"""What an ad may not ask under Peruvian law, whatever else it says.

* Leyes 26772 (changed by 27270) and 28983: no job offer may exclude by sex, age, looks, origin,
  religion or opinion, marital status, children or pregnancy; Ley 29973: by disability; Ley 26626:
  by HIV.
* What it may not ask of minors: `minors`.
"""

from __future__ import annotations

import re
from typing import Final

from models.vetting import minors
from schemas.job import Job

#: Breaches by the ad's words alone: its employer may have none of it in mind.
WORDING: Final = frozenset(
    {"law_sex", "law_age", "law_looks", "law_family", "law_origin", "law_belief", "law_health"}
)

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
    rf"|\b{_ANY} (?:solamente|unicamente|exclusiv\w+)\b"
    rf"|\b{_ANY} (?:jov(?:en|enes) )?(?:de |entre )(?:18|19|[2-6]\d) (?:anos )?(?:a|hasta|y) \d\d\b"
    rf"|\b(?:se (?:necesita|necesitan|busca|buscan|requiere|requieren|solicita|solicitan|contrata)"
    rf"|buscamos|busco|necesito|necesitamos|requerimos|requiero|solicito|solicitamos"
    rf"|contratamos|contrato)"
    rf" (?:\d+ |una? |solo |jovenes )?(?:personal )?{_ANY}\b"
    rf"|\b(?:personal (?:masculino|femenino)|abstenerse {_ANY})\b"
    rf"|^ ?(?:urgente )?(?:senoritas?|srtas?|chicas?|varones|jovencitas?|damas)\b"
    r"|(?<! para)(?<! de)(?<! a)(?<! las) (?:senoritas?|chicas?|jovencitas?|muchachas?|varones)"
    r"(?: \.)? para\b"
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
#: Who seeks somebody may say this of themselves: "familia sin hijos busca".
_THEIRS: Final = (
    r"(?<!familia )(?<!pareja )(?<!matrimonio )(?<!hogar )(?<!casa )(?<!o )(?<!y )(?<!con )"
)
_FAMILY: Final = re.compile(
    rf"\b{_THEIRS}sin (?:hijos|cargas? familiar(?:es)?)\b(?! (?:o|y) con\b)(?!(?: [\w.]+)? busca)"
    r"|\bsolter[oa]s? (?:y |o )?sin (?:hijos|compromisos?)\b"
    r"|\b(?:solo|solamente|de preferencia|preferentemente|preferible(?:mente)?|que sean?|debe ser"
    r"|unicamente|exclusiv\w+|estado civil(?: \.)?) (?:personas? |mujer(?:es)? |varon(?:es)? )?"
    r"(?:solter|casad)[oa]s?\b"
    r"|(?:^|\.) solter[oa]s?(?= (?:\.|$))"
    r"|\bno (?:casad[oa]s|madres|gestantes|embarazadas|tener (?:hijos|pareja))\b"
    r"|\b(?:que )?no (?:tengan?|este|esten) (?:hijos|embarazadas?|gestando)\b"
    r"|\b(?:prueba|test|examen|descarte) de embarazo\b"
)
_FOREIGN: Final = r"(?:extranjer|venezolan|colombian|ecuatorian|haitian|bolivian|cuban)[oa]s?"
_ORIGIN: Final = re.compile(
    rf"\b(?:no(?: se (?:acept|contrat|admit|recib)\w+)?|abstenerse|menos|excepto) (?:personal )?"
    rf"(?:{_FOREIGN}|serran[oa]s?|cholit?[oa]s?|indi[oa]s?|de la sierra|selvatic[oa]s?)\b"
    r"|\b(?:solo|solamente|unicamente|exclusiv\w+)(?: para)? (?:personal )?"
    r"(?:peruan|limen|nacional|nacid)[oa]s?\b(?! (?:con|y no) )"
    r"|\b(?:de )?raza (?:blanca|negra|mestiza)\b"
)
_FAITHS: Final = (
    r"(?:catolic[oa]s?|evangelic[oa]s?|cristian[oa]s?|adventistas?|mormon(?:es)?"
    r"|testigos? de jehova)"
)
_BELIEF: Final = re.compile(
    r"\b(?:solo|solamente|unicamente|exclusiv\w+|de preferencia|preferentemente"
    r"|que (?:sean?|profes\w+)|debe ser|ser|profesar)"
    r" (?:la fe |personas? |joven(?:es)? |hermanos? )?"
    rf"(?:de (?:la )?religion )?{_FAITHS}\b"
    rf"|\b(?:personas?|jovenes|senoritas?|postulantes?) (?:de (?:religion|fe) )?{_FAITHS}\b"
    rf"|\breligion(?: \.)? {_FAITHS}\b"
    r"|\b(?:no|sin) (?:estar |ser )?(?:sindicalizad[oa]s?|afiliacion (?:sindical|politica)"
    r"|antecedentes sindicales)\b"
)
#: Where faith is the work itself.
_OF_FAITH: Final = re.compile(
    r"\b(?:parroqui\w+|pastor(?:al)?|catequ\w+|sacrist\w+|diocesis|sacerdot\w+|misioner\w+"
    r"|(?:educacion|docente|profesora?|curso|clases?) (?:\w+ ){0,2}religi\w+)\b"
)
_HEALTH: Final = re.compile(
    r"\b(?:sin (?:ningun[ao] )?(?:tipo de )?(?:discapacidad(?:es)?|limitacion(?:es)? fisicas?"
    r"|impedimentos? fisicos?|defectos? fisicos?)"
    r"|no (?:se aceptan? )?(?:personas? con )?discapac\w+"
    r"|(?:prueba|test|examen|descarte) de (?:vih|sida|elisa))\b"
)


_OTHERS: Final = (
    ("law_family", _FAMILY), ("law_origin", _ORIGIN), ("law_belief", _BELIEF),
    ("law_health", _HEALTH),
)  # fmt: skip


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
    out |= {code: {} for code, pattern in _OTHERS if pattern.search(text)}
    if "law_belief" in out and _OF_FAITH.search(text):
        del out["law_belief"]
    return out | minors.breaches(job, text)


def found_at(text: str) -> list[tuple[str, int, int]]:
    """Places of words that `breaches` may have read: their code, where they begin and end.

    Args:
        text: Plain words, as `signs.words_of` gives them.
    """
    looked = (
        ("law_sex", _SEX), ("law_age", _AGES), ("law_looks", _LOOKS), *_OTHERS,
        *minors.PLACES,
    )  # fmt: skip
    return [
        (code, found.start(), found.end())
        for code, pattern in looked
        for found in pattern.finditer(text)
    ]


def patterns() -> tuple[re.Pattern[str], ...]:
    """What this module looks for."""
    return (
        _SEX, _BOTH, _PAIR, _AGES, _LOOKS, _FAMILY, _ORIGIN, _BELIEF, _OF_FAITH, _HEALTH,
        *minors.PATTERNS,
    )  # fmt: skip


def names_both(text: str) -> bool:
    """Whether an ad says that women and men may apply."""
    return (_BOTH.search(text) or _PAIR.search(text)) is not None
