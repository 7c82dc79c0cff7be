"""`/porque`: the sentence is the truth about the pair, and only for whom it concerns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from aiohttp import web

from matcher_stream.web import ads
from matcher_stream.web.site.roles import new_token
from matcher_stream.web.site.site import Site
from matcher_stream.web.site.visit import Visit
from matcher_stream.web.why import pages
from tests.support.harness.village import COOK, MASON, ad, profile, said
from tests.web.conftest import Browser, MakeVillage, Village

if TYPE_CHECKING:
    from agents.context import Context


@pytest.fixture
async def village(make_village: MakeVillage, tmp_path: Path) -> Village:
    token, staff = new_token("operator", "rosa")
    (tmp_path / "tokens").write_text(f"{staff.line}\n")
    found = await make_village(web_pages="porque", web_tokens=tmp_path / "tokens", top_k=1)
    found.token = token  # type: ignore[attr-defined]
    return found


@pytest.fixture
async def operator(village: Village) -> Browser:
    browser = await village.browser()
    await browser.get("/entrar")
    await browser.post("/entrar", {"clave": village.token})  # type: ignore[attr-defined]
    return browser


async def _publish(village: Village, *events: tuple[str, dict[str, Any]]) -> None:
    for kind, event in events:
        key = event["profile_id" if kind in ("profiles", "feedback") else "job_id"]
        village.cluster.publish(kind, key, event)
        await village.rest()


async def _why(browser: Browser, person: str, job: str) -> str:
    page = await browser.get(f"/porque?persona={person}&trabajo={job}")
    assert page.status == 200
    return page.words


async def test_each_reason_is_told(village: Village, operator: Browser) -> None:
    await _publish(
        village,
        ("jobs", ad("obra")), ("jobs", ad("cocina")), ("jobs", ad("taxi", 1)),
        ("jobs", {**ad("limpieza"), "ubigeo": "080101"}),
        ("profiles", profile("ana", MASON, max_distance_km=20.0)),
        ("profiles", profile("beto", COOK, status="paused")),
    )  # fmt: skip
    assert "Está en la lista, en el puesto 1" in await _why(operator, "ana", "obra")
    assert "No entra en los primeros 1: sería el 2" in await _why(operator, "ana", "cocina")
    far = await _why(operator, "ana", "limpieza")
    assert "No está en la lista por: distancia" in far
    assert "va hasta 20 km" in far
    assert "espera a un revisor" in await _why(operator, "ana", "taxi")
    assert "en pausa" in await _why(operator, "beto", "obra")
    assert "No conocemos ese aviso" in await _why(operator, "ana", "nada")
    assert "No conocemos a esa persona" in await _why(operator, "nadie", "obra")
    await _publish(village, ("feedback", said("ana", "obra", "dismissed")))
    assert "ya respondió" in await _why(operator, "ana", "obra")


async def test_the_parts_add_up_to_the_event_s_score(village: Village, operator: Browser) -> None:
    await _publish(village, ("jobs", ad("obra")), ("profiles", profile("ana", MASON)))
    event = village.cluster.told("matches", "ana")[-1]
    assert event is not None
    page = await operator.get("/porque?persona=ana&trabajo=obra")
    (entry,) = event["entries"]
    assert f"<b>{entry['score']:.4f}</b>" in page.text
    assert all(f"{value:+.4f}" in page.text for value in entry["components"].values())


async def test_nobody_asks_about_others(make_village: MakeVillage) -> None:
    async def become(visit: Visit) -> web.StreamResponse:
        visit.session.begin_person("ana", 2**40)
        return visit.go("/porque")

    def serve(site: Site) -> None:
        context = cast("Context", site.tools.parts)
        ads.register(site.tools.owners, context)
        pages.register(site, context)
        site.get("/soy", become)

    village = await make_village(serve, web_pages="porque")
    await _publish(
        village, ("jobs", ad("obra")), ("profiles", profile("ana", MASON)),
        ("profiles", profile("beto", COOK)),
    )  # fmt: skip
    stranger = await village.browser()
    assert (await stranger.get("/porque?persona=ana&trabajo=obra")).status == 403
    browser = await village.browser()
    await browser.get("/soy")
    own = await browser.get("/porque?persona=beto&trabajo=obra")
    assert own.status == 200
    assert "Está en la lista, en el puesto 1" in own.words  # ana's, whoever is named
    assert (await browser.get("/porque?trabajo=" + "x" * 300)).status == 400
