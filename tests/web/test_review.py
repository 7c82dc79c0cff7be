"""/revisar as a reviewer would, with the keyboard: one ad at a time, and two reviewers at once."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import orjson
import pytest

from agents.asking_ads import told_ad
from matcher_stream.config.catalogue import Catalogue
from matcher_stream.runtime import faults
from matcher_stream.web.review import pages, past
from matcher_stream.web.review.deciding import Deciding
from matcher_stream.web.site.problem import NOT_SAVED
from matcher_stream.web.site.publishing import Publisher
from matcher_stream.web.site.roles import new_token
from schemas import parse_decision
from tests.support.harness.village import ad, decision
from tests.web.conftest import Browser, MakeVillage, Page, Village

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
PAPERS = "Retenemos tu DNI y tu celular. Deposita S/ 80 por Yape antes de la entrevista."


class Office:
    """A village with reviewers."""

    def __init__(self, village: Village, tokens: dict[str, str]) -> None:
        self.village, self.tokens = village, tokens

    async def reviewer(self, name: str) -> Browser:
        browser = await self.village.browser()
        await browser.get("/entrar")
        page = await browser.post("/entrar", {"clave": self.tokens[name]})
        assert page.path == "/revisar"
        return browser

    async def publish(self, *jobs: dict[str, Any]) -> None:
        for job in jobs:
            self.village.cluster.publish("jobs", job["job_id"], job)
        await self.village.rest()

    def decisions(self) -> list[dict[str, Any]]:
        topic = self.village.context.names.of(Catalogue.decisions)
        records = list(self.village.cluster.broker.records(topic))
        for record in records:
            assert record.key is not None
            assert record.value is not None
            parse_decision(record.key, record.value)
        return [orjson.loads(record.value) for record in records if record.value]


@pytest.fixture
async def office(
    make_village: MakeVillage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Office:
    monkeypatch.setattr(past, "FRESH_SECONDS", 0.0)
    roles = {"rosa": "reviewer", "ines": "reviewer", "pedro": "publisher"}
    made = {name: new_token(role, name) for name, role in roles.items()}  # type: ignore[arg-type]
    path = tmp_path / "tokens"
    path.write_text("\n".join(staff.line for _, staff in made.values()))
    village = await make_village(web_pages="revisar", web_tokens=path)
    return Office(village, {name: token for name, (token, _) in made.items()})


def _fields(page: Page) -> dict[str, str]:
    """The hidden fields of the decision's form."""
    return {
        name: unescape(found[1])
        for name in ("job_id", "content", "seen")
        if (found := re.search(rf'type="hidden" name="{name}" value="([^"]*)"', page.text))
    }


async def _say(browser: Browser, said: str, note: str = "", **changed: str) -> Page:
    assert browser.page is not None
    fields = {**_fields(browser.page), "say": said, "note": note, **changed}
    return await browser.post(pages.DECIDE, fields)


async def test_the_riskiest_comes_first_with_its_signs_marked(office: Office) -> None:
    worse = {**ad("obra"), "description": PAPERS, "employer": "Obras Sur"}
    await office.publish(ad("limpieza", 1), ad("taxi", 1), worse, ad("cocina"))
    rosa = await office.reviewer("rosa")
    page = await rosa.get("/revisar")
    assert "Retenidos: 2 Con palabras por cambiar: 1" in page.words
    assert _fields(page)["job_id"] == "obra"
    assert re.search(r"<mark title=\"Retiene el DNI[^\"]*\">Retenemos tu DNI", page.text)
    assert "Pide dinero o una compra antes de trabajar." in page.words
    assert "Obras Sur" in page.words
    for key in "lrsn":
        assert f'accesskey="{key}"' in page.text
    page = await _say(rosa, "later")
    assert (pages.LATER in page.words, _fields(page)["job_id"]) == (True, "taxi")
    page = await _say(rosa, "later")
    assert _fields(page)["job_id"] == "limpieza"
    page = await _say(rosa, "later")
    assert "Solo quedan los que dejaste para después." in page.words
    page = await rosa.post(pages.CHOOSE, {"job_id": ""})
    assert _fields(page)["job_id"] == "obra"


