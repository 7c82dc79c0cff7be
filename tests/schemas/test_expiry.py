"""When a job or a person stops being matched."""

from __future__ import annotations

from schemas import DAY_MS, NEVER_MS, Job, Profile, validate
from schemas.job import effective_expiry as job_expiry
from schemas.profile import effective_expiry as person_expiry

RECORD = 1_767_268_800_000
POSTED = RECORD - 5 * DAY_MS


def job(**fields: object) -> Job:
    return validate(Job, {"job_id": "a", "title": "x", **fields})


def person(**fields: object) -> Profile:
    return validate(Profile, {"profile_id": "a", "text": "x", **fields})


def test_a_job_ends_when_it_says_else_days_after_posting_else_after_its_record() -> None:
    assert job_expiry(job(expires_at=RECORD + 1, posted_at=POSTED), RECORD) == RECORD + 1
    assert job_expiry(job(posted_at=POSTED), RECORD) == POSTED + 30 * DAY_MS
    assert job_expiry(job(), RECORD) == RECORD + 30 * DAY_MS
    assert job_expiry(job(), RECORD, default_days=0.5) == RECORD + DAY_MS // 2


def test_a_past_date_is_valid_and_means_expired() -> None:
    assert job_expiry(job(expires_at="2001-01-01"), RECORD) < RECORD
    assert person_expiry(person(valid_until="2001-01-01")) < RECORD


def test_a_person_ends_when_they_say_else_never() -> None:
    assert person_expiry(person(valid_until=RECORD)) == RECORD
    assert person_expiry(person()) == NEVER_MS
    last = person(valid_until="2100-12-31")
    assert person_expiry(last) < NEVER_MS
    assert person(valid_until=last.valid_until) == last


def test_when_a_profile_was_updated_is_no_longer_read() -> None:
    assert "updated_at" not in Profile.model_fields
    for stated in (POSTED, "2026-01-01", "ayer", None):
        assert person(updated_at=stated) == person()
