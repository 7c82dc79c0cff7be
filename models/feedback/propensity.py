"""How likely somebody looks at a place of a list, as against the first: examination propensities.

Whoever is shown a job at a place takes it if they look there and if it suits them (the
position-based model). Where a small share of lists have two neighbours swapped at random, the same
jobs are seen in both places of a pair, and the ratio of how often they are taken in each is the
ratio of the two propensities (Joachims, Swaminathan and Schnabel 2017, section 5.3; the lists that
were not swapped are the other arm, as in the intervention harvesting of Agarwal et al. 2019).
Ratios of neighbours, multiplied, lead back to the first place. A pair of which too little was seen
has the ratio of a default curve, 1/rank^ETA.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from models.feedback.dataset import OPENED, Impression

ETA: Final = 1.0
"""Of the default curve: what Joachims et al. (2017, section 6) take for results of a search."""
DEPTH: Final = 10
"""Ranks told apart; a deeper one is like the last."""
ENOUGH: Final = 30
"""Least times that jobs of a pair were taken in each of its places: then the logarithm of the ratio
has a standard error of about a quarter."""
LEAST: Final = 0.01
"""No propensity is lower: what is divided by them stays bounded."""
_NORMAL: Final = 1.96


def default_curve(depth: int = DEPTH, eta: float = ETA) -> tuple[float, ...]:
    """1/rank^eta for each rank."""
    return tuple(max(LEAST, rank**-eta) for rank in range(1, depth + 1))


@dataclass(frozen=True, slots=True)
class Ratio:
    """How much less a place is looked at than the one before it.

    Attributes:
        rank: The upper place of the pair.
        value: Propensity of the lower one over that of the upper one.
        low, high: 95 % interval; equal to the value of a default.
        taken: How often jobs were taken in the upper and in the lower place.
        source: ``swaps`` or ``default``.
    """

    rank: int
    value: float
    low: float
    high: float
    taken: tuple[int, int]
    source: str


@dataclass(frozen=True, slots=True)
class Propensities:
    """Propensities of all ranks, and where they are from.

    Attributes:
        values: By rank, the first 1.
        ratios: Of neighbours, from the first pair on.
    """

    values: tuple[float, ...]
    ratios: tuple[Ratio, ...] = ()

    def at(self, rank: int) -> float:
        """Of one rank; of a rank beyond the last as of that."""
        return self.values[min(max(rank, 1), len(self.values)) - 1]

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "model": "position-based",
            "eta": ETA,
            "enough": ENOUGH,
            "values": [round(value, 4) for value in self.values],
            "pairs": [
                {
                    "ranks": [ratio.rank, ratio.rank + 1],
                    "ratio": round(ratio.value, 4),
                    "interval": [round(ratio.low, 4), round(ratio.high, 4)],
                    "taken": list(ratio.taken),
                    "source": ratio.source,
                }
                for ratio in self.ratios
            ],
        }


@dataclass(slots=True)
class _Arm:
    """What was seen of one pair of places, swapped or not: lists, and takings in each place."""

    lists: int = 0
    upper: int = 0
    lower: int = 0


def estimate(rows: Iterable[Impression], depth: int = DEPTH) -> Propensities:
    """Propensities from impressions.

    Args:
        rows: Of lists that might have been swapped: their propensities are not read.
        depth: How many ranks to tell apart.
    """
    arms = _arms(rows, depth)
    default = default_curve(depth)
    values, ratios = [1.0], []
    for rank in range(1, depth):
        same, swapped = arms[rank, False], arms[rank, True]
        ratio = _ratio(rank, same, swapped) or _default(rank, same, swapped, default)
        ratios.append(ratio)
        values.append(values[-1] * ratio.value)
    most = max(values)  # a lower place may be looked at more: the highest is 1
    return Propensities(tuple(max(LEAST, value / most) for value in values), tuple(ratios))


def _arms(rows: Iterable[Impression], depth: int) -> dict[tuple[int, bool], _Arm]:
    """Pairs of neighbours of one level that were both shown, by upper rank and whether swapped."""
    lists: dict[tuple[str, int, str], dict[int, Impression]] = defaultdict(dict)
    for row in rows:
        lists[row.person, row.revision, row.surface].setdefault(row.rank, row)
    arms: dict[tuple[int, bool], _Arm] = defaultdict(_Arm)
    for shown in lists.values():
        for rank in range(1, depth):
            upper, lower = shown.get(rank), shown.get(rank + 1)
            if upper is None or lower is None or upper.level != lower.level:
                continue
            if upper.swapped != lower.swapped:
                continue  # one of them is of another pair
            arm = arms[rank, upper.swapped]
            arm.lists += 1
            arm.upper += upper.outcome in OPENED
            arm.lower += lower.outcome in OPENED
    return arms


def _ratio(rank: int, same: _Arm, swapped: _Arm) -> Ratio | None:
    """The ratio of a pair; None if too little was seen of it.

    The jobs that stand first of their own accord are in the upper place of one arm and in the lower
    of the other, and so are those that stand second; each arm counts as one list.
    """
    taken = (same.upper + swapped.upper, same.lower + swapped.lower)
    if min(taken) < ENOUGH or not same.lists or not swapped.lists:
        return None
    upper = same.upper / same.lists + swapped.upper / swapped.lists
    lower = same.lower / same.lists + swapped.lower / swapped.lists
    # delta method on the logarithm, each count as a Poisson number
    error = math.sqrt(
        (same.upper / same.lists**2 + swapped.upper / swapped.lists**2) / upper**2
        + (same.lower / same.lists**2 + swapped.lower / swapped.lists**2) / lower**2
    )
    value, spread = lower / upper, math.exp(_NORMAL * error)
    return Ratio(rank, value, value / spread, value * spread, taken, "swaps")


def _default(rank: int, same: _Arm, swapped: _Arm, curve: tuple[float, ...]) -> Ratio:
    value = curve[rank] / curve[rank - 1]
    taken = (same.upper + swapped.upper, same.lower + swapped.lower)
    return Ratio(rank, value, value, value, taken, "default")
