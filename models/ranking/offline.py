"""The same ranking without a broker: for analysts, and to hold the stream against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import orjson

from models.ranking import duplicates
from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.event_bodies import JobVersion, RankedJob, match_entries
from models.ranking.evidence import jobs_side, people_side
from models.ranking.ranker import ActiveJob, Person, Place, Ranker, rank
from models.ranking.unlocks import unlocks
from models.reading.facts.known import Known, known_person
from models.reading.status import person_status
from models.reading.text import card, job_text, person_text
from models.search.matrix import quantise
from schemas.job import Job
from schemas.profile import Profile


class TextEncoder(Protocol):
    """As much of an encoder as a ranking needs."""

    def encode(self, texts: Sequence[str], kind: Any) -> npt.NDArray[np.float32]:
        """L2-normalised vectors, float32 [len(texts), dim]."""


class Matched(NamedTuple):
    """What is told of one person: entries and unlocks as in a matches event."""

    entries: list[dict[str, Any]]
    unlocks: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Shown:
    version: JobVersion
    card: bytes
    job: ActiveJob


def rank_all(
    profiles: Sequence[Profile], jobs: Sequence[Job], encoder: TextEncoder, ranker: Ranker, k: int
) -> dict[str, list[dict[str, Any]]]:
    """Entries of every person's ranking, as in a matches event, by profile_id.

    As `match_all`, without what one step would open.
    """
    found = match_all(profiles, jobs, encoder, ranker, k, count_unlocks=False)
    return {name: told.entries for name, told in found.items()}


def match_all(
    profiles: Sequence[Profile],
    jobs: Sequence[Job],
    encoder: TextEncoder,
    ranker: Ranker,
    k: int,
    *,
    count_unlocks: bool = True,
) -> dict[str, Matched]:
    """What is told of every person, by profile_id.

    Jobs that are filled or closed take no part; dates are the caller's business. The
    job_version of an entry is the job's place in the list.
    """
    open_jobs = [(i, job) for i, job in enumerate(jobs) if job.status not in ("filled", "closed")]
    vectors = quantise(encoder.encode([job_text(job) for _, job in open_jobs], "passage"))
    active = [
        ActiveJob(job.job_id, vector, job_attrs(card(job)), duplicates.signature(job))
        for (_, job), vector in zip(open_jobs, vectors, strict=True)
    ]
    cards = {
        job.job_id: _Shown((i, 0), orjson.dumps(card(job)), ad)
        for (i, job), ad in zip(open_jobs, active, strict=True)
    }
    queries = quantise(encoder.encode([person_text(person) for person in profiles], "query"))
    return {
        profile.profile_id: _matched(profile, vector, active, cards, ranker, k, count_unlocks)
        for profile, vector in zip(profiles, queries, strict=True)
    }


def _matched(
    profile: Profile,
    vector: npt.NDArray[np.float16],
    active: Sequence[ActiveJob],
    cards: dict[str, _Shown],
    ranker: Ranker,
    k: int,
    count_unlocks: bool,
) -> Matched:
    known = known_person(profile.model_dump(exclude_none=True))
    if person_status(known.stated, ended=False, record_ts=0, hired_ts=None) is not None:
        return Matched([], [])
    person = Person(profile.profile_id, vector, person_attrs(known))
    opened = unlocks(person, active, ranker) if count_unlocks else ()
    entries = _entries(known, person, rank(person, active, ranker, k), cards, ranker)
    return Matched(entries, [unlock.told() for unlock in opened])


def _entries(
    known: Known,
    person: Person,
    found: Sequence[Place],
    cards: dict[str, _Shown],
    ranker: Ranker,
) -> list[dict[str, Any]]:
    if not found:
        return []
    attrs, vector = person.attrs, person.vector
    shown = [cards[place.job_id] for place in found]
    attrs_of = [held.job.attrs for held in shown]
    parts = ranker.components(
        np.repeat(vector[None], len(found), axis=0),
        np.stack([held.job.vector for held in shown]),
        people_side([attrs] * len(found)),
        jobs_side(attrs_of),
    )
    ranked = [
        RankedJob(
            place.job_id, place.score, held.version, held.card, job, components, place.similar
        )
        for place, held, job, components in zip(found, shown, attrs_of, parts, strict=True)
    ]
    return match_entries(known, attrs, ranked, ranker.send)
