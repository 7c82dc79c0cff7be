"""What the workers serve: /metrics, /live and /ready, asked for over HTTP."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from matcher_stream.runtime import metrics
from matcher_stream.web.pages import stalled
from tests.runtime.conftest import Group

Started = tuple[Any, Group]


@asynccontextmanager
async def _browser(app: Any) -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(await app.web.wsgi())) as client:
        yield client


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


@pytest.mark.parametrize(
    ("uptime", "lag_for", "idle_for", "says"),
    [
        (999, 999, 999, "records wait and nothing was processed for 120 s"),
        (119, 999, 999, ""),  # it may still be starting
        (999, 119, 999, ""),  # a burst
        (999, 0, 999, ""),  # nothing to do
        (999, 999, 119, ""),  # slow, but at work
    ],
)
def test_lag_without_progress_asks_for_a_restart(
    explainer: Started,
    monkeypatch: pytest.MonkeyPatch,
    uptime: float,
    lag_for: float,
    idle_for: float,
    says: str,
) -> None:
    context, clock = explainer[0].context, Clock(monkeypatch)
    context.fence.open()
    start = clock.now
    for moment in sorted((start - lag_for, start - idle_for)):
        clock.now = moment
        if lag_for and moment == start - lag_for:
            metrics.note_lag(5)
        if moment == start - idle_for:
            metrics.progress("test", 1)
    clock.now = start
    context.fence.open()
    assert stalled(context, uptime) == says


def test_a_freeze_asks_for_a_restart(explainer: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    context, clock = explainer[0].context, Clock(monkeypatch)
    context.fence.open()
    assert stalled(context, 0.0) == ""
    clock.now += context.settings.session_timeout + 0.1
    assert stalled(context, 0.0) == "frozen past its session"


async def test_the_explainer_serves_three_pages_and_none_of_fausts(explainer: Started) -> None:
    app, group = explainer
    async with _browser(app) as browser:
        served = {route.resource.canonical for route in app.web.web_app.router.routes()}
        assert served == {"/metrics", "/ready", "/live"}
        closed = await browser.get("/ready")
        assert closed.status == 503
        facts = {"ready": False, "partitions": [], "app_id": "matcher-explainer"}
        assert await closed.json() == facts
        await group.give(0, 1)
        await group.recover()
        opened = await browser.get("/ready")
        assert opened.status == 200
        assert await opened.json() == {**facts, "ready": True, "partitions": [0, 1]}
        await group.take_away()
        gone = await browser.get("/ready")
        assert (gone.status, await gone.json()) == (503, facts)


async def test_the_matcher_tells_how_far_its_start_has_got(matcher: Started) -> None:
    app, group = matcher
    vectors = app.context.vectors
    loaded, vectors.encoder = vectors.encoder, Future()
    async with _browser(app) as browser:
        loading = await browser.get("/ready")
        assert loading.status == 503
        facts = await loading.json()
        assert (facts["ready"], facts["encoder"], facts["state"]) == (
            False, "loading", "recovering",
        )  # fmt: skip
        assert "Cargando el modelo" in await (await browser.get("/")).text()
        vectors.encoder = loaded
        assert "Recuperando los datos" in await (await browser.get("/")).text()
        await group.give(1)
        await group.recover()
        ready = await browser.get("/ready")
        assert ready.status == 200
        assert await ready.json() == {
            "ready": True,
            "encoder": "ready",
            "state": "ready",
            "partitions": [1],
            "people": 0,
            "jobs": 0,
            "lists_waiting": 0,
            "records_left": 0,
            "champion": False,
            "app_id": "matcher-fixed",
        }
        assert "funcionando" in await (await browser.get("/")).text()
        vectors.encoder = Future()  # an open fence alone is not enough
        assert (await browser.get("/ready")).status == 503
        vectors.encoder = loaded
        await group.take_away()
        facts = await (await browser.get("/ready")).json()
        assert (facts["ready"], facts["encoder"], facts["partitions"]) == (False, "ready", [])
        served = {route.resource.canonical for route in app.web.web_app.router.routes()}
        assert served == {"/", "/metrics", "/ready", "/live"}


async def test_live_and_metrics(explainer: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    app, group = explainer
    await group.give(0)
    await group.recover()
    async with _browser(app) as browser:
        alive = await browser.get("/live")
        assert (alive.status, await alive.json()) == (200, {"live": True, "reason": ""})
        told = await browser.get("/metrics")
        assert told.content_type == "text/plain"
        assert b"matcher_lag_events" in await told.read()
        monkeypatch.setattr(app.context.fence, "_frozen_at", 1.0)
        dead = await browser.get("/live")
        assert dead.status == 503
        assert await dead.json() == {"live": False, "reason": "frozen past its session"}
