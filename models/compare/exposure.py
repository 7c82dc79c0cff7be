"""Whose ads are shown: what share of first places goes to whom, with one version and the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from models.compare.changes import DECIMALS, TOP, Ranking
from models.evaluation.congestion import gini
from models.evaluation.slices import UNKNOWN

SIZES: Final = ((1, "1 ad"), (4, "2 to 4 ads"), (float("inf"), "5 ads and more"))
"""Employers by how many ads they have."""


class Ad(NamedTuple):
    """What exposure asks of an ad."""

    region: str
    employer: str | None


def size_classes(ads: Mapping[str, Ad]) -> dict[str, str]:
    """By job the size of its employer: how many of these ads are the employer's."""
    counts = Counter(ad.employer for ad in ads.values() if ad.employer)
    return {
        name: next(label for most, label in SIZES if counts[ad.employer] <= most)
        if ad.employer
        else UNKNOWN
        for name, ad in ads.items()
    }


def exposure(
    champion: Iterable[Ranking], challenger: Iterable[Ranking], ads: Mapping[str, Ad]
) -> dict[str, Any]:
    """Shares of the first three places by the ad's region and by the size of its employer.

    Args:
        champion: Of the people who have a ranking of both.
        challenger: Of the same people.
        ads: Every ad that may be shown, by id.

    Returns:
        ``places`` filled; ``by region`` and ``by employer size``, each slice with its share of
        places under both; ``gini`` over ads, ``top tenth`` (share of places that the tenth of ads
        shown most takes) and ``coverage`` (share of ads that anybody is shown), under both.
    """
    sides = [Counter(_shown(champion)), Counter(_shown(challenger))]
    sizes = size_classes(ads)
    return {
        "places": [sum(side.values()) for side in sides],
        "by region": _shares(sides, {name: ad.region for name, ad in ads.items()}),
        "by employer size": _shares(sides, sizes),
        **{name: [figure(side, ads) for side in sides] for name, figure in _FIGURES.items()},
    }


def _shown(rankings: Iterable[Ranking]) -> Iterable[str]:
    return (name for ranking in rankings for name in ranking.ids[:TOP])


def _shares(sides: Sequence[Counter[str]], label: Mapping[str, str]) -> list[dict[str, Any]]:
    totals = [max(1, sum(side.values())) for side in sides]
    counts: dict[str, list[int]] = {}
    for i, side in enumerate(sides):
        for name, count in side.items():
            counts.setdefault(label.get(name, UNKNOWN), [0, 0])[i] += count
    return [
        {"slice": value, "shares": [round(n / total, DECIMALS) for n, total in pairs]}
        for value, pairs in (
            (value, zip(both, totals, strict=True)) for value, both in sorted(counts.items())
        )
    ]


def _amounts(side: Counter[str], ads: Mapping[str, Ad]) -> Any:
    return np.array([side.get(name, 0) for name in ads], np.float64)


def _gini(side: Counter[str], ads: Mapping[str, Ad]) -> float:
    return round(gini(_amounts(side, ads)), DECIMALS)


def _top_tenth(side: Counter[str], ads: Mapping[str, Ad]) -> float:
    amounts = np.sort(_amounts(side, ads))
    total = amounts.sum()
    return round(float(amounts[-max(1, len(amounts) // 10) :].sum() / total), 4) if total else 0.0


def _coverage(side: Counter[str], ads: Mapping[str, Ad]) -> float:
    return round(float((_amounts(side, ads) > 0).mean()), DECIMALS) if ads else 0.0


_FIGURES: Final = {"gini": _gini, "top tenth": _top_tenth, "coverage": _coverage}
