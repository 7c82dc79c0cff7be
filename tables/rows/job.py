"""A job's row where its key lives: a fixed header, a float16 vector, then the fields as JSON."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from models.ranking.event_bodies import JobVersion
from models.reading.facts.fact import READER
from models.vetting.outcome import MATCHED
from tables.rows.formats import FORMAT, check_format, vector_at

JOB_STATES: Final = (
    "active", "filled", "closed", "expired", "withdrawn", "held", "rejected", "advised",
)  # fmt: skip
#: States of a job that has not ended; the gate and decisions say which of them.
VETTED: Final = (*MATCHED, "held", "rejected")

# format, content hash, text hash, record timestamp (ms), offset, end (ms), the version's counter,
# the state's number (+ _TELLING), penalty, vector length
_HEAD: Final = struct.Struct(">B16s16sqqqIBdH")
#: Added to a state's number while something else is being told.
_TELLING: Final = 0x80
_READER: Final = "_reader"
_TOLD: Final = "_told"
_HELD: Final = JOB_STATES.index("held")
_VETTED: Final = frozenset(JOB_STATES.index(state) for state in VETTED)


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
        telling: Receivers may have been told something else; the job's next record clears it, but
            for those before `told`.
        told: Offset of the last record of which they may have been told, while `telling`.
        reader: Which reader of words receivers have the job by.
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
    reader: int = READER
    told: int = 0

    @property
    def version(self) -> JobVersion:
        """The job_version that receivers compare."""
        return self.offset, self.counter

    def pack(self) -> bytes:
        """The row as bytes."""
        head = _HEAD.pack(
            FORMAT,
            self.content_hash,
            self.text_hash,
            self.record_ts,
            self.offset,
            self.ends,
            self.counter,
            JOB_STATES.index(self.state) | (_TELLING if self.telling else 0),
            self.penalty,
            len(self.vector),
        )
        more = {_READER: self.reader, **({_TOLD: self.told} if self.told else {})}
        return head + self.vector.tobytes() + orjson.dumps({**self.job, **more})

    @classmethod
    def unpack(cls, raw: bytes) -> JobRow:
        """The row from bytes."""
        number, content, text, ts, offset, ends, counter, state, penalty, length = (
            _HEAD.unpack_from(raw)
        )
        check_format(number)
        vector = vector_at(raw, _HEAD.size, length)
        job = orjson.loads(raw[_HEAD.size + 2 * length :])
        reader, told = job.pop(_READER, 0), job.pop(_TOLD, 0)
        name, telling = JOB_STATES[state & ~_TELLING], bool(state & _TELLING)
        return cls(
            content,
            text,
            ts,
            offset,
            counter,
            ends,
            name,
            vector,
            job,
            penalty,
            telling,
            reader,
            told,
        )


def held_since(raw: bytes) -> int | None:
    """When a packed job came that waits for a reviewer (ms since the epoch); None for others."""
    number, _, _, record_ts, _, _, _, state, _, _ = _HEAD.unpack_from(raw)
    check_format(number)
    return int(record_ts) if state & ~_TELLING == _HELD else None


def ends_and_held(rows: Iterable[tuple[bytes, bytes]]) -> tuple[dict[str, int], dict[str, int]]:
    """When jobs end that have not, and since when jobs wait for a reviewer (ms since the epoch)."""
    ends: dict[str, int] = {}
    held: dict[str, int] = {}
    for key, raw in rows:
        if (end := job_end(raw)) is not None:
            ends[key.decode()] = end
        if (since := held_since(raw)) is not None:
            held[key.decode()] = since
    return ends, held


def job_end(raw: bytes) -> int | None:
    """When a packed job ends (ms since the epoch); None if it has ended."""
    number, _, _, _, _, ends, _, state, _, _ = _HEAD.unpack_from(raw)
    check_format(number)
    return int(ends) if state & ~_TELLING in _VETTED else None
