"""The indexes answer exactly what the brute-force definition answers, whatever happened before."""

from __future__ import annotations

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.blend import BlendRanker
from models.ranking.ranker import ActiveJob, DenseRanker, Person, Place, Ranker, rank, rank_people
from models.ranking.unlocks import unlocks
from models.ranking.weights import Weights
from models.search.matrix import quantise
from tables.index.dirty import DirtyLists
from tables.index.jobs import IndexedJob
from tables.index.matching import MatchState
from tables.index.people import PersonEntry

DIM, K, FLOOR = 8, 3, 0.2
PARTITIONS = (0, 5)
RANKER = DenseRanker(FLOOR)
#: Evidence as heavy as the vectors, so that it often decides.
WEIGHTS = Weights("test", 0.5, (0.4, 0.5, 0.2, 0.3), 3.0, -0.5, FLOOR, FLOOR)
BLEND = BlendRanker(2, WEIGHTS)
EXPOSED = BlendRanker(2, WEIGHTS, exposure=0.3)
#: Two of these are near-duplicates of each other, the third is of none, the last is unsigned.
SIGNATURES = (b"k" * 8 + bytes(16), b"k" * 8 + bytes(15) + b"\1", b"other..." + bytes(16), b"")
#: Lima; 3, 38, 64 and 572 km from there; nowhere we know, and none.
PLACES = ("150101", "150132", "150118", "150601", "080101", "999999", None)


def vector(seed: int) -> np.ndarray:
    """A unit vector; few seeds, so that ties happen."""
    raw = np.random.default_rng(seed).normal(size=DIM)
    return quantise(raw / np.linalg.norm(raw))


people_fields = st.fixed_dictionaries(
    {},
    optional={
        "ubigeo": st.sampled_from([p for p in PLACES if p]),
        "max_distance_km": st.sampled_from([5.0, 50.0]),
        "min_pay": st.sampled_from([1000.0, 2000.0]),
        "licence": st.sampled_from(["none", "A-IIa", "B-IIb"]),
        "education": st.sampled_from(["none", "secundaria"]),
        "shifts": st.sampled_from([["day"], ["weekend", "day"]]),
        "languages": st.sampled_from([["es"], ["es", "qu"]]),
        "age": st.sampled_from([17, 40]),
        "relocate": st.booleans(),
        "experience_years": st.sampled_from([0, 2]),
        "text": st.sampled_from(["cocinero", "albañil y tarrajeo", "chamba"]),
    },
)
job_fields = st.fixed_dictionaries(
    {},
    optional={
        "ubigeo": st.sampled_from([p for p in PLACES if p]),
        "education": st.sampled_from(["secundaria", "tecnica", "universitaria"]),
        "shift": st.sampled_from(["night", "rotating"]),
        "languages": st.sampled_from([["qu"], ["ay", "qu"]]),
        "lodging": st.booleans(),
        "pay_max": st.sampled_from([1200.0, 3000.0]),
        "licence": st.sampled_from(["A-I", "A-IIb", "A-IIIc"]),
        "min_age": st.sampled_from([18, 21]),
        "remote": st.booleans(),
        "experience_years": st.sampled_from([1, 5]),
        "title": st.sampled_from(["Ayudante de cocina", "Maestro de obra", "Operario"]),
    },
)
names = st.sampled_from([f"n{i}" for i in range(7)])


def held(name: str, version: int, fields: dict[str, object] | None = None) -> IndexedJob:
    """A job as an index holds it."""
    stated = fields or {}
    return IndexedJob(name, (version, 0), orjson.dumps(stated), job_attrs(stated))


