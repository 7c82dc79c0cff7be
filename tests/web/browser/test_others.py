"""/, /porque and /probar in Chromium: an operator on call, a person who wonders, a publisher."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matcher_stream.web.seek import pages
from tests.support.browser import Visitor
from tests.support.harness.village import COOK, MASON, ad, profile
from tests.web.browser.conftest import Visit, token_of
from tests.web.conftest import MakeVillage, Village
from tests.web.test_seek import WORDS

SIZES = ("phone", "desktop")
SCRIPTS = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])


@pytest.fixture
def token(tmp_path: Path) -> tuple[str, Path]:
    return token_of("operator", tmp_path)


@pytest.fixture
async def village(make_village: MakeVillage, token: tuple[str, Path]) -> Village:
    made = await make_village(web_pages="vivo,porque,probar,busco", web_tokens=token[1])
    for name in ("obra", "cocina", "limpieza"):
        made.cluster.publish("jobs", name, ad(name))
    made.cluster.publish("jobs", "taxi", ad("taxi", 1))
    made.cluster.publish("profiles", "ana", profile("ana", COOK))
    made.cluster.publish("profiles", "beto", profile("beto", MASON, max_distance_km=20.0))
    made.cluster.publish("jobs", "lejos", ad("obra", ubigeo="080101", job_id="lejos"))
    made.cluster.publish("profiles", "mal", b"{")
    await made.rest()
    return made


async def _enter(rosa: Visitor, token: str) -> None:
    await rosa.open("/entrar")
    await rosa.page.fill("#clave", token)
    await rosa.page.locator("button.boton").click()
    await rosa.page.wait_for_selector("#lento")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
async def test_every_page_can_be_used_by_everybody(
    village: Village, visit: Visit, token: tuple[str, Path], size: str, dark: bool
) -> None:
    rosa = await visit(village, size, dark=dark)
    name = f"{size}-{'dark' if dark else 'light'}"

    async def looked(page: str) -> None:
        await rosa.check()
        await rosa.picture(f"{page}-{name}")

    await _enter(rosa, token[0])
    await looked("vivo")
    await rosa.open("/vivo/guia")
    await looked("vivo-guia")
    await rosa.open("/porque")
    await looked("porque-1-pregunta")
    await rosa.page.fill("#persona", "beto")
    await rosa.page.fill("#trabajo", "lejos")
    await rosa.press("Mirar")
    await looked("porque-2-respuesta")
    await rosa.open("/probar")
    await looked("probar-1-evento")
    await rosa.press("Probar")
    await looked("probar-2-se-acepta")
    await rosa.page.fill("#evento", "{")
    await rosa.press("Probar")
    await looked("probar-3-se-rechaza")
    await rosa.press("Ver el contrato")
    await rosa.press("Campos de Profile")
    await looked("probar-4-contrato")


@SCRIPTS
async def test_an_operator_sees_what_is_slow_and_what_to_do(
    village: Village, visit: Visit, token: tuple[str, Path], javascript: bool
) -> None:
    rosa = await visit(village, javascript=javascript)
    await _enter(rosa, token[0])
    said = await rosa.page.inner_text("main")
    assert "Las 2 particiones tienen dueño." in said
    assert "invalid_json" in said
    assert "n/d" in said
    for number in range(4):
        village.cluster.publish("jobs", f"otro-{number}", ad("obra", job_id=f"otro-{number}"))
    await village.rest()
    active = "dt:text-is('Avisos activos') + dd"
    if javascript:  # the figure is renewed by itself
        await rosa.page.wait_for_selector(f"{active}:text-is('8')")
    else:
        await rosa.press("Actualizar")
        assert await rosa.page.inner_text(active) == "8"
    village.context.fence.close()
    await rosa.open("/")
    await rosa.page.locator("#lento + ol a").first.click()
    await rosa.page.wait_for_load_state()
    assert rosa.page.url.endswith("/vivo/guia#matcherpartitionwithoutowner")
    seen = rosa.page.locator("#matcherpartitionwithoutowner")
    assert await seen.is_visible()
    box = await seen.bounding_box()
    assert box
    assert -1 < box["y"] < 740
    village.context.fence.open()
    assert not rosa.troubles


@SCRIPTS
async def test_an_operator_asks_why_and_why_not(
    village: Village, visit: Visit, token: tuple[str, Path], javascript: bool
) -> None:
    rosa = await visit(village, "desktop", javascript=javascript)
    await _enter(rosa, token[0])
    for person, job, answer, beside in (
        ("ana", "cocina", "Está en la lista, en el puesto 1", "En total"),
        ("beto", "lejos", "No está en la lista por: distancia", "va hasta 20 km"),
        ("ana", "taxi", "espera a un revisor", ""),
        ("nadie", "cocina", "No conocemos a esa persona", ""),
    ):
        await rosa.open("/porque")
        await rosa.page.fill("#persona", person)
        await rosa.page.fill("#trabajo", job)
        await rosa.press("Mirar")
        said = await rosa.page.inner_text("main")
        assert answer in said
        assert beside in said
    assert not rosa.troubles


@SCRIPTS
async def test_a_person_asks_why_from_their_own_list(
    village: Village, visit: Visit, javascript: bool
) -> None:
    ana = await visit(village, javascript=javascript)
    await ana.open("/busco")
    await ana.page.fill("#words", WORDS)
    await ana.press("Seguir")
    await ana.press("Sí, ahí vivo")
    await ana.press("Sí, buscar trabajo")
    await ana.page.wait_for_selector("article")
    title = await ana.page.locator("article h3 a").first.inner_text()
    await ana.press(title)
    await ana.page.wait_for_selector("h1")
    assert await ana.page.inner_text("h1") == title
    if javascript:  # axe-core is a script
        await ana.check()
        await ana.picture("busco-11-trabajo-phone-light")
    await ana.press("¿Por qué me sale?")
    said = await ana.page.inner_text("main")
    assert "Está en la lista, en el puesto 1" in said
    assert title in said
    await ana.open("/porque?persona=beto&trabajo=cocina")  # herself, whoever is named
    assert "Está en la lista" in await ana.page.inner_text("main")
    await ana.open("/")
    assert ana.page.url.endswith("/entrar")
    assert await ana.page.title() == "Entrar"
    ana.troubles.clear()
    await ana.open(pages.LIST)
    assert not ana.troubles


@SCRIPTS
async def test_a_publisher_tries_an_event(village: Village, visit: Visit, javascript: bool) -> None:
    luz = await visit(village, "desktop", javascript=javascript)
    before = len(list(village.cluster.broker.records(village.context.names.profiles)))
    await luz.open("/probar")
    await luz.press("Probar")
    assert "Se acepta" in await luz.page.inner_text("main")
    wrong = json.dumps({"profile_id": "a", "text": "cocino", "age": "treinta"})
    await luz.page.fill("#evento", wrong)
    await luz.press("Probar")
    said = await luz.page.inner_text("main")
    assert "Se rechaza: invalid_field" in said
    assert "treinta" in await luz.page.input_value("#evento")
    await luz.page.select_option("#tema", "jobs")
    await luz.page.fill("#evento", json.dumps(ad("taxi", 1)))
    await luz.press("Probar")
    assert "espera a un revisor" in await luz.page.inner_text("main")
    await luz.press("Ver el contrato")
    await luz.page.locator("section#profiles a:has-text('Probar uno')").click()
    await luz.page.wait_for_load_state()
    assert "profile_id" in await luz.page.input_value("#evento")
    assert len(list(village.cluster.broker.records(village.context.names.profiles))) == before
    assert not luz.troubles
