"""People and jobs judged by hand: which jobs a placement officer would show to a person.

The set ships in ``models/data/graded``: ``people.jsonl``, ``jobs.jsonl`` and ``grades.tsv``; the
README there tells how it was made. Grades go from 0 (would waste the person's time) to 3; a grade
of 2 or more counts as right where a metric knows right and wrong only.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

import numpy as np
import orjson
from pydantic import ValidationError

from models.evaluation import slices
from models.evaluation.tasks import Task
from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.filters import eligible
from models.reading.text import card, job_text, person_text
from models.search.arrays import Mask
from schemas.errors import UsageError
from schemas.job import Job
from schemas.profile import Profile

FOLDER: Final[Traversable] = resources.files("models.data") / "graded"
RIGHT: Final = 2.0
_GRADES: Final = {"0": 0.0, "1": 1.0, "2": 2.0, "3": 3.0}
_FACETS: Final = {"style": "style", "mix": "language mix", "gender": "gender"}


@dataclass(frozen=True, slots=True)
class Graded:
    """The set.

    Attributes:
        people, jobs: As published.
        about: Per person what slices they are in.
        risky: Per job whether it is a risky ad, bool [jobs].
        grades: Per person the grades of the jobs judged, by their place.
        fails: Which jobs a person may not have, as the filters see it or as was judged,
            bool [people, jobs].
    """

    people: list[Profile]
    jobs: list[Job]
    about: list[Mapping[str, str]]
    risky: Mask
    grades: list[dict[int, float]]
    fails: Mask


def here(folder: Traversable = FOLDER) -> bool:
    """Whether there is a set."""
    return (folder / "grades.tsv").is_file()


def version(folder: Traversable = FOLDER) -> str:
    """Names the content of the set: eight digits that change with any byte."""
    names = ("people.jsonl", "jobs.jsonl", "grades.tsv")
    content = b"\0".join((folder / name).read_bytes() for name in names)
    return hashlib.blake2b(content, digest_size=4).hexdigest()


def load(folder: Traversable = FOLDER, split: str | None = None) -> Graded:
    """The judged people of a split (default: all) and all jobs.

    Raises:
        UsageError: there is no such set, or it does not hold together; the sentence names where.
    """
    if not here(folder):
        raise UsageError(f"No hay un conjunto calificado en {folder}.")
    jobs, risky = _jobs(folder / "jobs.jsonl")
    rows = _people(folder / "people.jsonl")
    judged = _judged(
        folder / "grades.tsv", set(rows), {job.job_id: i for i, job in enumerate(jobs)}
    )
    chosen = [i for i, (row, _) in rows.items() if i in judged and split in (None, row["split"])]
    people = [rows[i][1] for i in chosen]
    return Graded(
        people,
        jobs,
        [
            _facets(*rows[i], [jobs[j].title for j, (g, _) in judged[i].items() if g >= RIGHT])
            for i in chosen
        ],
        np.array(risky, np.bool_),
        [{job: grade for job, (grade, _) in judged[i].items()} for i in chosen],
        _fails(people, jobs, [judged[i] for i in chosen]),
    )


def _lines(file: Traversable) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where a row stands, and the row."""
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        if line.strip():
            yield f"{file.name}, línea {number}", orjson.loads(line)


def _jobs(file: Traversable) -> tuple[list[Job], list[bool]]:
    jobs, risky = [], []
    for where, row in _lines(file):
        try:
            jobs.append(Job.model_validate({"job_id": row["id"], **row["job"]}))
            risky.append({"ordinary": False, "risky": True}[row["kind"]])
        except (KeyError, TypeError, ValidationError):
            raise UsageError(f"{where}: no es un aviso calificado.") from None
    return jobs, risky


def _people(file: Traversable) -> dict[str, tuple[dict[str, Any], Profile]]:
    found = {}
    for where, row in _lines(file):
        try:
            person = Profile.model_validate({"profile_id": row["id"], **row["profile"]})
            if row["split"] not in ("dev", "test"):
                raise KeyError("split")
            found[person.profile_id] = (row, person)
        except (KeyError, TypeError, ValidationError):
            raise UsageError(f"{where}: no es una persona calificada.") from None
    return found


def _judged(
    file: Traversable, people: set[str], place: Mapping[str, int]
) -> dict[str, dict[int, tuple[float, str]]]:
    """Grade and violation of each judged pair, by person and the job's place."""
    found: dict[str, dict[int, tuple[float, str]]] = defaultdict(dict)
    lines = file.read_text(encoding="utf-8").splitlines()
    for number, row in enumerate(csv.reader(lines, delimiter="\t"), 1):
        if not row or row[0].startswith("#") or row[:2] == ["person", "job"]:
            continue
        person, job, grade, violation = [*row, "", "", "", ""][:4]
        if person not in people or job not in place or grade not in _GRADES:
            where = f"{file.name}, línea {number}"
            raise UsageError(f"{where}: no es persona, aviso y nota de 0 a 3.")
        found[person][place[job]] = _GRADES[grade], violation.strip()
    return found


def _fails(
    people: list[Profile], jobs: list[Job], judged: list[dict[int, tuple[float, str]]]
) -> Mask:
    asked = [job_attrs(card(job)) for job in jobs]
    have = [person_attrs(person) for person in people]
    fails = np.array([[not eligible(one, job) for job in asked] for one in have], np.bool_)
    for i, mine in enumerate(judged):
        fails[i, [job for job, (_, violation) in mine.items() if violation]] = True
    return fails.reshape(len(people), len(jobs))


def _facets(row: Mapping[str, Any], person: Profile, right: list[str]) -> Mapping[str, str]:
    """Slices of a person; the trade is that of most jobs which are right for them."""
    told = {shown: str(row[name]) for name, shown in _FACETS.items() if row.get(name)}
    return {
        **told,
        "length": slices.length(person.text),
        "trade": slices.commonest_trade(right),
        **slices.place_of(person.ubigeo, person.place),
    }


def graded_tasks(graded: Graded) -> list[Task]:
    """The judged jobs of each person in order; and again with hard filters for every system."""
    judged = np.zeros(graded.fails.shape, np.bool_)
    for i, mine in enumerate(graded.grades):
        judged[i, list(mine)] = True
    whole = Task(
        "graded",
        [person_text(person) for person in graded.people],
        [job_text(job) for job in graded.jobs],
        [{j for j, g in mine.items() if g >= RIGHT} for mine in graded.grades],
        [-1] * len(graded.people),
        about="Jobs judged by hand for each person; only these count for MAP, nDCG, MRR and P@5. "
        "Hard violations and risky ads are counted in the first ten of all jobs of the set.",
        facets=graded.about,
        grades=graded.grades,
        allowed=judged,
        violates=graded.fails,
        risky=graded.risky,
        kind="graded",
        metric="nDCG@10",
    )
    fair = replace(
        whole,
        name="graded, filtered for all",
        kind="filtered",
        about="The same, but jobs that a person may not have are taken out for every system, so "
        "that what is left is how well each understands the texts.",
        allowed=judged & ~graded.fails,
        violates=None,
        risky=None,
    )
    return [whole, fair]
