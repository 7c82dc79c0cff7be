"""How a row looks in each table: a fixed header, a float16 vector, then JSON.

Vectors stay outside the JSON so that an index can be built without parsing text, and every row
begins with a format number so that a newer program refuses, rather than misreads, an older row.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from schemas.errors import EnvironmentFailure

FORMAT = 1
#: The vector of a text that cannot be read, and of a grave marker.
NO_VECTOR: NDArray[np.float16] = np.zeros(0, np.float16)

# format, content hash, text hash, record timestamp (ms), offset, end (ms), ended, vector length
_PERSON = struct.Struct(">B16s16sqqqBH")
# ... the same with the version's counter and the state's number before the vector length
_JOB = struct.Struct(">B16s16sqqqIBH")
# format, offset, counter, time of death (ms; 0 = alive), vector length
_POSTING = struct.Struct(">BqIqH")

JOB_STATES = ("active", "filled", "closed", "expired", "withdrawn", "held", "rejected")


def _checked(number: int) -> None:
    if number != FORMAT:
        raise EnvironmentFailure(
            f"A table row has format {number}, this program writes {FORMAT}: start it under a new "
            "app id (MATCHER_ENCODER_VERSION) so that it rebuilds its tables."
        )


def _vector(raw: bytes, start: int, length: int) -> NDArray[np.float16]:
    return np.frombuffer(raw, np.float16, length, start) if length else NO_VECTOR


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
    """

    content_hash: bytes
    text_hash: bytes
    record_ts: int
    offset: int
    ends: int
    ended: bool
    vector: NDArray[np.float16]
    profile: dict[str, Any]

    def pack(self) -> bytes:
        """The row as bytes."""
        head = _PERSON.pack(
            FORMAT,
            self.content_hash,
            self.text_hash,
            self.record_ts,
            self.offset,
            self.ends,
            self.ended,
            len(self.vector),
        )
        return head + self.vector.tobytes() + orjson.dumps(self.profile)

    @classmethod
    def unpack(cls, raw: bytes) -> PersonRow:
        """The row from bytes."""
        number, content, text, ts, offset, ends, ended, length = _PERSON.unpack_from(raw)
        _checked(number)
        vector = _vector(raw, _PERSON.size, length)
        profile = orjson.loads(raw[_PERSON.size + 2 * length :])
        return cls(content, text, ts, offset, ends, bool(ended), vector, profile)


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

    @property
    def version(self) -> tuple[int, int]:
        """The job_version that receivers compare."""
        return self.offset, self.counter

    def pack(self) -> bytes:
        """The row as bytes."""
        head = _JOB.pack(
            FORMAT,
            self.content_hash,
            self.text_hash,
            self.record_ts,
            self.offset,
            self.ends,
            self.counter,
            JOB_STATES.index(self.state),
            len(self.vector),
        )
        return head + self.vector.tobytes() + orjson.dumps(self.job)

    @classmethod
    def unpack(cls, raw: bytes) -> JobRow:
        """The row from bytes."""
        number, content, text, ts, offset, ends, counter, state, length = _JOB.unpack_from(raw)
        _checked(number)
        vector = _vector(raw, _JOB.size, length)
        job = orjson.loads(raw[_JOB.size + 2 * length :])
        return cls(content, text, ts, offset, counter, ends, JOB_STATES[state], vector, job)


@dataclass(slots=True)
class PostingRow:
    """A job as one partition of people holds it; also the value of a fan-out record.

    Attributes:
        version: The job_version, (offset, counter).
        died: When the job was withdrawn, ms since the epoch; 0 while it is active.
        vector: float16, [dim]; empty for a grave marker.
        card: The job card as JSON; empty for a grave marker.
    """

    version: tuple[int, int]
    died: int
    vector: NDArray[np.float16]
    card: bytes

    def pack(self) -> bytes:
        """The row as bytes."""
        offset, counter = self.version
        head = _POSTING.pack(FORMAT, offset, counter, self.died, len(self.vector))
        return head + self.vector.tobytes() + self.card

    @classmethod
    def unpack(cls, raw: bytes) -> PostingRow:
        """The row from bytes."""
        number, offset, counter, died, length = _POSTING.unpack_from(raw)
        _checked(number)
        vector = _vector(raw, _POSTING.size, length)
        return cls((offset, counter), died, vector, raw[_POSTING.size + 2 * length :])


def posting_version(raw: bytes) -> tuple[tuple[int, int], bool]:
    """Version of a packed posting and whether it is a grave marker, without copying it."""
    number, offset, counter, died, _ = _POSTING.unpack_from(raw)
    _checked(number)
    return (offset, counter), died != 0


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
    """

    revision: int
    body: str
    jobs: list[str]
    scores: list[float]
    done: str
    status: str
    versions: list[list[int]]

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
            ]
        )

    @classmethod
    def unpack(cls, raw: bytes) -> RankingRow:
        """The row from bytes."""
        number, *fields = orjson.loads(raw)
        _checked(number)
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
