"""What the tables hold, as their changelogs tell it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tables.rows import Exclusions, JobRow, PersonRow, RankingRow

#: A copy's version, and a digest of what it holds.
Copy = tuple[tuple[int, int], bytes]


@dataclass(slots=True)
class Held:
    """Rows by key, and where they lie.

    Attributes:
        home: The partition of each person.
        postings: By partition and job_id: version and a digest of vector and card.
        outcomes: Profile ids of whom it is kept what they did with what they were shown.
        pending: Profile ids whose candidate lists wait for a refresh.
    """

    people: dict[str, PersonRow] = field(default_factory=dict)
    home: dict[str, int] = field(default_factory=dict)
    jobs: dict[str, JobRow] = field(default_factory=dict)
    decisions: dict[str, bytes] = field(default_factory=dict)
    exclusions: dict[str, Exclusions] = field(default_factory=dict)
    rankings: dict[str, RankingRow] = field(default_factory=dict)
    outcomes: set[str] = field(default_factory=set)
    pending: set[str] = field(default_factory=set)
    postings: dict[int, dict[str, Copy]] = field(default_factory=dict)
