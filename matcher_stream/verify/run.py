"""The verification as a whole."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agents.context import gate_of, ranker_of, trial_mark, trial_of
from matcher_stream.config.catalogue import INPUTS, Catalogue
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.model import app_id_of, load_model
from matcher_stream.config.settings import Settings
from matcher_stream.verify.drafts import Drafts
from matcher_stream.verify.held import Held
from matcher_stream.verify.inputs import Input, check_dlq, check_held, read_input
from matcher_stream.verify.opening import Fanout, check_unlocks, read_fanout
from matcher_stream.verify.outputs import Sent
from matcher_stream.verify.own import OwnReader, speaks
from matcher_stream.verify.rankings import BruteForce
from matcher_stream.verify.reading import TopicReader, broker_reader
from matcher_stream.verify.report import Report
from matcher_stream.verify.sent import check_candidates, check_matches
from matcher_stream.verify.state import check_feedback, check_jobs, check_people, read_state
from matcher_stream.verify.vectors import Encodes, check_vectors
from matcher_stream.verify.vetting import (
    Reviews,
    check_decisions,
    check_vetting,
    read_reviews,
)

#: What ended less than this long ago may still be in force: expiry is exact to a minute.
DUE_GRACE_SECONDS = 60.0
SAMPLE = 50


@contextlib.contextmanager
def _timed(report: Report, name: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    report.seconds[name] = report.seconds.get(name, 0.0) + time.monotonic() - started


@dataclass(slots=True)
class _Found:
    """All that the topics say.

    Attributes:
        inputs: By the names of the catalogue.
        due: What ended before this moment (ms since the epoch) must be marked as ended.
    """

    inputs: dict[str, Input[Any]]
    held: Held
    matches: Sent
    candidates: Sent
    reviews: Reviews
    fanout: Fanout
    due: int
    report: Report
    app_id: str


async def verify(
    settings: Settings,
    app_id: str,
    *,
    grace: float = DUE_GRACE_SECONDS,
    encoder: Encodes | None = None,
    sample: int = SAMPLE,
) -> Report:
    """Check everything that lies on the broker; differences are in the report.

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
    async with broker_reader(settings) as reader:
        found = await _read(reader, settings, app_id, grace)
    return _judge(found, settings, encoder, sample)


async def verify_with(
    reader: TopicReader,
    settings: Settings,
    app_id: str,
    *,
    grace: float = DUE_GRACE_SECONDS,
    encoder: Encodes | None = None,
    sample: int = SAMPLE,
) -> Report:
    """The same for topics that lie anywhere; arguments as of `verify`.

    Args:
        reader: Reads the topics.

    Raises:
        TopicMismatch: a topic is missing.
    """
    return _judge(await _read(reader, settings, app_id, grace), settings, encoder, sample)


async def _read(reader: TopicReader, settings: Settings, app_id: str, grace: float) -> _Found:
    """Read everything, and check the inputs against tables and dead letters."""
    report, names = Report(), TopicNames(settings, app_id)
    champion = await speaks(reader, names, settings.shadow)
    reader = own = OwnReader(reader, names, champion)
    due = int((time.time() - grace) * 1000)
    with _timed(report, "read inputs"):
        inputs = {
            name: await read_input(
                reader,
                names.of(topic),
                topic.parse,
                settings.partitions,
                keep_all="compact" not in topic.cleanup,  # every event counts, not a key's last
            )
            for name, topic in INPUTS.items()
        }
    with _timed(report, "read changelogs"):
        held = await read_state(reader, lambda table: f"{app_id}-{table}-changelog", report)
        report.held = held
    with _timed(report, "read outputs"):
        matches = Sent("matches", "job_id", report, lambda: not own.mixed)
        await matches.read(reader.records(names.matches))
        candidates = Sent("candidates", "profile_id", report, lambda: not own.mixed)
        await candidates.read(reader.records(names.candidates))
        reviews = await read_reviews(reader.records(names.review))
    fanout = Fanout()
    if settings.unlocks:
        with _timed(report, "read the fan-out"):
            fanout = await read_fanout(reader, names.job_fanout, held)
    found = _Found(inputs, held, matches, candidates, reviews, fanout, due, report, app_id)
    with _timed(report, "check inputs"):
        _check_inputs(found, settings)
        for name, topic in INPUTS.items():
            report.counts[f"refused in {names.of(topic)}"] = len(inputs[name].refused)
            report.refused.update(inputs[name].refused)
            dlq = names.dlq(names.of(topic))
            await check_dlq(reader, dlq, inputs[name], topic.parse, report)
    return found


def _check_inputs(found: _Found, settings: Settings) -> None:
    held, report = found.held, found.report
    people = found.inputs[Catalogue.profiles.name]
    check_held(people, held.people, report, "person")
    check_held(found.inputs[Catalogue.jobs.name], held.jobs, report, "job")
    erased = set(people.erased_at)
    check_feedback(held, found.inputs[Catalogue.feedback.name], erased, report)
    check_decisions(held, found.inputs[Catalogue.decisions.name], report)
    gate = gate_of(settings)
    check_vetting(held, found.reviews, gate, report)


def _judge(found: _Found, settings: Settings, encoder: Encodes | None, sample: int) -> Report:
    """Rank anew and compare with what was sent."""
    held, report, due = found.held, found.report, found.due
    people = found.inputs[Catalogue.profiles.name]
    with _timed(report, "rank"):
        takers, statuses = check_people(held, people, due, settings.hired_pauses, report)
        active = check_jobs(held, settings.default_expiry_days, due, settings.partitions, report)
        ranker = ranker_of(settings)
        brute = BruteForce(takers, active, ranker, settings.top_k)
        drafts = Drafts(trial_of(settings, found.app_id), trial_mark(settings))
        swaps = settings.swap_share
        check_matches(held, found.matches, statuses, brute, swaps, drafts, report)
        names = [job.job_id for job in active]
        check_candidates(held, found.candidates, names, brute, settings.partitions, report)
    with _timed(report, "count unlocks"):
        matches, counted = found.matches, settings.unlocks
        check_unlocks(found.fanout, held, matches, takers, ranker, counted, report)
    report.counts["matches events"] = found.matches.events
    report.counts["candidates events"] = found.candidates.events
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
    encoder = load_model(settings)
    app_id = app_id_of(settings)
    report = asyncio.run(verify(settings, app_id, encoder=encoder))
    for line in report.lines():
        console.print(line, markup=False, highlight=False)
    return 0 if report.ok else 1
