"""One retraining: from an export and the weights in use to new ones, and what speaks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.resampling import Estimate
from models.feedback.dataset import Dataset
from models.ranking import evidence
from models.ranking.weights import Weights
from models.training.from_feedback import BY_CHANCE, LEFT_OUT, Learned, Weighed, learn
from models.training.impressions import Impressions, impressions, share_of
from models.training.judged_pairs import JudgedPairs
from models.training.left_out import Verdict, verdict
from models.training.pairwise import CLIP, pairs_of
from models.training.scaling import judged_quality, keeps_quality, rescaled

FEWEST: Final = 50
"""People who took or refused something, without whom nothing is learned."""
METRIC: Final = "pairs the right way round"
SYSTEM: Final = "ranker"
_NAME_CHARS: Final = 8


@dataclass(frozen=True, slots=True)
class Retrained:
    """What came of it.

    Attributes:
        weights: The new ones; None where the champion stays.
        why: Why it stays, in Spanish; empty if it does not.
        learned: None where too few people taught to try.
        left_out: Of people that taught nothing; None likewise.
        judged: nDCG@10 of judged people before, after, and the difference; empty likewise.
        rows, people: That could be used.
        unused: Rows that could not, by why.
    """

    weights: Weights | None
    why: str
    learned: Learned | None
    left_out: Verdict | None
    judged: Mapping[str, Estimate]
    rows: int
    people: int
    unused: Mapping[str, int]

    def told(self) -> dict[str, Any]:
        """As JSON: figures and counts, of nobody in particular."""
        told: dict[str, Any] = {"rows": self.rows, "people": self.people, "unused": self.unused}
        if self.learned is not None and self.left_out is not None:
            told |= {
                "weights": dict(zip(evidence.NAMES, self.learned.weights, strict=True)),
                "prior": _number(self.learned.prior),
                "standard errors better": round(self.learned.surely, 2),
                "standard errors needed": round(self.learned.needed, 2),
                "share of the way": self.learned.step,
                "people who taught": self.learned.people,
                "pairs": self.learned.pairs,
                "kept for want of rows": list(self.learned.held),
                "people left out": self.left_out.people,
                METRIC: {name: getattr(self.left_out, name).rounded()
                         for name in ("before", "after", "gain")},
                "judged nDCG@10": {name: found.rounded() for name, found in self.judged.items()},
            }  # fmt: skip
        return told

    def recipe(self) -> dict[str, Any]:
        """How it was trained, for the metadata of a version."""
        how = {"loss": "pairwise logistic, weighed by inverse propensity", "clip": CLIP,
               "left out": LEFT_OUT, "by chance": BY_CHANCE}  # fmt: skip
        return {"feedback": {**how, **self.told()}}

    def task(self) -> dict[str, Any]:
        """People left out, as a task of the report that goes with a version."""
        found = self.left_out
        assert found is not None
        both = {"champion": found.before, SYSTEM: found.after}
        systems = {name: {METRIC: value.rounded()} for name, value in both.items()}
        return {"task": "feedback, people left out", "kind": "feedback", "metric": METRIC,
                "queries": found.people, "systems": systems, "slices": []}  # fmt: skip


def _number(prior: float) -> float | None:
    return prior if np.isfinite(prior) else None


def retrain(
    data: Dataset,
    champion: Weights,
    rankers: Mapping[str, Weights],
    vectors: str,
    judged: Sequence[JudgedPairs],
    regions: NDArray[np.str_],
    fewest: int = FEWEST,
    allowed: Callable[[Weights], bool] = lambda weights: True,
) -> Retrained:
    """Learn from an export.

    Args:
        data: From `load`, which leaves out who was erased.
        champion: The weights in use.
        rankers: The weights behind each name that rows may tell.
        vectors: The vector space in use.
        judged: Pairs judged by hand, under these vectors: with all fields, then with words alone.
        regions: Of each judged person.
        fewest: People who must have taught.
        allowed: Whether weights with their scale would be proposed; asked of those alone that keep
            the quality of judged people. If it is true of none, they are taken all the same, so
            that there is something to refuse.
    """
    shown = impressions(data.rows, rankers, vectors)
    aside = np.array([share_of(name, "left out") < LEFT_OUT for name in shown.people], np.bool_)
    taught = len(np.unique(pairs_of(shown).person)) if len(shown.gain) else 0
    if taught < fewest:
        why = f"solo {taught} personas hicieron algo que enseñe, y hacen falta {fewest}"
        return _result(shown, None, why)
    name = f"feedback-{data.manifest.sha256[:_NAME_CHARS]}"
    keeps = keeps_quality(judged, champion, regions)

    def passes(weights: Weighed) -> bool:
        return allowed(rescaled(judged[0], champion, weights, name))

    learned = learn(shown.of(~aside), champion.evidence, keeps=keeps, passes=passes)
    found = verdict(shown.of(aside), champion.evidence, learned.weights)
    new = rescaled(judged[0], champion, learned.weights, name)
    quality = judged_quality(judged[0], champion, new)
    why = ""
    if learned.surely < learned.needed:
        why = "lo que hicieron no dice con seguridad nada que los pesos en uso no digan"
    elif learned.weights == champion.evidence:
        why = "lo que enseñan empeora las listas de las personas juzgadas a cualquier paso"
    elif not found.gain.low > 0:
        why = "en las personas apartadas no mejora más que el azar"
    return _result(shown, None if why else new, why, learned, found, quality)


def _result(
    shown: Impressions,
    weights: Weights | None,
    why: str,
    learned: Learned | None = None,
    left_out: Verdict | None = None,
    judged: Mapping[str, Estimate] | None = None,
) -> Retrained:
    return Retrained(weights, why, learned, left_out, judged or {}, len(shown.gain),
                     len(shown.people), shown.left_out)  # fmt: skip
