"""The shipped graded set is sound: events parse, ids are known, grades and violations agree."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from importlib.resources import files
from typing import Any, Final

import orjson
import pytest

from schemas import Job, Profile, parse_job, parse_profile

FOLDER: Final = files("models") / "data" / "graded"
VIOLATIONS: Final = {
    "", "distance", "education", "languages", "licence", "min_age", "pay", "shift",
}  # fmt: skip
HOLDER: Final = re.compile(r"\b(me llamo|mi nombre es|atte|sra?\.|don|doña)(?!\w)", re.IGNORECASE)
NUMBER: Final = re.compile(r"\d(?:[ .-]?\d){6,}")


def _events(name: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (FOLDER / name).read_bytes().splitlines()]


def _table(name: str, header: list[str]) -> list[list[str]]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    assert rows[0] == header
    assert all(len(row) == len(header) for row in rows)
    return rows[1:]


@pytest.fixture(scope="module")
def people() -> list[dict[str, Any]]:
    return _events("people.jsonl")


@pytest.fixture(scope="module")
def jobs() -> list[dict[str, Any]]:
    return _events("jobs.jsonl")


@pytest.fixture(scope="module")
def grades() -> list[list[str]]:
    return _table("grades.tsv", ["person", "job", "grade", "violation"])


def test_people_parse_and_every_word_of_theirs_is_read(people: list[dict[str, Any]]) -> None:
    for row in people:
        profile = parse_profile(row["id"].encode(), orjson.dumps(row["profile"]))
        assert not profile.unread, row["id"]
        assert set(row["profile"]) <= set(Profile.model_fields), row["id"]
    assert len({row["id"] for row in people}) == len(people) >= 60


def test_jobs_parse_and_every_word_of_theirs_is_read(jobs: list[dict[str, Any]]) -> None:
    for row in jobs:
        job = parse_job(row["id"].encode(), orjson.dumps(row["job"]))
        assert not job.unread, row["id"]
        assert set(row["job"]) <= set(Job.model_fields), row["id"]
    assert len({row["id"] for row in jobs}) == len(jobs) >= 170
    assert Counter(row["kind"] for row in jobs)["risky"] == 14
    assert {row["kind"] for row in jobs} == {"ordinary", "risky"}


def test_the_halves_are_alike(people: list[dict[str, Any]]) -> None:
    assert {row["mix"] for row in people} == {"es", "es-qu"}
    assert {row["gender"] for row in people} == {"f", "m", "u"}
    halves = [[row for row in people if row["split"] == split] for split in ("dev", "test")]
    assert len(halves[0]) == len(halves[1]) == len(people) / 2
    for field in ("style", "mix"):
        dev, test = (Counter(row[field] for row in half) for half in halves)
        assert dev == test, field
    styles = Counter(row["style"] for row in people)
    assert set(styles) == {"sms", "short", "long", "formal"}
    third = len(people) / 3
    assert styles["sms"] == styles["short"] == styles["long"] + styles["formal"] == third


def test_grades_name_known_people_and_jobs_once(
    people: list[dict[str, Any]], jobs: list[dict[str, Any]], grades: list[list[str]]
) -> None:
    assert {row[0] for row in grades} == {row["id"] for row in people}
    assert {row[1] for row in grades} <= {row["id"] for row in jobs}
    assert max(Counter((row[0], row[1]) for row in grades).values()) == 1


def test_each_person_has_enough_judged_jobs_of_both_kinds(grades: list[list[str]]) -> None:
    of: dict[str, list[int]] = defaultdict(list)
    for person, _, grade, _ in grades:
        of[person].append(int(grade))
    assert len(grades) >= 1500
    for person, mine in of.items():
        assert len(mine) >= 20, person
        assert max(mine) >= 2, person
        assert mine.count(0) >= 5, person


def test_grades_are_0_to_3_and_what_is_ruled_out_is_0(
    jobs: list[dict[str, Any]], grades: list[list[str]]
) -> None:
    risky = {row["id"] for row in jobs if row["kind"] == "risky"}
    assert {row[2] for row in grades} == {"0", "1", "2", "3"}
    assert {row[3] for row in grades} == VIOLATIONS
    assert all(row[2] == "0" for row in grades if row[3])
    assert all(row[2] == "0" for row in grades if row[1] in risky)
    assert {row[1] for row in grades} >= risky


def test_a_violation_needs_the_fields_that_it_is_about(
    people: list[dict[str, Any]], jobs: list[dict[str, Any]], grades: list[list[str]]
) -> None:
    asked = {"pay": "pay_max", "distance": "ubigeo place"}
    stated = {"min_age": "age", "pay": "min_pay", "distance": "max_distance_km", "shift": "shifts"}
    profiles = {row["id"]: row["profile"] for row in people}
    ads = {row["id"]: row["job"] for row in jobs}
    for person, job, _, code in grades:
        if code:
            assert stated.get(code, code) in profiles[person], (person, job)
            assert any(field in ads[job] for field in asked.get(code, code).split()), (person, job)


def test_gender_pairs_differ_in_word_endings_only() -> None:
    pairs = _table("gender_pairs.tsv", ["masculine", "feminine"])
    assert len({row[0] for row in pairs}) == len(pairs) >= 120
    for masculine, feminine in pairs:
        assert masculine != feminine
        left, right = (re.findall(r"\w+", text) for text in (masculine, feminine))
        assert len(left) == len(right), masculine
        for one, other in zip(left, right, strict=True):
            same = one == other or one.removesuffix("o") == other.removesuffix("a") != other
            assert same or other.removesuffix("a") == one, (one, other)


def test_nobody_can_be_called_written_to_or_named(people: list[dict[str, Any]]) -> None:
    for row in people:
        assert not HOLDER.search(row["profile"]["text"]), row["id"]
    for name in ("people.jsonl", "jobs.jsonl", "gender_pairs.tsv"):
        text = (FOLDER / name).read_text(encoding="utf-8")
        words = re.sub(r'"ubigeo":"\d{6}"', "", text)
        assert "@" not in words, name
        assert not NUMBER.search(words), name
