"""From pressing the button to the first job on the screen, in Chromium, with 10,000 jobs.

One worker with what ships, 2 partitions, on Apache Kafka where `make kafka` has got it, else on
the embedded broker. All jobs go through the stream once; then people come one after the other, each
with a phone, a session and words of their own: first on this machine's line, then on one of 400
kbit/s with 150 ms there and back. The clock runs from the last button to the first job.

    python -m benchmarks.first_job [--jobs N] [--visits N] [--broker kafka|tansu] [--json FILE]

It ends within 5 minutes: visits for which no time is left are left out, and the report says so.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

from benchmarks import texts
from benchmarks.report import Report
from benchmarks.throughput import load_jobs
from tests.support.brokers import Broker, KafkaBroker, TansuBroker, kafka_jars
from tests.support.browser import CHROMIUM, FLAGS, SIZES, Visitor, find_job
from tests.support.deployment import Deployment

PARTITIONS: Final = 2
"""Jobs are copied to each of them while they are loaded; who comes is ranked in one."""
GOAL_SECONDS: Final = 1.5
LOAD_SECONDS, LIMIT_SECONDS = 200.0, 280.0
"""For the jobs at most, which end the run otherwise; and after which nobody comes any more."""
WARM_UP: Final = 2
"""Visits that are not counted: a worker reads its word lists for the first one."""
NO_JOB_SECONDS: Final = 15.0
LINES: Final = {"here": False, "400_kbit": True}
KEY: Final = "benchmark" * 4


async def visits(
    chromium: Any, url: str, words: Sequence[str], slow: bool, ends: float
) -> tuple[list[float], int]:
    """Let people come one after the other.

    Args:
        chromium: Playwright's browser.
        url: The worker's.
        words: Of each.
        slow: Whether they have a slow line.
        ends: Until when (monotonic) somebody may come.

    Returns:
        Seconds of those who saw a job, and how many saw none.
    """
    from playwright.async_api import TimeoutError as TooLate

    took, none = [], 0
    for said in words:
        if time.monotonic() > ends:
            break
        context = await chromium.new_context(**SIZES["phone"], locale="es-PE")
        context.set_default_timeout(1000 * NO_JOB_SECONDS)
        visitor = Visitor(await context.new_page(), url)
        if slow:
            await visitor.slow_down()
        try:
            took.append(await find_job(visitor, said))
        except TooLate:
            none += 1
        finally:
            await context.close()
    return took, none


def tell(report: Report, line: str, took: list[float], none: int) -> None:
    """Print one line's figures."""
    report.figure(f"visits_{line}", len(took), "")
    report.figure(f"visits_without_a_job_{line}", none, "")
    if len(took) < 2:
        return
    parts = statistics.quantiles(took, n=20, method="inclusive")
    report.figure(f"first_job_p50_{line}", statistics.median(took), "s")
    report.figure(f"first_job_p95_{line}", parts[18], "s")
    over = statistics.median(took) / GOAL_SECONDS
    met = "met" if over <= 1 else "NOT met"
    report.figure(f"p50_over_goal_{line}", over, f"of {GOAL_SECONDS} s (goal <= 1, {met})")


async def run(jobs: int, count: int, broker: Broker, folder: Path) -> Report:
    """Load the jobs, then let people come."""
    from playwright.async_api import async_playwright

    ends = time.monotonic() + LIMIT_SECONDS
    people, ads = texts.generate(max(jobs, 2 * count + WARM_UP))
    deployment = Deployment(
        broker, folder, PARTITIONS, web_pages="busco", web_keys=KEY, web_rate=1000.0
    )
    report = Report("first_job")
    report.note("broker", broker.kind)
    try:
        broker.start()
        await deployment.create_topics()
        (worker,) = deployment.start()
        report.figure("load_jobs", await load_jobs(deployment, ads[:jobs], LOAD_SECONDS), "s")
        report.figure("jobs", worker.metric("matcher_jobs"), "")
        url = f"http://127.0.0.1:{worker.port}"
        async with AsyncExitStack() as stack:
            driver = await stack.enter_async_context(async_playwright())
            chromium = await driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            stack.push_async_callback(chromium.close)
            await visits(chromium, url, people[:WARM_UP], False, ends)
            for turn, (line, slow) in enumerate(LINES.items()):
                first = WARM_UP + turn * count
                words = people[first : first + count]
                tell(report, line, *await visits(chromium, url, words, slow, ends))
        report.figure("worker_peak_memory", worker.peak_memory() / 2**20, "MB")
    finally:
        deployment.reap()
        broker.reap()
    return report


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--visits", type=int, default=30)
    parser.add_argument("--broker", choices=("kafka", "tansu"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if CHROMIUM is None:
        raise SystemExit("Chromium is not here: run `make browser` first.")
    jars = kafka_jars()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if jars is not None and options.broker != "tansu":
            broker: Broker = KafkaBroker(folder / "kafka", jars)
        elif options.broker == "kafka":
            raise SystemExit("Apache Kafka is not here: run `make kafka` first.")
        else:
            broker = TansuBroker(folder / "tansu")
        asyncio.run(run(options.jobs, options.visits, broker, folder)).finish(options.json)


if __name__ == "__main__":
    main()
