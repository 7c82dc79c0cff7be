"""A person's row: a fixed header, a float16 vector, then the accepted fields as JSON and beside
them what was read from their words.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from models.ranking.attrs import PersonAttrs, person_attrs
from models.reading.facts.known import Known, known_person
from models.reading.status import stated_status
from tables.rows.attributes import PERSON, pack_person, unpack_person
from tables.rows.formats import FORMAT, check_format, vector_at
from tables.rows.pending import ANY_VERSION

# format, content hash, text hash, record timestamp (ms), offset, end (ms), ended, vector length
_HEAD: Final = struct.Struct(">B16s16sqqqBH")


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
        known: The accepted fields, and what their words say of the others.
        attrs: What filters and evidence read of them.
    """

    content_hash: bytes
    text_hash: bytes
    record_ts: int
    offset: int
    ends: int
    ended: bool
    vector: NDArray[np.float16]
    known: Known
    attrs: PersonAttrs

    @property
    def profile(self) -> Mapping[str, Any]:
        """The accepted fields."""
        return self.known.stated

    def pack(self) -> bytes:
        """The row as bytes."""
        head = _HEAD.pack(
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
        return head + attrs + self.vector.tobytes() + orjson.dumps(self.known.kept())

    @classmethod
    def unpack(cls, raw: bytes) -> PersonRow:
        """The row from bytes."""
        number, content, text, ts, offset, ends, ended, length = _HEAD.unpack_from(raw)
        check_format(number)
        start = _HEAD.size + PERSON.size
        vector = vector_at(raw, start, length)
        known = Known.of(orjson.loads(raw[start + 2 * length :]))
        kept = unpack_person(raw, _HEAD.size)
        if kept is None:  # other rules made them, or another reader
            known = known_person(known.stated)
        attrs = kept[0] if kept else person_attrs(known)
        return cls(content, text, ts, offset, ends, bool(ended), vector, known, attrs)


class PersonHeader(NamedTuple):
    """What the people index needs of a packed row; `attrs` is None if other rules made it."""

    record_ts: int
    offset: int
    ends: int
    ended: bool
    attrs: PersonAttrs | None
    stated: str | None
    vector: NDArray[np.float16]
    profile: bytes


def person_header(raw: bytes) -> PersonHeader:
    """Read a packed person without its JSON."""
    number, _, _, ts, offset, ends, ended, length = _HEAD.unpack_from(raw)
    check_format(number)
    attrs, stated = unpack_person(raw, _HEAD.size) or (None, None)
    start = _HEAD.size + PERSON.size
    vector = vector_at(raw, start, length)
    profile = raw[start + 2 * length :]
    return PersonHeader(ts, offset, ends, bool(ended), attrs, stated, vector, profile)


def superseded(raw: bytes) -> bytes:
    """Of a packed person what lists of candidates depend on: attributes, `ended` and the vector.

    It can be read by `person_header`, and versions that no list can tell apart are equal; what
    stands for any version stays.
    """
    if raw == ANY_VERSION:
        return raw
    head = person_header(raw)
    attrs, stated = head.attrs, head.stated
    if attrs is None and head.profile:  # other rules made them: ours, while the fields are there
        row = PersonRow.unpack(raw)
        attrs, stated = row.attrs, stated_status(row.profile)
    if attrs is None:
        return raw
    vector = head.vector.tobytes()
    start = _HEAD.pack(FORMAT, b"", b"", 0, 0, 0, head.ended, len(head.vector))
    return start + pack_person(attrs, stated) + vector
