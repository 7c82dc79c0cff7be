"""Streams that tell a page of changes: how many, how often, and that they end with the worker."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from matcher_stream.web.site import live
from matcher_stream.web.site.site import Site
from matcher_stream.web.site.visit import Visit
from tests.web.conftest import Browser, MakeVillage


class Numbers:
    """A site with one stream of numbers."""

    def __init__(self) -> None:
        self.number, self.asked = 1, 0
        self.changed = asyncio.Event()
        self.live: live.Live

    def serve(self, site: Site) -> None:
        self.live = site.tools.live
        site.get("/numeros", self.stream)

    async def following(self, number: int, wait: float) -> int:
        self.asked += 1
        if number == self.number:
            self.changed.clear()
            await self.changed.wait()
        return self.number

    async def stream(self, visit: Visit) -> web.StreamResponse:
        return await visit.tools.live.serve(visit.request, "ana", 1, self.following)

    def change(self) -> None:
        self.number += 1
        self.changed.set()


@pytest.fixture
def numbers() -> Numbers:
    return Numbers()


@pytest.fixture
async def browser(make_village: MakeVillage, numbers: Numbers) -> Browser:
    return await (await make_village(numbers.serve)).browser()


async def _next(stream: Any) -> bytes:
    async with asyncio.timeout(10):
        while not (line := await stream.content.readline()).startswith(b"data:"):
            assert line, "the stream ended"
    return bytes(line)


async def test_changes_are_told_one_after_the_other_and_not_too_often(
    browser: Browser, numbers: Numbers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LEAST_SECONDS", 0.2)
    async with browser.client.get("/numeros") as stream:
        numbers.change()
        assert await _next(stream) == b"data: 2\n"
        for _ in range(50):
            numbers.change()
        assert await _next(stream) == b"data: 52\n"
        assert numbers.asked <= 4


async def test_one_person_has_three_streams_and_a_closed_one_makes_room(
    browser: Browser, numbers: Numbers, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams = [await browser.client.get("/numeros") for _ in range(live.PER_VISITOR)]
    assert (await browser.get("/numeros")).status == 429
    streams[0].close()
    numbers.change()  # the worker notices when it writes
    async with asyncio.timeout(10):
        while len(numbers.live) == live.PER_VISITOR:
            await asyncio.sleep(0.01)
    for stream in streams:
        stream.close()
    monkeypatch.setattr(live, "STREAMS", 0)
    assert (await browser.get("/numeros")).status == 429


async def test_streams_end_with_the_worker(browser: Browser, numbers: Numbers) -> None:
    async with browser.client.get("/numeros") as stream:
        assert await stream.content.readline()
        numbers.live.stop()
        async with asyncio.timeout(10):
            assert b"data" not in await stream.content.read()
    assert len(numbers.live) == 0
