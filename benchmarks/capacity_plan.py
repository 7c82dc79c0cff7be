"""From measured slopes to workers and partitions: arithmetic alone, no clock and no machine.

A worker's milliseconds are wall time with all its cores. Figures of a day are means; the busiest
hour is `Load.peak` times that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from benchmarks.capacity_terms import Load, Machine, Slopes

DAY_SECONDS: Final = 86_400.0
PARTITIONS: Final = (8, 16, 32, 64, 128, 256, 512)


@dataclass(frozen=True, slots=True)
class Need:
    """What a load asks of all workers together, and of each.

    Attributes:
        workers: By limit: how many it takes, `math.inf` where none would do.
        partitions: How many it takes for the tick of one.
    """

    workers: dict[str, float]
    partitions: float

    @property
    def count(self) -> float:
        """Workers, as whole ones, at least two: one may be lost."""
        most = max(self.workers.values())
        return most if math.isinf(most) else max(2, math.ceil(most))

    @property
    def binding(self) -> str:
        """The limit that asks for most."""
        return max(self.workers, key=lambda name: self.workers[name])


@dataclass(frozen=True, slots=True)
class Plan:
    """Workers and partitions for a load, and what then is on each.

    Attributes:
        partitions: Of every topic, fixed for good.
        memory_bytes, disk_bytes: Of a worker.
        log_bytes: Changelogs and topics on the broker, one replica.
        busy: Share of a worker's time in the busiest hour.
        tick_seconds, hold_seconds, restore_seconds: As `Machine` bounds them.
    """

    load: Load
    partitions: int
    workers: int
    need: Need
    memory_bytes: float
    disk_bytes: float
    log_bytes: float
    busy: float
    tick_seconds: float
    hold_seconds: float
    restore_seconds: float


def rank_ms(slopes: Slopes, jobs: float) -> float:
    """To rank one person among so many jobs."""
    return slopes.rank_ms + slopes.rank_job_ms * jobs


def profile_ms(slopes: Slopes, load: Load) -> float:
    """A profile from its record to its ranking told, on a worker."""
    work = slopes.read_ms + slopes.encode_ms + rank_ms(slopes, load.jobs) + slopes.tell_ms
    return work * slopes.stream


def job_ms(slopes: Slopes, load: Load, partitions: int) -> float:
    """An ad from its record to everybody who is told of it, over all workers."""
    once = (slopes.vet_ms + slopes.encode_job_ms) * slopes.stream
    scored = slopes.post_ms * partitions + slopes.post_person_ms * load.people
    told = 2 * load.top_k * load.people / load.jobs if load.jobs else 0.0
    return once + (scored + told * (rank_ms(slopes, load.jobs) + slopes.tell_ms)) * slopes.stream


def day_seconds(slopes: Slopes, load: Load, partitions: int) -> float:
    """Work of a day over all workers, the tick left out: it comes at night."""
    profiles = load.people * load.changes / 365
    ads = load.jobs / load.lifetime
    work = profiles * profile_ms(slopes, load) + ads * job_ms(slopes, load, partitions)
    return work / 1000


def memory_bytes(slopes: Slopes, load: Load, partitions: int, workers: float) -> float:
    """Of one worker: its share of people, all jobs, and their copies in its partitions."""
    shared = _shared_bytes(slopes, load, partitions)
    return slopes.base_bytes + slopes.job_bytes * load.jobs + shared / workers


def _shared_bytes(slopes: Slopes, load: Load, partitions: int) -> float:
    """Memory that workers share out: people, and what comes with partitions."""
    each = slopes.copy_bytes * load.jobs + slopes.partition_bytes
    return slopes.person_bytes * load.people + each * partitions


def restore_seconds(slopes: Slopes, load: Load, partitions: int, workers: float) -> float:
    """A worker reads the changelogs of its partitions: two rows of a person, a job's own, and two
    for each partition.
    """
    records = 2 * load.people + load.jobs + 2 * load.jobs * partitions
    return records * slopes.restore_ms / workers / 1000


def needed(slopes: Slopes, load: Load, machine: Machine, partitions: int) -> Need:
    """Workers that each limit asks for, with so many partitions."""
    busiest = day_seconds(slopes, load, partitions) / DAY_SECONDS * load.peak
    tick = load.people * rank_ms(slopes, load.jobs) / 1000
    room = machine.fill * machine.memory_bytes - memory_bytes(slopes, load, partitions, math.inf)
    shared = _shared_bytes(slopes, load, partitions)
    return Need(
        {
            "busiest hour": busiest / machine.busy,
            "daily tick": tick / machine.tick_seconds,
            "memory": shared / room if room > 0 else math.inf,
            "restore": restore_seconds(slopes, load, partitions, 1.0) / machine.restore_seconds,
        },
        tick / machine.hold_seconds,
    )


def plan(slopes: Slopes, load: Load, machine: Machine) -> Plan | None:
    """The fewest partitions that leave room for twice the workers, and those; None if nothing does.

    More partitions mean more copies of every job, so the smallest number that does is taken; where
    none leaves room for twice, the smallest that has room for all of them.
    """
    for room in (2, 1):
        for partitions in PARTITIONS:
            need = needed(slopes, load, machine, partitions)
            if max(room * need.count, need.partitions) <= partitions:
                return _planned(slopes, load, partitions, need)
    return None


def _planned(slopes: Slopes, load: Load, partitions: int, need: Need) -> Plan:
    workers = int(need.count)
    logs = slopes.person_log * load.people + slopes.job_log * load.jobs
    logs += slopes.copy_log * load.jobs * partitions
    topics = slopes.person_topics * load.people + slopes.job_topics * load.jobs
    topics += slopes.copy_topics * load.jobs * partitions
    busiest = day_seconds(slopes, load, partitions) / DAY_SECONDS * load.peak
    return Plan(
        load,
        partitions,
        workers,
        need,
        memory_bytes(slopes, load, partitions, workers),
        logs * slopes.disk / workers,
        logs + topics,
        busiest / workers,
        load.people * rank_ms(slopes, load.jobs) / 1000 / workers,
        load.people * rank_ms(slopes, load.jobs) / 1000 / partitions,
        restore_seconds(slopes, load, partitions, workers),
    )
