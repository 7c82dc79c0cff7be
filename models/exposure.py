"""How often a job is shown, and a bounded penalty for jobs that are shown more than they can take.

Each job has a decaying count of the rankings that it is in. Once an epoch the counts over the
vacancies become a table of penalties, which then stays as it is until the next epoch: everybody
who ranks within an epoch ranks alike. Counts are whole numbers and penalties steps of 1e-4, so any
machine, and a replay, gets the same table whatever the order of the rankings within an epoch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

DECIMALS: Final = 4
_UNIT: Final = 1 << 16
"""One ranking, in units of a count: room to decay in whole numbers."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a penalty may be.

    Attributes:
        most: Largest penalty, of a score in 0..1; 0 turns all of this off.
        free: Rankings for each vacancy that cost nothing.
        half: Rankings for each vacancy beyond `free` at which half of `most` is reached.
        keep: Share of a count that is left after an epoch, in 256ths.
    """

    most: float = 0.0
    free: int = 5
    half: int = 10
    keep: int = 128


class Exposure:
    """Counts of one set of rankings.

    Args:
        bounds: Of the penalties.
        counts: To go on from, as `state` gave them.
    """

    def __init__(self, bounds: Bounds, counts: Mapping[str, int] | None = None) -> None:
        if not (0.0 <= bounds.most < 1.0 and bounds.free >= 0 and bounds.half > 0):
            raise ValueError("a penalty is at least 0 and below 1, and grows from some count on")
        if not 0 <= bounds.keep <= 256:
            raise ValueError("a count keeps 0 to 256 parts of 256")
        self._bounds = bounds
        self._counts = dict(counts or {})

    def shown(self, job_ids: Iterable[str], times: int = 1) -> None:
        """Jobs that entered a ranking; `times` -1 takes back a ranking of this epoch."""
        for job_id in job_ids:
            self._counts[job_id] = self._counts.get(job_id, 0) + times * _UNIT

    def state(self) -> dict[str, int]:
        """The counts, in units of 1/65536 of a ranking."""
        return dict(self._counts)

    def end_epoch(self, vacancies: Mapping[str, int]) -> dict[str, float]:
        """The penalties of the next epoch by job_id, none of 0; then the counts decay.

        Args:
            vacancies: Of the jobs that are active (less than 1 counts as 1). Others are forgotten.
        """
        table = {}
        kept = {}
        for job_id in sorted(self._counts):
            if job_id in vacancies:
                count = max(0, self._counts[job_id])
                penalty = self.penalty(count, vacancies[job_id])
                if penalty:
                    table[job_id] = penalty
                if left := count * self._bounds.keep >> 8:
                    kept[job_id] = left
        self._counts = kept
        return table

    def penalty(self, count: int, vacancies: int) -> float:
        """Of a job with this count: 0 up to `free` for a vacancy, then ever nearer to `most`."""
        places = max(vacancies, 1) * _UNIT
        beyond = count - self._bounds.free * places
        if beyond <= 0:
            return 0.0
        share = beyond / (beyond + self._bounds.half * places)
        return round(self._bounds.most * share, DECIMALS)
