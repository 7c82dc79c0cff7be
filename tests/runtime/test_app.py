"""What an app does before it takes work."""

from __future__ import annotations

import gc
import socket
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import faust
import pytest

from matcher_stream.config.contract import TopicNames, TopicSpec
from matcher_stream.config.settings import Settings
from matcher_stream.runtime import app as module
from matcher_stream.runtime.app import StreamApp
from matcher_stream.runtime.fence import Fence
from schemas.errors import TopicMismatch
from tests.runtime.conftest import Group, until

OWN, NEEDED = TopicSpec("own", 2, "compact"), TopicSpec("needed", 2, "compact")


class App(StreamApp):
    """Notes when it begins."""

    SERVICE = "test"
    begun = False

    def own_topics(self) -> Sequence[TopicSpec]:
        return [OWN]

    def needed_topics(self) -> Sequence[TopicSpec]:
        return [NEEDED]

    def begin(self) -> None:
        self.begun = True


@pytest.fixture
async def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[App]:
    """An app whose broker's port is closed, and whose death a test survives."""

    def die(reason: str, ending: str) -> None:
        assert ending == "refused"
        raise SystemExit(reason)

    monkeypatch.setattr(module, "die", die)
    monkeypatch.setattr("matcher_stream.config.logs.begin", lambda: None)  # a process of its own
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(data_dir=tmp_path, broker_url=f"127.0.0.1:{port}", store="memory")
    made = App("app", store="memory://", datadir=str(tmp_path))
    context: Any = SimpleNamespace(
        settings=settings,
        names=TopicNames(settings, "app"),
        app=made,
        fence=Fence(lambda: int(made.consumer_generation_id), 60.0),
    )
    made.context = context
    yield made
    await made._stop_futures()


async def test_without_a_broker_it_ends_with_one_sentence(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(SystemExit, match="BROKER_URL") as ended:
        await app.on_first_start()
    assert not app.begun
    assert str(ended.value) in caplog.text


class Broker:
    """Notes what it was asked; its topics are as they should be, unless a test says otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[str, str]] = []
        self.problem: Exception | None = None
        monkeypatch.setattr(module, "create_topics", self._create)
        monkeypatch.setattr(module, "check_topics", self._check)

    async def _create(self, _: Settings, specs: Sequence[TopicSpec]) -> None:
        self.asked += [("create", spec.name) for spec in specs]

    async def _check(self, _: Settings, specs: Sequence[TopicSpec]) -> None:
        self.asked += [("check", spec.name) for spec in specs]
        if self.problem:
            raise self.problem


async def test_a_topic_that_differs_ends_it(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    Broker(monkeypatch).problem = TopicMismatch("The topic has other partitions.")
    with pytest.raises(SystemExit, match="other partitions"):
        await app.on_first_start()
    assert not app.begun


async def test_where_all_is_well_it_begins(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker(monkeypatch)
    app.tables.add(faust.Table(app, name="rows", partitions=2))
    monkeypatch.setattr(app.context.fence, "_last_tick", 0.0)
    await app.on_first_start()
    try:
        changelog = "app-rows-changelog"
        assert broker.asked == [("create", "own"), ("create", changelog), ("check", "needed")]
        assert app.begun
        assert gc.get_freeze_count() > 0
        await until(lambda: app.context.fence._last_tick > 0.0)  # a freeze would be noticed
    finally:
        gc.unfreeze()


async def test_each_app_checks_what_it_reads_and_writes(
    matcher: tuple[Any, Group], explainer: tuple[Any, Group]
) -> None:
    for app, reads in ((matcher[0], matcher[0].context.names.read), (explainer[0], ())):
        names = app.context.names
        needed = {spec.name for spec in app.needed_topics()}
        assert {*reads, names.matches, names.explanations} <= needed
        own = {spec.name for spec in app.own_topics()}
        assert all(name.endswith(".dlq") or app.conf.id in name for name in own)
    explained = {spec.name for spec in explainer[0].needed_topics()}
    assert explained == {names.matches, names.explanations}
