"""The topics of the contract: names, partitions, retention.

Every topic has the same number of partitions, so that equal partition numbers meet in one worker.
Times keep a margin below the promise that nothing of an erased person is left after 7 days: a
broker deletes whole segments, so a record lives for its retention plus its segment's length.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from aiokafka.partitioner import murmur2

from matcher_stream.config.settings import Settings

Cleanup = Literal["compact", "delete", "compact,delete"]

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
INPUT_BYTES: Final = 8 << 20
OUTPUT_BYTES: Final = INPUT_BYTES + (256 << 10)
"""A dead-letter copy is its input record plus headers, so it needs room above the input's 8 MB."""
CHANGELOG_BYTES: Final = 9 << 20
"""A row holds a record and more."""
INPUTS: Final = ("profiles", "jobs", "decisions", "feedback")


def partition_for(key: bytes, partitions: int) -> int:
    """The partition of a key: murmur2, as Java clients and aiokafka's default partitioner do."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


class TopicNames:
    """Every topic's name.

    Args:
        settings: Gives the prefix of the public topics.
        app_id: Faust application id, part of the internal topics' names: a new encoder version
            has its own.

    Attributes:
        source: Who sends our events (``ce_source``).
    """

    def __init__(self, settings: Settings, app_id: str) -> None:
        prefix = settings.topic_prefix
        self.source = app_id
        self.profiles = f"{prefix}.profiles.v1"
        self.jobs = f"{prefix}.jobs.v1"
        self.decisions = f"{prefix}.decisions.v1"
        self.feedback = f"{prefix}.feedback.v1"
        self.matches = f"{prefix}.matches.v1"
        self.candidates = f"{prefix}.candidates.v1"
        self.explanations = f"{prefix}.explanations.v1"
        self.review = f"{prefix}.review.v1"
        self.job_fanout = f"{app_id}-job-fanout.v1"
        self.candidates_partial = f"{app_id}-candidates-partial.v1"
        self.work = f"{app_id}-work.v1"

    @property
    def inputs(self) -> tuple[str, ...]:
        """The topics that others publish to."""
        return tuple(getattr(self, name) for name in INPUTS)

    @staticmethod
    def dlq(topic: str) -> str:
        """The dead-letter topic of an input topic."""
        return f"{topic}.dlq"


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """What one topic must be. Times are milliseconds; None leaves the broker's default."""

    name: str
    partitions: int
    cleanup: Cleanup
    retention_ms: int | None = None
    min_compaction_lag_ms: int | None = None
    max_compaction_lag_ms: int | None = None
    delete_retention_ms: int | None = None
    segment_ms: int | None = None
    max_message_bytes: int = OUTPUT_BYTES

    @property
    def config(self) -> dict[str, str]:
        """The topic's configuration as Kafka names it."""
        values = {
            "cleanup.policy": self.cleanup,
            "retention.ms": self.retention_ms,
            "min.compaction.lag.ms": self.min_compaction_lag_ms,
            "max.compaction.lag.ms": self.max_compaction_lag_ms,
            "delete.retention.ms": self.delete_retention_ms,
            "segment.ms": self.segment_ms,
            "max.message.bytes": self.max_message_bytes,
        }
        return {key: str(value) for key, value in values.items() if value is not None}


def _compacted(name: str, partitions: int, **more: int) -> TopicSpec:
    times = {
        "max_compaction_lag_ms": 6 * DAY_MS,
        "delete_retention_ms": 7 * DAY_MS,
        "segment_ms": DAY_MS,
    }
    return TopicSpec(name, partitions, "compact", **{**times, **more})


def public_specs(names: TopicNames, settings: Settings) -> list[TopicSpec]:
    """The topics that other systems see, with the dead-letter topics."""
    count = settings.partitions
    inputs = [
        _compacted(names.profiles, count, max_message_bytes=INPUT_BYTES),
        _compacted(names.jobs, count, max_message_bytes=INPUT_BYTES),
        _compacted(names.decisions, count, max_message_bytes=INPUT_BYTES),
        TopicSpec(
            names.feedback,
            count,
            "delete",
            retention_ms=90 * DAY_MS,
            segment_ms=DAY_MS,
            max_message_bytes=INPUT_BYTES,
        ),
    ]
    outputs = [
        # A consumer that was away for a week still gets every change.
        _compacted(
            names.matches,
            count,
            min_compaction_lag_ms=7 * DAY_MS,
            max_compaction_lag_ms=7 * DAY_MS,
        ),
        _compacted(names.candidates, count),
        TopicSpec(
            names.explanations,
            count,
            "compact,delete",
            retention_ms=30 * DAY_MS,
            max_compaction_lag_ms=6 * DAY_MS,
            delete_retention_ms=7 * DAY_MS,
            segment_ms=DAY_MS,
        ),
        _compacted(names.review, count),
    ]
    return [*inputs, *outputs, *(_letters(spec) for spec in inputs)]


def _letters(spec: TopicSpec) -> TopicSpec:
    """The dead-letter topic of a topic: gone within 7 days, counting the segment."""
    return TopicSpec(
        TopicNames.dlq(spec.name),
        spec.partitions,
        "delete",
        retention_ms=13 * 12 * HOUR_MS,
        segment_ms=12 * HOUR_MS,
    )


def internal_specs(names: TopicNames, settings: Settings) -> list[TopicSpec]:
    """The topics of one application id, with dead-letter topics; its workers create them."""
    count = settings.partitions
    specs = [
        _compacted(names.job_fanout, count),
        _compacted(names.candidates_partial, count),
        TopicSpec(names.work, count, "delete", retention_ms=7 * DAY_MS, segment_ms=DAY_MS),
    ]
    return [*specs, *(_letters(spec) for spec in specs)]


def changelog_specs(names: Iterable[str], settings: Settings) -> list[TopicSpec]:
    """The changelogs of an application's tables, which its workers create before they join."""
    count = settings.partitions
    return [_compacted(name, count, max_message_bytes=CHANGELOG_BYTES) for name in names]


def explainer_specs(names: TopicNames, settings: Settings) -> list[TopicSpec]:
    """What the explainer needs beside the public topics: matches that cannot be read."""
    public = {spec.name: spec for spec in public_specs(names, settings)}
    return [_letters(public[names.matches])]


def topic_specs(names: TopicNames, settings: Settings) -> list[TopicSpec]:
    """Every topic, Faust's changelogs left out."""
    return [*public_specs(names, settings), *internal_specs(names, settings)]
