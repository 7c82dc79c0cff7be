"""Indexes filled as a worker's start fills them, from packed rows of made-up people and ads."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.capacity_rows import person_row, posting_row
from models.ranking.blend import make_ranker
from tables.index.jobs import IndexedJob
from tables.index.matching import MatchState
from tables.index.people import PersonEntry
from tables.rows import person_header, posting_header

TOP_K: Final = 10
Vectors = NDArray[np.float16]


def index_state(dim: int) -> MatchState:
    """Indexes that hold nobody, with the ranker that ships."""
    return MatchState(dim, make_ranker("blend"), TOP_K, unlocks=True)


def put_people(state: MatchState, first: int, vectors: Vectors) -> None:
    """Index people as a start does, from packed rows."""
    index, batch = state.people(0), []
    for number, vector in enumerate(vectors, first):
        name, raw = person_row(number, vector)
        head = person_header(raw)
        assert head.attrs is not None
        batch.append(PersonEntry(name, head.vector, head.attrs, head.profile, frozenset(), None))
    for slot in index.put_many(batch):
        index.told(slot, [f"bolsa-{(slot + n) % 5000:07d}" for n in range(TOP_K)], 0.3)


def put_jobs(state: MatchState, first: int, vectors: Vectors) -> None:
    """Index jobs likewise."""
    batch = []
    for number, vector in enumerate(vectors, first):
        name, raw = posting_row(number, vector)
        head = posting_header(raw)
        assert head.attrs is not None
        job = IndexedJob(name, head.version, head.card, head.attrs, head.signature)
        batch.append((job, head.vector))
    state.jobs.put_many(0, batch)


def fill(
    put: Callable[[MatchState, int, Vectors], None], state: MatchState, first: int, to: Vectors
) -> float:
    """Seconds to put those that are not there yet, a few thousand at a time, as a start does."""
    began = time.perf_counter()
    for start in range(first, len(to), 4096):
        put(state, start, to[start : start + 4096])
    return time.perf_counter() - began
