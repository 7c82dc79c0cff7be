"""People and ads of Peru by groups of regions, graded within each: with all fields, or words alone.

The set ships in ``models/data/judged``; its README tells how it was made. Within a folder every
pair that breaks no rule of the fields is graded, so that what is shown and not graded breaks a rule
by the fields, whether or not a system was given them.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final, Literal

import numpy as np
import orjson

from models.evaluation import slices
from models.evaluation.splits import Split
from models.evaluation.systems import Scores, System
from models.evaluation.tasks import Task
from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.filters import eligible
from models.reading.facts.known import Known
from models.reading.text import card, job_text, person_text
from models.search.arrays import Mask
from schemas.job import Job
from schemas.profile import Profile

FOLDER: Final[Traversable] = resources.files("models.data") / "judged"
PARTS: Final[Mapping[Split, tuple[str, ...]]] = {"dev": ("A", "C", "D"), "test": ("B",)}
"""Groups of regions; B is looked at once, when all is chosen."""
Fields = Literal["all", "home", "words"]
FIELDS: Final[tuple[Fields, ...]] = ("all", "home", "words")
"""What is given beside the words: all, only where people and jobs are, nothing."""
RIGHT: Final = 2.0

_ABOUT: Final = frozenset(
    {"said", "style", "text_languages", "source", "risky", "risk_kind"}
)  # what is known of a record and no field of it
_WORDS: Final = frozenset(
    {"profile_id", "text", "job_id", "title", "description", "requirements", "employer"}
)
_HOME: Final = frozenset({"ubigeo", "place"})


@dataclass(frozen=True, slots=True)
class Judged:
    """The set, as a system is given it.

    Attributes:
        people, jobs: With the fields that are given.
        region_of_person, region_of_job: Folder of each.
        about: Per person what slices they are in.
        risky: Per job, bool [jobs].
        grades: Per person the grades of the jobs judged, by their place.
        broken: Jobs of the folder that break a rule: of all fields where these are given, else of
            what the words plainly say (`said`); bool [people, jobs].
    """

    people: list[Profile]
    jobs: list[Job]
    region_of_person: list[str]
    region_of_job: list[str]
    about: list[Mapping[str, str]]
    risky: Mask
    grades: list[dict[int, float]]
    broken: Mask

    def together(self) -> Mask:
        """Which jobs are in the person's folder, bool [people, jobs]."""
        jobs = np.array(self.region_of_job)
        found: Mask = np.array(self.region_of_person)[:, None] == jobs[None]
        return found


def rows_of(part: str, name: str) -> list[dict[str, Any]]:
    """The records of a folder's file with all that is known of them."""
    raw = (FOLDER / part / name).read_bytes()
    return [orjson.loads(line) for line in raw.splitlines() if line.strip()]


def load(fields: Fields, parts: Sequence[str] = PARTS["dev"]) -> Judged:
    """The people and jobs of these folders.

    Args:
        fields: What is given beside the words.
        parts: Folders.
    """
    people = [(part, row) for part in parts for row in rows_of(part, "people.jsonl")]
    jobs = [(part, row) for part in parts for row in rows_of(part, "jobs.jsonl")]
    place = {row["job_id"]: i for i, (_, row) in enumerate(jobs)}
    graded: dict[str, dict[int, float]] = {row["profile_id"]: {} for _, row in people}
    for part in parts:
        lines = (FOLDER / part / "grades.tsv").read_text("utf-8").splitlines()
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            graded[row["profile_id"]][place[row["job_id"]]] = float(row["grade"])
    found = Judged(
        [Profile.model_validate(_given(row, fields)) for _, row in people],
        [Job.model_validate(_given(row, fields)) for _, row in jobs],
        [part for part, _ in people],
        [part for part, _ in jobs],
        [_facets(part, row) for part, row in people],
        np.array([row["risky"] for _, row in jobs], np.bool_),
        list(graded.values()),
        np.zeros((len(people), len(jobs)), np.bool_),
    )
    broken = found.together() & ~found.risky[None]
    if fields == "all":
        for row, mine in zip(broken, found.grades, strict=True):
            row[list(mine)] = False
    else:
        broken &= ~_said_to_fit([row for _, row in people], [row for _, row in jobs])
    return replace(found, broken=broken)


def _said_to_fit(people: Sequence[Mapping[str, Any]], jobs: Sequence[Mapping[str, Any]]) -> Mask:
    """Which pairs break no rule by what their words say, bool [people, jobs]; pay is no rule."""
    have = [
        replace(person_attrs(Known({"text": "", **row["said"]}, {}, ())), min_pay=0.0)
        for row in people
    ]
    asked = [job_attrs({"title": row["title"], **row["said"]}) for row in jobs]
    return np.array([[eligible(one, job) for job in asked] for one in have], np.bool_)


def _given(row: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    stated = {name: value for name, value in row.items() if value is not None}
    if fields == "all":
        return {name: value for name, value in stated.items() if name not in _ABOUT}
    kept = _WORDS | _HOME if fields == "home" else _WORDS
    return {name: value for name, value in stated.items() if name in kept}


def _facets(part: str, row: Mapping[str, Any]) -> dict[str, str]:
    spoken = "andean" if {"qu", "ay"} & set(row["text_languages"]) else "spanish"
    return {
        "region": part,
        "style": row["style"],
        "language": spoken,
        "moves": "would move" if row.get("relocate") else "stays",
        **slices.place_of(row.get("ubigeo"), row.get("place")),
    }


def judged_task(judged: Judged, fields: Fields) -> Task:
    """Every person ranks the jobs of their folder; what is not graded is worth nothing."""
    return Task(
        f"judged, {fields}",
        [person_text(person) for person in judged.people],
        [job_text(job) for job in judged.jobs],
        [{j for j, g in mine.items() if g >= RIGHT} for mine in judged.grades],
        [-1] * len(judged.people),
        about="Jobs of the person's own group of regions. The same filters, from what a system is "
        "given, for every system; violations are counted by all fields where these are given, else "
        "by what the words plainly say.",
        facets=judged.about,
        grades=judged.grades,
        allowed=judged.together(),
        violates=judged.broken,
        risky=judged.risky,
        kind="judged",
        metric="nDCG@10",
    )


def filtered(system: System, judged: Judged, held: Callable[[Job], bool]) -> System:
    """A system that sees texts alone, with the filters and the gate of the stream before it."""
    asked = [job_attrs(card(job)) for job in judged.jobs]
    have = [person_attrs(person) for person in judged.people]
    fit = judged.together()
    for i, j in zip(*np.nonzero(fit), strict=True):
        fit[i, j] = eligible(have[i], asked[j])
    fit &= ~np.array([held(job) for job in judged.jobs], np.bool_)[None]

    def score(queries: Sequence[str], documents: Sequence[str]) -> Scores:
        found = system(queries, documents).astype(np.float32)
        return np.where(fit, found, np.float32(-np.inf))

    return score
