"""The sample people and jobs that ship with the project."""

from __future__ import annotations

import re
from importlib import resources

import orjson

from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.filters import eligible
from models.reading.districts import DISTRICTS
from models.reading.facts.known import known_person
from models.reading.geo import district_index
from schemas import Job, Profile, parse_job, parse_profile


def lines(name: str) -> list[bytes]:
    return resources.files("matcher_stream.samples").joinpath(name).read_bytes().splitlines()


def people() -> list[Profile]:
    rows = lines("people.jsonl")
    return [parse_profile(orjson.loads(row)["profile_id"].encode(), row) for row in rows]


def jobs() -> list[Job]:
    return [parse_job(orjson.loads(row)["job_id"].encode(), row) for row in lines("jobs.jsonl")]


def test_all_are_accepted_whole() -> None:
    assert len(people()) >= 60
    assert len(jobs()) >= 120
    assert len({p.profile_id for p in people()}) == len(people())
    assert len({j.job_id for j in jobs()}) == len(jobs())
    events: list[Profile | Job] = [*people(), *jobs()]
    for event in events:
        assert event.unread == ()
        if event.place or event.ubigeo:
            assert district_index(event.ubigeo, event.place) >= 0, event.place


def test_all_regions_have_people_and_jobs() -> None:
    every = {district.region for district in DISTRICTS}
    lists: list[list[Profile] | list[Job]] = [people(), jobs()]
    for events in lists:
        rows = [district_index(e.ubigeo, e.place) for e in events if e.place or e.ubigeo]
        assert {DISTRICTS[row].region for row in rows} == every


def test_some_people_give_nothing_but_a_text_and_a_number() -> None:
    """And their words alone say enough to filter and to rank by."""
    rows = [orjson.loads(row) for row in lines("texts.jsonl")]
    assert len({row["profile_id"] for row in rows}) == len(rows) >= 10
    assert all(set(row) == {"profile_id", "text"} for row in rows)
    # 51 900 000 1..: invented, nobody's number
    assert all(re.fullmatch(r"519000001\d\d", row["profile_id"]) for row in rows)
    read = [known_person(row).read for row in rows]
    assert sum("ubigeo" in facts for facts in read) >= 7
    for name in ("licence", "age", "education", "experience_years", "shifts", "min_pay"):
        assert any(name in facts for facts in read), name


def test_nothing_in_them_is_a_contact() -> None:
    for row in (*lines("people.jsonl"), *lines("jobs.jsonl")):
        assert not re.search(rb"\d{6,}(?!\")|@|http|www", row.replace(b'"ubigeo": "', b'"'))


def test_they_show_what_the_matcher_does() -> None:
    found_jobs, found_people = jobs(), people()
    assert any(job.status == "filled" for job in found_jobs)
    assert any(job.expires_at and job.expires_at < 1_735_700_000_000 for job in found_jobs)
    assert sum(job.remote is True for job in found_jobs) >= 3
    assert any(not (job.place or job.ubigeo) and not job.remote for job in found_jobs)
    for field in ("licence", "min_age", "education", "languages", "shift"):
        assert sum(getattr(job, field) is not None for job in found_jobs) >= 5, field
    plain = [
        p
        for p in found_people
        if set(p.model_dump(exclude_none=True)) <= {"profile_id", "text", "place", "ubigeo"}
    ]
    assert len(plain) >= 8
    for person in found_people:
        attrs = person_attrs(person)
        assert sum(eligible(attrs, job_attrs(job)) for job in found_jobs) >= 3, person.text
