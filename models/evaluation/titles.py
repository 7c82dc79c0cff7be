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
    """Titles and, for each, the places of those that mean the same occupation.

    `groups` are a title's ESCO ids, `families` the ISCO group of the first, such as "C5120".
    """

    titles: list[str]
    relevant: list[set[int]]
    groups: list[list[str]]
    families: list[str]


def _rows(folder: Path) -> list[list[str]]:
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def pairs(folder: Path, split: Split) -> list[tuple[str, str, str]]:
    """(ESCO id, title, title) of a split of the pairs in the data folder."""
    return [(row[1], row[2], row[3]) for row in _rows(folder) if split_of(row[1]) == split]


def title_task(folder: Path, split: Split | None) -> TitleTask:
    """The task over one split, or over all."""
    of: dict[str, set[str]] = defaultdict(set)
    family: dict[str, str] = {}
    for isco, esco_id, a, b in _rows(folder):
        if split is None or split_of(esco_id) == split:
            of[esco_id] |= {a, b}
            family[esco_id] = isco.rpartition("/")[2]
    titles = sorted({title for group in of.values() for title in group})
    place = {title: i for i, title in enumerate(titles)}
    relevant: list[set[int]] = [set() for _ in titles]
    for group in of.values():
        places = {place[title] for title in group}
        for i in places:
            relevant[i] |= places - {i}
    named: dict[str, list[str]] = defaultdict(list)
    for esco_id in sorted(of):
        for title in of[esco_id]:
            named[title].append(esco_id)
    groups = [named[title] for title in titles]
    return TitleTask(titles, relevant, groups, [family[ids[0]] for ids in groups])


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
