"""Reviewers at the keyboard: what waits, why, and what they decide."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson

from matcher_stream.config.contract import TopicNames
from matcher_stream.config.settings import get_settings
from matcher_stream.files.publish import producer
from matcher_stream.files.reading import following
from models.reading.text import content_hash
from models.vetting.outcome import Gate, review_event
from schemas import HeldJob, parse_decision, parse_job
from tests.cli.conftest import Cli

JOB = {
    "job_id": "dudoso",
    "title": "Limpieza de casas",
    "place": "Comas, Lima",
    "pay_max": 300,
    "pay_period": "day",
    "description": "Para separar tu vacante deposita S/ 80 por Yape antes de empezar.",
}


def _hash(fields: dict[str, Any]) -> str:
    raw = orjson.dumps(fields)
    return content_hash(parse_job(str(fields["job_id"]).encode(), raw)).hex()


def _write(topic: str, key: str, value: dict[str, Any] | None) -> None:
    async def write() -> None:
        async with producer(get_settings()) as client:
            raw = None if value is None else orjson.dumps(value)
            await client.send_and_wait(topic, key=key.encode(), value=raw)

    asyncio.run(write())


def _hold(job: dict[str, Any]) -> dict[str, Any]:
    event = parse_job(str(job["job_id"]).encode(), orjson.dumps(job))
    verdict = Gate().vet(event)
    assert verdict.action != "match"
    body = review_event(event, (3, 0), content_hash(event), verdict, Gate().version)
    HeldJob.model_validate(body)
    _write(TopicNames(get_settings(), "").review, event.job_id, body)
    return body


def _decisions() -> list[Any]:
    async def read() -> list[Any]:
        async with following(get_settings(), [TopicNames(get_settings(), "").decisions]) as reader:
            records: list[Any] = []
            while not await reader.caught_up():
                records += await reader.batch()
            return [parse_decision(record.key, record.value) for record in records]

    return asyncio.run(read())


def test_what_waits_is_listed_with_its_reasons_until_it_is_decided(
    call: Cli, broker_env: str
) -> None:
    assert call("topics", "create").code == 0
    assert "No hay avisos" in call("review", "list").out
    body = _hold(JOB)
    _hold({**JOB, "job_id": "otro", "title": "Niñera"})
    _write(TopicNames(get_settings(), "").review, "otro", None)
    shown = call("review", "list").out
    assert "dudoso" in shown
    assert "otro" not in shown
    assert "Por revisar: 1" in shown
    [line] = call("review", "list", "--json").out.splitlines()
    assert orjson.loads(line) == body
    whole = call("review", "show", "dudoso").out
    for part in ("Comas, Lima", "S/ 300 al día", "deposita S/ 80", body["reasons"][0]["text"]):
        assert part in " ".join(whole.split()), part
    assert "dudoso: en revisión" in call("watch", "review", "--once").out


def test_what_waits_and_what_is_to_be_mended_are_told_apart(call: Cli, broker_env: str) -> None:
    assert call("topics", "create").code == 0
    mend = {"job_id": "corregible", "title": "Mozo", "description": "Solo varones, hasta 30 años."}
    body = _hold(mend)
    _hold(JOB)
    listed = [orjson.loads(line) for line in call("review", "list", "--json").out.splitlines()]
    assert [event["job_id"] for event in listed] == ["dudoso", "corregible"]
    shown = " ".join(call("review", "list").out.split())
    for part in ("retenido", "publicado", "Por revisar: 1. Publicados, por corregir: 1."):
        assert part in shown, part
    (line,) = call("review", "list", "--json", "--action", "advise").out.splitlines()
    assert orjson.loads(line) == body
    assert "corregible" not in call("review", "list", "--action", "hold").out
    whole = " ".join(call("review", "show", "corregible").out.split())
    assert "publicado, por corregir" in whole
    assert "Quite el límite de edad de 30 años" in whole
    assert "para corregir" not in call("review", "show", "dudoso").out
    assert "corregible: publicado, por corregir" in call("watch", "review", "--once").out
    for order in ("release", "reject"):
        assert call("review", order, "corregible", "--reviewer", "turno-1").code == 0
    assert [said.decision for said in _decisions()] == ["release", "reject"]


def test_a_release_names_the_words_that_were_read(call: Cli, broker_env: str) -> None:
    assert call("topics", "create").code == 0
    body = _hold(JOB)
    done = call("review", "release", "dudoso", "--reviewer", "turno-1", "--note", "se verificó")
    assert done.code == 0, done.err
    assert "Liberados: 1." in done.out
    [said] = _decisions()
    assert (said.decision, said.content_hash) == ("release", body["content_hash"])
    assert (said.reviewer, said.note) == ("turno-1", "se verificó")


def test_an_ad_that_nobody_held_can_be_rejected_as_it_stands(call: Cli, broker_env: str) -> None:
    assert call("topics", "create").code == 0
    jobs = TopicNames(get_settings(), "").jobs
    _write(jobs, "aviso", {"job_id": "aviso", "title": "Primero"})
    _write(jobs, "aviso", {"job_id": "aviso", "title": "Segundo"})
    _write(jobs, "aviso", {"job_id": "aviso"})  # refused: the second stays in force
    assert call("review", "reject", "aviso").code == 0
    [said] = _decisions()
    assert said.decision == "reject"
    assert said.content_hash == _hash({"job_id": "aviso", "title": "Segundo"})


def test_an_ad_that_does_not_wait_is_told_in_one_sentence(call: Cli, broker_env: str) -> None:
    assert call("topics", "create").code == 0
    for order in ("release", "reject", "show"):
        told = call("review", order, "nadie")
        assert told.code == 2
        assert told.err.startswith("Error: El aviso nadie no ")
    assert not _decisions()


def test_rank_leaves_out_what_is_held_unless_it_was_released(call: Cli, tmp_path: Path) -> None:
    people, jobs, decided = (tmp_path / f"{name}.jsonl" for name in ("p", "j", "d"))
    people.write_text('{"profile_id": "p", "text": "limpio casas y oficinas"}\n')
    jobs.write_bytes(orjson.dumps(JOB))
    said = {"job_id": "dudoso", "decision": "release", "content_hash": _hash(JOB)}
    decided.write_bytes(orjson.dumps(said))
    out = tmp_path / "out.jsonl"
    told = call("rank", "--profiles", people, "--jobs", jobs, "--out", out)
    assert "Avisos retenidos para revisión: 1." in told.err
    assert orjson.loads(out.read_bytes())["entries"] == []
    call("rank", "--profiles", people, "--jobs", jobs, "--decisions", decided, "--out", out)
    assert [e["job_id"] for e in orjson.loads(out.read_bytes())["entries"]] == ["dudoso"]
