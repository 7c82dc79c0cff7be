"""/ofrezco in Chromium, as an employer would."""

from __future__ import annotations

from typing import Final

import pytest

from matcher_stream.web.offer import pages
from tests.support.browser import Visitor
from tests.support.harness.village import COOK, MASON, profile
from tests.web.browser.conftest import Visit
from tests.web.conftest import MakeVillage, Village

WORDS = "Se cocina menú y sopas, de lunes a sábado. Pagamos S/ 1300 al mes. Brevete A-I"
FEE = " Deposita S/ 80 por Yape antes de la entrevista. Solo mujeres."
MOST_BYTES: Final = 30_000


@pytest.fixture
async def village(make_village: MakeVillage) -> Village:
    made = await make_village(web_pages="ofrezco", top_k=10)
    for number in range(8):
        name = f"persona-{number}"
        said = profile(name, MASON if number == 7 else COOK, experience_years=number)
        made.cluster.publish("profiles", name, said)
    await made.rest()
    return made


async def _write(boss: Visitor, words: str = WORDS) -> None:
    """The first two steps."""
    await boss.open(pages.START)
    await boss.page.fill("#title", "Cocinera de menú")
    await boss.page.fill("#words", words)
    await boss.page.fill("#employer", "Comedor Sol")
    await boss.press("Seguir")
    await boss.page.fill("#place", "Comas, Lima")
    await boss.press("Seguir")
    if await boss.page.locator(".opciones button[name=ubigeo]").count():
        await boss.press("Comas, Lima")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
async def test_every_page_can_be_used_by_everybody(
    village: Village, visit: Visit, size: str, dark: bool
) -> None:
    boss = await visit(village, size, dark=dark)
    name = f"{size}-{'dark' if dark else 'light'}"

    async def looked(page: str) -> None:
        await boss.check()
        await boss.picture(f"ofrezco-{page}-{name}")

    await boss.open(pages.START)
    await looked("1-palabras")
    await boss.page.fill("#title", "Cocinera de menú")
    await boss.page.fill("#words", WORDS + FEE)
    await boss.press("Seguir")
    await looked("2-donde")
    await boss.page.fill("#place", "santa rosa")
    await boss.press("Seguir")
    await looked("3-opciones")
    await boss.press("Santa Rosa, Lima")
    await boss.press("No es así")
    await looked("4-leimos")
    await boss.press("Mandar a revisión")
    await boss.page.wait_for_selector("text=En revisión")
    await looked("5-en-revision")
    await boss.press("Cambiar")
    await _write(boss)
    await boss.press("Publicar")
    await boss.page.wait_for_selector("article")
    await looked("6-personas")
    await boss.press("Mi enlace")
    await looked("7-enlace")
    await boss.open(pages.MINE)
    await looked("8-mis-avisos")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
async def test_an_employer_posts_calls_and_closes(
    village: Village, visit: Visit, javascript: bool
) -> None:
    boss = await visit(village, javascript=javascript)
    await _write(boss)
    await boss.press("Sí, está bien")
    await (
        boss.page.get_by_text("De día", exact=True)
        .or_(boss.page.get_by_text("Día", exact=True))
        .first.click()
    )
    await boss.page.wait_for_load_state()
    assert "✓ El horario es de día." in await boss.page.inner_text("main")
    await boss.press("Publicar")
    await boss.page.wait_for_selector("article")
    await boss.page.fill("#contact", "999 111 222")
    await boss.page.press("#contact", "Enter")  # invites nobody
    await boss.page.wait_for_load_state()
    assert pages.CONTACT_KEPT in await boss.page.inner_text("main")
    await boss.press("Quiero que me llame")
    assert pages.ASKED in await boss.page.inner_text("main")
    records = list(village.cluster.broker.records(village.context.names.invitations))
    assert len(records) == 1
    await boss.press("Ya encontré")
    assert "Ya encontraste a alguien." in await boss.page.inner_text("main")
    await boss.press("Publicar otra vez")
    await boss.page.wait_for_selector("article")
    assert not boss.troubles


async def test_somebody_new_comes_by_themselves_where_scripts_run(
    village: Village, visit: Visit
) -> None:
    boss = await visit(village)
    await _write(boss)
    await boss.press("Publicar")
    await boss.page.wait_for_selector("article")
    before = await boss.page.locator("article").count()
    village.cluster.publish("profiles", "nueva", profile("nueva", COOK, licence="A-I"))
    await boss.page.wait_for_selector(f"article >> nth={before}")
    assert not boss.troubles


async def test_the_page_with_all_it_loads_weighs_little(village: Village, visit: Visit) -> None:
    boss = await visit(village)
    await boss.slow_down()
    await _write(boss)
    await boss.press("Publicar")
    await boss.page.wait_for_selector("article")
    files = {path for path in boss.loaded if "/estatico/" in path}
    assert len(files) >= 2
    weight = len((await boss.page.content()).encode())
    for path in files:  # the browser has them by now, and counts nothing for them
        weight += len(await (await boss.page.request.get(boss.url + path)).body())
    print(f"an ad's page with 7 people: {weight} bytes")
    assert 10_000 < weight <= MOST_BYTES
