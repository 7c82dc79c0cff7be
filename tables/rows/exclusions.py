"""What a person said of jobs, as JSON."""

from __future__ import annotations

import orjson

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
