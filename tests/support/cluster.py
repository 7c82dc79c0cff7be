"""Apache Kafka as three brokers on one machine, each a controller too; any one of them may die."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from matcher_stream.local.broker import KAFKA_TEMPLATES, kafka_java
from matcher_stream.local.processes import free_port
from tests.support.brokers import Broker
from tests.support.kafka_io import wait_until
from tests.support.processes import ChildProcess

SIZE: Final = 3
#: Over the template for one node: production's replication, and deaths noticed sooner.
_REPLICATED: Final = {
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "broker.session.timeout.ms": "6000",
    "broker.heartbeat.interval.ms": "1000",
    "unclean.leader.election.enable": "false",
}


class Node(Broker):
    """One broker of a cluster; its data outlive a restart.

    Args:
        number: Its node.id, from 1.
        folder: Takes its data and log.
        java: As `kafka_java` gives it.
        controllers: Ports of the controllers, in the order of node.id.
        cluster_id: Of the cluster.
    """

    kind = "kafka"

    def __init__(
        self, number: int, folder: Path, java: Sequence[str], controllers: Sequence[int],
        cluster_id: str,
    ) -> None:  # fmt: skip
        super().__init__(folder)
        self.number = number
        self._java = java
        self._config = folder / "server.properties"
        folder.mkdir(parents=True)
        text = (KAFKA_TEMPLATES / "server.properties.template").read_text()
        text = (
            text.replace("@PORT@", str(self.port))
            .replace("@CONTROLLER_PORT@", str(controllers[number - 1]))
            .replace("@DATA@", str(folder.resolve() / "data"))
        )
        settings = dict(
            line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#")
        )
        del settings["controller.quorum.bootstrap.servers"]
        settings |= _REPLICATED
        settings["node.id"] = str(number)
        settings["controller.quorum.voters"] = ",".join(
            f"{n}@127.0.0.1:{port}" for n, port in enumerate(controllers, 1)
        )
        self._config.write_text("".join(f"{k}={v}\n" for k, v in settings.items()))
        subprocess.run(
            [*java, "kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(self._config)],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip

    def _make(self) -> ChildProcess:
        command = [*self._java, "kafka.Kafka", str(self._config)]
        return ChildProcess(f"kafka-{self.number}", command, self.folder / "kafka.log")


class Cluster(Broker):
    """Three brokers; `url` names them all, dead ones too.

    Args:
        folder: Takes data and logs.
        jars: Apache Kafka's.
    """

    kind = "kafka"

    def __init__(self, folder: Path, jars: Path) -> None:
        super().__init__(folder)
        java = [
            {"-Xms256m": "-Xms64m", "-Xmx768m": "-Xmx320m"}.get(word, word)
            for word in kafka_java(jars)
        ]
        said = subprocess.run(
            [*java, "kafka.tools.StorageTool", "random-uuid"],
            check=True, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        cluster_id = said.stdout.splitlines()[-1].strip()
        controllers = [free_port() for _ in range(SIZE)]
        self.nodes = [
            Node(number, folder / f"node{number}", java, controllers, cluster_id)
            for number in range(1, SIZE + 1)
        ]

    @property
    def url(self) -> str:
        """HOST:PORT of each, with commas."""
        return ",".join(node.url for node in self.nodes)

    def start(self) -> None:
        """Start all; none listens before most of the controllers have met."""
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.wait_listening()

    def reap(self) -> None:
        """Make sure that none is left."""
        for node in self.nodes:
            node.reap()

    def tail(self) -> str:
        """The ends of their logs."""
        return "\n".join(node.tail() for node in self.nodes)

    async def until_without(self, node: Node) -> None:
        """Wait until the others lead what a dead one led."""

        async def gone() -> bool:
            described = await self._described(())
            return described is not None and node.number not in described[0]

        await wait_until(gone, 60, f"broker {node.number} to be missed")

    async def until_in_step(self, topics: Iterable[str] = (), timeout: float = 90.0) -> float:
        """Wait until all brokers are members and all replicas of the topics are in step.

        Args:
            topics: Of which every replica must be there again.
            timeout: Seconds.

        Returns:
            The seconds it took.
        """
        wanted = list(topics)

        async def in_step() -> bool:
            described = await self._described(wanted)
            if described is None:
                return False
            members, replicas = described
            return len(members) == SIZE and all(len(isr) == SIZE for isr in replicas)

        return await wait_until(in_step, timeout, "every replica in step")

    async def create_topic(self, name: str) -> list[Node]:
        """Create a topic of one partition on all nodes; returns them, its leader first."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.url)
        await admin.start()
        try:
            await admin.create_topics([NewTopic(name, 1, SIZE)])
            await self.until_in_step([name])
            (described,) = await admin.describe_topics([name])
        finally:
            await admin.close()
        leader = described["partitions"][0]["leader"]
        return sorted(self.nodes, key=lambda node: bool(node.number != leader))

    async def _described(self, topics: Sequence[str]) -> tuple[set[int], list[list[int]]] | None:
        """The members, and the replicas in step of each partition; None if nobody answers."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.url, request_timeout_ms=5_000)
        try:
            await admin.start()
            members = {found["node_id"] for found in (await admin.describe_cluster())["brokers"]}
            described = await admin.describe_topics(list(topics)) if topics else []
        except (TimeoutError, KafkaError, OSError):
            return None
        finally:
            with contextlib.suppress(KafkaError, OSError):
                await admin.close()
        return members, [p["isr"] for topic in described for p in topic["partitions"]]
