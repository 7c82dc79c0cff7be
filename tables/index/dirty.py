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
from collections.abc import Sequence
from itertools import count, takewhile

import numpy as np

from models.search.arrays import Mask, Slots


class _Queue:
    """The dirty lists of one partition of people."""

    def __init__(self) -> None:
        self.flags: Mask = np.zeros(0, np.bool_)
        self.chunks: deque[tuple[int, Slots]] = deque()
        self.people: dict[str, int] = {}
        self.taken: list[tuple[int, Slots]] = []

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

    def first(self, most: int | None) -> tuple[list[tuple[int, Slots]], int | None]:
        """The chunks that have waited longest, the last one cut, and the number of what is next."""
        parts: list[tuple[int, Slots]] = []
        total = 0
        for number, slots in self.chunks:
            part = slots if most is None else slots[: most - total]
            if len(part):
                parts.append((number, part))
                total += len(part)
            if len(part) < len(slots):
                return parts, number
        return parts, None

    def settled(self, most: int = 0) -> list[str]:
        """Who waits for none of the lists that are left after the first `most`."""
        _, oldest = self.first(most)
        people = self.people.items()
        return [
            name for name, _ in takewhile(lambda one: oldest is None or one[1] < oldest, people)
        ]


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
        queue = self._queues.get(partition)
        return _slots(queue.first(most)[0] if queue else [])

    def settling(self, partition: int, most: int) -> list[str]:
        """Who would be settled if the lists that have waited longest, at most so many, went out."""
        queue = self._queues.get(partition)
        return queue.settled(most) if queue else []

    def take(self, partition: int, most: int) -> Slots:
        """The same lists as `waiting`, which wait no more: a change from now on makes them dirty
        anew. Whoever waited for them does, until they were `sent`.
        """
        queue = self._queues.setdefault(partition, _Queue())
        queue.taken, _ = queue.first(most)
        slots = _slots(queue.taken)
        queue.remove(slots)
        return slots

    def sent(self, partition: int) -> list[str]:
        """What was taken went out; returns the people who are settled by it."""
        queue = self._queues.setdefault(partition, _Queue())
        queue.taken = []
        return queue.settled()

    def put_back(self, partition: int) -> None:
        """What was taken did not go out: it goes on waiting, before all others."""
        queue = self._queues.setdefault(partition, _Queue())
        for number, slots in reversed(queue.taken):
            queue.flags[slots] = True
            queue.chunks.appendleft((number, slots))
        queue.taken = []

    def pending(self, partition: int) -> bool:
        """Whether any list or person of this partition waits."""
        queue = self._queues.get(partition)
        return queue is not None and bool(queue.chunks or queue.people)

    def refreshed(self, partition: int, slots: Slots) -> list[str]:
        """These lists are fresh; returns the people who are settled by it."""
        queue = self._queues.setdefault(partition, _Queue())
        queue.remove(slots)
        return queue.settled()

    def settle(self, partition: int, people: list[str]) -> None:
        """Their pending rows are gone."""
        queue = self._queues.setdefault(partition, _Queue())
        for profile_id in people:
            queue.people.pop(profile_id, None)

    def drop_partition(self, partition: int) -> None:
        """Forget a partition."""
        self._queues.pop(partition, None)


def _slots(chunks: Sequence[tuple[int, Slots]]) -> Slots:
    return np.concatenate([np.zeros(0, np.int64), *(slots for _, slots in chunks)])
