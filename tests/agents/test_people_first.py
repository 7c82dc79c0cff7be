"""Who waits for an answer goes ahead of ads that are loaded in bulk, which wait within bounds."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agents import postings as postings_module
from agents.intake import by_partition
from matcher_stream.runtime.turns import PATIENCE_SECONDS
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster, here, phases
from tests.support.harness.village import ad, profile

ADS = 12


async def _bulk(make_cluster: MakeCluster) -> Cluster:
    """Ads whose copies wait in one partition, and a person who comes with them."""
    cluster = make_cluster(partitions=1)
    for number in range(ADS):
        cluster.publish("jobs", f"obra-{number}", {**ad("obra"), "job_id": f"obra-{number}"})
    await cluster.run("jobs")
    cluster.publish("profiles", "ana", profile("ana"))
    return cluster


async def _both(cluster: Cluster, waited: float = 0.0) -> list[str]:
    """What was done when both agents asked for the lock, the ads first and long before."""
    lock, since = cluster.worker.context.locks.people, here(cluster)
    clock = lock._clock
    running: list[asyncio.Future[Any]] = []
    async with lock, asyncio.timeout(10):
        for agent in ("postings", "profiles"):
            running.append(asyncio.ensure_future(cluster.run(agent)))
            while lock.waiting() < len(running):
                await asyncio.sleep(0)
            lock._clock = lambda: clock() + waited
    await asyncio.gather(*running)
    return phases(cluster, since)


async def test_a_person_goes_ahead_of_ads_in_bulk(make_cluster: MakeCluster) -> None:
    cluster = await _bulk(make_cluster)
    did = await _both(cluster)
    assert did.index("row:people") < did.index("row:postings")
    await cluster.drain()
    assert (await cluster.verify()).ok


async def test_ads_that_have_waited_long_enough_go_next(make_cluster: MakeCluster) -> None:
    cluster = await _bulk(make_cluster)
    did = await _both(cluster, waited=PATIENCE_SECONDS)
    assert did.index("row:postings") < did.index("row:people")
    await cluster.drain()
    assert (await cluster.verify()).ok


@pytest.mark.parametrize("people", [True, False])
async def test_rounds_of_ads_are_short_only_while_people_come(
    make_cluster: MakeCluster, monkeypatch: pytest.MonkeyPatch, people: bool
) -> None:
    """A person waits for one of them; without people fewer and longer ones cost less."""
    cluster = await _bulk(make_cluster)
    monkeypatch.setattr(cluster.worker.agents["postings"]._pace, "fitting", lambda _: 5)  # type: ignore[attr-defined]
    if people:
        await cluster.run("profiles")
    sizes: list[int] = []

    def noted(items: list[Any], partition: Any) -> dict[int, list[Any]]:
        sizes.append(len(items))
        return by_partition(items, partition)

    monkeypatch.setattr(postings_module, "by_partition", noted)
    await cluster.run("postings")
    assert sizes == ([5, 5, 2] if people else [ADS])


async def test_people_of_different_batches_are_answered_side_by_side(
    make_cluster: MakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While what one of them is told is on its way, the next is written and ranked."""
    cluster = make_cluster(partitions=1)
    for name in ("ana", "beto"):
        cluster.publish("profiles", name, profile(name))
    send = cluster.worker.context.outputs.send

    async def once_beto_is_told(records: Any, events: Any) -> None:
        async with asyncio.timeout(10):
            while records and records[0][2] == b"ana" and not cluster.told("matches", "beto"):
                await asyncio.sleep(0)
        await send(records, events)

    monkeypatch.setattr(cluster.worker.context.outputs, "send", once_beto_is_told)
    await cluster.run("profiles", max_events=1)
    assert cluster.told("matches", "ana")
    assert (await cluster.verify()).ok


async def test_versions_of_one_person_in_two_batches_are_told_one_after_the_other(
    make_cluster: MakeCluster,
) -> None:
    cluster = make_cluster(partitions=1)
    cluster.publish("jobs", "obra", ad("obra"))
    await cluster.drain()
    for words in ("cocino menú", "busco chamba de albañil, asiento ladrillo"):
        cluster.publish("profiles", "ana", profile("ana", words))
    since = here(cluster)
    await cluster.run("profiles", max_events=1)
    once = ["row:pending row:rankings", "row:people", "matches", "row:rankings"]
    did = [step for step in phases(cluster, since) if not step.startswith("ack")]
    assert did == [*once, "row:pending", *once[1:]] or did == [once[0], *once[1:], *once[1:]]
    first, second = (told["revision"] for told in cluster.told("matches", "ana") if told)
    assert second == first + 1


async def test_an_erasure_waits_for_everybody(
    make_cluster: MakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It raises the revision that whoever comes next begins with: nobody else is told meanwhile."""
    cluster = make_cluster(partitions=1)
    for name in ("ana", "beto"):
        cluster.publish("profiles", name, profile(name))
    await cluster.run("profiles")
    cluster.publish("profiles", "beto", profile("beto", "cocino menú"))
    cluster.publish("profiles", "ana", None)
    since, outputs = here(cluster), cluster.worker.context.outputs
    send, locks = outputs.send, cluster.worker.context.locks

    def written(name: bytes) -> list[int]:
        steps = [step for step in cluster.broker.steps[since:] if step.what != "acked"]
        return [i for i, step in enumerate(steps) if name in (step.key or b"")]

    async def while_she_waits_or_is_erased(records: Any, events: Any) -> None:
        async with asyncio.timeout(10):
            while records and records[0][2] == b"beto":
                if locks.people.waiting() or written(b"ana"):
                    break
                await asyncio.sleep(0)
        await send(records, events)

    monkeypatch.setattr(outputs, "send", while_she_waits_or_is_erased)
    await cluster.run("profiles", max_events=1)
    assert max(written(b"beto")) < min(written(b"ana"))
