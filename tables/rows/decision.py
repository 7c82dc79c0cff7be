"""What a reviewer decided last about a job, as JSON."""

from __future__ import annotations

import orjson


def decision_row(decision: str | None, content: str | None, offset: int, stamp: int) -> bytes:
    """A decision as the tables keep it.

    Args:
        decision: ``release`` or ``reject``; None if it was taken back, which is kept as well.
        content: The content hash it names, in hexadecimal.
        offset: Of its record: an older one read again after a crash must not count.
        stamp: When it was published, ms since the epoch.
    """
    return orjson.dumps([decision, content, offset, stamp])


def decided_on(raw: bytes | None, content: bytes) -> str | None:
    """What was decided on exactly this content, from a `decision_row`."""
    if raw is None:
        return None
    decision, named, *_ = orjson.loads(raw)
    return str(decision) if decision and named == content.hex() else None


def decided_at(raw: bytes | None) -> tuple[int, int]:
    """Offset and stamp of a `decision_row`; -1 and 0 if there is none."""
    if raw is None:
        return -1, 0
    _, _, offset, *stamp = orjson.loads(raw)
    return offset, stamp[0] if stamp else 0
