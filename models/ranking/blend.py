"""The ranker in use: vectors, corrected by bounded evidence, on a calibrated scale.

score = logistic(slope * (dot + sum of weight * part) + offset), rounded to 1e-4. The dot product
holds two parts already, the encoder's cosine and the weighted lexical one (see embedder). Weights,
slope and offset were learned and lie, with the run that made them, in ``data/ranker-*.json``;
slope and offset are Platt's (Platt 1999, "Probabilistic outputs for support vector machines"): the
score estimates how likely a placement officer would call the pair good. Where exposure is bounded
(see `models.ranking.exposure`), a job's penalty is taken off its score, never below the threshold.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from models.encoding.lexical import DIM
from models.ranking import evidence
from models.ranking.evidence import Side
from models.ranking.ranker import DenseRanker, Ranker
from models.ranking.weights import Weights, shipped_weights
from models.search.arrays import Double, Vector
from models.search.pairing import DECIMALS, STEP, exact_dots, rounded

DENSE_THRESHOLD: Final = 0.84
_EDGE: Final = 1e-12  # keeps the inverse finite


def make_ranker(
    name: str,
    threshold: float | None = None,
    exposure: float = 0.0,
    send: float | None = None,
    weights: Weights | None = None,
) -> Ranker:
    """The ranker of a setting: ``blend``, or ``dense`` for the vectors alone.

    Args:
        name: One of the two.
        threshold: Least score of a match; None for the ranker's own.
        exposure: Most that exposure takes off a score of ``blend``.
        send: Least score of ``blend`` that is worth a message; None for its own.
        weights: Of ``blend``; None for those shipped.
    """
    if name == "dense":
        return DenseRanker(DENSE_THRESHOLD if threshold is None else threshold)
    weights = weights or shipped_weights()
    lexical = DIM if weights.lexical else 0
    return BlendRanker(lexical, weights, threshold, exposure, send)


class BlendRanker:
    """Vectors and evidence.

    Args:
        lexical: Length of the lexical part, at the end of a vector; 0 if there is none.
        weights: Default: those shipped.
        threshold: In place of the weights' own.
        exposure: Most that exposure takes off a score, 0 to 1; 0 leaves it out.
        send: In place of the weights' own; never below the threshold.
    """

    plain = False

    def __init__(
        self,
        lexical: int,
        weights: Weights | None = None,
        threshold: float | None = None,
        exposure: float = 0.0,
        send: float | None = None,
    ) -> None:
        self._lexical = lexical
        self._weights = weights or shipped_weights()
        self.threshold = self._weights.threshold if threshold is None else threshold
        self.send = max(self.threshold, self._weights.send if send is None else send)
        self._exposure = exposure
        self.version = self._weights.version + (f"-x{exposure:g}" if exposure else "")
        pairs = zip(self._weights.evidence, evidence.LOWEST, strict=True)
        self._least = sum(weight * part for weight, part in pairs)
        pairs = zip(self._weights.evidence, evidence.HIGHEST, strict=True)
        self._most = sum(weight * part for weight, part in pairs)

    def scores(self, dots: Double, people: Side, jobs: Side) -> Double:
        """Scores of pairs with these exact dot products, float64 [n]."""
        total = dots
        for weight, part in zip(self._weights.evidence, evidence.PARTS, strict=True):
            if weight:
                total = total + weight * part(people, jobs)
        return self._exposed(rounded(self._scale(total)), jobs)

    def _exposed(self, scores: Double, jobs: Side) -> Double:
        """Scores less the penalty; nobody loses a match by it, only its place."""
        if not self._exposure:
            return scores
        lowered = scores - np.minimum(jobs.penalty, self._exposure)
        return rounded(np.maximum(lowered, np.minimum(scores, self.threshold)))

    def least_dot(self, scores: Double) -> Double:
        """Dots below these cannot reach these scores with the best evidence."""
        return self._unscale(scores - STEP) - self._most

    def sure_dot(self, scores: Double) -> Double:
        """Dots from these on reach these scores with the worst evidence."""
        return self._unscale(scores + STEP + self._exposure) - self._least

    def components(
        self, queries: Vector, rows: Vector, people: Side, jobs: Side
    ) -> list[dict[str, float]]:
        """What each part adds to the score, in the order given; they add up to it."""
        end = queries.shape[1] - self._lexical
        names = ["dense"]
        totals = [exact_dots(queries[:, :end], rows[:, :end])]
        if self._lexical:
            names.append("lexical")
            totals.append(exact_dots(queries, rows))
        found = evidence.parts(people, jobs)
        for name, weight, part in zip(evidence.NAMES, self._weights.evidence, found, strict=True):
            names.append(name)
            totals.append(totals[-1] + weight * part)
        levels = rounded(self._scale(np.stack(totals)))
        if self._exposure:
            names.append("exposure")
            levels = np.vstack([levels, self._exposed(levels[-1], jobs)])
        added = np.round(np.diff(levels, axis=0, prepend=0.0), DECIMALS)
        return [
            {name: value for name, value in zip(names, column, strict=True) if value}
            for column in added.T.tolist()
        ]

    def _scale(self, totals: Double) -> Double:
        return 1.0 / (1.0 + np.exp(-(self._weights.slope * totals + self._weights.offset)))

    def _unscale(self, scores: Double) -> Double:
        inside = np.clip(scores, _EDGE, 1.0 - _EDGE)
        found = (np.log(inside / (1.0 - inside)) - self._weights.offset) / self._weights.slope
        return np.where(scores <= 0.0, -np.inf, np.where(scores >= 1.0, np.inf, found))
