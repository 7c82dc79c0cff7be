"""Closed vocabularies of the events, and how people's spellings become their terms.

Every normaliser is a pure function from what a publisher wrote to a canonical term, or None where
it cannot be read: an unreadable term is unknown, and what is unknown never filters anybody out.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LICENCES: Final[tuple[str, ...]] = (
    "A-I", "A-IIa", "A-IIb", "A-IIIa", "A-IIIb", "A-IIIc", "B-I", "B-IIa", "B-IIb", "B-IIc",
)  # fmt: skip
"""Driving licence classes, Decreto Supremo 007-2016-MTC: A four wheels, B two and three."""

LICENCE_COVERS: Final[dict[str, frozenset[str]]] = {
    "A-I": frozenset({"A-I"}),
    "A-IIa": frozenset({"A-I", "A-IIa"}),
    "A-IIb": frozenset({"A-I", "A-IIa", "A-IIb"}),
    "A-IIIa": frozenset({"A-I", "A-IIa", "A-IIb", "A-IIIa"}),
    "A-IIIb": frozenset({"A-I", "A-IIa", "A-IIb", "A-IIIb"}),
    "A-IIIc": frozenset({"A-I", "A-IIa", "A-IIb", "A-IIIa", "A-IIIb", "A-IIIc"}),
    "B-I": frozenset({"B-I"}),
    "B-IIa": frozenset({"B-I", "B-IIa"}),
    "B-IIb": frozenset({"B-I", "B-IIa", "B-IIb"}),
    "B-IIc": frozenset({"B-I", "B-IIa", "B-IIb", "B-IIc"}),
}
"""What a holder may drive: passengers (IIIa) and cargo (IIIb) do not cover each other."""

NO_LICENCE: Final = "none"

EDUCATION: Final[tuple[str, ...]] = ("none", "primaria", "secundaria", "tecnica", "universitaria")
"""Schooling, from less to more."""

SHIFTS: Final[tuple[str, ...]] = ("day", "night", "rotating", "part_time", "weekend")

_SPELT_LANGUAGES: Final[dict[str, str]] = {
    "es": "spa, espanol, castellano, spanish",
    "qu": "que, quz, quy, qub, qvc, qxw, quechua, runasimi, runa simi, kichwa, quichua",
    "ay": "aym, ayr, aymara, aimara",
    "en": "eng, ingles, english",
    "pt": "por, portugues, portuguese",
    "fr": "fra, fre, frances, french",
    "it": "ita, italiano, italian",
    "de": "deu, ger, aleman, german",
    "zh": "zho, chi, chino, mandarin, chinese",
    "ja": "jpn, japones, japanese",
    "ko": "kor, coreano, korean",
    "ru": "rus, ruso, russian",
    "cni": "ashaninka",
    "agr": "awajun, aguaruna",
    "shp": "shipibo, shipibo-konibo, shipibo-conibo",
    "mcb": "matsigenka, machiguenga, matsiguenga",
    "not": "nomatsigenga, nomatsiguenga",
    "hub": "wampis, huambisa",
    "jiv": "achuar",
    "yaa": "yaminahua",
    "pib": "yine, piro",
    "ame": "yanesha, amuesha",
    "cbt": "shawi, chayahuita",
    "yad": "yagua",
    "tca": "tikuna, ticuna",
    "cod": "kukama, kukama-kukamiria, cocama",
    "ura": "urarina",
    "amc": "amahuaca",
    "cbs": "kashinawa, cashinahua",
    "mcf": "matses",
    "boa": "bora",
    "huu": "murui, huitoto",
    "jqr": "jaqaru",
    "prl": "lsp, lengua de senas, lenguaje de senas, lengua de senas peruana, senas",
}
LANGUAGES: Final[tuple[str, ...]] = tuple(_SPELT_LANGUAGES)
"""ISO 639-1, else 639-3: the languages of Peru with most speakers and the foreign ones jobs ask."""

_LANGUAGE_OF: Final[dict[str, str]] = {
    word: code for code, words in _SPELT_LANGUAGES.items() for word in (code, *words.split(", "))
}

_EDUCATION_WORDS: Final[tuple[tuple[str, str], ...]] = (
    (r"^(none|ningun[oa]?|no)\b|analfab|iletrad|sin (estudios|instruccion|nivel)", "none"),
    (r"primari", "primaria"),
    (r"secund|\bcolegio\b", "secundaria"),
    (r"tecnic|instituto|cetpro|cenecape|senati|superior(?! univ)", "tecnica"),
    (r"univers|bachiller|titulad|licenciad|maestria|magister|doctor|ingenier", "universitaria"),
)
_UNFINISHED = re.compile(
    r"incomplet|inconclus|trunc|sin (terminar|acabar|concluir)|no (termin|acab)"
)
_FINISHED_BEFORE: Final = {
    "none": "none",
    "primaria": "none",
    "secundaria": "primaria",
    "tecnica": "secundaria",
    "universitaria": "secundaria",
}
_SHIFT_WORDS: Final[tuple[tuple[str, str], ...]] = (
    (r"rotat|rota", "rotating"),
    (r"part[\s_-]*time|medi[oa] (tiempo|jornada|turno)|tiempo parcial|por horas", "part_time"),
    (r"weekend|fin(es)? de semana|sabado|domingo", "weekend"),
    (r"night|noche|nocturn|amanecida|madrugada", "night"),
    (r"day|\bdia\b|diurn|manana|tarde|completo|full", "day"),
)
_LICENCE = re.compile(
    r"(?<![A-Z0-9])([AB]) ?(?:(III|II|[23])(?: ?([ABC])(?! ?(?:I|[123])))?|(?:I|1))(?![A-Z0-9])"
)
_NOT_LICENCE = re.compile(r"\b(BREVETE|LICENCIA|CLASE|CATEGORIA|CAT|TIPO|CONDUCIR|DE|LIC)\b")
_NO_LICENCE = re.compile(r"^(NO|NINGUN[AO]?|SIN|NONE|NADA)\b")
_ROMAN: Final = {"1": "I", "2": "II", "3": "III"}


def plain(text: str) -> str:
    """Lower case, no accents, one space between words: how two spellings are compared."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(text.lower().split())


