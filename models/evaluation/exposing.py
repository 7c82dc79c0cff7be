"""The exposure report over people and jobs judged by hand, over titles, or over samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.attrs import job_attrs, person_attrs
from models.blend import make_ranker
from models.evaluation import congestion, run
from models.evaluation.graded import Graded
from models.evaluation.metrics import Values, ndcg_at
from models.evaluation.systems import System
from models.evaluation.tasks import Task
from models.evaluation.whole import Whole
from models.evidence import jobs_side, people_side
from schemas.job import Job
from schemas.profile import Profile


def of_judged(judged: Graded, whole: Whole) -> dict[str, Any]:
    """The whole ranking over all jobs."""
    scores = whole.scores(judged.people, judged.jobs)
    found = congestion.report(scores, _vacancies(judged.jobs), _ndcg(judged.grades))
    what = "nDCG@10 over the jobs judged for each person"
    return {**found, **_choice(scores), "quality is": what}


def of_samples(people: Sequence[Profile], jobs: Sequence[Job], whole: Whole) -> dict[str, Any]:
    """The whole ranking of people and jobs that nobody judged."""
    scores = whole.scores(people, jobs)
    found = congestion.report(scores, _vacancies(jobs), congestion.kept_score(scores))
    what = "share of the mean score that is left (nobody judged these people and jobs)"
    return {**found, **_choice(scores), "quality is": what}


def of_titles(task: Task, system: System) -> dict[str, Any]:
    """Every title a person and a job with one vacancy; scores on the ranker's scale."""
    nothing = (
        people_side([person_attrs(Profile(profile_id="nobody", text="-"))]),
        jobs_side([job_attrs({"title": "-"})]),
    )
    dots = system(task.queries, task.documents).astype(np.float64)
    scores = make_ranker("blend").scores(dots.ravel(), *nothing).reshape(dots.shape)
    rows = np.arange(len(scores))
    scores[rows, task.itself] = -np.inf
    quality = _ndcg([dict.fromkeys(right, 1.0) for right in task.relevant], judged_only=False)
    found = congestion.report(scores, [1] * len(task.documents), quality)
    what = "nDCG@10; each title is a person and a job with one vacancy"
    return {**found, **_choice(scores), "quality is": what}


def _choice(scores: NDArray[np.float64]) -> dict[str, float]:
    """Share of people who reach the threshold with more jobs than there are places."""
    reached = (scores >= make_ranker("blend").threshold).sum(axis=1)
    return {"with a choice": round(float((reached > congestion.TOP).mean()), 4)}


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
