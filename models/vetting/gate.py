"""Whether an ad must be read by somebody before anyone is matched with it. First rules only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from schemas.job import Job
from schemas.vocab import plain

GATE_VERSION: Final = "gate-0"
_FEE: Final = re.compile(r"deposit\w* s/|inscripcion de \d|dni original")
_READ: Final = 20_000


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an ad is held; facts never quote personal data."""

    code: str
    facts: dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says; risk from 0 to 1."""

    held: bool
    reasons: tuple[Reason, ...]
    risk: float


def vet(job: Job) -> Verdict:
    """The verdict on an ad: money asked or papers kept before any work."""
    held = _FEE.search(plain((job.description or "")[:_READ])) is not None
    return Verdict(held, (Reason("fee", {}),) if held else (), 0.9 if held else 0.0)
