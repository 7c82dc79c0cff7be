"""What keeps calls to a language model within bounds: buckets, a breaker and a daily budget.

Nothing here knows what is called. Clocks are passed in; the budget's state is loaded and saved by
whoever owns a place to keep it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from schemas.base import LIMA

Clock = Callable[[], float]


class TokenBucket:
    """Lets through at most `per_minute` in any 60 seconds, in bursts of a tenth of that.

    Args:
        per_minute: Units a minute; the sum of burst and refill in any minute stays below it.
        clock: Seconds, monotonic.
        largest: The largest amount that one take may ask for; the burst is at least that.
    """

    def __init__(self, per_minute: float, clock: Clock, largest: float = 1.0) -> None:
        self._clock = clock
        self._largest = largest
        self._level = self._rate = self._burst = 0.0
        self._at = clock()
        self.resize(per_minute)

    def resize(self, per_minute: float) -> None:
        """Another rate from now on; what was saved up stays, within the new burst."""
        self._refill()
        self.per_minute = per_minute
        self._burst = max(self._largest, per_minute / 10)
        # a rate too small for one take at a time is kept on average, not in every minute
        self._rate = max(per_minute - self._burst, per_minute / 10) / 60
        self._level = min(self._level, self._burst)

    def wait(self, amount: float = 1.0) -> float:
        """Seconds until `amount` could be taken; 0 if now, infinite if never."""
        self._refill()
        missing = min(amount, self._burst) - self._level
        if missing <= 1e-9:
            return 0.0
        return missing / self._rate if self._rate > 0 else math.inf

    def take(self, amount: float = 1.0) -> None:
        """Take without asking; the level may become negative and later takes wait for it."""
        self._refill()
        self._level -= amount

    def give_back(self, amount: float) -> None:
        """Return what was taken and not used."""
        self._level = min(self._level + amount, self._burst)

    def _refill(self) -> None:
        now = self._clock()
        self._level = min(self._level + self._rate * (now - self._at), self._burst)
        self._at = now


class Breaker:
    """Stops calling what keeps failing, then asks again with one probe at a time.

    Args:
        clock: Seconds, monotonic.
        failures: Failures in a row that open it.
        rest: Seconds it stays open; doubles with every failed probe.
        longest: Most seconds it stays open.
    """

    def __init__(
        self, clock: Clock, failures: int = 5, rest: float = 10.0, longest: float = 300.0
    ) -> None:
        self._clock = clock
        self._threshold = failures
        self._first_rest = self._rest = rest
        self._longest = longest
        self._failures = 0
        self._open_until: float | None = None
        self._probing = False

    @property
    def state(self) -> str:
        """closed, open or half_open."""
        if self._open_until is None:
            return "closed"
        return "open" if self._clock() < self._open_until else "half_open"

    def allow(self) -> bool:
        """Whether a call may go out now; a probe that may must end in an outcome."""
        if self._open_until is None:
            return True
        if self._clock() < self._open_until or self._probing:
            return False
        self._probing = True
        return True

    def success(self) -> None:
        """The call was answered."""
        self._failures, self._open_until, self._probing = 0, None, False
        self._rest = self._first_rest

    def failure(self, rest: float = 0.0) -> None:
        """The call failed; `rest` is how long the server asked to be left alone, in seconds."""
        self._failures += 1
        if self._probing:
            self._rest = min(self._rest * 2, self._longest)
        if self._probing or self._failures >= self._threshold or rest > self._rest:
            self._open_until = self._clock() + max(self._rest, min(rest, self._longest))
        self._probing = False

    def undecided(self) -> None:
        """The call never went out or was cancelled: a probe is free again."""
        self._probing = False


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for a million tokens."""

    input: float
    output: float

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """Dollars; cached input is counted in full, so the budget errs on the safe side."""
        return (input_tokens * self.input + output_tokens * self.output) / 1e6


PRICES: Final[dict[str, Price]] = {
    "gpt-6-luna": Price(0.10, 0.50),
    "gpt-6-sol": Price(2.00, 10.00),
    "gpt-6-astra": Price(10.00, 50.00),
    "gpt-5.6-luna": Price(0.20, 1.20),
}
"""As published in September 2026; a setting overrides them."""
DEAREST: Final = Price(10.00, 50.00)
"""What a model costs that is not in the table, until a setting says otherwise."""


def price_of(model: str) -> Price:
    """The price of a model or of its dated version."""
    found = [name for name in PRICES if model == name or model.startswith(f"{name}-")]
    return PRICES[max(found, key=len)] if found else DEAREST


class Budget:
    """Dollars a day, counted from midnight in Peru, that survive a restart.

    Money is leased from the saved state in small sums before it is spent: a crash can lose what
    is left of a lease, never spend more than the day's limit.

    Args:
        limit: Dollars a day.
        clock: Seconds since the epoch.
        state: What `save` was last given, or None.
        save: Keeps a state; returns when it is durable.
    """

    def __init__(
        self,
        limit: float,
        clock: Clock,
        state: Mapping[str, Any] | None,
        save: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        self.limit = limit
        self._clock = clock
        self._save = save
        self._day = str((state or {}).get("day", ""))
        self._leased = self._spent = float((state or {}).get("leased", 0.0))
        self._lock = asyncio.Lock()

    @property
    def left(self) -> float:
        """Dollars that may still be spent today."""
        self._turn_page()
        return self.limit - self._spent

    async def reserve(self, cost: float) -> bool:
        """Set `cost` dollars aside; False if the day's limit would be passed."""
        async with self._lock:
            self._turn_page()
            if self._spent + cost > self.limit + 1e-12:
                return False
            if self._spent + cost > self._leased:
                lease = max(cost, self.limit / 50)
                leased = min(self._spent + lease, self.limit)
                await self._save({"day": self._day, "leased": leased})
                self._leased = leased
            self._spent += cost
            return True

    def settle(self, reserved: float, cost: float) -> None:
        """Replace what was set aside by what it cost."""
        self._spent = max(0.0, self._spent + cost - reserved)

    def _turn_page(self) -> None:
        today = datetime.fromtimestamp(self._clock(), LIMA).date().isoformat()
        if today > self._day:
            self._day, self._spent, self._leased = today, 0.0, 0.0
