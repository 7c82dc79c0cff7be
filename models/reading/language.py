"""Whether a text can be read: which language it is in, and whether it speaks of work.

Spanish is what the encoder was trained for and what this project can check. Pure Quechua or
Aymara would be ranked confidently and at random, so that is said instead; a text in which Spanish
work words stand among others is read. In doubt a text is read.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Final, Literal

from models.reading.lexicon import entries, folded, normalise
from models.reading.occupations import occupations_of, shipped, trades
from models.reading.phonetic import root, sounds

Language = Literal["es", "qu", "ay", "unknown"]
Why = Literal["no_words", "language", "no_work"]

SIZES: Final = (2, 3, 4)  # letters of an n-gram, the edge of a word counts as one
MAX_CHARS: Final = 600
"""Of a text; what comes later is not read."""

_WORD: Final = re.compile(r"[a-z]+(?:'[a-z]+)*")
_SURE: Final = 1.0  # mean log odds of a text's words from which it is another language
_FOREIGN: Final = 1.5  # log odds from which a word is of another language
_CLIP: Final = 5.0

_ANYTHING: Final = re.compile(
    r"\b(?:lo|en lo) (?:que|q|k|qe|ke) (?:sea|haya|ay|hay|salga|venga|caiga|pueda|resulte|"
    r"se presente|me den|necesiten|necesita|ofrescan|ofrezcan|tengan)\b|\bloke? ?sea\b|"
    r"\bloq sea\b|\bcualquier (?:cosa|puesto|labor)|\b(?:ha?go|hacer|se|de) (?:de )?todo\b|"
    r"\btodo (?:ha?go|puedo)\b|\bme dedico\b|\bha?go [a-z]{4}|\bpuedo ser\b|\bse hacer\b|"
    r"\b[bv]us[ck]o\b|\bofre[sz]co\b|\bmis servicios\b"
)
_LONG: Final = 6  # letters, as heard, of a word in which one may be wrong
_TRADES: Final = ("ero", "era", "ista", "dor", "dora", "eros", "eras", "istas", "dores", "doras")


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was found out about a text.

    Attributes:
        readable: Whether it can be ranked by.
        language: Of most of it; "unknown" where there are too few words to tell.
        why: The reason where it is not readable.
    """

    readable: bool
    language: Language
    why: Why | None = None


def words_of(text: str) -> list[str]:
    """Words in lower case without accents; "llank'ay" is one."""
    return _WORD.findall(folded(text[:MAX_CHARS]))


def grams(word: str) -> list[str]:
    """Letter n-grams of a word, its edges as "_"."""
    edged = f"_{word}_"
    return [edged[i : i + n] for n in SIZES for i in range(len(edged) - n + 1)]


@cache
def _table() -> dict[str, tuple[int, int]]:
    raw = gzip.decompress((resources.files("models.data") / "languages.tsv.gz").read_bytes())
    rows = (line.split("\t") for line in raw.decode().splitlines() if line[0] != "#")
    return {gram: (int(qu), int(ay)) for gram, qu, ay in rows}


@lru_cache(maxsize=16_384)
def odds(word: str) -> tuple[float, float, float]:
    """Log odds that a word is Quechua rather than Spanish, Aymara rather than Spanish, and
    Quechua rather than Aymara, each within +-5; zeros for laughter and the like ("jajaja").
    """
    if len(word) > 3 and len(set(word)) < 3:
        return 0.0, 0.0, 0.0
    table = _table()
    found = [table[gram] for gram in grams(word) if gram in table]
    scale = 10.0 * len(SIZES)  # n-grams of the sizes overlap: each size is one witness
    qu, ay = sum(f[0] for f in found) / scale, sum(f[1] for f in found) / scale
    return _clipped(qu), _clipped(ay), _clipped(qu - ay)


def _clipped(value: float) -> float:
    return max(-_CLIP, min(_CLIP, value))


