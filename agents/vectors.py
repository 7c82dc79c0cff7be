"""Texts to vectors, each text once: known vectors are kept, the encoder has a thread of its own."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np

from matcher_stream.runtime import metrics, tracing
from matcher_stream.runtime.turns import Turns
from models.encoding.embedder import Embedder
from models.reading.text import TEXT_VERSION
from models.search.arrays import Vector
from models.search.matrix import quantise

if TYPE_CHECKING:
    from models.encoding.encoder import TextKind

RECENT_TEXTS = 50_000
PIECE_SECONDS: Final = 0.25
"""How long one call of the encoder may take, about: a person who comes meanwhile waits so long."""
_SMALLEST, _LARGEST = 8, 128  # texts in a call: below it costs more a text, above it gains nothing


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
        self._turns = Turns()
        self._piece = _SMALLEST

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
            with tracing.step("encode"):
                rows = await self._encode(missing, kind)
            for digest, row in zip(missing, rows, strict=True):
                vectors[digest] = self._remember(digest, row)
            metrics.EMBEDDED.labels(kind).inc(len(missing))
        metrics.REUSED.labels(kind).inc(len(texts) - len(missing))
        return vectors

    async def _encode(self, missing: dict[bytes, str], kind: TextKind) -> Vector:
        """float16 vectors [len(missing), dim], a piece at a time: people go ahead of jobs."""
        encoder = await asyncio.wrap_future(self.encoder)
        loop, texts, rows = asyncio.get_running_loop(), list(missing.values()), []
        done = 0
        while done < len(texts):
            async with self._turns.turn(first=kind == "query"):
                part = texts[done : done + self._piece]
                started = time.monotonic()
                found = await loop.run_in_executor(self._thread, encoder.encode, part, kind)
                self._adapt(len(part), time.monotonic() - started)
            rows.append(quantise(np.asarray(found)))
            done += len(part)
        return np.concatenate(rows)

    def _adapt(self, count: int, seconds: float) -> None:
        """Choose the next piece by the pace of this one, growing by no more than twice."""
        fitting = int(count * PIECE_SECONDS / max(seconds, 1e-6))
        self._piece = max(_SMALLEST, min(_LARGEST, fitting, 2 * max(count, self._piece)))

    def _remember(self, digest: bytes, vector: Vector) -> Vector:
        kept = vector.copy()  # a view would keep its whole batch alive
        self._recent[digest] = kept
        if len(self._recent) > RECENT_TEXTS:
            self._recent.popitem(last=False)
        return kept
