"""A variable that cannot be read ends either app's start with one sentence."""

from __future__ import annotations

import pytest

from matcher_stream.config.explainer_settings import ExplainerSettings
from matcher_stream.config.settings import Settings, read_settings
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


def test_settings_of_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHER_PARTITIONS", "3")
    assert read_settings(Settings).partitions == 3
    explainer = read_settings(ExplainerSettings)
    assert (explainer.partitions, explainer.web_port) == (3, 6067)