class Matching(RuleBasedStateMachine):
    """Two partitions under any order of upserts and removals, with either ranker."""

    @initialize(ranker=st.sampled_from([RANKER, BLEND, EXPOSED]))
    def start(self, ranker: Ranker) -> None:
        self.ranker = ranker
        self.state = MatchState(DIM, ranker, K, unlocks=True)
        self.people: dict[int, dict[str, Person]] = {p: {} for p in PARTITIONS}
        self.jobs: dict[int, dict[str, ActiveJob]] = {p: {} for p in PARTITIONS}
        self.version = 0

    @rule(
        p=st.sampled_from(PARTITIONS),
        name=names,
        seed=st.integers(0, 5),
        fields=people_fields,
        excluded=st.frozensets(names, max_size=2),
        status=st.sampled_from([None, None, None, "paused"]),
    )
    def person(self, p, name, seed, fields, excluded, status) -> None:  # type: ignore[no-untyped-def]
        attrs = person_attrs(fields)
        entry = PersonEntry(name, vector(seed), attrs, orjson.dumps(fields), excluded, status)
        self.state.people(p).put_many([entry])
        self.people[p].pop(name, None)
        if status is None:
            self.people[p][name] = Person(name, vector(seed), attrs, excluded)

    @rule(p=st.sampled_from(PARTITIONS), name=names)
    def person_gone(self, p: int, name: str) -> None:
        self.state.people(p).remove(name)
        self.people[p].pop(name, None)

    @rule(
        p=st.sampled_from([*PARTITIONS, None]),
        name=names,
        seed=st.integers(0, 5),
        fields=job_fields,
        signature=st.sampled_from(SIGNATURES),
        penalty=st.sampled_from([0.0, 0.05, 0.3, 0.9]),
    )
    def job(self, p, name, seed, fields, signature, penalty) -> None:  # type: ignore[no-untyped-def]
        self.version += 1
        attrs = job_attrs(fields, penalty)
        job = held(name, self.version, fields)._replace(signature=signature, attrs=attrs)
        for partition in PARTITIONS if p is None else (p,):
            self.state.jobs.put_many(partition, [(job, vector(seed))])
            self.jobs[partition][name] = ActiveJob(name, vector(seed), attrs, signature)

    @rule(name=names, seed=st.integers(0, 5), penalty=st.sampled_from([0.0, 0.3]))
    def told_otherwise(self, name: str, seed: int, penalty: float) -> None:
        """The same version again, made anew after a crash, to whoever holds it."""
        mine = {p: slots[name] for p in PARTITIONS if name in (slots := self.state.jobs.jobs_of(p))}
        if not mine:
            return
        version = max(self.state.jobs.entries[slot].version for slot in mine.values())
        again = held(name, version[0])._replace(attrs=job_attrs({}, penalty))
        for partition in PARTITIONS:
            self.state.jobs.put_many(partition, [(again, vector(seed))])
            self.jobs[partition][name] = ActiveJob(name, vector(seed), again.attrs, b"")

    @rule(p=st.sampled_from(PARTITIONS), name=names)
    def job_gone(self, p: int, name: str) -> None:
        self.state.jobs.remove(p, name)
        self.jobs[p].pop(name, None)

    @rule(p=st.sampled_from(PARTITIONS))
    def partition_lost(self, p: int) -> None:
        self.state.drop_partition(p)
        self.people[p], self.jobs[p] = {}, {}

    @invariant()
    def rankings_equal_brute_force(self) -> None:
        for p in PARTITIONS:
            index = self.state.people(p)
            slots = sorted(index.slots.values())
            for slot, ranked in zip(slots, self.state.rank_people(p, slots), strict=True):
                entry = index.entries[slot]
                assert entry is not None
                name = entry.profile_id
                person = self.people[p].get(name)
                expected = (
                    rank(person, list(self.jobs[p].values()), self.ranker, K) if person else []
                )
                found = [Place(job.job_id, job.score, job.similar) for job in ranked.jobs]
                assert found == expected
                held = list(self.jobs[p].values())
                assert ranked.unlocks == (unlocks(person, held, self.ranker) if person else ())
                for job in ranked.jobs:
                    assert sum(job.components.values()) == pytest.approx(job.score, abs=1e-9)

    @invariant()
    def candidates_equal_brute_force(self) -> None:
        for p in PARTITIONS:
            ids = sorted(self.jobs[p])
            for job_id, ranked in zip(ids, self.state.rank_candidates(p, ids), strict=True):
                expected = rank_people(
                    self.jobs[p][job_id], list(self.people[p].values()), self.ranker, K
                )
                assert [(who.person.profile_id, who.score) for who in ranked] == expected

    @invariant()
    def nobody_affected_is_missed(self) -> None:
        for p in PARTITIONS:
            index = self.state.people(p)
            ids = sorted(self.jobs[p])
            affected = self.state.people_affected(p, ids)
            for name, person in self.people[p].items():
                slot = index.slots[name]
                best = rank(person, list(self.jobs[p].values()), self.ranker, K)
                if any(place.score >= index.kth[slot] for place in best):
                    assert slot in affected

    @invariant()
    def no_list_that_somebody_is_in_is_missed(self) -> None:
        for p in PARTITIONS:
            entries = [entry for entry in self.state.people(p).entries if entry]
            affected = self.state.jobs_affected(p, entries)
            slots = self.state.jobs.jobs_of(p)
            lists = self.state.rank_candidates(p, list(slots))
            for (job_id, slot), ranked in zip(slots.items(), lists, strict=True):
                listed = {who.person.profile_id for who in ranked}
                found = {
                    entry.profile_id
                    for entry, jobs in zip(entries, affected, strict=True)
                    if slot in jobs
                }
                assert listed <= found, job_id


