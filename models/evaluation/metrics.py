"""Metrics of rankings, one number a query."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def average_precision(hits: Sequence[bool], relevant: int) -> float:
    """Mean precision at the ranks of the right answers; `relevant` counts those not found too."""
    ranks = np.flatnonzero(hits) + 1
    if not relevant or not len(ranks):
        return 0.0
    return float((np.arange(1, len(ranks) + 1) / ranks).sum() / relevant)


def reciprocal_rank(hits: Sequence[bool]) -> float:
    """1 over the rank of the first right answer, 0 if there is none."""
    ranks = np.flatnonzero(hits)
    return 1.0 / float(ranks[0] + 1) if len(ranks) else 0.0


def precision_at(hits: Sequence[bool], k: int) -> float:
    """Share of right answers among the first `k` places."""
    return float(np.sum(hits[:k])) / k


def ndcg_at(grades: Sequence[float], ideal: Sequence[float], k: int) -> float:
    """Normalised discounted cumulative gain with gains 2**grade - 1 (Burges and others 2005).

    Args:
        grades: In ranking order.
        ideal: All grades there are for the query.
        k: How many places count.
    """

    def gain(values: Sequence[float]) -> float:
        best = np.asarray(values[:k], np.float64)
        return float(((2.0**best - 1) / np.log2(np.arange(2, len(best) + 2))).sum())

    most = gain(sorted(ideal, reverse=True))
    return gain(grades) / most if most else 0.0


def rank_biased_overlap(a: Sequence[str], b: Sequence[str], p: float = 0.9) -> float:
    """How alike two rankings are, 0 to 1, the top counting most.

    Extrapolated over the longer of the two as Webber and others 2010, equation 32, for lists of
    equal length: two equal lists give 1.
    """
    depth = min(len(a), len(b))
    if not depth:
        return 1.0 if len(a) == len(b) else 0.0
    shared, total, agreement = 0, 0.0, 0.0
    seen_a: set[str] = set()
    seen_b: set[str] = set()
    for at in range(depth):
        seen_a.add(a[at])
        seen_b.add(b[at])
        shared = len(seen_a & seen_b)
        agreement = shared / (at + 1)
        total += agreement * p**at
    return (1 - p) * total + agreement * p**depth
