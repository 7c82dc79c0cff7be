"""What a reviewer decided last about a job, as JSON."""

from __future__ import annotations

from typing import Final, NamedTuple

import orjson

NOTE_CHARS: Final = 500
"""Of a note as it is kept; the topic has the whole one."""


class Reviewed(NamedTuple):
    """What was decided last about a job, and by whom.

    Attributes:
        decision: ``release`` or ``reject``; None if it was taken back.
        content: The content hash it names, hexadecimal.
        offset: Of its record: no two decisions on a job have the same.
        stamp: When it was published, ms since the epoch.
        reviewer: Who decided, "" if the event does not say.
        note: Why, cut after `NOTE_CHARS`.
    """

    decision: str | None
    content: str | None
    offset: int = -1
    stamp: int = 0
    reviewer: str = ""
    note: str = ""


def decision_row(
    decision: str | None,
    content: str | None,
    offset: int,
    stamp: int,
    reviewer: str | None = None,
    note: str | None = None,
) -> bytes:
    """A decision as the tables keep it.

    Args:
        decision: ``release`` or ``reject``; None if it was taken back, which is kept as well.
        content: The content hash it names, in hexadecimal.
        offset: Of its record: an older one read again after a crash must not count.
        stamp: When it was published, ms since the epoch.
        reviewer: Who decided.
        note: Why.
    """
    row = [decision, content, offset, stamp, reviewer or "", (note or "")[:NOTE_CHARS]]
    return orjson.dumps(row)


def reviewed(raw: bytes | None) -> Reviewed | None:
    """A `decision_row` read; rows of before `reviewer` have none."""
    return None if raw is None else Reviewed(*orjson.loads(raw))


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
