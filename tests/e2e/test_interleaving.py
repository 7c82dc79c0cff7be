"""A challenger's rankings are drawn into the champion's, on a real broker."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.e2e.conftest import Deploy
from tests.support.brokers import Broker
from tests.support.deployment import Deployment
from tests.support.kafka_io import Send, last_by_key, publish_all, read_all, wait_until

PEOPLE = 16
TITLES = ("Ayudante de cocina", "Ayudante de almacén", "Ayudante de limpieza", "Vendedor",
          "Mozo de restaurante", "Ayudante de albañil", "Cargador", "Volantero")  # fmt: skip

pytestmark = pytest.mark.kafka_only


async def _publish(old: Deployment, words: str) -> None:
    """People who would do anything, and ads near and far: distance is the champion's alone, so that
    the two rankings differ by more than a CPU does in its last digits.
    """
    prefix = old.settings.topic_prefix
    ads: list[dict[str, Any]] = [
        {"job_id": f"j{i}", "title": title, "ubigeo": ("150123", "150110")[i % 2]}
        for i, title in enumerate(TITLES)
    ]
    people: list[dict[str, Any]] = [
        {"profile_id": f"p{i}", "text": words, "ubigeo": "150110", "consent_training": i % 2 == 0}
        for i in range(PEOPLE)
    ]
    sends = [Send(f"{prefix}.jobs.v1", ad["job_id"].encode(), orjson.dumps(ad)) for ad in ads]
    sends += [
        Send(f"{prefix}.profiles.v1", who["profile_id"].encode(), orjson.dumps(who))
        for who in people
    ]
    await publish_all(old.broker, sends)


async def _told(old: Deployment) -> dict[str, Any]:
    found = await last_by_key(old.broker, old.names.matches)
    return {key.decode(): record.json for key, record in found.items() if record.value}


def _drafts(told: dict[str, Any]) -> set[str]:
    return {name for name, event in told.items() if event.get("challenger")}


async def test_a_challenger_comes_and_is_drawn_in_whoever_dies(
    deploy: Deploy, broker: Broker, tmp_path: Path
) -> None:
    new = Deployment(broker, tmp_path, deployment="b", shadow=True, ranker="dense",
                     score_threshold=0.0, top_k=5)  # fmt: skip
    old = await deploy(
        beside=new, interleave_with=new.app_id, interleave_share=1.0, top_k=5, score_threshold=0.02
    )
    try:
        await asyncio.to_thread(old.start)
        await _publish(old, "busco cualquier trabajo de ayudante")
        await old.verified(sample=0)
        assert not _drafts(await _told(old)), "the challenger is not there, and nobody waits"

        await new.create_topics()
        await asyncio.to_thread(new.start)
        await new.verified(sample=0)

        async def drawn_in() -> bool:
            return len(_drafts(await _told(old))) >= PEOPLE // 4

        await wait_until(drawn_in, 90.0, "drafts are told", every=0.5)
        (worker,) = old.running
        worker.kill9()
        worker.start()
        await asyncio.to_thread(worker.wait_ready)
        await _publish(old, "necesito trabajo de ayudante, cualquiera")
        await new.verified(sample=0)
        await old.drained()
        await wait_until(drawn_in, 90.0, "drafts are told again", every=0.5)
        report = await old.verified(sample=0)
        assert report.counts["rankings with another drawn in"]

        told = await _told(old)
        assert all(int(name[1:]) % 2 == 0 for name in _drafts(told)), "who did not agree"
        for event in told.values():
            assert event.get("challenger") in (None, new.app_id)
        revisions: dict[bytes | None, dict[int, bytes]] = {}
        for record in await read_all(broker, old.names.matches):
            assert record.headers["ce_source"] == old.app_id.encode()
            seen = revisions.setdefault(record.key, {})
            number = record.json["revision"]
            assert number >= max(seen, default=0)
            assert seen.setdefault(number, record.value or b"") == record.value
    finally:
        new.reap()
