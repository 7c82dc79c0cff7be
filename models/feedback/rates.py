"""How often what is shown is taken, without what its place in the list alone did.

A job far down is taken less because fewer look there. Each taking counts as one over the propensity
of its place (inverse propensity scoring, Horvitz and Thompson 1952): on average that is what would
be taken if everybody looked at everything. Weights are clipped, which trades a little bias for much
less variance. Where both what is counted and what it is a share of were observed, such as
applications among jobs that were opened, the weights are normalised by their own sum (SNIPS,
Swaminathan and Joachims 2015), which takes out what they have in common by chance.

A rate is a ratio of two sums over people, whose variance is that of the ratio estimator with people
as clusters (Cochran 1977, "Sampling Techniques", 6.4). Its effective sample size is how many
independent rows would say as much (the design effect: Kish 1965), and its interval is Wilson's for
that many rows (as Korn and Graubard 1998 do with Clopper and Pearson's).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.vetting import Z, wilson
from models.feedback.dataset import Impression

Values = NDArray[np.float64]

CLIP: Final = 10.0
"""No taking counts for more than so many."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with its 95 % interval; NaN where nothing was counted.

    Attributes:
        value: From 0 to 1.
        low, high: Ends of the interval.
        effective: Effective sample size.
        variance: Of the value.
    """

    value: float
    low: float
    high: float
    effective: float
    variance: float

    def told(self) -> dict[str, float] | None:
        """As a report has it."""
        if math.isnan(self.value):
            return None
        ends = {name: round(getattr(self, name), 5) for name in ("value", "low", "high")}
        return {**ends, "effective": round(self.effective)}


def rate(above: Values, below: Values, rows: float) -> Rate:
    """The ratio of two sums, each over people.

    Args:
        above: What counts of each person, 0 and more, [people].
        below: Of how much, [people].
        rows: How many rows there are: no rate is as good as more.
    """
    total = float(below.sum())
    if total <= 0:
        return Rate(*(float("nan"),) * 5)
    value = min(float(above.sum()) / total, 1.0)
    people = int((below > 0).sum())
    squares = float(np.square(above - value * below).sum())
    variance = squares / total**2 * people / max(people - 1, 1)
    effective = float(people)  # of a rate of 0 or 1 only who was asked says how sure it is
    if variance > 0 and 0 < value < 1:
        effective = min(value * (1 - value) / variance, rows)
    return Rate(value, *wilson(value, effective), effective, variance)


def against(one: Rate, other: Rate) -> dict[str, float] | None:
    """How many times the other rate the one is, on the scale of logarithms.

    The people of both must be different. None where either is 0.

    Returns:
        The ratio with its 95 % interval, and `p`: how likely chance alone takes it as far from 1.
    """
    if not (one.value > 0 and other.value > 0):
        return None
    middle = math.log(one.value / other.value)
    error = math.sqrt(one.variance / one.value**2 + other.variance / other.value**2)
    if not error:
        return None
    ends = {"value": middle, "low": middle - Z * error, "high": middle + Z * error}
    told = {name: round(math.exp(x), 4) for name, x in ends.items()}
    return {**told, "p": math.erfc(abs(middle) / error / math.sqrt(2))}


def apart(chances: Sequence[float], level: float = 0.05) -> list[bool]:
    """Which of several differences stand when as many were looked for (Holm 1979).

    Args:
        chances: How likely each is by chance alone.
        level: How likely one of them at all is told apart wrongly.
    """
    found = [False] * len(chances)
    order = sorted(range(len(chances)), key=lambda i: chances[i])
    for place, i in enumerate(order):
        if chances[i] > level / (len(chances) - place):
            break
        found[i] = True
    return found


def weights_of(rows: Sequence[Impression], clip: float = CLIP) -> Values:
    """What each impression's taking counts for, float [n]: 1/propensity, at most `clip`."""
    return np.minimum(clip, 1 / np.array([row.propensity for row in rows], np.float64))


def effective_size(weights: Values) -> float:
    """(sum w)^2 / sum w^2 (Kish 1965); 0 of none."""
    square = float(np.square(weights).sum())
    return float(weights.sum()) ** 2 / square if square else 0.0
