"""What is sent to the judged people: levels against grades, and lists that can be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.evaluation import judged, lists, people, sending, wording
from models.evaluation.sending import Sent
from models.evaluation.tasks import KINDS

GIVEN = judged.load("all", ("C",))


def _entry(number: int, level: str, score: float = 0.5) -> dict[str, Any]:
    job = GIVEN.jobs[number]
    card = {"title": job.title, "place": job.place}
    return {"job_id": job.job_id, "level": level, "score": score, "components": {}, "job": card}


def _graded(person: int, least: float) -> list[int]:
    return [job for job, grade in GIVEN.grades[person].items() if grade >= least]


def _best_first(person: int, level: str) -> list[dict[str, Any]]:
    return [_entry(job, level) for job in _graded(person, 2)]


def test_all_that_is_right_and_nothing_else_is_perfect() -> None:
    rankings = [_best_first(i, "send") for i in range(len(GIVEN.people))]
    found = sending.report(Sent(GIVEN, rankings))
    assert set(found) == {"all", "C"}
    assert found["all"]["worth sending of send"]["mean"] == 1.0
    assert found["all"]["graded 3 in send"]["mean"] == 1.0
    assert found["all"]["worth sending of also"] == {
        "mean": None, "low": None, "high": None, "of": 0.0,
    }  # fmt: skip


def test_every_kind_of_task_has_a_heading() -> None:
    assert set(wording.TASKS) == set(KINDS)


def test_levels_are_counted_apart() -> None:
    right, wrong = _graded(0, 3)[0], next(j for j, g in GIVEN.grades[0].items() if g < 2)
    rankings: list[list[dict[str, Any]]] = [[] for _ in GIVEN.people]
    rankings[0] = [_entry(wrong, "send"), _entry(right, "also")]
    found = sending.report(Sent(GIVEN, rankings))["all"]
    assert found["worth sending of send"]["mean"] == 0.0
    assert found["worth sending of also"]["mean"] == 1.0
    assert found["graded 3 in send"]["mean"] == 0.0
    assert found["people with a send"]["mean"] == pytest.approx(1 / len(GIVEN.people), abs=1e-4)


def test_the_nearest_right_job_counts_not_any() -> None:
    grades: list[dict[int, float]] = [{} for _ in GIVEN.people]
    homes = [i for i, person in enumerate(GIVEN.people) if person.ubigeo]
    person = homes[0]
    at_home = replace(
        GIVEN,
        jobs=[
            job.model_copy(
                update={"ubigeo": GIVEN.people[person].ubigeo if i == 0 else "250101",
                        "place": None, "remote": None, "job_id": f"j{i}"}
            )
            for i, job in enumerate(GIVEN.jobs)
        ],
        grades=grades,
    )  # fmt: skip
    grades[person] = {0: 2.0, 1: 3.0}

    def nearest_in(order: list[int]) -> float:
        rankings: list[list[dict[str, Any]]] = [[] for _ in GIVEN.people]
        rankings[person] = [{**_entry(i, "send"), "job_id": f"j{i}"} for i in order]
        return float(
            sending.report(Sent(at_home, rankings))["all"]["nearest in the first 3"]["mean"]
        )

    assert nearest_in([1, 5, 6, 0]) == 0.0
    assert nearest_in([1, 5, 0]) == 1.0


def test_a_list_says_what_is_missed_and_why() -> None:
    held = GIVEN.jobs[_graded(0, 2)[0]].job_id
    plain = np.zeros((len(GIVEN.people), len(GIVEN.jobs)), np.float32)
    rows = lists.lists(
        Sent(GIVEN, [[] for _ in GIVEN.people]), plain, lambda job: job.job_id == held
    )
    why = {missed["why"] for missed in rows[0]["missed"]}
    assert lists.HELD in why
    assert len(rows[0]["missed"]) == len(_graded(0, 2))
    shown = people.lists({"task": "judged", "lists": rows})
    assert shown.count("<details>") == len(GIVEN.people) + 1
    assert "<script" not in shown
