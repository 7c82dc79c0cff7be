"""Texts to vectors, each text once: known vectors are kept, the encoder has threads of its own."""

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
from matcher_stream.runtime.turns import Pace, Turns
from models.encoding.embedder import Embedder
from models.reading.text import TEXT_VERSION
from models.search.arrays import Vector
from models.search.matrix import quantise

if TYPE_CHECKING:
    from models.encoding.encoder import TextKind

RECENT_TEXTS = 50_000
PIECE_SECONDS: Final = 0.25
"""How long one call of the encoder may take, about: a person who comes meanwhile waits so long."""
SHORT_SECONDS: Final = 0.1
"""The same for texts of ads while people come."""
_AHEAD: Final = 2  # pieces that the encoder has: no core waits while the first one ends
_SMALLEST, _LARGEST = 4, 128  # texts in a call: below it costs more a text, above it gains nothing


class TextVectors:
    """The vectors of a worker's texts.

    Args:
        encoder: Loaded beside the worker's start.
        version: Of the vector space, known before the encoder is loaded.
        threads: In which the encoder is called.
    """

    def __init__(
        self, encoder: Future[Embedder], version: str, threads: Executor | None = None
    ) -> None:
        self.encoder = encoder
        self._version = version
        self._threads = threads or ThreadPoolExecutor(_AHEAD, "encode")
        self._ended = 0.0
        self._recent: OrderedDict[bytes, Vector] = OrderedDict()
        self._turns = Turns(places=_AHEAD)
        self._order = {"query": asyncio.Lock(), "passage": asyncio.Lock()}
        #: Texts that are being encoded, and what is done when they are.
        self._coming: dict[bytes, asyncio.Future[None]] = {}
        self._pace = Pace(_SMALLEST, _LARGEST)

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
        vectors, encoded = dict(known), 0
        while wanted := {digest: text for digest, text in texts if digest not in vectors}:
            missing = self._missing(wanted, vectors)
            if missing:
                with tracing.step("encode"):
                    vectors.update(await self._embed(missing, kind))
                encoded += len(missing)
            elif coming := [self._coming[digest] for digest in wanted if digest in self._coming]:
                await asyncio.wait(coming)  # encoded once: another's company, another vector
        metrics.EMBEDDED.labels(kind).inc(encoded)
        metrics.REUSED.labels(kind).inc(len(texts) - encoded)
        return vectors

    def _missing(self, wanted: dict[bytes, str], vectors: dict[bytes, Vector]) -> dict[bytes, str]:
        """What nobody encodes yet; adds to `vectors` what is known."""
        missing: dict[bytes, str] = {}
        for digest, text in wanted.items():
            if (recent := self._recent.get(digest)) is not None:
                vectors[digest] = recent
            elif digest not in self._coming:
                missing[digest] = text
        return missing

    async def _embed(self, missing: dict[bytes, str], kind: TextKind) -> dict[bytes, Vector]:
        """Encode texts that nobody else encodes meanwhile."""
        done = asyncio.get_running_loop().create_future()
        self._coming.update(dict.fromkeys(missing, done))
        try:
            rows = await self._encode(missing, kind)
            return {d: self._remember(d, row) for d, row in zip(missing, rows, strict=True)}
        finally:  # if it failed, who waits finds it missing
            for digest in missing:
                del self._coming[digest]
            done.set_result(None)

    async def _encode(self, missing: dict[bytes, str], kind: TextKind) -> Vector:
        """float16 vectors [len(missing), dim], a piece at a time: people go ahead of jobs."""
        await asyncio.wrap_future(self.encoder)
        texts, first = list(missing.values()), kind == "query"
        pieces: list[asyncio.Future[Vector]] = []
        done, ended, short = 0, 0, False
        try:
            async with self._order[kind]:  # the next batch's pieces follow the last of this one
                while done < len(texts) or (ended < len(pieces) and short):
                    short = not first and self._turns.attended()
                    if done < len(texts) and len(pieces) - ended < (1 if short else _AHEAD):
                        most = self._pace.fitting(SHORT_SECONDS if short else PIECE_SECONDS)
                        part = texts[done : done + most]
                        done += len(part)
                        pieces.append(asyncio.ensure_future(self._piece(part, kind)))
                    else:
                        await pieces[ended]
                        ended += 1
            return np.concatenate([await piece for piece in pieces])
        finally:
            for piece in pieces:
                piece.cancel()

    async def _piece(self, texts: list[str], kind: TextKind) -> Vector:
        async with self._turns.turn(first=kind == "query"):
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._timed, texts, kind)

    def _timed(self, texts: list[str], kind: TextKind) -> Vector:
        """In a thread: the vectors, and how long they took after the piece before."""
        started = time.monotonic()
        found = quantise(np.asarray(self.encoder.result().encode(texts, kind)))
        ended = time.monotonic()
        self._pace.note(len(texts), ended - max(started, self._ended))
        self._ended = ended
        return found

    def _remember(self, digest: bytes, vector: Vector) -> Vector:
        kept = vector.copy()  # a view would keep its whole batch alive
        self._recent[digest] = kept
        if len(self._recent) > RECENT_TEXTS:
            self._recent.popitem(last=False)
        return kept
