"""Decisions made: who decided what, and which are like an ad that is read now.

The table has the last decision of each job, as the compacted topic has; jobs are looked up for
their title and for the signs that the gate saw in them.
"""

from __future__ import annotations

import heapq
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, Final

from agents.asking_ads import decisions_here
from agents.context import Context
from models.vetting.alike import stems
from schemas.vocab import plain

KEPT: Final = 300
"""Latest decisions of a worker that are shown and compared."""
FRESH_SECONDS: Final = 2.0
ALIKE: Final = 0.5
"""Least likeness that is shown: half of the signs in common, or a third and some of the title."""
_TITLE_WEIGHT: Final = 0.5

Decided = dict[str, Any]


class Past:
    """The last decisions on this worker's jobs.

    Args:
        context: The worker.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._kept: list[Decided] = []
        self._read = (-1, 0.0)
        self._codes: OrderedDict[str, list[tuple[str, str]]] = OrderedDict()

    async def latest(self, most: int) -> list[Decided]:
        """The latest first.

        Args:
            most: How many.

        Returns:
            ``job_id``, ``title``, ``decision``, ``reviewer``, ``note``, ``stamp`` (ms), ``codes``,
            ``why`` and ``stands`` (whether it is on the content that the job has) of each.

        Raises:
            StaleGeneration: nothing is owned now.
        """
        generation, now = self._context.fence.turn().generation_id, time.monotonic()
        if self._read[0] != generation or now - self._read[1] > FRESH_SECONDS:
            self._kept = [row async for row in decisions_here(self._context, KEPT, self._codes)]
            self._read = generation, now
            while len(self._codes) > 2 * KEPT:
                self._codes.popitem(last=False)
        return self._kept[:most]

    async def like(self, job_id: str, codes: list[str], title: str, most: int) -> list[Decided]:
        """Those most like an ad, the likest first; for their values see `latest`.

        Args:
            job_id: The ad, which is not like itself.
            codes: Of its signs.
            title: Its own.
            most: How many.
        """
        found = [
            {**row, "alike": likeness(codes, title, row)}
            for row in await self.latest(KEPT)
            if row["job_id"] != job_id and row["stands"]
        ]
        near = [row for row in found if row["alike"] >= ALIKE]
        return heapq.nlargest(most, near, key=lambda row: (row["alike"], row["stamp"]))


def likeness(codes: Iterable[str], title: str, row: Decided) -> float:
    """Share of signs in common, and half the share of the titles' stems."""
    signs = _shared(set(codes), set(row["codes"]))
    return signs + _TITLE_WEIGHT * _shared(stems(plain(title)), stems(plain(row["title"])))


def _shared(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0
