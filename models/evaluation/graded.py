"""People and jobs judged by hand: which jobs a placement officer would show to a person.

A folder holds ``people.jsonl`` (profiles with ``style``, ``split``, ``trade``, ``gender``,
``language_mix`` beside their fields), ``jobs.jsonl`` (jobs with ``kind``: ordinary or risky) and
``grades.tsv``: profile_id, job_id, grade 0 to 3. Grade 2 and more counts as right where a metric
knows right and wrong only.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson

from models.evaluation import slices
from models.evaluation.tasks import Mask, Task
from models.filters import eligible, job_attrs, person_attrs
from models.text import card, job_text, person_text
from schemas.errors import UsageError
from schemas.job import Job
from schemas.profile import Profile

FOLDER: Final = Path(__file__).parent.parent / "data" / "graded"
RIGHT: Final = 2.0
_FACETS: Final = ("style", "trade", "gender", "language_mix")


@dataclass(frozen=True, slots=True)
class Graded:
    """The set.

    Attributes:
        people, jobs: As published.
        about: Per person what slices they are in.
        risky: Per job whether it is a risky ad, bool [jobs].
        grades: Per person the grades of the jobs judged, by their place.
    """

    people: list[Profile]
    jobs: list[Job]
    about: list[Mapping[str, str]]
    risky: Mask
    grades: list[dict[int, float]]


def load(folder: Path = FOLDER, split: str | None = None) -> Graded:
    """The people of a split (default: all) and all jobs.

    Raises:
        UsageError: there is no such set, or it does not hold together; the sentence names where.
    """
    if not (folder / "grades.tsv").is_file():
        raise UsageError(f"No hay un conjunto calificado en {folder}.")
    rows = [row for row in _lines(folder / "people.jsonl") if split in (None, row.get("split"))]
    listed = _lines(folder / "jobs.jsonl")
    jobs = [Job.model_validate(row) for row in listed]
    grades = _grades(folder / "grades.tsv", {job.job_id: i for i, job in enumerate(jobs)})
    people = [Profile.model_validate(row) for row in rows]
    kept = [i for i, person in enumerate(people) if person.profile_id in grades]
    return Graded(
        [people[i] for i in kept],
        jobs,
        [_facets(rows[i], people[i]) for i in kept],
        np.array([row.get("kind") == "risky" for row in listed], np.bool_),
        [grades[people[i].profile_id] for i in kept],
    )


def _lines(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]


def _grades(path: Path, place: Mapping[str, int]) -> dict[str, dict[int, float]]:
    found: dict[str, dict[int, float]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t"), 1):
            if not row or row[0].startswith("#") or row[0] == "profile_id":
                continue
            if len(row) < 3 or row[1] not in place or row[2] not in ("0", "1", "2", "3"):
                raise UsageError(f"{path.name}: la línea {number} no es persona, trabajo, 0 a 3.")
            found[row[0]][place[row[1]]] = float(row[2])
    return found


def _facets(row: Mapping[str, Any], person: Profile) -> Mapping[str, str]:
    told = {name: str(row[name]) for name in _FACETS if row.get(name)}
    return {
        "length": slices.length(person.text),
        **told,
        **slices.place_of(person.ubigeo, person.place),
    }


def graded_tasks(graded: Graded) -> list[Task]:
    """Four tasks: the judged jobs of a person or all jobs, each without and with hard filters."""
    shape = (len(graded.people), len(graded.jobs))
    judged = np.zeros(shape, np.bool_)
    violates = np.zeros(shape, np.bool_)
    asked = [job_attrs(card(job)) for job in graded.jobs]
    for i, person in enumerate(graded.people):
        judged[i, list(graded.grades[i])] = True
        attrs = person_attrs(person)
        violates[i] = [not eligible(attrs, job) for job in asked]
    whole = Task(
        "graded",
        [person_text(person) for person in graded.people],
        [job_text(job) for job in graded.jobs],
        [{j for j, g in mine.items() if g >= RIGHT} for mine in graded.grades],
        [-1] * len(graded.people),
        facets=graded.about,
        grades=graded.grades,
        violates=violates,
        risky=graded.risky,
    )
    among = ("Only jobs judged for the person are ranked.",
             "All jobs are ranked; those not judged for a person count as 0.")  # fmt: skip
    bare = "Texts only: no hard filter, except in the full ranking, which always has them."
    fair = "Jobs that fail a hard filter are taken out for every system alike."
    return [
        replace(whole, name="graded: judged", allowed=judged, about=f"{among[0]} {bare}"),
        replace(whole, name="graded: judged, filtered", allowed=judged & ~violates,
                about=f"{among[0]} {fair}"),
        replace(whole, name="graded: pool", about=f"{among[1]} {bare}"),
        replace(whole, name="graded: pool, filtered", allowed=~violates,
                about=f"{among[1]} {fair}"),
    ]  # fmt: skip
