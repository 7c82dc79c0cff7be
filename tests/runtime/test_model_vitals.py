"""What a worker tells of the version that it ranks with."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from matcher_stream.runtime import metrics
from matcher_stream.runtime.model_vitals import tell_model
from models.registry.figures import Figure, Figures
from models.registry.metadata import METADATA, Metadata, read_metadata
from tests.support.versions import small_version

ID = "ab" * 32


@pytest.fixture
def metadata(tmp_path: Path) -> Metadata:
    made, _ = small_version(tmp_path)
    read = read_metadata((made / METADATA).read_bytes(), ID)
    return read.model_copy(update={"created": datetime.now(UTC) - timedelta(days=3)})


def _told() -> list[str]:
    lines = metrics.render()[0].decode().splitlines()
    return [line for line in lines if line.startswith("matcher_model_")]


def test_the_age_of_a_version_grows_and_what_ships_has_none(metadata: Metadata) -> None:
    tell_model(ID, metadata)
    (line,) = _told()
    assert line.startswith(f'matcher_model_age_seconds{{model="{ID}"}} ')
    first = float(line.split()[-1])
    assert first == pytest.approx(3 * 86_400, abs=60)
    asked = time.monotonic()
    while float(_told()[0].split()[-1]) <= first:
        assert time.monotonic() < asked + 5
    tell_model("builtin", None)
    assert _told() == []


def test_its_main_figure_is_told_with_what_it_is(metadata: Metadata) -> None:
    figure = Figure(task="judged, words", kind="judged", metric="nDCG@10", system="ranker",
                    queries=40, mean=0.84, low=0.8, high=0.88)  # fmt: skip
    figures = Figures(split="test", vectors="", figures=[figure], slices=[], counts=[], goals=[])
    tell_model(ID, metadata.model_copy(update={"figures": figures}))
    labels = f'metric="nDCG@10",model="{ID}",split="test",task="judged, words"'
    assert f"matcher_model_quality_ratio{{{labels}}} 0.84" in _told()
    unmeasured = figures.model_copy(update={"figures": [figure.model_copy(update={"mean": None})]})
    tell_model(ID, metadata.model_copy(update={"figures": unmeasured}))
    assert len(_told()) == 1
    tell_model("builtin", None)
