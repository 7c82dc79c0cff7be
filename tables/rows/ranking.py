"""What consumers were last told about one person, as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from tables.rows.formats import FORMAT, check_format


@dataclass(slots=True)
class RankingRow:
    """What consumers were last told about one person.

    Attributes:
        revision: The counter in the low bits of the revision.
        body: Hash of the last body sent (hex).
        jobs: Job ids in rank order.
        scores: Their scores.
        done: Content hash (hex) and versions for which the work was finished.
        status: The status sent.
        versions: job_version of each job.
        similar: Near-duplicates that stand behind them, in no order.
        seen: Names the set of jobs that the last event was made from; 0 in older rows.
        unlocks: What one step would open, as it was told.
        as_of: Day of the event; "" in older rows.
        swapped: Rank of the first of two neighbours that were told in each other's place; 0 if none
            were.
    """

    revision: int
    body: str
    jobs: list[str]
    scores: list[float]
    done: str
    status: str
    versions: list[list[int]]
    similar: list[str] = field(default_factory=list)
    seen: int = 0
    unlocks: list[dict[str, Any]] = field(default_factory=list)
    as_of: str = ""
    swapped: int = 0

    @classmethod
    def beginning(cls, revision: int) -> RankingRow:
        """The row of somebody who was told nothing yet; their first event follows `revision`."""
        return cls(revision, "", [], [], "", "", [])

    def pack(self) -> bytes:
        """The row as bytes."""
        return orjson.dumps(
            [
                FORMAT,
                self.revision,
                self.body,
                self.jobs,
                self.scores,
                self.done,
                self.status,
                self.versions,
                self.similar,
                self.seen,
                self.unlocks,
                self.as_of,
                self.swapped,
            ]
        )

    @classmethod
    def unpack(cls, raw: bytes) -> RankingRow:
        """The row from bytes."""
        number, *fields = orjson.loads(raw)
        check_format(number)
        return cls(*fields)
