"""Topics as lists, and a producer that keeps its word no sooner than it must."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from aiokafka.errors import MessageSizeTooLargeError

from matcher_stream.config.worker_options import MAX_MESSAGE
from matcher_stream.runtime.tail import OpenTail


class Died(BaseException):
    """The process is gone: nothing of it is sent, written or acknowledged from here on."""


class Record(NamedTuple):
    """One stored record; `timestamp` is ms since the epoch."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp: int


class Step(NamedTuple):
    """One thing that happened: ``sent``, ``stored`` or ``acked``."""

    what: str
    topic: str
    partition: int
    key: bytes | None


class MemoryBroker:
    """What a broker remembers.

    Args:
        partitions: Of every topic.

    Attributes:
        steps: Everything that happened, in order.
    """

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self._logs: defaultdict[str, list[list[Record]]] = defaultdict(
            lambda: [[] for _ in range(partitions)]
        )
        self.steps: list[Step] = []

    def append(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Any = (),
        timestamp: int | None = None,
    ) -> Record:
        """Store a record; its timestamp is now unless given."""
        log = self._logs[topic][partition]
        stamp = int(time.time() * 1000) if timestamp is None else timestamp
        record = Record(topic, partition, len(log), key, value, tuple(headers or ()), stamp)
        log.append(record)
        self.steps.append(Step("stored", topic, partition, key))
        return record

    def log(self, topic: str, partition: int) -> list[Record]:
        """The records of a partition."""
        return self._logs[topic][partition]

    def records(self, topic: str) -> Iterator[Record]:
        """All records of a topic, partition by partition."""
        for log in self._logs[topic]:
            yield from log

    def last(self, topic: str) -> dict[bytes | None, Record]:
        """What compaction leaves: the last record of each key."""
        return {record.key: record for record in self.records(topic)}


class MemoryTail:
    """A `Tail` of a partition in memory."""

    def __init__(self, broker: MemoryBroker, topic: str, partition: int) -> None:
        self._log, self._read = broker.log(topic, partition), 0

    async def news(self) -> AsyncIterator[Record]:
        """What came since the last call."""
        while self._read < len(self._log):
            self._read += 1
            yield self._log[self._read - 1]


@asynccontextmanager
async def memory_reading(broker: MemoryBroker) -> AsyncIterator[OpenTail]:
    """Partitions in memory."""
    yield partial(MemoryTail, broker)


class _Promise(asyncio.Future[Record]):
    """A record under way. It is stored once somebody waits for it."""

    store: Callable[[], None] | None = None

    def add_done_callback(self, fn: Any, *, context: Any = None) -> None:
        super().add_done_callback(fn, context=context)
        if self.store is not None:
            store, self.store = self.store, None
            self.get_loop().call_soon(store)


@dataclass
class MemoryProducer:
    """The producer of one worker.

    Attributes:
        broker: Takes the records.
        left: Records it still sends before the process dies; None for ever.
        alive: Whether the process is.
        sent: Records so far.
        on_send: Told after each record how many there were.
    """

    broker: MemoryBroker
    left: int | None = None
    alive: bool = True
    sent: int = 0
    on_send: Callable[[int], None] = lambda sent: None
    _promises: list[_Promise] = field(default_factory=list)

    async def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int,
        timestamp: float | None,
        headers: Any,
    ) -> _Promise:
        """Take a record; it is stored when its promise is awaited."""
        if self.left == 0:
            self.die()
        if not self.alive:
            raise Died
        if sum(len(part or b"") for part in (key, value)) > MAX_MESSAGE:
            raise MessageSizeTooLargeError
        if self.left is not None:
            self.left -= 1
        self.broker.steps.append(Step("sent", topic, partition, key))
        promise = _Promise(loop=asyncio.get_running_loop())

        def store() -> None:
            if self.alive and not promise.done():
                promise.set_result(self.broker.append(topic, partition, key, value, headers))

        promise.store = store
        self._promises.append(promise)
        self.sent += 1
        self.on_send(self.sent)
        return promise

    def forgotten(self) -> int:
        """Records that nobody waits for."""
        self._promises = [promise for promise in self._promises if not promise.done()]
        return sum(promise.store is not None for promise in self._promises)

    def die(self) -> None:
        """What is under way is lost, and so is who waits for it."""
        self.alive = False
        for promise in self._promises:
            if not promise.done():
                promise.set_exception(Died())
                promise.exception()  # it is looked at: nobody else may be left to
        self._promises.clear()
