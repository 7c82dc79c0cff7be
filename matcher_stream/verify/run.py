"""The verification as a whole."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Any

from matcher_stream.config.security import client_options
from matcher_stream.config.settings import Settings
from matcher_stream.config.topics import TopicNames
from matcher_stream.verify.inputs import (
    check_dlq,
    check_held,
    read_decisions,
    read_feedback,
    read_jobs,
    read_people,
)
from matcher_stream.verify.outputs import Sent
from matcher_stream.verify.rankings import BruteForce
from matcher_stream.verify.reading import Reader
from matcher_stream.verify.report import Report
from matcher_stream.verify.sent import check_candidates, check_matches
from matcher_stream.verify.state import (
    check_feedback,
    check_jobs,
    check_people,
    read_state,
)
from matcher_stream.verify.vectors import Encodes, check_vectors
from matcher_stream.verify.vetting import check_decisions, check_vetting, read_reviews
from models.ranking.blend import make_ranker
from models.vetting.standing import Gate
from schemas import parse_decision, parse_feedback, parse_job, parse_profile

#: What ended less than this long ago may still be in force: expiry is exact to a minute.
DUE_GRACE_SECONDS = 60.0
SAMPLE = 50


@contextlib.contextmanager
def _timed(report: Report, name: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    report.seconds[name] = report.seconds.get(name, 0.0) + time.monotonic() - started


async def verify(
    settings: Settings,
    app_id: str,
    *,
    grace: float = DUE_GRACE_SECONDS,
    encoder: Encodes | None = None,
    sample: int = SAMPLE,
) -> Report:
    """Check everything; differences are in the report.

    Args:
        settings: How to reach the broker, and what a ranking is.
        app_id: The application whose tables and outputs are checked.
        grace: Seconds that an expiry may be late.
        encoder: Embeds a sample of texts again; None leaves that check out.
        sample: How many people and how many jobs that is.

    Raises:
        TopicMismatch: a topic is missing.
        BrokerUnavailable: nobody answers.
    """
    async with Reader(client_options(settings)) as reader:
        return await verify_with(
            reader, settings, app_id, grace=grace, encoder=encoder, sample=sample
        )


async def verify_with(
    reader: Reader,
    settings: Settings,
    app_id: str,
    *,
    grace: float = DUE_GRACE_SECONDS,
    encoder: Encodes | None = None,
    sample: int = SAMPLE,
) -> Report:
    """The same on topics that `reader` reads."""
    report = Report()
    names = TopicNames(settings, app_id)
    due = int((time.time() - grace) * 1000)
    with _timed(report, "read inputs"):
        people = await read_people(reader, names.profiles, settings.partitions)
        jobs = await read_jobs(reader, names.jobs, settings.partitions)
        decisions = await read_decisions(reader, names.decisions, settings.partitions)
        feedback = await read_feedback(reader, names.feedback, settings.partitions)
    with _timed(report, "read changelogs"):
        held = await read_state(reader, lambda table: f"{app_id}-{table}-changelog", report)
        report.held = held
    with _timed(report, "read outputs"):
        matches = Sent("matches", "job_id", report)
        await matches.read(reader.records(names.matches))
        candidates = Sent("candidates", "profile_id", report)
        await candidates.read(reader.records(names.candidates))
        reviews = await read_reviews(reader.records(names.review))
    with _timed(report, "check inputs"):
        check_held(people, held.people, report, "person")
        check_held(jobs, held.jobs, report, "job")
        check_feedback(held, feedback, set(people.erased_at), report)
        check_decisions(held, decisions, report)
        check_vetting(held, reviews, Gate(settings.vetting), report)
        sources: tuple[tuple[str, Any, Any], ...] = (
            (names.profiles, people, parse_profile),
            (names.jobs, jobs, parse_job),
            (names.decisions, decisions, parse_decision),
            (names.feedback, feedback, parse_feedback),
        )
        for topic, source, parse in sources:
            report.counts[f"refused in {topic}"] = len(source.refused)
            report.refused.update(source.refused)
            await check_dlq(reader, names.dlq(topic), source, parse, report)
    with _timed(report, "rank"):
        takers, statuses = check_people(held, people, due, settings.hired_pauses, report)
        active = check_jobs(held, settings.default_expiry_days, due, settings.partitions, report)
        ranker = make_ranker(settings.ranker, settings.score_threshold, settings.exposure)
        brute = BruteForce(takers, active, ranker, settings.top_k)
        check_matches(held, matches, statuses, brute, report)
        check_candidates(
            held, candidates, [job.job_id for job in active], brute, settings.partitions, report
        )
    report.counts["matches events"] = matches.events
    report.counts["candidates events"] = candidates.events
    report.counts["pairs compared"] = len(takers) * len(active)
    if encoder is not None:
        with _timed(report, "embed a sample"):
            check_vectors(held, encoder, sample, report)
    return report


def run_verify(settings: Settings, console: Any) -> int:
    """Verify and print; the command line's `verify`.

    Args:
        settings: The settings that the workers run with.
        console: A rich console.

    Returns:
        0 if nothing differs, else 1.
    """
    from models.encoding.embedder import (
        load_embedder,  # torch takes seconds: only this command pays them
    )

    encoder = load_embedder(
        settings.encoder,
        settings.encoder_precision,
        settings.encoder_cache_dir,
        settings.adapter,
    )
    version = settings.encoder_version or encoder.version
    app_id = f"{settings.topic_prefix}-{version}"
    report = asyncio.run(verify(settings, app_id, encoder=encoder))
    for line in report.lines():
        console.print(line, markup=False, highlight=False)
    return 0 if report.ok else 1
