"""Brokers as processes: the embedded one (Tansu) and Apache Kafka, one node, on free ports."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from matcher_stream.local.broker import embedded_command, kafka_java, prepare_kafka
from matcher_stream.local.processes import free_port
from tests.support.certificates import Certificates
from tests.support.processes import ChildProcess, port_answers, wait_for

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

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until its port answers."""
        self.launch()
        self.wait_listening()

    def launch(self) -> None:
        """Start it; does not wait."""
        self._process = self._make()
        self._process.start()

    def wait_listening(self) -> None:
        """Wait until its port answers."""
        process = self._process
        assert process is not None
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
        return ChildProcess("tansu", embedded_command(self.port), self.folder / "tansu.log")


class KafkaBroker(Broker):
    """Apache Kafka, one node that is broker and controller; its data outlive a restart."""

    kind: Kind = "kafka"

    def __init__(self, folder: Path, jars: Path) -> None:
        super().__init__(folder)
        self.scram_port = self.mutual_port = self.expired_port = 0
        self._java = kafka_java(jars)
        self._config = prepare_kafka(self._java, folder, self.port)

    def secure(self, certificates: Certificates) -> None:
        """Listen for SCRAM and for clients with certificates too; before it is started.

        A third listener shows a certificate that is over.

        Args:
            certificates: The broker's, and the authority that clients' are signed by.
        """
        self.scram_port, self.mutual_port, self.expired_port = (free_port() for _ in range(3))
        text = self._config.read_text()
        ports = (
            f",SCRAM://127.0.0.1:{self.scram_port},MUTUAL://127.0.0.1:{self.mutual_port}"
            f",EXPIRED://127.0.0.1:{self.expired_port}"
        )
        for name in ("listeners=", "advertised.listeners="):
            text = re.sub(rf"(?m)^({re.escape(name)}.*)$", rf"\1{ports}", text)
        text = re.sub(
            r"(?m)^(listener.security.protocol.map=.*)$",
            r"\1,SCRAM:SASL_SSL,MUTUAL:SSL,EXPIRED:SSL",
            text,
        )
        module = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        self._config.write_text(
            f"{text}\nssl.keystore.type=PEM\nssl.keystore.location={certificates.broker}\n"
            f"ssl.truststore.type=PEM\nssl.truststore.location={certificates.authority}\n"
            "listener.name.mutual.ssl.client.auth=required\n"
            f"listener.name.expired.ssl.keystore.type=PEM\n"
            f"listener.name.expired.ssl.keystore.location={certificates.expired_broker}\n"
            "listener.name.scram.sasl.enabled.mechanisms=SCRAM-SHA-512\n"
            f"listener.name.scram.scram-sha-512.sasl.jaas.config={module}\n"
        )

    def authorize(self) -> None:
        """Refuse everybody what no list allows, but for who comes by the open listener; before it
        is started.
        """
        with self._config.open("a") as config:
            config.write(
                "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n"
                "super.users=User:ANONYMOUS\n"
            )

    def change_acls(self, lines: Iterable[str]) -> None:
        """Carry out lines of `matcher-stream topics acls`, as an administrator's shell would."""
        for line in lines:
            program, *rest = shlex.split(line)
            assert program == "kafka-acls.sh", line
            rest[rest.index("--bootstrap-server") + 1] = self.url
            who = rest.index("--command-config")
            del rest[who : who + 2]
            self.tool("org.apache.kafka.tools.AclCommand", *rest)

    def add_user(self, name: str, password: str) -> None:
        """Let somebody in by SCRAM."""
        self.tool(
            "kafka.admin.ConfigCommand", "--bootstrap-server", self.url, "--alter",
            "--entity-type", "users", "--entity-name", name,
            "--add-config", f"SCRAM-SHA-512=[password={password}]",
        )  # fmt: skip

    def configure_topic(self, topic: str, key: str, value: str | None) -> None:
        """Set one configuration of a topic, or take it back (None)."""
        change = ["--delete-config", key] if value is None else ["--add-config", f"{key}={value}"]
        self.tool(
            "kafka.admin.ConfigCommand", "--bootstrap-server", self.url, "--alter",
            "--entity-type", "topics", "--entity-name", topic, *change,
        )  # fmt: skip

    def tool(self, *arguments: str, given: str = "", env: Mapping[str, str] | None = None) -> str:
        """Run one of Apache Kafka's own tools; returns what it says.

        Args:
            arguments: Its class, and what it is told.
            given: Its standard input.
            env: More of its environment.
        """
        done = subprocess.run(
            [*self._java, *arguments], input=given, capture_output=True, text=True, check=False,
            timeout=120, env={**os.environ, **(env or {})},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _make(self) -> ChildProcess:
        command = [*self._java, "kafka.Kafka", str(self._config)]
        return ChildProcess("kafka", command, self.folder / "kafka.log")


def kafka_jars() -> Path | None:
    """The folder with Apache Kafka's jars (KAFKA_JARS, else .kafka), None if there is none."""
    named = os.environ.get("KAFKA_JARS")
    for root in [Path(named)] if named else [ROOT / ".kafka"]:
        found = next(iter(root.rglob("kafka_2.13-*.jar")), None) if root.is_dir() else None
        if found is not None:
            return found.parent
    return None
