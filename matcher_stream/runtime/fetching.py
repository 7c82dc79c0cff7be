"""Records that somebody waits for are fetched first.

aiokafka hands out what it has in the order in which partitions came from the broker, and Faust
delivers it one record after the other: with a thousand ads at hand, a profile that came after them
would be delivered a second later.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, cast

from faust.transport.drivers import aiokafka as driver
from faust.types import TP

Records = Mapping[TP, list[Any]]


class _Thread(driver.AIOKafkaConsumerThread):
    """Asks for the first topics' records, and for all where there are none of those."""

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: set[TP],
        timeout: float | None = None,
        max_records: int | None = None,
    ) -> Records:
        topics = cast(FirstTopicsTransport, self.transport).first
        first = {tp for tp in active_partitions if tp.topic in topics}
        if first:  # none would mean every partition
            at_hand: Records = await super()._fetch_records(consumer, first, 0, max_records)
            if at_hand:
                return at_hand
        found: Records = await super()._fetch_records(
            consumer, active_partitions, timeout, max_records
        )
        return found


class _Consumer(driver.Consumer):
    def _new_consumer_thread(self) -> _Thread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)


class FirstTopicsTransport(driver.Transport):
    """Faust's transport for a consumer that fetches some topics before all others.

    Args:
        app: The Faust app, whose settings name the broker.
        first: Names of those topics. Others are not starved: a topic is paused while its agent has
            enough to do (`matcher_stream/runtime/flow.py`).
    """

    Consumer: ClassVar[type[_Consumer]] = _Consumer

    def __init__(self, app: Any, first: Collection[str]) -> None:
        super().__init__(app.conf.broker_consumer, app)
        self.first = frozenset(first)
