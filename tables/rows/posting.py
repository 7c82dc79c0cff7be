"""A posting: a job as one partition of people holds it; also the value of a fan-out record."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from models.ranking.attrs import JobAttrs, job_attrs
from models.ranking.event_bodies import JobVersion
from tables.rows.attributes import JOB, pack_job, unpack_job
from tables.rows.formats import FORMAT, check_format, vector_at

# format, offset, counter, time of death (ms; 0 = alive), penalty, lengths of vector and signature
_HEAD: Final = struct.Struct(">BqIqdHB")


@dataclass(slots=True)
class PostingRow:
    """A job as one partition of people holds it.

    Attributes:
        version: The job_version, (offset, counter).
        died: When the job was withdrawn, ms since the epoch; 0 while it is active.
        vector: float16, [dim]; empty for a grave marker.
        card: The job card as JSON; empty for a grave marker.
        signature: Of the ad's text, by which near-duplicates are known.
        attrs: What filters and evidence read; None for a grave marker.
    """

    version: JobVersion
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
        head = _HEAD.pack(FORMAT, offset, counter, self.died, penalty, *sizes)
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


class PostingHeader(NamedTuple):
    """What the job index needs of a packed posting; `attrs` is None if other rules made it."""

    version: JobVersion
    died: int
    penalty: float
    attrs: JobAttrs | None
    vector: NDArray[np.float16]
    card: bytes
    signature: bytes


def posting_header(raw: bytes) -> PostingHeader:
    """Read a packed posting without its JSON."""
    number, offset, counter, died, penalty, length, signed = _HEAD.unpack_from(raw)
    check_format(number)
    start = _HEAD.size + JOB.size
    text = start + 2 * length
    return PostingHeader(
        (offset, counter),
        died,
        penalty,
        unpack_job(raw, _HEAD.size, penalty),
        vector_at(raw, start, length),
        raw[text + signed :],
        raw[text : text + signed],
    )


def posting_version(raw: bytes) -> tuple[JobVersion, bool]:
    """Version of a packed posting and whether it is a grave marker, without copying it."""
    number, offset, counter, died, *_ = _HEAD.unpack_from(raw)
    check_format(number)
    return (offset, counter), died != 0
