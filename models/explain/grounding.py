"""Whether a model's reply says only what its input says. What fails is dropped, never mended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from models.explain.numbers import ARTICLES, fold, scan
from models.explain.prompt import OPENERS
from models.reading.districts import DISTRICTS
from models.reading.spoken import WORDS

MAX_SENTENCES: Final = 6
MAX_SENTENCE_CHARS: Final = 220
MAX_CHARS: Final = 700


class Ungrounded(ValueError):
    """A reply says what its input does not; `reason` is one of a few words, fit for a metric."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check(reply: Any, fields: Mapping[str, str]) -> str:
    """The text of a reply in which every sentence stands on the fields that it cites.

    Args:
        reply: The decoded reply.
        fields: What the model was given.

    Raises:
        Ungrounded: the form is wrong, or a sentence says more than its fields.
    """
    sentences = list(_sentences(reply))
    for text, cited in sentences:
        _check_sentence(text, cited, fields)
    whole = " ".join(text for text, _ in sentences)
    if len(whole) > MAX_CHARS:
        raise Ungrounded("too_long")
    return whole


def _sentences(reply: Any) -> Iterator[tuple[str, list[str]]]:
    items = reply.get("sentences") if isinstance(reply, dict) else None
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_SENTENCES:
        raise Ungrounded("wrong_schema")
    for item in items:
        text = item.get("text") if isinstance(item, dict) else None
        cited = item.get("fields") if isinstance(item, dict) else None
        if not isinstance(text, str) or not isinstance(cited, list) or not text.strip():
            raise Ungrounded("wrong_schema")
        if not all(isinstance(name, str) for name in cited):
            raise Ungrounded("wrong_schema")
        if len(text) > MAX_SENTENCE_CHARS:
            raise Ungrounded("too_long")
        yield " ".join(text.split()), cited


def _check_sentence(text: str, cited: list[str], fields: Mapping[str, str]) -> None:
    if not cited or not set(cited) <= set(fields):
        raise Ungrounded("unknown_field")
    known = " ".join(fields[name] for name in cited)
    folded, source = fold(text), fold(known)
    if not _PLAIN.fullmatch(text):
        raise Ungrounded("forbidden_character")
    if _FORBIDDEN.search(folded):
        raise Ungrounded("forbidden_word")
    if not numbers(folded) <= numbers(source):
        raise Ungrounded("number")
    _check_places(folded, source)
    _check_names(text, source)
    words, given = set(_WORD.findall(folded)), set(_WORD.findall(source))
    for stems, about in _TOPICS:
        said = {word for word in words - given if word.startswith(stems)}
        if said and not about & set(cited):
            raise Ungrounded("claim_without_field")
    if _HAS.search(folded) and any("no dijo" in fields[name] for name in cited):
        raise Ungrounded("claims_what_was_not_said")


def numbers(folded: str) -> set[float]:
    """Every number that a folded text says, in digits or words; 1,300 and 1300 are the same."""
    found = {_value(match[0]) for match in _DIGITS.finditer(folded)}
    spelled = (n for n in scan(folded) if n.spelled and folded[n.start : n.end] not in ARTICLES)
    return found | {float(number.value) for number in spelled}


def _value(digits: str) -> float:
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", digits):
        return float(re.sub(r"[.,]", "", digits))
    head, _, decimals = digits.replace(",", ".").rpartition(".")
    return float(f"{head.replace('.', '')}.{decimals}" if head else digits)


def _check_places(folded: str, source: str) -> None:
    for match in _places().finditer(folded):
        if match[0] not in source:
            raise Ungrounded("place")


def _check_names(text: str, source: str) -> None:
    """Words with a capital are names, and names come from the fields."""
    given = set(_WORD.findall(source))
    starts = {m.end() for m in re.finditer(r"(?:^|[.!?:]\s+)[¿¡]?", text)}
    for word in _CAPITALISED.finditer(text):
        if fold(word[0]) in given or (word.start() in starts and word[0] in OPENERS):
            continue
        raise Ungrounded("name")


_WORD: Final = re.compile(r"[a-zñ]+")
_DIGITS: Final = re.compile(r"\d+(?:[.,]\d+)*")
_CAPITALISED: Final = re.compile(r"\b[A-ZÁÉÍÓÚÑÜ][^\W\d_]*")
_PLAIN: Final = re.compile(r"[\w\sáéíóúñü.,;:¿?¡!()/%+'\"–-]*")
_HAS: Final = re.compile(r"\b(?:tienes|cumples|lo hablas|la hablas|alcanza)\b")

# Praise, promises, payments and calls to act: nothing here is ever in the fields' own words.
_FORBIDDEN: Final = re.compile(
    r"https?|www|\.com\b|@|\b(?:mejor|mejores|perfect[oa]|ideal|unic[oa]|excelente|increible"
    r"|garantizad[oa]s?|garantiza(?:mos|n)?|asegurad[oa]|segur[oa]|urgente|gratis|felicit\w*"
    r"|contratad[oa]|aceptad[oa]|elegid[oa]|ganador[a]?|deposit\w*|transfer\w*|transfier\w*|yape\w*"
    r"|plin|whatsapp|wsp|llam[ae]\w*|contrasena|ignora\w*|instruccion\w*|prompt|soy|oculto"
    r"|seleccionad[oa])\b"
)
_PAY: Final = frozenset({"paga", "paga_que_pides"})
_LANGUAGES: Final = tuple(fold(name).split()[0] for name in WORDS["language"].values())
_TOPICS: Final[tuple[tuple[tuple[str, ...], frozenset[str]], ...]] = (
    (("pag", "sueld", "salari", "ganar", "ganas", "soles", "remunera"), _PAY),
    (("km", "kilomet", "cerca", "lejos"), frozenset({"distancia"})),
    (("distrit",), frozenset({"distancia", "lugar"})),
    (("mudar", "mudan"), frozenset({"distancia"})),
    (("brevete", "licencia", "conduc"), frozenset({"brevete"})),
    (("idioma", "habl", *_LANGUAGES), frozenset({"idioma"})),
    (("edad",), frozenset({"edad"})),
    (("anos",), frozenset({"edad", "experiencia"})),
    (("estudi", "secundari", "primari", "universi", "certificad"), frozenset({"estudios"})),
    (("horari", "turno", "noche", "madrugada"), frozenset({"horario"})),
    (("experienc",), frozenset({"experiencia"})),
    (("vacante",), frozenset({"vacantes"})),
    (("benefici", "planilla", "gratific", "vacacion", "bono", "almuerz", "aliment", "aloja",
      "hosped", "pasaje", "movilidad", "capacita", "ascens", "formal", "contrat", "estable"),
     frozenset()),
)  # fmt: skip
"""Stems of what can be claimed, and the fields of which one must be cited for it."""


@cache
def _places() -> re.Pattern[str]:
    """Regions, and every place of several words: other words that are places have a capital."""
    names = {fold(d.region) for d in DISTRICTS} | {
        fold(n) for d in DISTRICTS for n in (d.name, d.province) if " " in n
    }
    longest = sorted(names, key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, longest)) + r")\b")
