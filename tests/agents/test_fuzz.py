"""Nothing that stands in a topic stops a worker: it counts, or it goes to the dead letters."""

from __future__ import annotations

import asyncio
import hashlib

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from agents.register import AGENTS
from matcher_stream.config.catalogue import INPUTS
from tests.support.events import least
from tests.support.examples import examples
from tests.support.harness import Cluster, Record, at
from tests.support.harness.poison import poisoned
from tests.support.harness.village import ad, decision, profile, story

KEEP = settings(
    max_examples=examples(100),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def _examples() -> dict[str, list[Record]]:
    """Good records of every topic that an agent reads."""

    async def run(patch: pytest.MonkeyPatch) -> dict[str, list[Record]]:
        cluster = Cluster(patch, exposure=0.2, exposure_free=0.01)
        await cluster.play(story())
        for topic in INPUTS.values():
            cluster.publish(topic.name, "a", least(topic))
        return {
            agent: list(cluster.broker.records(cluster.worker.topic(agent)))[:40]
            for agent in AGENTS
        }

    with pytest.MonkeyPatch.context() as patch:
        return asyncio.run(run(patch))


GOOD = _examples()


@pytest.mark.parametrize("agent", sorted(AGENTS))
def test_no_record_stops_a_worker(agent: str) -> None:
    @KEEP
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        records = [
            data.draw(poisoned(data.draw(st.sampled_from(GOOD[agent]))))
            for _ in range(data.draw(st.integers(1, 3)))
        ]

        async def run(patch: pytest.MonkeyPatch) -> None:
            cluster = Cluster(patch)
            held = ad("taxi", 1)
            before = [[("jobs", "obra", ad("obra")), ("jobs", "taxi", held)]]
            await cluster.play([*before, [("profiles", "ana", profile("ana"))]])
            topic = cluster.worker.topic(agent)
            for bad in records:
                note(f"{bad!r}"[:1500])
                cluster.broker.append(
                    topic, bad.partition, bad.key, bad.value, bad.headers, bad.timestamp
                )
            await cluster.drain()
            cluster.start()  # what was stored can be read again
            for kind, key, value in (
                ("profiles", "zoe", profile("zoe")),
                ("jobs", "cocina", ad("cocina")),
                ("decisions", "taxi", decision(held, "release")),
            ):
                cluster.publish(kind, key, value)
            await cluster.drain()
            assert cluster.ranking("zoe"), "a good record behind it waits"

        with pytest.MonkeyPatch.context() as patch:
            asyncio.run(run(patch))

    check()


@pytest.mark.parametrize("part", ["key", "value"])
async def test_a_record_that_only_compression_made_fit(cluster: Cluster, part: str) -> None:
    """It is too large for any dead letter: the letter has its hash, and the record stays."""
    large = b"x" * (20 << 20)
    key, value = (large, b"{}") if part == "key" else (b"ana", large)
    cluster.publish("profiles", key, value, partition=at(cluster, "ana"))
    cluster.publish("profiles", "ana", profile("ana"))
    await cluster.drain()
    (letter,) = cluster.letters("profiles")
    assert letter[f"dlq_{part}_bytes"] == str(len(large))
    assert letter[f"dlq_{part}_sha256"] == hashlib.sha256(large).hexdigest()
    assert letter["dlq_offset"] == "0"
    assert cluster.told("matches", "ana")
    report = await cluster.verify()
    assert report.ok, "\n".join(report.lines())
