"""What the comparison says decides whether a deployment may be named champion."""

from __future__ import annotations

from typing import Any

import pytest

from matcher_stream.champion.gates import Case, Verdict, compared, judge
from matcher_stream.champion.running import UNREGISTERED, told_as
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


async def test_the_same_models_with_other_settings_do_too_and_the_sentence_names_them() -> None:
    known: dict[str, Any] = {"versions": ("new", "new"), "changed": ("top_k: 10 → 5",)}
    found = await _gate(**known)
    assert not found.ok
    assert "cambian ajustes (top_k: 10 → 5)" in found.why
    assert "models compare new new --shadow matcher-b-shadow.matches.v1" in found.why
    assert "no se sabe con qué ajustes" in (await _gate(versions=("new", "new"), changed=None)).why
    assert (await _gate(**known, accepted=frozenset({"comparación"}))).ok


async def test_other_settings_are_compared_by_what_was_told_with_them() -> None:
    settings = Settings(top_k=5)
    known: dict[str, Any] = {"versions": ("old", "new"), "changed": ("top_k: 10 → 5",)}

    async def gate(heard: object, **more: Any) -> Verdict:
        comparison = sound()
        comparison["stream"] |= {"versions": heard}
        case = Case(settings, "b", "a", "Rosa", comparison=comparison, **known, **more)
        return await compared(case)

    mine, theirs = ({"ranker": told_as(each)} for each in (settings, Settings()))
    assert (await gate([[theirs], [mine]])).ok
    for heard in ([[mine], [theirs]], [[theirs]], None, "x"):
        found = await gate(heard)
        assert not found.ok
        assert "«settings» cambian ajustes (top_k: 10 → 5)" in found.why
    assert (await gate(None, accepted=frozenset({"settings"}))).ok


async def test_nothing_is_compared_with_what_nobody_registered() -> None:
    address = f"{UNREGISTERED}0123456789abcdef"
    for comparison in (None, sound()):
        found = await _gate(versions=(address, "new"), comparison=comparison)
        assert not found.ok
        assert address in found.why
        assert "models import" in found.why
    assert (await _gate(versions=(address, "new"), accepted=frozenset({"comparación"}))).ok
    assert (await _gate(versions=(address, address))).ok
    assert "MATCHER_MODEL" in (await _gate(versions=("old", address))).why


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
