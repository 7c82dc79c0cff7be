"""The weights that make pairs stand the right way round, held to those in use.

The logistic loss in place of the hinge of Propensity SVM-rank,

    sum over pairs of weight * log(1 + exp(-(f(first) - f(second)))) / sum of weight,
    f = a * dot + b . parts,   weights = b / a,

and the prior, lambda * sum of (spread of part * (b - a * weight in use))^2. No weight is below 0
and none above MOST; a part that the rows do not tell keeps its weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from models.search.arrays import Double, Mask
from models.training.newton import least
from models.training.pairwise import Pairs

MOST: Final = 0.5
"""No single part outweighs what the texts say."""
_TINY: Final = 1e-12
_FAR: Final = 500.0  # margins beyond are as good as sure, and exp does not overflow
_SCALE: Final = (1.0, 100.0)  # of the dot product: never 0, since weights are shares of it


def losses(pairs: Pairs, found: Double) -> Double:
    """Of each pair, weighed, [n]; `found` as from `fitted`."""
    return pairs.weight * _loss(_sums(pairs.differences, found))


def fitted(
    pairs: Pairs, champion: Sequence[float], known: Mask, prior: float, start: Double | None
) -> Double:
    """a, then b: the coefficients of the features.

    Args:
        pairs: To learn from.
        champion: The weights in use.
        known: Which parts may move, bool [p].
        prior: Its strength; infinite: only the scale is found.
        start: Where to begin, of another fit.
    """
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


def weights_of(found: Double, champion: Sequence[float], known: Mask) -> tuple[float, ...]:
    """The weights of coefficients, within their bounds; arguments as `fitted` takes them."""
    learned = np.minimum(found[1:] / found[0], MOST)
    return tuple(
        round(float(new), 3) if is_known else old
        for new, old, is_known in zip(learned, champion, known, strict=True)
    )


def _loss(margins: Double) -> Double:
    found: Double = np.logaddexp(0.0, -margins)
    return found


def _sums(rows: Double, by: Double) -> Double:
    """Rows @ by, in one thread: on so few columns others cost more than they bring."""
    return np.asarray(np.einsum("ij,j->i", rows, by))
