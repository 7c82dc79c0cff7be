"""What a person said of jobs, as JSON."""

from __future__ import annotations

from typing import Final

import orjson

MAX_EXCLUSIONS: Final = 1_000
"""Jobs of which it is kept what one person said."""

#: What a person said of jobs: {job_id: (kind, timestamp in ms)}.
Exclusions = dict[str, tuple[str, int]]


def pack_exclusions(said: Exclusions) -> bytes:
    """The row as bytes."""
    return orjson.dumps(said)


def unpack_exclusions(raw: bytes | None) -> Exclusions:
    """The row from bytes; who said nothing excludes nothing."""
    if raw is None:
        return {}
    return {job_id: (kind, stamp) for job_id, (kind, stamp) in orjson.loads(raw).items()}


def latest_said(said: Exclusions) -> Exclusions:
    """The latest of what a person said, within `MAX_EXCLUSIONS`; that they were hired, which pauses
    them, goes last.
    """
    if len(said) <= MAX_EXCLUSIONS:
        return said
    by_age = sorted(said, key=lambda job_id: (said[job_id][0] == "hired", said[job_id][1], job_id))
    return {job_id: said[job_id] for job_id in by_age[-MAX_EXCLUSIONS:]}
