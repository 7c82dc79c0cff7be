"""Stories in which somebody was told something wrong; each ends right now."""

from __future__ import annotations

import pytest

from matcher_stream.runtime import faults
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster, Died
from tests.support.harness.village import ad, decision, profile, said


async def _dies_at(cluster: Cluster, point: str, agent: str) -> None:
    faults.configure(point)
    with pytest.raises(Died):
        await cluster.run(agent)
    faults.configure("")
    cluster.start()


async def test_an_ad_that_was_held_when_its_worker_died_and_is_released(cluster: Cluster) -> None:
    """Its copies said withdrawn, then posted, both under one version."""
    cluster.publish("profiles", "ana", profile("ana", "manejo mototaxi en mi barrio"))
    cluster.publish("profiles", "beto", profile("beto", "manejo mototaxi en mi barrio"))
    await cluster.drain()
    held = ad("taxi", 1)
    cluster.publish("jobs", "taxi", held)
    await _dies_at(cluster, "jobs.after_fanout", "jobs")
    await cluster.run("postings")
    await cluster.run("candidates")
    cluster.publish("decisions", "taxi", decision(held, "release"))
    await cluster.run("decisions")
    await cluster.drain()
    assert cluster.ranking("ana") == ["taxi"]
    last = cluster.told("candidates", "taxi")[-1]
    assert last is not None, "everybody is told of it, and its own list is not"
    assert {entry["profile_id"] for entry in last["entries"]} == {"ana", "beto"}
    assert last["partitions_seen"] == last["partitions_total"]


async def test_a_new_ranker_refreshes_the_lists_too(make_cluster: MakeCluster) -> None:
    cluster = make_cluster(top_k=3)
    cluster.publish("jobs", "cocina", ad("cocina"))
    for name in ("ana", "beto"):
        cluster.publish("profiles", name, profile(name, "cocino menú y sopas, lavo ollas"))
    await cluster.drain()
    before = cluster.told("candidates", "cocina")[-1] or {}
    cluster.settings = cluster.settings.model_copy(update={"ranker": "dense"})
    cluster.start()
    await cluster.drain()
    after = cluster.told("candidates", "cocina")[-1] or {}
    assert after["ranker_version"] != before["ranker_version"]
    assert after["entries"][0]["score"] != before["entries"][0]["score"]
    report = await cluster.verify()
    assert report.ok, "\n".join(report.lines())


async def test_a_shorter_list_or_another_threshold_is_another_ranker(
    make_cluster: MakeCluster,
) -> None:
    cluster = make_cluster(top_k=3)
    for name in ("obra", "cocina", "limpieza"):
        cluster.publish("jobs", name, ad(name))
    cluster.publish("profiles", "ana", profile("ana", "cocino menú y sopas, lavo ollas"))
    await cluster.drain()
    assert len(cluster.ranking("ana")) == 3
    cluster.settings = cluster.settings.model_copy(update={"top_k": 1})
    cluster.start()
    await cluster.drain()
    assert len(cluster.ranking("ana")) == 1
    cluster.settings = cluster.settings.model_copy(update={"score_threshold": 1.0})
    cluster.start()
    await cluster.drain()
    assert cluster.ranking("ana") == []


async def test_feedback_read_after_the_erasure_it_came_before(cluster: Cluster) -> None:
    cluster.publish("jobs", "obra", ad("obra"))
    cluster.publish("profiles", "ana", profile("ana"), timestamp=1_790_000_000_000)
    await cluster.drain()
    opinion = said("ana", "obra", "dismissed")
    cluster.publish("feedback", "ana", opinion, timestamp=1_790_000_001_000)
    cluster.publish("profiles", "ana", None, timestamp=1_790_000_002_000)
    await cluster.run("profiles")
    await cluster.run("feedback")
    await cluster.drain()
    table = cluster.worker.context.state.tables.exclusions
    assert not [row for p in range(2) for row in table.rows(p)]


@pytest.mark.parametrize("records", range(1, 14))
async def test_an_erasure_is_final_the_first_time_it_is_told(
    cluster: Cluster, records: int
) -> None:
    """Wherever the worker dies, nobody hears of the person after the null."""
    cluster.publish("jobs", "obra", ad("obra"))
    cluster.publish("profiles", "ana", profile("ana"))
    await cluster.drain()
    cluster.publish("profiles", "ana", profile("ana", "cocino menú y sopas"))
    cluster.publish("profiles", "ana", None)
    cluster.worker.producer.left = records
    try:
        await cluster.run("profiles", max_events=1)
    except Died:
        cluster.start()
        cluster.publish("jobs", "cocina", ad("cocina"))
        await cluster.run("jobs")
        await cluster.run("postings")
    await cluster.drain()
    told = cluster.told("matches", "ana")
    assert told[-1] is None
    first = told.index(None)
    assert all(event is None for event in told[first:]), "an event after the erasure"


async def test_who_comes_back_after_an_erasure_is_matched_again(cluster: Cluster) -> None:
    cluster.publish("jobs", "obra", ad("obra"))
    cluster.publish("profiles", "ana", profile("ana"))
    cluster.publish("profiles", "ana", None)
    cluster.publish("profiles", "ana", profile("ana"))
    await cluster.drain()
    assert cluster.ranking("ana") == ["obra"]
    cluster.publish("feedback", "ana", said("ana", "obra", "dismissed"))
    await cluster.drain()
    assert cluster.ranking("ana") == []
    cluster.start()
    report = await cluster.verify()
    assert report.ok, "\n".join(report.lines())


async def test_a_late_copy_from_before_an_ad_ended_revives_nothing(cluster: Cluster) -> None:
    """A worker that froze had handed it to its producer; the next one read the ad as expired."""
    cluster.publish("profiles", "ana", profile("ana"))
    cluster.publish("jobs", "obra", ad("obra"))
    await cluster.drain()
    late = [r for r in cluster.broker.records(cluster.names.job_fanout) if r.value]
    cluster.publish("jobs", "obra", ad("obra", expires_at="2020-01-31"))
    await cluster.drain()
    told = [r for r in cluster.broker.records(cluster.names.job_fanout) if r.value is None]
    assert {dict(record.headers)["job_version"] for record in told} == {b"1:1"}
    for record in late:
        cluster.broker.append(
            record.topic, record.partition, record.key, record.value, record.headers
        )
    await cluster.drain()
    assert cluster.ranking("ana") == []
