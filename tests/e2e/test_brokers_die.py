"""Three brokers, every topic on all of them: one after the other dies in the middle of the work."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from matcher_stream.config.topics import describe_topics
from tests.e2e.conftest import Deploy
from tests.support.brokers import kafka_jars
from tests.support.cluster import SIZE, Cluster
from tests.support.deployment import Deployment, check_outcome
from tests.support.kafka_io import read_all, wait_until
from tests.support.scenario import make_scenario

pytestmark = pytest.mark.kafka_only
SEED = int(os.environ.get("SCENARIO_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    jars = kafka_jars()
    if jars is None:
        pytest.skip("Apache Kafka is not here: `make kafka` gets it")
    made = Cluster(tmp_path / "cluster", jars)
    try:
        made.start()
        yield made
    finally:
        made.reap()


@pytest.mark.parametrize(
    ("rounds", "people", "jobs"),
    [(1, 90, 60), pytest.param(5, 300, 200, marks=pytest.mark.soak)],
)
async def test_brokers_die_one_after_the_other_and_nothing_is_lost(
    cluster: Cluster, deploy: Deploy, rounds: int, people: int, jobs: int
) -> None:
    """In each round two or, in the long form, all of them; a worker starts while the first named
    is dead.
    """
    print(f"SCENARIO_SEED={SEED}")
    await cluster.until_in_step()
    deployment = await deploy(cluster, replication_factor=SIZE)
    topics = [*deployment.inputs, deployment.names.matches, deployment.names.job_fanout]
    for state in (await describe_topics(deployment.settings, topics)).values():
        assert state.config["min.insync.replicas"] == "2"
    scenario = make_scenario(SEED, people, jobs)
    deaths = [cluster.nodes[n % SIZE] for n in range(2 if rounds == 1 else rounds * SIZE)]
    parts = scenario.parts(2 * len(deaths))
    deployment.start()
    landed = []
    for number, node in enumerate(deaths):
        landed += await deployment.publish(parts[2 * number])
        await _work_begun(deployment)
        node.kill9()
        await cluster.until_without(node)
        landed += await deployment.publish(parts[2 * number + 1])  # two replicas are enough
        if number == 0:
            late = deployment.worker()
            late.start()
            late.wait_ready()
        await _work_begun(deployment)
        node.start()
        took = await cluster.until_in_step(topics)
        print(f"broker {node.number} killed; all replicas in step {took:.1f} s after its start")
        for worker in deployment.workers:
            assert worker.alive, worker.tail()
    report = await deployment.verified()
    print(f"{len(deaths)} brokers killed, {len(landed)} records published")
    print("\n".join(report.lines()))
    check_outcome(scenario, landed, report)


@pytest.mark.parametrize(("acks", "kept"), [("all", True), (1, False)], ids=["all", "one"])
async def test_a_record_that_one_replica_alone_has_dies_with_it(
    cluster: Cluster, acks: str | int, kept: bool
) -> None:
    """What the test above would find if somebody's producer waited for the leader only."""
    await cluster.until_in_step()
    leader, *others = await cluster.create_topic("told")
    producer = AIOKafkaProducer(bootstrap_servers=cluster.url, acks=acks, linger_ms=0)
    await producer.start()
    try:
        for node in others:
            node.freeze()
        sending = []
        for value in (b"first", b"second", b"last"):
            sending.append(await producer.send("told", value))
            if not kept:  # apart: a request of the others that waits is answered with the first
                await asyncio.wait_for(sending[-1], 30)
        leader.kill9()
        for node in others:
            node.thaw()
        await cluster.until_without(leader)
        await asyncio.wait_for(asyncio.gather(*sending), 60)
    finally:
        await producer.stop()
    leader.start()
    await cluster.until_in_step(["told"])
    found = {record.value for record in await read_all(cluster, "told")}
    assert (b"last" in found) is kept  # it was told to be stored


async def _work_begun(deployment: Deployment) -> None:
    """Wait until something of what was published is done, or all of it."""
    before = await deployment.left_to_do()

    async def begun() -> bool:
        left = await deployment.left_to_do()
        return not left or left < before

    await wait_until(begun, 120, "the work to go on", every=0.05)
