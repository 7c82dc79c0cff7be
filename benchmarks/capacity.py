"""What one more person, job and pair costs here, and what that makes of larger ones, in Markdown.

    python -m benchmarks.capacity [--sizes 16384,32768,65536]

Slopes are between the least and the largest size; the middle one shows how straight the line is.
What needs a broker and minutes is taken from the benchmarks that measure it (`STREAM`,
`RESTORE_MS`). docs/capacity.md says what the tables mean.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.capacity_limits import bites, busiest_hour, lacking
from benchmarks.capacity_measures import NEW, apart
from benchmarks.capacity_plan import Plan, plan
from benchmarks.capacity_rows import TEXTS
from benchmarks.capacity_telling import EVENT, RECORD
from benchmarks.capacity_terms import MIB, Load, Machine, Slopes
from models.hardware.cpu import cpu
from tables.base import ROCKSDB_OPTIONS, Table
from tables.tables import Tables

STREAM: Final = 1.4
"""A profile's time end to end over its parts alone: `benchmarks.throughput`."""
RESTORE_MS: Final = 0.17
"""To read one changelog record: `benchmarks.restart`, ADR 0021."""
LOADS: Final = (
    Load(people=100_000, jobs=20_000),
    Load(people=1_000_000, jobs=100_000),
    Load(people=10_000_000, jobs=300_000),
)
DEPLOYMENTS: Final = 10
"""By region, in place of the largest load."""
WORKER: Final = Machine()
_TABLES: Final = sum(isinstance(made, Table) for made in vars(Tables).values())
PARTITION_BYTES: Final = _TABLES * sum(
    ROCKSDB_OPTIONS[name] for name in ("block_cache_size", "write_buffer_size")
)
"""Memory that the databases of a partition may take."""
Figures = list[dict[str, float]]


def slope(figures: Figures, name: str, sizes: list[int]) -> float:
    """What one more costs, from the least and the largest size."""
    return (figures[-1][name] - figures[0][name]) / (sizes[-1] - sizes[0])


def slopes_of(incoming: dict[str, float], parts: dict[str, Figures], sizes: list[int]) -> Slopes:
    """The measured figures as a plan takes them."""
    people, jobs, disk = parts["people"], parts["jobs"], parts["disk"]
    one, last, held = people[-1], jobs[-1], disk[-1]
    rank, post = slope(jobs, "rank_ms", sizes), slope(people, "post_ms", sizes)
    return Slopes(
        base_bytes=incoming["base"],
        person_bytes=slope(people, "bytes", sizes),
        job_bytes=slope(jobs, "bytes", sizes),
        partition_bytes=PARTITION_BYTES,
        copy_bytes=last["copies"] / sizes[-1],
        person_log=one["row"] + last["ranking"] + 2 * RECORD,
        job_log=last["job"] + RECORD,
        copy_log=last["posting"] + one["part"] + 2 * RECORD,
        person_topics=incoming["profile"] + last["event"] + last["explained"] + 2 * EVENT,
        job_topics=incoming["ad"] + one["part"] + 2 * EVENT,
        copy_topics=last["posting"] + one["part"] + 2 * RECORD,
        disk=held["held"] / held["raw"],
        read_ms=incoming["read_ms"],
        encode_ms=incoming["encode_ms"],
        tell_ms=last["tell_ms"],
        rank_ms=max(0.0, jobs[0]["rank_ms"] - rank * sizes[0]),
        rank_job_ms=max(0.0, rank),
        vet_ms=incoming["vet_ms"],
        encode_job_ms=incoming["encode_job_ms"],
        post_ms=max(0.0, people[0]["post_ms"] - post * sizes[0]),
        post_person_ms=max(0.0, post),
        restore_ms=RESTORE_MS + (one["index_ms"] + last["index_ms"]) / 2,
        stream=STREAM,
    )


