"""Reading rows: what the tables know of somebody or something, decoded."""

from __future__ import annotations

from collections.abc import Iterable

from tables.rows import (
    HANDED,
    REVISION_FLOOR,
    Exclusions,
    JobRow,
    PersonRow,
    RankingRow,
    decided_on,
    erased_key,
    unpack_erased,
    unpack_exclusions,
    unpack_handed,
)
from tables.tables import Tables


class RowReader:
    """Rows of the matcher's tables.

    Args:
        tables: All of them.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def exclusions(self, partition: int, profile_id: str) -> Exclusions:
        """What a person said of jobs."""
        return unpack_exclusions(self.tables.exclusions.get_row(partition, profile_id.encode()))

    def person(self, partition: int, profile_id: str) -> PersonRow | None:
        """A person's row; None also of somebody whose erasure has begun."""
        raw = self.tables.people.get_row(partition, profile_id.encode())
        if raw is None:
            return None
        row = PersonRow.unpack(raw)
        return None if row.offset < self.erased(partition, profile_id)[0] else row

    def erased(self, partition: int, profile_id: str) -> tuple[int, int]:
        """Offset and timestamp (ms) of a person's last erasure; -1 and -1 if there was none."""
        return unpack_erased(self.tables.meta.get_row(partition, erased_key(profile_id)))

    def ranking(self, partition: int, profile_id: str) -> RankingRow | None:
        """What consumers were told last."""
        raw = self.tables.rankings.get_row(partition, profile_id.encode())
        return None if raw is None else RankingRow.unpack(raw)

    def job(self, partition: int, job_id: str) -> JobRow | None:
        """A job's row where its key lives."""
        raw = self.tables.jobs.get_row(partition, job_id.encode())
        return None if raw is None else JobRow.unpack(raw)

    def decided(self, partition: int, job_id: str, content: bytes) -> str | None:
        """What a reviewer decided on exactly this content of a job."""
        return decided_on(self.tables.decisions.get_row(partition, job_id.encode()), content)

    def meta(self, partition: int, key: bytes) -> str:
        """A fact about a partition; empty if it was never written."""
        return (self.tables.meta.get_row(partition, key) or b"").decode()

    def handed(self, partitions: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Under which champion record partitions were handed over to this deployment, and their
        epochs; those that never were are missing.
        """
        marks = {p: self.tables.meta.get_row(p, HANDED) for p in partitions}
        return {p: unpack_handed(raw) for p, raw in marks.items() if raw is not None}

    def revision_floor(self, partition: int) -> int:
        """No first ranking of anybody here has this number or a lower one."""
        return int(self.meta(partition, REVISION_FLOOR) or 0)