def _licence_classes(text: str) -> tuple[list[str], bool]:
    """All classes named in a text, in the order of LICENCES, and whether one lacked its letter."""
    words = re.sub(r"[^A-Z0-9]+", " ", plain(text).upper())
    words = re.sub(r" +", " ", _NOT_LICENCE.sub(" ", words))
    found: set[str] = set()
    bare = False
    for letter, number, sub in _LICENCE.findall(words):
        roman = _ROMAN.get(number, number or "I")
        if roman == "I":
            found.add(f"{letter}-I")
        elif sub and f"{letter}-{roman}{sub.lower()}" in LICENCE_COVERS:
            found.add(f"{letter}-{roman}{sub.lower()}")
        else:
            bare = True
    return [c for c in LICENCES if c in found], bare


def person_licence(text: str) -> str | None:
    """What a person holds: one class or several with a space between, "none", None if unreadable.

    A class without its letter ("A2") is unreadable: a guess could hide jobs the person may take.
    """
    if text in LICENCE_COVERS:
        return text
    if _NO_LICENCE.match(plain(text).upper()):
        return NO_LICENCE
    classes, bare = _licence_classes(text)
    return " ".join(classes) if classes and not bare else None


def job_licence(text: str) -> str | None:
    """What a job asks: one class, "none" for an explicit no, None if unreadable.

    Of alternatives ("A-IIb o A-IIIc") the least is asked; a class without its letter asks for its
    first; classes of which no one covers the other cannot be one demand and stay unread.
    """
    if text in LICENCE_COVERS:
        return text
    if _NO_LICENCE.match(plain(text).upper()):
        return NO_LICENCE
    classes, bare = _licence_classes(text)
    if bare and not classes:
        words = re.sub(r"[^A-Z0-9]+", " ", plain(text).upper())
        return {"A": "A-IIa", "B": "B-IIa"}[letters[0]] if (letters := _bare_two(words)) else None
    for least in classes:
        if all(least in LICENCE_COVERS[other] for other in classes):
            return least
    return None


def _bare_two(words: str) -> list[str]:
    """Letters of the classes named "II" or "2" with no sub-class; III has two firsts, so none."""
    words = re.sub(r" +", " ", _NOT_LICENCE.sub(" ", words))
    return [letter for letter, number, _ in _LICENCE.findall(words) if number in ("II", "2")]


def language(text: str) -> str | None:
    """ISO code of a language given as code, tag ("es-PE") or name; None if not one of LANGUAGES."""
    word = plain(text)
    code = _LANGUAGE_OF.get(word)
    if code is None:
        code = _LANGUAGE_OF.get(re.split(r"[-_ (/]", word, maxsplit=1)[0])
    return code


def education(text: str) -> str | None:
    """A term of EDUCATION, the least one named ("tecnico o universitario" is tecnica).

    What was not finished counts as the level before it.
    """
    word = plain(text).replace("_", " ")
    for pattern, level in _EDUCATION_WORDS:
        if re.search(pattern, word):
            return _FINISHED_BEFORE[level] if _UNFINISHED.search(word) else level
    return None


def shift(text: str) -> str | None:
    """A term of SHIFTS; the more specific wins ("tiempo completo rotativo" is rotating)."""
    word = plain(text)
    if word in SHIFTS:
        return word
    return next((name for pattern, name in _SHIFT_WORDS if re.search(pattern, word)), None)
