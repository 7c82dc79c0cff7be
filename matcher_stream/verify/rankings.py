"""Rankings by brute force, and how a ranking that was sent may differ from them.

Nothing here uses the indexes: every person is scored against every job, in float64, from the
vectors as stored, and filtered by the filters' scalar definition (or, for very many pairs, by
their masks).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.ranking.evidence import jobs_side, people_side
from models.ranking.filters import JobColumns, eligible, eligible_jobs
from models.ranking.ranker import ActiveJob, Person, Place, Ranker, best, collapse
from models.search.pairing import exact_dots

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
        self, people: Sequence[Person], jobs: Sequence[ActiveJob], ranker: Ranker, k: int
    ) -> None:
        self.ranker, self._k = ranker, k
        self._people = [person.profile_id for person in people]
        self._jobs = [job.job_id for job in jobs]
        self._person_vectors = _stack([person.vector for person in people])
        self._job_vectors = _stack([job.vector for job in jobs])
        self._person_at = {name: i for i, name in enumerate(self._people)}
        self._job_at = {name: i for i, name in enumerate(self._jobs)}
        self._fit = self._eligible(people, jobs)
        self._people_side = people_side([person.attrs for person in people])
        self._jobs_side = jobs_side([job.attrs for job in jobs])
        self.signatures = {job.job_id: job.signature for job in jobs}

    def check_person(self, profile_id: str, sent: Sequence[Place]) -> tuple[int, list[str]]:
        """Compare a ranking that was sent; as `_compare` returns."""
        row = self._person_at.get(profile_id)
        ranked = [(place.job_id, place.score) for place in sent]
        if row is None or not self._jobs:
            return self._compare(ranked, {}, [])
        dots = exact_dots(self._person_vectors[row : row + 1], self._job_vectors)
        asking = self._people_side.take(np.array([row]))
        scores = self.ranker.scores(dots, asking, self._jobs_side)
        must = self._ranking(self._fit[row], scores)
        top = [(place.job_id, place.score) for place in must]
        allowed = self._allowed(ranked, self._job_at, self._fit[row], scores)
        swaps, wrong = self._compare(ranked, allowed, top)
        if not swaps and not wrong and _similar(sent) != _similar(must):
            wrong.append("names other near-duplicates")
        return swaps, wrong

    def scores(self, profile_id: str, job_ids: Sequence[str]) -> dict[str, float]:
        """Scores of those of these jobs that may be matched with a person."""
        row = self._person_at.get(profile_id)
        if row is None or not self._jobs:
            return {}
        at = {i: self._job_at[i] for i in job_ids if i in self._job_at}
        at = {name: column for name, column in at.items() if self._fit[row, column]}
        columns = np.array(list(at.values()), np.int64)
        if not len(columns):
            return {}
        dots = exact_dots(self._person_vectors[row : row + 1], self._job_vectors[columns])
        asking = self._people_side.take(np.array([row]))
        scores = self.ranker.scores(dots, asking, self._jobs_side.take(columns))
        return dict(zip(at, scores.tolist(), strict=True))

    def _ranking(self, fit: NDArray[np.bool_], scores: NDArray[np.float64]) -> list[Place]:
        passing = np.flatnonzero(fit & (scores >= self.ranker.threshold))
        for most in (8 * self._k, len(passing)):  # near-duplicates may use up the first
            ordered = self._top(self._jobs, passing, scores, most)
            places = collapse(((i, s, self.signatures[i]) for i, s in ordered), self._k)
            if len(places) == self._k:
                break
        return places

    def check_job(self, job_id: str, sent: Ranked) -> tuple[int, list[str]]:
        """Compare a list of people that was sent; as `_compare` returns."""
        if not self._people:
            return self._compare(sent, {}, [])
        column = self._job_at[job_id]
        dots = exact_dots(self._job_vectors[column : column + 1], self._person_vectors)
        asking = self._jobs_side.take(np.array([column]))
        scores = self.ranker.scores(dots, self._people_side, asking)
        fit = self._fit[:, column]
        passing = np.flatnonzero(fit & (scores >= self.ranker.threshold))
        top = self._top(self._people, passing, scores, self._k)
        return self._compare(sent, self._allowed(sent, self._person_at, fit, scores), top)

    def _eligible(self, people: Sequence[Person], jobs: Sequence[ActiveJob]) -> NDArray[np.bool_]:
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

    @staticmethod
    def _top(
        names: Sequence[str], passing: NDArray[np.int64], scores: NDArray[np.float64], most: int
    ) -> Ranked:
        if len(passing) > most:  # names are only needed of the best and of those that tie
            cut = np.partition(scores[passing], -most)[-most]
            passing = passing[scores[passing] >= cut]
        return best(((names[i], float(scores[i])) for i in passing.tolist()), most)

    @staticmethod
    def _allowed(
        sent: Ranked, at: dict[str, int], fit: NDArray[np.bool_], scores: NDArray[np.float64]
    ) -> dict[str, float]:
        """Scores of those of `sent` that may be matched."""
        places = {name: i for name, _ in sent if (i := at.get(name)) is not None and fit[i]}
        return {name: float(scores[i]) for name, i in places.items()}

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
        threshold = self.ranker.threshold
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


def _similar(places: Sequence[Place]) -> dict[str, frozenset[str]]:
    return {place.job_id: frozenset(place.similar) for place in places}
