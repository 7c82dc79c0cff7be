"""What a worker tells about itself: what it owns and runs, how it started, what it holds."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import Counter, Gauge, Histogram, Info

from matcher_stream import __version__
from matcher_stream.runtime.metrics import REGISTRY
from tables.base import PartitionedTable
from tables.measuring import measured

BUILD = Info(
    "matcher_build",
    "What this worker runs: program, application id, models and rules. Always 1.",
    registry=REGISTRY,
)
PARTITIONS = Gauge(
    "matcher_partitions",
    "Partitions that every topic has, as this worker is configured.",
    ["app_id"],
    registry=REGISTRY,
)
OWNED = Gauge(
    "matcher_partition_owned",
    "1 for a partition that this worker owns and works on; there is no series for the others.",
    ["app_id", "partition"],
    registry=REGISTRY,
)
CHAMPION = Gauge(
    "matcher_champion",
    "1 where this worker's deployment is the champion, whose events are public; 0 in the shadow.",
    ["app_id"],
    registry=REGISTRY,
)
STARTED = Gauge(
    "matcher_start_timestamp_seconds",
    "When this process was started (seconds since 1970); another value is another process.",
    registry=REGISTRY,
)
START_SECONDS = Gauge(
    "matcher_start_seconds",
    "How long each phase of this process's start took: import, model, join, recovery, index.",
    ["phase"],
    registry=REGISTRY,
)
RECOVERY_RECORDS = Gauge(
    "matcher_recovery_events",
    "Records of changelogs that a recovery has still to read; 0 while there is none.",
    registry=REGISTRY,
)
REBALANCE_SECONDS = Histogram(
    "matcher_rebalance_seconds",
    "From the moment a change of partitions stops this worker's work until it works again.",
    registry=REGISTRY,
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600),
)
RESTARTS = Counter(
    "matcher_restarts",
    "Starts after the first in this data folder, by how the process before had ended.",
    ["reason"],
    registry=REGISTRY,
)
LOOP_DELAY = Histogram(
    "matcher_event_loop_delay_seconds",
    "How much later than asked the event loop woke up: heartbeats wait as long.",
    registry=REGISTRY,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
)
TABLE_ROWS = Gauge(
    "matcher_table_rows",
    "Rows of a table in the partitions owned here, as RocksDB estimates them: a row that was "
    "written anew counts again until it is compacted.",
    ["table"],
    registry=REGISTRY,
)
TABLE_DISK = Gauge(
    "matcher_table_disk_bytes",
    "Bytes of a table's databases on this worker's disk.",
    ["table"],
    registry=REGISTRY,
)
TABLE_MEMORY = Gauge(
    "matcher_table_memory_bytes",
    "Bytes of memory that a table's databases take: caches and what is not on disk yet.",
    ["table"],
    registry=REGISTRY,
)
INDEX_MEMORY = Gauge(
    "matcher_index_memory_bytes",
    "Bytes of the vectors held in memory, of people and of jobs.",
    ["index"],
    registry=REGISTRY,
)

CANARY = Gauge(
    "matcher_canary_timestamp_seconds",
    "When the canary's last record was published that has come through (seconds since 1970): its "
    "person to a ranking, its job to that ranking, that ranking to an explanation.",
    ["stage"],
    registry=REGISTRY,
)
CANARY_INTERVAL = Gauge(
    "matcher_canary_interval_seconds",
    "How often a canary is published, as this worker is configured; 0 is never.",
    ["app_id"],
    registry=REGISTRY,
)

VITALS_SECONDS = 15.0


def tell_build(app: str, app_id: str, partitions: int, **facts: str) -> None:
    """Say once what this process runs.

    Args:
        app: Which application.
        app_id: Its id, of which there is another for each release side by side.
        partitions: Of every topic.
        facts: Versions by name.
    """
    BUILD.info({"app": app, "app_id": app_id, "version": __version__, **facts})
    PARTITIONS.labels(app_id).set(partitions)
    STARTED.set(time.time())


def tell_role(app_id: str, champion: bool) -> None:
    """Whether this worker's deployment speaks to the public."""
    CHAMPION.labels(app_id).set(champion)


def own(app_id: str, partitions: Iterable[int]) -> None:
    """These partitions are worked on from now on, and no others."""
    OWNED.clear()
    for partition in partitions:
        OWNED.labels(app_id, str(partition)).set(1)


def measure_tables(tables: Iterable[PartitionedTable]) -> None:
    """Note how much the tables hold."""
    for table in tables:
        held = measured(table)
        TABLE_ROWS.labels(table.name).set(held.rows)
        TABLE_DISK.labels(table.name).set(held.disk_bytes)
        TABLE_MEMORY.labels(table.name).set(held.memory_bytes)


class Phases:
    """How long each part of a start and of every rebalance took, in seconds."""

    def __init__(self) -> None:
        self._mark = time.monotonic()
        self._stopped: float | None = None
        self._started = False
        START_SECONDS.labels("import").set(_seconds_since_exec())

    def stopped(self) -> None:
        """A rebalance begins: nothing is worked on until it ends."""
        if self._started and self._stopped is None:
            self._stopped = time.monotonic()

    def joined(self) -> None:
        """The group gave us partitions."""
        self.stopped()  # who was evicted is not asked to give up anything first
        self.note("join")

    def recovered(self) -> None:
        """The tables hold what the changelogs hold."""
        self.note("recovery")

    def note(self, phase: str) -> None:
        """A phase ends here; of a start only."""
        now = time.monotonic()
        if not self._started:
            START_SECONDS.labels(phase).set(now - self._mark)
        self._mark = now

    def ready(self) -> str:
        """Work begins; says what came before it, in words."""
        if self._stopped is not None:
            took = time.monotonic() - self._stopped
            REBALANCE_SECONDS.observe(took)
            self._stopped = None
            return f"rebalance {took:.2f} s"
        self._started = True
        samples = next(iter(START_SECONDS.collect())).samples
        return ", ".join(f"{s.labels['phase']} {s.value:.2f} s" for s in samples)


def _seconds_since_exec() -> float:
    """Seconds since this process was started (Linux: field 22 of /proc/self/stat, proc(5))."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started
