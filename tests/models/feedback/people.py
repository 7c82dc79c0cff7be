"""Invented people whose taste and whose looking down a list are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from models.feedback.dataset import Impression
from tests.models.feedback.test_dataset import row


def lists(
    count: int,
    looks: Sequence[float],
    suits: Callable[[int], float],
    share: float = 0.0,
    seed: int = 0,
) -> list[Impression]:
    """Impressions of lists of one person each.

    Args:
        count: How many lists.
        looks: Chance that somebody looks at each rank.
        suits: Chance that the job that stands at a rank of its own accord is opened once looked at.
        share: Of the lists that have two neighbours swapped.
        seed: Of chance.
    """
    rng, depth = np.random.default_rng(seed), len(looks)
    found: list[Impression] = []
    for number in range(count):
        order = list(range(1, depth + 1))
        swapped = int(rng.integers(1, depth)) if rng.random() < share else 0
        if swapped:
            order[swapped - 1], order[swapped] = order[swapped], order[swapped - 1]
        for rank, job in enumerate(order, 1):
            opened = rng.random() < looks[rank - 1] and rng.random() < suits(job)
            applied = opened and rng.random() < 0.5
            outcome = "applied" if applied else "opened" if opened else "none"
            moved = bool(swapped) and rank in (swapped, swapped + 1)
            found.append(
                row(f"p{number}", job_id=f"j{job}", rank=rank, outcome=outcome, swapped=moved)
            )
    return found


def weighed(rows: Sequence[Impression], propensity: Callable[[int], float]) -> list[Impression]:
    """The same with a propensity by rank."""
    return [replace(one, propensity=propensity(one.rank)) for one in rows]
