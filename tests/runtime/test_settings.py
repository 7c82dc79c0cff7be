"""A variable that cannot be read ends either app's start with one sentence."""

from __future__ import annotations

from typing import Any

import faust
import pytest

from matcher_stream.config.explainer_settings import ExplainerSettings
from matcher_stream.config.settings import Settings, read_settings
from matcher_stream.config.worker_options import worker_options
from schemas.errors import InvalidSettings


@pytest.mark.parametrize(
    ("kind", "variable", "value"),
    [
        (Settings, "MATCHER_PARTITIONS", "many"),
        (Settings, "MATCHER_EXPOSURE", "0.5"),
        (ExplainerSettings, "MATCHER_PARTITIONS", "0"),
        (ExplainerSettings, "MATCHER_LLM_TIMEOUT", "soon"),
    ],
)
def test_the_sentence_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, kind: type[Settings], variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidSettings, match=f"The setting {variable} cannot be used: .+") as told:
        read_settings(kind)
    assert told.value.__cause__ is None
    assert told.value.__suppress_context__, "a traceback through pydantic helps nobody"


@pytest.mark.parametrize(
    "also", [{}, {"MATCHER_INTERLEAVE_WITH": "matcher-b", "MATCHER_SWAP_SHARE": "0.1"}]
)
def test_one_trial_at_a_time_and_not_with_nobody(
    monkeypatch: pytest.MonkeyPatch, also: dict[str, str]
) -> None:
    for name, value in {"MATCHER_INTERLEAVE_SHARE": "0.1", **also}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettings, match="MATCHER_INTERLEAVE_SHARE cannot be used"):
        read_settings(Settings)
    monkeypatch.setenv("MATCHER_INTERLEAVE_WITH", "matcher-b")
    monkeypatch.setenv("MATCHER_SWAP_SHARE", "0")
    assert read_settings(Settings).interleave_share == 0.1


def test_settings_of_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHER_PARTITIONS", "3")
    assert read_settings(Settings).partitions == 3
    explainer = read_settings(ExplainerSettings)
    assert (explainer.partitions, explainer.web_port) == (3, 6067)


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, None), ({"web_host": "10.0.0.7"}, None),
        ({"web_url": "http://worker-1:6066", "web_host": "0.0.0.0"}, "http://worker-1:6066"),
        ({"web_host": "0.0.0.0", "web_port": 7000}, "http://10.1.2.3:7000"),
        ({"web_host": "::", "web_port": 7000}, "http://10.1.2.3:7000"),
    ],
)  # fmt: skip
def test_other_workers_are_told_an_address_that_they_can_reach(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], address: str | None
) -> None:
    monkeypatch.setattr("socket.gethostbyname", lambda name: "10.1.2.3")
    assert worker_options(Settings(**settings)).get("canonical_url") == address


def test_a_worker_waits_for_every_replica() -> None:
    """What the leader alone has dies with it: tests/e2e/test_brokers_die.py."""
    app = faust.App("app", **{**worker_options(Settings()), "store": "memory://"})
    assert app.conf.producer_acks == -1
