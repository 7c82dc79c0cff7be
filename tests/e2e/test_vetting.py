"""A risky ad reaches nobody until a reviewer has said so, for exactly the words they read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from models.reading.text import content_hash
from schemas import HeldJob, parse_job
from tests.e2e.conftest import Deploy
from tests.support.brokers import Broker
from tests.support.deployment import Deployment
from tests.support.kafka_io import last_by_key, publish, read_all, wait_until
from tests.support.scenario import partition_of

PERSON = {"text": "limpio casas y oficinas, lavo y plancho", "ubigeo": "150110"}
GOOD = {"title": "Limpieza de oficinas", "description": "Limpiar oficinas de día", "employer": "A"}
RISKY = {
    "title": "Limpieza de casas",
    "description": "Para separar tu vacante de limpieza deposita S/ 80 por Yape antes de empezar.",
}
OTHER_RISKY = {
    "title": "Lavandería de hotel",
    "description": "Lavar y planchar. El uniforme se paga antes: S/ 120 por depósito.",
}


@pytest.fixture(scope="module")
def shared(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """One deployment with one worker for the whole module."""
    deployment = Deployment(broker, tmp_path_factory.mktemp("vetting"))
    try:
        asyncio.run(deployment.create_topics())
        deployment.start(BROKER_COMMIT_INTERVAL="0.2")
        yield deployment
    finally:
        deployment.reap()


async def _send(on: Deployment, topic: str, name: str, fields: dict[str, Any] | None) -> None:
    field = "profile_id" if topic == on.names.profiles else "job_id"
    value = None if fields is None else {field: name, **fields}
    await publish(on.broker, topic, name, value)


def _hash(name: str, fields: dict[str, Any]) -> str:
    raw = orjson.dumps({"job_id": name, **fields})
    return content_hash(parse_job(name.encode(), raw)).hex()


async def _decide(on: Deployment, name: str, decision: str, content: str) -> None:
    said = {"decision": decision, "content_hash": content, "reviewer": "prueba"}
    await _send(on, on.names.decisions, name, said)


async def _ranked(on: Deployment, person: str) -> list[str]:
    """Every ad that a person's ranking names, near-duplicates too."""
    await on.drained()
    told = (await last_by_key(on.broker, on.names.matches))[person.encode()].json
    entries = told["entries"]
    return [name for e in entries for name in (e["job_id"], *e.get("similar", ()))]


async def _waiting(on: Deployment, job: str) -> dict[str, Any] | None:
    """What the review topic says of a job: an event, or None for a null."""
    await on.drained()
    record = (await last_by_key(on.broker, on.names.review)).get(job.encode())
    return None if record is None or record.value is None else dict(record.json)


async def test_a_held_ad_reaches_nobody_until_it_is_released(shared: Deployment) -> None:
    await _send(shared, shared.names.profiles, "a-persona", PERSON)
    await _send(shared, shared.names.jobs, "a-buen-aviso", GOOD)
    await _send(shared, shared.names.jobs, "a-dudoso", RISKY)
    ranked = await _ranked(shared, "a-persona")
    assert "a-buen-aviso" in ranked
    assert "a-dudoso" not in ranked
    event = await _waiting(shared, "a-dudoso")
    held = HeldJob.model_validate(event)
    assert held.content_hash == _hash("a-dudoso", RISKY)
    assert held.reasons[0].text
    await _decide(shared, "a-dudoso", "release", held.content_hash)
    assert "a-dudoso" in await _ranked(shared, "a-persona")
    assert await _waiting(shared, "a-dudoso") is None
    told = (await last_by_key(shared.broker, shared.names.matches))[b"a-persona"].json
    assert told["cause"] == "decision"


