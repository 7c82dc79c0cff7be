"""What one step would open, by the index, is what the definition says."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.blend import BlendRanker
from models.ranking.ranker import ActiveJob, DenseRanker, Person, Ranker
from models.ranking.unlocks import Unlock, unlocks
from models.ranking.weights import Weights
from models.search.arrays import Vector
from models.search.matrix import quantise
from tables.index.jobs import IndexedJob, code_of
from tables.index.matching import MatchState
from tables.index.people import PersonEntry
from tests.support.steps import ads, people

DIM = 4
RANKERS = (
    DenseRanker(0.0),
    BlendRanker(0, Weights("t", 0.0, (0.3, 0.4, 0.1, 0.1), 8.0, -1.0, 0.2, 0.6), exposure=0.3),
)
SIGNATURES = (b"k" * 8 + bytes(16), b"k" * 8 + bytes(15) + b"\1", b"other..." + bytes(16), b"")


def _vector(seed: int) -> Vector:
    raw = np.random.default_rng(seed).normal(size=DIM)
    return quantise(raw / np.linalg.norm(raw))


jobs_drawn = st.lists(
    st.tuples(ads, st.integers(0, 5), st.sampled_from(SIGNATURES), st.sampled_from([0.0, 0.9])),
    max_size=30,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(people, st.integers(0, 5), st.frozensets(st.sampled_from(["j0", "j3"]))),
        min_size=1,
        max_size=4,
    ),
    jobs_drawn,
)
@pytest.mark.parametrize("ranker", RANKERS)
def test_the_index_counts_what_the_definition_counts(
    ranker: Ranker,
    asking: list[tuple[dict[str, Any], int, frozenset[str]]],
    drawn: list[tuple[dict[str, Any], int, bytes, float]],
) -> None:
    state = MatchState(DIM, ranker, 3, unlocks=True)
    jobs = [
        ActiveJob(f"j{i}", _vector(seed), job_attrs(fields, penalty), signature)
        for i, (fields, seed, signature, penalty) in enumerate(drawn)
    ]
    state.jobs.put_many(
        0,
        [
            (IndexedJob(job.job_id, (i, 0), b"{}", job.attrs, job.signature), job.vector)
            for i, job in enumerate(jobs)
        ],
    )
    held = [
        Person(f"p{i}", _vector(seed), person_attrs(fields), excluded)
        for i, (fields, seed, excluded) in enumerate(asking)
    ]
    slots = state.people(0).put_many(
        [
            PersonEntry(who.profile_id, who.vector, who.attrs, b"{}", who.excluded, None)
            for who in held
        ]
    )
    found = [ranking.unlocks for ranking in state.rank_people(0, slots)]
    assert found == [unlocks(who, jobs, ranker) for who in held]


def _state(count: bool) -> MatchState:
    state = MatchState(DIM, RANKERS[0], 3, unlocks=count)
    fields = {"licence": "none"}
    entry = PersonEntry(
        "p", _vector(1), person_attrs(fields), orjson.dumps(fields), frozenset(), None
    )
    state.people(0).put_many([entry])
    return state


def _ad(name: str, version: int = 1, card: bytes = b"{}", penalty: float = 0.0) -> IndexedJob:
    return IndexedJob(name, (version, 0), card, job_attrs({"licence": "A-I"}, penalty))


def test_it_is_counted_only_where_that_is_wished() -> None:
    for count, told in ((True, (Unlock("licence", "A-I", 1),)), (False, ())):
        state = _state(count)
        state.jobs.put_many(0, [(_ad("a"), _vector(1))])
        (ranking,) = state.rank_people(0, [0])
        assert ranking.unlocks == told
        assert bool(ranking.seen) == count


def test_the_set_of_jobs_has_one_name_however_it_came_about() -> None:
    one, other = _state(True).jobs, _state(True).jobs
    assert one.seen(0) == 0
    one.put_many(0, [(_ad("a"), _vector(1)), (_ad("b"), _vector(2)), (_ad("c"), _vector(3))])
    whole = one.seen(0)
    one.remove(0, "c")
    other.put_many(0, [(_ad("b"), _vector(2))])
    other.put_many(3, [(_ad("a"), _vector(1)), (_ad("z"), _vector(1))])
    other.put_many(0, [(_ad("a", 7), _vector(1))])
    assert len({0, whole, one.seen(0), other.seen(0), other.seen(3)}) == 5
    other.attach(0, "a", (1, 0))
    assert other.seen(0) == one.seen(0)


def test_whatever_is_told_of_a_job_is_in_its_code() -> None:
    codes = {
        code_of(_ad("a"), _vector(1)),
        code_of(_ad("b"), _vector(1)),
        code_of(_ad("a", 2), _vector(1)),
        code_of(_ad("a", card=b'{"title":"x"}'), _vector(1)),
        code_of(_ad("a", penalty=0.1), _vector(1)),
        code_of(_ad("a")._replace(signature=b"s"), _vector(1)),
        code_of(_ad("a"), _vector(2)),
    }
    assert len(codes) == 7
