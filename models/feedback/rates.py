"""How often what is shown is taken, without what its place in the list alone did.

A job far down is taken less because fewer look there. Each taking counts as one over the propensity
of its place (inverse propensity scoring, Horvitz and Thompson 1952): on average that is what would
be taken if everybody looked at everything. Weights are clipped, which trades a little bias for much
less variance. Where both what is counted and what it is a share of were observed, such as
applications among jobs that were opened, the weights are normalised by their own sum (SNIPS,
Swaminathan and Joachims 2015), which takes out what they have in common by chance.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.resampling import Estimate
from models.feedback.dataset import Impression, Outcome

CLIP: Final = 10.0
"""No taking counts for more than so many."""
_NORMAL: Final = 1.96

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate and how sure it is.

    Attributes:
        shown: Impressions it is over.
        taken: Those of them that count.
        raw: Their share, with what places did in it.
        corrected: Without it, with its 95 % interval over people.
        effective: Impressions of equal weight that would say as much.
    """

    shown: int
    taken: int
    raw: Estimate
    corrected: Estimate
    effective: float

    def told(self) -> dict[str, Any]:
        """As JSON; what is not a number is None."""
        return {
            "shown": self.shown,
            "taken": self.taken,
            "raw": self.raw.rounded(),
            "corrected": self.corrected.rounded(),
            "effective": round(self.effective, 1),
        }


def weights_of(rows: Sequence[Impression], clip: float = CLIP) -> Values:
    """What each impression's taking counts for, float [n]: 1/propensity, at most `clip`."""
    return np.minimum(clip, 1 / np.array([row.propensity for row in rows], np.float64))


def effective_size(weights: Values) -> float:
    """(sum w)^2 / sum w^2 (Kish 1965); 0 of none."""
    square = float(np.square(weights).sum())
    return float(weights.sum()) ** 2 / square if square else 0.0


def taken_rate(
    rows: Sequence[Impression], outcomes: Collection[Outcome], clip: float = CLIP
) -> Rate:
    """How often jobs that are shown come to one of these outcomes, if all were looked at (IPS).

    Args:
        rows: Impressions.
        outcomes: What counts as taken, such as `dataset.OPENED`.
        clip: Most that one taking counts for.
    """
    taken = np.array([row.outcome in outcomes for row in rows], np.float64)
    weights, ones = weights_of(rows, clip), np.ones(len(rows))
    return Rate(
        len(rows),
        int(taken.sum()),
        _ratio(rows, taken, ones),
        _ratio(rows, taken * weights, ones),
        effective_size(weights),
    )


def share_among(
    rows: Sequence[Impression],
    outcomes: Collection[Outcome],
    among: Collection[Outcome],
    clip: float = CLIP,
) -> Rate:
    """The share of some outcomes among others that they are part of (SNIPS).

    Args:
        rows: Impressions; those of other outcomes are left out.
        outcomes: What counts, such as `dataset.APPLIED`.
        among: Of what, such as `dataset.OPENED`.
        clip: Most that one impression counts for.
    """
    seen = [row for row in rows if row.outcome in among]
    taken = np.array([row.outcome in outcomes for row in seen], np.float64)
    weights = weights_of(seen, clip)
    return Rate(
        len(seen),
        int(taken.sum()),
        _ratio(seen, taken, np.ones(len(seen))),
        _ratio(seen, taken * weights, weights),
        effective_size(weights),
    )


def _ratio(rows: Sequence[Impression], above: Values, below: Values) -> Estimate:
    """One sum over another, float [n] each, with a 95 % interval over people, whose impressions
    succeed and fail together (a ratio of totals of clusters: Cochran 1977, section 6.4).
    """
    total = float(below.sum())
    if not total > 0:
        return Estimate(math.nan, math.nan, math.nan)
    _, whose = np.unique([row.person for row in rows], return_inverse=True)
    mean, people = float(above.sum()) / total, int(whose.max()) + 1
    off = np.bincount(whose, above - mean * below)
    spread = (
        math.inf if people == 1 else math.sqrt(people / (people - 1) * float(np.square(off).sum()))
    )
    reach = _NORMAL * spread / total
    return Estimate(mean, max(0.0, mean - reach), mean + reach)
