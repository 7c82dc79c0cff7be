"""The topics of the catalogue as a broker has them: full names, partitions, configuration.

Every topic has the same number of partitions, so that equal partition numbers meet in one worker.
Times keep a margin below the promise that nothing of an erased person is left after 7 days: a
broker deletes whole segments, so a record lives for its retention plus its segment's length.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from aiokafka.partitioner import murmur2

from matcher_stream.config.catalogue import (
    INPUTS,
    OUTPUTS,
    READ,
    TOPICS,
    Catalogue,
    Cleanup,
    Topic,
)
from matcher_stream.config.settings import Settings

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
INPUT_BYTES: Final = 8 << 20
OUTPUT_BYTES: Final = INPUT_BYTES + (256 << 10)
"""A dead-letter copy is its input record plus headers, so it needs room above the input's 8 MB."""
CHANGELOG_BYTES: Final = 9 << 20
"""A row holds a record and more."""
OPTIONAL: Final = frozenset({"message.timestamp.after.max.ms"})
"""Configurations that brokers older than Kafka 3.6 do not know; topics do without them there, since
a record's timestamp is checked when it is read."""


#: The matcher's outputs.
SPOKEN: Final = (Catalogue.matches, Catalogue.candidates, Catalogue.review)


def partition_for(key: bytes, partitions: int) -> int:
    """The partition of a key: murmur2, as Java clients and aiokafka's default partitioner do."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


def _shadow(app_id: str, topic: str, prefix: str) -> str:
    """Of an application and a public topic; "" of no application."""
    return f"{app_id}-shadow.{topic.removeprefix(f'{prefix}.')}" if app_id else ""


class TopicNames(Catalogue):
    """Every topic's full name, by the catalogue's attributes.

    Args:
        settings: Gives the prefix of the public topics.
        app_id: Faust application id, part of the internal topics' names: a new encoder version
            has its own.

    Attributes:
        source: Who sends our events (``ce_source``).
        rival: A challenger's rankings that are interleaved with this application's; "" for none.
    """

    def __init__(self, settings: Settings, app_id: str) -> None:
        self.source = app_id
        self._prefix = settings.topic_prefix
        challenger = settings.interleave_with if settings.interleave_share else ""
        self.rival = _shadow(challenger, self.of(Catalogue.matches), self._prefix)

    def of(self, topic: Topic) -> str:
        """A topic's full name."""
        owner = f"{self.source}-" if topic.role == "internal" else f"{self._prefix}."
        return f"{owner}{topic.name}.v1"

    @property
    def inputs(self) -> tuple[str, ...]:
        """The topics that others publish to."""
        return tuple(self.of(topic) for topic in INPUTS.values())

    @property
    def read(self) -> tuple[str, ...]:
        """The topics that the matcher reads."""
        return tuple(self.of(topic) for topic in READ)

    @property
    def lagging(self) -> tuple[str, ...]:
        """Those of them in which what waits is a worker's lag."""
        return tuple(self.of(topic) for topic in READ if topic.lag)

    @property
    def spoken(self) -> tuple[str, ...]:
        """The outputs that say what this application's models think: the champion's alone."""
        return tuple(self.of(topic) for topic in SPOKEN)

    @property
    def letters(self) -> tuple[str, ...]:
        """The dead-letter topics of the inputs."""
        return tuple(self.dlq(name) for name in self.inputs)

    def shadow(self, topic: str) -> str:
        """Where what would go to a public topic goes while this application is in the shadow."""
        return _shadow(self.source, topic, self._prefix)

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
    timestamp_after_max_ms: int | None = None

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
            "message.timestamp.after.max.ms": self.timestamp_after_max_ms,
        }
        return {key: str(value) for key, value in values.items() if value is not None}


#: How a compacted topic forgets: whatever was erased is gone within 7 days.
_COMPACTED: Final = {"max_compaction_lag_ms": 6 * DAY_MS, "delete_retention_ms": 7 * DAY_MS}


def _spec(names: TopicNames, topic: Topic, partitions: int) -> TopicSpec:
    times: dict[str, int] = dict(_COMPACTED) if "compact" in topic.cleanup else {}
    if topic.days is not None:
        times["retention_ms"] = topic.days * DAY_MS
    if topic.history_days is not None:
        times["min_compaction_lag_ms"] = topic.history_days * DAY_MS
        times["max_compaction_lag_ms"] = topic.history_days * DAY_MS
    return TopicSpec(
        names.of(topic),
        partitions,
        topic.cleanup,
        segment_ms=DAY_MS,
        max_message_bytes=INPUT_BYTES if topic.role == "input" else OUTPUT_BYTES,
        timestamp_after_max_ms=DAY_MS if topic.role == "input" else None,
        **times,
    )


def public_specs(names: TopicNames, settings: Settings) -> list[TopicSpec]:
    """The topics that other systems see, with the dead-letter topics."""
    inputs = [_spec(names, topic, settings.partitions) for topic in INPUTS.values()]
    outputs = [_spec(names, topic, settings.partitions) for topic in OUTPUTS.values()]
    control = [_spec(names, Catalogue.models, settings.partitions)]
    return [*inputs, *outputs, *control, *(_letters(spec) for spec in inputs)]


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
    internal = (topic for topic in TOPICS if topic.role == "internal")
    specs = [_spec(names, topic, settings.partitions) for topic in internal]
    return [*specs, *(_letters(spec) for spec in specs), *shadow_specs(names, settings)]


def shadow_specs(names: TopicNames, settings: Settings) -> list[TopicSpec]:
    """What one application says while it is in the shadow: kept as the public topics are."""
    hidden = {*names.spoken, *names.letters}
    return [
        replace(spec, name=names.shadow(spec.name))
        for spec in public_specs(names, settings)
        if spec.name in hidden
    ]


def changelog_specs(names: Iterable[str], settings: Settings) -> list[TopicSpec]:
    """The changelogs of an application's tables, which its workers create before they join."""
    count, room = settings.partitions, CHANGELOG_BYTES
    return [
        TopicSpec(name, count, "compact", segment_ms=DAY_MS, max_message_bytes=room, **_COMPACTED)
        for name in names
    ]


def explainer_specs(names: TopicNames, settings: Settings) -> list[TopicSpec]:
    """What the explainer needs beside the public topics: matches that cannot be read."""
    return [_letters(_spec(names, Catalogue.matches, settings.partitions))]


def topic_specs(names: TopicNames, settings: Settings) -> list[TopicSpec]:
    """Every topic, Faust's changelogs left out."""
    return [*public_specs(names, settings), *internal_specs(names, settings)]
