"""What people said of jobs: keep what it teaches, leave those out of their ranking; a hired person
pauses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.context import Context
from agents.intake import Item, by_partition, count, nothing, rounds, settle_refused, take_in
from agents.outcomes import note_outcomes
from agents.people import Change, change_people
from agents.rankings import Notice
from agents.reading import Batch
from matcher_stream.runtime import faults, metrics
from matcher_stream.runtime.outputs import trace_of
from matcher_stream.runtime.waiting import all_of
from schemas import EXCLUDING, Feedback, parse_feedback
from tables.rows import latest_said, pack_exclusions


class FeedbackAgent:
    """Reads the feedback topic."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def prepare(self, events: Sequence[Any]) -> Batch[Item[Feedback, None]]:
        """Parse a batch."""
        return await take_in(self._context, events, parse_feedback, nothing)

    async def apply(self, intake: Batch[Item[Feedback, None]]) -> None:
        """Carry a batch out, one person's feedback one by one."""
        await settle_refused(self._context, intake)
        async with self._context.locks.people.turn(first=True):
            for partition, items in by_partition(intake.items, lambda item: item.partition).items():
                await note_outcomes(self._context, partition, items)
            for batch in rounds(intake.items, lambda item: item.key):
                groups = by_partition(batch, lambda item: item.partition)
                await all_of(self._apply(p, items) for p, items in groups.items())

    async def _apply(self, partition: int, items: list[Item[Feedback, None]]) -> None:
        context = self._context
        changes: list[Change] = []
        early: dict[bytes, bytes | None] = {}
        for item in items:
            said = item.value
            if said is None or said.kind not in EXCLUDING:
                continue  # a null says nothing, and what was shown changes nothing
            if item.timestamp <= context.state.erased(partition, item.key)[1]:
                continue  # said before the person was erased: it goes with them
            before = context.state.exclusions(partition, item.key)
            exclusions = latest_said({**before, said.job_id: (said.kind, item.timestamp)})
            row = context.state.person(partition, item.key)
            if row is None:
                early[item.key.encode()] = pack_exclusions(exclusions)
                continue
            trace = trace_of(item.event.message)
            told = context.state.ranking(partition, item.key)
            # they saw it, if not by this row then by one that a crash kept from being written
            unknown = told is None or said.job_id not in (*told.jobs, *told.similar)
            why = Notice("feedback", item.timestamp, None, trace, anyway=unknown)
            touched = {said.job_id, *(before.keys() - exclusions.keys())}
            # to be hired pauses a person, and another word on that job takes it back
            kinds = {said.kind, *(before[job][0] for job in touched & before.keys())}
            only = None if "hired" in kinds else tuple(sorted(touched))
            changes.append(Change(item.key, row, exclusions, why, only))
        events = [item.event for item in items]
        # feedback that comes before its profile waits here for it
        await context.state.tables.exclusions.write(partition, early, events)
        faults.point("feedback.after_exclusion")
        if changes:
            await change_people(context, partition, changes, events, "feedback")
        for item in items:
            if item.value is not None:
                metrics.FEEDBACK.labels(item.value.kind).inc()
        count(items, "accepted")
