"""What is compared: plain text baselines and the vectors of this project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.encoding.lexical import lexical_vectors

if TYPE_CHECKING:
    from models.encoding.embedder import Embedder
    from models.encoding.encoder import Encoder, TextKind

Scores = NDArray[np.float32]
#: Scores of every query and document, [queries, documents].
System = Callable[[Sequence[str], Sequence[str]], Scores]


def bm25(queries: Sequence[str], documents: Sequence[str]) -> Scores:
    """Words after Robertson's BM25 (k1 1.5, b 0.75), by the package bm25s."""
    import bm25s

    model = bm25s.BM25()
    model.index(bm25s.tokenize(list(documents), stopwords="es", show_progress=False),
                show_progress=False)  # fmt: skip
    asked = bm25s.tokenize(list(queries), stopwords="es", show_progress=False, return_ids=False)
    return np.stack([model.get_scores(words) for words in asked]).astype(np.float32)


def char_tfidf(queries: Sequence[str], documents: Sequence[str]) -> Scores:
    """Cosine of character 3- to 5-grams within words weighted by tf-idf, by scikit-learn."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    model = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, strip_accents="unicode"
    )
    held = model.fit_transform(documents)
    found: Scores = (model.transform(queries) @ held.T).toarray().astype(np.float32)
    return found


def lexical(queries: Sequence[str], documents: Sequence[str]) -> Scores:
    """The lexical vectors alone."""
    found: Scores = lexical_vectors(queries) @ lexical_vectors(documents).T
    return found


def once(system: System) -> System:
    """A system that scores the same texts once: figures and lists ask it alike."""
    held: dict[tuple[tuple[str, ...], tuple[str, ...]], Scores] = {}

    def score(queries: Sequence[str], documents: Sequence[str]) -> Scores:
        asked = tuple(queries), tuple(documents)
        if asked not in held:
            held[asked] = system(queries, documents)
        return held[asked]

    return score


class EncodeOnce:
    """An encoder that remembers: each distinct text is encoded once in its life, in memory only.

    Args:
        encoder: What encodes; 1.5 kB are held for each text and kind.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder, self.version, self.dim = encoder, encoder.version, encoder.dim
        self._held: dict[tuple[TextKind, str], NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str], kind: TextKind) -> NDArray[np.float32]:
        """As the encoder does, [len(texts), dim]."""
        fresh = [t for t in dict.fromkeys(texts) if (kind, t) not in self._held]
        if fresh:
            for text, vector in zip(fresh, self.encoder.encode(fresh, kind), strict=True):
                self._held[kind, text] = vector
        found = [self._held[kind, text] for text in texts]
        return np.stack(found) if found else np.zeros((0, self.dim), np.float32)


def vectors(encoder: Encoder | Embedder | EncodeOnce) -> System:
    """Dot products of an encoder's or embedder's vectors."""

    def score(queries: Sequence[str], documents: Sequence[str]) -> Scores:
        asked = encoder.encode(queries, "query")
        found: Scores = asked @ encoder.encode(documents, "passage").T
        return found

    return score
