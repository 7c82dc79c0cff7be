"""The fixed headers of rows, with the filters' attributes in them.

An index of 100,000 rows is built from headers and vectors alone; no JSON is parsed.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.ranking.attrs import ATTRS_VERSION, MAX_OCCUPATIONS, JobAttrs, PersonAttrs
from models.reading.status import MESSAGES
from schemas.errors import EnvironmentFailure

FORMAT = 4
#: The vector of a text that cannot be read, and of a grave marker.
NO_VECTOR: NDArray[np.float16] = np.zeros(0, np.float16)

# format, content hash, text hash, record timestamp (ms), offset, end (ms), ended, vector length
PERSON_HEAD = struct.Struct(">B16s16sqqqBH")
# ... with the version's counter, the state's number (+ TELLING) and the penalty before the length
JOB_HEAD = struct.Struct(">B16s16sqqqIBdH")
#: Added to a state's number while something else is being told.
TELLING = 0x80
# format, offset, counter, time of death (ms; 0 = alive), penalty, lengths of vector and signature
POSTING_HEAD = struct.Struct(">BqIqdHB")

#: Why a profile by itself takes no part, as a number; 0 means that it does.
STATED: tuple[str | None, ...] = (None, *sorted(MESSAGES))

# version, stated status, have, stated, district, radius, least pay, age, years, occupations
PERSON = struct.Struct(">BBQIhddBB3h")
# version, demand, asked, district, remote, pay, least age, years, occupations
JOB = struct.Struct(">BQIh?dBB3h")


def _three(codes: tuple[int, ...]) -> tuple[int, ...]:
    return (*codes, 0, 0, 0)[:MAX_OCCUPATIONS]


def _codes(padded: list[int]) -> tuple[int, ...]:
    return tuple(code for code in padded if code)


def pack_person(attrs: PersonAttrs, stated: str | None) -> bytes:
    """What the index needs of a person's fields."""
    return PERSON.pack(
        ATTRS_VERSION,
        STATED.index(stated),
        attrs.have,
        attrs.stated,
        attrs.district,
        attrs.radius_km,
        attrs.min_pay,
        attrs.age,
        attrs.years,
        *_three(attrs.occupations),
    )


def unpack_person(raw: bytes, start: int) -> tuple[PersonAttrs, str | None] | None:
    """The same back, or None if another version of the rules made it."""
    version, status, have, stated, *fields = PERSON.unpack_from(raw, start)
    if version != ATTRS_VERSION:
        return None
    district, radius, pay, age, years, *padded = fields
    attrs = PersonAttrs(have, stated, district, radius, pay, age, years, _codes(padded))
    return attrs, STATED[status]


def pack_job(attrs: JobAttrs | None) -> bytes:
    """What the index needs of a job's fields; None for a grave marker."""
    if attrs is None:
        return JOB.pack(0, 0, 0, -1, False, 0.0, 0, 0, 0, 0, 0)
    return JOB.pack(
        ATTRS_VERSION,
        attrs.demand,
        attrs.asked,
        attrs.district,
        attrs.remote,
        attrs.pay,
        attrs.min_age,
        attrs.years,
        *_three(attrs.occupations),
    )


def unpack_job(raw: bytes, start: int, penalty: float) -> JobAttrs | None:
    """The same back, or None if another version of the rules made it."""
    version, demand, asked, district, remote, *fields = JOB.unpack_from(raw, start)
    if version != ATTRS_VERSION:
        return None
    pay, age, years, *padded = fields
    codes = _codes(padded)
    return JobAttrs(demand, asked, district, remote, pay, age, years, codes, penalty)


class PersonHeader(NamedTuple):
    """What the people index needs of a packed row; `attrs` is None if other rules made it."""

    record_ts: int
    ends: int
    ended: bool
    attrs: PersonAttrs | None
    stated: str | None
    vector: NDArray[np.float16]
    profile: bytes


class PostingHeader(NamedTuple):
    """What the job index needs of a packed posting; `attrs` is None if other rules made it."""

    version: tuple[int, int]
    died: int
    penalty: float
    attrs: JobAttrs | None
    vector: NDArray[np.float16]
    card: bytes
    signature: bytes


def check_format(number: int) -> None:
    """Refuse a row that another version of this program wrote."""
    if number != FORMAT:
        raise EnvironmentFailure(
            f"A table row has format {number}, this program writes {FORMAT}: start it under a new "
            "app id (MATCHER_ENCODER_VERSION) so that it rebuilds its tables."
        )


def vector_at(raw: bytes, start: int, length: int) -> NDArray[np.float16]:
    """The vector inside a row, float16 [length]."""
    return np.frombuffer(raw, np.float16, length, start) if length else NO_VECTOR


def person_header(raw: bytes) -> PersonHeader:
    """Read a packed person without its JSON."""
    number, _, _, ts, _, ends, ended, length = PERSON_HEAD.unpack_from(raw)
    check_format(number)
    attrs, stated = unpack_person(raw, PERSON_HEAD.size) or (None, None)
    start = PERSON_HEAD.size + PERSON.size
    vector = vector_at(raw, start, length)
    return PersonHeader(ts, ends, bool(ended), attrs, stated, vector, raw[start + 2 * length :])


def posting_header(raw: bytes) -> PostingHeader:
    """Read a packed posting without its JSON."""
    number, offset, counter, died, penalty, length, signed = POSTING_HEAD.unpack_from(raw)
    check_format(number)
    start = POSTING_HEAD.size + JOB.size
    text = start + 2 * length
    return PostingHeader(
        (offset, counter),
        died,
        penalty,
        unpack_job(raw, POSTING_HEAD.size, penalty),
        vector_at(raw, start, length),
        raw[text + signed :],
        raw[text : text + signed],
    )


def job_end(raw: bytes) -> tuple[int, int]:
    """When a packed job ends (ms since the epoch), and its state's number."""
    number, _, _, _, _, ends, _, state, _, _ = JOB_HEAD.unpack_from(raw)
    check_format(number)
    return ends, state & ~TELLING


def posting_version(raw: bytes) -> tuple[tuple[int, int], bool]:
    """Version of a packed posting and whether it is a grave marker, without copying it."""
    number, offset, counter, died, *_ = POSTING_HEAD.unpack_from(raw)
    check_format(number)
    return (offset, counter), died != 0
