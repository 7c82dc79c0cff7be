"""What one step would open, recomputed on the very jobs that it was counted over.

Postings change what a step opens for people whose ranking stays as it is; they are told at the
daily tick. So an event speaks of the jobs that its partition held when it was made, and the ranking
row names that set. Here the fan-out topic is replayed, copy by copy, until the set has that name,
and the steps are counted by brute force over it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from agents.postings import decode
from agents.reading import read_each
from matcher_stream.verify.held import Held
from matcher_stream.verify.outputs import Sent
from matcher_stream.verify.rankings import TOLERANCE
from matcher_stream.verify.reading import TopicReader
from matcher_stream.verify.report import Report
from models.ranking.event_bodies import JobVersion
from models.ranking.evidence import jobs_side, people_side
from models.ranking.ranker import ActiveJob, Person, Ranker
from models.ranking.unlocks import count_unlocks, unexposed
from models.search.arrays import Slots
from models.search.pairing import exact_dots
from tables.index.jobs import IndexedJob, code_of

_GONE: Final = -1

CHECKED: Final = "people whose unlocks were counted again"
UNCHECKED: Final = "people whose unlocks speak of jobs that the fan-out topic shows no more"


@dataclass(slots=True)
class Fanout:
    """The fan-out topic, read whole.

    Attributes:
        jobs: Every version of every job that is still there, once for all partitions.
        log: By partition what each copy that counted did: the job, its place in `jobs` or -1 for
            a withdrawal, and the name of the set of jobs from then on.
    """

    jobs: list[ActiveJob] = field(default_factory=list)
    log: dict[int, list[tuple[str, int, int]]] = field(default_factory=lambda: defaultdict(list))


async def read_fanout(reader: TopicReader, topic: str, held: Held) -> Fanout:
    """Read the copies as the agent of postings takes them: none that is older than what is held."""
    out = Fanout()
    vectors = (row.vector for rows in (held.jobs, held.people) for row in rows.values())
    dim = next((len(vector) for vector in vectors if len(vector)), 0)
    places: dict[int, int] = {}
    latest: dict[tuple[int, str], tuple[JobVersion, int]] = {}
    names: defaultdict[int, int] = defaultdict(int)
    async for record in reader.records(topic):
        seconds = record.timestamp / 1000
        message = SimpleNamespace(
            key=record.key, value=record.value, headers=record.headers, timestamp=seconds
        )
        batch = read_each([SimpleNamespace(message=message)], lambda event: decode(event, dim))
        if batch.refused:
            continue
        (posting,) = batch.items
        here, row = (record.partition, posting.job_id), posting.row
        version, code = latest.get(here, ((-1, 0), 0))
        if row.version < version:
            continue
        names[record.partition] ^= code
        code, place = 0, _GONE
        if row.attrs is not None and not row.died:
            job = IndexedJob(posting.job_id, row.version, row.card, row.attrs, row.signature)
            code = code_of(job, row.vector)
            place = places.setdefault(code, len(out.jobs))
            if place == len(out.jobs):
                active = ActiveJob(posting.job_id, row.vector, row.attrs, row.signature)
                out.jobs.append(active)
        latest[here] = row.version, code
        names[record.partition] ^= code
        out.log[record.partition].append((posting.job_id, place, names[record.partition]))
    return out


def check_unlocks(
    fanout: Fanout,
    held: Held,
    sent: Sent,
    people: Sequence[Person],
    ranker: Ranker,
    counted: bool,
    report: Report,
) -> None:
    """Every person's last event tells of just the steps that it must.

    Args:
        fanout: All copies of jobs.
        held: The tables.
        sent: The matches.
        people: Everybody who takes part in matching.
        ranker: How a pair is scored.
        counted: Whether steps are counted at all.
        report: Takes the differences.
    """
    takers = {person.profile_id: person for person in people} if counted else {}
    waiting: defaultdict[tuple[int, int], list[Person]] = defaultdict(list)
    for name in held.people:
        event, row = sent.last(name), held.rankings.get(name)
        if event is None or row is None:
            continue
        if not sent.ordered and event.get("unlocks", []) != row.unlocks:
            continue  # the row is of what another deployment told
        if name in takers:
            waiting[held.home[name], row.seen].append(takers[name])
        elif event.get("unlocks"):
            report.differ("unlocks", name, "tells of steps where none are counted")
    brute = _BruteForce(fanout.jobs, ranker)
    for partition in {home for home, _ in waiting}:
        alive: dict[str, int] = {}
        for job_id, place, seen in [("", _GONE, 0), *fanout.log.get(partition, [])]:
            alive.pop(job_id, None)
            if place != _GONE:
                alive[job_id] = place
            for person in waiting.pop((partition, seen), ()):
                places = np.array(list(alive.values()), np.int64)
                _check(brute, person, places, sent.last(person.profile_id) or {}, report)
    report.counts[UNCHECKED] += sum(len(some) for some in waiting.values())


def _check(
    brute: _BruteForce, person: Person, places: Slots, event: dict[str, Any], report: Report
) -> None:
    told = event.get("unlocks", [])
    must = brute.unlocks(person, places)
    report.counts[CHECKED] += 1
    if told == must:
        return
    if any(told == brute.unlocks(person, places, off) for off in (-TOLERANCE, TOLERANCE)):
        report.swaps += 1
        return
    report.differ("unlocks", person.profile_id, f"tells of the steps {told} in place of {must}")


class _BruteForce:
    """Steps of one person over some of these jobs."""

    def __init__(self, jobs: Sequence[ActiveJob], ranker: Ranker) -> None:
        self._jobs, self._ranker = jobs, ranker
        self._vectors = np.stack([job.vector for job in jobs]) if jobs else None
        self._side = unexposed(jobs_side([job.attrs for job in jobs]))

    def unlocks(self, person: Person, places: Slots, off: float = 0.0) -> list[dict[str, Any]]:
        """As in an event; `off` moves the least score that is worth a message."""
        if self._vectors is None or not len(places):
            return []
        dots = exact_dots(person.vector[None], self._vectors[places])
        side = people_side([person.attrs])
        scores = self._ranker.scores(dots, side, self._side.take(places))
        worth = places[scores >= self._ranker.send + off].tolist()
        jobs = [
            job for job in map(self._jobs.__getitem__, worth) if job.job_id not in person.excluded
        ]
        found = count_unlocks(person.attrs, jobs)
        return [unlock.told() for unlock in found]
