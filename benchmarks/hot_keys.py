"""A few people who change all the time, while others arrive as usual, on Apache Kafka.

One worker, 4 partitions. `--rate` profiles a second are published for `--keys` people, every one
with another text, for `--seconds`; beside them new people and new jobs arrive evenly, whose time to
their first event is measured. Then the backlog gets `--drain` seconds. The same others alone come
first, for `--seconds` / 10, so that both latencies are from one run.

    python -m benchmarks.hot_keys [--rate N] [--seconds N] [--keys N] [--drain N] [--json FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks import texts
from benchmarks.arrivals import Load, Waits
from benchmarks.report import Report
from benchmarks.throughput import load_jobs
from tests.support.brokers import KafkaBroker, kafka_jars
from tests.support.deployment import Deployment
from tests.support.kafka_io import consuming, partitions_of
from tests.support.processes import NeverHappened
from tests.support.worker import WorkerProcess

PARTITIONS = 4
TABLES = ("people", "rankings", "pending", "meta", "lists", "jobs", "postings")


def bytes_of(broker: KafkaBroker, topics: Iterable[str]) -> int:
    """Bytes in the log files of topics; nothing is compacted in minutes."""
    data = broker.folder / "data"
    return sum(
        log.stat().st_size
        for topic in topics
        for log in data.glob(f"{topic}-[0-9]*/*.log")
    )  # fmt: skip


async def longest(deployment: Deployment, topic: str) -> int:
    """Bytes of the largest value in a topic."""
    most = 0
    async with consuming(deployment.broker) as consumer:
        parts = await partitions_of(consumer, [topic])
        consumer.assign(parts)
        ends = await consumer.end_offsets(parts)
        await consumer.seek_to_beginning(*parts)
        while any([await consumer.position(tp) < ends[tp] for tp in parts]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                most = max([most, *(len(r.value) for r in records if r.value)])
    return most


async def measure(report: Report, on: Deployment, options: argparse.Namespace) -> None:
    """Both phases and the drain, each figure as it is found."""
    broker: KafkaBroker = on.broker  # type: ignore[assignment]
    people, ads = texts.generate(5_000)
    (worker,) = on.start()
    await load_jobs(on, ads[: options.jobs])
    load = Load(on, people, ads)
    await load.others("warm", 5, options.others)
    await on.drained()
    tell("alone", report, await load.others("alone", options.seconds / 10, options.others))
    await on.drained()
    topics = {name: [f"{on.app_id}-{name}-changelog"] for name in TABLES}
    topics |= {"matches": [on.names.matches], "partials": [on.names.candidates_partial]}
    before = {name: bytes_of(broker, found) for name, found in topics.items()}
    done = worker.metric("matcher_processed_total", agent="profiles")
    embedded = worker.metric("matcher_embeddings_total", kind="query")
    report.figure("memory_before", resident(worker), "MB")
    beside, _, half = await asyncio.gather(
        load.others("beside", options.seconds, options.others),
        load.hot(options.keys, options.rate, options.seconds),
        _later(options.seconds / 2, worker),
    )
    report.figure("memory_at_half", half, "MB")
    applied = worker.metric("matcher_processed_total", agent="profiles") - done
    report.figure("published", load.published / options.seconds, "hot versions/s")
    report.figure("processed", applied / (options.seconds + 10), "profiles/s")
    report.figure("left_after_10_s", await on.left_to_do(), "records")
    tell("beside", report, beside)
    try:
        took = await on.drained(timeout=options.drain)
        report.figure("drained_after", took, "s")
    except NeverHappened:
        report.note("drained_after", f"not within {options.drain:g} s")
    encoded = worker.metric("matcher_embeddings_total", kind="query") - embedded
    report.figure("encoded", encoded, "texts")
    report.figure("memory_after", resident(worker), "MB")
    report.figure("memory_peak_of_worker", worker.peak_memory() / 2**20, "MB")
    for name, found in topics.items():
        grown = (bytes_of(broker, found) - before[name]) / 2**20
        report.figure(f"written_{name}", grown, "MB")
    for name in ("people", "rankings", "pending"):
        report.figure(f"longest_row_{name}", await longest(on, topics[name][0]) / 1000, "kB")


async def _later(seconds: float, worker: WorkerProcess) -> float:
    """Memory of a worker after so long, MB."""
    await asyncio.sleep(seconds)
    return await asyncio.to_thread(resident, worker)


def tell(phase: str, report: Report, waits: tuple[Waits, Waits]) -> None:
    """How the others fared."""
    for kind, found in zip(("people", "jobs"), waits, strict=True):
        report.figure(f"{phase}_{kind}_sent", len(found.sent), "")
        report.figure(f"{phase}_{kind}_not_answered", len(found.sent) - len(found.took), "")
        for percent in (50, 99):
            name = f"{phase}_{kind}_latency_p{percent}"
            report.figure(name, found.quantile(percent), "ms")


def resident(worker: WorkerProcess) -> float:
    """Memory of a worker now, MB."""
    return worker.metric("process_resident_memory_bytes") / 2**20


async def run(options: argparse.Namespace) -> Report:
    """On a broker and a worker of its own."""
    jars = kafka_jars()
    if jars is None:
        raise SystemExit("Apache Kafka is not here: run `make kafka` first.")
    report = Report("hot_keys")
    with tempfile.TemporaryDirectory() as folder:
        broker = KafkaBroker(Path(folder) / "kafka", jars)
        deployment: Deployment | None = None
        try:
            broker.start()
            deployment = Deployment(broker, Path(folder), PARTITIONS)
            await deployment.create_topics()
            await measure(report, deployment, options)
        finally:
            if deployment is not None:
                deployment.reap()
            broker.reap()
    return report


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=1000.0, help="hot versions a second")
    parser.add_argument("--seconds", type=float, default=300.0, help="for how long")
    parser.add_argument("--keys", type=int, default=12, help="people who change")
    parser.add_argument("--others", type=float, default=5.0, help="other people a second")
    parser.add_argument("--jobs", type=int, default=1000, help="jobs that stand")
    parser.add_argument("--drain", type=float, default=300.0, help="seconds for the backlog")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    asyncio.run(run(options)).finish(options.json)


if __name__ == "__main__":
    main()
