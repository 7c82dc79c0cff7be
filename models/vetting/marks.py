"""Where in an ad the words stand that the gate took for signs, for a reviewer to see at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from models.vetting import alike, law, signs
from schemas.job import Job
from schemas.vocab import plain

_WORD: Final = re.compile(r"[^\W_]+")
_LONG: Final = re.compile(r"[^\W\d]{4,}")
_AHEAD: Final = 4
"""Words looked ahead where the plain text and the written one do not go together."""
_ALIKE_WORDS: Final = 6
_ALIKE_LEAST: Final = 0.3  # of a word's own weight, in log odds before the length is allowed for
_PARTS: Final = ("title", "description", "requirements", "skills")


class Piece(NamedTuple):
    """A piece of a text; `code` says which sign it was, "" for none."""

    text: str
    code: str


class _Word(NamedTuple):
    part: str
    start: int
    end: int
    plain: str


def marked(job: Job, codes: Iterable[str]) -> dict[str, list[Piece]]:
    """The ad's texts in pieces, by part, in the order they are read.

    Args:
        job: The ad.
        codes: Of the verdict's reasons; other signs are not marked.
    """
    text, wanted = signs.words_of(job), frozenset(codes)
    found = [sign for sign in (*signs.found_at(text), *law.found_at(text)) if sign[0] in wanted]
    if "alike" in wanted:
        found += _alike_at(text, found)
    texts = _texts(job)
    placed = _placed(text, list(_words(texts)))
    spans: dict[str, list[tuple[int, int, str]]] = {part: [] for part in texts}
    for code, start, end in found:
        for part, first, last in _written(placed, start, end):
            spans[part].append((first, last, code))
    return {part: _pieces(text, spans[part]) for part, text in texts.items()}


def _texts(job: Job) -> dict[str, str]:
    said = {part: getattr(job, part) for part in _PARTS[:-1]}
    said["skills"] = ", ".join(job.skills or ())
    return {part: text for part, text in said.items() if text}


def _words(texts: dict[str, str]) -> Iterator[_Word]:
    """The words that the gate reads, as they stand in the ad."""
    for part, text in texts.items():
        long = len(text) > signs.HEAD_CHARS + signs.TAIL_CHARS
        for found in _WORD.finditer(text):
            middle = signs.HEAD_CHARS <= found.start() < len(text) - signs.TAIL_CHARS
            if not (long and middle):
                for said in _WORD.findall(plain(found[0])):  # a sign such as "½" is two words
                    yield _Word(part, found.start(), found.end(), said)


def _placed(text: str, words: list[_Word]) -> list[tuple[int, int, _Word]]:
    """Words of the plain text with those written: (start, end, word), in order.

    Mostly one is one; letters spelt out are one plain word, and where nothing goes together the
    next word that does is looked for.
    """
    out: list[tuple[int, int, _Word]] = []
    at = 0
    for found in re.finditer(r"[^\s.]+", text):
        if at >= len(words):
            break
        said = found[0]
        ahead = next((k for k in range(_AHEAD) if _is(words, at + k, said)), None)
        if ahead is None:  # put right: one word for another, or spelt out letter by letter
            took = _spelt_out(words, at, said)
            out += [(found.start(), found.end(), word) for word in words[at : at + took]]
            at += took
            continue
        out.append((found.start(), found.end(), words[at + ahead]))
        at += ahead + 1
    return out


def _is(words: list[_Word], at: int, said: str) -> bool:
    return at < len(words) and words[at].plain == said


def _spelt_out(words: list[_Word], at: int, said: str) -> int:
    letters = 0
    while at + letters < len(words) and len(words[at + letters].plain) == 1:
        letters += 1
    return min(letters, len(said)) if letters > 1 else 1


def _written(
    placed: list[tuple[int, int, _Word]], start: int, end: int
) -> Iterator[tuple[str, int, int]]:
    """Where a span of the plain text stands in the ad: from the first to the last word, by part."""
    inside = [word for first, last, word in placed if first < end and last > start]
    for part in dict.fromkeys(word.part for word in inside):
        own = [word for word in inside if word.part == part]
        yield part, min(word.start for word in own), max(word.end for word in own)


def _pieces(text: str, spans: list[tuple[int, int, str]]) -> list[Piece]:
    """A text cut at its spans; where two overlap the first counts."""
    out: list[Piece] = []
    at = 0
    for start, end, code in sorted(spans):
        if start < at and end > at and out[-1].code == code:
            out[-1] = Piece(out[-1].text + text[at:end], code)
            at = end
        elif start >= at:
            if start > at:
                out.append(Piece(text[at:start], ""))
            out.append(Piece(text[start:end], code))
            at = end
    if at < len(text):
        out.append(Piece(text[at:], ""))
    return out


def _alike_at(text: str, found: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """The words that make an ad most like risky ones, where no sign says more."""
    known = alike.weights()
    heavy = sorted(
        (known.get(word[0][: alike.STEM], 0.0), word.start(), word.end())
        for word in _LONG.finditer(text)
        if not any(start < word.end() and end > word.start() for _, start, end in found)
    )
    most = heavy[-_ALIKE_WORDS:]
    return [("alike", start, end) for weight, start, end in most if weight >= _ALIKE_LEAST]
