"""Rankings by brute force, and how a ranking that was sent may differ from them.

Nothing here uses the indexes: every person is scored against every job, in float64, from the
vectors as stored, and filtered by the filters' scalar definition (or, for very many pairs, by
their masks).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.filters import JobColumns, eligible, eligible_jobs
from models.ranker import Person, Posting, Ranker, best

TOLERANCE = 2e-4
_SCALAR_PAIRS = 5_000_000
_EPS = 1e-9

#: Ids and scores, best first.
Ranked = list[tuple[str, float]]


class BruteForce:
    """All pairs of these people and jobs.

    Args:
        people: Everybody who takes part in matching; each with a vector.
        jobs: Every active job.
        ranker: How a pair is scored.
        k: Length of a ranking.
    """

    def __init__(
        self, people: Sequence[Person], jobs: Sequence[Posting], ranker: Ranker, k: int
    ) -> None:
        self._ranker, self._k = ranker, k
        self._people = [person.profile_id for person in people]
        self._jobs = [job.job_id for job in jobs]
        self._person_vectors = _stack([person.vector for person in people])
        self._job_vectors = _stack([job.vector for job in jobs])
        self._person_at = {name: i for i, name in enumerate(self._people)}
        self._job_at = {name: i for i, name in enumerate(self._jobs)}
        self._fit = self._eligible(people, jobs)

    def check_person(self, profile_id: str, sent: Ranked) -> tuple[int, list[str]]:
        """Compare a ranking that was sent; as `_compare` returns."""
        row = self._person_at.get(profile_id)
        if row is None or not self._jobs:
            return self._compare(sent, {}, [])
        scores = self._ranker.scores(self._person_vectors[row], self._job_vectors)
        return self._check(sent, self._jobs, self._job_at, self._fit[row], scores)

    def check_job(self, job_id: str, sent: Ranked) -> tuple[int, list[str]]:
        """Compare a list of people that was sent; as `_compare` returns."""
        if not self._people:
            return self._compare(sent, {}, [])
        column = self._job_at[job_id]
        scores = self._ranker.scores(self._job_vectors[column], self._person_vectors)
        return self._check(sent, self._people, self._person_at, self._fit[:, column], scores)

    def _eligible(self, people: Sequence[Person], jobs: Sequence[Posting]) -> NDArray[np.bool_]:
        """Who may be matched with what, bool [people, jobs]."""
        fit = np.zeros((len(people), len(jobs)), np.bool_)
        if len(people) * len(jobs) > _SCALAR_PAIRS:
            columns = JobColumns()
            columns.grow(len(jobs))
            for slot, job in enumerate(jobs):
                columns.set(slot, job.attrs)
            for row, person in enumerate(people):
                fit[row] = eligible_jobs(person.attrs, columns, len(jobs))
        else:
            for row, person in enumerate(people):
                attrs = person.attrs
                fit[row] = [eligible(attrs, job.attrs) for job in jobs]
        for row, person in enumerate(people):
            for job_id in person.excluded:
                if (column := self._job_at.get(job_id)) is not None:
                    fit[row, column] = False
        return fit

    def _check(
        self,
        sent: Ranked,
        names: Sequence[str],
        at: dict[str, int],
        fit: NDArray[np.bool_],
        scores: NDArray[np.float64],
    ) -> tuple[int, list[str]]:
        passing = np.flatnonzero(fit & (scores >= self._ranker.threshold))
        if len(passing) > self._k:  # names are only needed of the best and of those that tie
            cut = np.partition(scores[passing], -self._k)[-self._k]
            passing = passing[scores[passing] >= cut]
        top = best(((names[i], float(scores[i])) for i in passing.tolist()), self._k)
        allowed = {
            name: float(scores[i]) for name, _ in sent if (i := at.get(name)) is not None and fit[i]
        }
        return self._compare(sent, allowed, top)

    def _compare(
        self, sent: Ranked, allowed: dict[str, float], top: Ranked
    ) -> tuple[int, list[str]]:
        """How a ranking that was sent differs from the one it must be.

        Args:
            sent: What was sent.
            allowed: The score of those of `sent` that may be matched.
            top: What must be sent.

        Returns:
            Swaps that rounding excuses, and a sentence for every difference that it does not.
        """
        swaps, wrong = 0, []
        threshold = self._ranker.threshold
        kth = top[-1][1] if len(top) == self._k else threshold
        must, have = dict(top), dict(sent)

        def near_an_edge(score: float) -> bool:
            return min(abs(score - kth), abs(score - threshold)) <= TOLERANCE + _EPS

        for name, score in have.items():
            if name not in allowed:
                wrong.append(f"has {name}, which may not be matched")
                continue
            off = abs(score - allowed[name])
            if off > TOLERANCE + _EPS:
                wrong.append(f"gives {name} {score:.4f} in place of {allowed[name]:.4f}")
            elif name not in must and not near_an_edge(allowed[name]):
                wrong.append(f"has {name} with {score:.4f}, which is not among the best")
            elif name not in must or off > _EPS:
                swaps += 1
        for name in must.keys() - have.keys():
            if near_an_edge(must[name]):
                swaps += 1
            else:
                wrong.append(f"lacks {name} with {must[name]:.4f}")
        if len(have) != len(sent):
            wrong.append("names something twice")
        order = [(-score, name) for name, score in sent]
        if order != sorted(order):
            wrong.append("is not in order of score, then id")
        return swaps, wrong


def _stack(vectors: list[NDArray[np.float16]]) -> NDArray[np.float16]:
    return np.stack(vectors) if vectors else np.zeros((0, 0), np.float16)
