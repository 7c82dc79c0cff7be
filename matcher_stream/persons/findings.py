"""What was found about one person: what stands, and what is only left in logs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from matcher_stream.config.contract import TopicNames
from matcher_stream.config.retention import Kept, kept
from matcher_stream.persons.places import NOTHING, Place
from schemas import DAY_MS

#: Where the records of one key lie; of a topic without compaction, one record.
Trail = tuple[str, int, bytes, int]


@dataclass(slots=True)
class Found:
    """One record about the person.

    Attributes:
        place: Where it is kept.
        written: When, ms since the epoch.
        data: What it says of the person, as plain values.
        replaced: When another record, or a null, took its place (ms); None while it stands.
    """

    place: Place
    partition: int
    offset: int
    key: str
    written: int
    data: Any
    replaced: int | None = None


@dataclass(slots=True)
class Findings:
    """Everything about one person, record by record.

    Args:
        profile_id: The person.
        names: The public topics'.
        places: Where to look, by topic.
        configs: The topics' configurations as the broker has them.

    Attributes:
        records: Those about the person, as they were read.
        told: How often `matches` has said that they were erased.
    """

    profile_id: str
    names: TopicNames
    places: Mapping[str, Place]
    configs: Mapping[str, Mapping[str, str]]
    records: list[Found] = field(default_factory=list)
    told: int = 0
    _last: dict[Trail, Found] = field(default_factory=dict)

    def take(self, records: Iterable[Any]) -> None:
        """Take in records of these places (aiokafka's ConsumerRecord), in offset order within a
        partition.
        """
        for record in records:
            if record.topic == self.names.matches and record.value is None:
                self.told += record.key == self.profile_id.encode()
            self._take(record)

    def _take(self, record: Any) -> None:
        place, key = self.places[record.topic], record.key or b""
        compacted = self.kept(record.topic).replaced is not None
        trail = record.topic, record.partition, key, 0 if compacted else record.offset
        if (before := self._last.pop(trail, None)) is not None:
            before.replaced = record.timestamp
        if record.value is None:
            return
        data = place.holds.read(self.profile_id, key, record.value)
        if data is NOTHING:
            return
        name = key.decode(errors="replace") if "changelog" not in record.topic else ""
        found = Found(place, record.partition, record.offset, name, record.timestamp, data)
        self.records.append(found)
        self._last[trail] = found

    def kept(self, topic: str) -> Kept:
        """How long the broker keeps records of a topic."""
        return kept(self.configs.get(topic, {}))

    def gone_ms(self, found: Found) -> int | None:
        """By when a record is gone from the logs (ms since the epoch); None if nothing says so."""
        times = self.kept(found.place.topic)
        ends = []
        if times.written is not None:
            ends.append(found.written + times.written * DAY_MS)
        if times.replaced is not None and found.replaced is not None:
            ends.append(found.replaced + times.replaced * DAY_MS)
        return min(ends, default=None)

    @property
    def standing(self) -> list[Found]:
        """What stands and an erasure takes back."""
        return [found for found in self._last.values() if found.place.holds.taken_back]

    @property
    def astray(self) -> set[int]:
        """Partitions in which a profile of theirs stands, be it refused there."""
        profiles = self.names.profiles
        return {found.partition for found in self.standing if found.place.topic == profiles}

    @property
    def current(self) -> list[Found]:
        """What stands, whether an erasure takes it back or not."""
        return [found for found in self.records if found.replaced is None]

    @property
    def left(self) -> list[Found]:
        """What nobody uses any more and logs still have."""
        return [found for found in self.records if found.replaced is not None]
