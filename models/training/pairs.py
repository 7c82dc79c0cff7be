"""Pairs of texts that mean the same work, each with a group: no group comes twice in a batch.

Batches hold one kind of pairs each (titles, descriptions, street names, vacancies, skills), since
a street name and an ESCO title in one batch may well mean the same work and would be pushed apart.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from models.evaluation.noise import as_message, misspell
from models.evaluation.splits import split_of
from models.reading.gender import neutral
from models.reading.occupations import trades as known_trades
from models.training.lexical_pairs import sentences
from models.training.lexical_pairs import titles as known_titles
from models.training.occupations import occupations

_ESCO_1_0 = Path("taxonomy") / "esco_v1.0_es"
SERVIR = Path("jobs") / "servir_talento_peru_dedup.csv.gz"


@dataclass(frozen=True, slots=True)
class Pair:
    """What somebody writes, an ad for it, and what occupation or ad the query belongs to.

    `unit` is the occupation's ISCO-08 unit group, empty where there is none.
    """

    query: str
    passage: str
    group: str
    kind: str = "title"
    unit: str = ""


def titles(
    folder: Path, rng: random.Random, copies: int, noise: float, kin: float = 0.0
) -> list[Pair]:
    """Two titles of the same ESCO occupation of the train split, or of two that are kin.

    Two titles that differ in grammatical gender alone are one, since the encoder reads them alike.

    Args:
        folder: Of the shared data.
        rng: Source of what is drawn.
        copies: Pairs of each occupation, drawn anew each time.
        noise: Share of the queries written as phone messages.
        kin: Share of the passages that are of any occupation of the same ISCO-08 unit group.
    """
    units = _units(folder)
    older = _older_titles(folder)
    names: dict[str, list[str]] = {}
    for group, known in known_titles(folder, "train"):
        names[group] = list({neutral(n).lower(): n for n in [*older[group], *known]}.values())
    family: dict[str, list[str]] = defaultdict(list)
    for group, different in names.items():
        family[units[group]] += different
    out = []
    for group, different in names.items():
        for _ in range(copies if len(different) > 1 else 0):
            a, b = rng.sample(different, 2)
            if rng.random() < kin:
                b = rng.choice([name for name in family[units[group]] if name != a])
            query = as_message(a, rng) if rng.random() < noise else a
            out.append(Pair(query, b, group, unit=units[group]))
    return out


def _units(folder: Path) -> dict[str, str]:
    """ISCO-08 unit group of each ESCO occupation."""
    return {group: unit for group, unit, _ in occupations(folder)}


def _older_titles(folder: Path) -> dict[str, list[str]]:
    """Titles that ESCO 1.0 had, sorted, by the URI of the occupation; of all splits."""
    found: dict[str, list[str]] = defaultdict(list)
    with (folder / _ESCO_1_0 / "occupations_es.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            labels = {*row["preferredLabel"].split("/"), *row["altLabels"].split("\n")}
            found[row["conceptUri"]] = sorted({label.strip() for label in labels} - {""})
    return found


def skills(folder: Path, rng: random.Random, most: int) -> list[Pair]:
    """Two names of the same ESCO skill; skills are of no occupation, so of no split."""
    found = []
    with (folder / _ESCO_1_0 / "skills_es.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            labels = {row["preferredLabel"].strip(), *row["altLabels"].split("\n")} - {""}
            if len(labels) > 1:
                a, b = rng.sample(sorted(labels), 2)
                found.append(Pair(a, b, row["conceptUri"], "skill"))
    rng.shuffle(found)
    return found[:most]


def descriptions(folder: Path, rng: random.Random, copies: int) -> list[Pair]:
    """A title of the train split and a sentence of its ESCO description."""
    names, units = dict(known_titles(folder, "train")), _units(folder)
    return [
        Pair(
            rng.choice(names.get(group, [title])),
            rng.choice(said),
            group,
            "description",
            units[group],
        )
        for group, (title, *said) in sentences(folder, "train")
        for _ in range(copies)
    ]


def trades(rng: random.Random, copies: int) -> list[Pair]:
    """What a trade is called in the street, as a message, and another name of it."""
    called: dict[int, list[str]] = defaultdict(list)
    for trade in known_trades():
        called[trade.codes[0]].append(trade.words)
    return [
        Pair(as_message(name, rng), rng.choice(names), f"isco:{code}", "trade", f"{code:04d}")
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
            kept = split_of(title.lower()) == "train"  # the others are for evaluation
            if kept and 4 < len(title) < 80 and len(body) > 40:
                found[title.lower()].append(body[:220].lower())
    names = sorted(found)
    rng.shuffle(names)
    return [
        Pair(
            misspell(name, rng) if rng.random() < 0.3 else name,
            rng.choice(found[name]),
            name,
            "vacancy",
        )
        for name in names[:most]
    ]


def fingerprint(found: Sequence[Pair]) -> str:
    """SHA-256 of all pairs in their order: what a model learned from."""
    digest = hashlib.sha256()
    for pair in found:
        digest.update(orjson.dumps(pair, option=orjson.OPT_APPEND_NEWLINE))
    return digest.hexdigest()


def meanings(found: Sequence[Pair]) -> dict[str, set[str]]:
    """All groups of each passage: a title of two occupations answers what is asked for either."""
    read: dict[str, set[str]] = defaultdict(set)
    for pair in found:
        read[neutral(pair.passage).lower()].add(pair.group)
    return {pair.passage: read[neutral(pair.passage).lower()] for pair in found}


def together(batch: Sequence[Pair], meant: Mapping[str, set[str]]) -> list[list[bool]]:
    """Which passages of a batch are no negatives of which queries: they answer them, or are of an
    occupation of the same unit group, which people change between.

    Args:
        batch: The pairs.
        meant: All groups of each passage.
    """
    return [
        [a.group in meant[b.passage] or (a.unit != "" and a.unit == b.unit) for b in batch]
        for a in batch
    ]


def batches(
    found: Sequence[Pair],
    size: int,
    rng: random.Random,
    near: Mapping[str, Sequence[str]] | None = None,
) -> list[list[Pair]]:
    """Shuffled batches of one kind in which no group comes twice.

    Args:
        found: All pairs; those that do not fill a batch are left out.
        size: Pairs in a batch; a kind with fewer groups than that has smaller ones.
        rng: Source of the order.
        near: Groups that are hard to tell from a group: where given, a batch is filled up with
            them, so that the negatives are hard ones.
    """
    kinds: dict[str, list[Pair]] = defaultdict(list)
    for pair in found:
        kinds[pair.kind].append(pair)
    out: list[list[Pair]] = []
    for waiting in kinds.values():
        rng.shuffle(waiting)
        room = min(size, len({pair.group for pair in waiting}))
        out += _of_kind(waiting, room, near or {}, rng)
    rng.shuffle(out)
    return out


def _of_kind(
    waiting: list[Pair], size: int, near: Mapping[str, Sequence[str]], rng: random.Random
) -> list[list[Pair]]:
    of: dict[str, list[Pair]] = defaultdict(list)
    for pair in waiting:
        of[pair.group].append(pair)
    out: list[list[Pair]] = []
    while sum(1 for held in of.values() if held) >= size:
        batch: dict[str, Pair] = {}
        # groups with most pairs left first, else the last ones could not fill a batch
        order = sorted((g for g in of if of[g]), key=lambda g: (-len(of[g]), rng.random()))
        for seed in order:
            for group in (seed, *near.get(seed, ())):
                if group not in batch and of.get(group) and len(batch) < size:
                    batch[group] = of[group].pop()
        out.append(list(batch.values()))
    return out
