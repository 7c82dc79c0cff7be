"""What consumers were last told about one person, as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from models.feedback.drafting import Rival
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
        rival: What a challenger thought of the person: a `Rival`'s fields; None of whose list is
            not interleaved.
        own: Job, score and near-duplicates of each place of the ranking as it was before another
            was drawn in; none where none was.
        teams: Which of the two put each of `jobs` ("" for neither), likewise.
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
    rival: list[Any] | None = None
    own: list[list[Any]] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)

    @property
    def challenger(self) -> Rival | None:
        """What a challenger thought of the person."""
        if self.rival is None:
            return None
        deployment, revision, at, jobs = self.rival
        return Rival(deployment, revision, at, tuple(jobs))

    def team_of(self, job_id: str) -> str:
        """Which of two interleaved rankings put a job there; "" for neither."""
        return dict(zip(self.jobs, self.teams, strict=False)).get(job_id, "")

    def heeded(self, k: int, floor: float) -> tuple[list[str], float]:
        """Jobs whose change may change this ranking of at most `k`, and the score that a new one
        must reach, at least `floor`.
        """
        named = self.jobs + self.similar
        scores = self.scores
        if self.rival is not None:
            own = [name for job_id, _, similar in self.own for name in (job_id, *similar)]
            named = list(dict.fromkeys([*named, *own, *self.rival[3]]))
            scores = [score for _, score, _ in self.own] or scores
        return named, min(scores) if len(scores) == k else floor

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
                *((self.rival, self.own, self.teams) if self.rival is not None else ()),
            ]
        )

    @classmethod
    def unpack(cls, raw: bytes) -> RankingRow:
        """The row from bytes."""
        number, *fields = orjson.loads(raw)
        check_format(number)
        return cls(*fields)