async def test_a_decision_is_published_and_the_next_ad_comes(office: Office) -> None:
    await office.publish(ad("taxi", 1), ad("limpieza", 1))
    rosa = await office.reviewer("rosa")
    await rosa.get("/revisar")
    page = await _say(rosa, "reject", "cobra antes")
    assert pages.DONE["reject"] in page.words
    assert _fields(page)["job_id"] == "limpieza"
    page = await _say(rosa, "release")
    assert "No hay avisos por revisar." in page.words
    rejected, released = office.decisions()
    assert (rejected["job_id"], rejected["reviewer"], rejected["note"]) == (
        "taxi", "rosa", "cobra antes",
    )  # fmt: skip
    assert "note" not in released
    await office.village.rest()
    state = office.village.context.state
    assert {name: state.job(at, name).state for at in (0, 1) for name in ("taxi", "limpieza")
            if state.job(at, name)} == {"taxi": "rejected", "limpieza": "active"}  # fmt: skip
    assert "Retenidos: 0" in (await rosa.get("/revisar")).words


async def test_two_reviewers_never_overwrite_each_other_silently(office: Office) -> None:
    await office.publish(ad("taxi", 1))
    rosa, ines = await office.reviewer("rosa"), await office.reviewer("ines")
    await rosa.get("/revisar")
    page = await ines.get("/revisar")
    assert "rosa también lo está leyendo." in page.words
    await _say(rosa, "release", "es de verdad")
    page = await _say(ines, "reject", "no me gusta")
    assert "Mientras lo leías, rosa decidió liberar." in page.words
    assert "no me gusta" in page.text
    assert len(office.decisions()) == 1
    await office.village.rest()
    page = await ines.get("/revisar")
    page = await ines.post(pages.CHOOSE, {"job_id": "taxi"})
    assert "liberado por rosa" in page.words
    assert "es de verdad" in page.words
    await _say(ines, "reject")  # now they have seen it
    assert [said["decision"] for said in office.decisions()] == ["release", "reject"]


async def test_a_decision_that_was_not_seen_stands(office: Office) -> None:
    await office.publish(ad("taxi", 1))
    rosa, ines = await office.reviewer("rosa"), await office.reviewer("ines")
    await rosa.get("/revisar")
    await ines.get("/revisar")
    await _say(rosa, "reject")
    await office.village.rest()  # it is in the tables by now
    page = await _say(ines, "release")
    assert "Mientras lo leías, rosa decidió rechazar." in page.words
    assert "rechazado por rosa" in page.words
    assert len(office.decisions()) == 1


async def test_only_decisions_on_like_ads_are_shown_beside_one(office: Office) -> None:
    edited = {**ad("taxi", 1), "employer": "Otro"}
    await office.publish(ad("taxi", 1), ad("limpieza", 1))
    rosa = await office.reviewer("rosa")
    await rosa.get("/revisar")
    await _say(rosa, "release")
    await _say(rosa, "reject")
    await office.village.rest()
    await office.publish({**ad("taxi", 1), "job_id": "taxi-2"})
    page = await rosa.get("/revisar")
    assert _fields(page)["job_id"] == "taxi-2"
    likes = page.words.split("Decisiones parecidas")[1]
    assert "liberado rosa" in likes
    assert "Limpieza" not in likes
    await office.publish(edited)  # what was decided on is not what it says now
    page = await rosa.post(pages.CHOOSE, {"job_id": "taxi-2"})
    assert "Decisiones parecidas" not in page.words


