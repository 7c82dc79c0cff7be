"""Pairs of texts that should lie together in letters, and how well a table brings them together."""

from __future__ import annotations

import csv
import gzip
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from models.encoding.lexical import Table
from models.evaluation.noise import misspell
from models.evaluation.splits import Split, split_of
from models.evaluation.titles import average_precisions, title_task
from models.evaluation.titles import pairs as title_pairs
from models.reading.occupations import trades

Groups = list[tuple[str, list[str]]]

_SNIPPET: Final = 24  # words of a body
_SENTENCE: Final = re.compile(r"[^.;]{15,300}")


@dataclass(frozen=True, slots=True)
class SpellingPair:
    """Two texts that belong together, and what they are about: a group's texts never part."""

    left: str
    right: str
    group: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where pairs come from: training data only.

    Attributes:
        titles: ESCO ids and their titles.
        sentences: ESCO ids and, first the title, then the sentences of their descriptions.
        postings: Title and body of public vacancies.
        trades: Unit groups and what the street calls them.
    """

    titles: Groups
    sentences: Groups
    postings: list[tuple[str, str]]
    trades: Groups

    @classmethod
    def read(cls, data: Path) -> Source:
        """From the folder of shared data."""
        streets: dict[str, list[str]] = defaultdict(list)
        for trade in trades():
            streets[str(trade.codes[0])].append(trade.words)
        return cls(
            titles(data, "train"),
            sentences(data, "train"),
            postings(data, "train"),
            list(streets.items()),
        )

    def corpus(self) -> list[str]:
        """All texts once, in a fixed order."""
        groups = (*self.titles, *self.sentences, *self.trades)
        texts = [text for _, group in groups for text in group]
        return texts + [f"{title} {body}" for title, body in self.postings]

    def pair(self, choose: random.Random) -> SpellingPair:
        """One pair: half of ESCO titles, then spellings, descriptions, postings and trades."""
        kind = choose.random()
        if kind < 0.40:
            group, texts = choose.choice(self.titles)
            left, right = choose.choice(texts), choose.choice(texts)
            return SpellingPair(_spelt(left, choose), _spelt(right, choose), group)
        if kind < 0.70:
            group, texts = choose.choice(self.titles)
            left = choose.choice(texts)
            return SpellingPair(left, misspell(left, choose), group)
        if kind < 0.80:
            group, (left, *rest) = choose.choice(self.sentences)
            return SpellingPair(_spelt(left, choose), choose.choice(rest), group)
        if kind < 0.92:
            left, body = choose.choice(self.postings)
            words = body.split()
            at = choose.randrange(max(len(words) - _SNIPPET, 0) + 1)
            return SpellingPair(_spelt(left, choose), " ".join(words[at : at + _SNIPPET]), left)
        group, texts = choose.choice(self.trades)
        left, right = choose.choice(texts), choose.choice(texts)
        return SpellingPair(_spelt(left, choose), misspell(right, choose), group)


def _spelt(text: str, choose: random.Random) -> str:
    kind = choose.random()
    if kind < 0.35:
        return misspell(text, choose)
    return other_gender(text) if kind < 0.5 else text


def other_gender(text: str) -> str:
    """The first word in the other grammatical gender: cocinero, cocinera; asesor, asesora."""
    word, space, rest = text.partition(" ")
    if word.endswith(("o", "a")) and not word.endswith("ora"):
        word = word[:-1] + ("a" if word.endswith("o") else "o")
    elif word.endswith("ora"):
        word = word[:-1]
    elif word.endswith("or"):
        word += "a"
    return word + space + rest


def _rows(data: Path, split: Split) -> Iterator[dict[str, str]]:
    with (data / "taxonomy/esco_es/occupations_es.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if split_of(row["conceptUri"]) == split:
                yield row


def titles(data: Path, split: Split) -> Groups:
    """ESCO ids of a split and their titles in Spanish, sorted: two or more each."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in _rows(data, split):
        labels = [*row["preferredLabel"].split("/"), *row["altLabels"].split("\n")]
        found[row["conceptUri"]].update(label.strip() for label in labels if label.strip())
    for occupation, *pair in title_pairs(data, split):
        found[occupation].update(pair)
    return [(name, sorted(group)) for name, group in sorted(found.items()) if len(group) > 1]


def sentences(data: Path, split: Split) -> Groups:
    """ESCO ids of a split; to each its title and the sentences of its description."""
    found = []
    for row in _rows(data, split):
        said = _SENTENCE.findall(row["description"])
        if said:
            found.append((row["conceptUri"], [row["preferredLabel"].split("/")[0], *said]))
    return sorted(found)


def postings(data: Path, split: Split) -> list[tuple[str, str]]:
    """Title and body of the public vacancies of a split (by title, as in the evaluation)."""
    found: dict[str, str] = {}
    with gzip.open(data / "jobs/servir_talento_peru_dedup.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            title = row["job_title"].strip()
            body = " ".join(row[name] for name in ("specialization", "required_knowledge"))
            if title and split_of(title.lower()) == split:
                found.setdefault(title, f"{row['educational_background'][-160:]} {body}")
    return sorted(found.items())


def measure(table: Table, data: Path, split: Split) -> dict[str, float]:
    """How well titles find what belongs to them, with nothing but this table.

    `titles` and `misspelt` are mean average precision over the title task, the titles as they are
    or misspelt; `same` is how often a misspelt title finds its own right spelling first; `body`
    the mean reciprocal rank of a held public vacancy's title for its body.
    """
    choose = random.Random(11)
    task = title_task(data, split)
    clean = table.vectors(task.titles)
    wrong = table.vectors([misspell(title, choose) for title in task.titles])
    held = postings(data, split)
    heads = table.vectors([title for title, _ in held])
    bodies = table.vectors([" ".join(body.split()[:60]) for _, body in held])
    found = bodies @ heads.T
    spelt = wrong @ clean.T
    return {
        "titles": float(average_precisions(clean @ clean.T, task.relevant).mean()),
        "misspelt": float(average_precisions(spelt, task.relevant).mean()),
        "same": float((spelt <= np.diag(spelt)[:, None]).all(axis=1).mean()),
        "body": float((1.0 / (found >= np.diag(found)[:, None]).sum(axis=1)).mean()),
    }
