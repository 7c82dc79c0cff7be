"""Restart of a worker with 100,000 profiles and 100,000 jobs on Apache Kafka, 4 partitions.

The state is written straight into the table changelogs (synthetic vectors, real-looking rows), so
that no time goes into encoding. A first start with an empty disk rebuilds from the changelogs; the
second starts from its disk. Printed apart: import, model, join and recovery, index; and the
processor seconds that the worker had taken when it was ready, which a busy machine changes less.

With `--against FOLDER`, another checkout of this program, its workers start in turns with ours,
on the same changelogs; the ratios are printed.

    python -m benchmarks.restart [--profiles N] [--jobs N] [--json FILE]
                                 [--against FOLDER] [--rounds N]
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import struct
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from benchmarks import texts
from benchmarks.report import Report
from matcher_stream.config.topics import partition_for
from models.encoding.lexical import DIM as LEXICAL
from models.ranking.attrs import job_attrs, person_attrs
from models.reading.facts.known import known_person
from tables.rows import JobRow, PersonRow, PostingRow, RankingRow
from tests.support.brokers import ROOT, KafkaBroker, kafka_jars
from tests.support.deployment import Deployment
from tests.support.worker import WorkerProcess

PARTITIONS = 4
DIM = 384 + LEXICAL  # as the shipped encoder and lexical table give
DISTRICTS = ("150132", "150101", "080101", "040101", "130101", "200101", "210101", "250101")
Row = tuple[str, int, bytes, bytes]


def unit_vectors(count: int, seed: int) -> np.ndarray[Any, np.dtype[np.float16]]:
    """Vectors that share a large common part, as e5's do; float16 [count, DIM]."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, DIM)).astype(np.float32) * 0.5
    rows += rng.normal(size=DIM).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float16)


def rows(profiles: int, jobs: int) -> Iterator[Row]:
    """(table, partition, key, row) of the whole state."""
    people_texts, ads = texts.generate(5000)
    now = round(time.time() * 1000)
    ends = now + 30 * 86_400_000
    for i, vector in enumerate(unit_vectors(profiles, 1)):
        key = f"bench-p{i}".encode()
        partition = partition_for(key, PARTITIONS)
        fields: dict[str, Any] = {
            "profile_id": key.decode(),
            "text": people_texts[i % 5000],
            "ubigeo": DISTRICTS[i % 8],
            "min_pay": 1200.0,
            "pay_period": "month",
            "age": 30,
        }
        row = PersonRow(
            b"c" * 16,
            struct.pack(">QQ", i, 1),
            now,
            i,
            0,
            False,
            vector,
            known_person(fields),
            person_attrs(fields),
        )
        yield "people", partition, key, row.pack()
        top = [f"bench-j{(i * 7 + n * 13) % jobs}" for n in range(10)]
        told = RankingRow(1, "b" * 16, top, [0.9] * 10, "d", "ok", [[n, 0] for n in range(10)])
        yield "rankings", partition, key, told.pack()
    for i, vector in enumerate(unit_vectors(jobs, 2)):
        key = f"bench-j{i}".encode()
        card = {
            "title": ads[i % 5000][:90],
            "employer": "Empresa de prueba",
            "ubigeo": DISTRICTS[i % 8],
            "pay_max": 1500.0,
            "pay_period": "month",
        }
        full = {"job_id": key.decode(), "description": ads[i % 5000], **card}
        job = JobRow(b"c" * 16, struct.pack(">QQ", i, 2), now, i, 0, ends, "active", vector, full)
        yield "jobs", partition_for(key, PARTITIONS), key, job.pack()
        posting = PostingRow((i, 0), 0, vector, orjson.dumps(card), attrs=job_attrs(card)).pack()
        for partition in range(PARTITIONS):
            yield "postings", partition, key, posting


