"""Lexical vectors: what a text is made of, letter by letter, so that misspelt words meet.

Words, pairs of words and letter n-grams are hashed into buckets; the row of each bucket in a
learned table is summed up. The encoder knows what words mean, this part knows how they are
spelt: "kosinero" has the n-grams of "cocinera", for words are taken as they sound and without
gender and number. The table was made by ``models/training/lexical.py``.

All sums are of integers held exactly, so that the same text has the same vector on any machine.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.reading.phonetic import root, sounds

LEXICAL_VERSION: Final = "lexical-1"
DIM: Final = 96
LEXICAL_WEIGHT: Final = 0.1
"""Of the lexical part in a vector's dot product. Judged people are level from 0 to 0.1, misspelled
titles gain up to 0.2 (docs/ranking.md). Another weight is another vector space."""
BUCKETS: Final = 1 << 15
MAX_CHARS: Final = 1_000
"""Of a text; the encoder reads 800 at most."""

_SIZES: Final = (3, 4, 5)  # letters of an n-gram, the edge of a word counts as one
_WORDS: Final = re.compile(r"[a-z]+")
_LEAST: Final = 3  # letters that are left of a word without its ending
_EDGE: Final = 0x20

# A string's hash is sum(byte * BASE ** position) mod 2**64, taken from prefix sums and moved to
# position 0 by the inverse of BASE, which exists because BASE is odd.
_LENGTH: Final = 2 * MAX_CHARS + 3
_BASE: Final = 0x9E3779B97F4A7C15
_MIX: Final = np.uint64(0xD6E8FEB86659FD93)
_SHIFT: Final = np.uint64(32)
_TOP: Final = np.uint64(64 - 15)

Ids = NDArray[np.int64]


def _powers(base: int) -> NDArray[np.uint64]:
    found = [1]
    for _ in range(_LENGTH):
        found.append(found[-1] * base % (1 << 64))
    return np.array(found, np.uint64)


_POWERS: Final = _powers(_BASE)
_INVERSES: Final = _powers(pow(_BASE, -1, 1 << 64))


@dataclass(frozen=True, slots=True)
class Table:
    """What was learned: row i stands for weights[i] * rows[i].

    Attributes:
        rows: int8 [BUCKETS, DIM].
        weights: uint16 [BUCKETS]; 0 for a bucket that says nothing.
    """

    rows: NDArray[np.int8]
    weights: NDArray[np.uint16]

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32 [n, DIM] of length 1; zeros for a text without a letter."""
        out = np.zeros((len(texts), DIM), np.float32)
        for row, text in zip(out, texts, strict=True):
            ids = features(text)
            # Below 2**16 * 2**7 * 2**13 features: whole numbers that float64 holds exactly.
            total = self.weights[ids].astype(np.float64) @ self.rows[ids].astype(np.float64)
            length = np.sqrt((total * total).sum())
            if length > 0.0:
                row[:] = total / length
        return out


def features(text: str) -> Ids:
    """The buckets of a text's words, neighbouring words and n-grams, each once, ascending."""
    words = [root(word, _LEAST) for word in _WORDS.findall(sounds(text[:MAX_CHARS]))]
    if not words:
        return np.zeros(0, np.int64)
    joined = f" {' '.join(words)} ".encode()[:_LENGTH]
    letters = np.frombuffer(joined, np.uint8)
    n = len(letters)
    sums = np.zeros(n + 1, np.uint64)
    np.cumsum(letters * _POWERS[:n], out=sums[1:])
    edge = letters == _EDGE
    edges = np.flatnonzero(edge)
    crossed = np.zeros(n + 1, np.int64)
    np.cumsum(edge, out=crossed[1:])
    starts = [edges[:-1], edges[:-2]]
    ends = [edges[1:] + 1, edges[2:] + 1]
    for size in _SIZES:
        if n >= size:
            inner = crossed[size - 1 : n] - crossed[1 : n - size + 2]
            at = np.flatnonzero(inner == 0)
            starts.append(at)
            ends.append(at + size)
    start = np.concatenate(starts)
    found = (sums[np.concatenate(ends)] - sums[start]) * _INVERSES[start]
    found = (found ^ (found >> _SHIFT)) * _MIX
    return np.unique((found >> _TOP).astype(np.int64))


def shipped_bytes() -> bytes:
    """The file with the table in the package; another file is another vector space."""
    return (resources.files("models.data") / f"{LEXICAL_VERSION}.npz").read_bytes()


@cache
def shipped() -> Table:
    """The table in the package."""
    with np.load(BytesIO(shipped_bytes()), allow_pickle=False) as arrays:
        return Table(arrays["rows"], arrays["weights"])


def lexical_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Lexical vectors of texts, float32 [n, DIM], of length 1; zeros for one without a letter."""
    return shipped().vectors(texts)
