"""Vetted ads: every state follows from ad, decision and gate, and reviewers see what is held."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson

from matcher_stream.verify.held import Held
from matcher_stream.verify.inputs import Input
from matcher_stream.verify.report import Report
from models.vetting.outcome import REVIEWED, Gate, review_event, standing
from schemas import Decision, Job, validate
from tables.rows import VETTED, decided_on, decision_row, reviewed

Reviews = dict[str, dict[str, Any] | None]


async def read_reviews(records: AsyncIterator[Any]) -> Reviews:
    """The last thing told about each job on the review topic; None for a null."""
    last: Reviews = {}
    async for record in records:
        value = record.value
        last[record.key.decode()] = None if value is None else orjson.loads(value)
    return last


def check_decisions(held: Held, source: Input[Decision], report: Report) -> None:
    """The decisions held are the last ones accepted."""
    rows = {name: row for name, raw in held.decisions.items() if (row := reviewed(raw))}
    in_force = {name for name, row in rows.items() if row.decision is not None}
    report.counts["decisions"] = len(in_force)
    for name, accepted in source.last.items():
        said, at = accepted.event, (accepted.at.offset, accepted.timestamp)
        decision, content = (said.decision, said.content_hash) if said else (None, None)
        who, note = (said.reviewer, said.note) if said else (None, None)
        right = reviewed(decision_row(decision, content, *at, who, note))
        bare = reviewed(decision_row(decision, content, *at))  # as rows were before `reviewer`
        if rows.get(name) not in (right, bare):
            report.differ("input", name, f"not the decision accepted at {accepted.at}")
    for name in in_force - source.last.keys() - source.contested:
        report.differ("input", name, "a decision that nobody made")


def check_vetting(held: Held, reviews: Reviews, gate: Gate, report: Report) -> None:
    """Every job that has not ended stands as gate and decision say, and reviewers were told."""
    waiting: dict[str, dict[str, Any]] = {}
    for name, row in held.jobs.items():
        if row.state not in VETTED:
            continue
        job = validate(Job, row.job)
        verdict = gate.vet(job)
        must = standing(verdict, decided_on(held.decisions.get(name), row.content_hash))
        if row.state != must:
            report.differ("vetting", name, f"the job is {row.state}, it must be {must}")
        if must in REVIEWED:
            waiting[name] = review_event(job, row.version, row.content_hash, verdict, gate.version)
    told = {name: body for name, body in reviews.items() if body is not None}
    report.counts["ads that wait for a reviewer"] = len(waiting)
    for name in waiting.keys() - told.keys():
        report.differ("vetting", name, "held or advised, but not on the review topic")
    for name in told.keys() - waiting.keys():
        report.differ("vetting", name, "on the review topic, but neither held nor advised")
    for name in waiting.keys() & told.keys():
        if told[name] != waiting[name]:
            report.differ("vetting", name, "told to reviewers otherwise than it stands")
