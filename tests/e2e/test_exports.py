"""What people did goes to exports, and leaves them: a real worker, the commands themselves."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from matcher_stream.cli.group import run
from matcher_stream.config.settings import get_settings
from models.feedback.dataset import ROWS, load
from tables.rows import person_of
from tests.e2e.conftest import Deploy
from tests.support.deployment import Deployment
from tests.support.kafka_io import Send, last_by_key, publish_all

pytestmark = pytest.mark.embedded_only

WORDS = "albañil, asiento ladrillo y tarrajeo"


async def _told(town: Deployment, name: str) -> dict[str, Any]:
    told: dict[str, Any] = (await last_by_key(town.broker, town.names.matches))[name.encode()].json
    return told


async def _kept(town: Deployment) -> set[str]:
    """Of whom the table has something, as its changelog says."""
    rows = await last_by_key(town.broker, f"{town.app_id}-outcomes-changelog")
    return {person_of(key[2:]) for key, row in rows.items() if row.value is not None}


async def test_who_is_erased_is_gone_from_exports_of_before(
    deploy: Deploy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    town = await deploy()
    for name, value in town._env.items():
        if name.startswith(("MATCHER_", "BROKER_")):
            monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    town.start()
    names = town.names
    ad = {"job_id": "obra", "title": "Albañil para asentar ladrillo"}
    people = {
        name: {"profile_id": name, "text": WORDS, "consent_training": name != "carla"}
        for name in ("ana", "beto", "carla")
    }
    sends = [Send(names.jobs, b"obra", orjson.dumps(ad))]
    sends += [Send(names.profiles, name.encode(), orjson.dumps(p)) for name, p in people.items()]
    await publish_all(town.broker, sends)
    await town.drained()
    said = []
    for name in ("ana", "beto", "carla"):
        event = await _told(town, name)
        word = {"profile_id": name, "job_id": "obra", "revision": event["revision"], "rank": 1}
        for kind in ("shown", "applied"):
            raw = orjson.dumps({**word, "kind": kind, "surface": "sms"})
            said.append(Send(names.feedback, name.encode(), raw))
    before = await _told(town, "ana")
    await publish_all(town.broker, said)
    await town.drained()
    assert await _kept(town) == {"ana", "beto", "carla"}

    async def cli(*words: str) -> str:
        capfd.readouterr()
        code = await asyncio.to_thread(run, list(words))
        text = capfd.readouterr().out
        assert code == 0, text
        return text

    old, new = tmp_path / "datos" / "uno", tmp_path / "datos" / "dos"
    text = await cli("models", "feedback", "export", str(old))
    assert "Escritas 2 filas de 2 personas" in text
    assert "1 sin permiso" in text
    rows = load(old).rows
    assert {row.outcome for row in rows} == {"applied"}
    assert rows[0].components == before["entries"][0]["components"]

    await publish_all(town.broker, [Send(names.profiles, b"ana", None)])
    await town.drained()
    assert await _kept(town) == {"beto", "carla"}
    text = await cli("models", "feedback", "export", str(new))
    assert "Escritas 1 filas de 1 personas" in text
    assert "anteriores: 1 personas" in text
    assert len(load(new).rows) == len(load(old).rows) == 1, "the new export names her"
    assert len((old / ROWS).read_bytes().splitlines()) == 2
    text = await cli("models", "feedback", "prune", str(old.parent))
    assert "uno: quitadas 1 filas de 1 personas" in text
    assert len((old / ROWS).read_bytes().splitlines()) == len(load(old).rows) == 1
    get_settings.cache_clear()
