"""The group's limits, cut into shares: a worker may use what belongs to its partitions."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from agents.explainer import metrics as explainer_metrics
from agents.explainer.context import ExplainContext
from models.explain.limits import Budget, Price, TokenBucket, price_of
from models.explain.prompt import MAX_OUTPUT_TOKENS

LARGEST_CALL = 2000 + MAX_OUTPUT_TOKENS
"""Tokens of a call, at most: what goes out is capped field by field."""


class Shares:
    """Buckets and budgets of this worker.

    Attributes:
        requests: Bucket of calls.
        tokens: Bucket of tokens.
        price: What the model costs.
    """

    def __init__(self, context: ExplainContext, clock: Callable[[], float] = time.time) -> None:
        self._context = context
        self._clock = clock
        self._budgets: dict[int, Budget] = {}
        settings = context.settings
        self.requests = TokenBucket(0.0, time.monotonic)
        self.tokens = TokenBucket(0.0, time.monotonic, LARGEST_CALL)
        known = price_of(settings.llm_model)
        self.price = Price(
            known.input if settings.llm_price_input is None else settings.llm_price_input,
            known.output if settings.llm_price_output is None else settings.llm_price_output,
        )

    def own(self, partitions: Iterable[int]) -> None:
        """Take the shares of these partitions, as their tables tell them, and no others."""
        settings, owned = self._context.settings, sorted(partitions)
        share = len(owned) / settings.partitions
        self.requests.resize(settings.llm_requests_per_minute * share)
        self.tokens.resize(settings.llm_tokens_per_minute * share)
        limit = settings.llm_daily_budget / settings.partitions
        self._budgets = {
            p: Budget(limit, self._clock, self._context.state.budget(p), self._keeper(p))
            for p in owned
        }
        self.note()

    def purse(self, partition: int) -> Purse:
        """Money for one call about a person of this partition."""
        return Purse(self, partition)

    def budgets(self, partition: int) -> list[Budget]:
        """All budgets, the partition's own first: a poor neighbour is helped out."""
        own = [self._budgets[partition]] if partition in self._budgets else []
        return own + [b for p, b in self._budgets.items() if p != partition]

    def note(self) -> None:
        """Show what is left."""
        left = sum(budget.left for budget in self._budgets.values())
        explainer_metrics.BUDGET.set(sum(budget.limit for budget in self._budgets.values()))
        explainer_metrics.BUDGET_LEFT.set(max(0.0, left))

    def _keeper(self, partition: int) -> Callable[[dict[str, Any]], Awaitable[None]]:
        async def keep(state: dict[str, Any]) -> None:
            turn = self._context.fence.turn()
            await self._context.state.keep_budget(partition, state, [turn])

        return keep


class Purse:
    """Pays for one call from the first budget that has enough."""

    def __init__(self, shares: Shares, partition: int) -> None:
        self._shares = shares
        self._partition = partition
        self._from: Budget | None = None

    async def reserve(self, cost: float) -> bool:
        """Set dollars aside; False if no budget of this worker has them today."""
        for budget in self._shares.budgets(self._partition):
            if await budget.reserve(cost):
                self._from = budget
                return True
        return False

    def settle(self, reserved: float, cost: float) -> None:
        """Replace what was set aside by what it cost."""
        assert self._from is not None, "reserve() comes first"
        self._from.settle(reserved, cost)
        explainer_metrics.DOLLARS.inc(cost)
        self._shares.note()
