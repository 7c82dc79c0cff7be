"""Whether a ranking moves when only grammatical gender does: "cocinero" and "cocinera"."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.evaluation.metrics import Values, rank_biased_overlap
from models.evaluation.splits import Split, split_of
from models.evaluation.systems import System

ESCO = Path("taxonomy") / "esco_es" / "occupations_es.csv"
DEPTH = 50
_FRAME = "busco trabajo, soy {}"


def gender_pairs(folder: Path, split: Split) -> list[tuple[str, str]]:
    """Masculine and feminine label of a split's ESCO occupations, as somebody would say them."""
    found = []
    with (folder / ESCO).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            a, _, b = row["preferredLabel"].partition("/")
            if b.strip() and split_of(row["conceptUri"]) == split:
                found.append((_FRAME.format(a.strip()), _FRAME.format(b.strip())))
    return found


def overlaps(system: System, pairs: Sequence[tuple[str, str]], documents: Sequence[str]) -> Values:
    """Rank-biased overlap (p 0.9) of the first places of the two rankings of each pair, [n]."""
    masculine = system([a for a, _ in pairs], documents)
    feminine = system([b for _, b in pairs], documents)
    names = [str(i) for i in range(len(documents))]

    def first(row: np.ndarray[tuple[int], np.dtype[np.float32]]) -> list[str]:
        return [names[i] for i in np.argsort(-row, kind="stable")[:DEPTH]]

    return np.array(
        [rank_biased_overlap(first(a), first(b)) for a, b in zip(masculine, feminine, strict=True)]
    )
