"""A matcher and an explainer on one broker in memory, and somebody who asks about a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from matcher_stream.config.contract import (
    TopicNames,
    changelog_specs,
    explainer_specs,
    partition_for,
    topic_specs,
)
from matcher_stream.persons.asking import erase, read_all
from matcher_stream.persons.findings import Findings
from matcher_stream.persons.places import TABLES, places
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster
from tests.support.harness.explainer import APP_ID as EXPLAINER
from tests.support.harness.explainer_cluster import ExplainerCluster
from tests.support.harness.worker import APP_ID


@dataclass
class MemoryFollower:
    """Reads topics of a broker of lists; the workers get a turn whenever somebody waits."""

    village: Village
    topics: Sequence[str]
    running: bool = True
    _read: defaultdict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))

    async def batch(self, wait_ms: int = 0) -> list[Any]:
        """What was written since."""
        if self.running:
            await self.village.drain()
        broker, records = self.village.cluster.broker, []
        for topic in self.topics:
            for partition in range(broker.partitions):
                new = broker.log(topic, partition)[self._read[topic, partition] :]
                self._read[topic, partition] += len(new)
                records += new
        return records

    async def caught_up(self) -> bool:
        """Nothing is written behind our back."""
        return True


@dataclass
class Village:
    """Both applications."""

    cluster: Cluster
    explainer: ExplainerCluster

    async def drain(self) -> None:
        """Work everything off."""
        await self.cluster.drain()
        await self.explainer.drain()

    @property
    def configs(self) -> dict[str, dict[str, str]]:
        """Every topic's configuration, as it is created."""
        settings, names = self.cluster.settings, self.cluster.names
        tables = [f"{APP_ID}-{table}-changelog" for table in TABLES]
        tables += [f"{EXPLAINER}-{table}-changelog" for table in TABLES]
        specs = [
            *topic_specs(names, settings),
            *changelog_specs(tables, settings),
            *explainer_specs(TopicNames(settings, EXPLAINER), settings),
        ]
        return {spec.name: spec.config for spec in specs}

    def ask(self, profile_id: str) -> tuple[MemoryFollower, Findings]:
        """Somebody asks about a person."""
        settings = self.cluster.settings
        found = {place.topic: place for place in places(settings, [APP_ID, EXPLAINER])}
        names = TopicNames(settings, "")
        return MemoryFollower(self, list(found)), Findings(profile_id, names, found, self.configs)

    async def held(self, profile_id: str) -> Findings:
        """All that is held on a person.

        Raises:
            PersonUnknown: nothing is.
        """
        follower, findings = self.ask(profile_id)
        await read_all(follower, findings)
        return findings

    async def erase(
        self, profile_id: str, seconds: float = 5.0, *, running: bool = True
    ) -> tuple[bool, Findings]:
        """Erase somebody; whether it was confirmed, and what is held now."""
        follower, findings = self.ask(profile_id)
        await read_all(follower, findings)
        follower.running = running

        async def publish(partitions: Sequence[int]) -> None:
            for partition in partitions:
                self.cluster.publish("profiles", profile_id, None, partition=partition)

        home = partition_for(profile_id.encode(), self.cluster.settings.partitions)
        return await erase(follower, findings, home, publish, seconds), findings


@pytest.fixture
def village(monkeypatch: pytest.MonkeyPatch) -> Village:
    """One worker of each application."""
    cluster = Cluster(monkeypatch)
    return Village(cluster, ExplainerCluster(monkeypatch, broker=cluster.broker))


@pytest.fixture
def make_cluster(monkeypatch: pytest.MonkeyPatch) -> MakeCluster:
    """Makes clusters: ``make_cluster(seed, **settings)``."""

    def make(seed: int = 0, **settings: Any) -> Cluster:
        return Cluster(monkeypatch, seed, **settings)

    return make


@pytest.fixture
def cluster(make_cluster: MakeCluster) -> Cluster:
    """One worker on two partitions of everything."""
    return make_cluster()
