"""Makes ``models/data/languages.tsv.gz``, by which Quechua and Aymara are told from Spanish.

    python -m models.training.languages --data ../shared/data [--measure]

A line is an n-gram of letters (the edge of a word is "_") and ten times its log odds of being in a
Quechua and in an Aymara word rather than in a Spanish one: numbers, no text. A tenth of the lines
of the corpora is left out; ``--measure`` counts how many of those would be answered wrongly.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from models.evaluation.noise import misspell
from models.reading.language import SIZES, Language, assess, grams, words_of
from models.reading.lexicon import entries
from models.reading.occupations import shipped, trades

_TARGET: Final = Path(__file__).parents[1] / "data" / "languages.tsv.gz"
_HEADER: Final = """\
# Log odds (x 10) of letter n-grams in Quechua and in Aymara words against Spanish ones. Counted in
# the Quechua and Aymara corpora of AmericasNLP 2021 and its shared task; no text of them is here.
"""
_FILES: Final[dict[Language, tuple[str, ...]]] = {
    "qu": ("nouman_cosude.quy", "nouman_handbook.quy", "nouman_lexicon.quy", "nouman_per_const.quy",
           "quechua-spanish_dev.quy", "quechua-spanish_dict.quy"),
    "ay": ("aymara-spanish_dev.aym",),
    "es": ("nouman_cosude.es", "nouman_handbook.es", "nouman_lexicon.es", "nouman_per_const.es",
           "quechua-spanish_dev.es", "quechua-spanish_dict.es", "aymara-spanish_dev.es"),
}  # fmt: skip
_HELD_OUT: Final = 10  # every so many lines
_LEAST: Final = 3.0  # weight of words with an n-gram that is kept
_STRONG: Final = 8  # tenths of a nat below which an n-gram says too little to be kept
_MOST: Final = 60


def lines(data: Path, language: Language, *, held_out: bool) -> Iterator[str]:
    """Lines of the corpora, those left out or the others."""
    for name in _FILES[language]:
        said = (data / "languages" / name).read_text("utf-8-sig").splitlines()
        yield from (line for i, line in enumerate(said) if (i % _HELD_OUT == 0) == held_out)


def _counted(texts: Iterator[str]) -> Counter[str]:
    return Counter(word for text in texts for word in words_of(text) if len(word) > 1)


def _spanish(data: Path) -> Counter[str]:
    """Spanish as it is in books, at work, on maps and on phones."""
    rng = random.Random(1)
    found = _counted(lines(data, "es", held_out=False))
    work = [trade.words.lstrip("?^") for trade in trades()]
    work += [f"{line.form} {line.standard}" for line in entries() if line.kind != "quechua"]
    work += list(shipped().plain.values())
    with (data / "geo/ubigeo_distrito.csv").open(encoding="utf-8-sig", newline="") as file:
        work += [" ".join(v for v in row.values() if v) for row in csv.DictReader(file)]
    with (data / "taxonomy/esco_es/occupations_es.csv").open(encoding="utf-8-sig") as file:
        work += [row["preferredLabel"] + " " + row["altLabels"] for row in csv.DictReader(file)]
    found += _counted(iter(work))
    found += _counted(iter(misspell(word, rng) for word in list(found)[:30_000]))
    return found


def table(data: Path) -> Iterator[str]:
    """The lines of the file."""
    words = {"es": _spanish(data)}
    for language in ("qu", "ay"):
        words[language] = _counted(lines(data, language, held_out=False))
    totals = {language: sum(held.values()) for language, held in words.items()}
    for language in ("qu", "ay"):  # Spanish words in their texts say nothing of them
        held, rate = words[language], totals[language] / totals["es"]
        words[language] = Counter({w: n for w, n in held.items() if n > words["es"][w] * rate})
    weights: dict[str, dict[str, float]] = {}
    for language, held in words.items():
        weights[language] = defaultdict(float)
        for word, n in held.items():
            for gram in grams(word):
                weights[language][gram] += math.log1p(n)
    sizes = {
        (name, size): sum(n for gram, n in held.items() if len(gram) == size)
        for name, held in weights.items()
        for size in SIZES
    }
    for gram in sorted(set().union(*weights.values())):
        if sum(held.get(gram, 0.0) for held in weights.values()) >= _LEAST:
            qu, ay = (_odds(weights, sizes, gram, language) for language in ("qu", "ay"))
            if max(abs(qu), abs(ay)) >= _STRONG:
                yield f"{gram}\t{qu}\t{ay}\n"


def _odds(
    weights: Mapping[str, Mapping[str, float]],
    totals: Mapping[tuple[str, int], float],
    gram: str,
    language: str,
) -> int:
    """Ten times the log odds, a half added to each count."""
    shares = [
        (weights[name].get(gram, 0.0) + 0.5) / (totals[name, len(gram)] + 0.5)
        for name in (language, "es")
    ]
    return max(-_MOST, min(_MOST, round(10 * math.log(shares[0] / shares[1]))))


def measure(data: Path) -> None:
    """Print what becomes of the lines that were left out."""
    for language in _FILES:
        found = Counter(
            (said.language, said.readable)
            for line in lines(data, language, held_out=True)
            if len(words_of(line)) >= 3
            for said in (assess(line),)
        )
        print(language, sum(found.values()), dict(found))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--measure", action="store_true")
    told = parser.parse_args()
    if told.measure:
        measure(told.data)
    else:
        body = _HEADER + "".join(table(told.data))
        _TARGET.write_bytes(gzip.compress(body.encode(), 9, mtime=0))
