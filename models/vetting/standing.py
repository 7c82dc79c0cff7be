"""What follows for an ad from the gate's verdict and a reviewer's decision.

A pure function of (job, decision for this content, gate version): every worker and a replay agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson

from models.ranking.event_bodies import event_id
from models.reading.text import card, content_hash
from models.vetting import gate
from models.vetting.gate import GATE_VERSION, Verdict
from models.vetting.words import words
from schemas.job import Job

Standing = Literal["active", "held", "rejected"]
EXCERPT_CHARS: Final = 2_000
_PASSED: Final = Verdict(held=False, reasons=(), risk=0.0)


@dataclass(frozen=True, slots=True)
class Gate:
    """The gate in use.

    Attributes:
        on: Whether ads are vetted; if not, every ad passes and rejections still count.
    """

    on: bool = True

    @property
    def version(self) -> str:
        """Changes whenever a verdict may."""
        return GATE_VERSION if self.on else "off"

    def vet(self, job: Job) -> Verdict:
        """The verdict on an ad."""
        return gate.vet(job) if self.on else _PASSED


def standing(verdict: Verdict, decided: str | None) -> Standing:
    """Whether an ad is matched, waits, or was rejected.

    Args:
        verdict: Of the gate.
        decided: ``release`` or ``reject`` for exactly this content; None if nobody decided.
    """
    if decided == "reject":
        return "rejected"
    return "held" if verdict.held and decided != "release" else "active"


def passing(jobs: Iterable[Job], gate: Gate, decisions: Mapping[str, bytes]) -> list[Job]:
    """The ads that are neither held nor rejected.

    Args:
        jobs: Any ads.
        gate: Vets them.
        decisions: By job_id, as `decision_row` makes them.
    """
    out = []
    for job in jobs:
        decided = decided_on(decisions.get(job.job_id), content_hash(job))
        if standing(gate.vet(job), decided) == "active":
            out.append(job)
    return out


def held_event(
    job: Job, version: tuple[int, int], content: bytes, verdict: Verdict, gate_version: str
) -> dict[str, Any]:
    """The event for a reviewer, as `schemas.HeldJob` describes it.

    Args:
        job: The ad.
        version: Its job_version.
        content: Its content hash, 16 bytes.
        verdict: Why it is held.
        gate_version: Who says so.
    """
    texts = " ".join(part for part in (job.description, job.requirements) if part)
    event = {
        "job_id": job.job_id,
        "job_version": list(version),
        "content_hash": content.hex(),
        "gate_version": gate_version,
        "risk": round(verdict.risk, 3),
        "reasons": [
            {"code": reason.code, "facts": reason.facts, "text": words(reason)}
            for reason in verdict.reasons
        ],
        "job": card(job),
        "excerpt": texts[:EXCERPT_CHARS],
        "status": "held",
    }
    event["event_id"] = event_id(event)
    return event


def decision_row(
    decision: str | None, content: str | None, offset: int = 0, stamp: int = 0
) -> bytes:
    """A decision as the tables keep it.

    Args:
        decision: ``release`` or ``reject``; None if it was taken back, which is kept as well.
        content: The content hash it names, in hexadecimal.
        offset: Of its record: an older one read again after a crash must not count.
        stamp: When it was published, ms since the epoch.
    """
    return orjson.dumps([decision, content, offset, stamp])


def decided_on(raw: bytes | None, content: bytes) -> str | None:
    """What was decided on exactly this content, from a `decision_row`."""
    if raw is None:
        return None
    decision, named, *_ = orjson.loads(raw)
    return str(decision) if decision and named == content.hex() else None


def decided_at(raw: bytes | None) -> tuple[int, int]:
    """Offset and stamp of a `decision_row`; -1 and 0 if there is none."""
    if raw is None:
        return -1, 0
    _, _, offset, *stamp = orjson.loads(raw)
    return offset, stamp[0] if stamp else 0
