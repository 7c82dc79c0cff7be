"""Matches in, explanations out: a template for everything new, at once; a model's words later."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from agents.explainer import metrics as explainer_metrics
from agents.explainer.context import ExplainContext
from agents.explainer.wording import Wish, Wording
from agents.reading import read_aside
from matcher_stream.runtime import faults, metrics, vitals
from matcher_stream.runtime.outputs import Record, Refused, ce_headers, trace_headers, trace_of
from matcher_stream.runtime.waiting import all_of
from models.explain.events import from_template, notice_of
from models.explain.facts import digest, read
from models.explain.prompt import fields
from schemas import Matches, decode_key
from schemas.canary import is_canary
from schemas.parsing import parse
from tables.explained import TEMPLATE, ExplainedRow


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a ranking, as it is told.

    Attributes:
        job_id: Of the job.
        mark: Digest of its facts.
        template: The template's event.
        fields: What a model may see of it; None if none is to word it.
        step: The template's sentence on what one step would open.
    """

    job_id: str
    mark: str
    template: dict[str, Any]
    fields: dict[str, str] | None
    step: str = ""


@dataclass(slots=True)
class Telling:
    """One accepted record.

    Attributes:
        event: The Faust event.
        profile_id: Whom it is about.
        revision: Of their ranking; None for an erasure.
        entries: Of their ranking.
        erased: An erasure went before it in the same batch: what was known counts no more.
    """

    event: Any
    profile_id: str
    revision: int | None
    entries: Sequence[Entry] = ()
    erased: bool = False

    @property
    def forgets(self) -> bool:
        """Whether nothing may be left of what a model wrote."""
        return self.erased or self.revision is None

    def outdates(self, other: Telling) -> bool:
        """Whether it is a later revision than `other`, of one life of the person."""
        mine, others = self.revision, other.revision
        return mine is not None and others is not None and others < mine


@dataclass(slots=True)
class Work:
    """A batch: the latest record of each person, by partition, and what was refused."""

    told: dict[int, dict[str, Telling]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)


@dataclass(slots=True)
class _Plan:
    """What one record leads to."""

    told: Telling
    row: ExplainedRow | None
    records: list[Record] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    templates: int = 0
    outdated: bool = False


