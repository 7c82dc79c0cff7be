"""A small simulated population whose taste is known, from the judged people and ads."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from models.evaluation.judged import Judged, load
from models.search.arrays import Vector
from models.training.simulated_people import Population, population

VECTORS = "vectors-of-the-test"
PAY = (0.037, 0.03, 0.15, 0.0)
"""Cares for pay, hardly for the way there; the champion cares for the way and not for pay."""


@cache
def judged() -> Judged:
    """A, C and D with all fields."""
    return load("all")


@cache
def vectors() -> tuple[Vector, Vector]:
    """Of the judged people and ads, by the encoder that shipped when the file was made."""
    held = np.load(Path(__file__).parents[1] / "models" / "training" / "judged_vectors.npz")
    return held["people"], held["jobs"]


@cache
def small() -> Population:
    """240 people, 1,000 ads or so."""
    return population(judged(), *vectors(), copies=2, job_copies=3, seed=7)


def people_of(regions: str) -> list[int]:
    """Those of these groups of regions."""
    return [i for i, region in enumerate(small().regions) if region in regions]
