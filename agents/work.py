"""What time brings, as ordinary events: expiry, the daily tick, refreshes, re-ranking."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from agents.context import Context
from agents.exposure import note_shown, tell_shown
from agents.handover.hand import hand_over
from agents.interleaving import take_rivals
from agents.job_states import Because, expire_job, vet_again
from agents.lists import refresh, relist_all
from agents.outcomes import sweep_outcomes
from agents.people import Change, change_people
from agents.rankings import Notice, rerank_all
from agents.reading import Batch, read_each
from matcher_stream.runtime.waiting import all_of
from schemas import WorkItem, decode_object, validate
from schemas.errors import InvalidDate, InvalidField
from tables.rows import (
    AS_OF,
    ERASED,
    GATE,
    RANKER,
    Head,
    PostingRow,
    head_key,
    job_of_head,
    part_key,
    unpack_erased,
    unpack_exclusions,
)

DAY_MS = 86_400_000
IDLE_LISTS: Final = 128
"""Lists that one item refreshes while nobody waits for anything."""
AT_ONCE: Final = 32
"""Lists of each partition between which a person goes ahead."""
LISTS: Final = "lists"
"""What a refresh changes of each partition."""
LISTS_SECONDS: Final = 300.0
"""In so long every list that waits goes out, however many people come, if there are CPUs for it."""


class WorkAgent:
    """Reads the work topic; items are small, so each is done by itself."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._last_refresh: dict[int, float] = {}

    async def prepare(self, events: Sequence[Any]) -> Batch[tuple[Any, WorkItem]]:
        """Decode a batch."""
        return read_each(events, decode)

    async def apply(self, batch: Batch[tuple[Any, WorkItem]]) -> None:
        """Do each item; one that no longer applies does nothing."""
        await self._context.outputs.refuse(batch.refused)
        lists: dict[int, Any] = {}
        for event, item in batch.items:
            partition = int(event.message.partition)
            if item.kind == "refresh":
                lists[partition] = event
                continue
            if item.kind == "expire_job":
                async with self._context.locks.jobs:
                    await expire_job(
                        self._context, partition, item.id or "", item.due_ms or 0, event
                    )
                continue
            if item.kind == "shown":
                await note_shown(self._context, partition, item, event)
                continue
            if item.kind == "handover":
                await hand_over(self._context, partition, event)
                continue
            if item.kind == "interleave":
                await take_rivals(self._context, partition, event)
                continue
            if item.kind == "revet":
                async with self._context.locks.jobs:
                    await self._vet_all(partition, event)
                async with self._context.locks.people:
                    await self._write_meta(partition, GATE, self._context.vetted_by, event)
                continue
            if item.kind == "rerank":
                await self._rank_all(partition, event)
                continue
            if item.kind == "tick":
                await self._tick(partition, item.as_of or "", event)
                continue
            async with self._context.locks.people:
                await self._expire_profile(partition, item, event)
        await self._refresh(lists)

    async def _refresh(self, asked: dict[int, Any]) -> None:
        """Refresh lists of partitions, by the event that asked for each: side by side, so that few
        requests go to the broker, and in parts, so that nobody waits for all.
        """
        context, dirty = self._context, self._context.state.dirty
        left = {partition: self._budget(partition) for partition in asked}
        while left:
            now = {partition: min(most, AT_ONCE) for partition, most in left.items()}
            settling = {p: frozenset(dirty.settling(p, most)) for p, most in now.items()}
            keys = frozenset((LISTS, partition) for partition in left).union(*settling.values())
            async with context.locks.people.turn(keys=keys):  # beside people whom it leaves alone
                await all_of(
                    refresh(context, p, most, settling[p], [asked[p]]) for p, most in now.items()
                )
            left = {
                partition: most - AT_ONCE
                for partition, most in left.items()
                if most > AT_ONCE and context.state.dirty.pending(partition)
            }

    async def _rank_all(self, partition: int, event: Any) -> None:
        """Another ranker than ranked these people: everybody and every list anew."""
        context = self._context
        if context.state.meta(partition, RANKER) == context.versions.ranker:
            return  # read again after a crash: all was done, and only the record is left
        why = Notice("model_changed", round(event.message.timestamp * 1000))
        await rerank_all(context, partition, why, [event])
        await relist_all(context, partition, [event])
        async with context.locks.people:
            await self._write_meta(partition, RANKER, context.versions.ranker, event)

    async def _vet_all(self, partition: int, event: Any) -> None:
        """Another gate than vetted these ads, or another reader than read them: every ad anew."""
        why = Because("model_changed", round(event.message.timestamp * 1000))
        for name in list(self._context.state.job_ends.get(partition, {})):
            await vet_again(self._context, partition, name, why, event)
            await asyncio.sleep(0)  # heartbeats go on

    def _budget(self, partition: int) -> int:
        """Lists to refresh now: a share of the worker's budget while somebody waits, else plenty;
        of very many a greater one, so that none waits for ever.
        """
        context, now = self._context, time.monotonic()
        since = min(1.0, now - self._last_refresh.get(partition, now - 1.0))
        self._last_refresh[partition] = now
        if not context.backlog() and not context.locks.people.attended():
            return IDLE_LISTS
        waiting = len(context.state.dirty) / LISTS_SECONDS
        share = max(context.settings.partials_per_second, waiting) / max(
            1, len(context.state.owned)
        )
        return max(1, round(share * since))

    async def _expire_profile(self, partition: int, item: WorkItem, event: Any) -> None:
        context, profile_id = self._context, item.id or ""
        row = context.state.person(partition, profile_id)
        if row is None or row.ends != item.due_ms:  # again after a crash: told only if it differs
            return
        row.ended = True
        why = Notice("tick", item.due_ms or 0)
        exclusions = context.state.exclusions(partition, profile_id)
        change = Change(profile_id, row, exclusions, why)
        await change_people(context, partition, [change], [event], "work")

    async def _tick(self, partition: int, as_of: str, event: Any) -> None:
        context = self._context
        if as_of <= context.state.meta(partition, AS_OF):
            return
        async with context.locks.people:
            if context.settings.exposure:
                await tell_shown(context, partition, as_of, event)
            await self._write_meta(partition, AS_OF, as_of, event)
            await self._sweep(partition, event)
            now = round(event.message.timestamp * 1000)
            await sweep_outcomes(context, partition, now, event)
        why = Notice("tick", round(event.message.timestamp * 1000))
        await rerank_all(context, partition, why, [event])

    async def _write_meta(self, partition: int, key: bytes, value: str, event: Any) -> None:
        await self._context.state.tables.meta.write(partition, {key: value.encode()}, [event])

    async def _sweep(self, partition: int, event: Any) -> None:
        """Forget grave markers that compaction has outlived, and feedback without a person."""
        context, tables = self._context, self._context.state.tables
        now = round(event.message.timestamp * 1000)
        old = now - round(context.settings.fanout_retention_days * DAY_MS)
        graves: dict[bytes, bytes | None] = {
            key: None
            async for key, raw in tables.postings.scan(partition, [event])
            if 0 < PostingRow.unpack(raw).died < old
        }
        orphans: dict[bytes, bytes | None] = {
            key: None
            async for key, raw in tables.exclusions.scan(partition, [event])
            if tables.people.get_row(partition, key) is None
            and max(stamp for _, stamp in unpack_exclusions(raw).values()) < now - 7 * DAY_MS
        }
        gone = [
            job_id
            async for key, raw in tables.lists.scan(partition, [event])
            if (job_id := job_of_head(key)) and 0 < Head.unpack(raw).withdrawn < old
        ]
        marks: dict[bytes, bytes | None] = {
            key: None
            for key, raw in tables.meta.rows(partition)
            if key.startswith(ERASED) and unpack_erased(raw)[1] < now - 7 * DAY_MS
        }
        async with context.locks.lists:  # a job may have come back while others ran
            heads = [name for name in gone if 0 < self._withdrawn(partition, name) < old]
            await context.outputs.send(
                [
                    (context.names.candidates_partial, partition, f"{name}:{p}".encode(), None, [])
                    for name in heads
                    for p in range(context.settings.partitions)
                ],
                [event],
            )
            await tables.meta.write(partition, marks, [event])
            await tables.postings.write(partition, graves, [event])
            await tables.exclusions.write(partition, orphans, [event])
            partitions = range(context.settings.partitions)
            lists = {part_key(name, other): None for name in heads for other in partitions}
            lists |= {head_key(name): None for name in heads}
            await tables.lists.write(partition, lists, [event])

    def _withdrawn(self, partition: int, job_id: str) -> int:
        raw = self._context.state.tables.lists.get_row(partition, head_key(job_id))
        return Head.unpack(raw).withdrawn


def decode(event: Any) -> tuple[Any, WorkItem]:
    """One item with its event; raises an InputError if it is none that we send."""
    item = validate(WorkItem, decode_object(event.message.value or b""))
    if item.as_of is not None and not 2000 <= date.fromisoformat(item.as_of).year <= 2100:
        raise InvalidDate("A day that is not between 2000 and 2100.")
    if item.part >= item.parts:
        raise InvalidField("A part beyond the last.")
    return event, item
