"""Texts to vectors, each text once: known vectors are kept, the encoder has a thread of its own."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from matcher_stream.runtime import metrics
from models.encoding.embedder import Embedder
from models.reading.text import TEXT_VERSION
from models.search.arrays import Vector
from models.search.matrix import quantise

if TYPE_CHECKING:
    from models.encoding.encoder import TextKind

RECENT_TEXTS = 50_000


class TextVectors:
    """The vectors of a worker's texts.

    Args:
        encoder: Loaded beside the worker's start.
        version: Of the vector space, known before the encoder is loaded.
        thread: Encodes; one at a time.
    """

    def __init__(
        self, encoder: Future[Embedder], version: str, thread: Executor | None = None
    ) -> None:
        self.encoder = encoder
        self._version = version
        self._thread = thread or ThreadPoolExecutor(1, "encode")
        self._recent: OrderedDict[bytes, Vector] = OrderedDict()

    def hash(self, text: str, kind: TextKind) -> bytes:
        """What makes two encoder inputs the same: text, kind, text rules and encoder version."""
        source = f"{self._version}\0{TEXT_VERSION}\0{kind}\0{text}"
        return hashlib.blake2b(source.encode("utf-8", "replace"), digest_size=16).digest()

    async def embed(
        self, texts: Sequence[tuple[bytes, str]], kind: TextKind, known: dict[bytes, Vector]
    ) -> dict[bytes, Vector]:
        """float16 vectors by text hash; a text whose vector is known is not encoded again.

        Args:
            texts: (hash, text) pairs, repeats allowed.
            kind: ``query`` for people, ``passage`` for jobs.
            known: Vectors that stand in tables already, by hash.
        """
        vectors = dict(known)
        missing: dict[bytes, str] = {}
        for digest, text in texts:
            if digest in vectors:
                continue
            if (recent := self._recent.get(digest)) is not None:
                vectors[digest] = recent
            else:
                missing[digest] = text
        if missing:
            encoder = await asyncio.wrap_future(self.encoder)
            rows = await asyncio.get_running_loop().run_in_executor(
                self._thread, encoder.encode, list(missing.values()), kind
            )
            for digest, row in zip(missing, quantise(np.asarray(rows)), strict=True):
                vectors[digest] = self._remember(digest, row)
            metrics.EMBEDDED.labels(kind).inc(len(missing))
        metrics.REUSED.labels(kind).inc(len(texts) - len(missing))
        return vectors

    def _remember(self, digest: bytes, vector: Vector) -> Vector:
        kept = vector.copy()  # a view would keep its whole batch alive
        self._recent[digest] = kept
        if len(self._recent) > RECENT_TEXTS:
            self._recent.popitem(last=False)
        return kept
