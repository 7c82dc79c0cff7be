"""Two workers beside one, each bound to a core of its own.

`--jobs` ads are loaded and candidates are on; then all profiles are published and only then the
clock runs, until some worker has none left: so nobody publishes or reads answers meanwhile, and
every worker has work all the time. One worker on one core comes first, then two on two, each case
a matcher of its own on the same broker.

What is measured: profiles told a second of wall clock, and CPU seconds of every process. On a
machine with two cores the broker has none to itself: with one worker it runs on the other core,
with two it takes its time from them. So the wall clock of two cores is too low for what two
machines would do, and the figure for those is calculated: profiles a worker's CPU second, with two
over with one, times two, times how busy each was with cores of its own (as the one worker was).

    python -m benchmarks.workers [--broker kafka|tansu] [--jobs N] [--profiles N] [--json FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks import texts
from benchmarks.report import Goal, Report
from benchmarks.throughput import load_jobs, profile
from models.hardware.cpu import usable_cores
from tests.support.brokers import Broker, KafkaBroker, TansuBroker, kafka_jars
from tests.support.deployment import Deployment
from tests.support.kafka_io import Send, publish_all
from tests.support.worker import WorkerProcess

PARTITIONS: Final = 8  # four each, so that their shares of people differ little
GOAL: Final = Goal(amx=1.8, avx2=1.8)
_EVERY: Final = 0.5  # s between looks: each costs a worker about 5 ms
_FIRST: Final = 64  # profiles of each before the clock runs: what comes first is slower


@dataclass(frozen=True, slots=True)
class Look:
    """What had been done at a moment.

    Attributes:
        at: When, s.
        told: Profiles, by worker.
        cpu: CPU seconds, by worker.
        broker: CPU seconds of the broker.
    """

    at: float
    told: tuple[float, ...]
    cpu: tuple[float, ...]
    broker: float


@dataclass(frozen=True, slots=True)
class Pace:
    """What workers did between two looks.

    Attributes:
        rate: Profiles a second of wall clock.
        per_cpu: Profiles a CPU second of workers.
        busy: CPU seconds of a worker for each second of its core.
        broker: CPU seconds of the broker for each second.
        profiles: How many it was.
    """

    rate: float
    per_cpu: float
    busy: float
    broker: float
    profiles: float


def pace(first: Look, last: Look) -> Pace:
    """What was done between two looks."""
    seconds, told = last.at - first.at, sum(last.told) - sum(first.told)
    cpu = sum(last.cpu) - sum(first.cpu)
    return Pace(
        told / seconds,
        told / cpu,
        cpu / seconds / len(first.cpu),
        (last.broker - first.broker) / seconds,
        told,
    )


def apart(one: Pace, two: Pace) -> float:
    """Two workers over one if the broker took nothing from them: calculated, see above."""
    return 2 * two.per_cpu / one.per_cpu


def cpu_of(pid: int) -> float:
    """CPU seconds of a process and all its threads."""
    spent = psutil.Process(pid).cpu_times()
    return float(spent.user + spent.system)


def look(workers: Sequence[WorkerProcess], broker: Broker) -> Look:
    """What has been done by now."""
    told = [w.metric("matcher_processed_total", agent="profiles") for w in workers]
    cpu = [cpu_of(worker.pid) for worker in workers]
    return Look(time.monotonic(), tuple(told), tuple(cpu), cpu_of(broker.pid))


async def window(
    workers: Sequence[WorkerProcess], broker: Broker, expected: Sequence[int]
) -> tuple[Look, Look]:
    """The first look at which everybody is at work, and the last.

    Args:
        workers: Some.
        broker: Theirs.
        expected: Profiles that each has to do.
    """
    first: Look | None = None
    before: Look | None = None
    while True:
        now = await asyncio.to_thread(look, workers, broker)
        if first is None and min(now.told) >= _FIRST:
            first = now
        if any(done >= all_ for done, all_ in zip(now.told, expected, strict=True)):
            break
        before = now
        await asyncio.sleep(_EVERY)
    if first is None or before is None or before.at <= first.at:
        raise SystemExit("Too few profiles to time: give more.")
    return first, before


def bound(on: Deployment, count: int) -> list[WorkerProcess]:
    """Workers on a core each, ready."""
    made = [on.worker() for _ in range(count)]
    for core, worker in enumerate(made):
        worker.command[:0] = ["taskset", "--cpu-list", str(core)]
        worker.start()
    for worker in made:
        worker.wait_ready()
    return made


def partitions_of(worker: WorkerProcess, topic: str) -> set[int]:
    """Partitions of a topic that a worker owns."""
    labels = [dict(found) for name, found in worker.metrics() if name == "matcher_lag_events"]
    return {int(found["partition"]) for found in labels if found["topic"] == topic}


async def measure(
    broker: Broker, folder: Path, count: int, people: list[str], ads: list[str]
) -> Pace:
    """So many workers, from no jobs to the first that has nothing left."""
    on = Deployment(broker, folder, PARTITIONS)
    try:
        await on.create_topics()
        workers = bound(on, count)
        await load_jobs(on, ads, within=1800)
        topic = on.names.profiles
        sends = [
            Send(topic, f"bench-p{i}".encode(), profile(i, text)) for i, text in enumerate(people)
        ]
        at = await publish_all(broker, sends)
        owned = [partitions_of(worker, topic) for worker in workers]
        expected = [sum(partition in mine for _, partition, _ in at) for mine in owned]
        return pace(*await window(workers, broker, expected))
    finally:
        on.reap()


async def run(options: argparse.Namespace) -> Report:
    """One worker, then two."""
    if usable_cores() < 2:
        raise SystemExit("Two workers on a core each need two cores.")
    jars = kafka_jars()
    if options.broker == "kafka" and jars is None:
        raise SystemExit("Apache Kafka is not here: run `make kafka` first.")
    people, ads = texts.generate(max(options.jobs, options.profiles))
    people, ads = people[: options.profiles], ads[: options.jobs]
    report = Report("workers")
    report.note("broker", options.broker)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        broker: Broker
        broker = TansuBroker(path) if jars is None or options.broker == "tansu" else KafkaBroker(
            path / "kafka", jars
        )  # fmt: skip
        try:
            broker.start()
            one = await measure(broker, path, 1, people, ads)
            tell(report, "one_worker", one)
            two = await measure(broker, path, 2, people, ads)
            tell(report, "two_workers", two)
        finally:
            broker.reap()
    report.figure("two_over_one_measured", two.rate / one.rate, "x, the broker on the same cores")
    report.figure("a_cpu_second_two_over_one", two.per_cpu / one.per_cpu, "x")
    report.figure("two_over_one_calculated", apart(one, two), "x, were the broker elsewhere", GOAL)
    return report


def tell(report: Report, name: str, found: Pace) -> None:
    """The figures of one case."""
    report.figure(f"{name}_timed", found.profiles, "profiles")
    report.figure(f"{name}_rate", found.rate, "profiles/s")
    report.figure(f"{name}_per_cpu", found.per_cpu, "profiles a CPU second of workers")
    report.figure(f"{name}_busy", found.busy, "of its core, each")
    report.figure(f"{name}_broker", found.broker, "of a core")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--broker", choices=("kafka", "tansu"), default="kafka")
    parser.add_argument("--jobs", type=int, default=2_000)
    parser.add_argument("--profiles", type=int, default=3_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    asyncio.run(run(options)).finish(options.json)


if __name__ == "__main__":
    main()
