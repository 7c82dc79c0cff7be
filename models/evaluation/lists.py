"""What single people would be shown, with the grades: beside what a plain encoder would show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np

from models.evaluation.judged import RIGHT, Judged
from models.evaluation.run import TOP
from models.evaluation.sending import Sent
from models.evaluation.systems import Scores
from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.filters import eligible
from models.reading.text import card
from schemas.job import Job

HELD: Final = "held by the gate"
BARRED: Final = "a hard filter"
BELOW: Final = "below the threshold or the first ten"


def lists(of: Sent, plain: Scores | None, held: Callable[[Job], bool]) -> list[dict[str, Any]]:
    """For each person their words, what is shown, what a plain system would show, what is missed.

    Args:
        of: The stream's rankings.
        plain: Scores of a plain system that has the same filters, [people, jobs]; None if there
            is none.
        held: Whether an ad waits for review.
    """
    judged, number = of.judged, of.number
    return [
        {
            "person": person.profile_id,
            "words": person.text,
            "style": about["style"],
            "shown": [
                {
                    "title": entry["job"]["title"],
                    "place": entry["job"].get("place", ""),
                    "grade": grades.get(number[entry["job_id"]], 0.0),
                    "score": entry["score"],
                    "level": entry["level"],
                    "components": entry["components"],
                }
                for entry in entries
            ],
            "plain": [] if plain is None else list(_first(judged, plain[i], grades)),
            "missed": list(_missed(judged, i, {number[e["job_id"]] for e in entries}, held)),
        }
        for i, (person, about, grades, entries) in enumerate(
            zip(judged.people, judged.about, judged.grades, of.rankings, strict=True)
        )
    ]


def _first(judged: Judged, scores: Scores, grades: dict[int, float]) -> Iterator[dict[str, Any]]:
    for place in np.argsort(-scores, kind="stable")[:TOP].tolist():
        if np.isfinite(scores[place]):
            yield {"title": judged.jobs[place].title, "grade": grades.get(place, 0.0)}


def _missed(
    judged: Judged, person: int, shown: set[int], held: Callable[[Job], bool]
) -> Iterator[dict[str, Any]]:
    """Jobs graded 2 or 3 that are not shown, and the first thing that stands in the way."""
    have = person_attrs(judged.people[person])
    for place, grade in judged.grades[person].items():
        job = judged.jobs[place]
        if grade >= RIGHT and place not in shown:
            asked = job_attrs(card(job))
            why = HELD if held(job) else BELOW if eligible(have, asked) else BARRED
            yield {"title": job.title, "grade": grade, "why": why}
