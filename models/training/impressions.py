"""What people were shown and did, as the numbers that a ranker's weights are learned from.

A row tells a score and what it is made of. With the weights of the ranker that made it, the pair's
dot product and the parts of its evidence come out again: a score is logistic(slope * (dot + sum of
weight * part) + offset). Rows name the parts themselves (`evidence`) where they are new enough; of
older ones a part is known only if it weighed something.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.feedback.dataset import Impression
from models.ranking import evidence
from models.ranking.event_bodies import weights_named
from models.ranking.weights import Weights
from models.search.arrays import Double, Mask

GAINS: Final[Mapping[str, float]] = {
    "opened": 1.0,
    "applied": 2.0,
    "interviewed": 3.0,
    "hired": 3.0,
}
"""What taking a job is worth: each step says more surely that it fits."""
REFUSED: Final[Mapping[str | None, float]] = {
    None: 1.0, "too_far": 1.0, "low_pay": 1.0, "not_my_trade": 1.0, "other": 1.0, "hours": 0.0,
}  # fmt: skip
"""What a refusal counts by its reason; hours are nothing that the ranker weighs, so whatever else
the ad was like must not be learned from it."""
MAX_LISTS: Final = 50
"""Rankings of one person that count, the last ones: nobody teaches more than others for long."""
_EDGE: Final = 1e-4  # scores have 4 decimals


@dataclass(frozen=True, slots=True)
class Impressions:
    """Rows in an order that does not depend on the export's.

    Attributes:
        features: Dot product, parts of `evidence.NAMES`; NaN where a part is not known, [n, 1 + p].
        person: Place in `people`, [n].
        ranking: Number of the ranking that the row stood in; of one person each, [n].
        propensity: Chance that somebody looked at the place, (0, 1], [n].
        gain: Of what the person took, 0 for nothing, [n].
        refused: Weight of a refusal, 0 for none, [n].
        people: Salted names, in order.
        regions: Of each person.
        left_out: Rows that could not be used, by why.
    """

    features: Double
    person: NDArray[np.intp]
    ranking: NDArray[np.intp]
    propensity: Double
    gain: Double
    refused: Double
    people: tuple[str, ...]
    regions: tuple[str, ...]
    left_out: Mapping[str, int]

    def of(self, chosen: Mask) -> Impressions:
        """The rows of these people, bool [people]; the others keep their number."""
        rows = chosen[self.person]
        return Impressions(
            self.features[rows], self.person[rows], self.ranking[rows], self.propensity[rows],
            self.gain[rows], self.refused[rows], self.people, self.regions, self.left_out,
        )  # fmt: skip

    def known(self) -> Mask:
        """Which parts of the evidence every row tells, bool [p]."""
        return np.asarray(~np.isnan(self.features[:, 1:]).any(axis=0))


def share_of(name: str, purpose: str) -> float:
    """A number in [0, 1) that hangs on the person alone: who else is there changes nothing."""
    return int.from_bytes(hashlib.sha256(f"{purpose}:{name}".encode()).digest()[:6]) / 2.0**48


def impressions(
    rows: Iterable[Impression], rankers: Mapping[str, Weights], vectors: str
) -> Impressions:
    """The rows that can be learned from.

    Args:
        rows: As an export has them.
        rankers: Weights by their name, which begins a `ranker_version`.
        vectors: The vector space; dot products of another mean something else.
    """
    left_out: dict[str, int] = {}
    kept: dict[str, dict[tuple[int, str], list[Impression]]] = {}
    for row in rows:
        why = _unusable(row, rankers, vectors)
        if why:
            left_out[why] = left_out.get(why, 0) + 1
        else:
            of_person = kept.setdefault(row.person, {})
            of_person.setdefault((row.revision, row.surface), []).append(row)
    people = tuple(sorted(kept))
    ordered: list[Impression] = []
    person, ranking, number = [], [], 0
    for place, name in enumerate(people):
        for key in sorted(kept[name])[-MAX_LISTS:]:
            shown = sorted(kept[name][key], key=lambda row: (row.rank, row.job_id))
            ordered += shown
            person += [place] * len(shown)
            ranking += [number] * len(shown)
            number += 1
    regions = tuple(_first(kept[name]).region or "" for name in people)
    return Impressions(
        _features(ordered, rankers),
        np.array(person, np.intp),
        np.array(ranking, np.intp),
        np.array([row.propensity for row in ordered], np.float64),
        np.array([GAINS.get(row.outcome, 0.0) for row in ordered], np.float64),
        np.array([_refusal(row) for row in ordered], np.float64),
        people,
        regions,
        left_out,
    )


def _first(rankings: Mapping[tuple[int, str], Sequence[Impression]]) -> Impression:
    return rankings[min(rankings)][0]


def _unusable(row: Impression, rankers: Mapping[str, Weights], vectors: str) -> str:
    if row.score is None or not row.components:
        return "of a ranking that was gone"
    if row.encoder_version != vectors:
        return "of other vectors"
    if weights_named(row.ranker_version) not in rankers:
        return "of an unknown ranker"
    if row.outcome == "dismissed" and not REFUSED.get(row.reason, 1.0):
        return "refused for what the ranker does not weigh"
    return ""


def _refusal(row: Impression) -> float:
    if row.outcome == "reported":
        return 1.0
    return REFUSED.get(row.reason, 1.0) if row.outcome == "dismissed" else 0.0


def _features(rows: Sequence[Impression], rankers: Mapping[str, Weights]) -> Double:
    found = np.full((len(rows), 1 + len(evidence.NAMES)), np.nan)
    for features, row in zip(found, rows, strict=True):
        weights = rankers[weights_named(row.ranker_version)]
        features[1:] = _parts(row, weights)
        fits = (row.score or 0.0) - row.components.get("exposure", 0.0)
        weighed = np.array(weights.evidence)
        used = weighed > 0
        features[0] = _total(fits, weights) - float(weighed[used] @ features[1:][used])
    return found


def _parts(row: Impression, weights: Weights) -> list[float]:
    """As the row names them, else from what each added to the score."""
    named = row.evidence
    if named is not None:
        return [float(named.get(part, 0.0)) for part in evidence.NAMES]
    made = row.components
    level = made.get("dense", 0.0) + made.get("lexical", 0.0)
    before, parts = _total(level, weights), []
    for name, weight in zip(evidence.NAMES, weights.evidence, strict=True):
        level += made.get(name, 0.0)
        now = _total(level, weights)
        parts.append((now - before) / weight if weight else float("nan"))
        before = now
    lowest, highest = evidence.LOWEST, evidence.HIGHEST
    return [
        float(np.clip(part, least, most))  # rounding; NaN stays
        for part, least, most in zip(parts, lowest, highest, strict=True)
    ]


def _total(score: float, weights: Weights) -> float:
    """The sum that a score is the logistic of."""
    inside = float(np.clip(score, _EDGE / 2, 1.0 - _EDGE / 2))
    return (float(np.log(inside / (1.0 - inside))) - weights.offset) / weights.slope
