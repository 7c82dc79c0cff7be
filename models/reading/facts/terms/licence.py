"""Driving licences: classes a person holds, the class an ad asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from models.reading.facts.canonical import Canonical, JobWords
from models.reading.facts.fact import Fact
from models.reading.facts.terms.clauses import MOST_FOUND, after, before
from schemas import vocab

_CLASS: Final = re.compile(
    r"(?<![a-z0-9])([ab])[ -]{0,3}(?:categoria:? )?(iii|ii|i|[123]|uno)"
    r"(?:-?([abc])|(?: - | |- | -|\. ?)(?:([bc])|(a)(?=[.,;)\n]|$| (?:o|y|u|vigente|prof|hace"
    r"|desde|tengo)\b)))?"
    r"(?![a-z0-9]|-[a-z0-9])"
)
_HALF: Final = re.compile(r"\b(3|iii)[ -]?([abc])\b")
"""A third class without its letter: only A has one."""
_NUMBERS: Final = {"uno": "I", "1": "I", "2": "II", "3": "III", "i": "I", "ii": "II", "iii": "III"}
_PAPER: Final = re.compile(r"brevet|licencia|conducir|carnet? de manejo|\blic\b")
_DRIVES: Final = re.compile(
    r"brevet|licenci|conduc|manej|chofer|taxi|moto|volquete|camion|operador|cargador|trailer"
    r"|carro|maquinaria|tractor"
)
_GRADE: Final = re.compile(r"categoria|clase")

_THING: Final = (
    r"(?:brevetes?|carnet? de (?:manejo|conducir)|licencias? (?:de|para) (?:conducir|manejar"
    r"|manejo|moto|auto|carro)|licencia"
    r"(?! (?:de|para|por)\b))"
)
_LACK: Final = (
    r"(?:no (?:tengo|tiene|cuent[oa] con|pose[oe]|dispon(?:e|go) de|saco|he sacado|tenemos"
    r"|dispongo de)|sin"
    r"|(?:aun|todavia) no (?:tengo|saco|he sacado))"
)
_NONE: Final = re.compile(
    rf"\b{_LACK}(?: (?:mi|el|la|una?|ningun[a]?|aun|todavia|ni)){{0,2}} {_THING}"
    rf"|\b{_THING}(?: de (?:carro|auto|moto|conducir|manejo))?:? ?"
    r"(?:,? ?(?:aun|todavia|ahora|por ahora|ahorita|si que) )?"
    r"(?:no (?:teng?o|tiene|saco|cuent[oa]|pose[oe]|he sacado|todavia|aun)|ningun[oa]"
    r"|(?:no|nada)(?=[.,;\n]|$))"
    r"|\bno tengo [a-z]+ ni brevete"
    rf"|\b{_THING}\b[^.;\n]{{0,40}} (?:aun|todavia) no (?:lo |la )?tengo"
    r"|\b(?:nunca|no) aprendi\w* a manejar"
    r"|\bno (?:se )?manej(?:o|ar)(?= ?(?:[.,;\n)]|$)| (?:ningun|vehiculos?\b|nada\b))"
    r"|\bbrevet\w* ?(?:qa )?mana[mn]? (?:kan|kap)|\bmana[mn]? brevet\w*"
)
_NOT_HELD: Final = re.compile(
    r"\b(?:sac[oa]r\w*|sacand\w*|tramit\w*|vencid\w*|venci[oe]\w*|suspend\w*|quit[oa]\w*"
    r"|retenid\w*|caduc\w*"
    r"|renov(?:ar|ando)|en proceso|estudiando|postul\w*|piden|pedian|recategoriz\w*|revalid(?:ar"
    r"|ando)|proximo"
    r"|pronto)\b"
)
_PAPER_HELD: Final = re.compile(
    rf"(?<!no )\b(?:tengo|con|mi|saque|cuento con) (?:el |mi )?{_THING}"
)
_NOT_VALID: Final = re.compile(r"\b(?:vencid|suspend|retenid|caduc|renov|recategor|revalid)")
_NO_BEFORE: Final = re.compile(r"\b(?:no tengo|sin|no cuento con|no poseo|ni|no es|no)\b[^,]*$")
_NO_AFTER: Final = re.compile(
    r"^,? (?:pero )?(?:aun |todavia )?no (?:lo |la )?(?:tengo|esta|saco|cuento|h[ae] sacado)\b"
    r"(?! (?:con )?(?:carro|moto|auto|vehiculo|movilidad|camioneta))"
)
_WELCOME: Final = re.compile(
    r"desea(?:ble|do)|preferi?(?:ble|encia|ente)|opcional|no (?:es )?(?:obligatori|indispens"
    r"|excluy)"
    r"|\bplus\b|valora|mejor si|ideal|ventaja"
)
_NEXT_WELCOME: Final = re.compile(rf"[^,]*, (?:pero )?(?:es )?(?:{_WELCOME.pattern})")
"""A clause of its own that says so: not "licencia A-I, quechua deseable"."""
_OF_OTHERS: Final = re.compile(
    r"\b(?:mis?|su) (?:espos[oa]|senora|mujer|novi[oa]|marido|pareja|conviviente"
    r"|herman[oa]s?|hij[oa]s?|papa|mama|padre"
    r"|cunad[oa]|prim[oa]|ti[oa]|suegr[oa]|yerno|sobrin[oa]|amig[oa]|vecin[oa])\b"
    r"(?:(?! (?:yo|tengo|soy|cuento|manejo)\b)[^.,;\n]){0,30}$"
)
_ALONE: Final = re.compile(
    r"[ab]-?(?:(?:(?<=a)|(?<=a-))(?:1|i)|(?:iii|ii|[23])-?[abc])"
    r"(?= (?:y|vigente)\b| ?(?:[.,;\n]|$))"
)
_ALONE_AFTER: Final = re.compile(r"(?:\btengo (?:el |la )?|(?:^|[.,\n]) ?)$")
"""A class that stands alone, or is said to be had, in a text without any word of driving."""
_LEVELS: Final = re.compile(
    r"ingl|idioma|frances|portug|aleman|nivel|\b(?:lote|lt|mz|block|pabellon)\b"
)
"""Where letters and numbers may be levels of a language or an address."""


class _Found(NamedTuple):
    """A class in a text; `name` ends in its number where the letter is missing."""

    name: str
    start: int
    end: int


def _classes(text: str, driving: bool, alone: int | None = None) -> Iterator[_Found]:
    """Classes that are licences and not a size, a level of English or a street corner.

    Args:
        text: In canonical spelling.
        driving: Whether anything there speaks of driving.
        alone: Where a class stands that is a licence by itself.
    """
    told = -99
    for found in islice(_CLASS.finditer(text), MOST_FOUND):
        number = _NUMBERS[found[2]]
        letter = "" if number == "I" else found[3] or found[4] or found[5] or ""
        near = before(text, found.start(), 45) or text[max(0, found.start() - 6) : found.start()]
        held = (
            _PAPER.search(near) is not None
            or (driving and _GRADE.search(near) is not None)
            or found.start() - told < 25
            or found.start() == alone
            or (driving and (letter != "" or ("-" in found[0] and " " not in found[0])))
        )
        if held:
            told = found.end()
            yield _Found(f"{found[1].upper()}-{number}{letter}", found.start(), found.end())
    if told < 0:
        for found in _HALF.finditer(text):
            if _PAPER.search(before(text, found.start(), 30)):
                yield _Found(f"A-III{found[2]}", found.start(), found.end())


def _alone(text: str) -> int | None:
    """Where a class stands that needs no other word of driving."""
    for found in _ALONE.finditer(text):
        if _ALONE_AFTER.search(text, max(0, found.start() - 12), found.start()):
            return None if _LEVELS.search(text) else found.start()
    return None


def person(words: Canonical) -> Fact[str] | None:
    """Classes that a person says they hold, or "none".

    A class without its letter is unread, and so is one that they want, renew or lost.
    """
    text = words.text
    driving = _DRIVES.search(text) is not None
    alone = _alone(text)
    if not driving and alone is None:
        return None
    found = [c for c in _classes(text, driving, alone) if _is_held(text, c)]
    if found:
        held = vocab.person_licence(" y ".join(c.name for c in found))
        if held is None:
            return None
        return words.fact(held, found[0].start, found[-1].end, 0.99, "class")
    none = _NONE.search(text)
    if none and "manej" in none[0] and _PAPER_HELD.search(text):
        return None
    if none is None or _NOT_VALID.search(after(text, none.end(), 25).split(",")[0]):
        return None
    return words.fact(vocab.NO_LICENCE, none.start(), none.end(), 0.99, "none")


def _is_held(text: str, found: _Found) -> bool:
    near, rest = before(text, found.start, 40), after(text, found.end, 30)
    near = near.rsplit(" pero ", 1)[-1].rsplit("solo tengo ", 1)[-1]
    return not (
        _OF_OTHERS.search(near)
        or _NOT_HELD.search(near + rest)
        or _NO_BEFORE.search(near[-25:])
        or _NO_AFTER.search(rest)
    )


def job(words: JobWords) -> Fact[str] | None:
    """The least class that an ad asks; not one that is only welcome."""
    driving = any(_DRIVES.search(part.text) for part in words)
    for part in (words.requirements, words.title, words.description):
        found = [c for c in _classes(part.text, driving or part is words.requirements)
                 if _is_asked(part.text, c, words.title.text)]  # fmt: skip
        asked = vocab.job_licence(" o ".join(c.name for c in found)) if found else None
        if asked is not None:
            return part.fact(asked, found[0].start, found[-1].end, 0.99, "class")
    return None


_FOR_SOME: Final = re.compile(
    r"^(?: vigente)? (?:para|solo|en caso de|si (?:es|eres|postula)) (?:quienes?|los|las|el|la)? ?"
    r"(?:que |puesto de |cargo de )?(?:motorizad|chofer|conductor|supervisor|vended|repartidor"
    r"|operador|manej|postul|quienes)[a-z]*"
)
"""Of the people sought only some drive; where the title names them, all do."""
_TRADE_END: Final = 6


def _is_asked(text: str, found: _Found, title: str) -> bool:
    near, rest = before(text, found.start, 62), after(text, found.end, 35)
    own = rest if _NEXT_WELCOME.match(rest) else rest.split(",")[0]
    some = _FOR_SOME.match(rest)
    if some and some[0].rsplit(" ", 1)[-1][:_TRADE_END] not in title:
        return False
    return not (_WELCOME.search(near) or _WELCOME.search(own))
