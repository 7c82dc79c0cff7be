"""What the public was told last, read back from the public topics, and what is published still."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from matcher_stream.runtime.outputs import header
from matcher_stream.runtime.tail import OpenTail, Tail
from models.ranking.event_bodies import epoch_of, told_hash


@dataclass(frozen=True, slots=True)
class Said:
    """The last event about somebody or something, by whichever deployment.

    Attributes:
        revision: Of the event; 0 where there are none.
        told: Names what a reader learnt from it.
        ids: Who or what was in it, in order.
    """

    revision: int
    told: str
    ids: list[str]


#: Of what cannot be read: it is said anew.
_UNREADABLE = Said(0, "", [])


def matches_said(event: dict[str, Any]) -> Said:
    """Of a matches event."""
    ids = [str(entry["job_id"]) for entry in event["entries"]]
    return Said(int(event["revision"]), told_hash(event), ids)


def candidates_said(event: dict[str, Any]) -> Said:
    """Of a candidates event."""
    return Said(int(event["revision"]), told_hash(event), [])


def review_said(event: dict[str, Any]) -> Said:
    """Of a review record."""
    return Said(0, str(event["event_id"]), [])


class LastSaid:
    """The last event of each key in a partition of a public topic.

    Args:
        tail: The partition.
        read: Gives what was said by an event.
        source: Of our own events (``ce_source``).

    Attributes:
        last: By key; None after a null.
        epoch: The least for events that follow all of these: past the epochs of others.
    """

    def __init__(self, tail: Tail, read: Callable[[dict[str, Any]], Said], source: str) -> None:
        self._tail, self._read, self._source = tail, read, source.encode()
        self.last: dict[str, Said | None] = {}
        self.epoch = 0

    async def read(self) -> None:
        """Take in what came since the last call."""
        async for record in self._tail.news():
            key = record.key.decode()
            if record.value is None:
                self.last[key] = None
                continue
            try:
                said = self._read(orjson.loads(record.value))
            except (ValueError, KeyError, TypeError):
                said = _UNREADABLE
            self.last[key] = said
            ours = header(record, "ce_source") == self._source
            self.epoch = max(self.epoch, epoch_of(said.revision) + (not ours))


class Published:
    """Which keys an input topic holds a value of; read only if somebody asks.

    Args:
        opening: Opens topics.
        partition: Of the keys.
    """

    def __init__(self, opening: OpenTail, partition: int) -> None:
        self._opening, self._partition = opening, partition
        self._keys: dict[str, set[str]] = {}

    async def keys(self, topic: str) -> set[str]:
        """The keys whose last record is no null."""
        if topic not in self._keys:
            keys = self._keys[topic] = set()
            async for record in self._opening(topic, self._partition).news():
                name = (record.key or b"").decode(errors="replace")
                (keys.discard if record.value is None else keys.add)(name)
        return self._keys[topic]
