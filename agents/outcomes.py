"""What became of what people were shown: kept for who learns from it, and counted.

It goes before all else that feedback does: what a job's score was made of is taken from the ranking
that the person was told, which the feedback itself may end. A repetition changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import orjson

from agents.context import Context
from agents.intake import Item
from agents.rankings import today_of
from matcher_stream.runtime import faults, metrics
from models.feedback.outcomes import place_of
from models.ranking.event_bodies import RankedJob, level_of
from models.ranking.evidence import named_parts
from models.ranking.ranker import Place
from models.reading.districts import DISTRICTS
from models.reading.facts.known import Known
from models.reading.status import lacks_home
from schemas import DAY_MS, Feedback
from schemas.canary import is_canary
from tables.index.people import PersonEntry
from tables.index.told import told_again
from tables.rows import (
    OutcomeRow,
    RankingRow,
    add_tally,
    latest_outcomes,
    outcome_key,
    outcomes_of,
    person_of,
    tallies_of,
)
from tables.rows.outcome import MAX_SURFACE
from tables.rows.trials import TrialCounts

_OFF: Final = 1e-3  # the parts of a score as it was told, which is rounded to 1e-4, add up so near


class _Person:
    """One person's rows while a batch is taken in.

    Args:
        context: The worker's parts.
        partition: The person's.
        entry: The person.
        told: What they were told last.
        as_of: Today, where that does not say.
    """

    def __init__(
        self, context: Context, partition: int, entry: PersonEntry, told: RankingRow, as_of: str
    ) -> None:
        table = context.state.tables.outcomes
        self.entry, self.told = entry, told
        #: Of what they were told last, as the event has it.
        self.revision = context.revision(partition, told.revision)
        self._name, self._versions = entry.profile_id, context.versions
        self._as_of = told.as_of or as_of
        self._send = context.state.ranker.send
        self._homeless = lacks_home(Known.of(orjson.loads(entry.profile)))
        district = entry.attrs.district
        self._region = DISTRICTS[district].ubigeo[:2] if district >= 0 else ""
        keys = table.keys_with(partition, outcomes_of(self._name))
        held = {key: table.get_row(partition, key) for key in keys}
        self.before = {key: raw for key, raw in held.items() if raw is not None}
        self.rows = {key: OutcomeRow.unpack(raw) for key, raw in self.before.items()}

    def places(self) -> list[tuple[Place, list[int]]]:
        """What they were told last."""
        told = self.told
        return [
            (Place(job_id, score), version)
            for job_id, score, version in zip(told.jobs, told.scores, told.versions, strict=True)
        ]

    def take(self, said: Feedback, stamp: int, jobs: dict[str, RankedJob]) -> None:
        """Take in one piece of feedback, published at `stamp` (ms).

        Args:
            jobs: What the ranking that they were told last says of its jobs.
        """
        row = self._held(said)
        if row is None:
            row = self._new(said, jobs.get(said.job_id))
            self.rows[outcome_key(self._name, row)] = row
        at = stamp if said.at is None else min(said.at, stamp)
        if said.kind not in row.times:
            rank = place_of(row.rank)
            metrics.OUTCOMES.labels(said.kind, rank, row.region or "unknown").inc()
        row.times[said.kind] = min(at, row.times.get(said.kind, at))
        if said.kind == "dismissed" and said.reason is not None:
            row.reason = said.reason

    def _held(self, said: Feedback) -> OutcomeRow | None:
        """The row that this is about: of the revision and surface it names, of the revision if
        nobody was shown the job on that surface, of the latest showing if it names none.
        """
        own = [row for row in self.rows.values() if row.job_id == said.job_id]
        revision = self._shown_in(said)
        if said.revision is not None or said.kind == "shown":
            own = [row for row in own if row.revision == revision]
        surface = _surface(said)
        exact = [row for row in own if row.surface == surface]
        if exact or said.kind == "shown":
            own = exact
        return max(own, key=lambda row: (row.revision, row.began), default=None)

    def _shown_in(self, said: Feedback) -> int:
        """The revision that a new row is of."""
        if said.revision is not None:
            return said.revision
        return self.revision if said.job_id in self.told.jobs else 0

    def _new(self, said: Feedback, job: RankedJob | None) -> OutcomeRow:
        told, revision = self.told, self._shown_in(said)
        now = revision == self.revision and said.job_id in told.jobs
        rank = said.rank or (told.jobs.index(said.job_id) + 1 if now else 0)
        row = OutcomeRow(
            said.job_id, revision, rank, _surface(said), self._as_of, region=self._region
        )
        if job is None or abs(sum(job.components.values()) - job.score) > _OFF:
            metrics.UNPLACED.labels("unranked").inc()
            return row
        if not now:
            metrics.UNPLACED.labels("earlier").inc()
        row.score, row.components = job.score, job.components
        row.evidence = named_parts(self.entry.attrs, job.attrs)
        row.level = level_of(job, self._homeless, self._send)
        row.swapped = now and told.swapped > 0 and rank in (told.swapped, told.swapped + 1)
        if now and (team := told.team_of(said.job_id)) and told.challenger is not None:
            row.team, row.challenger = team, told.challenger.deployment
        row.ranker, row.encoder = self._versions.ranker, self._versions.encoder
        return row

    def changes(self) -> dict[bytes, bytes | None]:
        """Rows to write, None for those to delete."""
        after = {key: row.pack() for key, row in latest_outcomes(self.rows).items()}
        changed: dict[bytes, bytes | None] = dict.fromkeys(self.before.keys() - after.keys())
        return changed | {key: raw for key, raw in after.items() if self.before.get(key) != raw}


def _surface(said: Feedback) -> str:
    return (said.surface or "")[:MAX_SURFACE]


async def note_outcomes(
    context: Context, partition: int, items: Sequence[Item[Feedback, None]]
) -> None:
    """Keep what a partition's feedback says of what its people were shown.

    Args:
        context: The worker's parts; the caller holds the lock of people.
        partition: Of all of them.
        items: A batch, in order.
    """
    state, events = context.state, [item.event for item in items]
    people: dict[str, _Person] = {}
    mine: list[tuple[_Person, Item[Feedback, None]]] = []
    for item in items:
        if item.value is None or is_canary(item.key):
            continue
        if item.timestamp <= state.erased(partition, item.key)[1]:
            continue  # said before the person was erased: it goes with them
        entry = state.match.people(partition).entry_of(item.key)
        told = state.ranking(partition, item.key)
        if entry is None or told is None:
            metrics.UNPLACED.labels("nobody").inc()
            continue
        if item.key not in people:
            as_of = today_of(context, partition, events)
            people[item.key] = _Person(context, partition, entry, told, as_of)
        mine.append((people[item.key], item))
    if not mine:
        return
    asked = [(person.entry, person.places()) for person in people.values()]
    again = await context.score(told_again, state.match, partition, asked, events=events)
    jobs = dict(zip(people, again, strict=True))
    for person, item in mine:
        assert item.value is not None
        person.take(item.value, item.timestamp, jobs[item.key])
    changes = {key: raw for person in people.values() for key, raw in person.changes().items()}
    await state.tables.outcomes.write(partition, changes, events)
    faults.point("feedback.after_outcome")


async def sweep_outcomes(context: Context, partition: int, now: int, event: Any) -> None:
    """Forget what is old, and count what is left anew: so counts are exact whatever crashed.

    Args:
        context: The worker's parts; the caller holds the lock of people.
        partition: Of the people.
        now: ms since the epoch.
        event: The tick.
    """
    tables, old = context.state.tables, now - round(context.settings.feedback_days * DAY_MS)
    gone: dict[bytes, bytes | None] = {}
    counts: dict[bytes, Counter[str]] = {}
    trials = TrialCounts()
    async for key, raw in tables.outcomes.scan(partition, [event]):
        row = OutcomeRow.unpack(raw)
        if row.began < old:
            gone[key] = None
        else:
            add_tally(counts, row)
            trials.add(person_of(key), row)
    await tables.outcomes.write(partition, gone, [event])
    before = dict(tables.tallies.rows(partition))
    after = tallies_of([*counts.items(), *trials.counted()])
    changed: dict[bytes, bytes | None] = dict.fromkeys(before.keys() - after.keys())
    changed |= {key: raw for key, raw in after.items() if before.get(key) != raw}
    await tables.tallies.write(partition, changed, [event])
