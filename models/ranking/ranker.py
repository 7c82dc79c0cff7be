"""What a ranking is: a pure function of one person and the set of active jobs.

A ranking is defined over all eligible pairs, ordered by (score rounded to 1e-4, job_id) with the
best score first; of near-duplicates only the first is kept; cut at K and at a threshold.
Everything else in this project that finds rankings (matrices, shortlists, batches) is a faster way
to compute what `rank` computes here.

A score begins with the dot product of two vectors. A ranker may add bounded evidence to it and
put the sum on another scale, as long as more is never worth less.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from models.ranking import duplicates
from models.ranking.attrs import JobAttrs, PersonAttrs
from models.ranking.evidence import Side, jobs_side, people_side
from models.ranking.filters import eligible
from models.search.arrays import Double, Vector
from models.search.pairing import Bounds, DotBounds, exact_dots, rounded
from schemas.matches import MAX_SIMILAR


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
class ActiveJob:
    """One active job as the ranking sees it: a float16 vector [dim], what it demands, and the
    signature of its text, by which near-duplicates are known (empty: of none).
    """

    job_id: str
    vector: Vector
    attrs: JobAttrs
    signature: bytes = b""


class Place(NamedTuple):
    """One place in a ranking; `similar` are the best near-duplicates that it stands for."""

    job_id: str
    score: float
    similar: tuple[str, ...] = ()


class Ranker(Bounds, Protocol):
    """Turns dot products and evidence into scores; its bounds hold whatever the evidence."""

    @property
    def version(self) -> str:
        """Name in every event; a new name re-ranks everybody."""

    @property
    def threshold(self) -> float:
        """Pairs below it are no match."""

    @property
    def send(self) -> float:
        """Matches from it on are worth a message; the others may be shown beside them."""

    def scores(self, dots: Double, people: Side, jobs: Side) -> Double:
        """Scores of pairs, rounded to 1e-4, float64 [n].

        Args:
            dots: Exact dot products of the pairs' vectors, [n]; or bounds of them, [m, n].
            people, jobs: Their evidence, one row a pair, or one row for all.
        """

    def components(
        self, queries: Vector, rows: Vector, people: Side, jobs: Side
    ) -> list[dict[str, float]]:
        """What the scores of pairs [n] are made of; the parts add up to the score.

        Args:
            queries, rows: Vectors of the pairs, [n, dim].
            people, jobs: Their evidence, one row a pair.
        """


@dataclass(frozen=True, slots=True)
class DenseRanker(DotBounds):
    """The dot product of the two vectors, and nothing else."""

    threshold: float
    version: str = "dense-2"

    @property
    def send(self) -> float:
        """The threshold: what vectors alone are that sure of is worth a message."""
        return self.threshold

    def scores(self, dots: Double, people: Side, jobs: Side) -> Double:
        """The dots, rounded."""
        return rounded(dots)

    def components(
        self, queries: Vector, rows: Vector, people: Side, jobs: Side
    ) -> list[dict[str, float]]:
        """The one component."""
        return [{"dense": score} for score in rounded(exact_dots(queries, rows)).tolist()]


def best(pairs: Iterable[tuple[str, float]], k: int) -> list[tuple[str, float]]:
    """The first `k` of (id, score) in ranking order: best score first, then the smaller id."""
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k]


def collapse(ordered: Iterable[tuple[str, float, bytes]], k: int) -> list[Place]:
    """The first `k` of (job_id, score, signature) in ranking order that are no near-duplicate.

    A near-duplicate of one that is kept goes with the first such, as long as it comes before the
    ranking is full; the first `MAX_SIMILAR` are listed there, any others are left out.
    """
    kept: list[tuple[str, float, bytes]] = []
    similar: list[list[str]] = []
    for item in ordered:
        for place, other in enumerate(kept):
            if item[2] and other[2] and duplicates.same(item[2], other[2]):
                if len(similar[place]) < MAX_SIMILAR:
                    similar[place].append(item[0])
                break
        else:
            kept.append(item)
            similar.append([])
            if len(kept) == k:
                break
    return [Place(i, s, tuple(more)) for (i, s, _), more in zip(kept, similar, strict=True)]


def rank(person: Person, jobs: Sequence[ActiveJob], ranker: Ranker, k: int) -> list[Place]:
    """The ranking of one person by brute force, best first."""
    fit = [
        job
        for job in jobs
        if job.job_id not in person.excluded and eligible(person.attrs, job.attrs)
    ]
    if not fit or not len(person.vector):
        return []
    dots = exact_dots(person.vector[None], np.stack([job.vector for job in fit]))
    asked = jobs_side([job.attrs for job in fit])
    scores = ranker.scores(dots, people_side([person.attrs]), asked).tolist()
    signatures = {job.job_id: job.signature for job in fit}
    reached = [
        (job.job_id, score)
        for job, score in zip(fit, scores, strict=True)
        if score >= ranker.threshold
    ]
    ordered = best(reached, len(reached))
    return collapse(((i, score, signatures[i]) for i, score in ordered), k)


def rank_people(
    job: ActiveJob, people: Sequence[Person], ranker: Ranker, k: int
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
    dots = exact_dots(job.vector[None], np.stack([person.vector for person in fit]))
    have = people_side([person.attrs for person in fit])
    scores = ranker.scores(dots, have, jobs_side([job.attrs]))
    pairs = zip((person.profile_id for person in fit), scores.tolist(), strict=True)
    return best(((i, s) for i, s in pairs if s >= ranker.threshold), k)