def language_of(words: list[str]) -> Language:
    """The language of most words; "unknown" where that is not clear."""
    scored = [odds(word) for word in words if len(word) > 1]
    if not scored:
        return "unknown"
    qu, ay, rather = (sum(each) / len(scored) for each in zip(*scored, strict=True))
    if max(qu, ay) >= _SURE:
        return "qu" if rather >= 0 else "ay"
    return "es" if max(qu, ay) <= 0 else "unknown"


@lru_cache(maxsize=4_096)
def assess(text: str) -> Assessment:
    """Whether a text can be read; about 80 us for 200 letters that were not seen before."""
    words = words_of(text)
    if not any(len(word) > 2 for word in words):
        return Assessment(readable=False, language="unknown", why="no_words")
    language = language_of(words)
    spanish = [word for word in words if max(odds(word)[:2]) < _FOREIGN]
    foreign = language in ("qu", "ay")
    if speaks_of_work(" ".join(spanish) if foreign else text, spanish) or (
        not foreign and _things_alone(words)
    ):
        return Assessment(readable=True, language=language)
    why: Why = "language" if foreign else "no_work"
    return Assessment(readable=False, language=language, why=why)


def why_unread(text: str, skills: Sequence[str] = ()) -> Why | None:
    """Why words cannot be read as Spanish, or None.

    A text without work in it is read all the same if skills are stated in Spanish.
    """
    said = assess(text)
    if said.readable or not skills:
        return said.why
    stated = assess(", ".join(skills))
    return None if stated.why in (None, "no_work") else said.why


def speaks_of_work(text: str, words: list[str]) -> bool:
    """Whether there is a word of work, the name of a trade, or what may be one."""
    known = _work_words()
    return (
        any(_heard(word) in known or _may_be_trade(word) or _slip(word) for word in words)
        or _ANYTHING.search(folded(text)) is not None
        or bool(occupations_of(normalise(text)))
    )


def _things_alone(words: list[str]) -> bool:
    """Whether things of trades are named and nothing that people write of them besides."""
    return not _listed("social").intersection(words) and any(
        len(word) > 3 and word in _listed("vague") for word in words
    )


def _may_be_trade(word: str) -> bool:
    return len(word) > 6 and word.endswith(_TRADES) and word not in _listed("no_trade")


@lru_cache(maxsize=16_384)
def _slip(word: str) -> bool:
    """Whether a long word that no dictionary has is a word of work but for a letter."""
    heard = _heard(word)
    if len(heard) < _LONG or root(word) in shipped().words:
        return False
    return heard in _near() or any(
        less in _work_words() or less in _near() for less in _less(heard)
    )


def _less(heard: str) -> set[str]:
    """Without one of its letters, the first apart."""
    return {heard[:i] + heard[i + 1 :] for i in range(1, len(heard))}


@cache
def _near() -> frozenset[str]:
    return frozenset(less for word in _work_words() if len(word) >= _LONG for less in _less(word))


@lru_cache(maxsize=16_384)
def _heard(word: str) -> str:
    return root(sounds(word))


@cache
def _work_words() -> frozenset[str]:
    """Words of work as they are heard, without gender and number."""
    named = {word for trade in trades() for word in words_of(trade.words)}
    for form, _, kind, _ in entries():
        if kind in ("informal", "regional"):
            named.update(words_of(form))
    vague, plain = (
        {_heard(word) for word in words}
        for words in (_listed("vague") | _listed("stop"), _listed("work"))
    )
    return frozenset({_heard(word) for word in named if len(word) > 3} - vague | plain)


@cache
def _listed(kind: str) -> frozenset[str]:
    """Words of a kind in ``data/work_words.tsv``."""
    raw = (resources.files("models.data") / "work_words.tsv").read_text("utf-8")
    lines = (line.split("\t") for line in raw.splitlines() if not line.startswith("#"))
    return frozenset(word for name, words in lines if name == kind for word in words.split())
