"""What became of what people were shown: kept with the score as it was told, and counted."""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from matcher_stream.runtime import metrics
from schemas import DAY_MS
from schemas.base import LIMA
from tables.rows import MAX_IMPRESSIONS, OutcomeRow, unpack_tally
from tables.rows.outcome import MAX_SURFACE
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster, dies, here, phases, rows
from tests.support.harness.village import ad, profile, said

T0 = round(time.time() * 1000)


async def _village(cluster: Cluster, *people: str) -> Cluster:
    for name in ("obra", "cocina"):
        cluster.publish("jobs", name, ad(name))
    await cluster.drain()
    for name in people:
        cluster.publish("profiles", name, profile(name), timestamp=T0)
    await cluster.drain()
    return cluster


def _say(cluster: Cluster, job: str, kind: str, when: int = 1, **fields: Any) -> None:
    word = {**said("ana", job, kind), **fields}
    cluster.publish("feedback", "ana", word, timestamp=T0 + when)


def _kept(cluster: Cluster) -> list[OutcomeRow]:
    found = [OutcomeRow.unpack(raw) for raw in rows(cluster, "outcomes").values()]
    return sorted(found, key=lambda row: (row.job_id, row.revision, row.surface))


def _told(cluster: Cluster, name: str = "ana") -> dict[str, Any]:
    last = cluster.told("matches", name)[-1]
    assert last is not None
    return last


