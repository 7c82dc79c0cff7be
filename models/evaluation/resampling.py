"""How sure a mean over queries is: the bootstrap, seeded, over groups of queries.

Queries that ask for the same thing (titles of one occupation) fail and succeed together. So whole
groups are drawn, with replacement (the cluster bootstrap; Davison and Hinkley 1997, section 3.8),
and 95 % percentile intervals are taken. Systems are compared on the same draws, hence paired.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.metrics import Values

SAMPLES: Final = 1000
SEED: Final = 0
LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over queries with its interval; NaN where there is no query."""

    mean: float
    low: float
    high: float

    def rounded(self) -> dict[str, float | None]:
        """As it goes into a report; what is not a number is None."""
        named = {"mean": self.mean, "low": self.low, "high": self.high}
        return {k: None if np.isnan(v) else round(v, 4) for k, v in named.items()}


class Resampling:
    """One set of draws for all figures of a task.

    Args:
        groups: The group of each query, [n].
        seed: Of the draws.
        samples: How many draws.
        level: Of the intervals; above LEVEL where many are looked at together.
    """

    def __init__(
        self,
        groups: Sequence[Hashable],
        seed: int = SEED,
        samples: int = SAMPLES,
        level: float = LEVEL,
    ) -> None:
        self._ends = [round(50.0 * (1 - level), 9), round(50.0 * (1 + level), 9)]
        number: dict[Hashable, int] = {}
        places = [number.setdefault(group, len(number)) for group in groups]
        self.groups = len(number)
        rng = np.random.default_rng(seed)
        even = np.full(self.groups, 1.0 / self.groups) if number else np.zeros(0)
        drawn = rng.multinomial(self.groups, even, size=samples)
        self._weights: NDArray[np.float64] = drawn[:, places].astype(np.float64)

    def estimate(self, values: Values, where: NDArray[np.bool_] | None = None) -> Estimate:
        """Mean of `values`, float [n], over the queries `where` is true (default: all).

        A draw that holds none of these queries does not count.
        """
        chosen = np.ones(len(values), np.bool_) if where is None else where
        return self._over(values[chosen], np.ones(int(chosen.sum())), self._weights[:, chosen])

    def ratio(self, above: Values, below: Values) -> Estimate:
        """Mean of `above` over the mean of `below`, float [n] each; NaN where that is 0."""
        return self._over(above, below, self._weights)

    def _over(self, above: Values, below: Values, weights: NDArray[np.float64]) -> Estimate:
        if not below.sum() > 0:
            return Estimate(float("nan"), float("nan"), float("nan"))
        held = weights @ below
        some = held > 0
        low, high = np.percentile(weights[some] @ above / held[some], self._ends)
        return Estimate(float(above.sum() / below.sum()), float(low), float(high))
