"""What follows for an ad from the gate's verdict and a reviewer's decision.

A pure function of (job, decision for this content, gate version): every worker and a replay agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from models.ranking.event_bodies import JobVersion, event_id
from models.reading.text import card, content_hash
from models.vetting.gate import GATE_VERSION, Verdict, vet
from models.vetting.words import advice_of, words
from schemas.job import Job
from schemas.review import Decision

Standing = Literal["active", "advised", "held", "rejected"]
#: States in which a job is matched; the employer of an advised one should mend its words.
MATCHED: Final = ("active", "advised")
#: What a reviewer is asked about.
REVIEWED: Final = ("held", "advised")
EXCERPT_CHARS: Final = 2_000
_PASSED: Final = Verdict("match", (), 0.0)


@dataclass(frozen=True, slots=True)
class Gate:
    """The gate in use.

    Attributes:
        on: Whether ads are vetted; if not, every ad passes and rejections still count.
        wording: What becomes of an ad whose words exclude people (Ley 26772): matched with
            everybody alike, its employer asked for other words (``advise``), or held.
    """

    on: bool = True
    wording: Literal["advise", "hold"] = "advise"

    @property
    def version(self) -> str:
        """Changes whenever a verdict may."""
        strict = "+hold" if self.wording == "hold" else ""
        return GATE_VERSION + strict if self.on else "off"

    def vet(self, job: Job) -> Verdict:
        """The verdict on an ad."""
        if not self.on:
            return _PASSED
        verdict = vet(job)
        strict = self.wording == "hold" and verdict.action == "advise"
        return replace(verdict, action="hold") if strict else verdict


def standing(verdict: Verdict, decided: str | None) -> Standing:
    """Whether an ad is matched, matched while its words should be mended, waits, or was rejected.

    Args:
        verdict: Of the gate.
        decided: ``release`` or ``reject`` for exactly this content; None if nobody decided.
    """
    if decided == "reject":
        return "rejected"
    if decided == "release" or verdict.action == "match":
        return "active"
    return "held" if verdict.action == "hold" else "advised"


def passing(jobs: Iterable[Job], gate: Gate, decisions: Mapping[str, Decision]) -> list[Job]:
    """The ads that are neither held nor rejected.

    Args:
        jobs: Any ads.
        gate: Vets them.
        decisions: The last one about each job, by job_id.
    """
    out = []
    for job in jobs:
        said = decisions.get(job.job_id)
        applies = said is not None and said.content_hash == content_hash(job).hex()
        decided = said.decision if said is not None and applies else None
        if standing(gate.vet(job), decided) in MATCHED:
            out.append(job)
    return out


def review_event(
    job: Job, version: JobVersion, content: bytes, verdict: Verdict, gate_version: str
) -> dict[str, Any]:
    """The event for a reviewer, as `schemas.HeldJob` describes it; the verdict is no match.

    Args:
        job: The ad.
        version: Its job_version.
        content: Its content hash, 16 bytes.
        verdict: Why it is held or advised.
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
        "status": "held" if verdict.held else "advised",
        "action": verdict.action,
    }
    if advice := advice_of(verdict.reasons):
        event["advice"] = advice
    event["event_id"] = event_id(event)
    return event
