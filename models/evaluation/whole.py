"""The whole ranking beside the systems that see texts alone: filters, evidence, vetting and all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.evaluation.systems import Scores, System
from schemas.job import Job
from schemas.profile import Profile

if TYPE_CHECKING:
    from models.ranking.offline import TextEncoder
    from models.ranking.weights import Weights


def nothing_held(job: Job) -> bool:
    """No ad waits for review."""
    return False


@dataclass(frozen=True, slots=True)
class Whole:
    """What the stream does, without a broker and without the ranker's threshold.

    In a set of a few hundred jobs the threshold may leave a person one to three. Without it all
    places are taken: harm is looked for harder than need be, and there is attention to spread.

    Attributes:
        encoder: Gives the vectors.
        held: Whether an ad waits for review, and so is in no ranking.
        weights: Of the ranker; None for those shipped.
    """

    encoder: TextEncoder
    held: Callable[[Job], bool] = nothing_held
    weights: Weights | None = None

    def system(self, jobs: Sequence[Job], people: Sequence[Profile] | None = None) -> System:
        """The ranking of exactly these jobs for these people, in their order.

        A score is minus the place; a near-duplicate comes right after the one that it is listed
        with; what is in no ranking is -inf.

        Args:
            jobs: Stand for the documents.
            people: Stand for the queries. None: each query is the text of a person of whom nothing
                else is known.
        """

        def score(queries: Sequence[str], documents: Sequence[str]) -> Scores:
            asking = people
            if asking is None:
                asking = [Profile(profile_id=str(i), text=text) for i, text in enumerate(queries)]
            if (len(queries), len(documents)) != (len(asking), len(jobs)):
                raise ValueError("this system ranks its own people and jobs only")
            found = np.full((len(asking), len(jobs)), -np.inf, np.float32)
            for row, places in zip(found, self._places(asking, jobs), strict=True):
                said = [place for _, group in places for place in group]
                row[said] = -np.arange(len(said), dtype=np.float32)
            return found

        return score

    def scores(self, people: Sequence[Profile], jobs: Sequence[Job]) -> NDArray[np.float64]:
        """Scores of the ranking, [people, jobs]; -inf for what is in none.

        A near-duplicate is in none: the one that it is listed with stands for it.
        """
        found = np.full((len(people), len(jobs)), -np.inf)
        for row, places in zip(found, self._places(people, jobs), strict=True):
            for value, group in places:
                row[group[0]] = value
        return found

    def _places(
        self, people: Sequence[Profile], jobs: Sequence[Job]
    ) -> list[list[tuple[float, list[int]]]]:
        """Per person the score of each place and its jobs' numbers: the one kept, then its like."""
        from models.ranking.blend import make_ranker
        from models.ranking.offline import rank_all

        ranker = make_ranker("blend", 0.0, weights=self.weights)
        number = {job.job_id: i for i, job in enumerate(jobs)}
        open_jobs = [job for job in jobs if not self.held(job)]
        ranked = rank_all(people, open_jobs, self.encoder, ranker, len(jobs))
        return [
            [
                (entry["score"], [number[i] for i in (entry["job_id"], *entry.get("similar", ()))])
                for entry in ranked[person.profile_id]
            ]
            for person in people
        ]