async def seed(deployment: Deployment, profiles: int, jobs: int) -> int:
    """Write the changelogs; returns the number of records."""
    servers = deployment.settings.bootstrap_servers
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    names = ["people", "rankings", "jobs", "postings"]
    config = {"cleanup.policy": "compact"}
    await admin.create_topics(
        [
            NewTopic(f"{deployment.app_id}-{n}-changelog", PARTITIONS, 1, topic_configs=config)
            for n in names
        ]
    )
    await admin.close()
    producer = AIOKafkaProducer(
        bootstrap_servers=servers, linger_ms=50, max_batch_size=1 << 20, acks=1
    )
    await producer.start()
    count = 0
    for table, partition, key, value in rows(profiles, jobs):
        await producer.send(
            f"{deployment.app_id}-{table}-changelog",
            value,
            key=struct.pack(">H", partition) + key,
            partition=partition,
        )
        count += 1
    await producer.stop()
    return count


def start_once(worker: WorkerProcess) -> dict[str, float]:
    """Start a worker (again) and read its phases, in seconds."""
    worker.start()
    total = worker.wait_ready(600)
    phases = {
        name: worker.metric("matcher_start_seconds", phase=name)
        for name in ("import", "model", "join", "recovery", "index")
    }
    phases["total"] = total
    phases["cpu"] = worker.processor_seconds()
    phases["people"] = worker.metric("matcher_people")
    phases["jobs"] = worker.metric("matcher_jobs")
    phases["peak_memory_mib"] = worker.peak_memory() / 2**20
    return phases


async def run(profiles: int, jobs: int, against: Path | None, rounds: int) -> Report:
    """Both starts, so many times, of both checkouts."""
    jars = kafka_jars()
    if jars is None:
        raise SystemExit("Apache Kafka is not here: run `make kafka` first.")
    with tempfile.TemporaryDirectory() as folder:
        broker = KafkaBroker(Path(folder) / "kafka", jars)
        deployment: Deployment | None = None
        try:
            broker.start()
            deployment = Deployment(broker, Path(folder), PARTITIONS)
            await deployment.create_topics()
            records = await seed(deployment, profiles, jobs)
            report = Report("restart")
            report.figure("changelog_records", records, "")
            checkouts = {"": ROOT} if against is None else {"": ROOT, "against_": against}
            found: dict[str, list[dict[str, float]]] = defaultdict(list)
            for _ in range(rounds):
                for name, checkout in checkouts.items():
                    worker = deployment.worker()
                    worker.run_in(checkout)
                    for disk in ("empty_disk", "full_disk"):
                        found[name + disk].append(await asyncio.to_thread(start_once, worker))
                        worker.stop()
                    shutil.rmtree(worker.data)
            for name, starts in found.items():
                tell(report, name, starts)
            for disk in ("empty_disk", "full_disk") if against else ():
                compare(report, disk, found[disk], found["against_" + disk])
            return report
        finally:
            if deployment is not None:
                deployment.reap()
            broker.reap()


def tell(report: Report, disk: str, starts: list[dict[str, float]]) -> None:
    """Print the starts' medians."""
    phases = {name: median(start[name] for start in starts) for name in starts[0]}
    for name in ("import", "model", "join", "recovery", "index", "total", "cpu"):
        report.figure(f"{disk}_{name}", phases[name], "s")
    both, goal = phases["recovery"] + phases["index"], 10 if disk.endswith("full_disk") else 45
    report.figure(f"{disk}_recovery_and_index", both, f"s (goal: at most {goal} s)")
    report.figure(f"{disk}_people", phases["people"], "")
    report.figure(f"{disk}_jobs", phases["jobs"], "")
    report.figure(f"{disk}_worker_peak_memory", phases["peak_memory_mib"], "MB")


def compare(
    report: Report, disk: str, ours: list[dict[str, float]], theirs: list[dict[str, float]]
) -> None:
    """Print how many times as long the other checkout takes, each pair of starts by itself."""
    for name in ("recovery", "index", "total", "cpu"):
        ratio = median(b[name] / a[name] for a, b in zip(ours, theirs, strict=True))
        report.figure(f"{disk}_{name}_against_over_ours", ratio, "times")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--against", type=lambda folder: Path(folder).resolve())
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    sizes = options.profiles, options.jobs
    asyncio.run(run(*sizes, options.against, options.rounds)).finish(options.json)


if __name__ == "__main__":
    main()
