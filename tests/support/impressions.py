"""Exports of impressions of people who do not exist, with a taste that is known."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from models.feedback.dataset import FORMAT, MANIFEST, ROWS, Impression, Manifest, Outcome

START: Final = 1_764_000_000_000
HOUR: Final = 3_600_000
DAYS: Final = 30
PLACES: Final = 10
ONE: Final = Impression(
    person="0" * 32, job_id="trabajo-0", as_of="2026-06-01", revision=1, rank=1, surface="web",
    propensity=1.0, swapped=False, level="send", score=0.5,
    components={"dense": 0.4, "lexical": 0.1}, shown=START, outcome="none", outcome_ts=None,
    ranker_version="ranker-x", encoder_version="encoder-x",
)  # fmt: skip


def looks(rank: int) -> float:
    """How likely somebody looks at a place, as against the first."""
    return 1.0 / rank


def population(
    people: int,
    *,
    taste: Mapping[str, float] = {"f": 0.2, "m": 0.2},
    regions: Sequence[str] = ("15", "08", "21"),
    jobs: int = 200,
    seed: int = 1,
    score: float = 0.5,
) -> list[Impression]:
    """What a population was shown, ten places a person, and what it did.

    Args:
        people: How many; they are of each sex in turn, and of whatever else by chance.
        taste: How likely somebody of a sex asks for a job that they look at.
        regions: Departments.
        jobs: How many different ones.
        seed: Of the chances.
        score: Middle of the scores.
    """
    rng = np.random.default_rng(seed)
    sexes, ages = list(taste), ("18-24", "25-34", "35-44")
    rows = []
    for i in range(people):
        shown = START + int(rng.uniform(0, DAYS / 2 * 24)) * HOUR
        sex = sexes[i % len(sexes)]
        someone = replace(
            ONE, person=hashlib.md5(f"{seed} {i}".encode()).hexdigest(), shown=shown, sex=sex,
            region=str(rng.choice(regions)), age_band=str(rng.choice(ages)),
            trade=str(rng.choice(("5120", "7112"))), district_poverty=float(rng.uniform(5, 60)),
        )  # fmt: skip
        for rank, job in enumerate(rng.choice(jobs, PLACES, replace=False).tolist(), 1):
            takes = rng.random() < looks(rank) * taste[sex]
            outcome: Outcome = "applied" if takes else "none"
            at = shown + int(rng.exponential(48) * HOUR) if takes else None
            points = round(float(np.clip(rng.normal(score, 0.1), 0, 1)), 4)
            rows.append(
                replace(
                    someone, job_id=f"trabajo-{job}", rank=rank, propensity=looks(rank),
                    outcome=outcome, outcome_ts=at, score=points,
                    level="send" if points > 0.5 else "also",
                    components={"dense": round(points - 0.1, 4), "lexical": 0.1},
                )
            )  # fmt: skip
    return rows


def write_export(folder: Path, rows: Sequence[Impression], erased: Sequence[str] = ()) -> Path:
    """The rows as an export that `models.feedback.dataset.load` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    raw = b"".join(row.line() for row in rows)
    (folder / ROWS).write_bytes(raw)
    manifest = Manifest(
        made=datetime.fromtimestamp(START / 1000 + DAYS * 86_400, UTC), salt="00" * 16,
        format=FORMAT, rows=len(rows), people=len({row.person for row in rows}),
        sha256=hashlib.sha256(raw).hexdigest(), erased=list(erased),
    )  # fmt: skip
    (folder / MANIFEST).write_bytes(manifest.raw())
    return folder
