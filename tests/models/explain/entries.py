"""Entries of matches events, as the matcher makes them."""

from __future__ import annotations

import random
from typing import Any

from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.filters import eligible
from models.ranking.reasons import reasons
from models.reading.facts.known import known_person
from models.reading.text import card
from schemas.job import Job
from schemas.profile import Profile
from tests.support.people_and_jobs import invent_job, invent_person


def entry_of(profile: dict[str, Any], job: dict[str, Any], rank: int = 1) -> dict[str, Any]:
    """The entry of one job in one person's ranking; whether they fit is not asked."""
    person = Profile.model_validate({"profile_id": "p", "text": "cocino", **profile})
    posted = Job.model_validate({"job_id": "j", "title": "Cocinera", **job})
    shown = card(posted)
    told = reasons(known_person(person), shown, person_attrs(person), job_attrs(shown))
    return {
        "rank": rank, "job_id": posted.job_id, "job_version": [rank, 0], "score": 0.8,
        "components": {"dense": 0.8}, "reasons": told, "job": shown,
    }  # fmt: skip


def invented(seed: int, count: int) -> list[dict[str, Any]]:
    """Many entries of invented people and jobs that fit each other."""
    rng = random.Random(seed)
    entries: list[dict[str, Any]] = []
    while len(entries) < count:
        person = Profile.model_validate(invent_person(rng, "p"))
        job = Job.model_validate(invent_job(rng, f"j{len(entries)}"))
        if eligible(person_attrs(person), job_attrs(job)):
            fields = (person.model_dump(exclude_none=True), job.model_dump(exclude_none=True))
            entries.append(entry_of(*fields, rank=len(entries) + 1))
    return entries


COOK = entry_of(
    {"ubigeo": "150132", "min_pay": 1200, "pay_period": "month", "age": 30, "licence": "A-IIb"},
    {
        "title": "Cocinera de menú", "employer": "Comedor Ñusta", "ubigeo": "150110",
        "pay_min": 1300, "pay_max": 1500, "pay_period": "month", "min_age": 18, "licence": "A-I",
        "languages": ["qu"], "experience_years": 2, "vacancies": 3,
        "expires_at": "2026-12-15",
    },
)  # fmt: skip
