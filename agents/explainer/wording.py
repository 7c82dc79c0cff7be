"""A model's words, fetched beside the stream: late or never, they delay nothing.

Each wish is a task that waits for its turn, asks, and replaces the template if the person's row
still says what it said. A rebalance cancels all of them; the templates stand.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from agents.explainer import metrics
from agents.explainer.context import ExplainContext
from agents.explainer.purse import Shares
from matcher_stream.config import logs
from matcher_stream.runtime import faults, tracing
from matcher_stream.runtime.fence import die
from matcher_stream.runtime.outputs import about, ce_headers
from models.explain.events import from_model
from models.explain.gpt import GptWriter, Outcome
from models.explain.prompt import cache_key
from schemas.errors import EnvironmentFailure, StaleGeneration
from tables.explained import MODEL, TEMPLATE, UNUSABLE

log = logging.getLogger(__name__)
_COME_AGAIN = frozenset(
    {"timeout", "connection", "rate_limited", "server_error", "breaker_open", "no_budget",
     "no_rate", "garbage", "refused_by_server", "truncated"}
)  # fmt: skip
"""Outcomes after which the same question is worth asking another day."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One explanation that a model should word.

    Attributes:
        partition: Of the person.
        template: The template's event.
        digest: Of the facts.
        fields: What the model may see.
        event: The Faust event behind it.
        trace: The traceparent to pass on.
        step: The template's sentence on what one step would open.
    """

    partition: int
    template: dict[str, Any]
    digest: str
    fields: dict[str, str]
    event: Any
    trace: bytes | None
    step: str = ""

    @property
    def name(self) -> tuple[str, str]:
        """Job and facts: what makes two wishes of a person the same."""
        return str(self.template["job_id"]), self.digest


class Wording:
    """Keeps the wishes of this worker's people."""

    def __init__(self, context: ExplainContext, writer: GptWriter | None, shares: Shares) -> None:
        self._context = context
        self._writer = writer
        self.shares = shares
        self._tasks: dict[str, dict[tuple[str, str], asyncio.Task[None]]] = {}
        self._storing: set[asyncio.Task[None]] = set()

    @property
    def enabled(self) -> bool:
        """Whether there is a model to ask."""
        return self._writer is not None

    @property
    def waiting(self) -> int:
        """Wishes not yet settled."""
        return sum(len(tasks) for tasks in self._tasks.values())

    def wish(self, profile_id: str, wishes: Iterable[Wish]) -> None:
        """These are a person's wishes now; others of theirs are dropped."""
        tasks = self._tasks.setdefault(profile_id, {})
        wanted = {wish.name: wish for wish in wishes}
        for name in tasks.keys() - wanted.keys():
            tasks.pop(name).cancel()
        for name, wish in wanted.items():
            if name in tasks:
                continue
            if self.waiting >= self._context.settings.llm_waiting:
                metrics.OUTCOMES.labels("queue_full").inc()
                continue
            tasks[name] = asyncio.ensure_future(self._settle(profile_id, wish))
        if not tasks:
            del self._tasks[profile_id]
        metrics.WAITING.set(self.waiting)

    def cancel_all(self) -> None:
        """Drop every wish at once, in flight or not."""
        for tasks in self._tasks.values():
            for task in tasks.values():
                task.cancel()
        self._tasks.clear()
        metrics.WAITING.set(0)

    async def _settle(self, profile_id: str, wish: Wish) -> None:
        task = asyncio.current_task()
        logs.behind(about(wish.event.message))
        try:
            await self._context.quiet()
            key, outcome = await self._word(profile_id, wish)
            metrics.OUTCOMES.labels(outcome.reason).inc()
            if outcome.reason not in _COME_AGAIN:
                await self._context.quiet()
                await self._store(profile_id, wish, key, outcome)
        except StaleGeneration:
            metrics.OUTCOMES.labels("stale").inc()
        except EnvironmentFailure as failed:
            die(f"a model's words could not be stored: {failed}")
        except Exception:  # a wish is worth nothing against the stream beside it
            log.exception("A wish for a model's words failed")
            metrics.OUTCOMES.labels("failed").inc()
        finally:
            tasks = self._tasks.get(profile_id, {})
            if tasks.get(wish.name) is task:
                del tasks[wish.name]
                if not tasks:
                    self._tasks.pop(profile_id, None)
            metrics.WAITING.set(self.waiting)

    async def _word(self, profile_id: str, wish: Wish) -> tuple[str, Outcome]:
        assert self._writer is not None
        key = cache_key(wish.fields, self._writer.options.model, wish.template["language"])
        known = self._context.state.words(wish.partition, profile_id).get(key)
        return key, Outcome(known, "cached") if known else await self._ask(wish)

    async def _ask(self, wish: Wish) -> Outcome:
        assert self._writer is not None
        started = time.monotonic()
        with tracing.call(self._writer.options.model, wish.trace) as note:
            outcome = await self._writer.write(wish.fields, self.shares.purse(wish.partition))
            note(outcome.reason)
        metrics.LLM_SECONDS.observe(time.monotonic() - started)
        metrics.BREAKER_OPEN.set(self._writer.breaker.state != "closed")
        return outcome

    async def _store(self, profile_id: str, wish: Wish, key: str, outcome: Outcome) -> None:
        """Note the outcome. A cancellation must not come between a row's changelog and the row."""
        storing = asyncio.ensure_future(self._write(profile_id, wish, key, outcome))
        self._storing.add(storing)
        storing.add_done_callback(self._stored)
        await asyncio.shield(storing)

    def _stored(self, storing: asyncio.Task[None]) -> None:
        self._storing.discard(storing)
        failed = None if storing.cancelled() else storing.exception()
        if isinstance(failed, EnvironmentFailure) and not isinstance(failed, StaleGeneration):
            die(f"a model's words could not be stored: {failed}")

    async def _write(self, profile_id: str, wish: Wish, key: str, outcome: Outcome) -> None:
        context, (job_id, digest) = self._context, wish.name
        async with context.locks[wish.partition]:
            row = context.state.explained(wish.partition, profile_id)
            if row.jobs.get(job_id) != [digest, TEMPLATE]:
                return  # erased, or not what it was when the model was asked
            if outcome.text is not None:
                if outcome.reason != "cached":
                    await context.state.keep_words(
                        wish.partition, profile_id, key, outcome.text, [wish.event]
                    )
                    faults.point("explain.after_words")
                await context.outputs.send([self._record(wish, outcome.text)], [wish.event])
                metrics.EXPLANATIONS.labels("gpt").inc()
                faults.point("explain.after_model_output")
            row.jobs[job_id] = [digest, UNUSABLE if outcome.text is None else MODEL]
            changes = {profile_id.encode(): row.pack()}
            await context.state.tables.explained.write(wish.partition, changes, [wish.event])

    def _record(self, wish: Wish, text: str) -> Any:
        assert self._writer is not None
        made = from_model(wish.template, text, self._writer.version, wish.fields, wish.step)
        headers = ce_headers(
            "explanation", made["event_id"], self._context.names.source, wish.trace
        )
        key = f"{made['profile_id']}:{made['job_id']}".encode()
        names = self._context.names
        return names.explanations, wish.partition, key, orjson.dumps(made), headers
