"""How often jobs are shown: counted where people live, turned into penalties where jobs live.

Once a day, after the tick, each partition of people tells every partition of jobs in how many of
its rankings their jobs are. A partition of jobs that has heard from all ends the epoch: it gives
jobs whose penalty changed a new version, which ranks whom it concerns again like any new version.

What a partition tells, and what is kept of it, comes in parts of bounded size, so that any number
of jobs can be told. A job is always in the part that a hash of its id says: if a worker dies while
it tells, and tells again, each job's count is one that was counted.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from itertools import filterfalse, islice
from typing import Any, Final
from zlib import crc32

import orjson

from agents.context import Context
from agents.job_states import (
    Because,
    fanout_records,
    posting_of,
    review_record,
    stored_job,
)
from agents.lists import owner_of
from matcher_stream.runtime import faults
from matcher_stream.runtime.outputs import Record
from matcher_stream.runtime.waiting import in_turns
from models.ranking.exposure import Bounds, end_epoch
from models.vetting.outcome import MATCHED
from schemas import WorkItem
from schemas.canary import is_canary
from tables.rows import (
    EXPOSURE,
    SHOWN,
    RankingRow,
    exposure_key,
    pack_shown,
    shown_key,
    unpack_shown,
)

PART_BYTES: Final = 400_000
"""Bytes of the counts in one part, about: less than half of what a record may have."""
_CHUNK = 128  # jobs whose new versions are sent at once


async def tell_shown(context: Context, partition: int, as_of: str, event: Any) -> None:
    """Send each partition of jobs, by the work topic, the counts of a partition of people."""
    partitions = context.settings.partitions
    counts: list[Counter[str]] = [Counter() for _ in range(partitions)]
    told = {"kind": "shown", "as_of": as_of, "partition": partition}
    async for _, raw in context.state.tables.rankings.scan(partition, [event]):
        for job_id in filterfalse(is_canary, RankingRow.unpack(raw).jobs):
            counts[owner_of(job_id, partitions)][job_id] += 1
    items = [
        (owner, {**told, "part": part, "parts": len(parts), "counts": some})
        for owner, mine in enumerate(counts)
        for parts in [in_parts(mine)]
        for part, some in enumerate(parts)
    ]
    await context.outputs.send(
        [(context.names.work, owner, b"", orjson.dumps(item), []) for owner, item in items], [event]
    )


def in_parts(counts: Mapping[str, float]) -> list[dict[str, float]]:
    """Counts by job_id, divided by a hash of the job_id into parts of about `PART_BYTES`."""
    parts = 1 + len(orjson.dumps(dict(counts))) // PART_BYTES
    divided: list[dict[str, float]] = [{} for _ in range(parts)]
    for job_id, count in counts.items():
        divided[crc32(job_id.encode()) % parts][job_id] = count
    return divided


async def note_shown(context: Context, partition: int, item: WorkItem, event: Any) -> None:
    """Keep what a partition of people tells; end the epoch if nothing is left to be told."""
    known, partitions = _fact(context, partition, EXPOSURE), context.settings.partitions
    people = item.partition
    if item.as_of is None or people is None or people >= partitions:
        return  # it does not say of which day or whom
    if item.as_of <= known.get("as_of", ""):
        return  # that epoch has ended
    heard = _fact(context, partition, shown_key(people))
    told = {"as_of": item.as_of, "parts": item.parts}
    seen = heard.get("seen", []) if told.items() <= heard.items() else []  # else it tells anew
    facts: dict[bytes, dict[str, Any] | None] = {
        shown_key(people, item.part): dict(item.counts or {}),
        shown_key(people): {**told, "seen": sorted({*seen, item.part})},
    }
    await _write_facts(context, partition, facts, event)
    heads = [_fact(context, partition, shown_key(p)) for p in range(partitions)]
    if not all(_complete(head, item.as_of) for head in heads):
        return
    shown: Counter[str] = Counter()
    async for key in in_turns(
        [shown_key(p, part) for p, head in enumerate(heads) for part in head["seen"]]
    ):
        shown.update(_fact(context, partition, key))
    async with context.locks.jobs:
        counts = await _end_epoch(context, partition, _counts(context, partition), shown, event)
    await _keep(context, partition, item.as_of, counts, event)


def _complete(head: dict[str, Any], as_of: str) -> bool:
    """Whether a partition of people has told all of a day."""
    return head.get("as_of") == as_of and len(head["seen"]) == head["parts"]


def _counts(context: Context, partition: int) -> dict[str, float]:
    """What the last epoch left."""
    known = _fact(context, partition, EXPOSURE)
    counts: dict[str, float] = dict(known.get("counts", {}))  # as earlier programs kept them
    for part in range(known.get("parts", 0)):
        counts |= _fact(context, partition, exposure_key(known["as_of"], part))
    return counts


async def _keep(
    context: Context, partition: int, as_of: str, counts: dict[str, float], event: Any
) -> None:
    """Note what an epoch leaves. The head says that it has ended, so it follows the counts;
    what was told, and what the epoch before left, goes after it (a crash: with the next epoch).
    """
    parts = {exposure_key(as_of, i): some for i, some in enumerate(in_parts(counts))}
    await _write_facts(context, partition, parts, event)
    meta = context.state.tables.meta
    gone = {
        key: None
        for prefix in (exposure_key(), SHOWN)
        for key in meta.keys_with(partition, prefix)
        if key not in parts
    }
    head = {"as_of": as_of, "parts": len(parts)}
    await _write_facts(context, partition, {EXPOSURE: head, **gone}, event)


async def _end_epoch(
    context: Context, partition: int, counts: dict[str, float], shown: Counter[str], event: Any
) -> dict[str, float]:
    settings = context.settings
    bounds = Bounds(settings.exposure, settings.exposure_free, settings.exposure_free or 1.0)
    jobs = {
        name: row
        async for name in in_turns(list(context.state.job_ends.get(partition, {})))
        if (row := context.state.job(partition, name)) is not None and row.state in MATCHED
    }
    vacancies = {name: int(row.job.get("vacancies") or 1) for name, row in jobs.items()}
    epoch = await asyncio.to_thread(end_epoch, counts, shown, vacancies, bounds)
    why = Because("tick", round(event.message.timestamp * 1000))
    changed = {n: r for n, r in jobs.items() if epoch.penalties.get(n, 0.0) != r.penalty}
    waiting = iter(changed.items())
    while chunk := list(islice(waiting, _CHUNK)):
        records: list[Record] = []
        for name, row in chunk:
            row.penalty, row.counter = epoch.penalties.get(name, 0.0), row.counter + 1
            posting = posting_of(row, stored_job(row))
            records += fanout_records(context, name, row.version, posting, why)
            if row.state == "advised":  # what reviewers read names the version
                records.append(review_record(context, partition, name, row, stored_job(row)))
        await context.outputs.send(records, [event])
        faults.point("exposure.after_fanout")
        rows = {name.encode(): row.pack() for name, row in chunk}
        await context.state.tables.jobs.write(partition, rows, [event])
    return epoch.counts


def _fact(context: Context, partition: int, key: bytes) -> dict[str, Any]:
    return unpack_shown(context.state.tables.meta.get_row(partition, key))


async def _write_facts(
    context: Context, partition: int, facts: Mapping[bytes, dict[str, Any] | None], event: Any
) -> None:
    rows = {key: None if fact is None else pack_shown(fact) for key, fact in facts.items()}
    async with context.locks.people:  # whose owner writes this table
        await context.state.tables.meta.write(partition, rows, [event])
