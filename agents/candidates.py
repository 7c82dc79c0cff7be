"""Merging the partitions' partial lists into one list of people per job, once a second at most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import orjson

from agents.context import Context
from agents.intake import by_partition
from agents.reading import Batch, read_aside
from matcher_stream.config.contract import partition_for
from matcher_stream.runtime import faults, metrics
from matcher_stream.runtime.outputs import Record, ce_headers, record_ms, trace_of
from matcher_stream.runtime.waiting import all_of
from models.ranking.event_bodies import JobVersion, body_hash, event_id, merge_partials
from schemas.canary import is_canary
from schemas.errors import InvalidField, KeyMismatch
from tables.rows import Head, Part, head_key, part_key

CHUNK_JOBS = 32
_BIG = 1 << 62


@dataclass(slots=True)
class Partial:
    """One record: a partition's list for a version of a job, or the news that it is withdrawn."""

    event: Any
    part: Part


class CandidatesAgent:
    """Reads the partial lists; one instance per worker."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def prepare(self, events: Sequence[Any]) -> Batch[Partial]:
        """Decode a batch; a null is the sweep's own mark for compaction."""
        partitions = self._context.settings.partitions
        lists = [event for event in events if event.message.value is not None]
        return await read_aside(lists, lambda event: decode(event, partitions))

    async def apply(self, batch: Batch[Partial]) -> None:
        """Merge a batch and send the lists that changed."""
        await self._context.outputs.refuse(batch.refused)
        for chunk in _by_job(batch.items, CHUNK_JOBS):
            groups = by_partition(chunk, lambda p: int(p.event.message.partition))
            async with self._context.locks.lists:
                await all_of(self._apply(partition, group) for partition, group in groups.items())

    async def _apply(self, partition: int, partials: list[Partial]) -> None:
        context, lists = self._context, self._context.state.tables.lists
        heads: dict[str, Head] = {}
        parts: dict[bytes, bytes] = {}
        for partial in partials:
            part, message = partial.part, partial.event.message
            head = heads.get(part.job_id)
            if head is None:
                head = Head.unpack(lists.get_row(partition, head_key(part.job_id)))
                heads[part.job_id] = head
            if part.version < head.version:
                continue
            head.version = part.version
            if part.withdrawn:
                head.withdrawn = record_ms(message)
            parts[part_key(part.job_id, part.partition)] = message.value
        events = [partial.event for partial in partials]
        marks = {head_key(job_id): _mark(head) for job_id, head in heads.items()}
        await lists.write(partition, parts | marks, events)
        faults.point("candidates.after_partials")
        traces = {p.part.job_id: trace for p in partials if (trace := trace_of(p.event.message))}
        records, rows = self._snapshots(partition, heads, traces)
        await context.outputs.send(records, events)
        faults.point("candidates.after_output")
        await lists.write(partition, rows, events)
        metrics.EVENTS.labels(context.names.candidates_partial, "accepted").inc(
            sum(not is_canary(partial.part.job_id) for partial in partials)
        )

    def _snapshots(
        self, partition: int, heads: dict[str, Head], traces: dict[str, bytes]
    ) -> tuple[list[Record], dict[bytes, bytes | None]]:
        records: list[Record] = []
        rows: dict[bytes, bytes | None] = {}
        for job_id, head in heads.items():
            value = merged_body(self._context, partition, job_id, head.version)
            if value is not None:
                head.withdrawn = 0
            digest = body_hash(value) if value else "withdrawn"
            if digest != head.digest:
                head.digest, head.revision = digest, head.revision + 1
                trace = traces.get(job_id)
                records.append(list_record(self._context, partition, job_id, value, head, trace))
            rows[head_key(job_id)] = head.pack()
        return records, rows


def list_record(
    context: Context,
    partition: int,
    job_id: str,
    value: dict[str, Any] | None,
    head: Head,
    trace: bytes | None,
) -> Record:
    """What consumers read of a job's list: its body, or a null once it is withdrawn."""
    revision = context.revision(partition, head.revision)
    event = {**(value or {"job_id": job_id}), "revision": revision}
    name = event_id(event)
    headers = ce_headers("candidates", name, context.names.source, trace)
    body = orjson.dumps({**event, "event_id": name}) if value else None
    return context.names.candidates, partition, job_id.encode(), body, headers


def merged_body(
    context: Context, partition: int, job_id: str, version: JobVersion
) -> dict[str, Any] | None:
    """The list of all partitions that know this version; None while one says withdrawn: the
    word of another may be from before, under the same version.
    """
    lists, total = context.state.tables.lists, context.settings.partitions
    raws = [lists.get_row(partition, part_key(job_id, other)) for other in range(total)]
    parts = [Part.unpack(raw) for raw in raws if raw]
    current = [part.entries for part in parts if part.version == version]
    if any(part.withdrawn for part in parts if part.version == version):
        return None
    return {
        "job_id": job_id,
        "job_version": list(version),
        "partitions_seen": len(current),
        "partitions_total": total,
        "encoder_version": context.versions.encoder,
        "ranker_version": context.versions.ranker,
        "entries": merge_partials(current, context.settings.top_k),
    }


def _mark(head: Head) -> bytes:
    """The head until the outcome is told: after a crash in between the list is told in any case,
    under a revision of its own.
    """
    return replace(head, digest="", revision=head.revision + 1).pack()


def _by_job(partials: list[Partial], jobs: int) -> Iterator[list[Partial]]:
    """All news of so many jobs at a time, so that other agents get their turn in between."""
    groups: dict[str, list[Partial]] = {}
    for partial in partials:
        groups.setdefault(partial.part.job_id, []).append(partial)
    waiting = list(groups.values())
    for start in range(0, len(waiting), jobs):
        yield [partial for group in waiting[start : start + jobs] for partial in group]


def decode(event: Any, partitions: int) -> Partial:
    """One record; raises an InputError if it is no list of one of so many partitions."""
    message = event.message
    try:
        part = Part.unpack(message.value)
        # what is stored is merged again and again: nothing that could not be
        ranked = [(float(entry["score"]), entry["profile_id"]) for entry in part.entries]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidField("Not a list of a partition.") from error
    if (
        not 0 <= part.partition < partitions
        or not 0 <= min(part.version) <= max(part.version) < _BIG
    ):
        raise InvalidField("A list of no partition or version.")
    if any(type(who) is not str or not isfinite(score) for score, who in ranked):
        raise InvalidField("A list of something else than people.")
    key = f"{part.job_id}:{part.partition}".encode()
    if message.key != key or partition_for(part.job_id.encode(), partitions) != message.partition:
        raise KeyMismatch("The record's key is not its list's.")
    return Partial(event, part)
