"""So that a backlog on one topic does not hold up the others.

Faust delivers all topics through one loop that waits when any agent's queue is full: with 30,000
jobs to embed, a new profile would wait behind all of them. So a topic whose agent has enough to
do is paused, and resumed when it is nearly through.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from matcher_stream.runtime.fence import Fence

HIGH, LOW = 2048, 512
#: Records of one poll, and room in a stream's queue: a topic is paused long before that is full.
POLL_RECORDS, QUEUE_EVENTS = 100, 32_768
CHECK_SECONDS = 0.1


class Reader(Protocol):
    """An agent's reader."""

    @property
    def backlog(self) -> int:
        """Events fetched and not yet taken into a batch."""


class Flow:
    """Pauses and resumes topics by how much waits in their agents.

    Args:
        app: The Faust app, whose consumer is told.
        fence: While it is closed, Faust itself pauses and resumes.
        readers: The reader of each topic.
    """

    def __init__(self, app: Any, fence: Fence, readers: Mapping[str, Reader]) -> None:
        self._app = app
        self._fence = fence
        self._readers = readers
        self._paused: set[str] = set()

    async def regulate(self) -> None:
        """Look once at every topic."""
        if not self._fence.is_open:
            self._paused.clear()  # a rebalance resumes everything
            return
        consumer = self._app.consumer
        assigned = consumer.assignment()
        for topic, reader in self._readers.items():
            waiting = reader.backlog
            # not pause_partitions: that loses what was polled already and not yet delivered
            if waiting > HIGH:
                self._paused.add(topic)
                for tp in assigned:
                    if tp.topic == topic:
                        consumer.on_buffer_full(tp)
            elif topic in self._paused and waiting < LOW:
                self._paused.discard(topic)
                for tp in assigned:
                    if tp.topic == topic:
                        consumer.on_buffer_drop(tp)
