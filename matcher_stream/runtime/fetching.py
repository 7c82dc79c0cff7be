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
    """Asks for the first topics' records every other time, if there are any, and else for all: so
    nobody waits for more than one poll of the others, nor do they.
    """

    _favoured = False

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: set[TP],
        timeout: float | None = None,
        max_records: int | None = None,
    ) -> Records:
        topics = cast(FirstTopicsTransport, self.transport).first
        first = {tp for tp in active_partitions if tp.topic in topics}
        if first and not self._favoured:  # none would mean every partition
            at_hand: Records = await super()._fetch_records(consumer, first, 0, max_records)
            if at_hand:
                self._favoured = True
                return at_hand
        self._favoured = False
        found: Records = await super()._fetch_records(
            consumer, active_partitions, timeout, max_records
        )
        return found


class _Consumer(driver.Consumer):
    def _new_consumer_thread(self) -> _Thread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)


class FirstTopicsTransport(driver.Transport):
    """Faust's transport for a consumer that fetches some topics first, at every other poll.

    Args:
        app: The Faust app, whose settings name the broker.
        first: Names of those topics.
    """

    Consumer: ClassVar[type[_Consumer]] = _Consumer

    def __init__(self, app: Any, first: Collection[str]) -> None:
        super().__init__(app.conf.broker_consumer, app)
        self.first = frozenset(first)
