"""Telling consumers about people: rank, send what changed, note what was sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from agents.context import Context
from agents.drafts import drafted_jobs, own_of
from matcher_stream.runtime import faults, metrics, vitals
from matcher_stream.runtime.outputs import Record, ce_headers
from models.feedback.swapping import as_told
from models.ranking.event_bodies import (
    body_hash,
    match_entries,
    matches_body,
    matches_event,
)
from models.reading.facts.known import Known
from schemas.base import LIMA
from schemas.canary import JOB, is_canary
from tables.index.matching import Ranking
from tables.index.people import PersonEntry
from tables.rows import AS_OF, RankingRow


@dataclass(frozen=True, slots=True)
class Notice:
    """Why a person is told something.

    Attributes:
        cause: One of the causes of a matches event.
        since: Timestamp (ms) of the record that caused it, for the latency metric.
        done: Content hash and versions that are finished with this, or None to keep the old one.
        trace: The traceparent to pass on.
        anyway: Whether consumers are told even of a ranking that the table says they know.
    """

    cause: str
    since: int
    done: str | None = None
    trace: bytes | None = None
    anyway: bool = False


@dataclass(slots=True)
class Draft:
    """What is noted of a person, and told if it is news.

    Attributes:
        slot: In the index.
        entry: There.
        event: What is sent; None where consumers know.
        row: What is written.
        why: The reason.
    """

    slot: int
    entry: PersonEntry
    event: dict[str, Any] | None
    row: RankingRow
    why: Notice


async def publish(
    context: Context,
    partition: int,
    ranked: Sequence[tuple[int, Ranking, Notice]],
    events: Sequence[Any],
    step: str,
) -> None:
    """Send the rankings that changed, then note them; each step is durable before the next.

    Args:
        ranked: Slot, ranking and reason of each person; one with `done` or `anyway` is always sent.
        events: The input events behind it.
        step: Name of the calling agent, for the fault points.
    """
    as_of = today_of(context, partition, events)
    drafts = [
        draft
        for slot, ranking, why in ranked
        if (draft := _draft(context, partition, slot, ranking, why, as_of)) is not None
    ]
    if drafts:
        await tell(context, partition, drafts, events, step)


async def tell(
    context: Context, partition: int, drafts: list[Draft], events: Sequence[Any], step: str
) -> None:
    """Send what is to be sent, note all."""
    news = [draft for draft in drafts if draft.event is not None]
    await context.outputs.send([_record(context, partition, draft) for draft in news], events)
    faults.point(f"{step}.after_output")
    rows = {draft.entry.profile_id.encode(): draft.row.pack() for draft in drafts}
    await context.state.tables.rankings.write(partition, rows, events)
    await context.score(_note, context, partition, drafts)
    faults.point(f"{step}.after_ranking")
    now = time.time() * 1000
    for draft in news:
        if is_canary(draft.entry.profile_id):
            _came_through(draft)
            continue
        took = max(0, now - draft.why.since) / 1000
        trace = metrics.exemplar(draft.why.trace)
        metrics.MATCH_LATENCY.labels(draft.why.cause).observe(took, trace)


def _came_through(draft: Draft) -> None:
    """Note what the canary was told: that its person was read, or that its job was matched."""
    if draft.why.cause == "profile_updated":
        vitals.CANARY.labels("person").set(draft.why.since / 1000)
    elif draft.why.cause == "job_posted" and JOB in draft.row.jobs:
        vitals.CANARY.labels("job").set(draft.why.since / 1000)


def body_of(
    context: Context,
    entry: PersonEntry,
    ranking: Ranking,
    unlocks: Sequence[dict[str, Any]],
    as_of: str,
) -> dict[str, Any]:
    """What a matches event of that day says of a ranking, its revision left out."""
    known = Known.of(orjson.loads(entry.profile))
    jobs, teams = drafted_jobs(context.state.trial, entry.profile_id, ranking, as_of)
    entries = match_entries(known, entry.attrs, jobs, context.state.ranker.send)
    for told_entry, team in zip(entries, teams, strict=False):
        if team is not None:
            told_entry["team"] = team
    told, rank = as_told(known.stated, as_of, entries, context.settings.swap_share)
    body = matches_body(entry.profile_id, known, told, entry.status, context.versions)
    if rank:
        body["swapped"] = rank
    if teams and ranking.rival is not None:
        body["challenger"] = ranking.rival.deployment
    return {**body, "unlocks": list(unlocks)} if unlocks else body


def _draft(
    context: Context, partition: int, slot: int, ranking: Ranking, why: Notice, as_of: str
) -> Draft | None:
    entry = context.state.match.people(partition).entries[slot]
    if entry is None:
        return None
    row, body = row_of(context, partition, entry), ranked_body(context, entry, ranking, as_of)
    needed = why.anyway or why.done is not None
    if not needed and row.body == body_hash(body):
        own = own_of(body, ranking)  # a draft may hide that it changed
        return None if own == row.own else Draft(slot, entry, None, replace(row, own=own), why)
    revision = row.revision + 1
    number = context.revision(partition, revision)
    event = matches_event(body, number, row.jobs, why.cause, as_of)
    done = why.done if why.done is not None else row.done
    return Draft(slot, entry, event, new_row(revision, body, ranking, done, as_of), why)


def row_of(context: Context, partition: int, entry: PersonEntry) -> RankingRow:
    """What consumers were told last of a person."""
    row = context.state.ranking(partition, entry.profile_id)
    # none: from before rows were begun with the person's content
    return row or RankingRow.beginning(context.state.revision_floor(partition))


def ranked_body(
    context: Context, entry: PersonEntry, ranking: Ranking, as_of: str
) -> dict[str, Any]:
    """The body of the event of a ranking that was just computed."""
    unlocks = [unlock.told() for unlock in ranking.unlocks]
    return body_of(context, entry, ranking, unlocks, as_of)


def new_row(
    revision: int, body: dict[str, Any], ranking: Ranking, done: str, as_of: str
) -> RankingRow:
    """The row of a ranking that consumers know under a revision's counter, as it was told."""
    told = body["entries"]
    return RankingRow(
        revision,
        body_hash(body),
        [job["job_id"] for job in told],
        [job["score"] for job in told],
        done,
        str(body["status"]),
        [job["job_version"] for job in told],
        [job_id for job in ranking.jobs for job_id in job.similar],
        ranking.seen,
        body.get("unlocks", []),
        as_of,
        body.get("swapped", 0),
        None if ranking.rival is None else ranking.rival.packed(),
        own_of(body, ranking),
        [job.get("team", "") for job in told] if "challenger" in body else [],
    )


