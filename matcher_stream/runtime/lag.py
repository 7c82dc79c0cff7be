"""How far behind a worker is: for metrics, and for /live, which looks at lag without progress."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from matcher_stream.runtime import metrics
from matcher_stream.runtime.fence import Fence
from matcher_stream.runtime.parts import AppParts

LAG_SECONDS = 5.0


async def measure_lag(app: Any, fence: Fence, topics: Iterable[str]) -> None:
    """Ask the broker how far behind each input is; the consumer's own figure can freeze.

    Args:
        app: The Faust app.
        fence: While it is closed the assignment is changing, and nothing is measured.
        topics: The inputs that count.
    """
    if not fence.is_open:
        return
    lag = dict.fromkeys(topics, 0)
    consumer = app.consumer
    owned = [tp for tp in consumer.assignment() if tp.topic in lag]
    ends = await consumer.highwaters(*owned) if owned else {}
    for tp in owned:
        done = consumer._committed_offset.get(tp) or 0
        lag[tp.topic] += max(0, (ends.get(tp) or 0) - done)
    for topic, records in lag.items():
        metrics.LAG.labels(topic).set(records)
    metrics.note_lag(sum(lag.values()))


def register(parts: AppParts, topics: Iterable[str]) -> None:
    """Measure the lag on these topics every few seconds."""
    app, wanted = parts.app, frozenset(topics)

    async def lag() -> None:
        try:
            await measure_lag(app, parts.fence, wanted)
        except Exception as error:  # a figure that is not known must not end a worker
            app.logger.info("Lag unknown for now: %s", type(error).__name__)

    app.timer(LAG_SECONDS)(lag)