async def test_a_rejected_ad_stays_away_and_its_edit_is_read_again(shared: Deployment) -> None:
    await _send(shared, shared.names.profiles, "b-persona", PERSON)
    await _send(shared, shared.names.jobs, "b-dudoso", RISKY)
    await _decide(shared, "b-dudoso", "reject", _hash("b-dudoso", RISKY))
    assert "b-dudoso" not in await _ranked(shared, "b-persona")
    assert await _waiting(shared, "b-dudoso") is None
    edited = {**RISKY, "description": RISKY["description"] + " Solo esta semana."}
    await _send(shared, shared.names.jobs, "b-dudoso", edited)
    assert await _waiting(shared, "b-dudoso") is not None, "a decision is for the words it names"
    harmless = {**RISKY, "description": "Limpieza de casas por días", "employer": "B"}
    await _send(shared, shared.names.jobs, "b-dudoso", harmless)
    assert "b-dudoso" in await _ranked(shared, "b-persona")
    assert await _waiting(shared, "b-dudoso") is None


async def test_a_decision_may_come_before_its_ad(shared: Deployment) -> None:
    await _send(shared, shared.names.profiles, "c-persona", PERSON)
    await _decide(shared, "c-dudoso", "release", _hash("c-dudoso", RISKY))
    await shared.drained()
    await _send(shared, shared.names.jobs, "c-dudoso", RISKY)
    assert "c-dudoso" in await _ranked(shared, "c-persona")
    await _send(shared, shared.names.decisions, "c-dudoso", None)
    assert "c-dudoso" not in await _ranked(shared, "c-persona")
    assert await _waiting(shared, "c-dudoso") is not None


async def test_a_decision_may_be_taken_back_by_a_null_that_went_astray(shared: Deployment) -> None:
    await _send(shared, shared.names.profiles, "j-persona", PERSON)
    await _send(shared, shared.names.jobs, "j-dudoso", RISKY)
    await _decide(shared, "j-dudoso", "release", _hash("j-dudoso", RISKY))
    assert "j-dudoso" in await _ranked(shared, "j-persona")
    count = shared.settings.partitions
    wrong = (partition_of(b"j-dudoso", count) + 1) % count
    await publish(shared.broker, shared.names.decisions, "j-dudoso", None, partition=wrong)
    assert "j-dudoso" not in await _ranked(shared, "j-persona")
    await shared.verified(sample=0)


async def test_a_rejection_stops_an_ad_that_nobody_held(shared: Deployment) -> None:
    await _send(shared, shared.names.profiles, "d-persona", PERSON)
    await _send(shared, shared.names.jobs, "d-aviso", GOOD)
    assert "d-aviso" in await _ranked(shared, "d-persona")
    await _decide(shared, "d-aviso", "reject", _hash("d-aviso", GOOD))
    assert "d-aviso" not in await _ranked(shared, "d-persona")


async def test_an_active_ad_that_turns_risky_leaves_the_rankings(shared: Deployment) -> None:
    await _send(shared, shared.names.profiles, "e-persona", PERSON)
    await _send(shared, shared.names.jobs, "e-aviso", GOOD)
    assert "e-aviso" in await _ranked(shared, "e-persona")
    await _send(shared, shared.names.jobs, "e-aviso", RISKY)
    assert "e-aviso" not in await _ranked(shared, "e-persona")
    assert await _waiting(shared, "e-aviso") is not None
    await _send(shared, shared.names.jobs, "e-aviso", None)
    assert await _waiting(shared, "e-aviso") is None


async def test_a_held_ad_ends_like_any_other(shared: Deployment) -> None:
    ends = {**RISKY, "expires_at": int(time.time() * 1000) + 3_000}
    await _send(shared, shared.names.jobs, "f-dudoso", ends)

    async def gone() -> bool:
        last = await last_by_key(shared.broker, shared.names.review)
        record = last.get(b"f-dudoso")
        return record is not None and record.value is None

    await wait_until(gone, 30, "the held ad expires")
    await _decide(shared, "f-dudoso", "release", _hash("f-dudoso", ends))
    await shared.verified(sample=0)


