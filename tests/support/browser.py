"""A person's browser: Chromium by Playwright, phone and desktop, on a slow line if wanted."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path
from typing import Any, Final

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES: Final = Path(__file__).resolve().parents[2] / ".pictures"
"""Kept as output of CI; not committed."""
FLAGS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
SIZES: Final[dict[str, dict[str, Any]]] = {
    "phone": {
        "viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True,
        "device_scale_factor": 2,
    },
    "desktop": {"viewport": {"width": 1280, "height": 800}},
}  # fmt: skip
#: 400 kbit/s and 150 ms there and back: a slow mobile line.
SLOW: Final = {
    "offline": False, "latency": 150, "downloadThroughput": 50_000, "uploadThroughput": 25_000,
}  # fmt: skip
#: Buttons, fields and links that are no part of a sentence.
_SMALL: Final = """() => [...document.querySelectorAll(
    'button, .boton, summary, select, textarea, input:not([type=hidden]), a:not(.salto)')]
  .filter(e => e.offsetParent !== null)
  .filter(e => e.tagName != 'A' || e.matches('.boton') || ![...e.parentNode.childNodes]
    .some(n => n.nodeType == 3 && /[a-z]/i.test(n.data)))
  .map(e => [e.innerText || e.name, e.getBoundingClientRect()])
  .filter(([, box]) => box.width < 44 || box.height < 44).map(([name]) => name)"""
#: Where the way to help and help itself are: from the top, and whether anything follows.
_HELP: Final = """() => {
  const link = document.querySelector('header a[href="#ayuda"]').getBoundingClientRect();
  const foot = document.getElementById('ayuda');
  return [Math.round(link.top + scrollY), foot.nextElementSibling === null, innerWidth]; }"""
_WIDE: Final = "() => document.documentElement.scrollWidth > window.innerWidth"


class Visitor:
    """A browser of one person.

    Attributes:
        page: Playwright's.
        loaded: Bytes of each answer by path, since the last look.
        troubles: What the console complained of.
        help_at: Where help is found on the pages that were checked, by the width of the window.
    """

    def __init__(self, page: Any, url: str) -> None:
        self.page, self.url = page, url
        self.loaded: dict[str, int] = {}
        self.troubles: list[str] = []
        self.help_at: dict[int, int] = {}
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("requestfinished", self._arrived)

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(message.text)

    async def _arrived(self, request: Any) -> None:
        sizes = await request.sizes()
        path = request.url.removeprefix(self.url)
        self.loaded[path] = sizes["responseBodySize"] + sizes["responseHeadersSize"]

    async def open(self, path: str) -> None:
        """Go to an address of the site."""
        await self.page.goto(self.url + path)

    async def press(self, words: str) -> None:
        """Press the visible button, link or summary that says so."""
        await self.page.locator(
            "button:visible, a:visible, summary:visible", has_text=words
        ).first.click()
        await self.page.wait_for_load_state()

    async def arrived(self, path: str) -> None:
        """Wait until all of an address has come, and its size is known."""
        async with asyncio.timeout(60):
            while path not in self.loaded:
                await asyncio.sleep(0.01)

    async def slow_down(self) -> None:
        """From now on as on a slow mobile line."""
        session = await self.page.context.new_cdp_session(self.page)
        await session.send("Network.emulateNetworkConditions", SLOW)

    async def picture(self, name: str) -> None:
        """Keep a picture of the whole page."""
        PICTURES.mkdir(exist_ok=True)
        await self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)

    async def check(self) -> None:
        """axe-core finds nothing serious, targets are large, help is where it was on the page
        before, and nothing runs off the side.
        """
        from axe_playwright_python.async_playwright import Axe

        found = (await Axe().run(self.page)).response["violations"]
        serious = [
            (v["id"], [node["html"][:200] for node in v["nodes"]])
            for v in found
            if v["impact"] in ("serious", "critical")
        ]
        assert not serious, (self.page.url, serious)
        small = await self.page.evaluate(_SMALL)
        assert not small, (self.page.url, small)
        at, last, width = await self.page.evaluate(_HELP)
        assert last, self.page.url
        assert self.help_at.setdefault(width, at) == at, self.page.url
        assert not await self.page.evaluate(_WIDE)
        assert not self.troubles


async def find_job(visitor: Visitor, words: str, place: str = "Comas, Lima") -> float:
    """Look for work, from the first page to the list.

    Returns:
        Seconds from the last button to the first job on the screen.
    """
    await visitor.open("/busco")
    await visitor.page.fill("#words", words)
    await visitor.press("Seguir")
    await visitor.page.fill("#place", place)
    await visitor.press("Seguir")
    if await visitor.page.locator(".opciones button[name=ubigeo]").count():
        await visitor.press(place)
    started = time.monotonic()
    await visitor.page.locator("button.principal").click(no_wait_after=True)
    await visitor.page.wait_for_selector("article")
    return time.monotonic() - started
