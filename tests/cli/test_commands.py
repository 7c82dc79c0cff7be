"""The command line against a real embedded broker."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson
import pytest

from matcher_stream.contract import TopicNames, partition_for
from matcher_stream.reading import following
from matcher_stream.settings import get_settings
from tests.cli.conftest import Cli

PEOPLE = "".join(f'{{"profile_id": "p{n}", "text": "Cocinera {n}"}}\n' for n in range(30))


def _read(topic: str) -> list[object]:
    async def read() -> list[object]:
        async with following(get_settings(), [topic]) as reader:
            records: list[object] = []
            while not await reader.caught_up():
                records += await reader.batch()
            return records

    return asyncio.run(read())


def test_topics_are_created_once_and_described(call: Cli, broker_env: str) -> None:
    first = call("topics", "create")
    assert first.code == 0, first.err
    assert f"creado {broker_env}.profiles.v1" in first.out
    again = call("topics", "create")
    assert "Temas creados: 0" in again.out
    told = call("topics", "describe")
    assert told.code == 0, told.err
    assert f"{broker_env}.matches.v1" in told.out
    assert "lo creará" in told.out  # internal topics come with the first worker


def test_publish_sends_good_rows_and_tells_bad_ones(
    call: Cli, broker_env: str, tmp_path: Path
) -> None:
    path = tmp_path / "people.jsonl"
    path.write_text(PEOPLE + "basura\n" + '{"profile_id": "p99", "text": "Chofer"}\n')
    assert call("topics", "create").code == 0
    sent = call("publish", "profiles", path)
    assert sent.code == 1
    assert "Publicados: 31. Rechazados: 1." in sent.out
    assert "línea 31" in sent.err
    records = _read(TopicNames(get_settings(), "").profiles)
    assert len(records) == 31
    for record in records:
        assert record.partition == partition_for(record.key, 4)  # type: ignore[attr-defined]
        headers = dict(record.headers)  # type: ignore[attr-defined]
        assert headers["ce_specversion"] == b"1.0"
        assert {"ce_id", "ce_type", "ce_source", "ce_time"} <= headers.keys()
        assert orjson.loads(record.value)["profile_id"].encode() == record.key  # type: ignore[attr-defined]
    ids = {dict(record.headers)["ce_id"] for record in records}  # type: ignore[attr-defined]
    assert len(ids) == 31


def test_publish_a_clean_file_is_a_success(call: Cli, broker_env: str, tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    path.write_text(PEOPLE)
    assert call("topics", "create").code == 0
    assert call("publish", "profiles", path, "--rate", "1000").code == 0


def test_watch_prints_what_was_written(call: Cli, broker_env: str, tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    path.write_text('{"profile_id": "p1", "job_id": "j1", "kind": "applied"}\n')
    assert call("topics", "create").code == 0
    assert call("publish", "feedback", path).code == 0
    assert call("watch", "dlq", "--once", "--json").out == ""
    # The record of one topic stands in for an event of another: what is shown is the same path.
    shown = call("watch", "matches", "--once")
    assert shown.code == 0
    assert shown.out == ""


def test_publish_without_topics_says_what_to_do(call: Cli, broker_env: str, tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    path.write_text(PEOPLE)
    result = call("publish", "profiles", path)
    assert result.code == 2
    assert "topics create" in result.err


def test_wrong_partition_count_is_told(
    call: Cli, broker_env: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "people.jsonl"
    path.write_text(PEOPLE)
    assert call("topics", "create").code == 0
    monkeypatch.setenv("MATCHER_PARTITIONS", "8")
    for command in (["publish", "profiles", path], ["topics", "create"]):
        result = call(*command)
        assert result.code == 2
        assert "MATCHER_PARTITIONS=4" in result.err
    assert call("topics", "describe").code == 1
