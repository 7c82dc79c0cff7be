"""The tables, rebuilt from their changelogs, and checked for themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import orjson

from matcher_stream.verify.held import Copy, Held
from matcher_stream.verify.inputs import Input
from matcher_stream.verify.reading import TopicReader, flat
from matcher_stream.verify.report import Report
from models.ranking import duplicates
from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.ranker import ActiveJob, Person
from models.reading.status import person_status
from models.reading.text import card, content_hash
from models.vetting.outcome import MATCHED
from schemas import EXCLUDING, Feedback, Job, Profile, validate
from schemas.canary import is_canary
from schemas.job import effective_expiry as job_end
from schemas.profile import NEVER_MS
from schemas.profile import effective_expiry as person_end
from tables.rows import (
    VETTED,
    Exclusions,
    JobRow,
    PersonRow,
    PostingRow,
    RankingRow,
    latest_said,
    person_of,
    unpack_exclusions,
)


def _digest(*parts: bytes) -> bytes:
    return hashlib.blake2b(b"".join(parts), digest_size=16).digest()


def _posting(raw: bytes) -> Copy | None:
    row = PostingRow.unpack(raw)
    return (
        None
        if row.died
        else (
            row.version,
            _digest(row.vector.tobytes(), row.signature, row.card, _penalty(row)),
        )
    )


def _penalty(row: PostingRow) -> bytes:
    return repr(row.attrs.penalty if row.attrs else 0.0).encode()


async def read_state(reader: TopicReader, changelog: Callable[[str], str], report: Report) -> Held:
    """Read every changelog.

    Args:
        reader: Reads topics.
        changelog: Gives the changelog topic of a table.
        report: Takes a difference for every key that lies in two partitions.
    """
    held = Held()
    for partition, key, row in flat(await reader.table(changelog("people"), PersonRow.unpack)):
        name = key.decode()
        if name in held.people:
            report.differ("input", name, "the person lies in two partitions")
        held.people[name], held.home[name] = row, partition
    for _, key, row in flat(await reader.table(changelog("jobs"), JobRow.unpack)):
        if key.decode() in held.jobs:
            report.differ("input", key.decode(), "the job lies in two partitions")
        held.jobs[key.decode()] = row
    for _, key, raw in flat(await reader.table(changelog("decisions"), bytes)):
        held.decisions[key.decode()] = raw
    for _, key, row in flat(await reader.table(changelog("exclusions"), unpack_exclusions)):
        held.exclusions[key.decode()] = row
    for _, key, row in flat(await reader.table(changelog("rankings"), RankingRow.unpack)):
        held.rankings[key.decode()] = row
    for _, key, _row in flat(await reader.table(changelog("pending"), lambda raw: True)):
        held.pending.add(key.decode())
    for _, key, _row in flat(await reader.table(changelog("outcomes"), lambda raw: True)):
        held.outcomes.add(person_of(key))
    for partition, key, row in flat(await reader.table(changelog("postings"), _posting)):
        if row is not None:
            held.postings.setdefault(partition, {})[key.decode()] = row
    return held


def check_people(
    held: Held, source: Input[Profile], due_ms: int, hired_pauses: bool, report: Report
) -> tuple[list[Person], dict[str, str | None]]:
    """Check every person's row.

    Args:
        held: The tables.
        source: The profiles topic.
        due_ms: What ended before this moment must be marked as ended.
        hired_pauses: The setting.
        report: Takes the differences.

    Returns:
        Who takes part in matching, and why each of the others does not.
    """
    active: list[Person] = []
    statuses: dict[str, str | None] = {}
    for name, row in held.people.items():
        profile = validate(Profile, row.profile)
        if content_hash(profile) != row.content_hash:
            report.differ("input", name, "the row's fields are not those of its content hash")
        ends = person_end(profile)
        if row.ends != (0 if ends >= NEVER_MS else ends):
            report.differ("input", name, "the row ends at another moment than its profile says")
        if row.ends and row.ends <= due_ms and not row.ended:
            report.differ("due", name, "the person's valid_until has passed")
        said = held.exclusions.get(name, {})
        hired = [stamp for kind, stamp in said.values() if kind == "hired"]
        status = person_status(
            row.profile,
            ended=row.ended,
            record_ts=row.record_ts,
            hired_ts=max(hired) if hired and hired_pauses else None,
        )
        statuses[name] = status
        if status is None and not len(row.vector):
            report.differ("vector", name, "a person who takes part has no vector")
        elif status is None:
            active.append(Person(name, row.vector, person_attrs(row.profile), frozenset(said)))
    gone = {name for name, accepted in source.last.items() if accepted.event is None}
    for name in sorted(gone - held.people.keys()):
        for table, rows in (("rankings", held.rankings), ("pending", held.pending)):
            if name in rows:
                report.differ("erased", name, f"a row is left in {table}")
    for name in sorted(held.outcomes - held.people.keys()):
        report.differ("erased", name, "it is kept what they did")
    for name in sorted(held.rankings.keys() - held.people.keys() - gone):
        report.differ("input", name, "a ranking of somebody who is not there")
    if held.pending:
        report.counts["people whose candidate lists wait for a refresh"] = len(held.pending)
    return active, statuses


def check_jobs(
    held: Held, default_days: float, due_ms: int, partitions: int, report: Report
) -> list[ActiveJob]:
    """Check every job's row and every partition's copy of it; returns the active jobs."""
    active: list[ActiveJob] = []
    copies: dict[str, Copy] = {}
    for name, row in held.jobs.items():
        job = validate(Job, row.job)
        report.counts[f"jobs {row.state}"] += not is_canary(name)
        if content_hash(job) != row.content_hash:
            report.differ("input", name, "the row's fields are not those of its content hash")
        if row.ends != job_end(job, row.record_ts, default_days):
            report.differ("input", name, "the row ends at another moment than its ad says")
        stated = job.status if job.status in ("filled", "closed") else None
        if (row.state in ("filled", "closed") or stated) and row.state != stated:
            report.differ("input", name, f"the state is {row.state}, the ad says {job.status}")
        if row.state in VETTED and row.ends <= due_ms:
            report.differ("due", name, "the job's end has passed")
        if row.state not in MATCHED:
            continue
        if not len(row.vector):
            report.differ("vector", name, "an active job has no vector")
            continue
        shown = orjson.dumps(card(job))
        signature = duplicates.signature(job)
        attrs = job_attrs(orjson.loads(shown), row.penalty)
        active.append(ActiveJob(name, row.vector, attrs, signature))
        parts = row.vector.tobytes(), signature, shown, repr(row.penalty).encode()
        copies[name] = row.version, _digest(*parts)
    for partition in range(partitions):
        _check_copies(partition, held.postings.get(partition, {}), copies, report)
    return active


def _check_copies(
    partition: int,
    copies: dict[str, Copy],
    must: dict[str, Copy],
    report: Report,
) -> None:
    report.counts["copies of jobs"] += len(copies)
    for name in must.keys() - copies.keys():
        report.differ("posting", name, f"partition {partition} does not hold it")
    for name in copies.keys() - must.keys():
        report.differ("posting", name, f"partition {partition} holds it, and it is not active")
    for name in copies.keys() & must.keys():
        if copies[name] != must[name]:
            report.differ("posting", name, f"partition {partition} holds another version of it")


def check_feedback(held: Held, source: Input[Feedback], erased: set[str], report: Report) -> None:
    """Every exclusion is somebody's feedback, and all feedback of people held is an exclusion.

    People who were erased at some time are left out: feedback and profiles are two topics, and
    what was said before an erasure may be read after it.
    """
    last: dict[tuple[str, str], tuple[str, int]] = {}
    for accepted in source.events:
        event = accepted.event
        if event is not None and event.kind in EXCLUDING:
            last[event.profile_id, event.job_id] = event.kind, accepted.timestamp
    report.counts["exclusions"] = sum(len(said) for said in held.exclusions.values())
    report.counts["feedback without a person"] = len(held.exclusions.keys() - held.people.keys())
    everything: dict[str, Exclusions] = {}
    for (person, job), said in last.items():
        everything.setdefault(person, {})[job] = said
    kept = {person: latest_said(said) for person, said in everything.items()}
    for (person, job), said in last.items():
        have = held.exclusions.get(person, {}).get(job)
        forgotten = have is None and job not in kept[person]
        if person not in erased and have != said and not forgotten:
            report.differ("feedback", f"{person} {job}", "not held as it was accepted")
    for person, exclusions in held.exclusions.items():
        for job in exclusions:
            if (person, job) not in last and not source.trimmed:
                report.differ("feedback", f"{person} {job}", "held, but nobody said it")
