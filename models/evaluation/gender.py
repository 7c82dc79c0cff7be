"""Whether a ranking moves when only grammatical gender does: "cocinero" and "cocinera"."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np

from models.evaluation.metrics import Values, rank_biased_overlap
from models.evaluation.resampling import Resampling
from models.evaluation.run import order
from models.evaluation.splits import Split, split_of
from models.evaluation.systems import Scores, System

ESCO = Path("taxonomy") / "esco_es" / "occupations_es.csv"
DEPTH = 50
GOAL = 0.95
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


def listed_pairs(file: Traversable) -> list[tuple[str, str]]:
    """Two texts a line, with a tab between, that differ in grammatical gender alone."""
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return [(row[0], row[1]) for row in rows if len(row) > 1 and row[0] != "masculine"]


def report(
    systems: Mapping[str, System], pairs: Sequence[tuple[str, str]], documents: Sequence[str]
) -> dict[str, Any]:
    """Mean overlap of each system with its interval, and the share of pairs that reach GOAL."""
    draws = Resampling(range(len(pairs)))
    found = {name: overlaps(system, pairs, documents) for name, system in systems.items()}
    return {
        "pairs": len(pairs),
        "documents": len(documents),
        "systems": {
            name: {**draws.estimate(values).rounded(), "reached": float((values >= GOAL).mean())}
            for name, values in found.items()
        },
    }


def overlaps(system: System, pairs: Sequence[tuple[str, str]], documents: Sequence[str]) -> Values:
    """Rank-biased overlap (p 0.9) of the first places of the two rankings of each pair, [n].

    Two empty rankings are alike: 1.
    """
    masculine = system([a for a, _ in pairs], documents)
    feminine = system([b for _, b in pairs], documents)

    def first(row: Scores) -> list[str]:
        # what shares the worst score was not found: its order is the documents', not a ranking
        found = np.where(row > row.min(), row, -np.inf).astype(np.float32)
        return [str(i) for i in order(found, -1, None)[:DEPTH]]

    return np.array(
        [rank_biased_overlap(first(a), first(b)) for a, b in zip(masculine, feminine, strict=True)]
    )
