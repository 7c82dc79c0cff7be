"""What is said of ads, handed over: their lists of people, and what reviewers are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from agents.candidates import list_record, merged_body
from agents.context import Context
from agents.handover.people import chunks, taken_back
from agents.handover.said import Published, Said
from agents.job_states import review_record, stored_job
from matcher_stream.runtime import faults
from matcher_stream.runtime.outputs import Record
from models.ranking.event_bodies import body_hash, counter_of, told_hash
from models.vetting.outcome import REVIEWED
from tables.rows import Head, JobRow, head_key, job_of_head

_CHUNK: Final = 64


async def take_over_lists(
    context: Context,
    partition: int,
    said: Mapping[str, Said | None],
    published: Published,
    events: Sequence[Any],
) -> int:
    """Say of every job's list what this deployment thinks, where that is something else.

    Args:
        context: The worker's parts; nobody else says anything of the partition.
        partition: Of the jobs.
        said: What was said last of each.
        published: Says which ads are withdrawn.
        events: The input events behind it.

    Returns:
        How many were told.
    """
    lists = context.state.tables.lists
    names = [name async for key, _ in lists.scan(partition, events) if (name := job_of_head(key))]
    held = set(names)
    doubtful = [name for name in said if (said[name] is None) == (name in held)]
    alive = await published.keys(context.names.jobs) if doubtful else set()
    withdrawn = set(doubtful) - alive
    over = [name for name in sorted(withdrawn) if said[name] is not None and name not in held]
    gone = taken_back(context, context.names.candidates, partition, over)
    await context.outputs.send(gone, events)
    told = len(gone)
    for part in chunks([name for name in names if name not in withdrawn], _CHUNK):
        records: list[Record] = []
        rows: dict[bytes, bytes | None] = {}
        for name in part:
            head = Head.unpack(lists.get_row(partition, head_key(name)))
            records += _news_of(context, partition, name, head, said.get(name))
            rows[head_key(name)] = head.pack()
        await context.outputs.send(records, events)
        faults.point("handover.after_lists")
        await lists.write(partition, rows, events)
        told += len(records)
    return told


def _news_of(
    context: Context, partition: int, name: str, head: Head, last: Said | None
) -> list[Record]:
    """The record of a list that is to be said; the head is of what the public knows then."""
    value = merged_body(context, partition, name, head.version)
    if last is not None:
        head.revision = counter_of(last.revision)
    head.digest = "withdrawn" if value is None else body_hash(value)
    known = last is None if value is None else last is not None and last.told == told_hash(value)
    if known:
        return []
    head.revision += 1
    return [list_record(context, partition, name, value, head, None)]


async def take_over_reviews(
    context: Context,
    partition: int,
    said: Mapping[str, Said | None],
    published: Published,
    events: Sequence[Any],
) -> int:
    """Ask reviewers what this deployment asks, and nothing that was asked already.

    Args:
        context: The worker's parts; nobody else says anything of the partition.
        partition: Of the jobs.
        said: What was said last of each.
        published: Says which ads are withdrawn.
        events: The input events behind it.

    Returns:
        How many records were sent.
    """
    records: list[Record] = []
    settled: set[str] = set()
    async for key, raw in context.state.tables.jobs.scan(partition, events):
        row, name = JobRow.unpack(raw), key.decode()
        last = said.get(name)
        if row.state not in REVIEWED:
            settled.add(name)
            continue
        record = review_record(context, partition, name, row, stored_job(row))
        if last is None or last.told != orjson.loads(record[3] or b"{}").get("event_id"):
            records.append(record)
    asked = {name for name, last in said.items() if last is not None}
    unknown = {name for name in asked if context.state.job(partition, name) is None}
    alive = await published.keys(context.names.jobs) if unknown else set()
    over = (asked & settled) | (unknown - alive)
    records += taken_back(context, context.names.review, partition, sorted(over))
    await context.outputs.send(records, events)
    faults.point("handover.after_review")
    return len(records)
