"""`verify` names every ad that does not stand as ad, decision and gate say."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import orjson

from matcher_stream.verify.held import Held
from matcher_stream.verify.inputs import Accepted, Input
from matcher_stream.verify.reading import Coordinates
from matcher_stream.verify.report import Report
from matcher_stream.verify.vetting import check_decisions, check_vetting
from models.reading.text import content_hash
from models.vetting.outcome import Gate, review_event
from schemas import Decision, parse_decision, parse_job
from tables.rows import JobRow, decision_row

RISKY = {"job_id": "a", "title": "Limpieza", "description": "Primero deposita S/ 80 por Yape."}
EXCLUDES = {"job_id": "a", "title": "Limpieza", "description": "Solo mujeres."}
UNTOLD = "held or advised, but not on the review topic"
IN_VAIN = "on the review topic, but neither held nor advised"
PLAIN = {"job_id": "a", "title": "Limpieza", "description": "Limpieza de oficinas."}


def _found(
    fields: dict[str, Any],
    state: str,
    decision: str | None,
    told: bool,
    wording: Literal["advise", "hold"] = "advise",
) -> list[str]:
    job = parse_job(b"a", orjson.dumps(fields))
    content = content_hash(job)
    row = JobRow(content, b"", 0, 7, 0, 0, state, np.zeros(0, np.float16), job.model_dump())
    held = Held(jobs={"a": row})
    if decision:
        held.decisions["a"] = decision_row(decision, content.hex(), 0, 0)
    gate, report = Gate(wording=wording), Report()
    body = review_event(job, (7, 0), content, gate.vet(job), gate.version) if told else None
    check_vetting(held, {"a": body}, gate, report)
    return [difference.what for difference in report.differences]


def test_states_that_follow_are_right() -> None:
    assert not _found(RISKY, "held", None, told=True)
    assert not _found(RISKY, "active", "release", told=False)
    assert not _found(RISKY, "rejected", "reject", told=False)
    assert not _found(PLAIN, "active", None, told=False)
    assert not _found(PLAIN, "rejected", "reject", told=False)
    assert not _found(RISKY, "expired", None, told=False)
    assert not _found(EXCLUDES, "advised", None, told=True)
    assert not _found(EXCLUDES, "active", "release", told=False)
    assert not _found(EXCLUDES, "rejected", "reject", told=False)
    assert not _found(EXCLUDES, "held", None, told=True, wording="hold")


def test_states_that_do_not_follow_are_named() -> None:
    assert _found(RISKY, "active", None, told=False)
    assert _found(RISKY, "held", "release", told=True)
    assert _found(PLAIN, "active", "reject", told=False)
    assert _found(RISKY, "held", None, told=False) == [UNTOLD]
    assert _found(PLAIN, "active", None, told=True) == [IN_VAIN]
    assert _found(EXCLUDES, "active", None, told=True)
    assert _found(EXCLUDES, "advised", None, told=False) == [UNTOLD]
    assert _found(EXCLUDES, "advised", "release", told=False)
    assert _found(EXCLUDES, "advised", None, told=True, wording="hold")


def test_an_advised_ad_that_was_told_as_held_is_named() -> None:
    job = parse_job(b"a", orjson.dumps(EXCLUDES))
    content, vector, strict = content_hash(job), np.zeros(0, np.float16), Gate(wording="hold")
    row = JobRow(content, b"", 0, 7, 0, 0, "advised", vector, job.model_dump())
    body = review_event(job, (7, 0), content, strict.vet(job), strict.version)
    report = Report()
    check_vetting(Held(jobs={"a": row}), {"a": body}, Gate(), report)
    (difference,) = report.differences
    assert difference.what == "told to reviewers otherwise than it stands"


def test_decisions_must_be_the_last_ones_accepted() -> None:
    said = {"job_id": "a", "decision": "release", "content_hash": "0" * 32}
    event = parse_decision(b"a", orjson.dumps(said))
    at = Coordinates("t", 0, 1)
    right = decision_row("release", "0" * 32, 1, 0)
    source: Input[Decision] = Input(last={"a": Accepted(at, 0, event, b"")})
    for rows, wrong in (
        ({"a": right}, 0),
        ({"a": decision_row("reject", "0" * 32, 1, 0)}, 1),
        ({"a": decision_row("release", "0" * 32, 0, 0)}, 1),
        ({}, 1),
        ({"a": right, "b": decision_row("reject", "0" * 32, 1, 0)}, 1),
        ({"a": right, "b": decision_row(None, None, 1, 0)}, 0),
    ):
        report = Report()
        check_decisions(Held(decisions=rows), source, report)
        assert len(report.differences) == wrong
