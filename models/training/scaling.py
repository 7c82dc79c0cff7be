"""The scale of weights that were learned from deeds: a score means what officers said it means.

How often people click says nothing of how good a job is for them. So slope, offset, threshold and
the score worth a message are derived anew on people and ads judged by hand, whatever was learned.
Slope and offset after Platt (1999), every person alike; only what changes beside the same fit to
the champion is carried over, so that a score of 0.3 stays what it was. The threshold so that no
smaller share of the pairs graded 2 or 3 reaches it than reached the champion's, never above that
one; `send` so that of what reaches it no smaller share is graded 2 or 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.judged import RIGHT, Judged
from models.evaluation.metrics import ndcg_at
from models.evaluation.resampling import Estimate, Resampling
from models.ranking import evidence
from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.evidence import jobs_side, people_side
from models.ranking.filters import eligible
from models.ranking.weights import Weights
from models.reading.text import card
from models.search.arrays import Double, Mask, Vector
from models.search.pairing import exact_dots
from models.training.judged_pairs import JudgedPairs
from models.training.newton import least

Keeps = Callable[[tuple[float, ...]], bool]

LOST: Final = 0.01
"""Most that judged quality may fall in all, as in the gates of promotion."""
_TOP: Final = 10
_EDGE: Final = 1e-9
_STEPS: Final = np.arange(0.01, 0.995, 0.01)
"""Thresholds that are tried: more decimals would say more than 120 people can."""


def judged_features(judged: Judged, people: Vector, jobs: Vector) -> JudgedPairs:
    """Pairs of a folder that the filters let through, but those of risky ads; what is not graded
    breaks a rule that the fields did not tell, and counts as 0.

    Args:
        judged: With all fields, or with words alone.
        people, jobs: Their vectors, float16 [n, dim].
    """
    have = [person_attrs(person) for person in judged.people]
    asked = [job_attrs(card(job)) for job in judged.jobs]
    near = judged.together() & ~judged.risky[None]
    found = [
        (i, j, judged.grades[i].get(j, 0.0))
        for i, j in zip(*(side.tolist() for side in np.nonzero(near)), strict=True)
        if eligible(have[i], asked[j])
    ]
    who, which = np.array([i for i, _, _ in found]), np.array([j for _, j, _ in found])
    dots = exact_dots(people[who], jobs[which])
    parts = evidence.parts(people_side(have).take(who), jobs_side(asked).take(which))
    features = np.column_stack([dots, parts.T]).astype(np.float64)
    return JudgedPairs(features, np.array([grade for _, _, grade in found]), who)


def totals(pairs: JudgedPairs, weights: Weights) -> Double:
    """What the scores of pairs are the logistic of, before the scale."""
    return np.asarray(pairs.features[:, 0] + pairs.features[:, 1:] @ np.array(weights.evidence))


def scores(pairs: JudgedPairs, weights: Weights) -> Double:
    """Scores of pairs, [n]."""
    return np.asarray(1 / (1 + np.exp(-(weights.slope * totals(pairs, weights) + weights.offset))))


def rescaled(
    pairs: JudgedPairs, champion: Weights, learned: tuple[float, ...], name: str
) -> Weights:
    """The learned weights with a scale of their own.

    Args:
        pairs: Judged by hand.
        champion: What they take the place of.
        learned: One for each of `evidence.NAMES`.
        name: Of the new weights.
    """
    new = replace(champion, version=name, evidence=learned)
    slope, offset = _platt(pairs, totals(pairs, new))
    was_slope, was_offset = _platt(pairs, totals(pairs, champion))
    ratio = champion.slope / was_slope
    moved = champion.offset + ratio * (offset - was_offset)
    new = replace(new, slope=round(ratio * slope, 2), offset=round(moved, 2))
    before, after = scores(pairs, champion), scores(pairs, new)
    right = pairs.grades >= RIGHT
    found = (before[right] >= champion.threshold).mean()
    threshold = _highest(after, right, float(found), champion.threshold + _EDGE)
    sure = _share(right, before >= champion.send)
    return replace(new, threshold=threshold, send=_least(after, right, sure, threshold))


def _platt(pairs: JudgedPairs, total: Double) -> tuple[float, float]:
    right = (pairs.grades >= RIGHT).astype(np.float64)
    weight = 1.0 / np.bincount(pairs.person)[pairs.person] / len(np.unique(pairs.person))

    def loss(given: Double) -> tuple[float, Double, Double]:
        logits = given[0] * total + given[1]
        chance = 1.0 / (1.0 + np.exp(-logits))
        missed, bent = weight * (chance - right), weight * chance * (1.0 - chance)
        value = float((weight * (np.logaddexp(0.0, logits) - right * logits)).sum())
        cross = (bent * total).sum()
        curve = np.array([[(bent * total**2).sum(), cross], [cross, bent.sum()]])
        return value, np.array([(missed * total).sum(), missed.sum()]), curve

    start, lowest = np.array([14.0, -11.0]), np.array([1.0, -np.inf])
    slope, offset = least(loss, start, lowest, np.full(2, np.inf))
    return float(slope), float(offset)


def _highest(after: Double, right: Mask, found: float, most: float) -> float:
    """The highest threshold, up to `most`, that no smaller share of the right pairs reaches."""
    fits = [step for step in _STEPS if step <= most and (after[right] >= step).mean() >= found]
    return round(float(fits[-1] if fits else _STEPS[0]), 2)


def _least(after: Double, right: Mask, sure: float, threshold: float) -> float:
    """The least score from which on no smaller share is right."""
    fits = [s for s in _STEPS if s >= threshold and (after >= s).any()
            and _share(right, after >= s) >= sure]  # fmt: skip
    return round(float(fits[0] if fits else _STEPS[-1]), 2)


def _share(right: Mask, chosen: Mask) -> float:
    return float(right[chosen].mean()) if chosen.any() else 1.0


def judged_quality(pairs: JudgedPairs, before: Weights, after: Weights) -> dict[str, Estimate]:
    """NDCG at 10 on judged people: before, after, and the difference over the same draws."""
    people = np.unique(pairs.person)
    old, new = (_ndcg(pairs, totals(pairs, weights)) for weights in (before, after))
    draws = Resampling(range(len(people)))
    both = {"before": old, "after": new, "difference": new - old}
    return {name: draws.estimate(values) for name, values in both.items()}


def _ndcg(pairs: JudgedPairs, total: Double) -> Double:
    """Of each person who has something graded above 0, in the order of their numbers."""
    found = []
    for person in np.unique(pairs.person):
        mine = pairs.person == person
        grades = pairs.grades[mine][np.argsort(-total[mine], kind="stable")].tolist()
        found.append(ndcg_at(grades[:_TOP], grades, _TOP))
    return np.array(found)


def keeps_quality(
    sets: Sequence[JudgedPairs], champion: Weights, regions: NDArray[np.str_]
) -> Keeps:
    """Whether weights rank judged people no worse than the champion: in all, and in each group of
    regions, not beyond the 95 % interval; and in all not by more than LOST.

    Args:
        sets: Pairs judged by hand, of the same people: all fields, words alone.
        champion: What they are held against.
        regions: Of each judged person.
    """
    held = [(pairs, _ndcg(pairs, totals(pairs, champion)), _groups(pairs, regions))
            for pairs in sets]  # fmt: skip

    def keeps(weights: tuple[float, ...]) -> bool:
        new = replace(champion, evidence=weights)
        for pairs, old, groups in held:
            change = _ndcg(pairs, totals(pairs, new)) - old
            found = [draws.estimate(change[part]) for part, draws in groups]
            if found[0].mean < -LOST or any(estimate.high < 0 for estimate in found):
                return False
        return True

    return keeps


def _groups(pairs: JudgedPairs, regions: NDArray[np.str_]) -> list[tuple[Mask, Resampling]]:
    """Everybody, then each group of regions, with draws of its people."""
    of = regions[np.unique(pairs.person)]
    parts = [np.ones(len(of), np.bool_), *(of == region for region in np.unique(of))]
    return [(part, Resampling(range(int(part.sum())))) for part in parts]
