"""What a ranking is: a pure function of one person and the set of active jobs.

A ranking is defined over all eligible pairs, ordered by (score rounded to 1e-4, job_id) with the
best score first, cut at K and at a threshold. Everything else in this project that finds
rankings (matrices, shortlists, batches) is a faster way to compute what `rank` computes here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.filters import JobAttrs, PersonAttrs, eligible
from models.scoring import pair_scores

Vector = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Person:
    """One person as the ranking sees them: a float16 vector [dim], what they can do and state,
    and the jobs that they told us to leave out.
    """

    profile_id: str
    vector: Vector
    attrs: PersonAttrs
    excluded: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Posting:
    """One active job as the ranking sees it: a float16 vector [dim] and what it demands."""

    job_id: str
    vector: Vector
    attrs: JobAttrs


class Ranker(Protocol):
    """Scores eligible pairs."""

    @property
    def version(self) -> str:
        """Name in every event; a new name re-ranks everybody."""

    @property
    def threshold(self) -> float:
        """Pairs below it are no match."""

    @property
    def slack(self) -> float:
        """Most by which a score may exceed the dense score, so that a shortlist can prove K."""

    def scores(self, person: Vector, jobs: NDArray[np.float16]) -> NDArray[np.float64]:
        """Scores of one person with jobs [m, dim], rounded to 1e-4, float64 [m]."""

    def components(self, score: float) -> dict[str, float]:
        """What the score is made of; the parts add up to it."""


@dataclass(frozen=True, slots=True)
class DenseRanker:
    """The cosine of the two vectors, and nothing else."""

    threshold: float
    version: str = "dense-1"
    slack: float = 0.0

    def scores(self, person: Vector, jobs: NDArray[np.float16]) -> NDArray[np.float64]:
        """Cosines, rounded to 1e-4, float64 [m]."""
        return pair_scores(person, jobs)

    def components(self, score: float) -> dict[str, float]:
        """The one component."""
        return {"dense": score}


def best(pairs: Iterable[tuple[str, float]], k: int) -> list[tuple[str, float]]:
    """The first `k` of (id, score) in ranking order: best score first, then the smaller id."""
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k]


def rank(
    person: Person, jobs: Sequence[Posting], ranker: Ranker, k: int
) -> list[tuple[str, float]]:
    """The ranking of one person by brute force: (job_id, score), best first."""
    fit = [
        job
        for job in jobs
        if job.job_id not in person.excluded and eligible(person.attrs, job.attrs)
    ]
    if not fit or not len(person.vector):
        return []
    scores = ranker.scores(person.vector, np.stack([job.vector for job in fit]))
    pairs = zip((job.job_id for job in fit), scores.tolist(), strict=True)
    return best(((i, s) for i, s in pairs if s >= ranker.threshold), k)


def rank_people(
    job: Posting, people: Sequence[Person], ranker: Ranker, k: int
) -> list[tuple[str, float]]:
    """The people for one job by brute force: (profile_id, score), best first."""
    fit = [
        person
        for person in people
        if len(person.vector)
        and job.job_id not in person.excluded
        and eligible(person.attrs, job.attrs)
    ]
    if not fit:
        return []
    scores = ranker.scores(job.vector, np.stack([person.vector for person in fit]))
    pairs = zip((person.profile_id for person in fit), scores.tolist(), strict=True)
    return best(((i, s) for i, s in pairs if s >= ranker.threshold), k)
