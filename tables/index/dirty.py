"""Which lists of candidates wait to be refreshed, and for whose sake.

A person who changes may enter or leave the candidate lists of many jobs. Those lists are
refreshed in the order in which they became dirty; a person is settled when every list that was
waiting at their last change has been refreshed. Until then a row in the table ``pending`` keeps
their superseded versions, so that a restart can find the same lists again.

Jobs are named by their slot in the job index. A slot that was given to another job meanwhile is
refreshed once too often, which does no harm.
"""

from __future__ import annotations

from collections import deque
from itertools import count

import numpy as np

from models.search.arrays import Mask, Slots


class _Queue:
    """The dirty lists of one partition of people."""

    def __init__(self) -> None:
        self.flags: Mask = np.zeros(0, np.bool_)
        self.chunks: deque[tuple[int, Slots]] = deque()
        self.people: dict[str, int] = {}

    def add(self, number: int, slots: Slots) -> None:
        """Queue those of the slots that do not wait already."""
        if not len(slots):
            return
        needed = int(slots.max()) + 1
        if needed > len(self.flags):
            flags = np.zeros(max(needed, 2 * len(self.flags)), np.bool_)
            flags[: len(self.flags)] = self.flags
            self.flags = flags
        fresh = slots[~self.flags[slots]]
        if len(fresh):
            self.flags[fresh] = True
            self.chunks.append((number, fresh))

    def remove(self, slots: Slots) -> None:
        """These are fresh; chunks that are done with leave the queue."""
        self.flags[slots[slots < len(self.flags)]] = False
        while self.chunks:
            number, first = self.chunks.popleft()
            left = first[self.flags[first]]
            if len(left):
                self.chunks.appendleft((number, left))
                return


class DirtyLists:
    """Jobs in the order in which their list became dirty, by partition."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._queues: dict[int, _Queue] = {}

    def __len__(self) -> int:
        return sum(int(queue.flags.sum()) for queue in self._queues.values())

    def mark(self, partition: int, profile_id: str, slots: Slots) -> None:
        """A person's change made the lists of these jobs dirty."""
        queue = self._queues.setdefault(partition, _Queue())
        number = next(self._numbers)
        queue.add(number, slots)
        queue.people.pop(profile_id, None)
        queue.people[profile_id] = number

    def waiting(self, partition: int, most: int | None = None) -> Slots:
        """The jobs that have waited longest, int64 [at most `most`], or all that wait."""
        parts, total = [np.zeros(0, np.int64)], 0
        queue = self._queues.get(partition)
        for _, slots in queue.chunks if queue else ():
            parts.append(slots if most is None else slots[: most - total])
            total += len(parts[-1])
            if most is not None and total >= most:
                break
        return np.concatenate(parts)

    def pending(self, partition: int) -> bool:
        """Whether any list or person of this partition waits."""
        queue = self._queues.get(partition)
        return queue is not None and bool(queue.chunks or queue.people)

    def refreshed(self, partition: int, slots: Slots) -> list[str]:
        """These lists are fresh; returns the people who are settled by it."""
        queue = self._queues.setdefault(partition, _Queue())
        queue.remove(slots)
        oldest = queue.chunks[0][0] if queue.chunks else None
        settled = []
        for profile_id, number in queue.people.items():
            if oldest is not None and number >= oldest:
                break
            settled.append(profile_id)
        return settled

    def settle(self, partition: int, people: list[str]) -> None:
        """Their pending rows are gone."""
        queue = self._queues.setdefault(partition, _Queue())
        for profile_id in people:
            queue.people.pop(profile_id, None)

    def drop_partition(self, partition: int) -> None:
        """Forget a partition."""
        self._queues.pop(partition, None)
