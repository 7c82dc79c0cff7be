"""What filters and evidence read, packed into the fixed headers of rows.

An index of 100,000 rows is built from headers and vectors alone; no JSON is parsed. Attributes
that another version of the rules made are not used: they are made anew from the fields.
"""

from __future__ import annotations

import struct
from typing import Final

from models.ranking.attrs import ATTRS_VERSION, MAX_OCCUPATIONS, JobAttrs, PersonAttrs
from models.reading.status import MESSAGES

#: Why a profile by itself takes no part, as a number; 0 means that it does.
STATED: Final[tuple[str | None, ...]] = (None, *sorted(MESSAGES))

# version, stated status, have, stated, district, radius, least pay, age, years, occupations
PERSON: Final = struct.Struct(">BBQIhddBB3h")
# version, demand, asked, district, remote, pay, least age, years, occupations
JOB: Final = struct.Struct(">BQIh?dBB3h")


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
        *_padded(attrs.occupations),
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
        *_padded(attrs.occupations),
    )


def unpack_job(raw: bytes, start: int, penalty: float) -> JobAttrs | None:
    """The same back, or None if another version of the rules made it."""
    version, demand, asked, district, remote, *fields = JOB.unpack_from(raw, start)
    if version != ATTRS_VERSION:
        return None
    pay, age, years, *padded = fields
    codes = _codes(padded)
    return JobAttrs(demand, asked, district, remote, pay, age, years, codes, penalty)


def _padded(codes: tuple[int, ...]) -> tuple[int, ...]:
    return (*codes, 0, 0, 0)[:MAX_OCCUPATIONS]


def _codes(padded: list[int]) -> tuple[int, ...]:
    return tuple(code for code in padded if code)
