"""/revisar in Chromium, with the keyboard and without scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher_stream.web.review import pages
from tests.support.browser import Visitor
from tests.support.harness.village import ad
from tests.web.browser.conftest import Visit, token_of
from tests.web.conftest import MakeVillage, Village


@pytest.fixture
def token(tmp_path: Path) -> tuple[str, Path]:
    return token_of("reviewer", tmp_path)


@pytest.fixture
async def village(make_village: MakeVillage, token: tuple[str, Path]) -> Village:
    made = await make_village(web_pages="revisar", web_tokens=token[1])
    for number in range(3):
        job = {**ad("taxi", 1), "job_id": f"taxi-{number}", "employer": f"Mototaxis {number}"}
        made.cluster.publish("jobs", job["job_id"], job)
    await made.rest()
    return made


async def _enter(rosa: Visitor, token: str) -> None:
    await rosa.open("/entrar")
    await rosa.page.fill("#clave", token)
    await rosa.page.locator("button.boton").click()
    await rosa.page.wait_for_selector("#note")


async def _alt(rosa: Visitor, key: str) -> None:
    """An access key; Playwright's own keyboard leaves out what Chromium finds it by."""
    session = await rosa.page.context.new_cdp_session(rosa.page)
    pressed = {"key": key, "code": f"Key{key.upper()}", "unmodifiedText": key, "modifiers": 1,
               "windowsVirtualKeyCode": ord(key.upper())}  # fmt: skip
    await session.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": key, **pressed})
    await session.send("Input.dispatchKeyEvent", {"type": "keyUp", **pressed})


@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_every_page_can_be_used_by_everybody(
    village: Village, visit: Visit, token: tuple[str, Path], size: str, dark: bool
) -> None:
    rosa = await visit(village, size, dark=dark)
    name = f"{size}-{'dark' if dark else 'light'}"
    await _enter(rosa, token[0])
    await rosa.check()
    await rosa.page.fill("#note", "cobra antes")
    await rosa.press("Rechazar")
    await village.rest()
    await rosa.open(pages.NEXT)
    await rosa.check()
    await rosa.picture(f"revisar-1-aviso-{name}")
    await rosa.open(pages.PAST)
    await rosa.check()
    await rosa.picture(f"revisar-2-decisiones-{name}")
    await rosa.open(pages.NEXT)
    await rosa.press("Liberar")
    await rosa.press("Liberar")
    await rosa.check()
    assert "No hay avisos por revisar." in await rosa.page.inner_text("main")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
async def test_one_ad_after_the_other_with_the_keyboard(
    village: Village, visit: Visit, token: tuple[str, Path], javascript: bool
) -> None:
    rosa = await visit(village, "desktop", javascript=javascript)
    await _enter(rosa, token[0])
    for key, said in (
        ("s", pages.LATER),
        ("r", pages.DONE["reject"]),
        ("l", pages.DONE["release"]),
    ):
        await rosa.page.locator("#note").hover()  # the page is painted, and takes keys
        await _alt(rosa, "n")
        await rosa.page.wait_for_selector("#note:focus")
        await rosa.page.keyboard.type("nota")
        await _alt(rosa, key)
        await rosa.page.wait_for_selector(f"text={said}")
    assert "Solo quedan los que dejaste para después." in await rosa.page.inner_text("main")
    await rosa.press("Ver los que dejé")
    assert "Mototaxis" in await rosa.page.inner_text("main")
    assert not rosa.troubles
