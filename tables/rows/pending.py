"""Superseded versions of a person, while the lists that they were in wait for a refresh.

A version is what `tables.rows.person.superseded` keeps of a row; rows of earlier programs hold
whole ones.
"""

from __future__ import annotations

import struct
from typing import Final

ANY_VERSION: Final = b""
"""Stands for every version there was: there were more than are kept."""


def pack_list(rows: list[bytes]) -> bytes:
    """Several rows as one value, each with its length before it (4 bytes)."""
    return b"".join(struct.pack(">I", len(row)) + row for row in rows)


def unpack_list(raw: bytes | None) -> list[bytes]:
    """The rows of `pack_list`; none if there is no value."""
    rows, start = [], 0
    while raw is not None and start < len(raw):
        (length,) = struct.unpack_from(">I", raw, start)
        rows.append(raw[start + 4 : start + 4 + length])
        start += 4 + length
    return rows
