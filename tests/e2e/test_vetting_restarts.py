"""A gate that changes, and a worker that dies: risky ads stay where reviewers put them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.e2e.conftest import Deploy
from tests.support.kafka_io import last_by_key, read_all, wait_until
from tests.support.vetting import (
    GOOD,
    OTHER_RISKY,
    PERSON,
    RISKY,
    decide,
    hash_of,
    in_review,
    ranked_for,
    send,
)

pytestmark = pytest.mark.kafka_only


async def test_another_gate_vets_what_stands_anew(deploy: Deploy) -> None:
    deployment = await deploy()
    [worker] = deployment.start(MATCHER_VETTING="false")
    await send(deployment, deployment.names.profiles, "g-persona", PERSON)
    await send(deployment, deployment.names.jobs, "g-dudoso", RISKY)
    assert "g-dudoso" in await ranked_for(deployment, "g-persona")
    worker.stop()
    deployment.start(MATCHER_VETTING="true")

    async def held() -> bool:
        return await in_review(deployment, "g-dudoso") is not None

    await wait_until(held, 60, "the ad is held")
    assert "g-dudoso" not in await ranked_for(deployment, "g-persona")
    await deployment.verified(sample=0)


async def test_a_change_that_was_told_and_not_noted_is_taken_back(deploy: Deploy) -> None:
    """A new gate holds an ad and dies before it notes so; the old gate comes back."""
    deployment = await deploy(vetting=False)
    [worker] = deployment.start()
    await send(deployment, deployment.names.profiles, "i-persona", PERSON)
    await send(deployment, deployment.names.jobs, "i-dudoso", RISKY)
    assert "i-dudoso" in await ranked_for(deployment, "i-persona")
    worker.stop()
    worker.set(MATCHER_VETTING="true", MATCHER_FAULT="jobs.after_fanout:1")
    worker.start()
    assert await asyncio.to_thread(worker.wait_end, 60) == -9, worker.tail()
    worker.set(MATCHER_VETTING="false", MATCHER_FAULT="")
    worker.start()
    worker.wait_ready()
    assert "i-dudoso" in await ranked_for(deployment, "i-persona")
    assert await in_review(deployment, "i-dudoso") is None
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

    await send(deployment, names.profiles, "h-persona", PERSON)
    for name, words in (("h-suelto", RISKY), ("h-dudoso", OTHER_RISKY)):
        await send(deployment, names.jobs, name, GOOD)
        await send(deployment, names.jobs, name, words)
        await held(name)
    await decide(deployment, "h-suelto", "release", hash_of("h-suelto", RISKY))
    await decide(deployment, "h-dudoso", "release", hash_of("h-dudoso", OTHER_RISKY))
    await shown("h-suelto", "h-dudoso")
    await send(deployment, names.decisions, "h-dudoso", None)
    await shown("h-suelto")
    before = await read_all(deployment.broker, names.matches)
    worker.kill9()
    worker.set(BROKER_COMMIT_INTERVAL="0.2")
    worker.start()
    worker.wait_ready()
    await deployment.verified(sample=0)
    after = await read_all(deployment.broker, names.matches)
    assert not {r.headers["ce_id"] for r in after} - {r.headers["ce_id"] for r in before}
    await decide(deployment, "h-dudoso", "release", hash_of("h-dudoso", OTHER_RISKY))
    await shown("h-suelto", "h-dudoso")
    await deployment.verified(sample=0)
