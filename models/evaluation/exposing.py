"""The exposure report over people and jobs judged by hand, over titles, or over samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation import congestion, run
from models.evaluation.graded import Graded
from models.evaluation.metrics import Values, ndcg_at
from models.evaluation.systems import System
from models.evaluation.tasks import Task
from models.evaluation.whole import Whole
from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.blend import make_ranker
from models.ranking.evidence import jobs_side, people_side
from models.ranking.weights import Weights
from schemas.job import Job
from schemas.profile import Profile

FIRST: Final = 3
"""As many jobs as one message names."""


def of_judged(judged: Graded, whole: Whole) -> dict[str, Any]:
    """The whole ranking over all jobs."""
    scores = whole.scores(judged.people, judged.jobs)
    quality = _ndcg(judged.grades)
    cases = _cases(scores, _vacancies(judged.jobs), lambda _scores, _top: quality, whole.weights)
    return {"quality is": "nDCG@10 over the jobs judged for each person", "cases": cases}


def of_samples(people: Sequence[Profile], jobs: Sequence[Job], whole: Whole) -> dict[str, Any]:
    """The whole ranking of people and jobs that nobody judged."""
    scores = whole.scores(people, jobs)
    what = "share of the mean score that is left (nobody judged these people and jobs)"
    cases = _cases(scores, _vacancies(jobs), congestion.kept_score, whole.weights)
    return {"quality is": what, "cases": cases}


def of_titles(task: Task, system: System, weights: Weights | None = None) -> dict[str, Any]:
    """Every title a person and a job with one vacancy; scores on the ranker's scale."""
    nothing = (
        people_side([person_attrs(Profile(profile_id="nobody", text="-"))]),
        jobs_side([job_attrs({"title": "-"})]),
    )
    dots = system(task.queries, task.documents).astype(np.float64)
    ranker = make_ranker("blend", weights=weights)
    scores = ranker.scores(dots.ravel(), *nothing).reshape(dots.shape)
    rows = np.arange(len(scores))
    scores[rows, task.itself] = -np.inf
    quality = _ndcg([dict.fromkeys(right, 1.0) for right in task.relevant], judged_only=False)
    what = "nDCG@10; each title is a person and a job with one vacancy"
    cases = _cases(scores, [1] * len(task.documents), lambda _scores, _top: quality, weights)
    return {"quality is": what, "cases": cases}


def _cases(
    scores: NDArray[np.float64],
    vacancies: Sequence[int],
    quality: Callable[[NDArray[np.float64], int], congestion.Quality],
    weights: Weights | None,
) -> list[dict[str, Any]]:
    """As people get it; and as if all found as many jobs as there are places.

    In a set of a few hundred jobs the threshold may leave a person a handful, all of which are
    shown whatever the penalty. The second case is what a city with many more jobs would be like.
    """
    threshold = make_ranker("blend", weights=weights).threshold
    reached = np.where(scores >= threshold, scores, -np.inf)
    as_is = congestion.report(reached, vacancies, quality(reached, FIRST), FIRST, threshold)
    filled = congestion.report(scores, vacancies, quality(scores, run.TOP), run.TOP)
    return [
        {"case": f"the first {FIRST} jobs above the threshold", **as_is},
        {"case": f"{run.TOP} jobs for everybody, also below the threshold", **filled},
    ]


def _vacancies(jobs: Sequence[Job]) -> list[int]:
    return [job.vacancies or 1 for job in jobs]


def _ndcg(grades: Sequence[Mapping[int, float]], judged_only: bool = True) -> congestion.Quality:
    def quality(rankings: Sequence[Sequence[int]]) -> Values:
        return np.array(
            [
                ndcg_at(
                    [mine.get(j, 0.0) for j in ranking if j in mine or not judged_only],
                    list(mine.values()),
                    run.TOP,
                )
                for ranking, mine in zip(rankings, grades, strict=True)
            ]
        )

    return quality
