"""Brokers that ask who is there: TLS with SCRAM, and TLS with a certificate of the client's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from matcher_stream.config.topics import create_topics, public_specs
from matcher_stream.files.publish import producer
from schemas.errors import BrokerUnavailable
from tests.support.brokers import KafkaBroker, kafka_jars
from tests.support.certificates import PASSWORD, Certificates, make_certificates
from tests.support.deployment import Deployment
from tests.support.kafka_io import last_by_key

pytestmark = pytest.mark.kafka_only
USER = "emparejador"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def secured(made: Certificates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """Apache Kafka with three listeners; the test itself looks on through the open one."""
    jars = kafka_jars()
    if jars is None:
        pytest.skip("Apache Kafka is not here: `make kafka` gets it")
    broker = KafkaBroker(tmp_path_factory.mktemp("secured"), jars)
    broker.secure(made)
    try:
        broker.start()
        broker.add_user(USER, PASSWORD)
        yield broker
    finally:
        broker.reap()


def _scram(broker: KafkaBroker, made: Certificates) -> dict[str, Any]:
    return {
        "broker_url": f"kafka://127.0.0.1:{broker.scram_port}", "security_protocol": "SASL_SSL",
        "sasl_username": USER, "sasl_password": PASSWORD, "ssl_cafile": made.authority,
    }  # fmt: skip


def _mutual(broker: KafkaBroker, made: Certificates) -> dict[str, Any]:
    return {
        "broker_url": f"kafka://127.0.0.1:{broker.mutual_port}", "security_protocol": "SSL",
        "ssl_cafile": made.authority, "ssl_certfile": made.client, "ssl_keyfile": made.locked,
        "ssl_key_password": PASSWORD,
    }  # fmt: skip


@pytest.mark.parametrize("how", [_scram, _mutual])
async def test_a_worker_and_every_tool_get_in(
    secured: KafkaBroker, made: Certificates, tmp_path: Path, how: Any
) -> None:
    """Topics, worker, publishing, dead letters and verify, all through the secured listener."""
    deployment = Deployment(secured, tmp_path, **how(secured, made))
    try:
        await deployment.create_topics()
        deployment.start()
        names = deployment.names
        async with producer(deployment.settings) as sender:
            for topic, key, value in (
                (names.jobs, "obra", {"job_id": "obra", "title": "Albañil para asentar ladrillo"}),
                (names.profiles, "ana", {"profile_id": "ana", "text": "albañil, asiento ladrillo"}),
                (names.profiles, "beto", {"profile_id": "beto", "text": 7}),
            ):
                await sender.send_and_wait(topic, orjson.dumps(value), key=key.encode())
        report = await deployment.verified(sample=0)
        assert len(report.refused) == 1
        matches = await last_by_key(secured, names.matches)
        assert [entry["job_id"] for entry in matches[b"ana"].json["entries"]] == ["obra"]
        assert set(await last_by_key(secured, names.dlq(names.profiles))) == {b"beto"}
    finally:
        deployment.reap()


@pytest.mark.parametrize(
    ("how", "wrong"),
    [
        (_scram, {"sasl_password": "otra"}),
        (_scram, {"sasl_username": "nadie"}),
        (_scram, {"ssl_cafile": "stranger"}),
        (_scram, {"broker_url": "kafka://localhost:{port}"}),
        (_mutual, {"ssl_certfile": None}),
        (_mutual, {"ssl_cafile": "stranger"}),
    ],
)
async def test_who_is_not_who_they_say_gets_one_sentence(
    secured: KafkaBroker, made: Certificates, tmp_path: Path, how: Any, wrong: dict[str, Any]
) -> None:
    given = {**how(secured, made), **wrong}
    given["broker_url"] = given["broker_url"].format(port=secured.scram_port)
    if wrong.get("ssl_cafile"):
        given["ssl_cafile"] = made.stranger
    settings = Deployment(secured, tmp_path, **given).settings
    with pytest.raises(BrokerUnavailable) as told:
        await create_topics(settings, [])
    assert str(told.value).count(".") >= 1
    assert "MATCHER_S" in str(told.value)


async def test_the_host_s_name_may_be_left_unchecked(
    secured: KafkaBroker, made: Certificates, tmp_path: Path
) -> None:
    given = {**_scram(secured, made), "broker_url": f"kafka://localhost:{secured.scram_port}"}
    deployment = Deployment(secured, tmp_path, ssl_check_hostname=False, **given)
    made_topics = await create_topics(
        deployment.settings, public_specs(deployment.names, deployment.settings)
    )
    assert made_topics
