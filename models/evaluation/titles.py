"""Spanish job titles: find the other titles of the same ESCO occupation.

The task of TalentCLEF 2025 A over held-out occupations: every title asks, all other titles of the
split answer, those of the same occupation are right. A title of two occupations is right for both.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.evaluation.splits import Split, split_of

FILE = Path("train") / "taskA_training_es.tsv"


@dataclass(frozen=True, slots=True)
class TitleTask:
    """Titles and, for each, the places of those that mean the same occupation."""

    titles: list[str]
    relevant: list[set[int]]


def pairs(folder: Path, split: Split) -> list[tuple[str, str, str]]:
    """(ESCO id, title, title) of a split of the pairs in the data folder."""
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(row[1], row[2], row[3]) for row in rows if split_of(row[1]) == split]


def title_task(folder: Path, split: Split) -> TitleTask:
    """The task over one split."""
    of: dict[str, set[str]] = defaultdict(set)
    for esco_id, a, b in pairs(folder, split):
        of[esco_id] |= {a, b}
    titles = sorted({title for group in of.values() for title in group})
    place = {title: i for i, title in enumerate(titles)}
    relevant: list[set[int]] = [set() for _ in titles]
    for group in of.values():
        places = {place[title] for title in group}
        for i in places:
            relevant[i] |= places - {i}
    return TitleTask(titles, relevant)


def average_precisions(
    scores: NDArray[np.float32], relevant: list[set[int]]
) -> NDArray[np.float64]:
    """Average precision of each query over the whole corpus but itself, float64 [n].

    Args:
        scores: Of query i and title j, [n, n].
        relevant: Right answers of each query.
    """
    out = np.zeros(len(relevant))
    for i, right in enumerate(relevant):
        order = np.argsort(-scores[i], kind="stable")
        order = order[order != i]
        hits = np.isin(order, list(right))
        ranks = np.flatnonzero(hits) + 1
        out[i] = float(np.mean(np.arange(1, len(ranks) + 1) / ranks)) if len(ranks) else 0.0
    return out