async def test_what_was_told_is_kept_with_what_became_of_it(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    event = _told(cluster)
    seen = {"revision": event["revision"], "surface": "web"}
    for entry in event["entries"]:
        _say(cluster, entry["job_id"], "shown", rank=entry["rank"], **seen)
    _say(cluster, "obra", "opened", 5, rank=1, **seen)
    _say(cluster, "obra", "dismissed", 9, rank=1, reason="too_far", **seen)
    await cluster.drain()
    found = {row.job_id: row for row in _kept(cluster)}
    assert set(found) == {entry["job_id"] for entry in event["entries"]} == {"obra", "cocina"}
    for entry in event["entries"]:
        row = found[entry["job_id"]]
        assert (row.revision, row.rank, row.surface) == (event["revision"], entry["rank"], "web")
        assert (row.score, row.level) == (entry["score"], entry["level"])
        assert row.components == entry["components"]
        assert row.evidence is not None
        assert row.evidence.keys() >= row.components.keys() - {"dense", "lexical"}
        assert (row.ranker, row.encoder) == (event["ranker_version"], event["encoder_version"])
        assert (row.as_of, row.region, row.swapped) == (event["as_of"], "15", False)
    assert found["obra"].times == {"shown": T0 + 1, "opened": T0 + 5, "dismissed": T0 + 9}
    assert found["obra"].reason == "too_far"
    assert found["cocina"].times == {"shown": T0 + 1}
    assert (await cluster.verify()).ok


async def test_it_is_kept_before_the_ranking_changes(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    since = here(cluster)
    _say(cluster, "obra", "dismissed")
    await cluster.run("feedback")
    assert phases(cluster, since)[:2] == ["row:outcomes", "row:exclusions row:pending"]


async def test_wherever_the_worker_dies_the_score_is_as_it_was_told(
    make_cluster: MakeCluster,
) -> None:
    for records in range(1, 12):
        cluster = await _village(make_cluster(), "ana")
        event = _told(cluster)
        _say(cluster, "obra", "dismissed")
        died = await dies(cluster, "feedback", records)
        await cluster.drain()
        (row,) = _kept(cluster)
        assert row.components == event["entries"][0]["components"]
        assert row.times == {"dismissed": T0 + 1}
        assert cluster.ranking("ana") == ["cocina"]
        if not died:
            return
    raise AssertionError("it never came to its end")


async def test_feedback_of_before_says_no_revision_and_is_about_the_last_ranking(
    cluster: Cluster,
) -> None:
    await _village(cluster, "ana")
    event = _told(cluster)
    _say(cluster, "cocina", "shown")
    _say(cluster, "cocina", "opened", 2)
    await cluster.drain()
    (row,) = _kept(cluster)
    assert (row.revision, row.rank) == (event["revision"], 2)
    assert row.components == event["entries"][1]["components"]
    assert row.times == {"shown": T0 + 1, "opened": T0 + 2}


async def test_an_answer_without_a_revision_is_of_the_latest_showing(cluster: Cluster) -> None:
    """Somebody is hired months after the list that they saw."""
    await _village(cluster, "ana")
    _say(cluster, "obra", "shown", revision=7, rank=3, surface="sms")
    _say(cluster, "obra", "shown", 2, revision=9, rank=2, surface="web")
    _say(cluster, "obra", "applied", 3, revision=7)
    await cluster.drain()
    _say(cluster, "obra", "hired", 4)
    await cluster.drain()
    old, new = _kept(cluster)
    assert (old.revision, set(old.times)) == (7, {"shown", "applied"})
    assert (new.revision, set(new.times)) == (9, {"shown", "hired"})


async def test_another_revision_is_kept_with_what_the_last_ranking_says(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    before = metrics.UNPLACED.labels("earlier")._value.get()
    _say(cluster, "obra", "shown", revision=1, rank=2)
    await cluster.drain()
    (row,) = _kept(cluster)
    assert (row.revision, row.rank, row.swapped) == (1, 2, False)
    assert row.components == _told(cluster)["entries"][0]["components"]
    assert metrics.UNPLACED.labels("earlier")._value.get() == before + 1


@pytest.mark.parametrize(("job", "revision"), [("taxi", None), ("taxi", 5)])
async def test_a_job_that_the_ranking_does_not_have_is_kept_without_a_score(
    cluster: Cluster, job: str, revision: int | None
) -> None:
    await _village(cluster, "ana")
    before = metrics.UNPLACED.labels("unranked")._value.get()
    _say(cluster, job, "opened", revision=revision)
    await cluster.drain()
    (row,) = _kept(cluster)
    assert (row.score, row.level, row.components, row.rank) == (None, None, {}, 0)
    assert row.revision == (revision or 0)
    assert metrics.UNPLACED.labels("unranked")._value.get() == before + 1


async def test_an_edited_job_is_kept_with_the_score_of_its_last_version(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    cluster.publish("jobs", "obra", ad("obra", 1))
    await cluster.drain()
    _say(cluster, "obra", "opened")
    await cluster.drain()
    (row,) = _kept(cluster)
    (entry,) = [e for e in _told(cluster)["entries"] if e["job_id"] == "obra"]
    assert row.components == entry["components"]


async def test_repeats_change_nothing(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    _say(cluster, "obra", "shown", rank=1, surface="web")
    _say(cluster, "obra", "opened", 2, rank=1, surface="web")
    await cluster.drain()
    before, since = rows(cluster, "outcomes"), here(cluster)
    cluster.rewind("feedback")
    cluster.start()
    await cluster.drain()
    assert rows(cluster, "outcomes") == before
    assert "row:outcomes" not in phases(cluster, since)


async def test_of_somebody_unknown_nothing_is_kept(cluster: Cluster) -> None:
    before = metrics.UNPLACED.labels("nobody")._value.get()
    _say(cluster, "obra", "opened")
    await cluster.drain()
    assert rows(cluster, "outcomes") == {}
    assert metrics.UNPLACED.labels("nobody")._value.get() == before + 1


async def test_an_erased_person_leaves_none_and_others_theirs(cluster: Cluster) -> None:
    await _village(cluster, "ana", "ana b")
    for name in ("ana", "ana b"):
        word = said(name, "obra", "opened")
        cluster.publish("feedback", name, word, timestamp=T0 + 1)
    await cluster.drain()
    assert len(rows(cluster, "outcomes")) == 2
    cluster.publish("profiles", "ana", None, timestamp=T0 + 5)
    await cluster.drain()
    assert [key.split("\0")[0] for key in rows(cluster, "outcomes")] == ["ana b"]
    cluster.publish("profiles", "ana", profile("ana"), timestamp=T0 + 6)
    _say(cluster, "obra", "applied", 4)
    await cluster.drain()
    assert [key.split("\0")[0] for key in rows(cluster, "outcomes")] == ["ana b"]


async def test_a_long_name_of_a_surface_is_cut(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    _say(cluster, "obra", "shown", rank=1, surface="w" * 1_000)
    _say(cluster, "obra", "opened", 2, rank=1, surface="w" * 1_000)
    await cluster.drain()
    (row,) = _kept(cluster)
    assert (row.surface, set(row.times)) == ("w" * MAX_SURFACE, {"shown", "opened"})


async def test_of_who_is_shown_much_the_latest_is_kept_and_what_they_did(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    _say(cluster, "obra", "opened", 1, revision=1)
    for revision in range(2, MAX_IMPRESSIONS + 5):
        _say(cluster, "obra", "shown", revision, revision=revision, rank=1)
    await cluster.drain()
    found = _kept(cluster)
    assert len(found) == MAX_IMPRESSIONS
    assert [row.revision for row in found] == [1, *range(6, MAX_IMPRESSIONS + 5)]


async def test_a_tick_forgets_what_is_old_and_counts_the_rest(cluster: Cluster) -> None:
    await _village(cluster, "ana", "beto")
    for name in ("ana", "beto"):
        for entry in _told(cluster, name)["entries"]:
            word = {**said(name, entry["job_id"], "shown"), "rank": entry["rank"]}
            cluster.publish("feedback", name, word, timestamp=T0)
    _say(cluster, "obra", "opened", 2)
    _say(cluster, "taxi", "opened", -89 * DAY_MS)
    await cluster.drain()
    cluster.tick(str(datetime.now(LIMA).date() + timedelta(days=2)))
    await cluster.drain()
    total: dict[str, Counter[str]] = {}
    tallies = cluster.worker.context.state.tables.tallies
    for partition in range(cluster.settings.partitions):
        for key, raw in tallies.rows(partition):
            total.setdefault(key.decode(), Counter()).update(unpack_tally(raw))
    assert total["place:1:15"] == {"shown": 2, "opened": 1}
    assert total["place:2-3:15"] == {"shown": 2}
    assert total["job:obra"] == {"shown": 2, "opened": 1}
    assert "job:taxi" not in total
    assert {row.job_id for row in _kept(cluster)} == {"obra", "cocina"}
    cluster.tick(str(datetime.now(LIMA).date() + timedelta(days=92)))
    await cluster.drain()
    assert (rows(cluster, "outcomes"), rows(cluster, "tallies")) == ({}, {})


async def test_a_counter_names_a_kind_a_place_and_a_region(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    counter = metrics.OUTCOMES.labels("applied", "1", "15")
    before = counter._value.get()
    _say(cluster, "obra", "applied")
    _say(cluster, "obra", "applied", 2)
    await cluster.drain()
    assert counter._value.get() == before + 1
    assert orjson.loads(next(iter(rows(cluster, "exclusions").values())))["obra"][0] == "applied"
