"""How often a job is shown, and a bounded penalty for jobs shown more than they can take.

At the end of an epoch the rankings that each job is in flow into a decaying count, and the counts
over the vacancies become a table of penalties, which stays as it is until the next epoch: whoever
is ranked within an epoch is ranked alike. Only sums, products and divisions of binary64 numbers are
taken, and all are rounded, so any machine and any replay get the same table.

A ranking takes the penalty off a job's score, but never below the threshold: a job loses its place,
nobody loses a match.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

DECIMALS: Final = 4
"""Of a penalty, as of a score."""
_COUNT_DECIMALS: Final = 3
_LEAST_COUNT: Final = 0.01
"""Less is forgotten: a count ends."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a penalty may be.

    Attributes:
        most: No penalty reaches it; of a score in 0..1. 0 turns all of this off.
        free: Rankings for each vacancy that cost nothing.
        half: Rankings for each vacancy beyond `free` at which half of `most` is reached.
        keep: Share of a count that an epoch leaves. Below about 0.7 attention swings between like
            jobs from epoch to epoch; 0 looks at the last epoch alone.

    Raises:
        ValueError: one of them bounds nothing.
    """

    most: float = 0.0
    free: float = 5.0
    half: float = 5.0
    keep: float = 0.75

    def __post_init__(self) -> None:
        if not (0.0 <= self.most < 1.0 and self.free >= 0.0 and self.half > 0.0):
            raise ValueError("a penalty is at least 0 and below 1, and grows from some count on")
        if not 0.0 <= self.keep < 1.0:
            raise ValueError("an epoch leaves a share of a count that is at least 0 and below 1")


class Epoch(NamedTuple):
    """What an epoch leaves to the next.

    Attributes:
        counts: Of jobs, by job_id; none below 0.01.
        penalties: In force until the next epoch ends, by job_id; none of 0.
    """

    counts: dict[str, float]
    penalties: dict[str, float]


def end_epoch(
    counts: Mapping[str, float],
    shown: Mapping[str, int],
    vacancies: Mapping[str, int],
    bounds: Bounds,
) -> Epoch:
    """Counts and penalties after an epoch.

    A job that is in n rankings in every epoch comes to a count of n, from either side.

    Args:
        counts: As the epoch before left them.
        shown: In how many people's rankings a job is.
        vacancies: Of the jobs that are active; 0 counts as 1. Other jobs are forgotten.
        bounds: Of the penalties.
    """
    held: dict[str, float] = {}
    penalties: dict[str, float] = {}
    for job_id in sorted(vacancies):
        fresh = (1.0 - bounds.keep) * shown.get(job_id, 0)
        count = round(bounds.keep * counts.get(job_id, 0.0) + fresh, _COUNT_DECIMALS)
        if count >= _LEAST_COUNT:
            held[job_id] = count
            if found := penalty(count / max(vacancies[job_id], 1), bounds):
                penalties[job_id] = found
    return Epoch(held, penalties)


def penalty(load: float, bounds: Bounds) -> float:
    """Of a job in `load` rankings a vacancy: 0 up to `free`, then ever nearer to `most`."""
    beyond = load - bounds.free
    if beyond <= 0.0:
        return 0.0
    return round(bounds.most * beyond / (beyond + bounds.half), DECIMALS)
