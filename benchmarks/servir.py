"""All of SERVIR's vacancies with the sample people, once, end to end, on Apache Kafka.

    python -m benchmarks.servir --file servir_talento_peru_dedup.csv.gz [--json FILE]

The data are not part of this project. The clock runs from the start of publishing until every
record is acknowledged and no list of candidates waits; then `verify` reads everything again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from matcher_stream.settings import Settings
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
        env=environment, check=False, capture_output=True, text=True,
    )
    print(done.stdout[-300:], done.stderr[-300:])
    if done.returncode > 1:
        raise SystemExit(done.returncode)


async def run(file: Path, partitions: int, limit: float) -> dict[str, Any]:
    """The whole run; figures by name."""
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
) -> dict[str, Any]:
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
    with_jobs = sum(bool(record.value and record.json()["entries"]) for record in matches.values())
    report = await verify(settings, deployment.app_id)
    print("\n".join(report.lines()))
    return {
        "minutes": minutes,
        "texts_encoded": encoded,
        "texts_per_s": encoded / minutes / 60,
        "active_jobs": jobs,
        "people": len(matches),
        "people_with_jobs": with_jobs,
        "peak_memory_mib": memory / 2**20,
        "verify_differences": len(report.differences),
    }


def main() -> None:
    """Run and print; exit 1 if `verify` finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--limit", type=float, default=3600.0, help="seconds to wait for rest")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(describe())
    figures = asyncio.run(run(options.file, options.partitions, options.limit))
    for name, value in figures.items():
        print(f"{name:20} {value:,.1f}" if isinstance(value, float) else f"{name:20} {value}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    sys.exit(1 if figures["verify_differences"] else 0)


if __name__ == "__main__":
    main()
