"""Whether few jobs take all the attention, and what a bounded penalty does about it.

In each epoch everybody is ranked, with the penalties that the epoch before left. Figures are means
over the last epochs, since attention may swing between like jobs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.metrics import Values
from models.ranking.exposure import Bounds, end_epoch

EPOCHS: Final = 20
LAST: Final = 4
MOST: Final = (0.0, 0.05, 0.1, 0.2)
#: All jobs of each person in ranking order.
Rankings = list[list[int]]
#: Quality of the rankings of all people, one number a person.
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
    scores: NDArray[np.float64],
    vacancies: Sequence[int],
    bounds: Bounds,
    top: int,
    floor: float = 0.0,
) -> list[Rankings]:
    """The rankings of each of the last epochs.

    Args:
        scores: Of people and jobs, [p, j], 0..1; -inf where a job is out of the question.
        vacancies: Of each job, [j].
        bounds: Of the penalties.
        top: The places of a ranking that count as being shown.
        floor: A penalty takes no score below it.
    """
    free = {str(job): count for job, count in enumerate(vacancies)}
    counts: dict[str, float] = {}
    penalties = np.zeros(scores.shape[1])
    epochs: list[Rankings] = []
    for _ in range(EPOCHS):
        rankings = [_ranked(row, penalties, floor) for row in scores]
        epochs.append(rankings)
        shown = Counter(str(job) for ranking in rankings for job in ranking[:top])
        counts, table = end_epoch(counts, shown, free, bounds)
        penalties = np.array([table.get(str(job), 0.0) for job in range(scores.shape[1])])
    return epochs[-LAST:]


def _ranked(row: NDArray[np.float64], penalties: NDArray[np.float64], floor: float) -> list[int]:
    lowered = np.maximum(row - penalties, np.minimum(row, floor))
    order = np.argsort(-lowered, kind="stable")
    found: list[int] = order[np.isfinite(row[order])].tolist()
    return found


def describe(
    rankings: Rankings, plain: Rankings, vacancies: Sequence[int], quality: Quality, top: int
) -> dict[str, float]:
    """Figures of one epoch's rankings beside those without penalties."""
    counts = _counts(rankings, len(vacancies), top)
    tenth = max(1, len(counts) // 10)
    total = counts.sum()
    pairs = zip(rankings, plain, strict=True)
    news = sum(len(set(now[:top]) - set(before[:top])) for now, before in pairs)
    return {
        "gini": gini(_loads(rankings, vacancies, top)),
        "coverage": float((counts > 0).mean()),
        "top tenth": float(np.sort(counts)[-tenth:].sum() / total) if total else 0.0,
        "changed": float(news / total) if total else 0.0,
        "quality": float(quality(rankings).mean()) if rankings else 0.0,
    }


def _counts(rankings: Rankings, jobs: int, top: int) -> Values:
    shown = [job for ranking in rankings for job in ranking[:top]]
    return np.bincount(np.asarray(shown, np.intp), minlength=jobs).astype(np.float64)


def _loads(rankings: Rankings, vacancies: Sequence[int], top: int) -> Values:
    """Rankings a vacancy that each job is in."""
    loads: Values = _counts(rankings, len(vacancies), top) / np.maximum(vacancies, 1)
    return loads


def report(
    scores: NDArray[np.float64],
    vacancies: Sequence[int],
    quality: Quality,
    top: int,
    floor: float = 0.0,
    most: Sequence[float] = MOST,
) -> dict[str, Any]:
    """Figures with each of these largest penalties; the rest as for `simulate`.

    Free of cost is what jobs have on average without penalties, in rankings a vacancy.
    """
    people, jobs = scores.shape
    (plain,) = simulate(scores, vacancies, Bounds(), top)[-1:]
    fair = float(_loads(plain, vacancies, top).mean())
    rows = []
    for bound in most:
        epochs = simulate(scores, vacancies, Bounds(bound, fair, fair or 1.0), top, floor)
        found = [describe(rankings, plain, vacancies, quality, top) for rankings in epochs]
        means = {name: round(float(np.mean([f[name] for f in found])), 4) for name in found[0]}
        rows.append({"most": bound, **means})
    return {
        "people": people,
        "jobs": jobs,
        "epochs": EPOCHS,
        "places": top,
        "free": round(fair, 3),
        "with a choice": round(float((np.isfinite(scores).sum(axis=1) > top).mean()), 4),
        "rows": rows,
    }


def kept_score(scores: NDArray[np.float64], top: int) -> Quality:
    """Mean score of the first places over that without penalty; not a judgement."""
    none = np.zeros(scores.shape[1])
    best = [_ranked(row, none, 0.0)[:top] for row in scores]

    def quality(rankings: Sequence[Sequence[int]]) -> Values:
        rows = zip(scores, rankings, best, strict=True)
        return np.array(
            [row[list(now[:top])].mean() / row[first].mean() for row, now, first in rows if first]
        )

    return quality
