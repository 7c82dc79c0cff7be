"""Somebody asks what is held on a person: at the keyboard, on a broker."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson

from matcher_stream.config.contract import TopicNames
from matcher_stream.config.settings import get_settings
from matcher_stream.files.publish import producer
from tests.cli.conftest import Cli

ANA = {"profile_id": "ana-1", "text": "cocino menú y sopas", "ubigeo": "150110"}


def _write(kind: str, key: str, value: dict[str, Any] | None) -> None:
    topic = getattr(TopicNames(get_settings(), ""), kind)

    async def write() -> None:
        async with producer(get_settings()) as client:
            raw = None if value is None else orjson.dumps(value)
            await client.send_and_wait(topic, key=key.encode(), value=raw)

    asyncio.run(write())


def _told() -> None:
    """What a matcher and a notifier would have left, without either."""
    _write("profiles", "ana-1", {**ANA, "text": "cocino"})
    _write("profiles", "ana-1", ANA)
    _write("profiles", "beto", {"profile_id": "beto", "text": "albañil de obra"})
    _write("feedback", "ana-1", {"profile_id": "ana-1", "job_id": "taxi", "kind": "opened"})


def test_a_person_is_shown_and_nobody_else(call: Cli, broker_env: str) -> None:
    assert call("topics", "create").code == 0
    _told()
    told = call("person", "show", "ana-1")
    assert told.code == 0, told.err
    text = " ".join(told.out.split())
    for part in ("Perfil publicado", "cocino menú y sopas", "desaparece en 7 días", "opened",
                 "Se guarda 91 días", "queda, hasta que se compacten o venzan"):  # fmt: skip
        assert part in text, part
    assert "albañil" not in text


def test_an_export_is_json_that_only_its_owner_reads(
    call: Cli, broker_env: str, tmp_path: Path
) -> None:
    assert call("topics", "create").code == 0
    _told()
    path = tmp_path / "suyo.json"
    assert call("person", "export", "ana-1", "--out", path).code == 0
    assert path.stat().st_mode & 0o077 == 0
    body = orjson.loads(path.read_bytes())
    assert body["profile_id"] == "ana-1"
    used = {place["topic"].split(".")[1]: [r["data"] for r in place["records"] if r["in_use"]]
            for place in body["places"]}  # fmt: skip
    assert used["profiles"] == [ANA]
    assert "albañil" not in path.read_text()
    again = call("person", "export", "ana-1", "--out", path)
    assert again.code == 2
    assert "ya existe" in again.err


def test_an_erasure_without_a_worker_is_asked_for_and_not_confirmed(
    call: Cli, broker_env: str
) -> None:
    assert call("topics", "create").code == 0
    _told()
    told = call("person", "erase", "ana-1", "--wait", "0.5")
    assert told.code == 1
    assert "nadie confirmó" in told.err
    shown = call("person", "show", "ana-1")
    assert "Perfil publicado" in shown.out
    assert "menú" not in shown.out  # the null took its place: counted among what logs still have
    again = call("person", "erase", "ana-1")
    assert (again.code, again.out.splitlines()[0]) == (0, "Ya estaba borrada.")


def test_what_cannot_be_answered_is_one_sentence(call: Cli, broker_env: str) -> None:
    missing = call("person", "show", "ana-1")
    assert missing.code == 2
    assert "topics create" in missing.err
    assert call("topics", "create").code == 0
    for order in ("show", "export", "erase"):
        told = call("person", order, "nadie")
        assert told.code == 2
        assert told.err.count("Error: ") == 1
        assert "nadie" not in told.err  # an id may be a telephone: it stays out of logs
