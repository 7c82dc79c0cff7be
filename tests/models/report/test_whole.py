"""The report finds what is known of an invented population, and tells nothing of anybody."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from models.feedback.dataset import Impression, load
from models.report.frame import FACETS, Frame
from models.report.measures import shown_measures
from models.report.whole import Asked, Reference, report
from schemas.errors import UsageError
from schemas.job import Job
from tests.support.impressions import population, write_export

MOST_FEW = 10
REGIONS = ("15",) * 50 + ("08",) * 20 + ("21",) * 8 + ("16",)
TASTE = {"f": 0.12, "m": 0.24}


def _report(folder: Path, rows: list[Impression], **more: Any) -> dict[str, Any]:
    return report(Asked(load(write_export(folder / "now", rows)), **more))


def _groups(made: Mapping[str, Any], facet: str) -> dict[str, dict[str, Any]]:
    (found,) = (one for one in made["facets"] if one["facet"] == facet)
    return {row["group"]: row for row in found["groups"]}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return _report(tmp_path_factory.mktemp("export"), population(1200, taste=TASTE))


def test_a_disparity_that_is_there_is_shown_with_its_size(made: dict[str, Any]) -> None:
    sex = _groups(made, "sex")
    for name, truth in TASTE.items():
        corrected = sex[name]["corrected"]["taken"]
        assert corrected["low"] - 0.01 <= truth <= corrected["high"] + 0.01
        assert corrected["high"] - corrected["low"] < 0.1
        assert sex[name]["taken"]["high"] < corrected["low"], "far places are looked at less"
        assert corrected["effective"] < sex[name]["taken"]["effective"] <= 6000
    ratio = sex["f"]["to the rest"]["corrected"]
    assert ratio["low"] <= 0.5 <= ratio["high"] < 1
    assert ratio["apart"]


def test_where_there_is_none_none_is_shown(made: dict[str, Any]) -> None:
    for facet in ("region", "trade", "poverty"):
        for row in _groups(made, facet).values():
            ratio = row["to the rest"]["corrected"]
            assert not ratio["apart"], row
            assert 0.6 < ratio["value"] < 1.6


def test_the_whole_says_of_whom_and_when_it_is(made: dict[str, Any]) -> None:
    assert (made["people"], made["impressions"], made["jobs"]) == (1200, 12_000, 200)
    assert made["period"]["from"] < made["period"]["to"] < made["period"]["answers until"]
    assert made["suppressed"] == {"groups": 0, "cells": 0}
    assert made["whole"]["wait"]["answered"] > 100
    assert made["drift"] is None
    assert made["versions"] == [
        {"ranker": "ranker-x", "encoder": "encoder-x", "impressions": 1.0}
    ]  # fmt: skip


def test_what_chance_does_to_a_ranking_nobody_looks_at_alike_is_no_disparity(
    tmp_path: Path,
) -> None:
    """The same taste, but women see their jobs further down: raw rates differ, corrected do not."""
    rows = [row for row in population(2000, taste={"f": 0.2, "m": 0.2})
            if (row.rank > 3) == (row.sex == "f")]  # fmt: skip
    sex = _groups(_report(tmp_path, rows), "sex")
    assert sex["f"]["taken"]["high"] < sex["m"]["taken"]["low"]
    raw, corrected = (sex["f"]["to the rest"][how] for how in ("raw", "corrected"))
    assert raw["high"] < 0.5
    assert 0.8 < corrected["value"] < 1.25
    assert not corrected["apart"]


def _attack(rows: list[Impression], made: Mapping[str, Any]) -> list[str]:
    """What can be computed of people that the report does not tell: totals less what is told."""
    found = []
    frame = Frame(rows)
    taken = frame.became(frozenset({"applied"}))
    took = {frame.person[i] for i in range(len(rows)) if taken[i]}
    for facet in FACETS:
        groups = frame.groups[facet]
        told = _groups(made, facet)
        members = {name: [i for i in range(frame.people) if groups.names[groups.of[i]] == name]
                   for name in groups.names}  # fmt: skip
        for what in ("people", "taken"):
            secret = [name for name in groups.names if told[name].get(what) is None]
            held = {name: [i for i in members[name] if what == "people" or i in took]
                    for name in groups.names}  # fmt: skip
            shown = sum(len(held[name]) for name in groups.names if name not in secret)
            all_of_them = sum(map(len, held.values()))
            left = all_of_them - shown
            small = [name for name in groups.names if 0 < len(held[name]) < MOST_FEW]
            if set(small) - set(secret):
                found.append(f"{facet} {what}: {small} is told")
            some = [name for name in secret if held[name]]
            if len(secret) < len(groups.names) and (0 < left < MOST_FEW or len(some) == 1):
                found.append(f"{facet} {what}: {left} of {some} by subtraction")
    return found


@pytest.mark.parametrize("seed", range(6))
def test_a_small_group_cannot_be_computed_from_the_totals(tmp_path: Path, seed: int) -> None:
    rows = population(260, seed=seed, regions=REGIONS)
    few = sorted({row.person for row in rows})
    rows = [
        replace(row, trade="2310", age_band="65+", sex=None) if row.person in few[:4]
        else replace(row, trade="9111") if row.person in few[4:16]
        else row
        for row in rows
    ]  # fmt: skip
    made = _report(tmp_path, rows)
    assert not _attack(rows, made)
    assert made["suppressed"]["groups"] >= 2


def test_the_attack_works_on_what_is_not_protected(tmp_path: Path) -> None:
    rows = population(260, regions=REGIONS)
    assert _attack(rows, _report(tmp_path, rows, fewest=2))


def test_nothing_personal_is_in_it(tmp_path: Path) -> None:
    rows = population(60)
    jobs = [Job(job_id=f"trabajo-{i}", title="Cocinera", employer="Comedor de Rosa Quispe")
            for i in range(200)]  # fmt: skip
    raw = orjson.dumps(_report(tmp_path, rows, jobs=jobs)).decode()
    ids = itertools.chain.from_iterable((row.person, row.job_id) for row in rows)
    assert not [name for name in {*ids, "Rosa", "rosa quispe"} if name in raw]


def test_scores_that_moved_are_told_to_have(tmp_path: Path) -> None:
    before = shown_measures(Frame(population(300, seed=7)))
    same = Reference("export", "antes", before)
    still = _report(tmp_path, population(300, seed=8), reference=same)["drift"]
    assert [row["measure"] for row in still["measures"] if row["changed"]] == []
    assert {row["measure"] for row in still["measures"]} == set(before)
    moved = _report(tmp_path, population(300, seed=8, score=0.6), reference=same)["drift"]
    changed = {row["measure"] for row in moved["measures"] if row["changed"]}
    assert changed == {"score", "level", "component dense"}
    assert moved["without"] == ["people", "jobs"]


def test_what_was_offered_is_held_against_what_was_shown(tmp_path: Path) -> None:
    jobs = [Job(job_id=f"trabajo-{i}", title="Cocinera", employer=("Sol", "SOL", "Luna")[i % 3],
                ubigeo=("150101", "080101")[i % 2]) for i in range(250)]  # fmt: skip
    found = _report(tmp_path, population(200), jobs=jobs)["exposure"]
    assert (found["jobs"]["things"], found["jobs"]["never"]) == (250, 50)
    assert found["employers"]["things"] == 2, "one employer, however it is spelt"
    assert {row["group"]: row["ads"] for row in found["regions"]} == {"15": 0.5, "08": 0.5}


@pytest.mark.parametrize(("people", "says"), [(0, "no tiene filas"), (9, "menos de 10 personas")])
def test_too_little_is_one_sentence(tmp_path: Path, people: int, says: str) -> None:
    with pytest.raises(UsageError, match=says) as told:
        _report(tmp_path, population(people))
    assert str(told.value).endswith(".")


def test_who_was_erased_since_is_in_no_figure(tmp_path: Path) -> None:
    rows = population(40)
    gone = sorted({row.person for row in rows})[:12]
    made = report(Asked(load(write_export(tmp_path / "now", rows, gone))))
    assert (made["people"], made["erased"]) == (28, 12)
    few = report(Asked(load(write_export(tmp_path / "other" / "few", rows, gone[:3]))))
    assert few["erased"] is None
