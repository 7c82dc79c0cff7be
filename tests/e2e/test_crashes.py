"""Nothing that happens to a worker changes what people are told in the end."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Sequence

import pytest

from matcher_stream.faults import POINTS
from tests.e2e.conftest import Deploy
from tests.support.deployment import SESSION_TIMEOUT, Deployment, check_outcome
from tests.support.kafka_io import wait_until
from tests.support.scenario import Happening, Scenario, make_scenario
from tests.support.worker import WorkerProcess

SEED = int(os.environ.get("SCENARIO_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
Landed = list[tuple[str, int, int]]


def _scenario(people: int, jobs: int) -> Scenario:
    """A new run each time; the seed is printed so that a failure can be repeated."""
    print(f"SCENARIO_SEED={SEED}")
    return make_scenario(SEED, people, jobs)


async def _work_begun(deployment: Deployment, least: int) -> None:
    """Wait until the workers have acknowledged at least so many records, or nothing is left."""

    async def begun() -> bool:
        done = sum(w.metric("matcher_processed_total") for w in deployment.running if w.ready)
        return done >= least or not await deployment.left_to_do()

    await wait_until(begun, 120, f"{least} records acknowledged", every=0.05)


async def _processed(deployment: Deployment) -> float:
    return sum(w.metric("matcher_processed_total") for w in deployment.running if w.ready)


async def _finish(deployment: Deployment, scenario: Scenario, landed: Landed) -> None:
    report = await deployment.verified()
    print("\n".join(report.lines()))
    check_outcome(scenario, landed, report)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("kills", "people", "jobs"),
    [(3, 150, 100), pytest.param(20, 300, 200, marks=pytest.mark.soak)],
)
async def test_kill_at_random_moments(
    deploy: Deploy, workers: int, kills: int, people: int, jobs: int
) -> None:
    rng = random.Random(SEED + workers)
    deployment = await deploy()
    scenario = _scenario(people, jobs)
    deployment.start(workers)
    landed: Landed = []
    parts = scenario.parts(kills + 1)
    for part in parts[:-1]:
        before = await _processed(deployment)
        landed += await deployment.publish(part)
        await _work_begun(deployment, int(before + rng.randint(1, len(part))))
        victim = rng.choice(deployment.running)
        victim.kill9()
        victim.start()
        victim.wait_ready()
    landed += await deployment.publish(parts[-1])
    await _finish(deployment, scenario, landed)


@pytest.mark.parametrize(
    ("times", "people", "jobs"),
    [(2, 150, 100), pytest.param(10, 300, 200, marks=pytest.mark.soak)],
)
async def test_sigterm_in_the_middle_of_a_batch(
    deploy: Deploy, times: int, people: int, jobs: int
) -> None:
    deployment = await deploy()
    scenario = _scenario(people, jobs)
    worker = deployment.start()[0]
    landed: Landed = []
    for part in scenario.parts(times):
        landed += await deployment.publish(part)
        await _work_begun(deployment, 1)
        left = await deployment.left_to_do()
        worker.stop()
        print(f"stopped with {left} records not acknowledged")
        worker.start()
        worker.wait_ready()
    await _finish(deployment, scenario, landed)


async def test_a_frozen_worker_finds_out_before_it_writes(deploy: Deploy) -> None:
    deployment = await deploy()
    scenario = _scenario(150, 100)
    frozen, other = deployment.start(2)
    parts = scenario.parts(3)
    landed = await deployment.publish(parts[0])
    frozen.freeze()
    landed += await deployment.publish(parts[1])
    await _until_alone(deployment, other)
    landed += await deployment.publish(parts[2])
    frozen.thaw()
    await _finish(deployment, scenario, landed)


async def _until_alone(deployment: Deployment, worker: WorkerProcess) -> None:
    """Wait for the frozen one's eviction (its session, and a rebalance), then for the work."""

    async def alone() -> bool:
        status, body = worker.get("/ready")
        return status == 200 and f'"partitions":{_all(deployment)}' in body.replace(" ", "")

    await wait_until(alone, 6 * SESSION_TIMEOUT, "the other worker to own every partition")


def _all(deployment: Deployment) -> str:
    return str(list(range(deployment.settings.partitions))).replace(" ", "")


def _some_points(every: int) -> Sequence[object]:
    """Every `every`-th point in the short form, another third of them on other days."""
    return [
        pytest.param(point, marks=() if i % every == SEED % every else pytest.mark.soak)
        for i, point in enumerate(POINTS)
    ]


@pytest.mark.parametrize("point", _some_points(5))
async def test_death_at_each_step(deploy: Deploy, point: str) -> None:
    deployment = await deploy()
    scenario = _scenario(60, 40)
    worker = deployment.worker(MATCHER_FAULT=f"{point}:2")
    worker.start()
    worker.wait_ready()
    landed: Landed = []
    for part in scenario.parts(4):
        landed += await deployment.publish(part)

        async def dead_or_idle() -> bool:
            return not worker.alive or not await deployment.left_to_do()

        await wait_until(dead_or_idle, 120, "the death or the end of the work")
        if not worker.alive:
            break
    if worker.alive:  # refreshes come a moment after the rest
        await wait_until(_dead(worker), 30, f"{point} to be passed twice")
    assert worker.exit_code == -9
    worker.set(MATCHER_FAULT="")
    worker.start()
    worker.wait_ready()
    landed += await deployment.publish(scenario.happenings[len(landed) :])
    await _finish(deployment, scenario, landed)


def _dead(worker: WorkerProcess):  # type: ignore[no-untyped-def]
    async def dead() -> bool:
        return not worker.alive

    return dead


async def test_workers_come_and_go_while_events_flow(deploy: Deploy) -> None:
    deployment = await deploy()
    scenario = _scenario(150, 100)
    deployment.start()
    landed: Landed = []

    async def flow(part: Sequence[Happening]) -> None:
        landed.extend(await deployment.publish(part, rate=30))

    parts = scenario.parts(2)
    flowing = asyncio.create_task(flow(parts[0]))
    second = deployment.worker()
    second.start()
    await asyncio.to_thread(second.wait_ready)
    await flowing
    flowing = asyncio.create_task(flow(parts[1]))
    await asyncio.to_thread(second.stop)
    await flowing
    await _finish(deployment, scenario, landed)


async def test_a_restart_with_and_without_its_disk_gives_the_same_rankings(
    deploy: Deploy,
) -> None:
    deployment = await deploy()
    scenario = _scenario(150, 100)
    worker = deployment.start()[0]
    landed = await deployment.publish(scenario.happenings)
    await _finish(deployment, scenario, landed)
    await _restart(deployment, worker, "with its disk")
    await _finish(deployment, scenario, landed)
    worker.stop()
    worker.data.rename(worker.data.with_suffix(".old"))
    await _restart(deployment, worker, "with an empty disk")
    await _finish(deployment, scenario, landed)


async def _restart(deployment: Deployment, worker: WorkerProcess, how: str) -> None:
    if worker.alive:
        worker.stop()
    worker.start()
    took = worker.wait_ready()
    print(f"ready {took:.1f} s after a start {how}")
