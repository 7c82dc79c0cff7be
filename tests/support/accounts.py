"""A broker where everybody signs in, and what each account does there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError

from matcher_stream.config.acls import Role, commands, roles
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.security import client_options
from tests.support.brokers import ROOT, KafkaBroker, kafka_jars
from tests.support.certificates import PASSWORD, Certificates, make_certificates
from tests.support.deployment import Deployment
from tests.support.explainer import ExplainerProcess
from tests.support.kafka_io import wait_until
from tests.support.worker import WorkerProcess

PARTITIONS: Final = 2
#: How long a worker may take to say what is wrong, its start and a busy machine included.
SECONDS: Final = 120.0
NAMES: Final = (
    "publisher",
    "matcher",
    "explainer",
    "notifier",
    "employer",
    "reviewer",
    "operator",
    "data-officer",
)
WHO: Final = ("--command-config", "admin.properties")


class Town:
    """A broker where everybody signs in, with the lists of `matcher-stream topics acls` in force.

    Args:
        broker: Started, with an authorizer.
        made: Its certificates.
        folder: Takes data and logs.
    """

    def __init__(self, broker: KafkaBroker, made: Certificates, folder: Path) -> None:
        self.broker, self.made, self.folder = broker, made, folder
        self.plain = plain = Deployment(broker, folder, PARTITIONS)
        self.prefix = plain.prefix
        self.names = plain.names
        self.app_id = plain.app_id
        explainer = TopicNames(plain.settings, f"{self.prefix}-explainer")
        self.roles: dict[str, Role] = {
            role.name: role for role in roles(self.prefix, self.names, explainer)
        }

    def user(self, role: str) -> str:
        return f"{self.prefix}-{role}"

    def as_(self, role: str, **others: Any) -> Deployment:
        """Settings and processes of one account."""
        given = {
            "topic_prefix": self.prefix, "security_protocol": "SASL_SSL",
            "broker_url": f"kafka://127.0.0.1:{self.broker.scram_port}",
            "sasl_username": self.user(role), "sasl_password": PASSWORD,
            "ssl_cafile": self.made.authority, **others,
        }  # fmt: skip
        return Deployment(self.broker, self.folder, PARTITIONS, **given)

    def admit(self, *names: str) -> None:
        """Make accounts, all if none is named, and carry out what the command writes for them."""
        lines = run_cli({"MATCHER_TOPIC_PREFIX": self.prefix}, "topics", "acls").stdout.splitlines()
        for role in names or NAMES:
            who = f"User:{self.user(role)}"
            mine = [line for line in lines if line[0] != "#" and who in shlex.split(line)]
            self.broker.change_acls(mine)
            self.broker.add_user(self.user(role), PASSWORD)

    def change(self, role: str, grant: int, action: Any) -> None:
        """Take one right of a role away, or give it back."""
        tool = ("kafka-acls.sh", "--bootstrap-server", self.broker.url, *WHO)
        self.broker.change_acls([commands(self.roles[role], self.user(role), tool, action)[grant]])

    def cli(self, role: str, *arguments: str, **others: Any) -> subprocess.CompletedProcess[str]:
        """One command of ours as one account."""
        return run_cli(self.as_(role, **others)._env, *arguments)

    def worker(self, role: str = "matcher", **others: Any) -> WorkerProcess:
        """A worker, or an explainer, that signs in as somebody; not started."""
        worker = self.as_(role, **others).worker()
        if role == "explainer":
            worker = ExplainerProcess(f"{self.prefix}-explainer", self.folder, worker._env or {})
        worker.set(MATCHER_WEB_PORT=str(worker.port))
        return worker


def run_cli(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).parent / "matcher-stream")
    return subprocess.run(
        [program, *arguments], env={**os.environ, **env}, capture_output=True, text=True,
        check=False, timeout=SECONDS, cwd=ROOT,
    )  # fmt: skip


async def reads(settings: Any, topic: str) -> bool:
    """Whether the record in the first partition can be had; what may not be seen cannot be."""
    consumer = AIOKafkaConsumer(**client_options(settings), auto_offset_reset="earliest")
    await consumer.start()
    try:
        seen = await consumer._client.fetch_all_metadata()
        if not seen.partitions_for_topic(topic):
            return False
        consumer.assign([TopicPartition(topic, 0)])

        async def fetched() -> bool:
            return bool(await consumer.getmany(timeout_ms=1000))

        await wait_until(fetched, SECONDS, f"a record of {topic}")
        return True
    except TopicAuthorizationFailedError:
        return False
    finally:
        await consumer.stop()


async def writes(settings: Any, topic: str) -> bool:
    """Whether a record is taken."""
    producer = AIOKafkaProducer(**client_options(settings), request_timeout_ms=10_000)
    await producer.start()
    try:
        await producer.send_and_wait(topic, b"{}", key=b"nadie", partition=0)
        return True
    except TopicAuthorizationFailedError:
        return False
    finally:
        await producer.stop()


async def send(
    town: Town, topic: str, key: bytes, value: bytes, partition: int | None = None
) -> None:
    """As nobody's account, by the open listener."""
    producer = AIOKafkaProducer(bootstrap_servers=town.broker.url)
    await producer.start()
    try:
        await producer.send_and_wait(topic, value, key=key, partition=partition)
    finally:
        await producer.stop()


async def told_to_notifier(town: Town) -> dict[str, set[bytes]]:
    """What the notifier's account reads by a group of its own."""
    told = [town.names.matches, town.names.explanations]
    consumer = AIOKafkaConsumer(
        *told, **client_options(town.as_("notifier").settings),
        group_id=f"{town.prefix}-notifier-1", auto_offset_reset="earliest",
    )  # fmt: skip
    await consumer.start()
    seen: dict[str, set[bytes]] = {name: set() for name in told}

    async def all_told() -> bool:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            for record in records:
                if record.topic == told[1] or orjson.loads(record.value)["entries"]:
                    seen[record.topic].add(record.key)
        return all(seen.values())

    try:
        await wait_until(all_told, SECONDS, "matches and explanations")
    finally:
        await consumer.stop()
    return seen


def properties(town: Town, name: str, **changed: str) -> Path:
    """A file that other teams are given, at our broker's address."""
    text = (ROOT / "deploy" / "kafka" / "clients" / name).read_text()
    for key, value in {
        "bootstrap.servers": f"127.0.0.1:{town.broker.scram_port}",
        "ssl.truststore.location": str(town.made.authority),
        **{key.replace("_", "."): value for key, value in changed.items()},
    }.items():
        text, count = re.subn(rf"(?m)^{re.escape(key)}=.*$", f"{key}={value}", text)
        assert count == 1, key
    made = town.folder / name
    made.write_text(text)
    return made


@contextmanager
def opened(folders: pytest.TempPathFactory) -> Iterator[Town]:
    """A town whose broker runs and has admitted nobody; skips where there is no Apache Kafka."""
    jars = kafka_jars()
    if jars is None:
        pytest.skip("Apache Kafka is not here: `make kafka` gets it")
    made = make_certificates(folders.mktemp("certificates"))
    broker = KafkaBroker(folders.mktemp("broker"), jars)
    broker.secure(made)
    broker.authorize()
    try:
        broker.start()
        yield Town(broker, made, folders.mktemp("town"))
    finally:
        broker.reap()
