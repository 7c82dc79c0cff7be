"""Finding the names of trades in a text: the longest known ones, without gender, number, accents.

A misspelt word is repaired only where one known word sounds alike, or all but a letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from models.reading.phonetic import root, sounds
from schemas.vocab import plain

MAX_CODES: Final = 3
MAX_CHARS: Final = 1_000
"""Of a text; what comes later is not read."""
LONGEST: Final = 6
"""Words of a name that are compared."""

Key = tuple[str, ...]
Codes = tuple[int, ...]
Where = Literal["anywhere", "head", "alone", "weak"]
"""Where a name counts: anywhere; at the head of a phrase ("minero" is no trade in "campamento
minero"); as the whole of it ("arquitecto", but not "arquitecto de redes"); so, and only where no
other name counts ("operario")."""


_TOKEN: Final = re.compile(r"[a-z]+|[^\sa-z0-9]")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _stemmed(words: str) -> frozenset[str]:
    return frozenset(map(root, words.split()))


# "Técnico(a)", "licenciada/o": both genders at once.
_BOTH: Final = re.compile(r"(?<=[a-z]{3}) ?[(/] ?(?:[oa]s?|es|ra)\b\)?")
_SILENT: Final = _set("de del la el los las en a al para d un una su mi mis")
_JOINS: Final = _set("y e o u i")
_CLOSES: Final = _JOINS | _set("con para a por sin desde x que")
_DENIES: Final = _set("no ni sin")
# Words that lead to a trade without naming one, and ranks that make it another trade: the head of
# a kitchen is not a cook, so that what follows them is left alone.
_LEADS: Final = _stemmed(
    """busco sub kiero toy ago chambeo busca buscando quiero necesito necesita necesitan trabajo
    trabajar chamba chambear cachuelo empleo puesto como soy fui era senor senora senorita joven
    varon se requiere requieren solicita contrata contratar oferta vacante urgente me gusta hace
    hago ofrezco tengo experiencia anos maestro practicante ayudante aprendiz apoyo personal"""
)
_RANKS: Final = _stemmed(
    """jefe jefa gerente director supervisor coordinador ingeniero profesor docente instructor
    especialista analista inspector administrador responsable profesional asesor consultor
    comprador arquitecto disenador auditor planificador editor mediador constructor programador
    gestor"""
)

MARKS: Final[dict[str, Where]] = {"?": "weak", "^": "head"}
_VOWELS: Final = frozenset("aeiou")
_SURE: Final = 5  # letters of a stem that is repaired by ear
_NEAR: Final = 6  # letters of a stem that is repaired though a letter is missing or too many


class Trade(NamedTuple):
    """What a trade is called in the street; where says what _Entry.where does."""

    codes: Codes
    plain_name: str
    words: str
    where: Where


class _Entry(NamedTuple):
    codes: Codes
    where: Where


@dataclass(slots=True)
class _Token:
    stem: str  # "" between phrases
    head: bool = False  # nothing before it in its phrase but words that lead to a trade
    barred: bool = False  # denied, or what somebody heads, teaches or sells
    last: bool = False  # its phrase ends or goes on with another matter


@dataclass(frozen=True, slots=True)
class Names:
    """All known names.

    Attributes:
        entries: Stems of a name to what it stands for.
        words: Stems that are left as they are.
        heard: How a word of a name sounds, to its stem; None where several sound so.
        near: The same without one letter, for long words.
        plain: Unit groups and their names in plain Spanish.
    """

    entries: dict[Key, _Entry]
    words: frozenset[str]
    heard: dict[str, str | None]
    near: dict[str, str | None]
    plain: dict[int, str]

    @classmethod
    def parse(cls, lines: Iterable[str], streets: Iterable[Trade]) -> Names:
        """From the lines of the table (see `training.occupations`) and the street's names."""
        entries: dict[Key, _Entry] = {}
        named: dict[int, str] = {}
        words: set[str] = set()
        spoken: set[str] = set()
        for codes, plain_name, said, where in streets:
            key = stems(said)
            entries.setdefault(key, _Entry(codes, where))
            spoken.update(key)
            named.setdefault(codes[0], plain_name)
        for line in lines:
            kind, codes_said, rest = line.rstrip("\n").split("\t")
            if kind == "word":
                words.update(rest.split())
                continue
            codes = codes_of(codes_said)
            if kind == "name":
                named.setdefault(codes[0], rest)
                continue
            for said in rest.split("|"):
                key = stems(said)
                entries.setdefault(key, _Entry(codes, "head" if len(key) > 1 else "alone"))
                words.update(key)
                if len(key) == 1:
                    spoken.update(key)
        entries.pop((), None)
        heard, near = _by_ear(spoken)
        return cls(entries, frozenset(words | spoken), heard, near, named)

    def found(self, text: str) -> Codes:
        """At most MAX_CODES unit groups, the first named first; () if none is sure."""
        tokens = self._tokens(text)
        stems = [token.stem for token in tokens]
        strong: list[Codes] = []
        weak: list[Codes] = []
        at = 0
        while at < len(tokens):
            for end in range(min(len(tokens), at + LONGEST), at, -1):
                entry = self.entries.get(tuple(stems[at:end]))
                if entry and _counts(entry.where, tokens[at], tokens[end - 1]):
                    (weak if entry.where == "weak" else strong).append(entry.codes)
                    at = end
                    break
            else:
                at += 1
        by_rank = (
            [codes[rank : rank + 1] for codes in strong or weak] for rank in range(MAX_CODES)
        )
        ordered = [code for codes in by_rank for some in codes for code in some]
        return tuple(dict.fromkeys(ordered))[:MAX_CODES]

    def _tokens(self, text: str) -> list[_Token]:
        """Stems, and an empty one between phrases."""
        found: list[_Token] = []
        head, ranked, denied = True, False, False
        for raw in _TOKEN.findall(_BOTH.sub("", plain(text[:MAX_CHARS])[:MAX_CHARS])):
            if found and (raw in _CLOSES or not raw[0].isalpha()):
                found[-1].last = True
            if not raw[0].isalpha():
                found.append(_Token(""))
                head, ranked = True, False
            elif raw in _JOINS:
                head, ranked = True, ranked and raw not in ("o", "u")
            elif raw not in _SILENT:
                stem = self._repaired(root(raw))
                found.append(_Token(stem, head, ranked or denied))
                ranked = ranked or (head and stem in _RANKS)
                head = head and stem in _LEADS
                denied = raw in _DENIES or (denied and stem in _LEADS)
        if found:
            found[-1].last = True
        return found

    def _repaired(self, stem: str) -> str:
        """The known word that a stem was meant to be, else the stem."""
        if len(stem) < _SURE or stem in self.words:
            return stem
        sound = sounds(stem)
        if found := self.heard.get(sound):
            return found
        if len(stem) < _NEAR or sound in self.heard:
            return stem
        tries = (sound, *_shortened(sound))
        meant = {near for each in tries if (near := self.near.get(each) or self.heard.get(each))}
        fitting = [word for word in meant if _slip(sound, sounds(word))]
        return fitting[0] if len(fitting) == 1 else stem


def _counts(where: Where, first: _Token, last: _Token) -> bool:
    """Whether a name counts that goes from one token to another."""
    if first.barred:
        return False
    return where == "anywhere" or (first.head and (where == "head" or last.last))


def codes_of(said: str) -> Codes:
    """Unit groups as the tables list them."""
    return tuple(int(code) for code in said.split())


def _by_ear(
    words: Iterable[str],
) -> tuple[dict[str, str | None], dict[str, str | None]]:
    heard: dict[str, str | None] = {}
    near: dict[str, str | None] = {}
    for word in sorted(words):
        if len(word) >= _SURE:
            sound = sounds(word)
            heard[sound] = None if sound in heard else word
            if len(word) >= _NEAR:
                for each in _shortened(sound):
                    near[each] = None if near.get(each, word) != word else word
    return heard, near


def _shortened(sound: str) -> set[str]:
    """Without one of its letters, the first apart: people get the first sound right."""
    return {sound[:i] + sound[i + 1 :] for i in range(1, len(sound))}


def _slip(sound: str, meant: str) -> bool:
    """Whether a slip, not another word: "barbero" is no misspelt "barquero"."""
    if sound[0] != meant[0]:
        return False
    if len(sound) != len(meant) or sorted(sound) == sorted(meant):
        return True
    return all(a == b or {a, b} <= _VOWELS for a, b in zip(sound, meant, strict=True))


def stems(text: str) -> Key:
    """A name as it is compared; () if it has no word that counts."""
    raw = re.findall(r"[a-z]+", plain(text))
    return tuple(root(word) for word in raw if word not in _SILENT and word not in _JOINS)[:LONGEST]
