"""What a plan is made from: what one more costs, who comes, and what a worker gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MIB: Final = float(1 << 20)


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
