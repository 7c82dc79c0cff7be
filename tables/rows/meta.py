"""Facts about a partition: their keys, and those that are more than a word or a number."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import orjson

AS_OF: Final = b"as_of"
REVISION_FLOOR: Final = b"revision_floor"
RANKER: Final = b"ranker"
GATE: Final = b"gate"
HANDED: Final = b"handed"
"""Under which champion record the partition was handed over: offset and epoch."""
ERASED: Final = b"erased:"
"""Begins the marks of erasures: an erasure is final from the moment of its mark."""
EXPOSURE: Final = b"exposure"
"""The last epoch of exposure that has ended: {"as_of", "parts"}, counts being in as many rows."""
SHOWN: Final = b"shown:"
"""Begins what partitions of people tell of how often jobs are shown there."""


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


def pack_handed(record: int, epoch: int) -> bytes:
    """Offset of the champion record, and the epoch of the partition's revisions under it."""
    return orjson.dumps([record, epoch])


def unpack_handed(raw: bytes) -> tuple[int, int]:
    """The same back."""
    record, epoch = orjson.loads(raw)
    return int(record), int(epoch)


def exposure_key(as_of: str = "", part: int | None = None) -> bytes:
    """Key of a part of the counts that an epoch left, or how all such keys begin."""
    return b"exposure:" if part is None else b"exposure:%s:%d" % (as_of.encode(), part)


def shown_key(partition: int, part: int | None = None) -> bytes:
    """Key of what is known of a partition's last telling ({"as_of", "parts", "seen"}), or of the
    counts in one part of it.
    """
    return SHOWN + (b"%d" % partition if part is None else b"%d:%d" % (partition, part))


def pack_shown(fact: dict[str, Any]) -> bytes:
    """What is known of an epoch, or counts by job_id, as bytes."""
    return orjson.dumps(fact)


def unpack_shown(raw: bytes | None) -> dict[str, Any]:
    """The same back; empty if nothing was told yet."""
    return {} if raw is None else dict(orjson.loads(raw))