def measured(sizes: list[int]) -> tuple[dict[str, float], dict[str, Figures]]:
    """Run every part, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.npz"
        incoming: dict[str, float] = apart("incoming", path, TEXTS)
        parts = {name: apart(name, path, *sizes) for name in ("people", "jobs")}
        parts["disk"] = apart("disk", path, sizes[0] // 4, sizes[0])
    return incoming, parts


def tell_slopes(
    incoming: dict[str, float], parts: dict[str, Figures], sizes: list[int], found: Slopes
) -> Iterator[str]:
    """The table of what was measured, and how well a line through two sizes tells the third."""
    yield "| one more | costs | told of the middle size | measured there |"
    yield "| --- | --- | --- | --- |"
    for what, part, name, unit, scale in (
        ("person in memory", "people", "bytes", "kB", 1e3),
        ("job in memory", "jobs", "bytes", "kB", 1e3),
        ("pair, a person among jobs", "jobs", "rank_ms", "ns", 1e-6),
        ("pair, a job among people", "people", "post_ms", "ns", 1e-6),
    ):
        some = parts[part]
        each = slope(some, name, sizes)
        said = some[0][name] + each * (sizes[1] - sizes[0])
        whole, factor = ("ms", 1.0) if unit == "ns" else ("MB", 1e6)
        yield (
            f"| {what} | {each / scale:,.3g} {unit} | {said / factor:,.3g} {whole} "
            f"| {some[1][name] / factor:,.3g} {whole} |"
        )
    for what, value, unit in (
        ("job in one more partition, in memory", found.copy_bytes, "B"),
        ("person in changelogs (profile, vector, last ranking)", found.person_log, "B"),
        ("job in changelogs, once", found.job_log, "B"),
        ("job in changelogs, for each partition (copy, its list)", found.copy_log, "B"),
        ("person in public topics (profile, matches, explanations)", found.person_topics, "B"),
        ("job in public topics (ad, candidates)", found.job_topics, "B"),
        ("job in internal topics, for each partition", found.copy_topics, "B"),
        ("byte of a changelog, on a worker's disk after compaction", found.disk, "B"),
        ("profile read", found.read_ms, "ms"),
        ("profile embedded", found.encode_ms, "ms"),
        ("ranking besides its pairs", found.rank_ms, "ms"),
        ("ranking told", found.tell_ms, "ms"),
        ("ad read and vetted", found.vet_ms, "ms"),
        ("ad embedded", found.encode_job_ms, "ms"),
        (f"ad scored, besides its pairs ({NEW} at once)", found.post_ms, "ms"),
        ("row indexed at a start", found.restore_ms - RESTORE_MS, "ms"),
    ):
        yield f"| {what} | {_rounded(value)} {unit} | | |"
    yield f"| partition's databases, in memory, at most | {PARTITION_BYTES / MIB:,.0f} MiB | | |"
    yield f"| worker that holds nobody | {found.base_bytes / MIB:,.0f} MiB | | |"


def tell_plans(found: Slopes) -> Iterator[str]:
    """Partitions and workers, and what then is on each."""
    yield (
        "| people, jobs | workers, partitions | asks for most | memory, disk of each "
        "| broker, 3 replicas | busy at peak | tick, of one partition | restore |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for load in LOADS:
        made = plan(found, load, WORKER)
        short = f"none: {lacking(found, load, WORKER)} |" + " |" * 5
        yield f"| {_size(load)} | {short if made is None else f'{_told(made)} |'}"
    if (part := plan(found, LOADS[1], WORKER)) is not None:
        yield f"| {DEPLOYMENTS} deployments of {_size(LOADS[1])} each | {_told(part)}, each |"


def _told(made: Plan) -> str:
    return (
        f"**{made.workers}**, {made.partitions} | {made.need.binding} "
        f"| {made.memory_bytes / 1e9:.1f} GB, {made.disk_bytes / 1e9:.1f} GB "
        f"| {3 * made.log_bytes / 1e9:,.0f} GB | {made.busy:.0%} "
        f"| {made.tick_seconds / 60:.0f} min, {made.hold_seconds / 60:.1f} min "
        f"| {made.restore_seconds / 60:.1f} min"
    )


def tell_limits(found: Slopes) -> Iterator[str]:
    """How far each limit is, with these workers and partitions."""
    plans = [made for load in LOADS if (made := plan(found, load, WORKER)) is not None]
    names = list(bites(found, plans[0], WORKER)) if plans else []
    yield f"| people, jobs | {' | '.join(names)} |"
    yield f"| --- |{' --- |' * len(names)}"
    for made in plans:
        far = bites(found, made, WORKER)
        cells = " | ".join(f"x {far[name]:.2g}" for name in names)
        yield f"| {_size(made.load)}, {made.workers} workers | {cells} |"


def tell_hours(found: Slopes) -> Iterator[str]:
    """The busiest hour of one worker, drawn."""
    yield "| people, jobs | a profile is told after, p50 | p99 |"
    yield "| --- | --- | --- |"
    for load in LOADS:
        made = plan(found, load, WORKER)
        if made is not None:
            half, most = busiest_hour(found, made)
            yield f"| {_size(load)}, {made.workers} workers | {half:.3f} s | {most:.3f} s |"


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _size(load: Load) -> str:
    return f"{load.people:,}, {load.jobs:,}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="16384,32768,65536", help="three, growing")
    sizes = [int(word) for word in parser.parse_args().sizes.split(",")]
    began, here, load = time.monotonic(), cpu(), os.getloadavg()[0]
    incoming, parts = measured(sizes)
    found = slopes_of(incoming, parts, sizes)
    took = time.monotonic() - began
    print(f"{here.model}, {here.cores} cores ({here.kind}), load {load:.1f} before; sizes "
          f"{', '.join(map(str, sizes))}; {took:.0f} s\n")  # fmt: skip
    tables: list[Any] = [
        tell_slopes(incoming, parts, sizes, found),
        tell_plans(found),
        tell_limits(found),
        tell_hours(found),
    ]
    for table in tables:
        print("\n".join(table), end="\n\n")


if __name__ == "__main__":
    main()
