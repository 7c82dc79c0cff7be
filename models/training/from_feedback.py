"""Learns the ranker's weights from what people did with their rankings.

The encoder is not trained here; learned are the weights of the evidence beside the dot product.
People look at the first places most, so that what stands there is taken most, whatever it is. A
pair (taken, not taken) therefore weighs 1 / (chance that the taken one's place was looked at), as
in Propensity SVM-rank (Joachims, Swaminathan and Schnabel 2017, "Unbiased learning-to-rank with
biased feedback", equations 4 to 8), clipped, with the logistic loss in place of the hinge:

    sum over taken i of gain_i / propensity_i * sum over j of the same ranking, taken less,
        of log(1 + exp(-(f(i) - f(j)))),   f = a * dot + b . parts,   weights = b / a

In expectation that is the loss over what people would have taken, had they looked at everything:
whether j was looked at does not matter. A refusal was looked at too and weighs alike, below all of
its ranking that was not refused. Every person counts the same, whatever they were shown.

The prior is the champion: lambda * sum of (spread of part * (b - a * champion's weight))^2. Lambda
comes from cross-validation over people, never over rows, by the rule of one standard error
(Breiman and others 1984, section 3.4.3): the strongest prior that is not clearly worse than the
best. The strongest is the champion itself, which must be worse by SURE standard errors to go.

What the ranker promises stays: every part is made so that more of it is better for the person (the
nearer, the better paid, the fewer years lacking), and no weight is ever below 0; none is above
MOST, so that no single part outweighs what the texts say. A part that the rows do not tell keeps
its weight.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.resampling import Estimate, Resampling
from models.ranking import evidence
from models.search.arrays import Double, Mask
from models.training.impressions import Impressions, share_of
from models.training.newton import least

CLIP: Final = 20.0
"""Most that a pair weighs for its place: beyond, variance costs more than bias saves."""
MOST: Final = 0.5
PRIORS: Final = (np.inf, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003)
"""Strengths of the prior that are tried, the champion first."""
FOLDS: Final = 5
SURE: Final = 2.0
"""Standard errors by which the champion must be worse: at one, a run in six learns from noise."""
LEFT_OUT: Final = 0.2
"""Share of the people that nothing is learned from: they say how good it became."""
_TINY: Final = 1e-12
_FAR: Final = 500.0  # margins beyond are as good as sure, and exp does not overflow
_SCALE: Final = (1.0, 100.0)  # of the dot product: never 0, since weights are shares of it


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


@dataclass(frozen=True, slots=True)
class Learned:
    """What feedback taught.

    Attributes:
        weights: One for each of `evidence.NAMES`.
        prior: Strength of the prior; infinite: nothing was learned, the weights are the champion's.
        wanted: What cross-validation chose: weaker than `prior` if that would have cost too much.
        losses: Per prior the mean loss of people left out of each fold, champion's first.
        people, pairs: How many taught.
        held: Parts that keep the champion's weight, since the rows do not tell them.
    """

    weights: tuple[float, ...]
    prior: float
    wanted: float
    losses: tuple[float, ...]
    people: int
    pairs: int
    held: tuple[str, ...]


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


def learn(
    shown: Impressions,
    champion: Sequence[float],
    corrected: bool = True,
    priors: Sequence[float] = PRIORS,
    keeps: Callable[[tuple[float, ...]], bool] = lambda weights: True,
) -> Learned:
    """The weights that people's deeds ask for, as far as they say it surely.

    Args:
        shown: What to learn from.
        champion: Weights of the ranker in use, one for each of `evidence.NAMES`.
        corrected: Whether for the places; see `pairs_of`.
        priors: Strengths to choose from, the champion (infinite) first.
        keeps: Whether weights keep what may not be lost; if not, a stronger prior is taken, in the
            end the champion.
    """
    known = shown.known()
    held = tuple(name for name, is_known in zip(evidence.NAMES, known, strict=True) if not is_known)
    pairs = pairs_of(shown, corrected)
    count = len(np.unique(pairs.person))
    if count < FOLDS:
        return Learned(tuple(champion), np.inf, np.inf, (), count, len(pairs.weight), held)
    fold = np.array([int(share_of(name, "fold") * FOLDS) for name in shown.people])
    losses = np.zeros((len(priors), len(shown.people)))
    for number in range(FOLDS):
        others, mine = pairs.of(fold != number), pairs.of(fold == number)
        start = None
        for row, prior in zip(losses, priors, strict=True):
            start = _fit(others, champion, known, prior, start)
            np.add.at(row, mine.person, mine.weight * _loss(_sums(mine.differences, start)))
    taught = np.unique(pairs.person)
    chosen = _surely(losses[:, taught])
    for place in range(chosen, -1, -1):
        learned, prior = tuple(champion), priors[place]
        if np.isfinite(prior):
            learned = _weights(_fit(pairs, champion, known, prior, None), champion, known)
        if learned == tuple(champion) or keeps(learned):
            break
    return Learned(
        learned,
        prior if learned != tuple(champion) else np.inf,
        priors[chosen],
        tuple((losses.sum(axis=1) / pairs.weight.sum()).tolist()),
        count,
        len(pairs.weight),
        held,
    )


def _surely(losses: Double) -> int:
    """Place of the strongest prior within one standard error of the best, of the champion within
    SURE of them; losses are [priors, people].
    """
    best = int(losses.mean(axis=1).argmin())
    worse = losses - losses[best]
    error = worse.std(axis=1, ddof=1) / np.sqrt(losses.shape[1])
    near = worse.mean(axis=1) <= np.where(np.arange(len(losses)) == 0, SURE, 1.0) * error
    near[best] = True
    return int(np.flatnonzero(near)[0])


def _loss(margins: Double) -> Double:
    found: Double = np.logaddexp(0.0, -margins)
    return found


def _fit(
    pairs: Pairs, champion: Sequence[float], known: Mask, prior: float, start: Double | None
) -> Double:
    """a, then b: the coefficients of the features."""
    wanted = np.array(champion)
    free = known & np.isfinite(prior)
    weight = pairs.weight / pairs.weight.sum()
    parts = pairs.differences[:, 1:]
    kept = pairs.differences[:, 0] + _sums(parts, np.where(free, 0.0, wanted))
    features = np.column_stack([kept, parts[:, free]])
    size = np.sqrt(_sums(features.T**2, weight)) + _TINY  # steps of like size in every direction
    features /= size
    lean = size[1:] * wanted[free] / size[0]

    away = np.column_stack([-lean, np.eye(len(lean))])  # of b from a * the champion's weights
    strength = prior if len(lean) else 0.0

    def objective(given: Double) -> tuple[float, Double, Double]:
        margins, slack = _sums(features, given), away @ given
        chance = 1.0 / (1.0 + np.exp(np.clip(margins, -_FAR, _FAR)))
        value = float((weight * _loss(margins)).sum() + strength * slack @ slack)
        gradient = 2.0 * strength * away.T @ slack - _sums(features.T, weight * chance)
        bent = features * (weight * chance * (1.0 - chance))[:, None]
        return value, gradient, 2.0 * strength * away.T @ away + np.einsum("ni,nj", bent, features)

    first = (10.0 if start is None else float(start[0])) * size[0]
    begin = (
        np.r_[first, first * lean] if start is None else np.r_[first, start[1:][free] * size[1:]]
    )
    lowest = np.r_[_SCALE[0] * size[0], np.zeros(len(lean))]
    highest = np.r_[_SCALE[1] * size[0], np.full(len(lean), np.inf)]
    found = least(objective, begin, lowest, highest) / size
    out: Double = np.concatenate([found[:1], found[0] * wanted])
    out[1:][free] = found[1:]
    return out


def _sums(rows: Double, by: Double) -> Double:
    """Rows @ by, in one thread: on so few columns others cost more than they bring."""
    return np.asarray(np.einsum("ij,j->i", rows, by))


def _weights(found: Double, champion: Sequence[float], known: Mask) -> tuple[float, ...]:
    learned = np.minimum(found[1:] / found[0], MOST)
    return tuple(
        round(float(new), 3) if is_known else old
        for new, old, is_known in zip(learned, champion, known, strict=True)
    )


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
    total = _by_person(pairs, pairs.weight, taught)
    old, new = (
        _by_person(pairs, pairs.weight * _right(pairs.differences, weights), taught)
        for weights in (champion, learned)
    )
    return Verdict(
        draws.ratio(old, total), draws.ratio(new, total), draws.ratio(new - old, total), len(taught)
    )


def _right(differences: Double, weights: Sequence[float]) -> Double:
    margins = differences[:, 0] + differences[:, 1:] @ np.array(weights)
    return np.where(margins > 0, 1.0, np.where(margins < 0, 0.0, 0.5))


def _by_person(pairs: Pairs, values: Double, people: NDArray[np.intp]) -> Double:
    found = np.zeros(int(people.max()) + 1 if len(people) else 0)
    np.add.at(found, pairs.person, values)
    return found[people]
