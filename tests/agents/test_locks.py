"""One writer at a time: whoever changes the same rows and indexes waits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from matcher_stream.runtime.turns import Turns
from tables.rows import RANKER
from tests.support.harness import Cluster
from tests.support.harness.village import ad, decision, profile, said

HELD = ad("taxi", 1)


async def _village(cluster: Cluster) -> None:
    cluster.publish("jobs", "obra", ad("obra"))
    cluster.publish("jobs", "taxi", HELD)
    cluster.publish("profiles", "ana", profile("ana"))
    await cluster.drain()
    context = cluster.worker.context  # whom another ranker ranked, this one ranks anew
    await context.state.tables.meta.write(0, {RANKER: b"another"}, [context.fence.turn()])


@pytest.mark.parametrize(
    ("agent", "lock", "news"),
    [
        ("jobs", "jobs", ("jobs", "obra", ad("obra", 1))),
        ("decisions", "jobs", ("decisions", "taxi", decision(HELD, "release"))),
        ("profiles", "people", ("profiles", "ana", profile("ana", "cocino menú"))),
        ("feedback", "people", ("feedback", "ana", said("ana", "obra", "dismissed"))),
        ("postings", "people", ("jobs", "obra", ad("obra", 1))),
        ("candidates", "lists", ("jobs", "obra", ad("obra", 1))),
        ("work", "jobs", ("work", "", {"kind": "expire_job", "id": "obra", "due_ms": 1})),
        ("work", "jobs", ("work", "", {"kind": "revet"})),
        ("work", "people", ("work", "", {"kind": "revet"})),
        ("work", "people", ("work", "", {"kind": "shown", "as_of": "2099-01-01", "partition": 0})),
        ("work", "people", ("work", "", {"kind": "rerank"})),
        ("work", "people", ("work", "", {"kind": "refresh"})),
    ],
)
async def test_an_agent_waits_for_who_changes_the_same(
    cluster: Cluster, agent: str, lock: str, news: tuple[str, str, Any]
) -> None:
    await _village(cluster)
    kind, key, value = news
    cluster.publish(kind, key, value, partition=0 if kind == "work" else None)
    for before in {"postings": ["jobs"], "candidates": ["jobs", "postings"]}.get(agent, []):
        await cluster.run(before)
    held: Turns = getattr(cluster.worker.context.locks, lock)
    sent = cluster.worker.producer.sent
    async with held:
        running = asyncio.ensure_future(cluster.run(agent))
        async with asyncio.timeout(5):
            while not running.done() and not held.waiting():
                await asyncio.sleep(0)
        assert not running.done()
        assert cluster.worker.producer.sent == sent
    assert await running > 0
