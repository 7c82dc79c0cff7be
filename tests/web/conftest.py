"""Pages on a worker in memory: the real handlers, agents and tables, asked for over HTTP."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from html import unescape
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from matcher_stream.web import matcher
from matcher_stream.web.seek import own
from matcher_stream.web.site.site import Site
from tests.support.harness import Cluster

KEY = "k" * 40
#: Seconds that nothing takes but what never comes: the first page of a process reads word lists,
#: and with tests side by side a machine has taken 30 s over them.
NEVER = 120.0
_TOKEN = re.compile(r'name="form_token" value="([^"]*)"')


class Page:
    """What came back.

    Attributes:
        answer: aiohttp's, read.
        text: Its text.
    """

    def __init__(self, answer: ClientResponse, text: str) -> None:
        self.answer, self.text = answer, text
        self.status, self.path = answer.status, answer.url.path

    @property
    def words(self) -> str:
        """Its text without tags, with one space between words."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.text)).split())


class Browser:
    """A visitor with cookies and without JavaScript.

    Args:
        client: Asks the worker: aiohttp's test client, or a session with a base address.
    """

    def __init__(self, client: Any) -> None:
        self.client = client
        self.page: Page | None = None

    async def get(self, path: str, **options: Any) -> Page:
        """Open an address, following redirects."""
        async with self.client.get(path, **options) as answer:
            self.page = Page(answer, await answer.text())
            return self.page

    async def post(self, path: str, fields: dict[str, str], **options: Any) -> Page:
        """Send a form with the token of the page that is open, following redirects."""
        assert self.page is not None
        token = _TOKEN.search(self.page.text)
        sent = {**({"form_token": token[1]} if token else {}), **fields}
        async with self.client.post(path, data=sent, **options) as answer:
            self.page = Page(answer, await answer.text())
            return self.page


class Village:
    """A cluster whose worker serves pages, and works whenever something is published.

    Attributes:
        going: Cleared, the stream stands still while pages are served.
    """

    def __init__(self, cluster: Cluster, stack: AsyncExitStack) -> None:
        self.cluster, self._stack = cluster, stack
        self._rounds = 0
        self.going = asyncio.Event()
        self.going.set()

    @property
    def context(self) -> Any:
        return self.cluster.worker.context

    async def browser(self) -> Browser:
        """A new visitor."""
        server = TestServer(self.context.app.web.web_app)
        return Browser(await self._stack.enter_async_context(TestClient(server)))

    async def work(self) -> None:
        """Work off what is published, for ever."""
        while await self.going.wait():
            await self.cluster.drain()
            self._rounds += 1
            await asyncio.sleep(0.005)

    async def rest(self) -> None:
        """Wait until all that was published is worked off."""
        after = self._rounds + 2
        async with asyncio.timeout(NEVER):
            while self._rounds < after:
                await asyncio.sleep(0.005)


MakeVillage = Callable[..., Awaitable[Village]]


@pytest.fixture
async def make_village(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MakeVillage]:
    """Makes a worker with pages: ``await make_village(web_pages="busco")``."""
    monkeypatch.setattr(own, "WAIT_SECONDS", NEVER)
    async with AsyncExitStack() as stack:

        async def make(site: Callable[[Site], None] | None = None, **settings: Any) -> Village:
            chosen = {"web_pages": "busco", "web_keys": KEY, "web_rate": 1000.0, **settings}
            village = Village(Cluster(monkeypatch, 0, **chosen), stack)
            if site is None:
                matcher.register(village.context)
            else:
                site(Site(village.context))
            await stack.enter_async_context(_working(village))
            return village

        yield make


@asynccontextmanager
async def _working(village: Village) -> AsyncIterator[None]:
    work = asyncio.ensure_future(village.work())
    try:
        yield
    finally:
        broken = work.done()
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work  # raises what ended it early
        assert not broken
        await village.context.app._maybe_close_http_client()
