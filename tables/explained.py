"""What the explainer remembers: what was explained, what a model wrote, what it cost today.

Rows about a person have the person's id as key, so that an erasure finds them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from schemas.errors import EnvironmentFailure
from tables.base import Table, TableSet

FORMAT: Final = 1
MAX_WORDS: Final = 40
"""Texts that are kept for one person, the latest."""
TEMPLATE, MODEL, UNUSABLE = "t", "g", "x"
"""Who wrote last about an entry; the last one: a model's reply could not be used."""
_BUDGET: Final = b"budget"


@dataclass(slots=True)
class ExplainedRow:
    """What one person was told.

    Attributes:
        revision: Of the last matches event that was explained.
        jobs: [digest of the facts, who wrote last] by job_id.
    """

    revision: int = -1
    jobs: dict[str, list[str]] = field(default_factory=dict)

    def pack(self) -> bytes:
        """The row as bytes."""
        return orjson.dumps([FORMAT, self.revision, self.jobs])

    @classmethod
    def unpack(cls, raw: bytes | None) -> ExplainedRow:
        """The row from bytes; an empty one if there are none."""
        if raw is None:
            return cls()
        number, *fields = orjson.loads(raw)
        _checked(number)
        return cls(*fields)


def _checked(number: int) -> None:
    if number != FORMAT:
        raise EnvironmentFailure(
            f"A table row has format {number}, this program writes {FORMAT}: throw the explainer's "
            "data folder and changelogs away, it writes everything anew."
        )


class ExplainTables(TableSet):
    """The explainer's tables."""

    explained = Table("What each person was told, by profile_id.")
    words = Table("What a model wrote for a person, by profile_id.")
    budget = Table("Dollars leased today from the partition's share.")


class ExplainState:
    """Reads and writes of the explainer's tables.

    Attributes:
        owned: Partitions that this worker holds.
    """

    def __init__(self, tables: ExplainTables) -> None:
        self.tables = tables
        self.owned: set[int] = set()

    def explained(self, partition: int, profile_id: str) -> ExplainedRow:
        """What a person was told."""
        return ExplainedRow.unpack(self.tables.explained.get_row(partition, profile_id.encode()))

    def words(self, partition: int, profile_id: str) -> dict[str, str]:
        """Texts that a model wrote for a person, by cache key, oldest first."""
        raw = self.tables.words.get_row(partition, profile_id.encode())
        if raw is None:
            return {}
        number, words = orjson.loads(raw)
        _checked(number)
        return dict(words)

    async def keep_words(
        self, partition: int, profile_id: str, key: str, text: str, events: Sequence[Any]
    ) -> None:
        """Remember a text; the oldest ones of the person are forgotten."""
        words = self.words(partition, profile_id)
        words.pop(key, None)
        words[key] = text
        kept = dict(list(words.items())[-MAX_WORDS:])
        row = orjson.dumps([FORMAT, kept])
        await self.tables.words.write(partition, {profile_id.encode(): row}, events)

    def budget(self, partition: int) -> dict[str, Any] | None:
        """The saved state of the partition's budget."""
        raw = self.tables.budget.get_row(partition, _BUDGET)
        return None if raw is None else dict(orjson.loads(raw))

    async def keep_budget(
        self, partition: int, state: Mapping[str, Any], events: Sequence[Any]
    ) -> None:
        """Save the state of the partition's budget."""
        await self.tables.budget.write(partition, {_BUDGET: orjson.dumps(dict(state))}, events)
