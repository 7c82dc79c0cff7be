"""What the stream would send the judged people, entry by entry, and how much of it is worth it.

The two levels of an entry are a promise: of what is `send` at least two in three are graded 2 or
3, and most pairs graded 3 are in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.judged import RIGHT, Judged
from models.evaluation.resampling import Resampling
from models.evaluation.systems import Scores, System
from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.evidence import row_of
from models.reading.geo import distances
from models.reading.text import card
from schemas.job import Job

if TYPE_CHECKING:
    from models.ranking.offline import TextEncoder
    from models.ranking.weights import Weights

BEST: Final = 3.0
FIGURES: Final = {
    "worth sending of send": "of what is shown as send, how much is graded 2 or 3",
    "worth sending of also": "of what is shown beside it, how much is graded 2 or 3",
    "graded 3 in send": "of the pairs graded 3, how many are shown as send",
    "people with a send": "people who get at least one",
    "nearest in the first 3": "people whose nearest job graded 2 or 3 is among their first three",
}
"""Each figure and what it says; shares, 1 is best."""
Rankings = list[list[dict[str, Any]]]
_Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sent:
    """The rankings of the judged people as the stream makes them, within each folder.

    Attributes:
        judged: The people and jobs.
        rankings: Per person the entries as in a matches event.
    """

    judged: Judged
    rankings: Rankings

    @property
    def number(self) -> dict[str, int]:
        """The place of each job."""
        return {job.job_id: i for i, job in enumerate(self.judged.jobs)}

    def system(self) -> System:
        """The rankings as a system: a score is minus the place, -inf is in no ranking."""

        def score(queries: Sequence[str], documents: Sequence[str]) -> Scores:
            found = np.full((len(self.judged.people), len(self.judged.jobs)), -np.inf, np.float32)
            number = self.number
            for row, entries in zip(found, self.rankings, strict=True):
                for place, entry in enumerate(entries):
                    row[number[entry["job_id"]]] = -place
            return found

        return score


def sent(
    judged: Judged,
    encoder: TextEncoder,
    held: Callable[[Job], bool],
    k: int,
    weights: Weights | None = None,
) -> Sent:
    """Rank as the stream does, threshold and all.

    Args:
        judged: The people and jobs.
        encoder: Gives the vectors.
        held: Whether an ad waits for review.
        k: Length of a ranking.
        weights: Of the ranker; None for those shipped.
    """
    from models.ranking.blend import make_ranker
    from models.ranking.offline import rank_all

    ranker = make_ranker("blend", weights=weights)
    found: dict[str, list[dict[str, Any]]] = {}
    for part in dict.fromkeys(judged.region_of_job):
        of_jobs = zip(judged.jobs, judged.region_of_job, strict=True)
        jobs = [job for job, region in of_jobs if region == part and not held(job)]
        of_people = zip(judged.people, judged.region_of_person, strict=True)
        asking = [person for person, region in of_people if region == part]
        found |= rank_all(asking, jobs, encoder, ranker, k)
    return Sent(judged, [found[person.profile_id] for person in judged.people])


def report(of: Sent) -> dict[str, Any]:
    """The figures, in all and by region, with their intervals."""
    counts = _counts(of)
    regions = np.array(of.judged.region_of_person)
    found = {"all": _figures(counts, np.ones(len(regions), np.bool_))}
    for region in dict.fromkeys(of.judged.region_of_person):
        found[region] = _figures(counts, regions == region)
    return found


def _figures(counts: Mapping[str, tuple[_Values, _Values]], where: NDArray[np.bool_]) -> Any:
    draws = Resampling(range(int(where.sum())))
    return {
        name: {**draws.ratio(above[where], below[where]).rounded(), "of": float(below[where].sum())}
        for name, (above, below) in counts.items()
    }


def _counts(of: Sent) -> dict[str, tuple[_Values, _Values]]:
    """Per figure what counts and out of how many, for each person, float64 [people] each."""
    number, near = of.number, _nearest(of.judged)
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in FIGURES}
    for entries, grades, nearest in zip(of.rankings, of.judged.grades, near, strict=True):
        told: dict[str, list[float]] = {"send": [], "also": []}
        for entry in entries:
            told[entry["level"]].append(grades.get(number[entry["job_id"]], 0.0))
        first = {number[entry["job_id"]] for entry in entries[:3]}
        best = sum(grade >= BEST for grade in grades.values())
        values = [
            (sum(g >= RIGHT for g in told["send"]), len(told["send"])),
            (sum(g >= RIGHT for g in told["also"]), len(told["also"])),
            (sum(g >= BEST for g in told["send"]), best),
            (bool(told["send"]), 1),
            (nearest in first, nearest is not None),
        ]
        for name, value in zip(FIGURES, values, strict=True):
            rows[name].append((float(value[0]), float(value[1])))
    return {
        name: (np.array([a for a, _ in pairs]), np.array([b for _, b in pairs]))
        for name, pairs in rows.items()
    }


def _nearest(judged: Judged) -> list[int | None]:
    """Per person the nearest job worth sending; of equally near ones the best graded."""
    homes = [row_of(person_attrs(person).district) for person in judged.people]
    asked = [job_attrs(card(job)) for job in judged.jobs]
    found: list[int | None] = []
    for home, grades in zip(homes, judged.grades, strict=True):
        right = [(j, grade) for j, grade in grades.items() if grade >= RIGHT]
        far = {
            j: 0.0 if asked[j].remote else float(distances()[home, row_of(asked[j].district)])
            for j, _ in right
        }
        found.append(min(right, key=lambda one: (far[one[0]], -one[1]))[0] if right else None)
    return found
