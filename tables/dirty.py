"""Which lists of candidates wait to be refreshed, and for whose sake.

A person who changes may enter or leave the candidate lists of many jobs. Those lists are
refreshed in the order in which they became dirty; a person is settled when every list that was
waiting at their last change has been refreshed. Until then a row in the table ``pending`` keeps
their superseded versions, so that a restart can find the same lists again.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count, islice


class DirtyLists:
    """Jobs in the order in which their list became dirty, by partition."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._jobs: dict[int, dict[str, int]] = {}
        self._people: dict[int, dict[str, int]] = {}

    def __len__(self) -> int:
        return sum(len(jobs) for jobs in self._jobs.values())

    def mark(self, partition: int, profile_id: str, jobs: Iterable[str]) -> None:
        """A person's change made the lists of these jobs dirty."""
        queue = self._jobs.setdefault(partition, {})
        for job_id in jobs:
            if job_id not in queue:
                queue[job_id] = next(self._numbers)
        people = self._people.setdefault(partition, {})
        people.pop(profile_id, None)
        people[profile_id] = next(self._numbers)

    def waiting(self, partition: int, most: int) -> list[str]:
        """The jobs that have waited longest."""
        return list(islice(self._jobs.get(partition, ()), most))

    def pending(self, partition: int) -> bool:
        """Whether anybody in this partition is not settled."""
        return bool(self._people.get(partition))

    def refreshed(self, partition: int, jobs: Iterable[str]) -> list[str]:
        """These lists are fresh; returns the people who are settled by it."""
        queue = self._jobs.setdefault(partition, {})
        for job_id in jobs:
            queue.pop(job_id, None)
        oldest = next(iter(queue.values()), None)
        people = self._people.setdefault(partition, {})
        settled = []
        for profile_id, number in people.items():
            if oldest is not None and number > oldest:
                break
            settled.append(profile_id)
        return settled

    def settle(self, partition: int, people: Iterable[str]) -> None:
        """Their pending rows are gone."""
        held = self._people.setdefault(partition, {})
        for profile_id in people:
            held.pop(profile_id, None)

    def drop_partition(self, partition: int) -> None:
        """Forget a partition."""
        self._jobs.pop(partition, None)
        self._people.pop(partition, None)
