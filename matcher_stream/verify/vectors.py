"""A sample of texts embedded again: the stored vectors must be theirs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from matcher_stream.verify.held import Held
from matcher_stream.verify.report import Report
from models.reading.text import job_text, person_text
from schemas import Job, Profile, validate

if TYPE_CHECKING:
    from models.encoding.encoder import TextKind

MIN_COSINE = 0.998


class Encodes(Protocol):
    """What is needed of an encoder."""

    def encode(self, texts: Sequence[str], kind: TextKind) -> NDArray[np.float32]:
        """Vectors of length 1, float32 [n, dim]."""


def check_vectors(held: Held, encoder: Encodes, sample: int, report: Report) -> None:
    """Embed up to `sample` people and as many jobs again, in batches of their own."""
    rng = random.Random(0)
    people: list[tuple[str, Any]] = [(n, r) for n, r in held.people.items() if len(r.vector)]
    jobs: list[tuple[str, Any]] = [(n, r) for n, r in held.jobs.items() if len(r.vector)]
    kinds: tuple[tuple[TextKind, list[tuple[str, Any]]], ...] = (
        ("query", people),
        ("passage", jobs),
    )
    for kind, rows in kinds:
        chosen = rng.sample(sorted(rows, key=lambda row: row[0]), min(sample, len(rows)))
        if not chosen:
            continue
        texts = [
            person_text(validate(Profile, row.profile))
            if kind == "query"
            else job_text(validate(Job, row.job))
            for _, row in chosen
        ]
        fresh = np.asarray(encoder.encode(texts, kind), np.float64)
        report.counts["vectors embedded again"] += len(chosen)
        for (name, row), vector in zip(chosen, fresh, strict=True):
            stored = row.vector.astype(np.float64)
            cosine = float(stored @ vector / (np.linalg.norm(stored) * np.linalg.norm(vector)))
            if not cosine >= MIN_COSINE:
                report.differ("vector", name, f"cosine {cosine:.4f} to its text's vector")
