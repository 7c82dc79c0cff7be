"""The command line against a real embedded broker."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson
import pytest

from matcher_stream.config.catalogue import INPUTS, OUTPUTS
from matcher_stream.config.contract import TopicNames, partition_for
from matcher_stream.config.settings import get_settings
from matcher_stream.files.publish import producer
from matcher_stream.files.reading import following
from tests.cli.conftest import Cli
from tests.support.events import least
from tests.support.kafka_io import Headers

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


@pytest.mark.parametrize("what", INPUTS)
def test_every_input_can_be_published(
    call: Cli, broker_env: str, tmp_path: Path, what: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(orjson.dumps(least(INPUTS[what])))
    assert call("topics", "create").code == 0
    assert call("publish", what, path).code == 0
    (record,) = _read(TopicNames(get_settings(), "").of(INPUTS[what]))
    assert record.key == b"a"  # type: ignore[attr-defined]


def test_publish_a_clean_file_is_a_success(call: Cli, broker_env: str, tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    path.write_text(PEOPLE)
    assert call("topics", "create").code == 0
    assert call("publish", "profiles", path, "--rate", "1000").code == 0


MATCHES = {
    "profile_id": "p1", "revision": 1, "event_id": "e", "status": "ok", "cause": "job_posted",
    "entered": ["j1"], "left": [],
    "unlocks": [{"code": "licence", "value": "A-IIb", "jobs": 4}],
    "entries": [{
        "rank": 1, "job_id": "j1", "score": 0.91,
        "reasons": [{"code": "near", "facts": {"km": 3.2, "max_km": 20, "place": "Comas, Lima"}}],
        "job": {"title": "Albañil para obra", "ubigeo": "150103", "pay_min": 1500, "pay_max": 1800},
    }],
}  # fmt: skip
CANDIDATES = {
    "job_id": "j1", "partitions_seen": 3, "partitions_total": 4,
    "entries": [{"rank": 1, "profile_id": "p1", "score": 0.91, "reasons": ["near", "pay"]}],
}  # fmt: skip


def _write(topic: str, key: bytes, value: bytes | None, headers: Headers = ()) -> None:
    async def write() -> None:
        async with producer(get_settings()) as client:
            await client.send_and_wait(topic, key=key, value=value, headers=list(headers))

    asyncio.run(write())


def test_watch_shows_rankings_as_tables_and_as_json(call: Cli, broker_env: str) -> None:
    assert call("topics", "create").code == 0
    topic = TopicNames(get_settings(), "").matches
    _write(topic, b"p1", orjson.dumps(MATCHES))
    _write(topic, b"p2", None)
    nothing = {"entries": [], "status": "no_match", "message": "Por ahora no."}
    _write(topic, b"p3", orjson.dumps({**MATCHES, "profile_id": "p3", **nothing}))
    shown = call("watch", "matches", "--once").out
    assert "Albañil para obra" in shown
    assert "Ate, Lima" in shown  # the place by its code
    assert "queda a 3.2 km" in shown
    assert shown.count("Con brevete A-IIb: 4 trabajos más.") == 2, "with a ranking and without"
    assert "p2: borrado" in shown
    assert "p3: Por ahora no." in shown
    lines = [orjson.loads(x) for x in call("watch", "matches", "--once", "--json").out.splitlines()]
    assert {line["key"]: line["value"] is None for line in lines} == {
        "p1": False, "p2": True, "p3": False,
    }  # fmt: skip
    only = call("watch", "matches", "--once", "--json", "--key", "p2").out
    assert [orjson.loads(line)["key"] for line in only.splitlines()] == ["p2"]


@pytest.mark.parametrize("what", OUTPUTS)
def test_watch_shows_every_output(call: Cli, broker_env: str, what: str) -> None:
    assert call("topics", "create").code == 0
    _write(TopicNames(get_settings(), "").of(OUTPUTS[what]), b"clave-1", None)
    assert "clave-1" in call("watch", what, "--once").out
    assert "clave-1" not in call("watch", "dlq", "--once").out


@pytest.mark.parametrize("what", INPUTS)
def test_watch_shows_the_refused_of_every_input(call: Cli, broker_env: str, what: str) -> None:
    assert call("topics", "create").code == 0
    names = TopicNames(get_settings(), "")
    topic = names.of(INPUTS[what])
    _write(names.dlq(topic), b"a", b"?", [("dlq_topic", topic.encode())])
    assert f"{topic} [?] ?" in call("watch", "dlq", "--once").out


def test_watch_shows_candidates(call: Cli, broker_env: str) -> None:
    assert call("topics", "create").code == 0
    _write(TopicNames(get_settings(), "").candidates, b"j1", orjson.dumps(CANDIDATES))
    shown = call("watch", "candidates", "--once").out
    assert "3/4" in shown
    assert "near, pay" in shown


def test_watch_tells_why_a_record_was_refused_and_not_what_it_said(
    call: Cli, broker_env: str
) -> None:
    assert call("topics", "create").code == 0
    names = TopicNames(get_settings(), "")
    headers = [
        ("dlq_topic", names.jobs.encode()), ("dlq_partition", b"3"), ("dlq_offset", b"17"),
        ("dlq_error_class", b"invalid_json"), ("dlq_error_message", b"The value is not JSON."),
    ]  # fmt: skip
    _write(names.dlq(names.jobs), b"\xffraw", b"SECRETO", headers)
    shown = call("watch", "dlq", "--once").out
    assert f"{names.jobs} [3] 17" in shown
    assert "invalid_json: The value is not JSON." in shown
    assert "SECRETO" not in shown


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


def test_verify_without_a_worker_says_so(call: Cli, broker_env: str) -> None:
    missing = call("verify")
    assert missing.code == 2
    assert "topics create" in missing.err
    assert call("topics", "create").code == 0
    result = call("verify")
    assert result.code == 2
    assert "worker" in result.err
