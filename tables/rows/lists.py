"""Lists of candidates: one partition's list for a job, and what is known of the job as a whole."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from models.ranking.event_bodies import JobVersion

_HEAD: Final = b"\0head"


def part_key(job_id: str, partition: int) -> bytes:
    """Row key of one partition's list for a job."""
    return job_id.encode() + b"\0part" + struct.pack(">H", partition)


def head_key(job_id: str) -> bytes:
    """Row key of what is known of a job as a whole."""
    return job_id.encode() + _HEAD


def job_of_head(key: bytes) -> str | None:
    """The job of a `head_key`; None if the key is another one."""
    return key[: -len(_HEAD)].decode() if key.endswith(_HEAD) else None


@dataclass(slots=True)
class Part:
    """One partition's whole list for a version of a job; also the value of a partial's record.

    Attributes:
        job_id: The job.
        version: Its job_version.
        partition: Of the people in the list.
        entries: They, best first, as a candidates event has them but for their rank.
        withdrawn: Whether this is the news that there is no list any more.
    """

    job_id: str
    version: JobVersion
    partition: int
    entries: list[dict[str, Any]] = field(default_factory=list)
    withdrawn: bool = False

    def pack(self) -> bytes:
        """The row as bytes."""
        body: dict[str, Any] = {
            "job_id": self.job_id,
            "version": self.version,
            "partition": self.partition,
        }
        news = {"withdrawn": True} if self.withdrawn else {"entries": self.entries}
        return orjson.dumps(body | news)

    @classmethod
    def unpack(cls, raw: bytes) -> Part:
        """The row from bytes.

        Raises:
            ValueError, KeyError, TypeError: it is not one.
        """
        body = orjson.loads(raw)
        offset, counter, *_ = body["version"]
        return cls(
            str(body["job_id"]),
            (int(offset), int(counter)),
            int(body["partition"]),
            body.get("entries", []),
            body.get("withdrawn", False) is True,
        )


@dataclass(slots=True)
class Head:
    """What is known of a job as a whole.

    Attributes:
        version: The newest job_version heard of; partial lists of another are stale.
        withdrawn: When it was withdrawn, ms since the epoch; 0 while it stands.
        revision: Counter of the candidates events sent.
        digest: Hash of the last body sent.
    """

    version: JobVersion = (-1, 0)
    withdrawn: int = 0
    revision: int = 0
    digest: str = ""

    def pack(self) -> bytes:
        """The row as bytes."""
        return orjson.dumps([self.version, self.withdrawn, self.revision, self.digest])

    @classmethod
    def unpack(cls, raw: bytes | None) -> Head:
        """The row from bytes; a job never heard of gets an empty one."""
        if raw is None:
            return cls()
        version, withdrawn, revision, digest = orjson.loads(raw)
        return cls((version[0], version[1]), withdrawn, revision, digest)
