"""What an ad's words are about, whichever it uses: pay, papers, keeping, leaving, minors ...

A fraud is a frame: somebody (the applicant, the boss) does something (pays, keeps, sends on) with
something (a fee, the DNI, money of others). ``data/risk_lexemes.tsv`` has the words for each part;
this module finds them, marks those that the ad denies, and pairs what stands near each other.
`models.vetting.alike` learns which pairs speak for a risky ad and which for an honest one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Final

NEAR: Final = 12
"""Words between two parts of one frame, at most."""
DENIED: Final = 4
"""Words after a "no" of the same sentence that it denies."""
#: A warning against fraud: what it and the sentence before it speak of is denied.
_WARNS: Final = re.compile(
    r"(?<! no es)(?<! no somos) (?:estafas?|estafador\w*|denunci\w+|desconfi\w+|cuidado con)\b"
    r"|\bsi (?:te|le|les|alguien|alguno)(?: \w+){0,2} (?:pid|solicit|cobr|exig|ofrec)\w+"
    r"|\bquien (?:te |le )?(?:pida|cobre|ofrezca)|\b(?:esta )?prohibido (?:cobrar|pedir)"
)
_LEAST, _MOST = 8, 9_000  # amounts of soles or dollars, not hours, ages or codes
_CURRENCY: Final = frozenset(
    {"soles", "lucas", "luca", "usd", "dolares", "euros", "aud", "solcitos", "sol", "pesos"}
)
_BEFORE: Final = frozenset({"s", "us", "usd"})
_NO: Final = frozenset(
    {"no", "nunca", "jamas", "ni", "sin", "tampoco", "nadie", "ningun", "ninguna"}
)


@dataclass(frozen=True, slots=True)
class Lexemes:
    """The table.

    Attributes:
        words: Concepts of a whole word.
        begun: Concepts of what begins so.
        phrases: By first word, several words in a row and their concept.
    """

    words: dict[str, tuple[str, ...]]
    begun: tuple[tuple[str, str], ...]
    phrases: dict[str, tuple[tuple[tuple[str, ...], str], ...]]


@cache
def shipped() -> Lexemes:
    """The lexemes in the package."""
    raw = (resources.files("models.data") / "risk_lexemes.tsv").read_text(encoding="utf-8")
    words: dict[str, set[str]] = {}
    begun: list[tuple[str, str]] = []
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for line in raw.splitlines():
        if line.startswith("#"):
            continue
        concept, listed = line.split("\t")
        for word in listed.split():
            if "_" in word:
                parts = tuple(word.split("_"))
                phrases.setdefault(parts[0], []).append((parts, concept))
            elif word.endswith("*"):
                begun.append((word[:-1], concept))
            else:
                words.setdefault(word, set()).add(concept)
    return Lexemes(
        {word: tuple(sorted(found)) for word, found in words.items()},
        tuple(begun),
        {first: tuple(rows) for first, rows in phrases.items()},
    )


@lru_cache(maxsize=20_000)
def _of(word: str) -> tuple[str, ...]:
    table = shipped()
    more = {concept for start, concept in table.begun if word.startswith(start)}
    return tuple(sorted(more | {*table.words.get(word, ())}))


def found(text: str) -> list[tuple[int, str]]:
    """The concepts of an ad in the order of its words, each with its word's place.

    Args:
        text: As `signs.words_of` gives it. A concept that the ad denies begins with "!".
    """
    phrases, words = shipped().phrases, text.split()
    out: list[tuple[int, str]] = []
    warned = _warned(text)
    denied_until = sentence = -1
    for place, word in enumerate(words):
        if word == "." or place == 0:
            sentence += 1
            denied_until = len(words) if sentence in warned else -1
        if word == ".":
            continue
        if word in _NO:
            denied_until = max(denied_until, place + DENIED)
            mark = ""
        else:
            mark = "!" if place <= denied_until else ""
        out.extend((place, mark + concept) for concept in _of(word))
        for parts, concept in phrases.get(word, ()):
            if tuple(words[place : place + len(parts)]) == parts:
                out.append((place, mark + concept))
        if _is_sum(words, place):
            out.append((place, mark + "sum"))
    return out


def _warned(text: str) -> set[int]:
    """The sentences, by number, that warn against fraud, and those before such a one."""
    if _WARNS.search(text) is None:
        return set()
    sentences = re.split(r"(?<= )\.(?= |$)", text)
    warning = [index for index, said in enumerate(sentences) if _WARNS.search(said)]
    return {index - back for index in warning for back in (0, 1)}


def _is_sum(words: list[str], place: int) -> bool:
    word = words[place]
    if not (word.isdecimal() and len(word) < 5 and _LEAST <= int(word) <= _MOST):
        return False
    before = place > 0 and words[place - 1] in _BEFORE
    return before or (place + 1 < len(words) and words[place + 1] in _CURRENCY)


def features(text: str) -> set[str]:
    """Concepts of an ad and pairs of them that stand near each other.

    Args:
        text: As `signs.words_of` gives it.
    """
    tags = found(text)
    out = {f"={concept}" for _, concept in tags}
    for index, (place, concept) in enumerate(tags):
        for other_place, other in tags[index + 1 :]:
            if other_place - place > NEAR:
                break
            if other_place != place and other != concept:
                low, high = (concept, other) if concept < other else (other, concept)
                out.add(f"={low}&{high}")
    return out