async def test_before_a_decision_is_worked_off_another_does_not_pass(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.publish(ad("taxi", 1))
    rosa, ines = await office.reviewer("rosa"), await office.reviewer("ines")
    await rosa.get("/revisar")
    await ines.get("/revisar")

    async def away(*_: Any) -> int:
        return 0

    monkeypatch.setattr(office.village.cluster, "_turn", away)  # no agent works
    await _say(rosa, "release")
    page = await ines.get("/revisar")
    assert "No hay avisos por revisar." in page.words
    page = await ines.post(pages.CHOOSE, {"job_id": "taxi"})
    page = await _say(ines, "reject")
    assert "Mientras lo leías, rosa decidió liberar." in page.words
    assert len(office.decisions()) == 1


async def test_an_ad_that_was_edited_is_read_again(office: Office) -> None:
    await office.publish(ad("taxi", 1))
    rosa = await office.reviewer("rosa")
    await rosa.get("/revisar")
    await office.publish({**ad("taxi", 1), "employer": "Otro"})
    page = await _say(rosa, "release", "bien")
    assert pages.EDITED in page.words
    assert "Otro" in page.words
    assert office.decisions() == []
    await _say(rosa, "release")
    assert len(office.decisions()) == 1


async def test_an_ad_that_is_gone_is_told(office: Office) -> None:
    await office.publish(ad("taxi", 1))
    rosa = await office.reviewer("rosa")
    await rosa.get("/revisar")
    office.village.cluster.publish("jobs", "taxi", None)
    await office.village.rest()
    assert pages.GONE in (await _say(rosa, "release")).words
    assert office.decisions() == []


async def test_a_broker_that_is_away_loses_nothing(office: Office) -> None:
    await office.publish(ad("taxi", 1))
    rosa = await office.reviewer("rosa")
    page = await rosa.get("/revisar")

    async def refuse(*_: Any) -> None:
        raise ConnectionError("somewhere")

    app = office.village.context.app
    producer = app._producer
    app._producer = type("Away", (), {"send": staticmethod(refuse)})()
    assert NOT_SAVED in (await _say(rosa, "release")).words
    app._producer = producer
    rosa.page = page
    assert pages.DONE["release"] in (await _say(rosa, "release")).words


async def test_who_decided_what_and_what_is_like_it(office: Office) -> None:
    other = {**ad("taxi", 1), "job_id": "taxi-2", "title": "Mototaxista nocturno"}
    await office.publish(ad("taxi", 1), ad("limpieza", 1))
    rosa = await office.reviewer("rosa")
    await rosa.get("/revisar")
    await _say(rosa, "reject", f"pide Yape {HOSTILE}")
    await office.village.rest()
    await office.publish(other)
    page = await rosa.get("/revisar")
    assert _fields(page)["job_id"] == "taxi-2"
    assert "Decisiones parecidas" in page.words
    assert "Mototaxista en el barrio" in page.words
    assert "rechazado rosa" in page.words
    assert "<img" not in page.text
    page = await rosa.get(pages.PAST)
    assert "rosa rechazado Mototaxista en el barrio" in page.words
    assert HOSTILE in unescape(page.text)
    assert "<img" not in page.text
    page = await rosa.post(pages.CHOOSE, {"job_id": "taxi"})
    assert "Última decisión sobre este aviso" in page.words
    await office.publish({**ad("taxi", 1), "employer": "Otro"})
    assert "el aviso cambió" in (await rosa.get(pages.PAST)).words


async def test_only_reviewers_see_and_decide(office: Office) -> None:
    await office.publish(ad("taxi", 1))
    stranger = await office.village.browser()
    assert (await stranger.get("/revisar")).path == "/entrar"
    assert (await stranger.post(pages.DECIDE, {"job_id": "taxi", "say": "release"})).path == (
        "/entrar"
    )
    await stranger.post("/entrar", {"clave": office.tokens["pedro"]})
    for path in ("/revisar", pages.PAST):
        assert (await stranger.get(path)).status == 403
    await stranger.get("/entrar")
    assert (await stranger.post(pages.DECIDE, {"job_id": "taxi", "say": "release"})).status == 403
    assert office.decisions() == []


@pytest.mark.parametrize(
    "wrong",
    [{"say": "publish"}, {"seen": "x"}, {"seen": "--1"}, {"job_id": ""}, {"note": "x" * 501}],
)
async def test_what_is_no_decision_is_refused(office: Office, wrong: dict[str, str]) -> None:
    await office.publish(ad("taxi", 1))
    rosa = await office.reviewer("rosa")
    await rosa.get("/revisar")
    assert (await _say(rosa, wrong.pop("say", "release"), **wrong)).status == 400
    assert office.decisions() == []


async def test_hostile_ads_are_shown_as_they_were_written(office: Office) -> None:
    hostile = {
        **ad("taxi", 1), "title": HOSTILE, "employer": HOSTILE, "place": HOSTILE, "ubigeo": None,
        "description": f"{HOSTILE} Deposita S/ 80 por Yape antes", "requirements": HOSTILE,
        "skills": [HOSTILE],
    }  # fmt: skip
    await office.publish(hostile)
    rosa = await office.reviewer("rosa")
    page = await rosa.get("/revisar")
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert HOSTILE in unescape(page.text)
    assert "<mark" in page.text


async def test_what_waited_before_is_found_after_a_rebalance(office: Office) -> None:
    await office.publish(ad("taxi", 1))
    rosa = await office.reviewer("rosa")
    worker = office.village.cluster.worker
    assert "Retenidos: 1" in (await rosa.get("/revisar")).words
    worker.generation += 1
    assert "Falta una parte." in (await rosa.get("/revisar")).words
    worker.context.fence.open()
    assert "Retenidos: 1" in (await rosa.get("/revisar")).words


async def test_only_the_latest_decisions_are_compared(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "KEPT", 2)
    jobs = [{**ad("taxi", 1), "job_id": f"taxi-{number}", "title": f"Aviso {number}"}
            for number in range(6)]  # fmt: skip
    await office.publish(*jobs)
    for number, job in enumerate(jobs):
        said = {**decision(job, "reject"), "reviewer": f"r{number}"}
        office.village.cluster.publish(
            "decisions", job["job_id"], said, timestamp=1_700_000_000_000 + number * 60_000
        )
    await office.village.rest()
    rosa = await office.reviewer("rosa")
    page = await rosa.get(pages.PAST)
    assert "r5" in page.words
    assert "Aviso 0" not in page.words
    assert page.text.count("rechazado") == 2
    latest = page.text.index("Aviso 5")
    assert latest < max(page.text.find(f"Aviso {number}") for number in range(5))


async def test_an_ad_is_decided_until_it_stands_as_decided(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decision's row comes before the ad's; nobody is shown the ad in between."""
    context = office.village.context
    deciding = Deciding(context, Publisher(context))
    await office.publish(ad("taxi", 1))
    shown: dict[str, bool] = {}
    monkeypatch.setattr(
        faults, "point", lambda name: shown.setdefault(name, "taxi" not in deciding.on_its_way())
    )
    taxi = told_ad(context, "taxi")
    assert taxi is not None
    said = await deciding.decide("taxi", taxi["content_hash"], -1, "rosa", "reject", "")
    assert said == {"outcome": "saved"}
    await office.village.rest()
    assert {name: shown[name] for name in ("decisions.after_row", "jobs.after_fanout")} == {
        "decisions.after_row": False, "jobs.after_fanout": False,
    }  # fmt: skip
    assert not deciding.on_its_way()


async def test_a_decision_that_is_taken_back_frees_its_ad(office: Office) -> None:
    context = office.village.context
    deciding = Deciding(context, Publisher(context))
    await office.publish(ad("taxi", 1))
    taxi = told_ad(context, "taxi")
    assert taxi is not None
    await deciding.decide("taxi", taxi["content_hash"], -1, "rosa", "release", "")
    await office.village.rest()
    office.village.cluster.publish("decisions", "taxi", None)
    await office.village.rest()
    assert not deciding.on_its_way()
    again = told_ad(context, "taxi")
    assert again is not None
    assert again["state"] == "held"
