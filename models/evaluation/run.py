"""Systems side by side: figures with their intervals, by slice, and paired differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation import slices
from models.evaluation.metrics import (
    Values,
    average_precision,
    ndcg_at,
    precision_at,
    reciprocal_rank,
)
from models.evaluation.resampling import Resampling
from models.evaluation.systems import System
from models.evaluation.tasks import Task

METRICS: Final = ("MAP", "nDCG@10", "MRR", "P@5")
HARMS: Final = ("hard violations in the top 10", "risky ads in the top 10")
"""Counts a query over all documents, best 0; measured where the task knows of them."""
SHOWN: Final = "jobs in the top 10"
WORTH: Final = "jobs worth sending in the top 10"
"""Counts where not every query is shown ten, as of a whole ranking with its threshold."""
COUNTS: Final = (SHOWN, WORTH, *HARMS)
MAIN: Final = "nDCG@10"
PLAIN: Final = ("bm25", "tfidf", "zero-shot")
"""Systems that nothing was learned for: the best of them is what others are held against."""
TOP: Final = 10
FEWEST: Final = 5
"""Slices of fewer queries say too little to be shown; they are in the JSON."""
Progress = Callable[[str], object]


def order(row: NDArray[np.float32], own: int, allowed: NDArray[np.bool_] | None) -> list[int]:
    """Documents in ranking order, best first, equal scores in the documents' order.

    Left out: the query's own text, what may not be ranked, and what has a score of -inf.
    """
    places = np.argsort(-row, kind="stable")
    places = places[np.isfinite(row[places]) & (places != own)]
    if allowed is not None:
        places = places[allowed[places]]
    found: list[int] = places.tolist()
    return found


def measure(task: Task, system: System) -> dict[str, Values]:
    """Each metric for each query, float64 [q] each."""
    scores = system(task.queries, task.documents)
    found: dict[str, list[float]] = {name: [] for name in METRICS}
    if task.violates is not None:
        found[HARMS[0]] = []
    if task.risky is not None:
        found[HARMS[1]] = []
    if task.kind == "judged":
        found |= {SHOWN: [], WORTH: []}
    for i, (right, own) in enumerate(zip(task.relevant, task.itself, strict=True)):
        first = order(scores[i], own, None)[:TOP]
        places = order(scores[i], own, None if task.allowed is None else task.allowed[i])
        hits = [place in right for place in places]
        grades = task.grades[i] if task.grades is not None else dict.fromkeys(right, 1.0)
        gained = [grades.get(place, 0.0) for place in places[:TOP]]
        found["MAP"].append(average_precision(hits, len(right)))
        found["nDCG@10"].append(ndcg_at(gained, list(grades.values()), TOP))
        found["MRR"].append(reciprocal_rank(hits))
        found["P@5"].append(precision_at(hits, 5))
        if task.violates is not None:
            found[HARMS[0]].append(float(task.violates[i, first].sum()))
        if task.risky is not None:
            found[HARMS[1]].append(float(task.risky[first].sum()))
        if task.kind == "judged":
            found[SHOWN].append(float(len(first)))
            found[WORTH].append(float(sum(place in right for place in first)))
    return {name: np.asarray(values) for name, values in found.items()}


def compare(
    task: Task, systems: Mapping[str, System], tell: Progress = lambda name: None
) -> dict[str, Any]:
    """All systems on one task, as it goes into a report.

    Args:
        task: What is asked.
        systems: By name.
        tell: Called with each system's name before it is measured.
    """
    values: dict[str, dict[str, Values]] = {}
    for name, system in systems.items():
        tell(name)
        values[name] = measure(task, system)
    draws = Resampling(task.groups or range(len(task.queries)))
    return {
        "task": task.name,
        "kind": task.kind,
        "about": task.about,
        "metric": task.metric,
        "queries": len(task.queries),
        "groups": draws.groups,
        "documents": len(task.documents),
        "relevant": sum(len(right) for right in task.relevant),
        "systems": {name: _figures(values[name], draws) for name in systems},
        "differences": _differences(values, draws, task.metric),
        "slices": _slices(task, values, draws),
    }


def best_plain(task: Mapping[str, Any]) -> str | None:
    """Of a compared task the plain system with the best main metric; None if there is none."""
    plain = [name for name in task["systems"] if name in PLAIN]
    return max(plain, key=lambda name: task["systems"][name][task["metric"]]["mean"], default=None)


def difference(task: Mapping[str, Any], first: str, second: str) -> Mapping[str, Any] | None:
    """Second minus first of a compared task, and the ratio of the two; None if there is none."""
    rows: list[Mapping[str, Any]] = task["differences"]
    return next((row for row in rows if (row["from"], row["to"]) == (first, second)), None)


def _figures(values: Mapping[str, Values], draws: Resampling) -> dict[str, dict[str, float | None]]:
    found = {metric: draws.estimate(each).rounded() for metric, each in values.items()}
    for count in COUNTS:
        if count in found:
            found[count]["total"] = float(values[count].sum())
    return found


def _differences(
    values: Mapping[str, Mapping[str, Values]], draws: Resampling, main: str
) -> list[dict[str, Any]]:
    """Second minus first of every two systems, over the same draws, and their ratio in `main`."""
    return [
        {
            "from": first,
            "to": second,
            "ratio": draws.ratio(values[second][main], values[first][main]).rounded(),
            **{
                metric: draws.estimate(values[second][metric] - values[first][metric]).rounded()
                for metric in METRICS
            },
        }
        for first, second in combinations(values, 2)
    ]


def _slices(
    task: Task, values: Mapping[str, Mapping[str, Values]], draws: Resampling
) -> list[dict[str, Any]]:
    """Every slice of every facet with its number of queries, in the facets' order."""
    names = dict.fromkeys(name for facets in task.facets for name in facets)
    found = []
    for facet in names:
        of = [facets.get(facet, "") for facets in task.facets]
        for value in slices.in_order(set(of) - {""}):
            where = np.array([one == value for one in of])
            figures = {
                system: {m: draws.estimate(v, where).rounded() for m, v in metrics.items()}
                for system, metrics in values.items()
            }
            found.append(
                {"facet": facet, "slice": value, "queries": int(where.sum()), "systems": figures}
            )
    return found
