"""Pairs of what people took and what they did not, weighed for how likely they looked.

People look at the first places most, so that what stands there is taken most, whatever it is. A
pair (taken, not taken) therefore weighs 1 / (chance that the taken one's place was looked at), as
in Propensity SVM-rank (Joachims, Swaminathan and Schnabel 2017, "Unbiased learning-to-rank with
biased feedback", equations 4 to 8), clipped. In expectation that is what people would have taken,
had they looked at everything: whether the other was looked at does not matter. A refusal was looked
at too and weighs alike, below all of its ranking that was not refused. Every person counts the
same, whatever they were shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.search.arrays import Double, Mask
from models.training.impressions import Impressions

CLIP: Final = 20.0
"""Most that a pair weighs for its place: beyond, variance costs more than bias saves."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of rows of one ranking, the first of which should stand above the second.

    Attributes:
        differences: Features of the first less those of the second, [n, 1 + p].
        weight: Of each pair; those of a person add up to what their average ranking holds, [n].
        person: Whose, [n].
    """

    differences: Double
    weight: Double
    person: NDArray[np.intp]

    def of(self, chosen: Mask) -> Pairs:
        """Those of these people, bool [people]."""
        rows = chosen[self.person]
        return Pairs(self.differences[rows], self.weight[rows], self.person[rows])

    def right(self, weights: Sequence[float]) -> Double:
        """The weight of each pair that stands the right way round, half of a tie's, [n].

        Args:
            weights: Of the parts, beside 1 for the dot product.
        """
        margins = self._margins(weights)
        return self.weight * np.where(margins > 0, 1.0, np.where(margins < 0, 0.0, 0.5))

    def upright(self, weights: Sequence[float], scale: float) -> Double:
        """The same, but for the step from 0 to 1 a logistic one, [n]: how far a pair stands right
        says more of it than on which side. It is odd about a half, as the step is, so that it
        gains nothing where either of a pair is taken as likely.

        Args:
            weights: As above.
            scale: Of the margins.
        """
        return self.weight / (1.0 + np.exp(-scale * self._margins(weights)))

    def _margins(self, weights: Sequence[float]) -> Double:
        return np.asarray(self.differences[:, 0] + self.differences[:, 1:] @ np.array(weights))

    def by_person(self, values: Double, people: int) -> Double:
        """Sums of something of each pair over the pairs of a person, [people]."""
        return np.bincount(self.person, values, minlength=people).astype(np.float64)


def pairs_of(shown: Impressions, corrected: bool = True, clip: float = CLIP) -> Pairs:
    """The pairs that what people did says something of.

    Args:
        shown: What they were shown, and did.
        corrected: False: as if every place was looked at alike (to see what that costs).
        clip: Most that a pair weighs for its place.
    """
    inverse = np.minimum(1.0 / shown.propensity, clip) if corrected else np.ones(len(shown.gain))
    starts = np.flatnonzero(np.diff(shown.ranking, prepend=-1))
    ends = [*starts[1:], len(shown.ranking)]
    better, worse, weights = [], [], []
    for start, end in zip(starts, ends, strict=True):
        gain, refused = shown.gain[start:end], shown.refused[start:end]
        scale = inverse[start:end]
        taken = np.where(gain[:, None] > gain[None], (gain * scale)[:, None], 0.0)
        below = np.where(refused[:, None] > refused[None], (refused * scale)[:, None], 0.0)
        weight = taken + below.T
        first, second = np.nonzero(weight)
        better.append(first + start)
        worse.append(second + start)
        weights.append(weight[first, second])
    if not better:
        nothing = np.zeros(0, np.intp)
        return Pairs(np.zeros((0, shown.features.shape[1])), np.zeros(0), nothing)
    first, second = np.concatenate(better), np.concatenate(worse)
    person = shown.person[first]
    rankings = np.zeros(len(shown.people))
    np.add.at(rankings, shown.person[starts], 1.0)
    weight = np.concatenate(weights) / rankings[person]
    features = np.nan_to_num(shown.features)
    return Pairs(features[first] - features[second], weight, person)
