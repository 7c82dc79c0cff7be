"""Explainers in memory, and what they count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from matcher_stream.runtime.metrics import REGISTRY
from tests.support.harness.explainer import ScriptedWriter
from tests.support.harness.explainer_cluster import ExplainerCluster

MakeExplainer = Callable[..., ExplainerCluster]


@pytest.fixture
def make_explainer(monkeypatch: pytest.MonkeyPatch) -> MakeExplainer:
    """Makes explainers: ``make_explainer(writer, **settings)``."""

    def make(writer: ScriptedWriter | None = None, **settings: Any) -> ExplainerCluster:
        return ExplainerCluster(monkeypatch, writer=writer, **settings)

    return make


@pytest.fixture
def explainer(make_explainer: MakeExplainer) -> ExplainerCluster:
    """Templates only."""
    return make_explainer()


@pytest.fixture
def writer() -> ScriptedWriter:
    """A model that always has words."""
    return ScriptedWriter()


@pytest.fixture
def outcomes() -> Callable[[str], float]:
    """How many requests ended like this since the test began."""

    def counted(outcome: str) -> float:
        labels = {"outcome": outcome}
        return REGISTRY.get_sample_value("matcher_llm_outcomes_total", labels) or 0.0

    before: dict[str, float] = {
        sample.labels["outcome"]: sample.value
        for metric in REGISTRY.collect()
        if metric.name == "matcher_llm_outcomes"
        for sample in metric.samples
        if sample.name == "matcher_llm_outcomes_total"
    }
    return lambda outcome: counted(outcome) - before.get(outcome, 0.0)
