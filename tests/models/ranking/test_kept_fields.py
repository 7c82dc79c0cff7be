"""Nothing that ranks or is told reads a field that no row keeps.

People's partitions hold a job's card, not the job: a field that filters and is not in the card
would be ignored in the stream, offline and by `verify` alike, and they would agree.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import orjson
import pytest

from models.explain import facts
from models.ranking.attrs import JobAttrs, PersonAttrs, job_attrs, person_attrs
from models.ranking.reasons import reasons
from models.reading.facts.known import Known, known_job, known_person
from models.reading.status import stated_status
from models.reading.text import CARD_FIELDS, card
from schemas import Job, JobCard, Profile
from tables.rows import PersonRow, PostingRow
from tests.support.people_and_jobs import invent_job, invent_person

VECTOR = np.arange(4, dtype=np.float16)
WHOLE_JOB = Job.model_validate(
    {
        "job_id": "j", "title": "Cocinera", "description": "d", "requirements": "r",
        "employer": "e", "status": "open", "posted_at": "2026-01-01", "expires_at": "2026-02-01",
        "ubigeo": "150110", "place": "Comas", "remote": False, "pay_min": 1200.0,
        "pay_max": 1500.0, "pay_period": "month", "licence": "A-I", "languages": ["qu"],
        "min_age": 18, "education": "secundaria", "shift": "day", "vacancies": 2,
        "experience_years": 1.0, "skills": ["s"], "lodging": True, "travel_paid": False,
        "canary": True,
    }
)  # fmt: skip
WHOLE_PERSON = Profile.model_validate(
    {
        "profile_id": "p", "text": "Soy cocinera", "status": "searching",
        "valid_until": "2026-12-01", "language": "es", "consent_matching": True,
        "consent_llm": True, "consent_training": True, "ubigeo": "150132", "place": "SJL",
        "max_distance_km": 30.0,
        "relocate": False, "remote_only": False, "licence": "A-I", "languages": ["qu"], "age": 30,
        "education": "secundaria", "shifts": ["day"], "min_pay": 1200.0, "pay_period": "month",
        "skills": ["cocina"], "experience_years": 3.0, "canary": True,
    }
)  # fmt: skip


class Recorded(Mapping[str, Any]):
    """Fields that remember which of them were asked for, there or not."""

    def __init__(self, stated: Mapping[str, Any]) -> None:
        self.stated, self.read = stated, set[str]()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return self.stated[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.stated)

    def __len__(self) -> int:
        return len(self.stated)


def jobs() -> list[dict[str, Any]]:
    """Jobs with all fields, with few and with many."""
    rng = random.Random(5)
    events = [Job.model_validate(invent_job(rng, f"j{i}")) for i in range(200)]
    return [event.model_dump(exclude_none=True) for event in (WHOLE_JOB, *events)]


def people() -> list[dict[str, Any]]:
    """People likewise."""
    rng = random.Random(6)
    events = [Profile.model_validate(invent_person(rng, f"p{i}")) for i in range(200)]
    return [event.model_dump(exclude_none=True) for event in (WHOLE_PERSON, *events)]


def test_samples_are_whole() -> None:
    assert WHOLE_JOB.model_dump(exclude_none=True).keys() == Job.model_fields.keys()
    assert WHOLE_PERSON.model_dump(exclude_none=True).keys() == Profile.model_fields.keys()
    assert set(CARD_FIELDS) - {"read", "differs"} == card(WHOLE_JOB).keys()
    assert set(CARD_FIELDS) == JobCard.model_fields.keys()


def test_what_filters_of_a_job_is_in_its_card() -> None:
    for job in jobs():
        seen = Recorded(job)
        job_attrs(seen)
        assert seen.read <= set(CARD_FIELDS)


def test_what_is_told_of_a_job_is_in_its_card() -> None:
    for profile, job in zip(people(), jobs(), strict=True):
        person, shown = Recorded(profile), Recorded(job)
        told = reasons(Known(person, {}, ()), shown, person_attrs(profile), job_attrs(job))
        dates = card(Job.model_validate(job))  # as a card has them
        explained = Recorded(job | dates)
        facts.read({"job": explained, "reasons": told, "components": {}})
        assert shown.read | explained.read <= set(CARD_FIELDS)
        assert person.read <= set(Profile.model_fields)


def test_what_filters_of_a_person_is_in_their_row() -> None:
    for profile in people():
        seen = Recorded(profile)
        person_attrs(Known(seen, {}, ()))
        stated_status(seen)
        assert seen.read <= {*Profile.model_fields, "anywhere"}
        known = known_person(profile)
        row = PersonRow(b"c" * 16, b"t" * 16, 1, 2, 3, False, VECTOR, known, person_attrs(known))
        assert PersonRow.unpack(row.pack()).profile == profile


def test_the_card_says_all_that_the_job_does() -> None:
    for job in jobs():
        assert job_attrs(card(Job.model_validate(job))) == job_attrs(known_job(job).fields)


JOB_ATTRS = JobAttrs(
    demand=3, asked=5, district=7, remote=True, pay=1500.0, min_age=18, years=4,
    occupations=(5120, 9412), penalty=0.25,
)  # fmt: skip
PERSON_ATTRS = PersonAttrs(
    have=3, stated=5, district=7, radius_km=30.0, min_pay=1200.0, age=30, years=4,
    occupations=(5120, 9412),
)  # fmt: skip


@pytest.mark.parametrize("attrs", [JOB_ATTRS, PERSON_ATTRS], ids=["job", "person"])
def test_rows_keep_every_attribute(attrs: JobAttrs | PersonAttrs) -> None:
    silent = job_attrs({}) if isinstance(attrs, JobAttrs) else person_attrs({})
    for field in fields(attrs):  # else a row that drops it would go unseen
        assert getattr(attrs, field.name) != getattr(silent, field.name), field.name
    row: PostingRow | PersonRow
    if isinstance(attrs, JobAttrs):
        row = PostingRow((6, 2), 0, VECTOR, orjson.dumps({"title": "x"}), b"", attrs)
    else:
        row = PersonRow(
            b"c" * 16, b"t" * 16, 1, 2, 3, False, VECTOR, Known({"text": "x"}, {}, ()), attrs
        )
    assert type(row).unpack(row.pack()).attrs == attrs
