"""What people took of interleaved rankings, counted over them by whose jobs it was."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from tables.rows.outcome import OutcomeRow

TRIAL = "trial:"
"""How the keys of these counts begin; the challenger's application id follows."""
_WON, _LOST, _TIED = "wins", "losses", "ties"


class TrialCounts:
    """Counts of the rows of a partition; a person is one witness, however much they apply to."""

    def __init__(self) -> None:
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._applied: defaultdict[tuple[str, str], dict[str, set[str]]]
        self._applied = defaultdict(lambda: {"champion": set(), "challenger": set()})

    def add(self, profile_id: str, row: OutcomeRow) -> None:
        """Count one row of a person, if a team put its job there."""
        if not row.team:
            return
        applied = self._applied[row.challenger, profile_id]
        self._counts[row.challenger]["shown"] += "shown" in row.times
        if "applied" in row.times:
            applied[row.team].add(row.job_id)

    def counted(self) -> Iterator[tuple[bytes, Counter[str]]]:
        """The keys and counts: ``shown`` and ``applied TEAM`` jobs; people who applied to more of
        the challenger's (``wins``), of the champion's (``losses``), or to as many (``ties``).
        """
        for (challenger, _), applied in self._applied.items():
            counts = self._counts[challenger]
            for team, jobs in applied.items():
                counts[f"applied {team}"] += len(jobs)
            more = len(applied["challenger"]) - len(applied["champion"])
            counts[_WON if more > 0 else _LOST if more < 0 else _TIED] += 1
        for challenger, counts in self._counts.items():
            yield f"{TRIAL}{challenger}".encode(), +counts
