"""Where a worker's time goes under load: by thread and by part, with a flame graph.

One worker on the embedded broker, jobs loaded first, then people as fast as it takes them. A
thread's CPU time is the kernel's own count; what it did is py-spy's samples of running threads.

    python -m benchmarks.profile [--jobs N] [--profiles N] [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from benchmarks import texts
from benchmarks.report import Report
from benchmarks.throughput import PARTITIONS, flood, load_jobs
from tests.support.brokers import TansuBroker
from tests.support.deployment import Deployment

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_RATE: Final = 50  # samples a second
_THREAD: Final = re.compile(r"thread \((\w+)\)(?:: (.*))?")

# The innermost frame that one of these names says what a sample was spent on.
PARTS: Final = (
    ("forward pass", ("models/encoding/forward", "models/encoding/layers")),
    ("tokens and batches", ("models/encoding/", "models/hardware/")),
    ("score and rank", ("models/ranking/", "models/search/", "tables/index/")),
    ("read and vet texts", ("models/reading/", "models/vetting/")),
    ("events and rows", ("schemas/", "tables/rows/", "pydantic", "orjson")),
    ("tables and RocksDB", ("tables/", "rocksdict", "faust/stores/", "faust/tables/")),
    ("producer and consumer", ("aiokafka/", "kafka/", "faust/transport/")),
    ("Faust", ("faust/", "mode/")),
    ("agents and runtime", ("agents/", "matcher_stream/")),
    ("event loop", ("asyncio/", "selectors.py")),
)


def part(frames: Iterable[str]) -> str:
    """What a stack, innermost frame last, was busy with."""
    for frame in reversed(list(frames)):
        for name, places in PARTS:
            if any(place in frame for place in places):
                return name
    return "other"


def cpu_seconds(pid: int) -> dict[str, tuple[str, float]]:
    """By thread id: the name that the kernel knows, and CPU seconds so far."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            name, _, rest = (task / "stat").read_text().rpartition(")")
        except OSError:  # it has ended
            continue
        fields = rest.split()  # from the third on: utime and stime are 14 and 15
        spent = (int(fields[11]) + int(fields[12])) / _TICKS
        found[task.name] = (name.partition("(")[2], spent)
    return found


def read_samples(raw: str) -> tuple[Counter[tuple[str, str]], dict[str, str]]:
    """Samples by (thread id, part), and each thread's name, from py-spy's raw lines."""
    counts: Counter[tuple[str, str]] = Counter()
    names: dict[str, str] = {}
    for line in raw.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        at = next((i for i, frame in enumerate(frames) if _THREAD.match(frame)), None)
        if at is None:
            continue
        found = _THREAD.match(frames[at])
        assert found is not None
        thread = str(int(found[1], 0))
        names[thread] = found[2] or "?"
        counts[thread, part(frames[at + 1 :])] += int(count)
    return counts, names


def spy(pid: int, kind: str, path: Path) -> subprocess.Popen[bytes]:
    """py-spy at work; SIGINT makes it write its file."""
    tool = Path(sys.executable).with_name("py-spy")
    options = ["--threads", "--full-filenames", "--nonblocking", "--rate", str(_RATE)]
    command: list[str | Path] = [tool, "record", *options, "--format", kind]
    command += ["--output", path, "--pid", str(pid)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def shares(
    before: dict[str, tuple[str, float]],
    after: dict[str, tuple[str, float]],
    samples: Counter[tuple[str, str]],
    names: dict[str, str],
) -> list[tuple[str, str, float]]:
    """Rows of thread, part, share of the process's CPU time, the greatest first."""
    spent = {
        thread: (name, seconds - before.get(thread, ("", 0.0))[1])
        for thread, (name, seconds) in after.items()
    }
    whole = sum(seconds for _, seconds in spent.values()) or 1.0
    rows: defaultdict[tuple[str, str], float] = defaultdict(float)
    for thread, (name, seconds) in spent.items():
        mine = {what: n for (of, what), n in samples.items() if of == thread}
        total = sum(mine.values())
        if not total:
            rows[re.sub(r"[-_:]?\d+$", "", name), "native"] += seconds / whole
        for what, n in mine.items():
            rows[re.sub(r"_\d+$", "", names[thread]), what] += seconds / whole * n / total
    ordered = sorted(rows.items(), key=lambda row: -row[1])
    return [(thread, what, share) for (thread, what), share in ordered]


async def run(jobs: int, profiles: int, folder: Path) -> list[tuple[str, str, float]]:
    """Load, flood, and the rows of `shares`."""
    people, ads = texts.generate(max(jobs, profiles))
    svg, raw = folder / "worker.svg", folder / "worker.raw"
    with tempfile.TemporaryDirectory() as temporary:
        broker = TansuBroker(Path(temporary))
        deployment = Deployment(broker, Path(temporary), PARTITIONS)
        try:
            broker.start()
            await deployment.create_topics()
            (worker,) = deployment.start()
            await load_jobs(deployment, ads[:jobs])
            before = cpu_seconds(worker.pid)
            spies = [spy(worker.pid, "flamegraph", svg), spy(worker.pid, "raw", raw)]
            took = await flood(deployment, people[:profiles])
            after = cpu_seconds(worker.pid)
            for process in spies:
                process.send_signal(signal.SIGINT)
            for process in spies:
                process.wait(60)
        finally:
            deployment.reap()
            broker.reap()
    report = Report("profile")
    busy = sum(s for _, s in after.values()) - sum(s for _, s in before.values())
    report.figure("profiles", profiles, f"among {jobs:,} jobs")
    report.figure("cores_busy", busy / took, "of the worker")
    report.finish(None)
    return shares(before, after, *read_samples(raw.read_text()))


def write(table: list[tuple[str, str, float]], folder: Path) -> None:
    """The table, printed and beside the flame graph."""
    lines = ["| thread | part | share of CPU time |", "| --- | --- | --- |"]
    lines += [f"| {t} | {what} | {share:.1%} |" for t, what, share in table if share >= 0.002]
    text = "\n".join(lines)
    (folder / "worker.md").write_text(text + "\n", encoding="utf-8")
    print(f"\n{text}\n\nFlame graph: {folder / 'worker.svg'}")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2_000)
    parser.add_argument("--profiles", type=int, default=1_500)
    parser.add_argument("--folder", type=Path, default=Path(".profile"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    write(asyncio.run(run(options.jobs, options.profiles, options.folder)), options.folder)


if __name__ == "__main__":
    main()
