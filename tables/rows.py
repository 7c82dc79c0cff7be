"""How a row looks in each table: a fixed header, a float16 vector, then JSON.

Vectors stay outside the JSON so that an index can be built without parsing text, and every row
begins with a format number so that a newer program refuses, rather than misreads, an older row.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from models.ranking.attrs import JobAttrs, PersonAttrs, job_attrs, person_attrs
from models.reading.status import stated_status
from tables.headers import (
    FORMAT,
    JOB_HEAD,
    PERSON,
    PERSON_HEAD,
    POSTING_HEAD,
    TELLING,
    check_format,
    pack_job,
    pack_person,
    posting_header,
    unpack_person,
    vector_at,
)

JOB_STATES = ("active", "filled", "closed", "expired", "withdrawn", "held", "rejected")
#: States of a job that has not ended; the gate and decisions say which of them.
VETTED = ("active", "held", "rejected")


@dataclass(slots=True)
class PersonRow:
    """A person's last accepted profile.

    Attributes:
        content_hash: Hash of the accepted fields (16 bytes).
        text_hash: Hash of the encoder's input and version (16 bytes).
        record_ts: Timestamp of the profile's record, ms since the epoch.
        offset: Offset of the record in the profiles topic.
        ends: When the profile ends, ms since the epoch; 0 means never.
        ended: Whether that end has come, as told by an event.
        vector: float16, [dim]; empty if the text cannot be read.
        profile: The accepted fields.
        attrs: What filters and evidence read of them.
    """

    content_hash: bytes
    text_hash: bytes
    record_ts: int
    offset: int
    ends: int
    ended: bool
    vector: NDArray[np.float16]
    profile: dict[str, Any]
    attrs: PersonAttrs

    def pack(self) -> bytes:
        """The row as bytes."""
        head = PERSON_HEAD.pack(
            FORMAT,
            self.content_hash,
            self.text_hash,
            self.record_ts,
            self.offset,
            self.ends,
            self.ended,
            len(self.vector),
        )
        attrs = pack_person(self.attrs, stated_status(self.profile))
        return head + attrs + self.vector.tobytes() + orjson.dumps(self.profile)

    @classmethod
    def unpack(cls, raw: bytes) -> PersonRow:
        """The row from bytes."""
        number, content, text, ts, offset, ends, ended, length = PERSON_HEAD.unpack_from(raw)
        check_format(number)
        start = PERSON_HEAD.size + PERSON.size
        vector = vector_at(raw, start, length)
        profile = orjson.loads(raw[start + 2 * length :])
        kept = unpack_person(raw, PERSON_HEAD.size)
        attrs = kept[0] if kept else person_attrs(profile)  # other rules made them
        return cls(content, text, ts, offset, ends, bool(ended), vector, profile, attrs)


@dataclass(slots=True)
class JobRow:
    """A job's last accepted version, where jobs are vetted and embedded.

    Attributes:
        content_hash: Hash of the accepted fields (16 bytes).
        text_hash: Hash of the encoder's input and version (16 bytes).
        record_ts: Timestamp of the job's record, ms since the epoch.
        offset: Offset of the record in the jobs topic; with `counter` the job_version.
        counter: Raised by an expiry or a decision about the same record.
        ends: When the job ends, ms since the epoch.
        state: One of `JOB_STATES`.
        vector: float16, [dim].
        job: The accepted fields.
        penalty: What exposure takes off its scores.
        telling: Receivers may have been told something else; the job's next record clears it.
    """

    content_hash: bytes
    text_hash: bytes
    record_ts: int
    offset: int
    counter: int
    ends: int
    state: str
    vector: NDArray[np.float16]
    job: dict[str, Any]
    penalty: float = 0.0
    telling: bool = False

    @property
    def version(self) -> tuple[int, int]:
        """The job_version that receivers compare."""
        return self.offset, self.counter

    def pack(self) -> bytes:
        """The row as bytes."""
        head = JOB_HEAD.pack(
            FORMAT,
            self.content_hash,
            self.text_hash,
            self.record_ts,
            self.offset,
            self.ends,
            self.counter,
            JOB_STATES.index(self.state) | (TELLING if self.telling else 0),
            self.penalty,
            len(self.vector),
        )
        return head + self.vector.tobytes() + orjson.dumps(self.job)

    @classmethod
    def unpack(cls, raw: bytes) -> JobRow:
        """The row from bytes."""
        number, content, text, ts, offset, ends, counter, state, penalty, length = (
            JOB_HEAD.unpack_from(raw)
        )
        check_format(number)
        vector = vector_at(raw, JOB_HEAD.size, length)
        job = orjson.loads(raw[JOB_HEAD.size + 2 * length :])
        name, telling = JOB_STATES[state & ~TELLING], bool(state & TELLING)
        return cls(content, text, ts, offset, counter, ends, name, vector, job, penalty, telling)


@dataclass(slots=True)
class PostingRow:
    """A job as one partition of people holds it; also the value of a fan-out record.

    Attributes:
        version: The job_version, (offset, counter).
        died: When the job was withdrawn, ms since the epoch; 0 while it is active.
        vector: float16, [dim]; empty for a grave marker.
        card: The job card as JSON; empty for a grave marker.
        signature: Of the ad's text, by which near-duplicates are known.
        attrs: What filters and evidence read; None for a grave marker.
    """

    version: tuple[int, int]
    died: int
    vector: NDArray[np.float16]
    card: bytes
    signature: bytes = b""
    attrs: JobAttrs | None = None

    def pack(self) -> bytes:
        """The row as bytes."""
        offset, counter = self.version
        sizes = len(self.vector), len(self.signature)
        penalty = self.attrs.penalty if self.attrs else 0.0
        head = POSTING_HEAD.pack(FORMAT, offset, counter, self.died, penalty, *sizes)
        parts = pack_job(self.attrs), self.vector.tobytes(), self.signature, self.card
        return head + b"".join(parts)

    @classmethod
    def unpack(cls, raw: bytes) -> PostingRow:
        """The row from bytes."""
        head = posting_header(raw)
        attrs = head.attrs
        if attrs is None and not head.died:  # other rules made them
            attrs = job_attrs(orjson.loads(head.card), head.penalty)
        return cls(head.version, head.died, head.vector, head.card, head.signature, attrs)


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
    """

    revision: int
    body: str
    jobs: list[str]
    scores: list[float]
    done: str
    status: str
    versions: list[list[int]]
    similar: list[str] = field(default_factory=list)

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
            ]
        )

    @classmethod
    def unpack(cls, raw: bytes) -> RankingRow:
        """The row from bytes."""
        number, *fields = orjson.loads(raw)
        check_format(number)
        return cls(*fields)


def pack_list(rows: list[bytes]) -> bytes:
    """Several rows as one value, each with its length before it (4 bytes)."""
    return b"".join(struct.pack(">I", len(row)) + row for row in rows)


def unpack_list(raw: bytes) -> list[bytes]:
    """The rows of `pack_list`."""
    rows, start = [], 0
    while start < len(raw):
        (length,) = struct.unpack_from(">I", raw, start)
        rows.append(raw[start + 4 : start + 4 + length])
        start += 4 + length
    return rows
