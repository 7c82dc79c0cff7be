"""Where a worker starts to read after a rebalance."""

from __future__ import annotations

from typing import Any

from aiokafka.errors import IllegalStateError


async def seek_uncommitted(app: Any) -> bool:
    """Start partitions without a commit at their beginning.

    Faust throws away what it fetched before it paused a partition and counts on seeking to the
    committed offset; aiokafka does not seek where nothing was committed, so those records would
    not be read until the next restart.

    Returns:
        False if partitions were taken away meanwhile: the rebalance that did it calls again.
    """
    consumer = app.consumer
    changelogs = app.tables.changelog_topics
    try:
        for tp, offset in (await consumer.seek_to_committed()).items():
            if not offset and tp.topic not in changelogs:
                await consumer.seek(tp, 0)
    except IllegalStateError:
        return False
    return True
