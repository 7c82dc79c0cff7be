"""The ads of this worker that wait for a reviewer, riskiest first.

Read once from the rows after a rebalance, then kept by what this worker tells the review topic.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

import orjson

from agents.asking_ads import waiting_here
from agents.context import Context

READING_SECONDS: Final = 180.0
"""For how long somebody who opened an ad is taken to read it."""
_READERS: Final = 2_000

#: Whether it is held, and its risk: in this order reviewers get them.
Rank = tuple[bool, float]


class Waiting:
    """What waits here, and who reads what.

    Args:
        context: The worker.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._ads: dict[str, Rank] = {}
        self._generation = -1
        self._heard: set[str] | None = None
        self._building = asyncio.Lock()
        self._readers: dict[str, dict[str, float]] = {}
        context.outputs.listen(context.names.review, self._hear)

    async def first(self, most: int, decided: frozenset[str]) -> dict[str, Any]:
        """The riskiest, and how many there are.

        Args:
            most: How many.
            decided: Left out: a decision on them is on its way.

        Returns:
            ``held``, ``advised`` (numbers) and ``ads``: [held, risk, job_id] each.

        Raises:
            StaleGeneration: nothing is owned now.
        """
        await self._build()
        ads = [(*rank, job_id) for job_id, rank in self._ads.items() if job_id not in decided]
        ads.sort(key=lambda ad: (not ad[0], -ad[1], ad[2]))
        held = sum(ad[0] for ad in ads)
        return {"held": held, "advised": len(ads) - held, "ads": ads[:most]}

    def read_by(self, job_id: str, who: str) -> list[str]:
        """Who else reads an ad now; `who` does from now on."""
        now = time.monotonic()
        readers = self._readers.pop(job_id, {})
        readers = {name: then for name, then in readers.items() if now - then < READING_SECONDS}
        self._readers[job_id] = {**readers, who: now}
        if len(self._readers) > _READERS:
            del self._readers[next(iter(self._readers))]
        return sorted(readers.keys() - {who})

    def reading(self, who: str) -> frozenset[str]:
        """Ads that others read now."""
        now = time.monotonic()
        return frozenset(
            job_id
            for job_id, readers in self._readers.items()
            if any(name != who and now - then < READING_SECONDS for name, then in readers.items())
        )

    def left(self, job_id: str, who: str) -> None:
        """Somebody is done with an ad."""
        self._readers.get(job_id, {}).pop(who, None)

    async def _build(self) -> None:
        async with self._building:
            generation = self._context.fence.turn().generation_id
            if generation == self._generation:
                return
            self._heard = set()
            try:
                read = {name: (held, risk)
                        async for name, held, risk in waiting_here(self._context)}  # fmt: skip
                told = {name: self._ads[name] for name in self._heard & self._ads.keys()}
                self._ads = {name: read[name] for name in read.keys() - self._heard} | told
            finally:
                self._heard = None
            self._generation = generation

    def _hear(self, key: bytes | None, value: bytes | None) -> None:
        if key is None:
            return
        job_id = key.decode()
        if self._heard is not None:
            self._heard.add(job_id)
        if value is None:
            self._ads.pop(job_id, None)
            return
        event = orjson.loads(value)
        self._ads[job_id] = event["status"] == "held", float(event["risk"])
