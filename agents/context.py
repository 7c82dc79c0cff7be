"""What every agent needs, made once by the application."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import numpy as np

from matcher_stream.config.settings import Settings
from matcher_stream.config.topics import TopicNames
from matcher_stream.runtime import metrics
from matcher_stream.runtime.fence import Fence
from matcher_stream.runtime.outputs import Outputs
from models.encoding.embedder import Embedder
from models.ranking.event_bodies import Versions
from models.ranking.ranker import Ranker
from models.reading.text import TEXT_VERSION
from models.search.arrays import Vector
from models.search.matrix import quantise
from models.vetting.outcome import Gate
from tables.state import State

T = TypeVar("T")
Kind = Literal["query", "passage"]
RECENT_TEXTS = 50_000


@dataclass
class Context:
    """The parts of one worker.

    Attributes:
        people_lock: Held from index insert to awaited output by whoever changes people or
            postings; one writer per partition number follows from one lock per worker.
        jobs_lock: The same for the jobs table and its fan-out.
        lists_lock: The same for the lists of candidates.
    """

    settings: Settings
    names: TopicNames
    app: Any
    fence: Fence
    state: State
    outputs: Outputs
    ranker: Ranker
    versions: Versions
    gate: Gate
    encoder: Future[Embedder]
    people_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    jobs_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    lists_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    encode_thread: Executor = field(default_factory=lambda: ThreadPoolExecutor(1, "encode"))
    score_thread: Executor = field(default_factory=lambda: ThreadPoolExecutor(1, "score"))
    #: Events that wait in each agent, by agent; set when the agents are registered.
    backlog: Callable[[], int] = lambda: 0
    _recent: OrderedDict[bytes, Vector] = field(default_factory=OrderedDict)

    @property
    def reads(self) -> tuple[str, ...]:
        """The topics that the agents read."""
        return self.names.read

    async def score(self, function: Callable[..., T], *args: Any) -> T:
        """Run a question to the indexes in the scoring thread."""
        return await asyncio.get_running_loop().run_in_executor(self.score_thread, function, *args)

    def text_hash(self, text: str, kind: Kind) -> bytes:
        """What makes two encoder inputs the same: text, kind, text rules and encoder version."""
        source = f"{self.versions.encoder}\0{TEXT_VERSION}\0{kind}\0{text}"
        return hashlib.blake2b(source.encode("utf-8", "replace"), digest_size=16).digest()

    async def embed(
        self, texts: Sequence[tuple[bytes, str]], kind: Kind, known: dict[bytes, Vector]
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
                self.encode_thread, encoder.encode, list(missing.values()), kind
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
