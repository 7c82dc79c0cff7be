"""Vectors that are the same everywhere: the words of a text, each with its fixed direction.

As an encoder's do, they all lie in one cone: two texts without a word in common have a cosine of
about 0.7, on the scale that the ranker's threshold is made for.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from models.encoding.embedder import Embedder
from models.encoding.encoder import Encoder
from models.encoding.lexical import LEXICAL_WEIGHT

DIM = 32
COMMON = 0.7
"""Least cosine of two texts, but for chance."""
_WORD = re.compile(r"\w+")


@lru_cache(maxsize=10_000)
def _direction(word: str) -> NDArray[np.float32]:
    seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
    made = np.random.default_rng(seed).standard_normal(DIM).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made), np.float32)


class FixedEncoder:
    """As much of an encoder as an `Embedder` needs; texts that share words are near each other.

    Attributes:
        encoded: Every text it was given.
        kinds: Of each of them.
    """

    version = "fixed-1"
    dim = DIM

    def __init__(self) -> None:
        self.encoded: list[str] = []
        self.kinds: list[str] = []

    def encode(self, texts: Sequence[str], kind: str) -> NDArray[np.float32]:
        """Vectors of length 1, float32 [len(texts), DIM]."""
        self.encoded += texts
        self.kinds += [kind] * len(texts)
        rows = np.zeros((len(texts), DIM), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in sorted(set(_WORD.findall(text.lower())) or {"-"}):
                row += _direction(word)
            row *= np.sqrt(1 - COMMON) / np.linalg.norm(row)
            row += np.sqrt(COMMON) * _direction("")
            row /= np.linalg.norm(row)
        return rows


def fixed_embedder() -> Embedder:
    """The real embedder, with the shipped lexical part, around fixed vectors."""
    encoder: Any = FixedEncoder()
    return Embedder(cast(Encoder, encoder), LEXICAL_WEIGHT)
