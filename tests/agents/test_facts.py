"""What people and ads write counts as if it were stated, where it is sure; a stated field wins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agents import context as agents_context
from agents import job_states
from matcher_stream.runtime import metrics
from models.ranking import event_bodies
from models.ranking.attrs import ATTRS_VERSION
from models.reading.facts import known
from models.reading.facts.fact import READER
from models.reading.facts.job import JobFacts, job_facts
from models.reading.facts.person import PersonFacts, person_facts
from tables.rows import attributes
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster

DRIVER = "manejo mototaxi 5 años, vivo en pucallpa, tengo brevete b2c"
NEAR = {
    "job_id": "near", "title": "Mototaxista",
    "description": "Empresa en Yarinacocha, Ucayali. S/ 1,200 al mes.",
    "requirements": "Brevete B-IIc, 2 años de experiencia",
}  # fmt: skip
FAR = {"job_id": "far", "title": "Mototaxista", "description": "Mototaxi en Comas, Lima."}
CAR = {"job_id": "car", "title": "Mototaxista o chofer", "requirements": "Brevete A-IIb"}


async def _told(cluster: Cluster, *jobs: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The last ranking told of a person who writes DRIVER and states these fields."""
    for job in jobs:
        cluster.publish("jobs", job["job_id"], job)
    cluster.publish("profiles", "ana", {"profile_id": "ana", "text": DRIVER, **fields})
    await cluster.drain()
    return cluster.told("matches", "ana")[-1] or {}


def _reason(event: dict[str, Any], code: str) -> dict[str, Any]:
    (reason,) = [r for e in event["entries"] for r in e["reasons"] if r["code"] == code]
    return dict(reason)


async def test_words_alone_are_enough(make_cluster: MakeCluster) -> None:
    cluster = make_cluster()
    event = await _told(cluster, NEAR, FAR, CAR)
    assert [entry["job_id"] for entry in event["entries"]] == ["near"]
    assert event["read"]["ubigeo"] == "250101"
    assert event["read"]["licence"] == "B-IIc"
    assert event["read"]["experience_years"] == 5
    card = event["entries"][0]["job"]
    assert (card["pay_max"], card["ubigeo"], card["licence"]) == (1200, "250105", "B-IIc")
    assert {"pay_max", "ubigeo", "licence", "experience_years"} <= set(card["read"])
    licence = _reason(event, "licence_ok")
    assert licence["facts"] == {"asked": "B-IIc", "has": "B-IIc"}
    assert licence["source"] == {"person": "read", "job": "read"}
    assert (await cluster.verify()).ok


async def test_a_stated_field_wins_and_what_the_words_say_is_told(
    make_cluster: MakeCluster,
) -> None:
    cluster = make_cluster()
    before = metrics.DIFFERS.labels(cluster.worker.context.names.profiles, "licence")._value.get()
    event = await _told(cluster, NEAR, CAR, licence="A-IIb")
    assert [entry["job_id"] for entry in event["entries"]] == ["car"]
    assert event["differs"] == ["licence"]
    assert "licence" not in event["read"]
    assert _reason(event, "licence_ok")["source"] == {"person": "stated", "job": "read"}
    after = metrics.DIFFERS.labels(cluster.worker.context.names.profiles, "licence")._value.get()
    assert after == before + 1
    assert (await cluster.verify()).ok


async def test_a_person_corrects_a_wrong_reading_by_stating_the_field(
    make_cluster: MakeCluster,
) -> None:
    cluster = make_cluster()
    event = await _told(cluster, NEAR, FAR)
    assert [entry["job_id"] for entry in event["entries"]] == ["near"]
    event = await _told(cluster, ubigeo="150110")
    assert [entry["job_id"] for entry in event["entries"]] == ["far"]
    assert "ubigeo" not in event["read"]
    assert event["differs"] == ["ubigeo"]
    assert (event["entered"], event["left"]) == (["far"], ["near"])


async def test_another_reader_ranks_everybody_anew(
    make_cluster: MakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = make_cluster()
    monkeypatch.setattr(known, "_person", lambda text: PersonFacts())
    monkeypatch.setattr(known, "_job", lambda *texts: JobFacts())
    event = await _told(cluster, NEAR, FAR, CAR)
    assert {entry["job_id"] for entry in event["entries"]} == {"near", "far", "car"}
    assert "read" not in event

    monkeypatch.setattr(known, "_person", person_facts)
    monkeypatch.setattr(known, "_job", job_facts)
    monkeypatch.setattr(attributes, "ATTRS_VERSION", ATTRS_VERSION + 1)
    monkeypatch.setattr(job_states, "READER", READER + 1)
    for module in (agents_context, event_bodies):
        monkeypatch.setattr(module, "READER_VERSION", "reader-next")
    cluster.start()
    await cluster.drain()
    event = cluster.told("matches", "ana")[-1] or {}
    assert [entry["job_id"] for entry in event["entries"]] == ["near"]
    assert event["read"]["ubigeo"] == "250101"
    assert event["cause"] == "model_changed"
    assert "-reader-next" in event["ranker_version"]
    assert event["entries"][0]["job"]["ubigeo"] == "250105"
    told = len(cluster.told("matches", "ana"))
    cluster.start()
    await cluster.drain()
    assert len(cluster.told("matches", "ana")) == told, "and once only"


async def test_who_would_move_goes_where_there_is_lodging(make_cluster: MakeCluster) -> None:
    cluster = make_cluster()
    lodged = {**FAR, "job_id": "lodged", "description": "Comas, Lima. Damos cuarto para dormir."}
    paid = {**FAR, "job_id": "paid", "travel_paid": True}
    event = await _told(cluster, FAR, lodged, paid, relocate=True, max_distance_km=20)
    assert {entry["job_id"] for entry in event["entries"]} == {"lodged", "paid"}
    event = await _told(cluster, relocate=True)
    assert {entry["job_id"] for entry in event["entries"]} == {"lodged", "paid", "far"}
    assert (await cluster.verify()).ok


def test_the_pieces_of_text_are_where_the_facts_say() -> None:
    facts = person_facts(DRIVER)
    assert facts.licence is not None
    assert DRIVER[facts.licence.start : facts.licence.end] == facts.licence.said
    assert replace(facts.licence, said="").value == "B-IIc"
