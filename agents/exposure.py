"""How often jobs are shown: counted where people live, turned into penalties where jobs live.

Once a day, after the tick, each partition of people tells every partition of jobs in how many of
its rankings their jobs are. A partition of jobs that has heard from all ends the epoch: it gives
jobs whose penalty changed a new version, which ranks whom it concerns again like any new version.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Any

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
from schemas import WorkItem
from tables.rows import EXPOSURE, MATCHED, RankingRow, pack_shown, shown_key, unpack_shown

_CHUNK = 128  # jobs whose new versions are sent at once


async def tell_shown(context: Context, partition: int, as_of: str, event: Any) -> None:
    """Send each partition of jobs, by the work topic, the counts of a partition of people."""
    partitions = context.settings.partitions
    counts: list[Counter[str]] = [Counter() for _ in range(partitions)]
    async for _, raw in context.state.tables.rankings.scan(partition, [event]):
        for job_id in RankingRow.unpack(raw).jobs:
            counts[owner_of(job_id, partitions)][job_id] += 1
    items = [
        {"kind": "shown", "as_of": as_of, "partition": partition, "counts": mine} for mine in counts
    ]
    await context.outputs.send(
        [
            (context.names.work, owner, b"", orjson.dumps(item), [])
            for owner, item in enumerate(items)
        ],
        [event],
    )


async def note_shown(context: Context, partition: int, item: WorkItem, event: Any) -> None:
    """Keep what a partition of people tells; end the epoch if that was the last."""
    known = _fact(context, partition, EXPOSURE)
    if item.as_of is None or item.as_of <= known.get("as_of", ""):
        return
    told = {"as_of": item.as_of, "counts": item.counts or {}}
    await _write_fact(context, partition, shown_key(item.partition or 0), told, event)
    parts = [_fact(context, partition, shown_key(p)) for p in range(context.settings.partitions)]
    if any(part.get("as_of") != item.as_of for part in parts):
        return
    shown: Counter[str] = Counter()
    for part in parts:
        shown.update(part["counts"])
    async with context.locks.jobs:
        counts = await _end_epoch(context, partition, known.get("counts", {}), shown, event)
    fact = {"as_of": item.as_of, "counts": counts}
    await _write_fact(context, partition, EXPOSURE, fact, event)


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
    epoch = end_epoch(counts, shown, vacancies, bounds)
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


async def _write_fact(
    context: Context, partition: int, key: bytes, fact: dict[str, Any], event: Any
) -> None:
    async with context.locks.people:  # whose owner writes this table
        await context.state.tables.meta.write(partition, {key: pack_shown(fact)}, [event])
