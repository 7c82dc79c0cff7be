"""What a worker owns after a rebalance, and where it starts to read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiokafka.errors import IllegalStateError

from schemas.errors import PartialAssignment


def owned_partitions(app: Any, topics: Iterable[str]) -> list[int]:
    """The partitions that this worker owns of every topic and every changelog alike, sorted.

    Faust's leader leaves out topics that its own view of the cluster lacks, for instance because
    they are new: a table would then be taken over without its changelog, as if it were empty.

    Args:
        app: The Faust app.
        topics: What its agents read.

    Raises:
        PartialAssignment: a topic was left out.
    """
    assigned = {(tp.topic, tp.partition) for tp in app.assignor.assigned_actives()}
    owned = sorted({partition for _, partition in assigned})
    for topic in sorted({*topics, *app.tables.changelog_topics}):
        if any((topic, partition) not in assigned for partition in owned):
            raise PartialAssignment(
                f"The group's leader has left topic {topic} out of the assignment: restart."
            )
    return owned


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
