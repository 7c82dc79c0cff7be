"""What indexes hold beside their answers: bounds, who was told what, and nothing of the gone.

That their answers are right is in `test_matching.py`.
"""

from __future__ import annotations

import numpy as np
import orjson

from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.ranker import DenseRanker
from models.search.arrays import Vector
from tables.index.jobs import IndexedJob
from tables.index.matching import MatchState
from tables.index.people import PersonEntry

DIM, K, FLOOR = 4, 2, 0.2
ANYBODY, ANY_JOB = person_attrs({}), job_attrs({})


def _vector(angle: float) -> Vector:
    """Of length 1; the nearer two angles, the nearer the vectors."""
    return np.asarray([np.cos(angle), np.sin(angle), 0, 0], np.float16)


def _state() -> MatchState:
    return MatchState(DIM, DenseRanker(FLOOR), K)


def _person(name: str, angle: float = 0.0, status: str | None = None) -> PersonEntry:
    return PersonEntry(name, _vector(angle), ANYBODY, b"{}", frozenset(), status)


def _job(name: str, version: int = 0) -> IndexedJob:
    return IndexedJob(name, (version, 0), orjson.dumps({"title": name}), ANY_JOB)


# -- bounds -------------------------------------------------------------------------------


def test_the_bound_of_a_list_is_its_last_place() -> None:
    state = _state()
    state.people(0).put_many([_person("ana", 0.1), _person("beto", 0.4), _person("carmen", 0.7)])
    state.jobs.put_many(0, [(_job("obra"), _vector(0.0)), (_job("far"), _vector(np.pi))])
    full, empty = state.rank_candidates(0, ["obra", "far"])
    assert ([who.person.profile_id for who in full], empty) == (["ana", "beto"], [])
    bounds = state.jobs.bounds(0)[state.jobs.slots_of(0, ["obra", "far"])]
    assert bounds.tolist() == [np.float32(full[-1].score), np.float32(FLOOR)]


def test_who_takes_no_part_touches_no_list_and_of_whom_nothing_is_known_touches_all() -> None:
    state = _state()
    assert [found.tolist() for found in state.jobs_affected(0, [_person("ana"), None])] == [[], []]
    state.jobs.put_many(0, [(_job("obra"), _vector(0.0)), (_job("cocina"), _vector(0.2))])
    unread = PersonEntry("elsa", np.zeros(0, np.float16), ANYBODY, b"{}", frozenset(), None)
    asked = [None, _person("ana"), _person("beto", status="paused"), unread, _person("far", np.pi)]
    found = [sorted(slots.tolist()) for slots in state.jobs_affected(0, asked)]
    assert found == [[0, 1], [0, 1], [], [], []]


def test_nobody_is_ranked_where_no_job_was_ever_held_and_nobody_asked_where_nobody_is() -> None:
    state = _state()
    slots = state.people(0).put_many([_person("ana")])
    assert state.rank_people(0, slots)[0].jobs == []
    state.jobs.put_many(1, [(_job("obra"), _vector(0.0))])
    assert state.rank_candidates(1, ["obra"]) == [[]]
    assert state.people_affected(1, ["obra"]) == set()
    assert state.rank_people(0, slots)[0].jobs == [], "another partition's"


def test_behind_any_number_of_copies_of_an_ad_the_next_one_is_found() -> None:
    state = _state()
    slots = state.people(0).put_many([_person("ana"), _person("beto", 0.1)])
    same = b"k" * 8 + bytes(16)
    copies = [_job(f"copy-{i:02}")._replace(signature=same) for i in range(40)]
    state.jobs.put_many(0, [(copy, _vector(0.0)) for copy in copies])
    state.jobs.put_many(0, [(_job("other"), _vector(0.6))])
    for ranked in state.rank_people(0, slots):
        assert [job.job_id for job in ranked.jobs] == ["copy-00", "other"]
        assert set(ranked.jobs[0].similar) < {copy.job_id for copy in copies}


# -- people -------------------------------------------------------------------------------


def test_nothing_is_left_in_memory_of_who_is_removed() -> None:
    people = _state().people(0)
    who = PersonEntry("ana", _vector(0.3), ANYBODY, b'{"text":"a"}', frozenset({"x"}), None)
    (slot,) = people.put_many([who])
    people.told(slot, ["obra", "cocina"], 0.9)
    assert people.entry_of("ana") is who
    assert (people.mask("x", ANY_JOB).tolist(), people.mask("y", ANY_JOB).tolist()) == ([0], [1])
    people.remove("ana")
    people.remove("ana")
    assert people.entry_of("ana") is None
    assert (len(people), people.entries) == (0, [None])
    assert not people.matrix.view()[slot].any(), "a vector tells what somebody wrote"
    assert (people.holders("obra"), people.holders("cocina")) == (set(), set())
    assert people.kth[slot] == np.float32(FLOOR)
    assert not people.mask("obra", ANY_JOB).any()
    assert people.put_many([_person("beto")]) == [slot], "the place is another's now"
    assert people.mask("x", ANY_JOB).all(), "who has said nothing of that job"


