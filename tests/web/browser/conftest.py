"""Pages in a real browser: Chromium, phone and desktop, with JavaScript and without."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from matcher_stream.web.site.roles import Role, new_token
from tests.support.browser import CHROMIUM, FLAGS, SIZES, Visitor
from tests.web.conftest import NEVER, Village

Visit = Callable[..., Awaitable[Visitor]]
Browse = Callable[..., Awaitable[Any]]


def token_of(role: Role, folder: Path) -> tuple[str, Path]:
    """A token of somebody with a role, and the settings' file that knows it."""
    made, staff = new_token(role, "rosa")
    path = folder / "tokens"
    path.write_text(staff.line)
    return made, path


@pytest.fixture
async def browse() -> AsyncIterator[Browse]:
    """Opens windows: ``await browse("phone", javascript=False)``."""
    api = pytest.importorskip(
        "playwright.async_api", reason="Playwright is not installed: make browser"
    )
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: make browser")
    async with AsyncExitStack() as stack:
        driver = await stack.enter_async_context(api.async_playwright())
        chromium = await driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        stack.push_async_callback(chromium.close)

        async def open_one(size: str, *, javascript: bool = True, dark: bool = False) -> Any:
            context = await chromium.new_context(
                **SIZES[size], java_script_enabled=javascript, locale="es-PE",
                color_scheme="dark" if dark else "light",
            )  # fmt: skip
            context.set_default_timeout(1000 * NEVER)
            stack.push_async_callback(context.close)
            return await context.new_page()

        yield open_one


@pytest.fixture
async def visit(browse: Browse) -> AsyncIterator[Visit]:
    """Opens browsers: ``await visit(village, size="phone", javascript=False)``."""
    async with AsyncExitStack() as stack:
        servers: dict[int, Any] = {}

        async def open_one(
            village: Village, size: str = "phone", *, javascript: bool = True, dark: bool = False
        ) -> Visitor:
            server = servers.get(id(village))
            if server is None:
                server = TestServer(village.context.app.web.web_app)
                await server.start_server()
                stack.push_async_callback(server.close)
                servers[id(village)] = server
            page = await browse(size, javascript=javascript, dark=dark)
            return Visitor(page, str(server.make_url("")).rstrip("/"))

        yield open_one
