"""Facts about a partition: their keys, and those that are more than a word or a number."""

from __future__ import annotations

from typing import Any, Final

import orjson

AS_OF: Final = b"as_of"
REVISION_FLOOR: Final = b"revision_floor"
RANKER: Final = b"ranker"
GATE: Final = b"gate"
EXPOSURE: Final = b"exposure"
"""How often jobs were shown, by the epochs that have ended: {"as_of", "counts"}."""


def shown_key(partition: int) -> bytes:
    """Key of what a partition of people told last of how often jobs are shown there."""
    return b"shown:%d" % partition


def pack_shown(fact: dict[str, Any]) -> bytes:
    """An epoch's `as_of` and counts by job_id, as bytes."""
    return orjson.dumps(fact)


def unpack_shown(raw: bytes | None) -> dict[str, Any]:
    """The same back; empty if nothing was told yet."""
    return {} if raw is None else dict(orjson.loads(raw))