def _record(context: Context, partition: int, draft: Draft) -> Record:
    assert draft.event is not None
    headers = ce_headers("matches", draft.event["event_id"], context.names.source, draft.why.trace)
    key = draft.entry.profile_id.encode()
    return context.names.matches, partition, key, orjson.dumps(draft.event), headers


def _note(context: Context, partition: int, drafts: list[Draft]) -> None:
    people, k = context.state.match.people(partition), context.settings.top_k
    for draft in drafts:
        people.told(draft.slot, *draft.row.heeded(k, context.state.ranker.threshold))


def done_token(context: Context, content_hash: bytes) -> str:
    """Names the work that is finished for a content with the current versions."""
    return f"{content_hash.hex()}:{context.versions.encoder}:{context.versions.ranker}"


def today_of(context: Context, partition: int, events: Sequence[Any]) -> str:
    """The partition's as_of date: the latest of its ticks and its records, never the clock's."""
    latest = max((event.message.timestamp for event in events), default=0.0)
    date = datetime.fromtimestamp(latest, LIMA).date().isoformat()
    return max(date, context.state.meta(partition, AS_OF))


async def rerank_all(
    context: Context, partition: int, why: Notice, events: Sequence[Any], chunk: int = 64
) -> None:
    """Rank everybody in a partition again; only changed rankings are sent.

    The caller holds no lock: between two chunks whoever waits for an answer goes ahead. Who comes
    or changes meanwhile is ranked by that.
    """
    rank: Callable[..., list[Ranking]] = context.state.match.rank_people
    names = list(context.state.match.people(partition).slots)
    for start in range(0, len(names), chunk):
        async with context.locks.people:
            held = context.state.match.people(partition).slots
            part = sorted(held[name] for name in names[start : start + chunk] if name in held)
            lists = await context.score(rank, partition, part, events=events)
            ranked = [(slot, ranking, why) for slot, ranking in zip(part, lists, strict=True)]
            await publish(context, partition, ranked, events, "work")
