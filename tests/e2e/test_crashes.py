"""Nothing that happens to a worker changes what people are told in the end."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from matcher_stream.runtime.faults import POINTS
from tables.rows import RANKER, REVISION_FLOOR
from tests.e2e.conftest import Deploy
from tests.support.deployment import SESSION_TIMEOUT, Deployment, check_outcome
from tests.support.kafka_io import Send, publish, publish_all, read_all, wait_until
from tests.support.scenario import Happening, Scenario, make_scenario, partition_of
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
    for worker in deployment.workers:
        log = worker.log.read_text(errors="replace")
        assert f"p{SEED}-" not in log, "a log line names a person"
        assert "años de experiencia" not in log, "a log line quotes a person"


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("kills", "people", "jobs"),
    [
        pytest.param(2, 120, 80, id="short", marks=pytest.mark.embedded_only),
        pytest.param(4, 150, 100, id="longer", marks=pytest.mark.kafka_only),
        pytest.param(30, 300, 200, id="soak", marks=pytest.mark.soak),
    ],
)
async def test_kill_at_random_moments(
    deploy: Deploy, workers: int, kills: int, people: int, jobs: int
) -> None:
    """In the long form a worker is also stopped, or frozen, and decisions and feedback go on."""
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
        await _disturb(deployment, victim, rng.choice(HOW) if kills > 20 else "killed")
    landed += await deployment.publish(parts[-1])
    await _finish(deployment, scenario, landed)


HOW = ("killed", "killed", "stopped", "frozen", "evicted")


async def _disturb(deployment: Deployment, victim: WorkerProcess, how: str) -> None:
    """Something happens to a worker: it begins anew, or goes on after others did its work."""
    others = [worker for worker in deployment.running if worker is not victim]
    print(how)
    if how in ("frozen", "evicted") and others:
        before = others[0].metric("matcher_processed_total")
        victim.freeze()
        if how == "evicted":
            await _until_alone(deployment, others[0])
        else:

            async def went_on() -> bool:
                moved = others[0].metric("matcher_processed_total") > before
                return moved or not await deployment.left_to_do()

            await wait_until(went_on, 6 * SESSION_TIMEOUT, "the other worker to go on")
        victim.thaw()
        return
    if how == "stopped":
        victim.stop()
    else:
        victim.kill9()
    victim.start()
    victim.wait_ready()


@pytest.mark.kafka_only
@pytest.mark.parametrize(
    ("times", "people", "jobs"),
    [(2, 120, 80), pytest.param(10, 300, 200, marks=pytest.mark.soak)],
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


@pytest.mark.kafka_only
async def test_a_frozen_worker_finds_out_before_it_writes(deploy: Deploy) -> None:
    deployment = await deploy()
    scenario = _scenario(120, 80)
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
        return f'"partitions":{_all(deployment)}' in _squeezed(worker)

    await wait_until(alone, 6 * SESSION_TIMEOUT, "the other worker to own every partition")


def _all(deployment: Deployment) -> str:
    return str(list(range(deployment.settings.partitions))).replace(" ", "")


def _nudge(number: int) -> list[Happening]:
    """Something for every step: a person and a job come; `_nudge_said` and `_nudge_gone` follow."""
    person, job = f"paso-{number}", f"paso-obra-{number}"
    text = {"profile_id": person, "text": "albañil, asiento ladrillo"}
    ad = {"job_id": job, "title": "Albañil para asentar ladrillo"}
    decided = {"job_id": job, "decision": "release", "content_hash": "0" * 32}
    return [
        Happening("jobs", job.encode(), orjson.dumps(ad)),
        Happening("profiles", person.encode(), orjson.dumps(text)),
        Happening("decisions", job.encode(), orjson.dumps(decided)),
    ]


def _nudge_said(number: int) -> list[Happening]:
    person, job = f"paso-{number}", f"paso-obra-{number}"
    said = {"profile_id": person, "job_id": job, "kind": "applied"}
    return [Happening("feedback", person.encode(), orjson.dumps(said))]


async def _next_day(deployment: Deployment, number: int) -> None:
    """A tick, which ends an epoch of exposure."""
    date = datetime(2099, 1, 1, tzinfo=UTC) + timedelta(days=number)
    tick = orjson.dumps({"kind": "tick", "as_of": date.date().isoformat()})
    work, partitions = deployment.names.work, range(deployment.settings.partitions)
    await publish_all(deployment.broker, [Send(work, b"", tick, (), p) for p in partitions])


def _nudge_gone(number: int) -> list[Happening]:
    return [
        Happening("profiles", f"paso-{number}".encode(), None),
        Happening("jobs", f"paso-obra-{number}".encode(), None),
    ]


@pytest.mark.kafka_only
@pytest.mark.parametrize("count", [3, pytest.param(len(POINTS), marks=pytest.mark.soak)])
async def test_death_at_each_step(deploy: Deploy, count: int) -> None:
    """The short form takes some of the points, others each time."""
    rng = random.Random(SEED)
    points = rng.sample(POINTS, count)
    deployment = await deploy(exposure=0.3, exposure_free=0.0)
    scenario = _scenario(20 * count, 14 * count)
    worker = deployment.worker()
    landed: Landed = []
    for number, (point, part) in enumerate(zip(points, scenario.parts(count), strict=True)):
        print(f"death at {point}")
        worker.set(MATCHER_FAULT=f"{point}:{rng.randint(1, 2)}")
        worker.start()
        worker.wait_ready_or_dead()
        landed += await deployment.publish(part)
        for step in (2 * number, 2 * number + 1):
            if worker.alive:
                await deployment.publish(_nudge(step))
                await _next_day(deployment, step)
                await _dead_or_idle(deployment, worker)
            if worker.alive:
                await deployment.publish(_nudge_said(step))
                await _dead_or_idle(deployment, worker)
            await deployment.publish(_nudge_gone(step))
            await _dead_or_idle(deployment, worker)
        assert worker.exit_code == -9, f"{point} was not passed\n{worker.tail()}"
    worker.set(MATCHER_FAULT="")
    worker.start()
    worker.wait_ready()
    report = await deployment.verified()
    print("\n".join(report.lines()))
    assert report.held is not None
    assert set(report.held.people) == set(scenario.people)
    assert set(report.held.jobs) == set(scenario.jobs)


@pytest.mark.kafka_only
async def test_a_first_ranking_told_again_is_the_same_event(deploy: Deploy) -> None:
    """An erasure meanwhile raises the floor of revisions, which the first one starts from."""
    deployment = await deploy()
    names, person = deployment.names, "primera"
    worker = deployment.worker(MATCHER_FAULT="profiles.after_output:1")
    worker.start()
    worker.wait_ready()
    meta = f"{deployment.app_id}-meta-changelog"

    async def ranked_once() -> bool:  # a new worker ranks everybody once, which is another event
        noted = {
            r.partition for r in await read_all(deployment.broker, meta) if RANKER in (r.key or b"")
        }
        return len(noted) == deployment.settings.partitions

    await wait_until(ranked_once, 60, "the first ranking of everybody")
    text = {"profile_id": person, "text": "albañil, asiento ladrillo"}
    await publish(deployment.broker, names.profiles, person, text)
    await _dead_or_idle(deployment, worker)
    assert worker.exit_code == -9, worker.tail()
    partition = partition_of(person.encode(), deployment.settings.partitions)
    floor = partition.to_bytes(2) + REVISION_FLOOR
    await publish(deployment.broker, meta, floor, b"9", partition=partition)
    worker.set(MATCHER_FAULT="")
    worker.start()
    worker.wait_ready()
    await deployment.verified(sample=0)
    told = await read_all(deployment.broker, names.matches)
    assert len(told) == 2
    assert len({record.headers["ce_id"] for record in told}) == 1


async def _dead_or_idle(deployment: Deployment, worker: WorkerProcess) -> None:
    async def reached() -> bool:
        return not worker.alive or (
            not await deployment.left_to_do() and '"lists_waiting":0' in _squeezed(worker)
        )

    await wait_until(reached, 120, "the death or the end of the work")


def _squeezed(worker: WorkerProcess) -> str:
    return worker.get("/ready")[1].replace(" ", "")


@pytest.mark.kafka_only
async def test_workers_come_and_go_while_events_flow(deploy: Deploy) -> None:
    deployment = await deploy()
    scenario = _scenario(120, 80)
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


@pytest.mark.kafka_only
async def test_a_restart_with_and_without_its_disk_gives_the_same_rankings(
    deploy: Deploy,
) -> None:
    deployment = await deploy()
    scenario = _scenario(120, 80)
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
