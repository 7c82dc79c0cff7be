"""Systems side by side on the title task and on known items."""

from __future__ import annotations

import csv
import gzip
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.evaluation.metrics import (
    Values,
    average_precision,
    interval,
    ndcg_at,
    precision_at,
    reciprocal_rank,
)
from models.evaluation.splits import Split, split_of
from models.evaluation.systems import System
from models.evaluation.titles import title_task
from models.training.noise import misspell

SERVIR = Path("jobs") / "servir_talento_peru_dedup.csv.gz"
METRICS = ("MAP", "nDCG@10", "MRR", "P@5")
_SEED = 7


@dataclass(frozen=True, slots=True)
class Task:
    """Queries, documents and the right answers; a query never finds `itself`.

    Attributes:
        name: For the report.
        queries, documents: Texts.
        relevant: Per query the places of right documents.
        itself: Per query the place of the document that is its own text, -1 for none.
    """

    name: str
    queries: list[str]
    documents: list[str]
    relevant: list[set[int]]
    itself: list[int]


def title_tasks(folder: Path, split: Split) -> list[Task]:
    """Titles of one occupation find each other: as written, and the queries misspelled."""
    task = title_task(folder, split)
    rng = random.Random(_SEED)
    noisy = [misspell(title, rng) for title in task.titles]
    own = list(range(len(task.titles)))
    return [
        Task(f"titles ({split})", task.titles, task.titles, task.relevant, own),
        Task(f"titles misspelled ({split})", noisy, task.titles, task.relevant, own),
    ]


def known_items(folder: Path, count: int, split: Split) -> Task:
    """A SERVIR title finds its own ad's body; silver: other ads may fit as well.

    Titles are split like occupations, by their own hash. Words of the title are taken out of the
    body, so that copying is no help.
    """
    with gzip.open(folder / SERVIR, "rt", encoding="utf-8", newline="") as file:
        rows = [
            (row["job_title"].strip().lower(), row["required_knowledge"].lower()[:400])
            for row in csv.DictReader(file)
            if len(row["required_knowledge"]) > 80
            and len(row["job_title"]) > 8
            and split_of(row["job_title"].strip().lower()) == split
        ]
    by_title = dict(rows)
    titles = random.Random(_SEED).sample(sorted(by_title), min(count, len(by_title)))
    bodies = []
    for title in titles:
        words = set(re.findall(r"\w{4,}", title))
        said = re.findall(r"\w+|\W+", by_title[title])
        bodies.append("".join(part for part in said if part not in words))
    places = [{i} for i in range(len(titles))]
    return Task("known items (silver)", titles, bodies, places, [-1] * len(titles))


def measure(task: Task, system: System) -> dict[str, Values]:
    """Each metric for each query."""
    scores = system(task.queries, task.documents)
    found: dict[str, list[float]] = {name: [] for name in METRICS}
    for row, right, own in zip(scores, task.relevant, task.itself, strict=True):
        order = np.argsort(-row, kind="stable")
        order = order[order != own]
        hits = np.isin(order, list(right)).tolist()
        found["MAP"].append(average_precision(hits, len(right)))
        ideal = [1.0] * len(right)
        found["nDCG@10"].append(ndcg_at([float(hit) for hit in hits[:10]], ideal, 10))
        found["MRR"].append(reciprocal_rank(hits))
        found["P@5"].append(precision_at(hits, 5))
    return {name: np.asarray(values) for name, values in found.items()}


def table(tasks: Sequence[Task], systems: dict[str, System]) -> list[dict[str, object]]:
    """One row for each task and system: means, and the 95 % interval of the MAP."""
    rows: list[dict[str, object]] = []
    for task in tasks:
        for name, system in systems.items():
            values = measure(task, system)
            low, high = interval(values["MAP"])
            means = {metric: round(float(v.mean()), 4) for metric, v in values.items()}
            rows.append(
                {
                    "task": task.name,
                    "queries": len(task.queries),
                    "documents": len(task.documents),
                    "system": name,
                    **means,
                    "MAP 95 %": [round(low, 4), round(high, 4)],
                }
            )
    return rows
