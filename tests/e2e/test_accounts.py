"""Accounts on Apache Kafka with TLS, SCRAM and an authorizer: each may do its job and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from matcher_stream.config.acls import Role
from matcher_stream.config.contract import partition_for, public_specs
from matcher_stream.config.topics import create_topics
from matcher_stream.local.processes import free_port
from tests.support.accounts import (
    NAMES,
    PARTITIONS,
    SECONDS,
    Town,
    opened,
    properties,
    reads,
    send,
    told_to_notifier,
    writes,
)
from tests.support.certificates import PASSWORD
from tests.support.kafka_io import last_by_key, read_all

pytestmark = pytest.mark.kafka_only


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with opened(tmp_path_factory) as found:
        found.admit()
        specs = public_specs(found.names, found.as_("operator").settings)
        asyncio.run(create_topics(found.as_("operator").settings, specs))
        yield found


async def test_each_account_does_its_job(town: Town, tmp_path: Path) -> None:
    """One person and two ads from publisher to notifier, past a reviewer, all by TLS and SCRAM."""
    people, ads = tmp_path / "people.jsonl", tmp_path / "ads.jsonl"
    people.write_text('{"profile_id": "ana", "text": "albañil, asiento ladrillo"}\n')
    risky = "Pagas 300 soles por tu uniforme antes de empezar; viaje y DNI los guardamos nosotros"
    ads.write_bytes(
        orjson.dumps({"job_id": "obra", "title": "Albañil para asentar ladrillo"})
        + b"\n"
        + orjson.dumps({"job_id": "trampa", "title": "Albañil", "description": risky})
    )
    half_dead = f"kafka://127.0.0.1:{free_port()},127.0.0.1:{town.broker.scram_port}"
    worker, explainer = town.worker(broker_url=half_dead), town.worker("explainer")
    try:
        for process in (worker, explainer):
            process.start()
        for process in (worker, explainer):
            process.wait_ready()
        assert town.cli("publisher", "publish", "jobs", str(ads)).returncode == 0
        assert town.cli("publisher", "publish", "profiles", str(people)).returncode == 0
        seen = await told_to_notifier(town)
        assert seen[town.names.matches] == {b"ana"}
        assert seen[town.names.explanations] == {b"ana:obra"}
        assert "trampa" in town.cli("reviewer", "review", "list").stdout
        said = town.cli("reviewer", "review", "reject", "trampa", "--reviewer", "turno-1")
        assert said.returncode == 0, said.stderr
        assert len(await read_all(town.broker, town.names.decisions)) == 1
        assert town.cli("operator", "topics", "describe").returncode == 0
        await town.plain.drained()
        verified = town.cli("operator", "verify")
        assert verified.returncode == 0, verified.stdout + verified.stderr
        erased = town.cli("data-officer", "person", "erase", "ana")
        assert erased.returncode == 0, erased.stdout + erased.stderr
        assert (await last_by_key(town.broker, town.names.matches))[b"ana"].value is None
    finally:
        worker.reap()
        explainer.reap()


@pytest.mark.parametrize("name", NAMES)
async def test_no_account_does_anything_else(town: Town, name: str) -> None:
    """Every topic is tried for reading and writing: what the list allows works, nothing else."""
    settings = town.as_(name).settings
    topics = [spec.name for spec in public_specs(town.names, settings)]
    may: dict[str, set[str]] = {"Read": set(), "Write": set()}
    for grant in town.roles[name].grants:
        for operation in may.keys() & set(grant.operations):
            if grant.kind == "topic":
                fits = grant.names if grant.pattern == "prefixed" else ()
                may[operation] |= {t for t in topics if t in grant.names or t.startswith(fits)}
    for topic in topics:
        await send(town, topic, b"nadie", b"{}", 0)
    did = {
        "Read": {topic for topic in topics if await reads(settings, topic)},
        "Write": {topic for topic in topics if await writes(settings, topic)},
    }
    assert did == may


def _grant(role: Role, operation: str, kind: str, name: str) -> int:
    """Which line gives a role that operation on that topic or group."""
    return next(
        number
        for number, grant in enumerate(role.grants)
        if operation in grant.operations and grant.kind == kind and name in grant.names
    )


@pytest.mark.parametrize(
    ("role", "operation", "kind", "topic", "said"),
    [
        ("matcher", "Read", "group", "", "usar el grupo"),
        ("matcher", "Read", "topic", "jobs", "leer el tema"),
        ("matcher", "Write", "topic", "matches", "escribir en el tema"),
        ("explainer", "Write", "topic", "explanations", "ver el tema"),
    ],
)
def test_a_worker_without_a_right_says_so_and_ends(
    town: Town, role: str, operation: str, kind: str, topic: str, said: str
) -> None:
    """It does not wait for ever for its group, nor find out at the first match."""
    app = town.app_id if role == "matcher" else f"{town.prefix}-explainer"
    name = getattr(town.names, topic) if topic else app
    number = _grant(town.roles[role], operation, kind, name)
    town.change(role, number, "--remove")
    worker = town.worker(role)
    try:
        worker.start()
        assert worker.wait_end(SECONDS) == 70
    finally:
        worker.reap()
        town.change(role, number, "--add")
    last = worker.tail(1)
    assert f"La cuenta {town.user(role)} no puede {said}" in last
    assert "matcher-stream topics acls" in last
    assert "Traceback" not in worker.tail(10)


def test_a_worker_with_a_wrong_password_says_so_and_ends(town: Town) -> None:
    worker = town.worker(sasl_password="no-es-esta-clave")
    try:
        worker.start()
        assert worker.wait_end(SECONDS) == 70
    finally:
        worker.reap()
    assert "no acepta el usuario o la contraseña" in worker.tail(1)
    assert "no-es-esta-clave" not in worker.log.read_text()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sasl_password": "no-es-esta-clave"}, "no acepta el usuario o la contraseña"),
        ({"sasl_mechanism": "SCRAM-SHA-256"}, "revise MATCHER_SASL_MECHANISM"),
        ({"ssl_cafile": "{stranger}"}, "autoridad desconocida: revise MATCHER_SSL_CAFILE"),
        ({"broker_url": "kafka://localhost:{scram}"}, "MATCHER_SSL_CHECK_HOSTNAME"),
        ({"broker_url": "127.0.0.1:{expired}", "security_protocol": "SSL"}, "certificado vencido"),
        (
            {
                "broker_url": "127.0.0.1:{mutual}", "security_protocol": "SSL",
                "ssl_certfile": "{late}",
            },
            "no acepta el certificado de este programa",
        ),
        ({"broker_url": "127.0.0.1:{dead},127.0.0.1:{dead}"}, "no responde"),
    ],
)  # fmt: skip
def test_who_is_not_let_in_gets_one_sentence(town: Town, wrong: dict[str, str], said: str) -> None:
    broker, made = town.broker, town.made
    places = {
        "scram": broker.scram_port, "mutual": broker.mutual_port, "expired": broker.expired_port,
        "dead": free_port(), "stranger": made.stranger, "late": made.expired_client,
    }  # fmt: skip
    given = {name: value.format(**places) for name, value in wrong.items()}
    done = town.cli("operator", "topics", "describe", **given)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "no-es-esta-clave" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("role", "command"),
    [
        ("notifier", ["topics", "create"]),
        ("publisher", ["watch", "matches", "--once"]),
        ("reviewer", ["publish", "jobs", "{file}"]),
        ("operator", ["publish", "jobs", "{file}"]),
        ("operator", ["person", "show", "ana"]),
    ],
)
def test_a_command_beyond_an_account_is_one_sentence(
    town: Town, tmp_path: Path, role: str, command: list[str]
) -> None:
    file = tmp_path / "ads.jsonl"
    file.write_text('{"job_id": "otra", "title": "Pintor de casas"}\n')
    done = town.cli(role, *[word.format(file=file) for word in command])
    assert done.returncode == 2, done.stderr
    assert f"La cuenta {town.user(role)} no puede" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


async def test_other_teams_files_publish_and_read(town: Town) -> None:
    """Kafka's own console tools with the files as they are: TLS, SCRAM, zstd, murmur2, groups."""
    publisher = properties(town, "producer.properties")
    account = {"KAFKA_USER": town.user("publisher"), "KAFKA_PASSWORD": PASSWORD}
    people = [f"per{number}" for number in range(20)]
    town.broker.tool(
        "org.apache.kafka.tools.ConsoleProducer", "--bootstrap-server",
        f"127.0.0.1:{town.broker.scram_port}", "--topic", town.names.profiles,
        "--command-config", str(publisher), "--reader-property", "parse.key=true",
        "--reader-property", "key.separator=|",
        env=account,
        given="".join(f'{p}|{{"profile_id": "{p}", "text": "pintor de casas"}}\n' for p in people),
    )  # fmt: skip
    found = {
        record.key.decode(): record.partition
        for record in await read_all(town.broker, town.names.profiles)
        if record.key and record.key.startswith(b"per")
    }
    assert found == {name: partition_for(name.encode(), PARTITIONS) for name in people}
    group = f"{town.prefix}-notifier-java"
    reader = properties(town, "consumer.properties", group_id=group)
    await send(town, town.names.matches, b"ana", b'{"entries": []}')
    account["KAFKA_USER"] = town.user("notifier")
    told = town.broker.tool(
        "org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server",
        f"127.0.0.1:{town.broker.scram_port}", "--topic", town.names.matches,
        "--command-config", str(reader), "--max-messages", "1", "--timeout-ms", "60000",
        env=account,
    )  # fmt: skip
    assert told.strip().startswith("{")  # one event, whichever comes first


def test_no_log_of_all_that_has_a_password(town: Town) -> None:
    """The last test of this file: nobody's, neither ours nor the broker's."""
    logs = [*town.folder.rglob("*.log"), *town.broker.folder.rglob("*.log")]
    assert len(logs) >= 3
    assert not [path for path in logs if PASSWORD in path.read_text(errors="replace")]