Matching.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestMatching = Matching.TestCase


@given(
    st.lists(st.tuples(names, st.lists(st.integers(0, 20), max_size=4)), max_size=12),
    st.integers(1, 3),
    st.lists(st.integers(0, 20), max_size=5),
)
def test_a_person_settles_only_when_every_list_they_waited_for_is_fresh(
    marks: list[tuple[str, list[int]]], step: int, refreshed_elsewhere: list[int]
) -> None:
    dirty = DirtyLists()
    waits: dict[str, set[int]] = {}
    for person, jobs in marks:
        dirty.mark(0, person, np.asarray(sorted(set(jobs)), np.int64))
        waits.setdefault(person, set()).update(jobs)
    fresh = set(refreshed_elsewhere)
    done = np.asarray(sorted(fresh), np.int64)
    for _ in range(200):
        settled = dirty.refreshed(0, done)
        for person in settled:
            assert waits.pop(person) <= fresh
        dirty.settle(0, settled)
        if not dirty.pending(0):
            break
        done = dirty.waiting(0, step)
        assert len(done) <= step
        fresh.update(done.tolist())
    assert not waits
    assert len(dirty) == 0


def test_a_job_is_stored_once_however_many_partitions_hold_it() -> None:
    state = MatchState(DIM, RANKER, K)
    for p in range(8):
        state.jobs.put_many(p, [(held("a", 1), vector(1))])
    assert state.jobs.size == 1
    for p in range(8):
        state.jobs.remove(p, "a")
    assert len(state.jobs) == 0
    state.jobs.put_many(0, [(held("b", 2), vector(2))])
    assert state.jobs.size == 1, "a freed slot is used again"


@pytest.mark.parametrize("count", [1, 300])
def test_growing_keeps_what_is_held(count: int) -> None:
    state = MatchState(DIM, RANKER, K)
    entries = [
        PersonEntry(f"p{i}", vector(i), person_attrs({}), b"{}", frozenset(), None)
        for i in range(count)
    ]
    for entry in entries:
        state.people(0).put_many([entry])
    state.jobs.put_many(0, [(held("a", 1), vector(3))])
    people = [Person(e.profile_id, e.vector, e.attrs) for e in entries]
    expected = rank_people(ActiveJob("a", vector(3), job_attrs({})), people, RANKER, K)
    found = state.rank_candidates(0, ["a"])[0]
    assert [(who.person.profile_id, who.score) for who in found] == expected


def _crowd(state: MatchState, *partitions: int) -> None:
    """More people than a list has places, all like the vector 1."""
    for p in partitions:
        state.people(p).put_many(
            [
                PersonEntry(f"{p}-{i}", vector(1), person_attrs({}), b"{}", frozenset(), None)
                for i in range(K + 1)
            ]
        )


def test_a_job_in_the_place_of_another_has_none_of_its_bounds() -> None:
    state = MatchState(DIM, RANKER, K)
    _crowd(state, 0)
    state.jobs.put_many(0, [(held("old", 1), vector(1))])
    state.rank_candidates(0, ["old"])
    slot = state.jobs.jobs_of(0)["old"]
    assert state.jobs.bounds(0)[slot] > FLOOR, "its list is full"
    state.jobs.remove(0, "old")
    state.jobs.put_many(0, [(held("new", 2), vector(2))])
    assert state.jobs.jobs_of(0)["new"] == slot
    assert state.jobs.bounds(0)[slot] == np.float32(FLOOR)


def test_a_version_told_otherwise_has_no_bounds_wherever_it_is_held() -> None:
    state = MatchState(DIM, RANKER, K)
    _crowd(state, *PARTITIONS)
    for p in PARTITIONS:
        state.jobs.put_many(p, [(held("a", 1), vector(1))])
        state.rank_candidates(p, ["a"])
    slot = state.jobs.jobs_of(0)["a"]
    assert all(state.jobs.bounds(p)[slot] > FLOOR for p in PARTITIONS)
    state.jobs.put_many(0, [(held("a", 1), vector(2))])
    assert [state.jobs.bounds(p)[slot] for p in PARTITIONS] == [np.float32(FLOOR)] * 2
