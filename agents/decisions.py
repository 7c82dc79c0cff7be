"""What reviewers decided: kept for exactly the content they saw, whether it came or will come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.context import Context
from agents.intake import Item, count, nothing, settle_refused, take_in
from agents.job_states import Because, vet_again
from agents.reading import Batch
from matcher_stream.runtime import faults
from matcher_stream.runtime.outputs import trace_of
from schemas import Decision, parse_decision
from tables.rows import decided_at, decision_row


class DecisionsAgent:
    """Reads the decisions topic; decisions are few, so each is done by itself."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def prepare(self, events: Sequence[Any]) -> Batch[Item[Decision, None]]:
        """Parse a batch."""
        return await take_in(self._context, events, parse_decision, nothing)

    async def apply(self, intake: Batch[Item[Decision, None]]) -> None:
        """Carry a batch out in order."""
        await settle_refused(self._context, intake)
        async with self._context.locks.jobs:
            for item in intake.items:
                await self._apply(item)

    async def _apply(self, item: Item[Decision, None]) -> None:
        context, said, key = self._context, item.value, item.key.encode()
        decisions = context.state.tables.decisions
        offset, stamp = decided_at(decisions.get_row(item.partition, key))
        if item.offset < offset or item.outdated(stamp):
            count([item], "repeated")  # it would undo the later one until that is read again
            return
        decision, content = (said.decision, said.content_hash) if said else (None, None)
        who, why = (said.reviewer, said.note) if said else (None, None)
        row = decision_row(decision, content, item.offset, item.timestamp, who, why)
        await decisions.write(item.partition, {key: row}, [item.event])
        faults.point("decisions.after_row")
        trace = trace_of(item.event.message)
        because = Because("decision", item.timestamp, trace)
        await vet_again(context, item.partition, item.key, because, item.event)
        count([item], "withdrawn" if said is None else said.decision)
