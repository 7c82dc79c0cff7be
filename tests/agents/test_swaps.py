"""Neighbours are told in each other's place: of who agreed, and whoever computes it agrees."""

from __future__ import annotations

import time
from typing import Any

import orjson

from agents.asked import told
from models.feedback.swapping import as_told, swap_rank
from models.ranking.offline import rank_all
from schemas import Job, Profile, validate
from tables.rows import OutcomeRow, RankingRow
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster, at, dies, rows
from tests.support.harness.village import ad, profile, said

T0 = round(time.time() * 1000)
SHARE = 0.2


def _drawn(event: dict[str, Any], name: str) -> int:
    return swap_rank(name, event["as_of"], event["entries"], SHARE)


async def _village(cluster: Cluster, *people: dict[str, Any]) -> Cluster:
    for name in ("obra", "cocina", "limpieza"):
        cluster.publish("jobs", name, ad(name))
    await cluster.drain()
    for person in people:
        cluster.publish("profiles", person["profile_id"], person)
    await cluster.drain()
    return cluster


async def _chosen(make_cluster: MakeCluster) -> tuple[str, int]:
    """Somebody whose list has two neighbours swapped."""
    plain = await _village(make_cluster(), profile("ana", consent_training=True))
    event = plain.told("matches", "ana")[-1]
    assert event is not None
    for n in range(5_000):
        if rank := _drawn(event, f"p{n}"):
            return f"p{n}", rank
    raise AssertionError("nobody is drawn")


async def test_neighbours_are_swapped_for_who_agreed(make_cluster: MakeCluster) -> None:
    name, rank = await _chosen(make_cluster)
    cluster = make_cluster(swap_share=SHARE)
    await _village(cluster, profile(name, consent_training=True), profile("ana"))
    event = cluster.told("matches", name)[-1] or {}
    assert event["swapped"] == rank
    scores = [entry["score"] for entry in event["entries"]]
    assert scores[rank - 1] < scores[rank]
    assert [entry["rank"] for entry in event["entries"]] == [1, 2, 3]
    row = RankingRow.unpack(rows(cluster, "rankings")[name])
    assert (row.swapped, row.jobs) == (rank, [entry["job_id"] for entry in event["entries"]])
    report = await cluster.verify()
    assert report.ok, report.lines()
    assert report.counts["rankings with neighbours swapped"] == 1


async def test_nobody_else_has_any(make_cluster: MakeCluster) -> None:
    name, _ = await _chosen(make_cluster)
    agreed = profile(name, consent_training=True)
    for cluster, person in (
        (make_cluster(), agreed),
        (make_cluster(swap_share=SHARE), profile(name)),
        (make_cluster(swap_share=SHARE), profile(name, consent_training=False)),
    ):
        await _village(cluster, person)
        event = cluster.told("matches", name)[-1] or {}
        assert "swapped" not in event
        scores = [entry["score"] for entry in event["entries"]]
        assert scores == sorted(scores, reverse=True)
        assert (await cluster.verify()).ok


async def test_a_list_made_without_a_broker_has_the_same(make_cluster: MakeCluster) -> None:
    name, _ = await _chosen(make_cluster)
    cluster = make_cluster(swap_share=SHARE)
    await _village(cluster, profile(name, consent_training=True))
    event = cluster.told("matches", name)[-1] or {}
    context = cluster.worker.context
    person = validate(Profile, profile(name, consent_training=True))
    jobs = [validate(Job, ad(job)) for job in ("obra", "cocina", "limpieza")]
    encoder = context.vectors.encoder.result()
    (entries,) = rank_all([person], jobs, encoder, context.state.ranker, 3).values()
    told, rank = as_told(person, event["as_of"], entries, SHARE)
    assert rank == event["swapped"]
    assert [entry["job_id"] for entry in told] == [entry["job_id"] for entry in event["entries"]]


async def test_verify_finds_a_swap_that_was_not_drawn(make_cluster: MakeCluster) -> None:
    name, rank = await _chosen(make_cluster)
    cluster = make_cluster(swap_share=SHARE)
    await _village(cluster, profile(name, consent_training=True))
    cluster.settings = cluster.settings.model_copy(update={"swap_share": 0.0})
    assert [line for line in (await cluster.verify()).lines() if f"swaps rank {rank}" in line]


async def test_verify_finds_a_swap_of_what_is_not_there(make_cluster: MakeCluster) -> None:
    cluster = await _village(make_cluster(), profile("ana", consent_training=True))
    event = cluster.told("matches", "ana")[-1] or {}
    wrong = orjson.dumps({**event, "swapped": 3, "event_id": "x"})
    cluster.broker.append(cluster.names.matches, at(cluster, "ana"), b"ana", wrong)
    assert [line for line in (await cluster.verify()).lines() if "which has no next" in line]


async def test_a_page_shows_what_was_told(make_cluster: MakeCluster) -> None:
    name, _ = await _chosen(make_cluster)
    cluster = make_cluster(swap_share=SHARE)
    await _village(cluster, profile(name, consent_training=True))
    event = cluster.told("matches", name)[-1] or {}
    body, current = await told(cluster.worker.context, name)
    assert current
    assert body is not None
    assert orjson.loads(orjson.dumps(body["entries"])) == event["entries"]


async def test_a_swap_is_the_same_whatever_crashed(make_cluster: MakeCluster) -> None:
    name, rank = await _chosen(make_cluster)
    for records in range(1, 12):
        cluster = await _village(make_cluster(swap_share=SHARE))
        cluster.publish("profiles", name, profile(name, consent_training=True))
        died = await dies(cluster, "profiles", records)
        await cluster.drain()
        assert {(event or {})["swapped"] for event in cluster.told("matches", name)} == {rank}
        assert (await cluster.verify()).ok
        if not died:
            return
    raise AssertionError("it never came to its end")


async def test_a_better_job_still_enters_a_full_list(make_cluster: MakeCluster) -> None:
    """What it must beat is the lowest score, wherever that stands."""
    name, rank = await _chosen(make_cluster)
    cluster = make_cluster(swap_share=SHARE, top_k=rank + 1)
    await _village(cluster, profile(name, consent_training=True))
    cluster.publish("jobs", "taxi", ad("taxi"))
    await cluster.drain()
    assert (await cluster.verify()).ok
    for worker in (cluster.worker, cluster.start()):  # as it was told, and as rows say
        state, where = worker.context.state, at(cluster, name)
        row, people = state.ranking(where, name), state.match.people(where)
        assert row is not None
        assert row.swapped == rank
        assert people.kth[people.slots[name]] == min(row.scores) < row.scores[-1]


async def test_what_was_swapped_is_kept_as_swapped(make_cluster: MakeCluster) -> None:
    name, rank = await _chosen(make_cluster)
    cluster = make_cluster(swap_share=SHARE)
    await _village(cluster, profile(name, consent_training=True))
    event = cluster.told("matches", name)[-1] or {}
    for entry in event["entries"]:
        word = {**said(name, entry["job_id"], "shown"), "rank": entry["rank"]}
        cluster.publish("feedback", name, {**word, "revision": event["revision"]}, timestamp=T0)
    await cluster.drain()
    found = [OutcomeRow.unpack(raw) for raw in rows(cluster, "outcomes").values()]
    assert {row.rank for row in found if row.swapped} == {rank, rank + 1}
    assert {row.rank: row.score for row in found} == {
        entry["rank"]: entry["score"] for entry in event["entries"]
    }
