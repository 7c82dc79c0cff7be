"""The least of a smooth convex function of a handful of bounded numbers.

Projected Newton steps (Bertsekas 1982, "Projected Newton methods for optimization problems with
simple constraints"): bounds that hold a number back are left out of the step, and the step is
halved until the function falls. So retraining needs no more than the stream does: scipy is an
analyst's, and its threads cost more than they bring on five numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from models.search.arrays import Double

#: Value, gradient [k] and curvature [k, k] at a point [k].
Convex = Callable[[Double], tuple[float, Double, Double]]

STEPS: Final = 100
_ENOUGH: Final = 1e-9  # of the gradient, where no bound holds
_HALVINGS: Final = 40
_SLOPE: Final = 1e-4  # Armijo's share of the fall that a slope promises
_FLAT: Final = 1e-12  # added to the curvature's diagonal, which may be 0


def least(of: Convex, start: Double, lowest: Double, highest: Double) -> Double:
    """Where it is least, [k].

    Args:
        of: The function.
        start: Where to begin, within the bounds.
        lowest, highest: Bounds, [k].
    """
    here = np.clip(start, lowest, highest)
    value, slope, curve = of(here)
    for _ in range(STEPS):
        free = ~(((here <= lowest) & (slope > 0)) | ((here >= highest) & (slope < 0)))
        if not free.any() or np.abs(slope[free]).max() < _ENOUGH:
            break
        bent = curve[np.ix_(free, free)] + _FLAT * np.eye(int(free.sum()))
        step = np.zeros(len(here))
        step[free] = -np.linalg.solve(bent, slope[free])
        for halving in range(_HALVINGS):
            there = np.clip(here + step * 0.5**halving, lowest, highest)
            found = of(there)
            if found[0] <= value + _SLOPE * float(slope @ (there - here)):
                break
        else:
            break
        if np.array_equal(there, here):
            break
        here, (value, slope, curve) = there, found
    return here