def test_who_holds_a_job_is_who_was_told_of_it_last() -> None:
    people = _state().people(0)
    ana, beto = people.put_many([_person("ana"), _person("beto")])
    assert people.kth[[ana, beto]].tolist() == [np.float32(FLOOR)] * 2
    people.told(ana, ["obra"], 0.5)
    people.told(beto, ["obra", "cocina"], 0.6)
    assert (people.holders("obra"), people.holders("cocina")) == ({ana, beto}, {beto})
    people.told(beto, ["taxi"], 0.7)
    assert (people.holders("obra"), people.holders("cocina")) == ({ana}, set())
    assert people.holders("taxi") == {beto}
    assert people.kth[[ana, beto]].tolist() == [np.float32(0.5), np.float32(0.7)]
    assert set(people._holders) == {"obra", "taxi"}, "jobs that nobody holds take no room"
    people.put_many([_person("ana", 0.5)])
    assert people.kth[ana] == np.float32(0.5), "a change is no news until it is told"


def test_who_cannot_be_read_any_more_has_no_vector_of_before() -> None:
    people = _state().people(0)
    (slot,) = people.put_many([_person("ana", 0.3)])
    unread = PersonEntry("ana", np.zeros(0, np.float16), ANYBODY, b"{}", frozenset(), None)
    assert people.put_many([unread]) == [slot]
    assert not people.matrix.view()[slot].any()
    assert not people.mask("obra", ANY_JOB).any()


# -- jobs ---------------------------------------------------------------------------------


def test_any_number_of_jobs_has_room_and_each_partition_keeps_its_own() -> None:
    state = _state()
    state.people(5).put_many([_person("ana"), _person("beto")])
    state.people(0).put_many([_person("carmen")])
    state.jobs.put_many(5, [(_job("own"), _vector(0.0))])
    state.rank_candidates(5, ["own"])
    bound = float(state.jobs.bounds(5)[0])
    assert bound > FLOOR
    names = [f"job-{i:04}" for i in range(2_100)]
    for name in names:
        state.jobs.put_many(0, [(_job(name), _vector(1.0))])
    state.jobs.put_many(0, [(_job("near"), _vector(0.1))])
    assert len(state.jobs) == 2_102
    assert [job.job_id for job in state.rank_people(0, [0])[0].jobs] == ["near", names[0]]
    assert [job.job_id for job in state.rank_people(5, [0])[0].jobs] == ["own"]
    assert float(state.jobs.bounds(5)[0]) == bound
    assert state.jobs.bounds(0)[: state.jobs.size].tolist() == [np.float32(FLOOR)] * 2_102
    assert state.jobs.held(0, np.arange(state.jobs.size)) == [*names, "near"]
    assert state.jobs.slots_of(0, ["near", "own"]).tolist() == [2_101]


def test_a_newer_version_takes_the_place_of_the_one_before() -> None:
    state = _state()
    state.people(0).put_many([_person("ana")])
    for partition in (0, 1):
        state.jobs.put_many(partition, [(_job("obra", 1), _vector(0.9))])
    for partition, left in ((0, True), (1, False)):
        state.jobs.put_many(partition, [(_job("obra", 2), _vector(0.1))])
        assert state.jobs.has_shared("obra", (1, 0)) is left, "as long as a partition holds it"
    (ranked,) = state.rank_people(0, [0])
    assert [(job.job_id, job.version) for job in ranked.jobs] == [("obra", (2, 0))]
    assert len(state.jobs) == 1
    state.jobs.put_many(0, [(_job("other"), _vector(0.5))])
    assert state.jobs.size == 2, "the place is another's now"


def test_a_version_that_comes_again_is_held_once_as_it_was_told_last() -> None:
    state = _state()
    state.people(0).put_many([_person("ana")])
    again = _job("obra")._replace(card=b'{"title":"Obra grande"}')
    for job in (_job("obra"), _job("obra"), again):
        state.jobs.put_many(0, [(job, _vector(0.1))])
    state.jobs.put_many(0, [(_job("other"), _vector(0.3))])
    (ranked,) = state.rank_people(0, [0])
    assert [(job.job_id, job.card) for job in ranked.jobs] == [
        ("obra", again.card),
        ("other", _job("other").card),
    ]
    state.jobs.remove(0, "obra")
    assert len(state.jobs) == 1


def test_of_a_job_that_nobody_holds_no_card_is_kept() -> None:
    state = _state()
    for partition in (0, 1):
        state.jobs.put_many(partition, [(_job("obra"), _vector(0.0))])
    state.jobs.remove(0, "obra")
    assert state.jobs.has_shared("obra", (0, 0))
    assert state.jobs.entries[0].card
    state.jobs.remove(1, "obra")
    state.jobs.remove(1, "obra")
    assert not state.jobs.has_shared("obra", (0, 0))
    assert state.jobs.entries[0].card == b""


def test_a_partition_that_comes_back_begins_with_nothing() -> None:
    state = _state()
    state.people(0).put_many([_person("ana"), _person("beto")])
    state.jobs.put_many(0, [(_job("obra"), _vector(0.0))])
    state.jobs.put_many(1, [(_job("obra"), _vector(0.0))])
    state.rank_candidates(0, ["obra"])
    state.drop_partition(0)
    assert 0 not in state.jobs.kth
    assert state.count_people() == 0
    assert not state.jobs.mask(0, ANYBODY, frozenset()).any()
    assert state.jobs.bounds(0).tolist() == [np.float32(FLOOR)] * len(state.jobs.bounds(0))
    assert state.jobs.jobs_of(0) == {}
    assert list(state.jobs.jobs_of(1)) == ["obra"], "others hold it still"
    state.jobs.attach(0, "obra", (0, 0))
    state.drop_partition(1)
    assert (len(state.jobs), state.jobs.size) == (1, 1)
    assert state.jobs.mask(0, ANYBODY, frozenset()).tolist() == [True]
    state.drop_partition(0)
    assert len(state.jobs) == 0, "what nobody holds is let go"
