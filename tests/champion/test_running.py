"""What a deployment runs has a name that later comparisons can hold it to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.context import ranker_of
from matcher_stream.champion.running import (
    UNREGISTERED,
    Running,
    changed,
    named,
    registered_since,
    rules_of,
    running,
)
from matcher_stream.cli.registering import Given, imported
from matcher_stream.config.model import BUILT_IN
from matcher_stream.config.settings import Settings
from matcher_stream.registry.store import Registry
from schemas.alias import Alias
from tests.support.versions import encoder_folder, ranker_file

CHANGES: list[dict[str, Any]] = [
    {"top_k": 5}, {"score_threshold": 0.5}, {"send_threshold": 0.9}, {"ranker": "dense"},
    {"exposure": 0.1}, {"swap_share": 0.1}, {"unlocks": False}, {"default_expiry_days": 7.0},
    {"hired_pauses": False}, {"vetting": False}, {"law_wording": "hold"},
]  # fmt: skip


def record(**fields: Any) -> Alias:
    said = {"alias": "champion", "deployment": "matcher-a", "by": "Rosa", "at": "2026-11-27"}
    return Alias.model_validate({**said, **fields})


@pytest.mark.parametrize("setting", CHANGES, ids=lambda setting: next(iter(setting)))
def test_whatever_changes_what_people_are_told_is_told_apart(setting: dict[str, Any]) -> None:
    before, after = rules_of(Settings()), rules_of(Settings(**setting))
    found = changed(before, after)
    assert found, setting
    assert all(" → " in each for each in found)


def test_how_fast_it_works_or_how_it_was_set_is_not() -> None:
    before = rules_of(Settings())
    own = ranker_of(Settings())
    other = Settings(
        batch_events=7, web_port=1, data_dir=Path("other"), deployment="b", shadow=True,
        score_threshold=own.threshold, exposure_free=3.0,
    )  # fmt: skip
    assert changed(before, rules_of(other)) == ()


def test_free_rankings_count_where_exposure_is_on() -> None:
    one, other = (rules_of(Settings(exposure=0.1, exposure_free=free)) for free in (3.0, 10.0))
    assert changed(one, other) == ("exposure_free: 3 → 10",)
    assert changed(None, other) is None


def test_a_record_says_what_was_run() -> None:
    told = running(Settings())
    assert told.version == BUILT_IN
    assert "version" not in record(**told.fields()).model_dump(exclude_none=True)
    assert named(record(**told.fields())) == told
    assert named(record(version="3f2a91bc", rules={"top_k": "10"})).version == "3f2a91bc"


def test_an_older_record_without_a_version_says_nothing_of_the_models() -> None:
    assert named(record()) == Running(None, None)
    assert named(record(version="3f2a91bc")) == Running("3f2a91bc", None)
    assert named(None) == Running()


def test_models_that_nobody_registered_have_an_address_of_what_they_are(tmp_path: Path) -> None:
    one = running(Settings(encoder=str(encoder_folder(tmp_path / "one")))).version
    same = running(Settings(encoder=str(encoder_folder(tmp_path / "a" / "one")))).version
    other = running(Settings(encoder=str(encoder_folder(tmp_path / "b" / "one", seed=2)))).version
    dense = running(Settings(ranker="dense")).version
    assert one is not None
    assert one.startswith(UNREGISTERED)
    assert one == same
    assert len({one, other, dense, BUILT_IN}) == 4
    assert named(record(**running(Settings(ranker="dense")).fields())).version == dense


def test_who_is_registered_later_is_found_by_its_address(tmp_path: Path) -> None:
    folder = encoder_folder(tmp_path / "one")
    settings = Settings(encoder=str(folder), registry=str(tmp_path / "registry"))
    address = running(settings).version
    assert address is not None
    assert registered_since(settings, address) is None
    registry = Registry(settings.registry)
    weights = tmp_path / "ranker.json"
    for number, raw in enumerate((ranker_file(slope=9.0), ranker_file())):
        weights.write_bytes(raw)
        version, _ = imported(registry, str(folder), Given(ranker=weights, licence="MIT"))
        assert registered_since(settings, address) == (version if number else None)