async def test_another_gate_vets_what_stands_anew(deploy: Deploy) -> None:
    deployment = await deploy()
    [worker] = deployment.start(MATCHER_VETTING="false")
    await _send(deployment, deployment.names.profiles, "g-persona", PERSON)
    await _send(deployment, deployment.names.jobs, "g-dudoso", RISKY)
    assert "g-dudoso" in await _ranked(deployment, "g-persona")
    worker.stop()
    deployment.start(MATCHER_VETTING="true")

    async def held() -> bool:
        return await _waiting(deployment, "g-dudoso") is not None

    await wait_until(held, 60, "the ad is held")
    assert "g-dudoso" not in await _ranked(deployment, "g-persona")
    await deployment.verified(sample=0)


async def test_a_change_that_was_told_and_not_noted_is_taken_back(deploy: Deploy) -> None:
    """A new gate holds an ad and dies before it notes so; the old gate comes back."""
    deployment = await deploy(vetting=False)
    [worker] = deployment.start()
    await _send(deployment, deployment.names.profiles, "i-persona", PERSON)
    await _send(deployment, deployment.names.jobs, "i-dudoso", RISKY)
    assert "i-dudoso" in await _ranked(deployment, "i-persona")
    worker.stop()
    worker.set(MATCHER_VETTING="true", MATCHER_FAULT="jobs.after_fanout:1")
    worker.start()
    assert await asyncio.to_thread(worker.wait_end, 60) == -9, worker.tail()
    worker.set(MATCHER_VETTING="false", MATCHER_FAULT="")
    worker.start()
    worker.wait_ready()
    assert "i-dudoso" in await _ranked(deployment, "i-persona")
    assert await _waiting(deployment, "i-dudoso") is None
    await deployment.verified(sample=0)


async def test_ads_and_decisions_read_a_second_time_change_nothing(deploy: Deploy) -> None:
    """All of it is read again after a crash, in two topics of which either may be faster."""
    deployment = await deploy()
    [worker] = deployment.start(BROKER_COMMIT_INTERVAL="3600")
    names = deployment.names

    async def told(topic: str, name: str) -> Any:
        record = (await last_by_key(deployment.broker, topic)).get(name.encode())
        return record and record.json

    async def shown(*jobs: str) -> None:
        async def done() -> bool:
            ranking = await told(names.matches, "h-persona") or {"entries": []}
            return {entry["job_id"] for entry in ranking["entries"]} == set(jobs)

        await wait_until(done, 60, f"a ranking of {jobs}")

    async def held(name: str) -> None:
        async def done() -> bool:
            return await told(names.review, name) is not None

        await wait_until(done, 60, f"{name} is held")

    await _send(deployment, names.profiles, "h-persona", PERSON)
    for name, words in (("h-suelto", RISKY), ("h-dudoso", OTHER_RISKY)):
        await _send(deployment, names.jobs, name, GOOD)
        await _send(deployment, names.jobs, name, words)
        await held(name)
    await _decide(deployment, "h-suelto", "release", _hash("h-suelto", RISKY))
    await _decide(deployment, "h-dudoso", "release", _hash("h-dudoso", OTHER_RISKY))
    await shown("h-suelto", "h-dudoso")
    await _send(deployment, names.decisions, "h-dudoso", None)
    await shown("h-suelto")
    before = await read_all(deployment.broker, names.matches)
    worker.kill9()
    worker.set(BROKER_COMMIT_INTERVAL="0.2")
    worker.start()
    worker.wait_ready()
    await deployment.verified(sample=0)
    after = await read_all(deployment.broker, names.matches)
    assert not {r.headers["ce_id"] for r in after} - {r.headers["ce_id"] for r in before}
    await _decide(deployment, "h-dudoso", "release", _hash("h-dudoso", OTHER_RISKY))
    await shown("h-suelto", "h-dudoso")
    await deployment.verified(sample=0)
