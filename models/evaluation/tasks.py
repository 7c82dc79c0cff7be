"""What is asked of systems: queries, documents, right answers, and the slices of the queries."""

from __future__ import annotations

import csv
import gzip
import random
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation import slices
from models.evaluation.splits import Split, split_of
from models.evaluation.titles import title_task
from models.training.noise import misspell

SERVIR: Final = Path("jobs") / "servir_talento_peru_dedup.csv.gz"
_SEED: Final = 7

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Task:
    """Queries, documents and the right answers.

    Attributes:
        name: For the report.
        queries, documents: Texts, [q] and [d].
        relevant: Per query the places of right documents.
        itself: Per query the place of the document that is its own text, -1 for none.
        about: One sentence for the report: what is asked, and what is weak about it.
        facets: Per query its slice of each facet, or nothing.
        groups: Per query what it hangs together with; default: each stands alone.
        grades: Per query the grades of documents; without, right ones have grade 1.
        allowed: Which documents may be ranked for a query, bool [q, d]; default: all.
        violates: Which documents fail a hard filter of the query, bool [q, d].
        risky: Which documents are risky ads, bool [d].
    """

    name: str
    queries: list[str]
    documents: list[str]
    relevant: list[set[int]]
    itself: list[int]
    about: str = ""
    facets: list[Mapping[str, str]] = field(default_factory=list)
    groups: list[Hashable] = field(default_factory=list)
    grades: list[dict[int, float]] | None = None
    allowed: Mask | None = None
    violates: Mask | None = None
    risky: Mask | None = None


def title_tasks(folder: Path, split: Split, crowd: bool = False) -> list[Task]:
    """Titles of one occupation find each other: as written, and the queries misspelled.

    Args:
        folder: The shared data.
        split: Whose occupations ask.
        crowd: Also ask among the titles of all splits, which is harder and nearer to real use;
            systems may have learned from the wrong answers there, never from the right ones.
    """
    task = title_task(folder, split)
    rng = random.Random(_SEED)
    noisy = [misspell(title, rng) for title in task.titles]
    own = list(range(len(task.titles)))
    groups: list[Hashable] = [group[0] for group in task.groups]
    facets: list[Mapping[str, str]] = [
        {"length": slices.length(title), "trade": slices.major_group(isco)}
        for title, isco in zip(task.titles, task.families, strict=True)
    ]
    asked = (task.titles, task.relevant, own, facets, groups)
    found = [
        _titles(f"titles ({split})", "", task.titles, *asked),
        _titles(f"titles misspelled ({split})", " The queries are misspelled by rules.", noisy,
                *asked),
    ]  # fmt: skip
    if crowd:
        whole = title_task(folder, None)
        place = {title: i for i, title in enumerate(whole.titles)}
        at = [place[title] for title in task.titles]
        right = [{place[task.titles[j]] for j in group} for group in task.relevant]
        found.append(
            Task(f"titles among all ({split})", task.titles, whole.titles, right, at,
                 "The same queries among the titles of all splits.", facets, groups)
        )  # fmt: skip
    return found


def _titles(
    name: str,
    more: str,
    queries: list[str],
    documents: list[str],
    relevant: list[set[int]],
    own: list[int],
    facets: list[Mapping[str, str]],
    groups: list[Hashable],
) -> Task:
    about = f"Each title finds the others of its ESCO occupation, which nothing learned from.{more}"
    return Task(name, queries, documents, relevant, own, about, facets, groups)


def known_items(folder: Path, count: int, split: Split) -> Task:
    """A SERVIR title finds its own ad's body; silver: other ads may fit as well.

    Titles are split like occupations, by their own hash. Words of the title are taken out of the
    body, so that copying is no help.
    """
    with gzip.open(folder / SERVIR, "rt", encoding="utf-8", newline="") as file:
        rows = [
            (row["job_title"].strip().lower(), row)
            for row in csv.DictReader(file)
            if len(row["required_knowledge"]) > 80
            and len(row["job_title"]) > 8
            and split_of(row["job_title"].strip().lower()) == split
        ]
    by_title = dict(rows)
    titles = random.Random(_SEED).sample(sorted(by_title), min(count, len(by_title)))
    bodies, facets = [], []
    for title in titles:
        words = set(re.findall(r"\w{4,}", title))
        said = re.findall(r"\w+|\W+", by_title[title]["required_knowledge"].lower()[:400])
        bodies.append("".join(part for part in said if part not in words))
        place = by_title[title].get("ubication") or ""
        facets.append(
            {
                "length": slices.length(title),
                "trade": slices.trade(title),
                **slices.place_of(None, place.replace(" - ", ", ")),
            }
        )
    places = [{i} for i in range(len(titles))]
    about = (
        "Silver, not judged: the title of a public vacancy finds the text of what it asks for, "
        "from which the title's words were taken out. Other vacancies may fit as well."
    )
    own = [-1] * len(titles)
    return Task(f"known items ({split}, silver)", titles, bodies, places, own, about, list(facets))
