"""From measured slopes to workers and partitions: arithmetic alone, no clock and no machine.

A worker's milliseconds are wall time with all its cores. Figures of a day are means; the busiest
hour is `Load.peak` times that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

DAY_SECONDS: Final = 86_400.0
MIB: Final = float(1 << 20)
PARTITIONS: Final = (8, 16, 32, 64, 128, 256, 512)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slopes:
    """What one more costs. Bytes, and milliseconds of a worker.

    Attributes:
        base_bytes: Memory of a worker that holds nobody, model loaded.
        person_bytes, job_bytes: Memory of one more of each in an index.
        copy_bytes: Memory of a job in one more partition of the same worker.
        partition_bytes: Memory of the databases of one more partition.
        person_log, job_log: Changelogs of one person; of one job where its key lives.
        copy_log: Changelogs of a job for each partition: its copy and that partition's list.
        person_topics, job_topics: Public topics, compacted; explanations too.
        copy_topics: Internal topics of a job for each partition.
        disk: Bytes on a worker's disk for each of its changelogs.
        read_ms, encode_ms, tell_ms: A profile is checked and read; embedded; a ranking told.
        rank_ms, rank_job_ms: To rank one person; for each job that there is.
        vet_ms, encode_job_ms: An ad is checked, vetted; embedded.
        post_ms, post_person_ms: An ad is scored in a partition; for each person there.
        restore_ms: One record of a changelog is read and indexed after a loss.
        stream: What Faust, Kafka and RocksDB make of a millisecond of work.
    """

    base_bytes: float
    person_bytes: float
    job_bytes: float
    copy_bytes: float
    partition_bytes: float
    person_log: float
    job_log: float
    copy_log: float
    person_topics: float
    job_topics: float
    copy_topics: float
    disk: float
    read_ms: float
    encode_ms: float
    tell_ms: float
    rank_ms: float
    rank_job_ms: float
    vet_ms: float
    encode_job_ms: float
    post_ms: float
    post_person_ms: float
    restore_ms: float
    stream: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Who comes, and how often.

    Attributes:
        people, jobs: Held at one time.
        changes: Profiles that one person publishes a year, the first one too.
        lifetime: Days that an ad stands.
        top_k: Jobs in a ranking: as many enter and leave it in a lifetime.
        peak: The busiest hour's events over an hour's mean.
    """

    people: int
    jobs: int
    changes: float = 12.0
    lifetime: float = 30.0
    top_k: int = 10
    peak: float = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What one worker gets, and what nobody may wait longer for.

    Attributes:
        memory_bytes: Of which `fill` may be used.
        busy: Share of its time in the busiest hour.
        tick_seconds: The daily tick, at night, ranks everybody of that worker.
        hold_seconds: The same of one partition: that long a profile may wait behind it.
        restore_seconds: A worker that comes with an empty disk.
    """

    memory_bytes: float = 8 * 1024 * MIB
    fill: float = 0.75
    busy: float = 0.6
    tick_seconds: float = 4 * 3600.0
    hold_seconds: float = 900.0
    restore_seconds: float = 900.0


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
