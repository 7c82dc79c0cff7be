"""Learns the ranker's weights from what people did with their rankings.

The encoder is not trained here; learned are the weights of the evidence beside the dot product, by
pairs of what was taken and what was not (models/training/pairwise.py), held to those in use
(models/training/pair_loss.py).

How strongly, cross-validation over people says, never over rows, by the rule of one standard error
(Breiman and others 1984, section 3.4.3): the strongest prior that is not clearly worse than the
best. The weights in use go only if the pairs of people left out of each fold stand more upright
without them, surely: a one-sided test over people, corrected for the number of priors that were
tried (Bonferroni). The loss itself is no test. It is -m/2 + log(2 cosh(m/2)) of a margin m; the
second part falls whenever margins shrink, whatever was clicked: also where that was chance.

What the ranker promises stays: every part is made so that more of it is better for the person (the
nearer, the better paid, the fewer years lacking), and no weight is ever below 0; none is above
MOST, so that no single part outweighs what the texts say. A part that the rows do not tell keeps
its weight. Where the learned weights would cost what may not be lost, as much of the way to them is
gone as does not, and no gate of a promotion would refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.ranking import evidence
from models.search.arrays import Double
from models.training.impressions import Impressions, share_of
from models.training.pair_loss import fitted, losses, weights_of
from models.training.pairwise import Pairs, pairs_of

Weighed = tuple[float, ...]
Keeps = Callable[[Weighed], bool]

PRIORS: Final = (3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003)
"""Strengths of the prior that are tried, the strongest first."""
FOLDS: Final = 5
BY_CHANCE: Final = 0.05
"""How often clicks at random may change anything, whatever the number of priors."""
LEFT_OUT: Final = 0.2
"""Share of the people that nothing is learned from: they say how good it became."""
STEPS: Final = (1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125)
"""Shares of the way from the weights in use to the learned ones."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What feedback taught.

    Attributes:
        weights: One for each of `evidence.NAMES`.
        prior: Strength of the prior that was chosen; infinite: too few people.
        surely: Standard errors by which pairs of people left out of the folds stand more upright
            than with the weights in use.
        needed: How many there must be.
        step: Share of the way to what was learned; 0: the weights are those in use.
        losses: Mean loss of people left out of each fold: with the weights in use, then per prior.
        people, pairs: How many taught.
        held: Parts that keep their weight, since the rows do not tell them.
    """

    weights: Weighed
    prior: float
    surely: float
    needed: float
    step: float
    losses: tuple[float, ...]
    people: int
    pairs: int
    held: tuple[str, ...]


def learn(
    shown: Impressions,
    champion: Sequence[float],
    corrected: bool = True,
    priors: Sequence[float] = PRIORS,
    keeps: Keeps = lambda weights: True,
    passes: Keeps = lambda weights: True,
) -> Learned:
    """The weights that people's deeds ask for, as far as they say it surely.

    Args:
        shown: What to learn from.
        champion: Weights of the ranker in use, one for each of `evidence.NAMES`.
        corrected: Whether for the places; see `pairs_of`.
        priors: Strengths to choose from, the strongest first.
        keeps: Whether weights keep what may not be lost; if not, a smaller step is taken.
        passes: Whether weights would be proposed; asked of those that keep it. If no step does, the
            largest that keeps it is taken: whoever refuses it says why.
    """
    known, old = shown.known(), tuple(champion)
    held = tuple(name for name, is_known in zip(evidence.NAMES, known, strict=True) if not is_known)
    pairs = pairs_of(shown, corrected)
    taught = np.unique(pairs.person)
    needed = NormalDist().inv_cdf(1.0 - BY_CHANCE / len(priors))
    told = len(taught), len(pairs.weight), held
    if len(taught) < FOLDS:
        return Learned(old, np.inf, 0.0, needed, 0.0, (), *told)
    lost, gained = (each[:, taught] for each in _cross_validated(shown, pairs, old, priors))
    chosen = _strongest(lost[1:])
    prior, surely = priors[chosen], _errors(gained[chosen])
    new, step = old, 0.0
    if surely >= needed:
        found = weights_of(fitted(pairs, old, known, prior, None), old, known)
        new, step = _as_far_as(old, found, keeps, passes)
    mean = tuple((lost.sum(axis=1) / pairs.weight.sum()).tolist())
    return Learned(new, prior, surely, needed, step, mean, *told)


def _cross_validated(
    shown: Impressions, pairs: Pairs, old: Weighed, priors: Sequence[float]
) -> tuple[Double, Double]:
    """Of each person, by weights that they did not teach: the loss, with the weights in use and
    per prior, [1 + priors, people]; per prior how much more upright their pairs stand than with
    those in use, at the same scale, [priors, people].
    """
    known, people = shown.known(), len(shown.people)
    fold: NDArray[np.intp] = np.array([int(share_of(n, "fold") * FOLDS) for n in shown.people])
    lost, gained = np.zeros((1 + len(priors), people)), np.zeros((len(priors), people))
    for number in range(FOLDS):
        others, mine = pairs.of(fold != number), pairs.of(fold == number)
        found = fitted(others, old, known, np.inf, None)
        lost[0] += mine.by_person(losses(mine, found), people)
        for row, prior in enumerate(priors):
            found = fitted(others, old, known, prior, found)
            lost[1 + row] += mine.by_person(losses(mine, found), people)
            new, scale = weights_of(found, old, known), float(found[0])
            gain = mine.upright(new, scale) - mine.upright(old, scale)
            gained[row] += mine.by_person(gain, people)
    return lost, gained


def _strongest(lost: Double) -> int:
    """Place of the strongest prior within one standard error of the best, [priors, people]."""
    best = int(lost.mean(axis=1).argmin())
    worse = lost - lost[best]
    error = worse.std(axis=1, ddof=1) / np.sqrt(lost.shape[1])
    near = worse.mean(axis=1) <= error
    near[best] = True
    return int(np.flatnonzero(near)[0])


def _errors(gain: Double) -> float:
    """The mean over people in standard errors; 0 where nothing differs."""
    error = float(gain.std(ddof=1)) / np.sqrt(len(gain))
    return float(gain.mean() / error) if error else 0.0


def _as_far_as(old: Weighed, new: Weighed, keeps: Keeps, passes: Keeps) -> tuple[Weighed, float]:
    """The farthest of STEPS that keeps what may not be lost and passes, else of those that keep
    it, and its share of the way.
    """
    farthest: tuple[Weighed, float] = old, 0.0
    for step in STEPS:
        there = tuple(
            round(one + step * (other - one), 3) for one, other in zip(old, new, strict=True)
        )
        if there == old:
            break
        if keeps(there):
            if passes(there):
                return there, step
            farthest = farthest if farthest[1] else (there, step)
    return farthest
