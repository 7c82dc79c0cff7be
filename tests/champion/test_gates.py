"""What the comparison says decides whether a deployment may be named champion."""

from __future__ import annotations

from typing import Any

import pytest

from matcher_stream.champion.gates import Case, Verdict, compared, judge
from matcher_stream.config.model import BUILT_IN, registered_as
from matcher_stream.config.settings import Settings
from tests.models.compare.test_gates import sound


async def _gate(**fields: Any) -> Verdict:
    known: dict[str, Any] = {"versions": ("old", "new"), **fields}
    return await compared(Case(Settings(), "matcher-b", "matcher-a", "Rosa Quispe", **known))


async def test_the_same_models_need_no_comparison() -> None:
    assert (await _gate(versions=("new", "new"))).ok


async def test_other_models_do_and_the_sentence_says_how() -> None:
    found = await _gate()
    assert not found.ok
    assert "models compare old new --shadow matcher-b-shadow.matches.v1" in found.why


async def test_models_that_nobody_registered_are_asked_to_be() -> None:
    assert "MATCHER_MODEL" in (await _gate(versions=(None, None))).why


async def test_a_comparison_of_these_two_lets_it_through_and_one_of_others_does_not() -> None:
    assert (await _gate(comparison=sound())).ok
    found = await _gate(comparison=sound(), versions=("old", "another"))
    assert not found.ok
    assert "«versions»" in found.why


async def test_what_failed_is_named_and_cannot_be_accepted() -> None:
    worse = sound()
    worse["quality"]["tasks"][0]["difference"] = {"mean": -0.1, "low": -0.2, "high": -0.05}
    found = await _gate(comparison=worse, accepted=frozenset({"quality, all"}))
    assert not found.ok
    assert "«quality, all»" in found.why


async def test_what_is_not_known_may_be_accepted_by_name() -> None:
    partial = {name: part for name, part in sound().items() if name != "latency"}
    found = await _gate(comparison=partial)
    assert not found.ok
    name = found.why.split("«")[1].split("»")[0]
    assert (await _gate(comparison=partial, accepted=frozenset({name}))).ok
    assert (await _gate(accepted=frozenset({"comparación"}))).ok


async def test_nothing_costly_is_asked_without_a_comparison() -> None:
    case = Case(Settings(broker_url="kafka://nowhere:1"), "b", "a", "Rosa", versions=("old", "new"))
    assert [verdict.gate for verdict in await judge(case)] == ["persona", "comparación"]


@pytest.mark.parametrize(
    ("settings", "name"),
    [({}, BUILT_IN), ({"encoder": "/weights/new"}, None), ({"ranker": "dense"}, None)],
)
def test_only_what_ships_or_is_registered_has_a_name(
    settings: dict[str, Any], name: str | None
) -> None:
    assert registered_as(Settings(**settings)) == name
