"""What changes for people from one version's rankings to the other's: counts, by slice.

The champion is the version in use, the challenger the one that may take its place. Nothing here
names a person, and slices of few are not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from scipy.stats import binomtest

from models.evaluation import slices
from models.evaluation.run import FEWEST

TOP: Final = 3
"""As many jobs as one message names."""
DECIMALS: Final = 4


class Ranking(NamedTuple):
    """One person's ranking: job ids, best first, and their scores."""

    ids: Sequence[str]
    scores: Sequence[float]


class _Change(NamedTuple):
    """One person who has a ranking of both; counts of jobs."""

    top: bool
    first: bool
    order: bool
    entered: int
    left: int
    emptied: bool
    shift: float | None


def changes(
    champion: Mapping[str, Ranking],
    challenger: Mapping[str, Ranking],
    facets: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    """How many people would be told something else, in all and by slice.

    Args:
        champion: By person.
        challenger: By person.
        facets: By person the slices that they are in; who is missing is in none.

    Returns:
        ``people`` in both, ``only champion`` and ``only challenger``; ``all`` and each of
        ``slices`` with the share whose first three are other jobs, its 95 % interval (Wilson
        1927), the share with another first job, with the same three in another order, with no job
        left; the mean of jobs that enter and leave; the mean shift of the scores of jobs in both.
    """
    both = sorted(champion.keys() & challenger.keys())
    found = {name: _change(champion[name], challenger[name]) for name in both}
    return {
        "people": len(both),
        "only champion": len(champion.keys() - challenger.keys()),
        "only challenger": len(challenger.keys() - champion.keys()),
        "all": _figures(list(found.values())),
        "slices": [
            {"facet": facet, "slice": value, **_figures([found[name] for name in people])}
            for facet, value, people in sliced(both, facets)
        ],
    }


def sliced(
    people: Iterable[str], facets: Mapping[str, Mapping[str, str]], fewest: int = FEWEST
) -> list[tuple[str, str, list[str]]]:
    """Facet, slice and its people, for every slice that is not too small to be told."""
    found: dict[str, dict[str, list[str]]] = {}
    for name in people:
        for facet, value in facets.get(name, {}).items():
            found.setdefault(facet, {}).setdefault(value, []).append(name)
    return [
        (facet, value, values[value])
        for facet, values in found.items()
        for value in slices.in_order(values)
        if len(values[value]) >= fewest
    ]


def share(count: int, of: int) -> dict[str, float | int | None]:
    """A share with its 95 % interval (Wilson 1927); None where there is nobody."""
    if not of:
        return {"count": 0, "share": None, "low": None, "high": None}
    interval = binomtest(count, of).proportion_ci(method="wilson")
    return {
        "count": count,
        "share": round(count / of, DECIMALS),
        "low": round(float(interval.low), DECIMALS),
        "high": round(float(interval.high), DECIMALS),
    }


def _change(before: Ranking, after: Ranking) -> _Change:
    old, new = set(before.ids), set(after.ids)
    first, now = before.ids[:TOP], after.ids[:TOP]
    scores = dict(zip(before.ids, before.scores, strict=True))
    pairs = zip(after.ids, after.scores, strict=True)
    moved = [score - scores[name] for name, score in pairs if name in scores]
    same = set(first) == set(now)
    return _Change(
        top=not same,
        first=list(first[:1]) != list(now[:1]),
        order=same and list(first) != list(now),
        entered=len(new - old),
        left=len(old - new),
        emptied=bool(old) and not new,
        shift=float(np.mean(moved)) if moved else None,
    )


def _figures(found: Sequence[_Change]) -> dict[str, Any]:
    def mean(values: Sequence[float]) -> float | None:
        return round(float(np.mean(values)), DECIMALS) if values else None

    return {
        "people": len(found),
        "top 3 changed": share(sum(each.top for each in found), len(found)),
        "first changed": share(sum(each.first for each in found), len(found)),
        "only order changed": share(sum(each.order for each in found), len(found)),
        "emptied": sum(each.emptied for each in found),
        "entered": mean([each.entered for each in found]),
        "left": mean([each.left for each in found]),
        "score shift": mean([each.shift for each in found if each.shift is not None]),
    }
