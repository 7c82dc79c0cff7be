"""Where a worker starts to read after a rebalance."""

from __future__ import annotations

from typing import Any


async def seek_uncommitted(app: Any) -> None:
    """Start partitions without a commit at their beginning.

    Faust throws away what it fetched before it paused a partition and counts on seeking to the
    committed offset; aiokafka does not seek where nothing was committed, so those records would
    not be read until the next restart.
    """
    consumer = app.consumer
    changelogs = app.tables.changelog_topics
    for tp, offset in (await consumer.seek_to_committed()).items():
        if not offset and tp.topic not in changelogs:
            await consumer.seek(tp, 0)
