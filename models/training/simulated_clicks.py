"""What simulated people do with real rankings: a user model with a known taste, as an export.

The examination model of the click literature (Richardson, Dominowska and Ragno 2007; Joachims and
others 2017, section 5): a place is looked at with chance 1 / rank ** eta, whatever stands there;
what is looked at is taken with a chance that grows with how well it suits the person's taste.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.metrics import ndcg_at
from models.feedback.dataset import Impression, Outcome, hash_of
from models.feedback.writing import write_export
from models.ranking import evidence
from models.ranking.blend import make_ranker
from models.ranking.evidence import jobs_side, people_side
from models.ranking.ranker import best
from models.ranking.weights import Weights
from models.search.arrays import Double
from models.search.pairing import exact_dots
from models.training.simulated_people import Population
from schemas.feedback import DismissReason

SALT: Final = "5a" * 16
MADE: Final = datetime(2026, 11, 1, tzinfo=UTC)
_DAY_MS: Final = 86_400_000
_REASONS: Final[Mapping[str, DismissReason]] = {"travel": "too_far", "pay": "low_pay"}
_TOP: Final = 10


@dataclass(frozen=True, slots=True)
class Taste:
    """What people care about.

    Attributes:
        weights: Of each of `evidence.NAMES`, beside 1 for the dot product.
        steep: How much surer they are where more suits them; of the logistic.
        level: The sum at which they take one in two that they look at.
    """

    weights: tuple[float, ...]
    steep: float = 20.0
    level: float = 0.80

    def chance(self, features: Double) -> Double:
        """That a job is taken by who looks at it, [n], from [n, 1 + p]."""
        suits = features[:, 0] + features[:, 1:] @ np.array(self.weights)
        return np.asarray(1.0 / (1.0 + np.exp(-self.steep * (suits - self.level))))


@dataclass(frozen=True, slots=True)
class Habits:
    """How people look at rankings.

    Attributes:
        tastes: By group; "" for all others.
        eta: How fast attention falls with the rank; 0: everything is looked at.
        noise: Share of what is looked at that is taken or left by chance, whatever it is.
        refusing: Chance that what is looked at, and not taken, is refused with a reason.
        rankings: Of each person, each with another part of the jobs open.
        open_share: Of the jobs, in each ranking.
        places: Of a ranking.
    """

    tastes: Mapping[str, Taste]
    eta: float = 1.0
    noise: float = 0.1
    refusing: float = 0.1
    rankings: int = 6
    open_share: float = 0.6
    places: int = 20
    seed: int = field(default=1)

    def taste(self, group: str) -> Taste:
        """Of a group."""
        return self.tastes.get(group, self.tastes[""])


def impressions(
    of: Population, people: Sequence[int], ranker: Weights, habits: Habits, vectors: str
) -> list[Impression]:
    """What these people were shown by the real ranker, and what they did.

    Args:
        of: Everybody.
        people: Who of them is asked.
        ranker: The weights in use.
        habits: The user model.
        vectors: Name of the vector space.
    """
    rng = np.random.default_rng(habits.seed)
    eligible = of.eligible()
    rows: list[Impression] = []
    for person in people:
        for revision in range(1, habits.rankings + 1):
            fit = eligible[person]
            now = fit[rng.random(len(fit)) < habits.open_share]
            if len(now):
                rows += _shown(of, person, revision, now, ranker, habits, vectors, rng)
    return rows


def _shown(
    of: Population,
    person: int,
    revision: int,
    jobs: NDArray[np.intp],
    weights: Weights,
    habits: Habits,
    vectors: str,
    rng: np.random.Generator,
) -> list[Impression]:
    ranker = make_ranker("blend", weights=weights)
    have, asked = of.people[person], [of.jobs[job] for job in jobs.tolist()]
    dots = exact_dots(of.vectors[person][None], of.job_vectors[jobs])
    scores = ranker.scores(dots, people_side([have]), jobs_side(asked)).tolist()
    reached = [(f"job-{j:05}", s) for j, s in zip(jobs.tolist(), scores, strict=True)
               if s >= ranker.threshold]  # fmt: skip
    ranked = best(reached, habits.places)
    chosen: NDArray[np.intp] = np.array([int(name[4:]) for name, _ in ranked], np.intp)
    if not len(chosen):
        return []
    attrs = [of.jobs[job] for job in chosen.tolist()]
    parts = ranker.components(
        np.repeat(of.vectors[person][None], len(chosen), axis=0), of.job_vectors[chosen],
        people_side([have] * len(chosen)), jobs_side(attrs),
    )  # fmt: skip
    features = of.features(person, chosen)
    propensity: Double = 1.0 / np.arange(1, len(chosen) + 1, dtype=np.float64) ** habits.eta
    done = _done(features, propensity, habits, habits.taste(of.groups[person]), rng)
    told = [
        {name: value for name, value in zip(evidence.NAMES, parts_of, strict=True) if value}
        for parts_of in np.round(features[:, 1:], 3).tolist()
    ]
    when = int(MADE.timestamp() * 1000) - (habits.rankings - revision + 1) * _DAY_MS
    name = hash_of(SALT, f"person-{person:05}")
    return [
        Impression(
            person=name, job_id=job, as_of="2026-10-31", revision=revision, rank=rank,
            surface="web", propensity=float(chance), swapped=False,
            level="send" if score >= ranker.send else "also", score=score, components=made,
            shown=when, outcome=outcome, outcome_ts=None if outcome == "none" else when + 60_000,
            reason=reason, region=of.regions[person], ranker_version=ranker.version,
            encoder_version=vectors, evidence=found,
        )
        for rank, ((job, score), chance, made, found, (outcome, reason)) in enumerate(
            zip(ranked, propensity, parts, told, done, strict=True), 1
        )
    ]  # fmt: skip


def _done(
    features: Double, propensity: Double, habits: Habits, taste: Taste, rng: np.random.Generator
) -> list[tuple[Outcome, DismissReason | None]]:
    """What a person does with each place; every draw is made whether it counts or not."""
    count = len(features)
    looked = rng.random(count) < propensity
    chance = (1.0 - habits.noise) * taste.chance(features) + habits.noise * 0.5
    took = rng.random(count) < chance
    applied, refused = rng.random(count) < 0.3, rng.random(count) < habits.refusing
    lost = features[:, 1:] * np.array(taste.weights)
    found: list[tuple[Outcome, DismissReason | None]] = []
    for i in range(count):
        if not looked[i] or not (took[i] or refused[i]):
            found.append(("none", None))
        elif took[i]:
            found.append(("applied" if applied[i] else "opened", None))
        else:
            part = evidence.NAMES[int(lost[i].argmin())]
            found.append(("dismissed", _REASONS.get(part, "not_my_trade")))
    return found


def write(rows: Sequence[Impression], folder: Path, erased: Sequence[str] = ()) -> Path:
    """The rows as an export; returns its folder.

    Args:
        rows: What is written.
        folder: Empty, or not there yet.
        erased: Hashes that it names as erased.
    """
    write_export(folder, rows, made=MADE, salt=SALT, erased=list(erased))
    return folder


def taste_ndcg(
    of: Population, people: Sequence[int], weights: Sequence[float], tastes: Mapping[str, Taste]
) -> Double:
    """NDCG at 10 of each person over all jobs that fit them, by their own taste, [people].

    The grade of a job is 3 times the chance that they would take it. NaN for who has no two jobs.
    """
    eligible, found = of.eligible(), []
    for person in people:
        jobs = eligible[person]
        if len(jobs) < 2:
            found.append(float("nan"))
            continue
        features = of.features(person, jobs)
        taste = tastes.get(of.groups[person], tastes[""])
        grades = 3.0 * taste.chance(features)
        order = np.argsort(-(features[:, 0] + features[:, 1:] @ np.array(weights)), kind="stable")
        found.append(ndcg_at(grades[order][:_TOP].tolist(), grades.tolist(), _TOP))
    return np.array(found)
