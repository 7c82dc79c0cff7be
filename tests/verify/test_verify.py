"""The judge is judged: each fault is named, and rounding at an edge is not one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import pytest

from matcher_stream.verify.outputs import Sent
from matcher_stream.verify.rankings import BruteForce, Ranked
from matcher_stream.verify.report import Report
from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.ranker import ActiveJob, DenseRanker, Person, Place

RANKER = DenseRanker(0.5)
#: Against a person at (1, 0) the first component is the score.
SCORES = {"a": 0.9, "b": 0.8, "c": 0.8, "d": 0.7001, "e": 0.7, "f": 0.6, "g": 0.4}


def _unit(score: float) -> np.ndarray[Any, np.dtype[np.float16]]:
    return np.array([score, (1 - score**2) ** 0.5], np.float16)


def _brute(k: int, *, excluded: frozenset[str] = frozenset()) -> BruteForce:
    person = Person("p", np.array([1, 0], np.float16), person_attrs({}), excluded)
    jobs = [ActiveJob(name, _unit(s), job_attrs({})) for name, s in SCORES.items()]
    return BruteForce([person], jobs, RANKER, k)


def _truth(k: int) -> Ranked:
    exact = {name: round(float(_unit(s)[0]), 4) for name, s in SCORES.items()}
    passing = [(n, s) for n, s in exact.items() if s >= RANKER.threshold]
    return sorted(passing, key=lambda pair: (-pair[1], pair[0]))[:k]


def _places(ranked: Ranked) -> list[Place]:
    return [Place(job_id, score) for job_id, score in ranked]


@pytest.mark.parametrize("k", [1, 3, 4, 10])
def test_the_right_ranking_is_right(k: int) -> None:
    assert _brute(k).check_person("p", _places(_truth(k))) == (0, [])


def test_every_fault_in_a_ranking_is_named() -> None:
    right, brute = _truth(4), _brute(4)
    faults: list[Ranked] = [
        right[1:],
        [*right[:-1], ("f", 0.6)],
        [*right[:-1], ("g", 0.4)],
        [*right[:-1], ("x", 0.7)],
        [right[1], right[0], *right[2:]],
        [("a", 0.85), *right[1:]],
        [*right, ("a", right[0][1])],
        [],
    ]
    for sent in faults:
        assert brute.check_person("p", _places(sent))[1], sent


def test_an_excluded_or_ended_job_is_a_fault() -> None:
    assert _brute(3, excluded=frozenset("a")).check_person("p", _places(_truth(3)))[1]
    assert _brute(3).check_person("somebody else", _places(_truth(3)))[1]


def test_rounding_at_the_last_place_is_a_swap() -> None:
    right = _truth(4)
    last = {"d": "e", "e": "d"}[right[-1][0]]
    exact = round(float(_unit(SCORES[last])[0]), 4)
    swapped = sorted([*right[:-1], (last, exact)], key=lambda pair: (-pair[1], pair[0]))
    swaps, wrong = _brute(4).check_person("p", _places(swapped))
    if abs(exact - right[-1][1]) <= 2e-4:
        assert swaps == 2
        assert not wrong
    else:  # float16 may put the two further apart than the tolerance
        assert wrong


def test_a_list_of_people_is_checked_alike() -> None:
    score = round(float(_unit(0.9)[0]), 4)
    assert _brute(4).check_job("a", [("p", score)]) == (0, [])
    assert _brute(4).check_job("a", [])[1]
    assert _brute(4).check_job("g", [("p", 0.4)])[1]


@dataclass
class _Record:
    key: bytes
    value: bytes | None
    offset: int
    topic: str = "matches"
    partition: int = 0


def _event(revision: int, jobs: list[str], version: int = 1, **more: Any) -> dict[str, Any]:
    entries = [{"job_id": j, "job_version": [version, 0], "score": 0.9} for j in jobs]
    base = {"revision": revision, "event_id": f"{revision}{jobs}{version}", "entries": entries}
    return {**base, **more}


async def _differences(events: list[dict[str, Any] | None]) -> list[str]:
    async def records() -> AsyncIterator[_Record]:
        for offset, event in enumerate(events):
            yield _Record(b"p", None if event is None else orjson.dumps(event), offset)

    report = Report()
    sent = Sent("matches", "job_id", report)
    await sent.read(records())
    return [difference.what for difference in report.differences]


async def test_a_history_in_order_is_right() -> None:
    first = _event(1, ["a"], entered=["a"], left=[])
    again = _event(2, ["b"], entered=["b"], left=["a"])
    assert not await _differences([first, first, again, None, _event(3, ["a"])])


async def test_every_fault_in_a_history_is_named() -> None:
    assert await _differences([_event(2, []), _event(1, [])])
    assert await _differences([_event(1, ["a"]), {**_event(1, ["a"]), "cause": "other"}])
    assert await _differences([_event(1, ["a"], version=5), _event(2, ["a"], version=4)])
    assert await _differences([_event(1, ["a"]), _event(2, ["b"], entered=[], left=["a"])])
    assert await _differences([_event(1, ["a"]), _event(2, ["b"], entered=["b"], left=[])])
