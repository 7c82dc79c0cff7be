"""Merging the partitions' partial lists into one list of people per job, once a second at most."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from agents.context import Context
from agents.intake import by_partition
from matcher_stream.runtime import faults, metrics
from matcher_stream.runtime.outputs import Record, Refused, ce_headers
from matcher_stream.runtime.waiting import all_of
from models.ranking.event_bodies import body_hash, event_id, merge_partials
from schemas.errors import InvalidField

Version = tuple[int, int]
_HEAD = b"\0head"
CHUNK_JOBS = 64


def part_key(job_id: str, partition: int) -> bytes:
    """Row key of one partition's list for a job."""
    return job_id.encode() + b"\0part" + struct.pack(">H", partition)


def head_key(job_id: str) -> bytes:
    """Row key of what is known of a job as a whole."""
    return job_id.encode() + _HEAD


@dataclass(slots=True)
class Head:
    """What is known of a job as a whole.

    Attributes:
        version: The newest job_version heard of; partial lists of another are stale.
        withdrawn: When it was withdrawn, ms since the epoch; 0 while it stands.
        revision: Counter of the candidates events sent.
        digest: Hash of the last body sent.
    """

    version: Version = (-1, 0)
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


@dataclass(slots=True)
class Partial:
    """One partition's list for a version of a job, or the news that it is withdrawn."""

    event: Any
    job_id: str
    version: Version
    partition: int
    withdrawn: bool
    entries: list[dict[str, Any]]
    raw: bytes


class CandidatesAgent:
    """Reads the partial lists; one instance per worker."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def prepare(self, events: Sequence[Any]) -> tuple[list[Partial], list[Refused]]:
        """Decode a batch; a null is the sweep's own mark for compaction."""
        partials: list[Partial] = []
        refused: list[Refused] = []
        for event in events:
            if event.message.value is None:
                continue
            try:
                partials.append(decode(event))
            except (ValueError, KeyError, TypeError) as error:
                refused.append((event, InvalidField(f"Not a partial: {type(error).__name__}.")))
        return partials, refused

    async def apply(self, work: tuple[list[Partial], list[Refused]]) -> None:
        """Merge a batch and send the lists that changed."""
        partials, refused = work
        await self._context.outputs.refuse(refused)
        for chunk in _by_job(partials, CHUNK_JOBS):
            groups = by_partition(chunk, lambda p: int(p.event.message.partition))
            async with self._context.lists_lock:
                await all_of(self._apply(partition, group) for partition, group in groups.items())

    async def _apply(self, partition: int, partials: list[Partial]) -> None:
        context, lists = self._context, self._context.state.tables.lists
        heads: dict[str, Head] = {}
        parts: dict[tuple[str, int], Partial] = {}
        for partial in partials:
            head = heads.get(partial.job_id)
            if head is None:
                head = Head.unpack(lists.get_row(partition, head_key(partial.job_id)))
                heads[partial.job_id] = head
            if partial.version < head.version:
                continue
            if partial.version > head.version:
                head.version, head.withdrawn = partial.version, 0
            if partial.withdrawn:
                head.withdrawn = round(partial.event.message.timestamp * 1000)
            parts[partial.job_id, partial.partition] = partial
        events = [partial.event for partial in partials]
        raws = {part_key(j, p): part.raw for (j, p), part in parts.items()}
        marks = {head_key(job_id): _mark(head) for job_id, head in heads.items()}
        await lists.write(partition, raws | marks, events)
        faults.point("candidates.after_partials")
        records, rows = self._snapshots(partition, heads)
        await context.outputs.send(records, events)
        faults.point("candidates.after_output")
        await lists.write(partition, rows, events)
        metrics.EVENTS.labels(context.names.candidates_partial, "accepted").inc(len(partials))

    def _snapshots(
        self, partition: int, heads: dict[str, Head]
    ) -> tuple[list[Record], dict[bytes, bytes | None]]:
        records: list[Record] = []
        rows: dict[bytes, bytes | None] = {}
        for job_id, head in heads.items():
            value = None if head.withdrawn else self._body(partition, job_id, head.version)
            digest = body_hash(value) if value else "withdrawn"
            if digest != head.digest:
                head.digest, head.revision = digest, head.revision + 1
                records.append(self._record(partition, job_id, value, head))
            if head.withdrawn:
                for other in range(self._context.settings.partitions):
                    rows[part_key(job_id, other)] = None
            rows[head_key(job_id)] = head.pack()
        return records, rows

    def _body(self, partition: int, job_id: str, version: Version) -> dict[str, Any]:
        context, lists = self._context, self._context.state.tables.lists
        total = context.settings.partitions
        raws = [lists.get_row(partition, part_key(job_id, other)) for other in range(total)]
        parts = [part for raw in raws if raw and (part := orjson.loads(raw))]
        current = [part["entries"] for part in parts if tuple(part["version"]) == version]
        return {
            "job_id": job_id,
            "job_version": list(version),
            "partitions_seen": len(current),
            "partitions_total": total,
            "encoder_version": context.versions.encoder,
            "ranker_version": context.versions.ranker,
            "entries": merge_partials(current, context.settings.top_k),
        }

    def _record(
        self, partition: int, job_id: str, value: dict[str, Any] | None, head: Head
    ) -> Record:
        context = self._context
        revision = context.versions.revision(head.revision)
        event = {**(value or {"job_id": job_id}), "revision": revision}
        name = event_id(event)
        headers = ce_headers("candidates", name, context.names.source)
        body = orjson.dumps({**event, "event_id": name}) if value else None
        return context.names.candidates, partition, job_id.encode(), body, headers


def _mark(head: Head) -> bytes:
    """The head until the outcome is told: after a crash in between the list is told in any case,
    under a revision of its own.
    """
    return replace(head, digest="", revision=head.revision + 1).pack()


def _by_job(partials: list[Partial], jobs: int) -> Iterator[list[Partial]]:
    """All news of so many jobs at a time, so that other agents get their turn in between."""
    groups: dict[str, list[Partial]] = {}
    for partial in partials:
        groups.setdefault(partial.job_id, []).append(partial)
    waiting = list(groups.values())
    for start in range(0, len(waiting), jobs):
        yield [partial for group in waiting[start : start + jobs] for partial in group]


def decode(event: Any) -> Partial:
    """A partial list; raises ValueError, KeyError or TypeError if it is not one."""
    raw = event.message.value
    body = orjson.loads(raw)
    return Partial(
        event,
        str(body["job_id"]),
        (int(body["version"][0]), int(body["version"][1])),
        int(body["partition"]),
        body.get("withdrawn", False) is True,
        body.get("entries", []),
        raw,
    )
