"""Makes ``models/data/occupations.tsv.gz`` from ESCO's Spanish occupations.

    python -m models.training.occupations DATA_FOLDER

A label that stands for occupations of several unit groups is left out, and so are labels of one
word that is also common outside work.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections import defaultdict
from pathlib import Path

from models.occupations import fold

TARGET = Path(__file__).parents[1] / "data" / "occupations.tsv.gz"
_COMMON = frozenset({"coordinador", "director", "instructor", "jef", "asistent", "ayudant", "tecnic"})
_HEADER = "# ESCO v1.2 (c) European Union, reused with acknowledgement; labels by ISCO-08 unit group.\n"


def labels(folder: Path) -> dict[str, set[str]]:
    """Unit groups by label."""
    groups: dict[str, set[str]] = defaultdict(set)
    path = folder / "taxonomy" / "esco_es" / "occupations_es.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names = {*row["preferredLabel"].split("/"), *row["altLabels"].splitlines()}
            for name in names:
                if name.strip():
                    groups[name.strip().lower()].add(row["iscoGroup"])
    return groups


def main() -> None:
    """Write the table."""
    by_fold: dict[tuple[str, ...], set[str]] = defaultdict(set)
    shortest: dict[tuple[str, ...], str] = {}
    for name, codes in labels(Path(sys.argv[1])).items():
        key = tuple(fold(name))
        by_fold[key] |= codes
        shortest[key] = min(name, shortest.get(key, name), key=lambda n: (len(n), n))
    names: dict[str, list[str]] = defaultdict(list)
    for key, codes in by_fold.items():
        if len(codes) == 1 and key and not (len(key) == 1 and key[0] in _COMMON):
            names[min(codes)].append(shortest[key])
    lines = [f"{code}\t{'|'.join(sorted(names[code]))}\n" for code in sorted(names)]
    TARGET.write_bytes(gzip.compress((_HEADER + "".join(lines)).encode(), mtime=0))


if __name__ == "__main__":
    main()
