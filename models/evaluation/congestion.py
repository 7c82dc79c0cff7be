"""Whether few jobs take all the attention, and what a bounded penalty does about it.

Every epoch all people are ranked, the penalties of the epoch before subtracted from the scores.
Reported over the epochs' last: Gini of exposure for a vacancy, the share of jobs in any ranking,
the share of all places that the most shown tenth of jobs takes, and what it costs in quality.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.metrics import Values
from models.exposure import Bounds, Exposure

EPOCHS: Final = 12
TOP: Final = 10
#: Quality of rankings, a list of places a person: one number each.
Quality = Callable[[Sequence[Sequence[int]]], Values]


def gini(values: Values) -> float:
    """Inequality of amounts >= 0: 0 all alike, (n - 1) / n one has all; of nothing 0."""
    ordered = np.sort(values)
    total = float(ordered.sum())
    if not total:
        return 0.0
    n = len(ordered)
    weights = 2 * np.arange(1, n + 1) - n - 1  # Gini as a sum over the sorted amounts
    return float((weights * ordered).sum() / (n * total))


def simulate(
    scores: NDArray[np.float64], vacancies: Sequence[int], bounds: Bounds, top: int = TOP
) -> list[list[int]]:
    """The rankings of the last epoch: places of jobs, at most `top` a person.

    Args:
        scores: Of people and jobs, [p, j], 0..1; -inf where a job is out of the question.
        vacancies: Of each job, [j].
        bounds: Of the penalties.
        top: Places of a ranking that count. A penalty changes who is in them, never the threshold.
    """
    exposure = Exposure(bounds)
    open_places = {str(i): count for i, count in enumerate(vacancies)}
    penalties = np.zeros(scores.shape[1])
    rankings: list[list[int]] = []
    for _ in range(EPOCHS):
        rankings = [_top(row - penalties, top) for row in scores]
        for ranking in rankings:
            exposure.shown(str(job) for job in ranking)
        penalties = np.zeros(scores.shape[1])
        for job_id, penalty in exposure.end_epoch(open_places).items():
            penalties[int(job_id)] = penalty
    return rankings


def _top(row: NDArray[np.float64], top: int) -> list[int]:
    order = np.argsort(-row, kind="stable")[:top]
    found: list[int] = order[np.isfinite(row[order])].tolist()
    return found


def describe(
    rankings: Sequence[Sequence[int]], vacancies: Sequence[int], quality: Quality
) -> dict[str, float]:
    """Figures of one set of rankings."""
    counts = np.zeros(len(vacancies))
    for ranking in rankings:
        counts[list(ranking)] += 1
    each = counts / np.maximum(np.asarray(vacancies), 1)
    tenth = max(1, len(counts) // 10)
    total = counts.sum()
    return {
        "gini": round(gini(each), 4),
        "coverage": round(float((counts > 0).mean()), 4),
        "top tenth": round(float(np.sort(counts)[-tenth:].sum() / total) if total else 0.0, 4),
        "quality": round(float(quality(rankings).mean()), 4) if len(rankings) else 0.0,
    }


def report(
    scores: NDArray[np.float64],
    vacancies: Sequence[int],
    quality: Quality,
    most: Sequence[float] = (0.0, 0.05, 0.1, 0.2),
    top: int = TOP,
) -> dict[str, Any]:
    """Figures without a penalty (the first) and with each of these bounds."""
    rows = []
    for bound in most:
        rankings = simulate(scores, vacancies, Bounds(bound), top)
        rows.append({"most": bound, **describe(rankings, vacancies, quality)})
    people, jobs = scores.shape
    return {"people": people, "jobs": jobs, "epochs": EPOCHS, "places": top, "rows": rows}


def kept_score(scores: NDArray[np.float64]) -> Quality:
    """Mean score of a ranking over that of the ranking without penalty; not a judgement."""

    def quality(rankings: Sequence[Sequence[int]]) -> Values:
        found = []
        for row, ranking in zip(scores, rankings, strict=True):
            best = _top(row, len(ranking))
            if best:
                found.append(float(row[list(ranking)].mean() / row[best].mean()))
        return np.asarray(found)

    return quality
