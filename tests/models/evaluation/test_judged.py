"""The judged people and ads: what a system is given of them, and what is counted against it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.evaluation import facts_read, judged, run
from models.evaluation.systems import Scores
from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.filters import eligible
from models.reading.facts import known
from models.reading.facts.fact import Fact
from models.reading.facts.person import PersonFacts
from schemas.job import Job
from schemas.profile import Profile


def test_with_words_alone_no_field_is_given() -> None:
    given = judged.load("words")
    people = {name for person in given.people for name in person.model_dump(exclude_none=True)}
    jobs = {name for job in given.jobs for name in job.model_dump(exclude_none=True)}
    assert people == {"profile_id", "text"}
    assert jobs == {"job_id", "title", "description", "requirements", "employer"}
    homes = judged.load("home")
    assert all(person.licence is None for person in homes.people)
    assert sum(person.ubigeo is not None for person in homes.people) > 100


def test_the_part_for_the_last_look_is_not_among_those_chosen_by() -> None:
    assert {name[0] for name in (p.profile_id for p in judged.load("all").people)} == {
        "A", "C", "D",
    }  # fmt: skip
    assert set(judged.PARTS["dev"]).isdisjoint(judged.PARTS["test"])


def test_what_is_graded_is_what_the_filters_let_through() -> None:
    """The rules that the grades were made by are those of the stream, pair for pair, less pay."""
    given = judged.load("all")
    together, breaks = given.together(), given.broken
    stated = [person.model_dump(exclude_none=True) for person in given.people]
    have = [replace(person_attrs(known.Known(one, {}, ())), min_pay=0.0) for one in stated]
    asked = [job_attrs(job) for job in given.jobs]
    wrong = [
        (given.people[i].profile_id, given.jobs[j].job_id)
        for i, j in zip(*np.nonzero(together), strict=True)
        if not given.risky[j] and eligible(have[i], asked[j]) == breaks[i, j]
    ]
    assert wrong == []


def test_filters_and_gate_stand_before_every_system() -> None:
    given = judged.load("all", ("A",))
    task = judged.judged_task(given, "all")

    def by_place(queries: object, documents: object) -> Scores:
        return np.tile(np.arange(len(given.jobs), dtype=np.float32), (len(given.people), 1))

    held = {given.jobs[-1].job_id}
    scores = judged.filtered(by_place, given, lambda job: job.job_id in held)([], [])
    assert np.isneginf(scores[:, -1]).all()
    values = run.measure(task, lambda q, d: scores)
    assert values[run.HARMS[0]].sum() <= 0.05 * values[run.SHOWN].sum()
    free = run.measure(task, by_place)
    assert free[run.HARMS[0]].sum() > 50
    assert free[run.SHOWN].sum() == 10 * len(given.people)


def _person(facts: PersonFacts, **fields: object) -> known.Known:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(known, "_person", lambda text: facts)
        return known.known_person(
            Profile.model_validate({"profile_id": "a", "text": "x", **fields})
        )


def test_readings_are_counted_as_the_stream_uses_them() -> None:
    sure = Fact("A-I", "brevete a1", 0, 10, 1.0, "rule")
    guess = Fact(30, "30", 0, 2, 0.5, "rule")
    read = _person(PersonFacts(licence=sure, age=guess))
    found: facts_read.Found = {}
    facts_read.compare(found, "person", "sms", "p", {"licence": "A-IIa", "age": 30}, read)
    facts_read.compare(found, "person", "sms", "q", {"licence": "A-I"}, read)
    licence, age = found["person", "all", "licence"], found["person", "sms", "age"]
    assert (licence.right, licence.read, licence.said) == (1, 2, 2)
    assert (age.right, age.read, age.said) == (0, 0, 1)
    assert [(e.record, e.said, e.read) for e in licence.errors] == [("p", "A-IIa", "A-I")]
    rows = {(row["style"], row["fact"]): row for row in facts_read.report(found)}
    assert rows["all", "licence"]["precision"] == 0.5


def test_an_ad_is_a_job_event() -> None:
    assert all(isinstance(job, Job) for job in judged.load("home", ("C",)).jobs)
