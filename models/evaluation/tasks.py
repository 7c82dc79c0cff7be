"""What is asked of systems: queries, documents, right answers, and the slices of the queries."""

from __future__ import annotations

import csv
import gzip
import random
import re
from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from models.evaluation import slices
from models.evaluation.noise import misspell
from models.evaluation.splits import Split, split_of
from models.evaluation.titles import TitleTask, title_task
from models.search.arrays import Mask

SERVIR: Final = Path("jobs") / "servir_talento_peru_dedup.csv.gz"
_SEED: Final = 7
_ABOUT: Final = "Each title finds the others of its ESCO occupation, which nothing learned from."

KINDS: Final = (
    "graded",
    "judged",
    "filtered",
    "titles",
    "misspelled",
    "kin",
    "among all",
    "known items",
)


@dataclass(frozen=True, slots=True)
class Task:
    """Queries, documents and the right answers.

    Attributes:
        name: For the report.
        queries, documents: Texts, [q] and [d].
        relevant: Per query the places of right documents.
        itself: Per query the place of the document that is its own text, -1 for none.
        facets: Per query its slice of each facet, or nothing.
        groups: Per query what it hangs together with; default: each stands alone.
        about: One sentence for the report: what is asked, and what is weak about it.
        kind: One of `KINDS`.
        metric: The one of `run.METRICS` that counts most.
        grades: Per query the grades of documents; without, right ones have grade 1.
        allowed: Which documents count for a query, bool [q, d]; the others are passed over as if
            they were not there, but not for `violates` and `risky`. Default: all.
        violates: Which documents fail a hard filter of the query, bool [q, d].
        risky: Which documents are risky ads, bool [d].
    """

    name: str
    queries: list[str]
    documents: list[str]
    relevant: list[set[int]]
    itself: list[int]
    facets: list[Mapping[str, str]] = field(default_factory=list)
    groups: list[Hashable] = field(default_factory=list)
    about: str = ""
    kind: str = "titles"
    metric: str = "MAP"
    grades: list[dict[int, float]] | None = None
    allowed: Mask | None = None
    violates: Mask | None = None
    risky: Mask | None = None


def title_tasks(folder: Path, split: Split, crowd: bool = False) -> list[Task]:
    """Titles of one occupation find each other: as written, and the queries misspelled; and
    titles of one ISCO-08 unit group find each other.

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
    asked = (task.relevant, own, facets, groups)
    found = [
        Task(f"titles ({split})", task.titles, task.titles, *asked, about=_ABOUT),
        Task(f"titles misspelled ({split})", noisy, task.titles, *asked, kind="misspelled",
             about=f"{_ABOUT} The queries are misspelled by rules."),
        Task(f"titles, unit group ({split})", task.titles, task.titles, _kin(task), *asked[1:],
             kind="kin", about="Each title finds those of all of its ISCO-08 unit group."),
    ]  # fmt: skip
    if crowd:
        whole = title_task(folder, None)
        place = {title: i for i, title in enumerate(whole.titles)}
        at = [place[title] for title in task.titles]
        right = [{place[task.titles[j]] for j in group} for group in task.relevant]
        found.append(
            Task(f"titles among all ({split})", task.titles, whole.titles, right, at, facets,
                 groups, about="The same queries among the titles of all splits.", kind="among all")
        )  # fmt: skip
    return found


def _kin(task: TitleTask) -> list[set[int]]:
    of: dict[str, set[int]] = defaultdict(set)
    for place, family in enumerate(task.families):
        of[family].add(place)
    return [of[family] - {place} for place, family in enumerate(task.families)]


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
    name = f"known items ({split}, silver)"
    return Task(name, titles, bodies, places, own, list(facets), about=about, kind="known items",
                metric="MRR")  # fmt: skip
