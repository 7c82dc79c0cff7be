"""A risky ad reaches nobody until a reviewer has said so, for exactly the words they read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from schemas import HeldJob
from tests.support.brokers import Broker
from tests.support.deployment import Deployment
from tests.support.kafka_io import last_by_key, publish, wait_until
from tests.support.scenario import partition_of
from tests.support.vetting import GOOD, PERSON, RISKY, decide, hash_of, in_review, ranked_for, send


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


async def test_a_held_ad_reaches_nobody_until_it_is_released(shared: Deployment) -> None:
    await send(shared, shared.names.profiles, "a-persona", PERSON)
    await send(shared, shared.names.jobs, "a-buen-aviso", GOOD)
    await send(shared, shared.names.jobs, "a-dudoso", RISKY)
    ranked = await ranked_for(shared, "a-persona")
    assert "a-buen-aviso" in ranked
    assert "a-dudoso" not in ranked
    event = await in_review(shared, "a-dudoso")
    held = HeldJob.model_validate(event)
    assert held.content_hash == hash_of("a-dudoso", RISKY)
    assert held.reasons[0].text
    await decide(shared, "a-dudoso", "release", held.content_hash)
    assert "a-dudoso" in await ranked_for(shared, "a-persona")
    assert await in_review(shared, "a-dudoso") is None
    told = (await last_by_key(shared.broker, shared.names.matches))[b"a-persona"].json
    assert told["cause"] == "decision"


async def test_a_rejected_ad_stays_away_and_its_edit_is_read_again(shared: Deployment) -> None:
    await send(shared, shared.names.profiles, "b-persona", PERSON)
    await send(shared, shared.names.jobs, "b-dudoso", RISKY)
    await decide(shared, "b-dudoso", "reject", hash_of("b-dudoso", RISKY))
    assert "b-dudoso" not in await ranked_for(shared, "b-persona")
    assert await in_review(shared, "b-dudoso") is None
    edited = {**RISKY, "description": RISKY["description"] + " Solo esta semana."}
    await send(shared, shared.names.jobs, "b-dudoso", edited)
    assert await in_review(shared, "b-dudoso") is not None, "a decision is for the words it names"
    harmless = {**RISKY, "description": "Limpieza de casas por días", "employer": "B"}
    await send(shared, shared.names.jobs, "b-dudoso", harmless)
    assert "b-dudoso" in await ranked_for(shared, "b-persona")
    assert await in_review(shared, "b-dudoso") is None


async def test_a_decision_may_come_before_its_ad(shared: Deployment) -> None:
    await send(shared, shared.names.profiles, "c-persona", PERSON)
    await decide(shared, "c-dudoso", "release", hash_of("c-dudoso", RISKY))
    await shared.drained()
    await send(shared, shared.names.jobs, "c-dudoso", RISKY)
    assert "c-dudoso" in await ranked_for(shared, "c-persona")
    await send(shared, shared.names.decisions, "c-dudoso", None)
    assert "c-dudoso" not in await ranked_for(shared, "c-persona")
    assert await in_review(shared, "c-dudoso") is not None


async def test_a_decision_may_be_taken_back_by_a_null_that_went_astray(shared: Deployment) -> None:
    await send(shared, shared.names.profiles, "j-persona", PERSON)
    await send(shared, shared.names.jobs, "j-dudoso", RISKY)
    await decide(shared, "j-dudoso", "release", hash_of("j-dudoso", RISKY))
    assert "j-dudoso" in await ranked_for(shared, "j-persona")
    count = shared.settings.partitions
    wrong = (partition_of(b"j-dudoso", count) + 1) % count
    await publish(shared.broker, shared.names.decisions, "j-dudoso", None, partition=wrong)
    assert "j-dudoso" not in await ranked_for(shared, "j-persona")
    await shared.verified(sample=0)


async def test_a_rejection_stops_an_ad_that_nobody_held(shared: Deployment) -> None:
    await send(shared, shared.names.profiles, "d-persona", PERSON)
    await send(shared, shared.names.jobs, "d-aviso", GOOD)
    assert "d-aviso" in await ranked_for(shared, "d-persona")
    await decide(shared, "d-aviso", "reject", hash_of("d-aviso", GOOD))
    assert "d-aviso" not in await ranked_for(shared, "d-persona")


async def test_an_active_ad_that_turns_risky_leaves_the_rankings(shared: Deployment) -> None:
    await send(shared, shared.names.profiles, "e-persona", PERSON)
    await send(shared, shared.names.jobs, "e-aviso", GOOD)
    assert "e-aviso" in await ranked_for(shared, "e-persona")
    await send(shared, shared.names.jobs, "e-aviso", RISKY)
    assert "e-aviso" not in await ranked_for(shared, "e-persona")
    assert await in_review(shared, "e-aviso") is not None
    await send(shared, shared.names.jobs, "e-aviso", None)
    assert await in_review(shared, "e-aviso") is None


async def test_a_held_ad_ends_like_any_other(shared: Deployment) -> None:
    ends = {**RISKY, "expires_at": int(time.time() * 1000) + 3_000}
    await send(shared, shared.names.jobs, "f-dudoso", ends)

    async def gone() -> bool:
        last = await last_by_key(shared.broker, shared.names.review)
        record = last.get(b"f-dudoso")
        return record is not None and record.value is None

    await wait_until(gone, 30, "the held ad expires")
    await decide(shared, "f-dudoso", "release", hash_of("f-dudoso", ends))
    await shared.verified(sample=0)
