"""The vector of a text: what it means beside how it is spelt.

A vector is the encoder's, of length 1, followed by the lexical one times sqrt(weight): the dot
product of two such vectors is cosine + weight * lexical cosine, still one exact product. Neither
part knows the grammatical gender of the words. The encoder is told standard words beside those
of the street; the lexical part, which hears misspelt words itself, is not (docs/vocabulary.md).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.encoding.lexical import (
    DIM,
    LEXICAL_VERSION,
    LEXICAL_WEIGHT,
    lexical_vectors,
    shipped_bytes,
)
from models.encoding.registry import AUTO, resolve
from models.reading.andean import ANDEAN_VERSION
from models.reading.gender import GENDER_VERSION, neutral
from models.reading.lexicon import LEXICON_VERSION, normalise

if TYPE_CHECKING:
    from models.encoding.autotune import Precision
    from models.encoding.encoder import Encoder, TextKind


def vector_version(source: str, adapter: str = AUTO) -> str:
    """Name of the vector space of an encoder source, known without loading it.

    Raises:
        MissingModel: nothing usable is there.
    """
    return _space(resolve(source, adapter).version(), LEXICAL_WEIGHT)


@cache
def _space(version: str, weight: float) -> str:
    lexical = f"{LEXICAL_VERSION}:{weight}:".encode() + shipped_bytes() if weight else b""
    read = f"{GENDER_VERSION}:{LEXICON_VERSION}:{ANDEAN_VERSION}:"
    part = hashlib.sha256(read.encode() + lexical)
    return f"{version}-{part.hexdigest()[:6]}"


class Embedder:
    """An encoder with the lexical part beside it; any thread may call `encode`.

    Args:
        encoder: Gives vectors of length 1.
        weight: Of the lexical part; 0 leaves it out.

    Attributes:
        encoder: As given.
        version: Names the vector space.
        dim: Length of a vector.
    """

    def __init__(self, encoder: Encoder, weight: float) -> None:
        self.encoder, self._scale = encoder, math.sqrt(weight)
        self.version = _space(encoder.version, weight)
        self.dim = encoder.dim + (DIM if weight else 0)

    def encode(self, texts: Sequence[str], kind: TextKind) -> NDArray[np.float32]:
        """Vectors, float32 [len(texts), dim], in the texts' order."""
        dense = self.encoder.encode([neutral(normalise(text)) for text in texts], kind)
        if not self._scale:
            return dense
        return np.hstack([dense, np.float32(self._scale) * lexical_vectors(texts)])


def load_embedder(
    source: str,
    precision: Precision = "auto",
    cache_dir: Path | None = None,
    adapter: str = AUTO,
) -> Embedder:
    """Load an encoder with its adapter, and the shipped lexical table.

    Raises:
        MissingModel: the weights are not here; the sentence says what to do.
    """
    from models.encoding.encoder import load_encoder  # torch takes seconds

    encoder = load_encoder(source, precision, cache_dir, adapter=adapter)
    return Embedder(encoder, LEXICAL_WEIGHT)
