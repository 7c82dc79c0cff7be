"""Facts about a partition: their keys, and those that are more than a word or a number."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import orjson

AS_OF: Final = b"as_of"
REVISION_FLOOR: Final = b"revision_floor"
RANKER: Final = b"ranker"
GATE: Final = b"gate"
ERASED: Final = b"erased:"
"""Begins the marks of erasures: an erasure is final from the moment of its mark."""
EXPOSURE: Final = b"exposure"
"""How often jobs were shown, by the epochs that have ended: {"as_of", "counts"}."""


def erased_key(profile_id: str) -> bytes:
    """Key of the mark that somebody was erased; the id itself is not kept."""
    return ERASED + hashlib.blake2b(profile_id.encode(), digest_size=16).digest()


def pack_erased(offset: int, stamp: int) -> bytes:
    """Where and when (ms) the erasure was published."""
    return orjson.dumps([offset, stamp])


def unpack_erased(raw: bytes | None) -> tuple[int, int]:
    """The same back; -1 and -1 of somebody who was not erased lately."""
    if raw is None:
        return -1, -1
    offset, stamp = orjson.loads(raw)
    return offset, stamp


def shown_key(partition: int) -> bytes:
    """Key of what a partition of people told last of how often jobs are shown there."""
    return b"shown:%d" % partition


def pack_shown(fact: dict[str, Any]) -> bytes:
    """An epoch's `as_of` and counts by job_id, as bytes."""
    return orjson.dumps(fact)


def unpack_shown(raw: bytes | None) -> dict[str, Any]:
    """The same back; empty if nothing was told yet."""
    return {} if raw is None else dict(orjson.loads(raw))