class ExplainAgent:
    """Reads the matches topic."""

    def __init__(self, context: ExplainContext, wording: Wording) -> None:
        self._context = context
        self._wording = wording
        self._prepared = 0
        self._notice = notice_of(context.settings.notice_contact)

    async def prepare(self, events: Sequence[Any]) -> Work:
        """Parse a batch; of several records about one person only the latest one counts."""
        self._prepared += 1
        self._context.idle.clear()
        batch = await read_aside(events, self._read)
        work = Work(refused=batch.refused)
        for told in batch.items:
            people = work.told.setdefault(told.event.message.partition, {})
            before = people.get(told.profile_id)
            if before is not None:
                if before.outdates(told):
                    continue
                told.erased = before.forgets
            people[told.profile_id] = told
        return work

    def _read(self, event: Any) -> Telling:
        """One matches event, told; raises an InputError if it cannot be explained.

        What the schema accepts may still be no fact, so all that is told of a record is written
        here, once (`agents/reading.py`).
        """
        message = event.message
        profile_id = decode_key(message.key)
        if message.value is None:
            return Telling(event, profile_id, None)
        matches = parse(Matches, "profile_id", message.key, message.value)
        told = matches.model_dump(exclude_none=True)
        entries = [self._entry(told, entry) for entry in told["entries"]]
        return Telling(event, profile_id, matches.revision, entries)

    def _entry(self, matches: dict[str, Any], entry: dict[str, Any]) -> Entry:
        # said once, with the best job
        steps = matches.get("unlocks", []) if entry["rank"] == 1 else []
        facts, mark = read(entry, steps), digest(entry, matches.get("language"), steps)
        made = from_template(matches, entry, mark, facts, self._notice)
        wanted = self._wanted(matches, entry)
        shown = fields(facts) if wanted else None
        return Entry(entry["job_id"], mark, made, shown, facts.step)

    async def apply(self, work: Work) -> None:
        """Send what is new, then note that it was sent, partitions side by side."""
        try:
            await self._apply_all(work)
        finally:
            self._prepared -= 1
            if self._prepared <= 0:
                self._context.idle.set()

    async def _apply_all(self, work: Work) -> None:
        await self._context.outputs.refuse(work.refused)
        await all_of(self._apply(p, list(told.values())) for p, told in work.told.items())

    async def _apply(self, partition: int, told: list[Telling]) -> None:
        context = self._context
        events = [one.event for one in told]
        async with context.locks[partition]:
            plans = [self._plan(partition, one) for one in told]
            for plan in plans:
                if plan.told.forgets:
                    self._wording.wish(plan.told.profile_id, ())
            records = [record for plan in plans for record in plan.records]
            await context.outputs.send(records, events)
            faults.point("explain.after_output")
            await self._note(partition, plans, events)
            faults.point("explain.after_row")
        now = time.time()
        for plan in plans:
            if is_canary(plan.told.profile_id):
                if plan.told.revision is not None:
                    vitals.CANARY.labels("explained").set(plan.told.event.message.timestamp)
                continue
            explainer_metrics.EXPLANATIONS.labels("template").inc(plan.templates)
            if plan.templates:
                late = max(0.0, now - plan.told.event.message.timestamp)
                trace = metrics.exemplar(trace_of(plan.told.event.message))
                explainer_metrics.MATCH_TO_TEMPLATE.observe(late, trace)
            if not plan.outdated:
                self._wording.wish(plan.told.profile_id, plan.wishes)
            outcome = "erased" if plan.told.revision is None else "accepted"
            metrics.EVENTS.labels(context.names.matches, outcome).inc()

    async def _note(self, partition: int, plans: list[_Plan], events: list[Any]) -> None:
        tables = self._context.state.tables
        rows = {
            plan.told.profile_id.encode(): plan.row.pack() if plan.row is not None else None
            for plan in plans
            if not plan.outdated
        }
        gone = {plan.told.profile_id.encode(): None for plan in plans if plan.told.forgets}
        await tables.words.write(partition, gone, events)
        await tables.explained.write(partition, rows, events)

    def _plan(self, partition: int, told: Telling) -> _Plan:
        before = self._context.state.explained(partition, told.profile_id)
        if told.revision is None:
            plan = _Plan(told, None)
            plan.records = [self._gone(partition, told, job_id) for job_id in before.jobs]
            return plan
        if told.revision < before.revision and not told.erased:
            return _Plan(told, before, outdated=True)
        row = ExplainedRow(told.revision)
        plan = _Plan(told, row)
        for entry in told.entries:
            self._plan_entry(partition, plan, before, row, entry)
        left = before.jobs.keys() - row.jobs.keys()
        plan.records += [self._gone(partition, told, job_id) for job_id in sorted(left)]
        return plan

    def _plan_entry(
        self, partition: int, plan: _Plan, before: ExplainedRow, row: ExplainedRow, entry: Entry
    ) -> None:
        told, job_id = plan.told, entry.job_id
        old = before.jobs.get(job_id)
        known = old is not None and old[0] == entry.mark and not told.erased
        row.jobs[job_id] = old if known and old is not None else [entry.mark, TEMPLATE]
        trace = trace_of(told.event.message)
        if not known:
            names, event_id = self._context.names, entry.template["event_id"]
            headers = ce_headers("explanation", event_id, names.source, trace)
            value = orjson.dumps(entry.template)
            key = self._key(told, job_id)
            plan.records.append((names.explanations, partition, key, value, headers))
            plan.templates += 1
        if entry.fields is not None and row.jobs[job_id][1] == TEMPLATE:
            wish = Wish(
                partition, entry.template, entry.mark, entry.fields, told.event, trace, entry.step
            )
            plan.wishes.append(wish)

    def _wanted(self, matches: dict[str, Any], entry: dict[str, Any]) -> bool:
        """Whether a model should word it: a top entry of somebody who allows that."""
        return (
            self._wording.enabled
            and matches["consent_llm"] is True
            and entry["rank"] <= self._context.settings.explain_top
        )

    def _gone(self, partition: int, told: Telling, job_id: str) -> Record:
        names = self._context.names
        headers = trace_headers(trace_of(told.event.message))
        return names.explanations, partition, self._key(told, job_id), None, headers

    @staticmethod
    def _key(told: Telling, job_id: str) -> bytes:
        return f"{told.profile_id}:{job_id}".encode()
