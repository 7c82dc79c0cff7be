"""How far behind a worker is: for metrics, and for /live, which looks at lag without progress."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Protocol

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from matcher_stream.runtime import metrics
from matcher_stream.runtime.fence import Fence
from matcher_stream.runtime.parts import AppParts

LAG_SECONDS = 5.0
Place = tuple[str, int]


class Held(Protocol):
    """An agent's reader."""

    def oldest(self) -> Mapping[int, float]:
        """Timestamp (s since the epoch) of the first record of each partition that is not done."""


class Ages(Collector):
    """Since when the oldest record of each partition waits; ages are reckoned when they are asked
    for, so that they grow while nothing is measured.

    Attributes:
        since: Seconds since the epoch by topic and partition; None where nothing waits.
    """

    def __init__(self) -> None:
        self.since: dict[Place, float | None] = {}
        self._noticed: dict[Place, tuple[int, float]] = {}

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The ages."""
        family = GaugeMetricFamily(
            "matcher_oldest_waiting_seconds",
            "Age of the oldest record that was not finished yet, by the timestamp that its "
            "publisher gave it; 0 where none waits.",
            labels=["topic", "partition"],
        )
        now = time.time()
        for (topic, partition), since in self.since.items():
            age = 0.0 if since is None else max(0.0, now - since)
            family.add_metric([topic, str(partition)], age)
        yield family

    def note(self, waiting: Mapping[Place, int | None], held: Mapping[str, Held]) -> None:
        """Note what waits in the partitions that are owned.

        Args:
            waiting: Offset of the first record that waits, by place; None if none does.
            held: The reader of each topic, which knows the records that were fetched. Of one that
                was not, it is known since when it was seen to wait.
        """
        now = time.time()
        fetched = {topic: reader.oldest() for topic, reader in held.items()}
        noticed: dict[Place, tuple[int, float]] = {}
        since: dict[Place, float | None] = {}
        for place, offset in waiting.items():
            if offset is None:
                since[place] = None
                continue
            at, seen = self._noticed.get(place, (offset, now))
            noticed[place] = (offset, seen if at == offset else now)
            topic, partition = place
            since[place] = fetched.get(topic, {}).get(partition, noticed[place][1])
        self._noticed, self.since = noticed, since


AGES: Final = Ages()
metrics.REGISTRY.register(AGES)


async def measure_lag(
    app: Any, fence: Fence, topics: Iterable[str], held: Mapping[str, Held] | None = None
) -> None:
    """Ask the broker how far behind each input is; the consumer's own figure can freeze.

    Args:
        app: The Faust app.
        fence: While it is closed the assignment is changing, and nothing is measured.
        topics: The inputs that count.
        held: The reader of each topic.
    """
    if not fence.is_open:
        return
    wanted = frozenset(topics)
    consumer = app.consumer
    owned = sorted(tp for tp in consumer.assignment() if tp.topic in wanted)
    ends = await consumer.highwaters(*owned) if owned else {}
    metrics.LAG.clear()
    waiting: dict[Place, int | None] = {}
    lag = 0
    for tp in owned:
        done = consumer._committed_offset.get(tp) or 0
        records = max(0, (ends.get(tp) or 0) - done)
        metrics.LAG.labels(tp.topic, str(tp.partition)).set(records)
        waiting[tp.topic, tp.partition] = done if records else None
        lag += records
    AGES.note(waiting, held or {})
    metrics.note_lag(lag)


def register(parts: AppParts, topics: Iterable[str], held: Mapping[str, Held]) -> None:
    """Measure the lag on these topics every few seconds.

    Args:
        parts: The worker.
        topics: The inputs that count.
        held: The reader of each topic.
    """
    app, wanted = parts.app, frozenset(topics)

    async def lag() -> None:
        try:
            await measure_lag(app, parts.fence, wanted, held)
        except Exception as error:  # a figure that is not known must not end a worker
            app.logger.info("Lag unknown for now: %s", type(error).__name__)

    app.timer(LAG_SECONDS)(lag)
