"""Gates: each stops what it is for, what is not known passes nowhere, a name is needed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.compare.gates import Given, Limits, verdict
from tests.support.examples import examples

GIVEN = Given("old", "new", verified=True, caught_up=True, person="Rosa Quispe")


def _difference(mean: float = 0.0, low: float = -0.01, high: float = 0.01) -> dict[str, Any]:
    return {"people": 40, "champion": 0.8, "challenger": 0.8 + mean,
            "difference": {"mean": mean, "low": low, "high": high}}  # fmt: skip


def _task(fields: str) -> dict[str, Any]:
    slices = [("group of regions", "A: Lima"), ("group of regions", "C: Puno"), ("region", "Lima"),
              ("sex", "feminine"), ("sex", "masculine"), ("style", "sms"), ("style", "cv"),
              ("language", "andean")]  # fmt: skip
    rows = [{"facet": facet, "slice": value, **_difference()} for facet, value in slices]
    return {"fields": fields, **_difference(), "slices": rows, "shown": [400, 400],
            "broken": [40, 40], "newly broken": 0, "risky": [0, 0]}  # fmt: skip


def sound() -> dict[str, Any]:
    """A comparison in which nothing is wrong."""
    return {
        "champion": {"id": "old"},
        "challenger": {"id": "new"},
        "quality": {"tests": 18, "level": 0.997, "tasks": [_task("all"), _task("words")]},
        "exposure": {
            "by region": [{"slice": "Lima", "shares": [0.6, 0.58]},
                          {"slice": "Puno", "shares": [0.4, 0.42]}],
            "by employer size": [{"slice": "1 ad", "shares": [1.0, 1.0]}],
            "top tenth": [0.3, 0.31],
        },
        "gender": {"systems": {"challenger": {"mean": 0.96}}},
        "latency": {"ratio": 1.02},
        "stream": {"changes": {"only champion": 0}},
    }  # fmt: skip


def _states(comparison: dict[str, Any], given: Given = GIVEN) -> dict[str, str]:
    return {gate.name: gate.state for gate in verdict(comparison, given).gates}


def test_where_nothing_is_wrong_every_gate_passes() -> None:
    found = verdict(sound(), GIVEN)
    assert set(_states(sound()).values()) == {"passed"}
    assert found.passed
    for gate in found.gates:
        assert gate.says.endswith(".")
        assert "{" not in gate.says
    told = orjson.loads(orjson.dumps(found.told()))
    assert told[0].keys() == {"gate", "state", "figure", "limit", "says"}
    assert len({gate["gate"] for gate in told}) == len(told), "names are names"


Change = Callable[[dict[str, Any]], Any]


def _words(comparison: dict[str, Any]) -> Any:
    return comparison["quality"]["tasks"][1]


@pytest.mark.parametrize(
    ("gate", "change"),
    [
        ("versions", lambda c: c["challenger"].update(id="another")),
        ("quality, words", lambda c: _words(c).update(_difference(-0.005, -0.009, -0.001))),
        ("quality, words", lambda c: _words(c).update(_difference(-0.02, -0.05, 0.01))),
        ("quality, words, group of regions: C: Puno",
         lambda c: _words(c)["slices"][1].update(_difference(-0.03, -0.05, -0.01))),
        ("quality, words, sex: feminine",
         lambda c: _words(c)["slices"][3].update(_difference(-0.06, -0.2, 0.1))),
        ("quality, words, style: sms",
         lambda c: _words(c)["slices"][5].update(_difference(-0.03, -0.05, -0.01))),
        ("violations, all", lambda c: c["quality"]["tasks"][0].update({"newly broken": 1})),
        ("violations, words", lambda c: _words(c).update(broken=[40, 49])),
        ("risky, all", lambda c: c["quality"]["tasks"][0].update(risky=[0, 1])),
        ("risky, words", lambda c: _words(c).update(risky=[1, 1])),
        ("gender", lambda c: c["gender"]["systems"]["challenger"].update(mean=0.949)),
        ("exposure, by region", lambda c: c["exposure"]["by region"][1].update(shares=[0.4, 0.46])),
        ("exposure, by employer size",
         lambda c: c["exposure"]["by employer size"].append({"slice": "x", "shares": [0, 0.06]})),
        ("exposure, top tenth", lambda c: c["exposure"].update({"top tenth": [0.3, 0.36]})),
        ("latency", lambda c: c["latency"].update(ratio=1.26)),
        ("missing", lambda c: c["stream"]["changes"].update({"only champion": 1})),
    ],
)  # fmt: skip
def test_each_gate_stops_what_it_is_for_and_no_other_does(gate: str, change: Change) -> None:
    comparison = sound()
    change(comparison)
    found = _states(comparison)
    assert {name for name, state in found.items() if state != "passed"} == {gate}
    assert found[gate] == "failed"
    everything = Given("old", "new", True, True, "Rosa", frozenset({gate}))
    assert not verdict(comparison, everything).passed, "what failed cannot be accepted"


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ({"share": 0.4, "low": 0.3, "high": 0.49, "needed": 90}, "failed"),
        ({"share": 0.45, "low": 0.4, "high": 0.5, "needed": 90}, "unknown"),
        ({"share": 0.45, "low": 0.4, "high": 0.52, "needed": 0}, "passed"),
        ({"share": 0.6, "low": 0.51, "high": 0.7, "needed": 50}, "passed"),
        ({"share": None, "low": None, "high": None, "needed": None}, "unknown"),
        ({}, "unknown"),
        ("broken", "unknown"),
    ],
)
def test_what_people_applied_to_decides_where_it_was_asked(found: Any, state: str) -> None:
    comparison = sound()
    assert "applied" not in _states(comparison)
    comparison["stream"]["interleaved"] = found
    states = _states(comparison)
    assert states.pop("applied") == state
    assert set(states.values()) == {"passed"}


@pytest.mark.parametrize(
    ("gate", "given", "state"),
    [
        ("verify", Given("old", "new", False, True, "Rosa"), "failed"),
        ("verify", Given("old", "new", None, True, "Rosa"), "unknown"),
        ("caught up", Given("old", "new", True, False, "Rosa"), "failed"),
        ("caught up", Given("old", "new", True, None, "Rosa"), "unknown"),
        ("person", Given("old", "new", True, True, "  "), "unknown"),
        ("versions", Given(None, "new", True, True, "Rosa"), "unknown"),
        ("versions", Given("new", "old", True, True, "Rosa"), "failed"),
    ],
)
def test_what_is_given_is_a_gate_too(gate: str, given: Given, state: str) -> None:
    found = _states(sound(), given)
    assert {name: s for name, s in found.items() if s != "passed"} == {gate: state}
    assert not verdict(sound(), given).passed


def test_what_is_not_known_passes_only_if_somebody_with_a_name_accepts_it() -> None:
    comparison = sound()
    del comparison["stream"]
    assert _states(comparison)["missing"] == "unknown"
    assert not verdict(comparison, GIVEN).passed
    accepts = Given("old", "new", True, True, "Rosa", frozenset({"missing"}))
    found = verdict(comparison, accepts)
    assert found.passed
    (gate,) = found.those("unknown")
    assert gate.told()["accepted"] == "Rosa"
    nobody = Given("old", "new", True, True, "", frozenset({"missing", "person"}))
    assert not verdict(comparison, nobody).passed


def test_of_nothing_nothing_passes_but_what_is_given() -> None:
    assert set(_states({}, Given()).values()) == {"unknown"}
    passed = {name for name, state in _states({}).items() if state == "passed"}
    assert passed == {"verify", "caught up", "person"}


def test_slices_of_few_people_are_unknown_but_small_regions_count_in_their_group() -> None:
    comparison = sound()
    for task in comparison["quality"]["tasks"]:
        for row in task["slices"]:
            if row["slice"] in ("sms", "Lima"):
                row["people"] = Limits().fewest - 1
    found = {name: s for name, s in _states(comparison).items() if s != "passed"}
    assert found == {f"quality, {f}, style: sms": "unknown" for f in ("all", "words")}
    comparison["quality"]["tasks"][0]["slices"] = []
    for facet in ("group of regions", "sex", "style", "language"):
        assert _states(comparison)[f"quality, all, {facet}"] == "unknown"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else (
        enumerate(value) if isinstance(value, list) else ())  # fmt: skip
    return [(*path, key) for key, _ in inner] + [
        place for key, held in inner for place in _places(held, (*path, key))
    ]


@given(st.data())
@settings(max_examples=examples(150))
def test_a_file_that_was_made_up_raises_nothing_and_opens_no_gate(data: st.DataObject) -> None:
    """Whatever stands in place of a figure, as many gates are asked and none passes for it."""
    comparison = copy.deepcopy(sound())
    *path, last = data.draw(st.sampled_from(_places(comparison)))
    where: Any = comparison
    for key in path:
        where = where[key]
    where[last] = data.draw(JSON.filter(lambda value: not isinstance(value, int | float)))
    found = _states(comparison)
    assert {"versions", "quality, all", "quality, words", "gender", "latency"} <= found.keys()
    if last in ("mean", "low", "high", "ratio", "only champion", "newly broken", "tests"):
        assert "unknown" in found.values()
