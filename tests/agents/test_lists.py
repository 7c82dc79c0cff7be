"""Partial lists: one partition's best people for a job, refreshed in the order of their waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.lists import owner_of, refresh
from matcher_stream.config.contract import partition_for
from schemas.errors import StaleGeneration
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster, at, dies, here, phases, rows
from tests.support.harness.village import COOK, JOBS, MASON, ad, profile


async def _village(cluster: Cluster, *jobs: str) -> Cluster:
    for name in jobs:
        cluster.publish("jobs", name, ad(name))
    await cluster.drain()
    return cluster


async def _ask(cluster: Cluster, *people: dict[str, Any]) -> None:
    for value in people:
        cluster.publish("profiles", value["profile_id"], value)
    await cluster.run("profiles")


async def _refresh(cluster: Cluster, name: str) -> list[str]:
    """A refresh is due where somebody lives; what it did."""
    since = here(cluster)
    cluster.publish("work", b"", {"kind": "refresh"}, partition=at(cluster, name))
    await cluster.run("work")
    return phases(cluster, since)


def _part(cluster: Cluster, job_id: str, name: str) -> dict[str, Any]:
    """The last partial list of a job from the partition where somebody lives."""
    part = cluster.told("candidates_partial", f"{job_id}:{at(cluster, name)}")[-1]
    assert part is not None
    return part


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1), st.integers(1, 64))
def test_the_owner_of_a_job_is_where_its_key_lives(job_id: str, partitions: int) -> None:
    assert owner_of(job_id, partitions) == partition_for(job_id.encode(), partitions)


async def test_lists_are_sent_before_anybody_is_settled(cluster: Cluster) -> None:
    await _village(cluster, "obra")
    await _ask(cluster, profile("ana"))
    assert await _refresh(cluster, "ana") == ["candidates_partial", "row:pending", "ack work"]
    assert rows(cluster, "pending") == {}
    assert not cluster.worker.broken
    assert await _refresh(cluster, "ana") == ["ack work"], "nothing waits"


async def test_a_list_is_the_partitions_whole_top_and_may_be_empty(
    make_cluster: MakeCluster,
) -> None:
    cluster = await _village(make_cluster(top_k=1), "obra")
    assert _part(cluster, "obra", "ana")["entries"] == []
    await _ask(cluster, profile("ana", COOK), profile("carmen", MASON), profile("beto", MASON))
    await _refresh(cluster, "ana")
    part = _part(cluster, "obra", "ana")
    assert [entry["profile_id"] for entry in part["entries"]] == ["carmen"]
    assert (part["version"], part["partition"]) == ([0, 0], at(cluster, "ana"))
    await _ask(cluster, profile("carmen", MASON, status="paused"))
    await _ask(cluster, profile("ana", COOK, status="paused"))
    await _refresh(cluster, "ana")
    assert _part(cluster, "obra", "ana")["entries"] == []


async def test_a_list_goes_to_the_partition_of_the_job_under_its_own_key(cluster: Cluster) -> None:
    await _village(cluster, *JOBS)
    await _ask(cluster, profile("ana"))
    await _refresh(cluster, "ana")
    for record in cluster.broker.records(cluster.names.candidates_partial):
        job_id, _, partition = (record.key or b"").decode().partition(":")
        assert record.partition == at(cluster, job_id)
        assert partition in ("0", "1")


async def test_a_list_says_nothing_personal(cluster: Cluster) -> None:
    await _village(cluster, "obra")
    await _ask(cluster, profile("ana", "soy Ana Quispe, albañil", age=33, place="Comas"))
    await _refresh(cluster, "ana")
    (entry,) = _part(cluster, "obra", "ana")["entries"]
    assert set(entry) == {"profile_id", "score", "components", "reasons"}
    assert all(isinstance(code, str) for code in entry["reasons"])


async def test_a_list_agrees_with_the_rankings_of_its_people(cluster: Cluster) -> None:
    await _village(cluster, "obra", "cocina")
    await _ask(cluster, profile("ana", MASON), profile("carmen", COOK))
    await _refresh(cluster, "ana")
    for job_id in ("obra", "cocina"):
        for entry in _part(cluster, job_id, "ana")["entries"]:
            told = cluster.told("matches", entry["profile_id"])[-1] or {}
            scores = {mine["job_id"]: mine["score"] for mine in told["entries"]}
            assert entry["score"] == scores[job_id]


async def test_while_inputs_wait_lists_go_out_by_budget_the_longest_waiting_first(
    make_cluster: MakeCluster,
) -> None:
    cluster = await _village(make_cluster(top_k=1, partials_per_second=1), "obra")
    await _ask(cluster, profile("ana", MASON))  # waits for the list of obra
    await _village_without_refresh(cluster, "cocina")
    await _ask(cluster, profile("carmen", COOK))  # cocina, and obra if it were not her last place
    busy: Any = SimpleNamespace(backlog=7)
    cluster.worker.context.inputs.append(busy)
    sent = len(list(cluster.broker.records(cluster.names.candidates_partial)))
    await _refresh(cluster, "ana")
    fresh = list(cluster.broker.records(cluster.names.candidates_partial))[sent:]
    assert len(fresh) == 1
    assert "ana" not in rows(cluster, "pending")
    assert "carmen" in rows(cluster, "pending"), "her lists have waited less"
    cluster.worker.context.inputs.clear()
    cluster.nobody_comes()
    await _refresh(cluster, "ana")
    assert rows(cluster, "pending") == {}


async def _village_without_refresh(cluster: Cluster, name: str) -> None:
    cluster.publish("jobs", name, ad(name))
    await cluster.run("jobs")
    await cluster.run("postings")


async def test_a_job_that_is_gone_meanwhile_is_passed_over(cluster: Cluster) -> None:
    await _village(cluster, "obra", "cocina")
    await _ask(cluster, profile("ana"))
    cluster.publish("jobs", "obra", None)
    await cluster.run("jobs")
    await cluster.run("postings")
    await _refresh(cluster, "ana")
    assert _part(cluster, "obra", "ana")["withdrawn"]
    assert [e["profile_id"] for e in _part(cluster, "cocina", "ana")["entries"]] == ["ana"]
    assert rows(cluster, "pending") == {}


async def test_wherever_the_worker_dies_every_waiting_list_is_sent(
    make_cluster: MakeCluster,
) -> None:
    for records in range(99):
        cluster = await _village(make_cluster(), "obra", "cocina")
        await _ask(cluster, profile("ana"))
        cluster.publish("work", b"", {"kind": "refresh"}, partition=at(cluster, "ana"))
        died = await dies(cluster, "work", records)
        await cluster.run("work")
        await cluster.drain()
        for job_id in ("obra", "cocina"):
            entries = _part(cluster, job_id, "ana")["entries"]
            assert [entry["profile_id"] for entry in entries] == ["ana"]
        assert rows(cluster, "pending") == {}
        if not died:
            assert records == 3, "two lists, and one who is settled"
            return


class _Halfway:
    """Lets something happen after the first list of a refresh was made, before it is sent."""

    def __init__(self, cluster: Cluster, happens: Callable[[], Awaitable[Any]]) -> None:
        self._happens, self._send = happens, cluster.worker.context.outputs.send
        self._topic = cluster.names.candidates_partial

    async def send(self, records: Any, events: Any) -> None:
        if records and records[0][0] == self._topic and self._happens is not None:
            happens, self._happens = self._happens, None  # type: ignore[assignment]
            await happens()
        await self._send(records, events)


async def test_who_changes_while_lists_are_refreshed_waits_for_the_next_refresh(
    make_cluster: MakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for lists; what was made before somebody came is not taken for up to date."""
    cluster = await _village(make_cluster(partitions=1, partials_per_second=1), "obra")
    await _ask(cluster, profile("ana", MASON))
    halfway = _Halfway(cluster, lambda: _ask(cluster, profile("beto", MASON)))
    monkeypatch.setattr(cluster.worker.context.outputs, "send", halfway.send)
    await _refresh(cluster, "ana")
    named = {entry["profile_id"] for entry in _part(cluster, "obra", "ana")["entries"]}
    assert named == {"ana"}
    assert set(rows(cluster, "pending")) == {"beto"}, "ana is settled, he is not"
    await _refresh(cluster, "ana")
    named = {entry["profile_id"] for entry in _part(cluster, "obra", "ana")["entries"]}
    assert named == {"ana", "beto"}
    assert rows(cluster, "pending") == {}


