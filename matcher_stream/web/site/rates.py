"""How often somebody may ask: a token bucket a name, in bounded memory.

The `limits` package was looked at: its store in memory has no bound on names and a thread of its
own.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Final

from matcher_stream.web.site.problem import TOO_FAST, Problem

NAMES: Final = 20_000


class Buckets:
    """Token buckets, all of one size.

    Args:
        rate: Requests a second that fill each.
        burst: How many it holds.
        names: Most buckets kept; the one that was used longest ago goes.
    """

    def __init__(self, rate: float, burst: float, names: int = NAMES) -> None:
        self._rate, self._burst, self._most = rate, burst, names
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def take(self, name: str, cost: float = 1.0) -> float:
        """Take out of a bucket.

        Returns:
            0 if there was enough; else the seconds until there is, and nothing was taken.
        """
        now = time.monotonic()
        level, then = self._held.pop(name, (self._burst, now))
        level = min(self._burst, level + (now - then) * self._rate)
        short = cost - level
        self._held[name] = (level if short > 0 else level - cost, now)
        if len(self._held) > self._most:
            self._held.popitem(last=False)
        return max(0.0, short / self._rate)

    def spend(self, name: str, cost: float = 1.0) -> None:
        """Take out of a bucket.

        Raises:
            Problem: there was too little; it says how long to wait.
        """
        if wait := self.take(name, cost):
            raise Problem(429, TOO_FAST, retry=int(wait) + 1)
