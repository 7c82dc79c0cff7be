"""Rows of tables as plain values that a person can be given."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import orjson

from schemas import iso
from schemas.errors import MatcherError
from tables.explained import ExplainedRow
from tables.rows import (
    ANY_VERSION,
    OutcomeRow,
    PersonRow,
    RankingRow,
    person_header,
    unpack_erased,
    unpack_exclusions,
    unpack_list,
)


def people(raw: bytes) -> dict[str, Any]:
    """The accepted profile, what was read from its words, and what was made of both."""
    row = PersonRow.unpack(raw)
    return {
        "profile": dict(row.profile),
        "read": dict(row.known.read),
        "differs": list(row.known.differs),
        "published": iso(row.record_ts),
        "ended": row.ended,
        "attributes": asdict(row.attrs),
        "vector": row.vector.tolist(),
        "content_hash": row.content_hash.hex(),
        "text_hash": row.text_hash.hex(),
    }


def exclusions(raw: bytes) -> dict[str, Any]:
    """What the person said of jobs."""
    said = unpack_exclusions(raw)
    return {job_id: {"kind": kind, "at": iso(ms)} for job_id, (kind, ms) in said.items()}


def outcomes(raw: bytes) -> dict[str, Any]:
    """What became of one job that they were shown."""
    row = OutcomeRow.unpack(raw)
    found = {field.name: getattr(row, field.name) for field in fields(row)}
    return {**found, "times": {kind: iso(ms) for kind, ms in row.times.items()}}


def pending(raw: bytes) -> list[Any]:
    """Versions that lists may still name, without the profile's fields."""
    versions: list[Any] = []
    for version in unpack_list(raw):
        if version == ANY_VERSION:
            versions.append("any")
            continue
        head = person_header(version)
        attributes = asdict(head.attrs) if head.attrs else None
        versions.append({"attributes": attributes, "vector": head.vector.tolist()})
    return versions


def rankings(raw: bytes) -> dict[str, Any]:
    """What was told last."""
    row = RankingRow.unpack(raw)
    return {field.name: getattr(row, field.name) for field in fields(row)}


def explained(raw: bytes) -> dict[str, Any]:
    """What was explained, and who wrote it."""
    row = ExplainedRow.unpack(raw)
    return {"revision": row.revision, "jobs": row.jobs}


def words(raw: bytes) -> dict[str, str]:
    """Texts that a language model wrote."""
    _, kept = orjson.loads(raw)
    return dict(kept)


def erased(raw: bytes) -> dict[str, Any]:
    """When the person was erased; the row's key is a hash of the id."""
    offset, stamp = unpack_erased(raw)
    return {"offset": offset, "published": iso(stamp)}


def entry_of(profile_id: str, raw: bytes) -> Any:
    """The person's own entry in a list of people, None if it has none; others stay out."""
    body = orjson.loads(raw)
    entries = body.get("entries", []) if isinstance(body, dict) else []
    own = [entry for entry in entries if entry["profile_id"] == profile_id]
    return {"job_id": body["job_id"], "entry": own[0]} if own else None


def safely(read: Any, raw: bytes) -> Any:
    """What `read` makes of a row; its size where another version of this program wrote it."""
    try:
        return read(raw)
    except (MatcherError, ValueError, TypeError, KeyError):
        return {"unreadable_bytes": len(raw)}
