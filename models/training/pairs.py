"""Pairs of texts that mean the same work, each with a group: no group comes twice in a batch."""

from __future__ import annotations

import csv
import gzip
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from models.evaluation.splits import split_of
from models.evaluation.titles import pairs as title_pairs
from models.occupations import trades as known_trades
from models.training.noise import as_message, misspell

SERVIR = Path("jobs") / "servir_talento_peru_dedup.csv.gz"
ESCO = Path("taxonomy") / "esco_es" / "occupations_es.csv"


@dataclass(frozen=True, slots=True)
class Pair:
    """What somebody writes, an ad for it, and what occupation or ad the two belong to."""

    query: str
    passage: str
    group: str


def titles(folder: Path, rng: random.Random, noise: float) -> list[Pair]:
    """ESCO title pairs of the train split; a share of the queries as phone messages."""
    return [
        Pair(as_message(a, rng) if rng.random() < noise else a, b, group)
        for group, a, b in title_pairs(folder, "train")
    ]


def genders(folder: Path) -> list[Pair]:
    """Masculine and feminine label of the train split's occupations."""
    out = []
    with (folder / ESCO).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            a, _, b = row["preferredLabel"].partition("/")
            if b and split_of(row["conceptUri"]) == "train":
                out += [Pair(a, b, row["conceptUri"]), Pair(b, a, row["conceptUri"])]
    return out


def trades(rng: random.Random, copies: int) -> list[Pair]:
    """What a trade is called in the street, as a message, and another name of it."""
    called: dict[int, list[str]] = defaultdict(list)
    for trade in known_trades():
        called[trade.codes[0]].append(trade.words)
    return [
        Pair(as_message(name, rng), rng.choice(names), f"isco:{code}")
        for code, names in called.items()
        for name in names
        for _ in range(copies)
    ]


def vacancies(folder: Path, rng: random.Random, most: int) -> list[Pair]:
    """SERVIR titles and what the ad asks for; silver: an ad's title is of its body."""
    found: dict[str, list[str]] = defaultdict(list)
    with gzip.open(folder / SERVIR, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            title, body = row["job_title"].strip(), row["required_knowledge"].strip()
            if 4 < len(title) < 80 and len(body) > 40:
                found[title.lower()].append(body[:220].lower())
    names = sorted(found)
    rng.shuffle(names)
    return [
        Pair(misspell(name, rng) if rng.random() < 0.3 else name, rng.choice(found[name]), name)
        for name in names[:most]
    ]


def batches(found: list[Pair], size: int, rng: random.Random) -> list[list[Pair]]:
    """Shuffled batches in which no group comes twice; what does not fill one is left out."""
    waiting = list(found)
    rng.shuffle(waiting)
    out: list[list[Pair]] = []
    while len(waiting) >= size:
        batch: list[Pair] = []
        seen: set[str] = set()
        rest: list[Pair] = []
        for at, pair in enumerate(waiting):
            if len(batch) == size:
                rest += waiting[at:]
                break
            if pair.group in seen:
                rest.append(pair)
            else:
                batch.append(pair)
                seen.add(pair.group)
        if len(batch) < size:
            break
        out.append(batch)
        waiting = rest
    return out
