"""`/probar`: the same answer that the stream would give, and nothing published."""

from __future__ import annotations

import json
from typing import Any

import pytest

from matcher_stream.config.catalogue import INPUTS, TOPICS
from matcher_stream.web.tryout import reference
from matcher_stream.web.tryout.trial import tried
from models.vetting.outcome import Gate
from schemas import validate
from tests.support.harness.village import ad, profile
from tests.web.conftest import Browser, MakeVillage, Village

GATE = Gate()


@pytest.fixture
async def village(make_village: MakeVillage) -> Village:
    return await make_village(web_pages="probar")


@pytest.fixture
async def browser(village: Village) -> Browser:
    found = await village.browser()
    assert (await found.get("/probar")).status == 200
    return found


async def _try(browser: Browser, topic: str, event: Any, key: str = "") -> str:
    text = event if isinstance(event, str) else json.dumps(event)
    page = await browser.post("/probar", {"tema": topic, "llave": key, "evento": text})
    assert page.status == 200
    return page.words


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_the_example_of_every_event_is_valid_and_whole(topic: Any) -> None:
    if topic.event is not None:
        given = reference.example(topic.event)
        validate(topic.event, given)
        ours = {"canary", "swapped", "challenger"}
        assert set(given) == set(topic.event.model_fields) - ours


@pytest.mark.parametrize("name", INPUTS)
async def test_every_example_is_accepted_as_it_stands(browser: Browser, name: str) -> None:
    page = await browser.get(f"/probar?tema={name}")
    assert page.status == 200
    words = await _try(browser, name, reference.example(INPUTS[name].event))
    assert "Se acepta" in words
    assert "Campos que nadie lee" not in words


async def test_a_refusal_says_what_a_publisher_would_get(
    browser: Browser, village: Village
) -> None:
    bad = {"profile_id": "ana", "text": "cocino", "age": "treinta"}
    words = await _try(browser, "profiles", bad)
    village.cluster.publish("profiles", "ana", json.dumps(bad).encode())
    await village.rest()
    (letter,) = village.cluster.letters("profiles")
    assert letter["dlq_error_class"] in words
    assert letter["dlq_error_message"] in words


@pytest.mark.parametrize(
    ("event", "key", "code"),
    [
        ("{", "", "invalid_json"), ("[]", "", "invalid_json"), ("{}", "", "missing_id"),
        ('{"profile_id": "a", "text": "x"}', "b", "key_mismatch"),
        ('{"profile_id": "a", "text": ' + "[" * 99 + "}", "a", "too_deep"),
    ],
)  # fmt: skip
def test_what_is_wrong_has_its_class(event: str, key: str, code: str) -> None:
    trial = tried(INPUTS["profiles"], key, event, GATE)
    assert trial.refused is not None
    assert trial.refused[0] == code


async def test_nothing_is_published_or_kept(browser: Browser, village: Village) -> None:
    await _try(browser, "profiles", profile("ana"))
    await _try(browser, "jobs", ad("obra"))
    await village.rest()
    assert village.cluster.told("matches", "ana") == []
    assert village.cluster.letters("profiles") == []
    page = await browser.get("/probar")
    assert "albañil" not in page.text


def test_facts_of_words_and_what_is_ignored() -> None:
    event = {"profile_id": "a", "text": "vivo en Comas, tengo brevete A2b", "ubigeo": "080101",
             "licencia": "AI"}  # fmt: skip
    trial = tried(INPUTS["profiles"], "", json.dumps(event), GATE)
    assert dict(trial.read) == {"licence": "A-IIb"}
    assert trial.differs == ("ubigeo",)
    assert trial.ignored == ("licencia",)


@pytest.mark.parametrize(
    ("name", "version", "said"),
    [("taxi", 1, "espera a un revisor"), ("limpieza", 1, "cambiar sus palabras"),
     ("obra", 0, "con todas las personas")],
)  # fmt: skip
async def test_an_ad_is_vetted(browser: Browser, name: str, version: int, said: str) -> None:
    assert said in await _try(browser, "jobs", ad(name, version))


async def test_what_is_pasted_runs_nowhere(browser: Browser) -> None:
    script = "</textarea><script>alert(2)</script>"
    evil = {"profile_id": "<script>alert(1)</script>", "text": script, "<b>x": 1}
    for text in (json.dumps(evil), '"</textarea><script>alert(3)</script>'):
        page = await browser.post("/probar", {"tema": "profiles", "llave": "", "evento": text})
        assert "<script>alert" not in page.text
        assert "<b>x" not in page.text


async def test_the_contract_names_every_public_topic_and_field(browser: Browser) -> None:
    page = await browser.get("/probar/contrato")
    assert page.status == 200
    for topic in TOPICS:
        assert (f".{topic.name}.v1" in page.text) == (topic.role != "internal")
        if topic.role != "internal" and topic.event is not None:
            missing = [n for n in topic.event.model_fields if f"<code>{n}</code>" not in page.text]
            assert missing == []
    assert "<code>entries[].job.title</code>" in page.text


async def test_an_unknown_topic_or_too_much_is_one_sentence(browser: Browser) -> None:
    assert (await browser.get("/probar?tema=nada")).status == 404
    await browser.get("/probar")
    page = await browser.post("/probar", {"tema": "profiles", "llave": "", "evento": "x" * 70_000})
    assert page.status in (400, 413)
    assert "Es muy largo" in page.words
