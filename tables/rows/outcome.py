"""What became of one job of one person's ranking, and counts of that over many people, as JSON."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

import orjson

from models.feedback.outcomes import place_of, strongest
from tables.rows.formats import FORMAT, check_format

MAX_IMPRESSIONS: Final = 100
"""Impressions of one person that are kept."""
MAX_SURFACE: Final = 40
"""Characters of a surface's name that are kept."""
MAX_TALLIED: Final = 5_000
"""Jobs of one partition of people that are counted."""
_TRIED: Final = 2  # fields that only rows of interleaved rankings have
_END: Final = b"\0"  # no id has one


@dataclass(slots=True)
class OutcomeRow:
    """One job as one person was shown it: on one surface, in one revision.

    Attributes:
        job_id: The job.
        revision: Of the matches event; 0 where nobody said and the ranking does not have it.
        rank: Place in it; 0 likewise.
        surface: Where it was shown; "" where nobody said.
        as_of: Day of the ranking that the rest was taken from.
        score: As it was told; None, with the next two, where that ranking does not have the job.
        level: As it was told.
        components: What the score is made of.
        swapped: Whether the entry had changed places with a neighbour.
        region: First two digits of the ubigeo of the person's home; "" unknown.
        ranker, encoder: Versions that scored it.
        times: When each kind of feedback came first, ms since the epoch.
        reason: Why it was dismissed.
        evidence: Parts of the evidence before they were weighed; None as `score`.
        team: Which of two interleaved rankings put it there; "" for neither, and where none were.
        challenger: The deployment that one of them is of, likewise.
    """

    job_id: str
    revision: int = 0
    rank: int = 0
    surface: str = ""
    as_of: str = ""
    score: float | None = None
    level: str | None = None
    components: dict[str, float] = field(default_factory=dict)
    swapped: bool = False
    region: str = ""
    ranker: str = ""
    encoder: str = ""
    times: dict[str, int] = field(default_factory=dict)
    reason: str | None = None
    evidence: dict[str, float] | None = None
    team: str = ""
    challenger: str = ""

    def pack(self) -> bytes:
        """The row as bytes."""
        values = [getattr(self, each.name) for each in fields(self)]
        return orjson.dumps([FORMAT, *(values if self.team else values[:-_TRIED])])

    @classmethod
    def unpack(cls, raw: bytes) -> OutcomeRow:
        """The row from bytes."""
        number, *values = orjson.loads(raw)
        check_format(number)
        return cls(*values)

    @property
    def began(self) -> int:
        """When it was first heard of, ms."""
        return min(self.times.values())


def outcome_key(profile_id: str, row: OutcomeRow) -> bytes:
    """Key of a row; all of a person's begin with `outcomes_of`."""
    what = orjson.dumps([row.job_id, row.revision, row.surface])
    return outcomes_of(profile_id) + hashlib.blake2b(what, digest_size=12).hexdigest().encode()


def outcomes_of(profile_id: str) -> bytes:
    """How the keys of a person's rows begin, and of nobody else's."""
    return profile_id.encode() + _END


def person_of(key: bytes) -> str:
    """Whose row a key is of."""
    return key.partition(_END)[0].decode()


def latest_outcomes(rows: Mapping[bytes, OutcomeRow]) -> dict[bytes, OutcomeRow]:
    """The latest of a person's rows, within `MAX_IMPRESSIONS`; what was only shown goes first."""
    if len(rows) <= MAX_IMPRESSIONS:
        return dict(rows)

    def age(key: bytes) -> tuple[bool, int, bytes]:
        row = rows[key]
        return strongest(row.times)[0] != "none", row.began, key

    return {key: rows[key] for key in sorted(rows, key=age)[-MAX_IMPRESSIONS:]}


def tally_keys(row: OutcomeRow) -> tuple[bytes, bytes]:
    """What a row is counted under: its place and region, and its job."""
    return (
        f"place:{place_of(row.rank)}:{row.region or '--'}".encode(),
        f"job:{row.job_id}".encode(),
    )


def tallies_of(counted: Iterable[tuple[bytes, Mapping[str, int]]]) -> dict[bytes, bytes]:
    """The rows of counts by kind, within `MAX_TALLIED` jobs: those that most was said of."""
    counts = {key: dict(kinds) for key, kinds in counted}
    jobs = [key for key in counts if key.startswith(b"job:")]
    most = sorted(jobs, key=lambda key: (-sum(counts[key].values()), key))
    for key in most[MAX_TALLIED:]:
        del counts[key]
    return {key: orjson.dumps(kinds, option=orjson.OPT_SORT_KEYS) for key, kinds in counts.items()}


def add_tally(counts: dict[bytes, Counter[str]], row: OutcomeRow) -> None:
    """Count one row under its keys."""
    for key in tally_keys(row):
        counts.setdefault(key, Counter()).update(row.times.keys())


def unpack_tally(raw: bytes) -> dict[str, int]:
    """Counts by kind of feedback."""
    said: Any = orjson.loads(raw)
    return dict(said)
