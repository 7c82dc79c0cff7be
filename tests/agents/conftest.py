"""A cluster in memory for each test."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.harness import Cluster

MakeCluster = Callable[..., Cluster]


@pytest.fixture
def make_cluster(monkeypatch: pytest.MonkeyPatch) -> MakeCluster:
    """Makes clusters: ``make_cluster(seed, **settings)``."""

    def make(seed: int = 0, beside: Cluster | None = None, **settings: object) -> Cluster:
        return Cluster(monkeypatch, seed, beside, **settings)

    return make


@pytest.fixture
def cluster(make_cluster: MakeCluster) -> Cluster:
    """One worker on two partitions of everything."""
    return make_cluster()
