"""All of SERVIR's vacancies with the sample people, once, end to end, on Apache Kafka.

    python -m benchmarks.servir --file servir_talento_peru_dedup.csv.gz [--json FILE]

The data are not part of this project. The clock runs from the start of publishing until every
record is acknowledged and no list of candidates waits; then `verify` reads everything again.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.report import Report
from matcher_stream.config.settings import Settings
from matcher_stream.verify import verify
from tests.support.brokers import Broker, KafkaBroker, kafka_jars
from tests.support.deployment import Deployment
from tests.support.kafka_io import last_by_key

SAMPLES = Path("matcher_stream/samples")


def publish(settings: Settings, kind: str, file: Path, *options: str) -> None:
    """Publish a file with the project's own command; refused rows are told and passed over."""
    environment = {
        **os.environ,
        "BROKER_URL": settings.broker_url,
        "MATCHER_TOPIC_PREFIX": settings.topic_prefix,
        "MATCHER_PARTITIONS": str(settings.partitions),
    }
    code = "from matcher_stream.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "publish", kind, str(file), *options],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    print(done.stdout[-300:], done.stderr[-300:])
    if done.returncode > 1:
        raise SystemExit(done.returncode)


async def run(file: Path, partitions: int, limit: float) -> tuple[Report, bool]:
    """The whole run, and whether `verify` agrees."""
    jars = kafka_jars()
    if jars is None:
        raise SystemExit("Apache Kafka is not here: run `make kafka` first.")
    with tempfile.TemporaryDirectory() as folder:
        broker = KafkaBroker(Path(folder) / "kafka", jars)
        deployment: Deployment | None = None
        try:
            broker.start()
            deployment = Deployment(broker, Path(folder), partitions)
            await deployment.create_topics()
            deployment.start()
            return await measure(broker, deployment, file, limit)
        finally:
            if deployment is not None:
                deployment.reap()
            broker.reap()


async def measure(
    broker: Broker, deployment: Deployment, file: Path, limit: float
) -> tuple[Report, bool]:
    """Publish, wait for rest, verify."""
    (worker,) = deployment.workers
    settings = deployment.settings
    started = time.monotonic()
    await asyncio.to_thread(publish, settings, "profiles", SAMPLES / "people.jsonl")
    await asyncio.to_thread(publish, settings, "jobs", file, "--mapping", "servir")
    await deployment.drained(limit)
    minutes = (time.monotonic() - started) / 60
    encoded = worker.metric("matcher_embeddings_total")
    jobs, memory = worker.metric("matcher_jobs"), worker.peak_memory()
    matches = await last_by_key(broker, deployment.names.matches)
    with_jobs = sum(bool(record.value and record.json["entries"]) for record in matches.values())
    report = await verify(settings, deployment.app_id)
    print("\n".join(report.lines()))
    out = Report("servir")
    out.figure("minutes", minutes, "min")
    out.figure("texts_encoded", encoded, "")
    out.figure("texts_a_second", encoded / minutes / 60, "texts/s")
    out.figure("active_jobs", jobs, "")
    out.figure("people", len(matches), "")
    out.figure("people_with_jobs", with_jobs, "")
    out.figure("worker_peak_memory", memory / 2**20, "MB")
    out.figure("verify_differences", len(report.differences), "")
    return out, report.ok


def main() -> None:
    """Run and print; exit 1 if `verify` finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--limit", type=float, default=3600.0, help="seconds to wait for rest")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report, clean = asyncio.run(run(options.file, options.partitions, options.limit))
    report.finish(options.json)
    sys.exit(0 if clean else 1)


if __name__ == "__main__":
    main()
