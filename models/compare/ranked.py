"""Judged people as versions rank them, and what that says of a challenger beside the champion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from models.compare.changes import Ranking, changes
from models.compare.exposure import Ad, exposure
from models.compare.gates import verdict
from models.compare.quality import facets_of, quality
from models.evaluation import judged, sending, slices
from models.evaluation.judged import FIELDS, PARTS, Fields, Judged
from models.evaluation.run import TOP
from models.evaluation.sending import Sent
from models.ranking.offline import TextEncoder
from models.ranking.weights import Weights
from schemas.job import Job

Ranked = dict[Fields, Sent]
GIVEN: Final[tuple[Fields, ...]] = (FIELDS[0], FIELDS[2])
"""Of people and ads: all fields, and words alone."""
OF_RANKINGS: Final = ("quality", "violations", "risky", "exposure")
"""Beginnings of the names of gates that hang on rankings of judged people alone."""


class Held:
    """Whether an ad waits for review; each was vetted once."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        from models.vetting import gate

        self._waiting = {job.job_id for job in jobs if gate.vet(job).held}

    def __call__(self, job: Job) -> bool:
        """Whether this one does."""
        return job.job_id in self._waiting


class JudgedPeople:
    """The judged people and ads, with all fields and with words alone.

    Args:
        parts: Folders.
        people: Of each folder, the first so many; None for all.

    Attributes:
        sets: By what is given.
        held: Likewise, whether an ad waits for review.
    """

    def __init__(self, parts: Sequence[str] = PARTS["dev"], people: int | None = None) -> None:
        every = {fields: judged.load(fields, parts) for fields in GIVEN}
        self._facets = facets_of(every["all"])
        self.sets = {fields: _some(each, people) for fields, each in every.items()}
        self.held = {fields: Held(each.jobs) for fields, each in every.items()}
        jobs = self.sets["all"].jobs
        self._ads = {job.job_id: Ad(_region(job), job.employer) for job in jobs}

    def ranked(self, encoder: TextEncoder, weights: Weights) -> Ranked:
        """Their rankings, threshold and gate and all.

        Args:
            encoder: Gives the vectors.
            weights: Of the ranker.
        """
        return {
            fields: sending.sent(each, encoder, self.held[fields], TOP, weights)
            for fields, each in self.sets.items()
        }

    def told(self, champion: Ranked, challenger: Ranked) -> dict[str, Any]:
        """Quality, what changes, and exposure, as parts of a comparison."""
        before, after = (_rankings(side["words"]) for side in (champion, challenger))
        return {
            "quality": quality(champion, challenger, self._facets),
            "changes": changes(before, after, self._facets),
            "exposure": exposure(before.values(), after.values(), self._ads),
        }

    def failed(self, champion: Ranked, challenger: Ranked) -> list[str]:
        """Names of the gates that a challenger's rankings would fail."""
        gates = verdict(self.told(champion, challenger)).those("failed")
        return [gate.name for gate in gates if gate.name.startswith(OF_RANKINGS)]


def _some(of: Judged, people: int | None) -> Judged:
    """The first people of each folder, with all ads."""
    if people is None:
        return of
    kept, seen = [], dict.fromkeys(of.region_of_person, 0)
    for i, part in enumerate(of.region_of_person):
        seen[part] += 1
        if seen[part] <= people:
            kept.append(i)
    return replace(
        of,
        people=[of.people[i] for i in kept],
        region_of_person=[of.region_of_person[i] for i in kept],
        about=[of.about[i] for i in kept],
        grades=[of.grades[i] for i in kept],
        broken=of.broken[kept],
    )


def _rankings(of: Sent) -> dict[str, Ranking]:
    return {
        person.profile_id: Ranking(
            [entry["job_id"] for entry in entries], [entry["score"] for entry in entries]
        )
        for person, entries in zip(of.judged.people, of.rankings, strict=True)
    }


def _region(job: Job) -> str:
    return slices.place_of(job.ubigeo, job.place)["region"]
