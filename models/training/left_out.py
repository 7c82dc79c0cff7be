"""Whether new weights are better for people that taught nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.evaluation.resampling import Estimate, Resampling
from models.training.impressions import Impressions
from models.training.pairwise import pairs_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """How often a pair of people left out stands the right way round, places corrected for.

    Attributes:
        before, after: Self-normalised shares, with the champion's weights and with the new ones.
        gain: After less before, over the same draws of people.
        people: How many there are.
    """

    before: Estimate
    after: Estimate
    gain: Estimate
    people: int


def verdict(shown: Impressions, champion: Sequence[float], learned: Sequence[float]) -> Verdict:
    """The new weights beside the champion's on people that taught nothing."""
    pairs = pairs_of(shown)
    taught = np.unique(pairs.person)
    draws = Resampling(range(len(taught)))
    total, old, new = (
        pairs.by_person(values, len(shown.people))[taught]
        for values in (pairs.weight, pairs.right(champion), pairs.right(learned))
    )
    return Verdict(
        draws.ratio(old, total), draws.ratio(new, total), draws.ratio(new - old, total), len(taught)
    )
