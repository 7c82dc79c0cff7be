"""Two versions on the judged people, with vectors that cost nothing: what is found, what stops."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import orjson
import pytest

from models.compare import offline
from models.compare.gates import Given, verdict
from models.compare.offline import Asked, Version
from models.compare.page import page
from models.compare.quality import facets_of, quality
from models.compare.ranked import GIVEN
from models.compare.sections import sections
from models.encoding.encoder import Encoder
from models.evaluation import judged, run
from models.evaluation.judged import Judged
from models.evaluation.sending import Sent
from models.evaluation.systems import EncodeOnce
from models.ranking.weights import Weights, shipped_weights
from tests.support.harness.encoder import fixed_embedder

TRAVEL = 1
"""Place of the distance among the evidence."""


@pytest.fixture(scope="module")
def shipped() -> Version:
    plain = fixed_embedder()
    cached = EncodeOnce(cast("Encoder", plain))
    return Version("a" * 64, "fixed-1", plain, cached, shipped_weights(), 11)


def negated(weights: Weights) -> tuple[float, ...]:
    """The farther the better."""
    parts = list(weights.evidence)
    parts[TRAVEL] = -parts[TRAVEL]
    return tuple(parts)


@pytest.fixture(scope="module")
def same(shipped: Version) -> dict[str, Any]:
    return offline.compare(shipped, shipped, Asked(pairs=8, rounds=1))


def _all_but(found: dict[str, Any], person: str = "Rosa") -> Given:
    """What promoting would know."""
    return Given(found["champion"]["id"], found["challenger"]["id"], True, True, person,
                 frozenset({"missing"}))  # fmt: skip


def test_the_same_version_twice_changes_nothing_and_passes(same: dict[str, Any]) -> None:
    for row in (same["changes"]["all"], *same["changes"]["slices"]):
        assert row["top 3 changed"]["count"] == row["only order changed"]["count"] == 0
        assert (row["entered"], row["left"], row["score shift"]) == (0, 0, 0)
    for task in same["quality"]["tasks"]:
        for row in (task, *task["slices"]):
            assert row["difference"] == {"mean": 0, "low": 0, "high": 0}
        assert task["newly broken"] == 0
    for row in same["exposure"]["by region"]:
        assert row["shares"][0] == row["shares"][1]
    # of what these cheap vectors are worth nothing is promised: gates that compare must pass
    stopped = {gate.name for gate in verdict(same, _all_but(same)).gates
               if gate.state == "failed"}  # fmt: skip
    assert stopped <= {"gender", "risky, all", "risky, words"}, stopped
    assert not same["quality"]["tests"] % 2, "as many slices with fields as without"
    tests = same["quality"]["tests"]
    assert same["quality"]["level"] == pytest.approx(1 - 0.05 / tests, abs=1e-6)


def test_a_version_that_likes_what_is_far_is_refused_by_name(shipped: Version) -> None:
    weights = replace(shipped.weights, version="far", evidence=negated(shipped.weights))
    worse = replace(shipped, id="b" * 64, weights=weights)
    found = offline.compare(shipped, worse, Asked(pairs=1, rounds=1))
    stopped = {gate.name for gate in verdict(found, _all_but(found)).those("failed")}
    assert "quality, all" in stopped, stopped
    assert not verdict(found, _all_but(found)).passed
    assert found["changes"]["all"]["top 3 changed"]["share"] > 0.1


def _by_grade(given: Judged, unfit: Mapping[str, int]) -> Sent:
    """The best order there is, but as many jobs that do not fit before it as the folder has."""
    rankings = []
    for part, grades in zip(given.region_of_person, given.grades, strict=True):
        best = sorted(grades, key=lambda job: (-grades[job], job))
        wrong = [job for job in best if not grades[job]][: unfit[part]]
        places = [*wrong, *(job for job in best if job not in wrong)][: run.TOP]
        rankings.append([{"job_id": given.jobs[job].job_id} for job in places])
    return Sent(given, rankings)


def test_better_in_all_but_worse_in_one_group_of_regions_is_refused_by_that_group() -> None:
    sets = {fields: judged.load(fields) for fields in GIVEN}
    before = {name: _by_grade(of, {"A": 3, "C": 3, "D": 0}) for name, of in sets.items()}
    after = {name: _by_grade(of, {"A": 0, "C": 0, "D": 1}) for name, of in sets.items()}
    found = quality(before, after, facets_of(sets["all"]))
    for task in found["tasks"]:
        assert task["difference"]["low"] > 0, "better in all, and surely"
    gates = verdict({"quality": found}).gates
    stopped = {gate.name for gate in gates if gate.state == "failed"}
    groups = {name for name in stopped if "group of regions" in name}
    assert {name.partition("regions: ")[2][0] for name in groups} == {"D"}, stopped
    sentence = next(gate.says for gate in gates if gate.name in groups)
    assert "zona D" in sentence
    assert "es peor con seguridad" in sentence
    others = {name for name in stopped if ": A:" in name or ": C:" in name}
    assert not others


def test_the_page_is_whole_says_the_answer_and_names_nobody(same: dict[str, Any]) -> None:
    made = page(same, verdict(same))
    assert not re.search(r"(?i)<script|https?:|<link|<img|@import|url\(|<iframe", made)
    assert made.startswith('<!doctype html><html lang="es">')
    for section in sections(same, verdict(same)):
        assert section.title in made
        assert all(len(row) == len(section.head) for row in section.rows)
    assert "no pasa todas las puertas" in made
    assert made.count("<svg") == 2
    told = made + orjson.dumps(same).decode()
    for person in judged.load("words").people:
        assert person.profile_id not in told
        assert person.text[:40] not in told


def test_slices_are_told_in_spanish(same: dict[str, Any]) -> None:
    from models.compare.words import SLICES

    names = {row["slice"] for task in same["quality"]["tasks"] for row in task["slices"]}
    names |= {row["slice"] for row in same["exposure"]["by employer size"]}
    english = {name for name in names if re.search(r"\b(and|to|ads?|below|more|unknown)\b", name)}
    assert english <= SLICES.keys()
    assert {"feminine", "sms", "andean"} <= names & SLICES.keys()


def test_fewer_people_of_each_folder(shipped: Version) -> None:
    found = offline.compare(shipped, shipped, Asked(("A",), people=3, pairs=1, rounds=1))
    assert found["changes"]["people"] == 3
    small = verdict(found, _all_but(found))
    assert {"quality, all", "quality, words"} <= {gate.name for gate in small.those("unknown")}


def _facets(names: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


def test_people_are_told_apart_by_facets_that_have_enough_of_each() -> None:
    known = facets_of(judged.load("all"))
    for facet in ("group of regions", "sex", "style", "language"):
        counts = _facets([mine[facet] for mine in known.values()])
        assert len(counts) > 1
        assert min(counts.values()) >= 10, (facet, counts)
