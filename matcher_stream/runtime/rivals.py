"""What a challenger in the shadow says of people, kept until an agent has taken it in.

It is read beside the inputs, without a consumer group, by a timer: nothing waits for a challenger
that is slow, broken or gone. Whoever dies forgets what was read and reads it again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

import orjson
from aiokafka.errors import KafkaError

from matcher_stream.runtime.outputs import header
from matcher_stream.runtime.tail import OpenTail, Reading, Tail
from models.feedback.drafting import Rival
from schemas.base import MAX_ID_CHARS

log = logging.getLogger(__name__)

MOST_WAITING: Final = 10_000
"""People of one partition of whom something waits; of others it is read again some day."""


class Rivals:
    """The latest of each person, by partition.

    Args:
        topic: The challenger's rankings.
        deployment: The challenger's application id.
        most: Jobs of a ranking that are kept.
        reading: Reads partitions.
    """

    def __init__(self, topic: str, deployment: str, most: int, reading: Reading) -> None:
        self._topic, self._deployment, self._most = topic, deployment, most
        self._reading, self._opened = reading, AsyncExitStack()
        self._opening: OpenTail | None = None
        self._tails: dict[int, Tail] = {}
        self._news: dict[int, dict[str, Rival | None]] = {}
        self._repeated: dict[int, bool] = {}

    def keep(self, partitions: Iterable[int]) -> None:
        """Forget all others."""
        kept = set(partitions)
        held: dict[int, Any]
        for held in (self._tails, self._news, self._repeated):
            for partition in held.keys() - kept:
                del held[partition]

    def repeated(self, partition: int) -> bool:
        """Whether `repeat_done` was said of a partition since this worker owns it."""
        return partition in self._repeated

    def repeat_done(self, partition: int) -> None:
        """What a worker before us may have said last was said again."""
        self._repeated[partition] = True

    def waiting(self, partition: int) -> Mapping[str, Rival | None]:
        """What no agent has taken in yet, by profile_id; None for somebody of whom it says nothing
        any more.
        """
        return self._news.get(partition, {})

    def taken(self, partition: int, what: Mapping[str, Rival | None]) -> None:
        """Forget what an agent has taken in, but for what was replaced meanwhile."""
        news = self._news.get(partition, {})
        for name, rival in what.items():
            if name in news and news[name] == rival:
                del news[name]

    async def listen(self, partition: int, wanted: Callable[[str], bool]) -> None:
        """Read what came.

        Args:
            partition: Of the people.
            wanted: Says of whom it is kept, by profile_id.
        """
        try:
            tail = await self._tail(partition)
            async for record in tail.news():
                self._note(partition, record, wanted)
        except (KafkaError, OSError) as error:
            log.warning("The challenger's rankings cannot be read (%s)", type(error).__name__)
            await self.close()

    async def close(self) -> None:
        """Let go of the broker; who listens again begins anew."""
        self._opening, self._tails = None, {}
        await self._opened.aclose()

    async def _tail(self, partition: int) -> Tail:
        if self._opening is None:
            self._opening = await self._opened.enter_async_context(self._reading())
        if partition not in self._tails:
            self._tails[partition] = self._opening(self._topic, partition)
        return self._tails[partition]

    def _note(self, partition: int, record: Any, wanted: Callable[[str], bool]) -> None:
        name = (record.key or b"").decode(errors="replace")
        news = self._news.setdefault(partition, {})
        if not wanted(name) or (name not in news and len(news) >= MOST_WAITING):
            return
        if record.value is None:
            news[name] = None
        elif header(record, "ce_source") == self._deployment.encode():
            try:
                news[name] = self._read(record)
            except (ValueError, KeyError, TypeError, AttributeError):
                log.warning("A record of %s is no ranking", self._topic)

    def _read(self, record: Any) -> Rival:
        event = orjson.loads(record.value)
        named = (str(entry["job_id"]) for entry in event["entries"][: self._most])
        jobs = tuple(job_id for job_id in named if len(job_id) <= MAX_ID_CHARS)
        return Rival(self._deployment, int(event["revision"]), int(record.timestamp), jobs)
