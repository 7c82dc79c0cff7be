"""What is wrong with the world is retried or ends the process; it never refuses a good event."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.conftest import start_broker
from tests.e2e.conftest import Deploy
from tests.support.brokers import Broker, KafkaBroker
from tests.support.deployment import SESSION_TIMEOUT, Deployment, check_outcome
from tests.support.kafka_io import wait_until
from tests.support.scenario import Scenario, make_scenario
from tests.support.worker import WorkerProcess

Landed = list[tuple[str, int, int]]


@pytest.fixture
def own_broker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broker]:
    """A broker that a test may stop or freeze."""
    running = start_broker(request.config.getoption("--broker"), tmp_path_factory.mktemp("own"))
    try:
        yield running
    finally:
        running.reap()


def supervise(worker: WorkerProcess) -> bool:
    """Start it again if it ended, as a supervisor does; whether it had to."""
    if worker.alive:
        return False
    assert worker.exit_code == 70, f"ended with {worker.exit_code}\n{worker.tail()}"
    worker.start()
    worker.wait_ready()
    return True


async def _finish(deployment: Deployment, scenario: Scenario, landed: Landed) -> None:
    report = await deployment.verified()
    check_outcome(scenario, landed, report)


async def _until_dead(worker: WorkerProcess, timeout: float) -> None:
    async def dead() -> bool:
        return not worker.alive

    await wait_until(dead, timeout, "the worker to end")


@pytest.mark.kafka_only
async def test_a_broker_that_does_not_answer(own_broker: Broker, deploy: Deploy) -> None:
    deployment = await deploy(own_broker)
    scenario = make_scenario(7, 90, 60)
    worker = deployment.start()[0]
    parts = scenario.parts(2)
    landed = await deployment.publish(parts[0])
    own_broker.freeze()
    until = time.monotonic() + 2 * SESSION_TIMEOUT

    async def over() -> bool:
        return time.monotonic() > until

    await wait_until(over, 60, "twice the session timeout to pass")
    own_broker.thaw()
    landed += await deployment.publish(parts[1])
    supervise(worker)
    await _finish(deployment, scenario, landed)


@pytest.mark.kafka_only
async def test_a_disk_that_takes_no_more(deploy: Deploy) -> None:
    deployment = await deploy()
    scenario = make_scenario(8, 90, 60)
    worker = deployment.start()[0]
    parts = scenario.parts(2)
    landed = await deployment.publish(parts[0])
    await deployment.drained()
    worker.fill_disk()
    landed += await deployment.publish(parts[1])
    await _until_dead(worker, 60)
    assert supervise(worker)
    await _finish(deployment, scenario, landed)


@pytest.mark.kafka_only
async def test_a_changelog_that_refuses_writes(deploy: Deploy, broker: Broker) -> None:
    assert isinstance(broker, KafkaBroker)
    deployment = await deploy(request_timeout=5.0)
    scenario = make_scenario(9, 90, 60)
    worker = deployment.start()[0]
    parts = scenario.parts(2)
    landed = await deployment.publish(parts[0])
    await deployment.drained()
    changelog = f"{deployment.app_id}-people-changelog"
    # On one node min.insync.replicas cannot do it: Kafka caps it at the number of replicas.
    broker.configure_topic(changelog, "max.message.bytes", "100")
    landed += await deployment.publish(parts[1])
    await _until_dead(worker, 90)
    broker.configure_topic(changelog, "max.message.bytes", None)
    assert supervise(worker)
    await _finish(deployment, scenario, landed)


@pytest.mark.kafka_only
async def test_kafka_restarted_under_a_worker(own_broker: Broker, deploy: Deploy) -> None:
    deployment = await deploy(own_broker)
    scenario = make_scenario(10, 90, 60)
    worker = deployment.start()[0]
    pid = worker.pid
    parts = scenario.parts(2)
    landed = await deployment.publish(parts[0])
    own_broker.stop()
    own_broker.start()
    landed += await deployment.publish(parts[1])
    await _finish(deployment, scenario, landed)
    assert worker.alive
    assert worker.pid == pid, "it carried on, nobody started it again"
