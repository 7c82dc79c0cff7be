"""/busco in Chromium, as a person would."""

from __future__ import annotations

import statistics
from typing import Final

import pytest

from matcher_stream.web.seek import own, pages
from tests.support.browser import find_job
from tests.support.harness.village import ad
from tests.web.browser.conftest import Visit
from tests.web.conftest import MakeVillage, Village

WORDS = "cocino menú y sopas, tengo brevete A2b, de noche no puedo"
MOST_BYTES: Final = 30_000
GOAL_SECONDS: Final = 1.5


@pytest.fixture
async def village(make_village: MakeVillage) -> Village:
    made = await make_village(top_k=10)
    for number in range(8):
        made.cluster.publish("jobs", f"cocina-{number}", ad("cocina") | {
            "job_id": f"cocina-{number}", "title": f"Cocinera de menú número {number}",
            "employer": "Comedor Sol", "ubigeo": "150110", "pay_min": 1200 + number,
            "licence": "A-IIb", "min_age": 18, "vacancies": 2,
        })  # fmt: skip
    await made.rest()
    return made


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
async def test_every_page_can_be_used_by_everybody(
    village: Village, visit: Visit, size: str, dark: bool
) -> None:
    ana = await visit(village, size, dark=dark)
    name = f"{size}-{'dark' if dark else 'light'}"

    async def looked(page: str) -> None:
        await ana.check()
        await ana.picture(f"busco-{page}-{name}")

    await ana.open("/busco")
    await looked("1-palabras")
    await ana.page.fill("#words", WORDS)
    await ana.press("Seguir")
    await looked("2-donde")
    await ana.page.fill("#place", "santa rosa")
    await ana.press("Seguir")
    await looked("3-opciones")
    await ana.press("Santa Rosa, Lima")
    await ana.press("No es así")
    await looked("4-leimos")
    await ana.press("Sí, buscar trabajo")
    await ana.page.wait_for_selector("article")
    await ana.press("No es para mí")
    await looked("5-lista")
    await ana.press("Mandármelo")
    await looked("6-enlace")
    await ana.open(pages.ERASE)
    await looked("7-borrar")
    await ana.press("Sí, borrar mis datos")
    await looked("8-borrado")
    await ana.open(pages.LIST)
    ana.troubles.clear()  # the browser notes the 403 itself
    await looked("9-sin-enlace")
    await ana.open("/entrar")
    await looked("10-entrar")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
async def test_a_person_finds_says_and_erases(
    village: Village, visit: Visit, javascript: bool
) -> None:
    ana = await visit(village, javascript=javascript)
    await find_job(ana, WORDS)
    assert await ana.page.locator("[data-leer]:visible").count() == 0 or javascript
    before = await ana.page.locator("article").count()
    first = await ana.page.locator("article h3").first.inner_text()
    await ana.press("No es para mí")
    await ana.press("Queda lejos")
    assert await ana.page.locator("article").count() == before - 1
    assert first not in await ana.page.inner_text("main")
    share = await ana.page.locator("a:has-text('WhatsApp')").nth(1).get_attribute("href")
    assert share
    assert share.startswith("https://wa.me/?text=")
    await ana.press("Me da mala espina")
    await ana.press("Pausar")
    assert "en pausa" in await ana.page.inner_text("main")
    await ana.press("Volver a buscar")
    await ana.press("Borrar mis datos")
    await ana.press("Sí, borrar mis datos")
    assert "se borraron" in await ana.page.inner_text("h1")
    assert not ana.troubles


async def test_a_new_job_comes_by_itself_where_scripts_run(village: Village, visit: Visit) -> None:
    ana = await visit(village)
    await find_job(ana, WORDS)
    for stays in (False, True):
        name = "nueva-abierta" if stays else "nueva"
        if stays:  # somebody who is about to choose is not interrupted
            await ana.press("No es para mí")
        village.cluster.publish("jobs", name, ad("cocina") | {
            "job_id": name, "title": f"Cocinera de menú, sopas y brevete, {name}", "pay_min": 5000,
        })  # fmt: skip
        text = "Hay cambios" if stays else name
        await ana.page.wait_for_selector(f"text={text}")
    assert not ana.troubles


async def test_the_page_comes_by_itself_without_scripts(
    village: Village, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "WAIT_SECONDS", 0.0)
    ana = await visit(village, javascript=False)
    await ana.open("/busco")
    await ana.page.fill("#words", WORDS)
    await ana.press("Seguir")
    await ana.press("Seguir sin decirlo")
    village.going.clear()
    await ana.press("Sí, buscar trabajo")
    assert "Estamos buscando" in await ana.page.inner_text("main")
    village.going.set()
    await ana.page.wait_for_selector("article")


@pytest.mark.alone
async def test_on_a_slow_line_pages_weigh_little_and_jobs_come_soon(
    village: Village, visit: Visit
) -> None:
    took = []
    for _ in range(5):
        ana = await visit(village)
        await ana.slow_down()
        took.append(await find_job(ana, WORDS))
        await ana.arrived(pages.LIST)
        page = {path: size for path, size in ana.loaded.items() if path == pages.LIST}
        files = {path: size for path, size in ana.loaded.items() if "/estatico/" in path}
        weight = sum(page.values()) + sum(files.values())
        assert 5_000 < weight <= MOST_BYTES
    print(f"first job after {statistics.median(took):.2f} s (median of 5), {weight} bytes")
    assert statistics.median(took) < GOAL_SECONDS