async def test_who_waits_for_lists_and_changes_waits_until_those_are_sent(
    make_cluster: MakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refresh that settles somebody takes what is remembered of them away: nobody writes it
    meanwhile.
    """
    cluster = await _village(make_cluster(partitions=1), "obra")
    await _ask(cluster, profile("ana", MASON))
    running: list[asyncio.Future[Any]] = []

    async def change() -> None:
        running.append(asyncio.ensure_future(_ask(cluster, profile("ana", COOK))))
        while not cluster.worker.context.locks.people.waiting():
            await asyncio.sleep(0)

    monkeypatch.setattr(cluster.worker.context.outputs, "send", _Halfway(cluster, change).send)
    async with asyncio.timeout(10):
        await _refresh(cluster, "ana")
        await asyncio.gather(*running)
    assert set(rows(cluster, "pending")) == {"ana"}
    await cluster.drain()
    assert rows(cluster, "pending") == {}
    assert (await cluster.verify()).ok


async def test_lists_that_could_not_be_sent_go_on_waiting(
    make_cluster: MakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = await _village(make_cluster(partitions=1), "obra")
    await _ask(cluster, profile("ana", MASON))

    async def gone() -> None:
        raise StaleGeneration("gone")

    monkeypatch.setattr(cluster.worker.context.outputs, "send", _Halfway(cluster, gone).send)
    dirty, event = cluster.worker.context.state.dirty, cluster.worker.context.fence.turn()
    with pytest.raises(StaleGeneration):
        await refresh(cluster.worker.context, 0, 9, ["ana"], [event])
    assert len(dirty.waiting(0)) == 1
    await refresh(cluster.worker.context, 0, 9, [], [event])
    assert set(rows(cluster, "pending")) == {"ana"}, "somebody else may change her"
    await refresh(cluster.worker.context, 0, 9, ["ana"], [event])
    assert not dirty.pending(0)
    assert rows(cluster, "pending") == {}
