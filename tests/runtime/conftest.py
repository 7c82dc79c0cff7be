"""Apps that are made and not started, and a group that gives them partitions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import IllegalStateError
from faust.assignor.client_assignment import ClientAssignment
from faust.types import TP

from matcher_stream.config.explainer_settings import ExplainerSettings, get_explainer_settings
from matcher_stream.config.settings import Settings, get_settings
from matcher_stream.runtime import hooks as hooks_module
from matcher_stream.runtime import metrics

DIM = 8


class Group:
    """The consumer group and its broker, as far as the hooks of an app ask them.

    Attributes:
        owned: What the consumer is assigned.
        committed: Offsets by partition; every other partition has none.
        ends: Offsets of the next record by partition; an exception if the broker is away.
        sought: Where the consumer was told to start.
        while_seeking: Called in the middle of seeking.
    """

    def __init__(self, app: Any, topics: Iterable[str]) -> None:
        self._app = app
        self._topics = [*topics, *app.tables.changelog_topics]
        self.owned: set[TP] = set()
        self.committed: dict[TP, int] = {}
        self.ends: dict[TP, int] | Exception = {}
        self.sought: dict[TP, int] = {}
        self.while_seeking: Callable[[], None] = lambda: None
        app._consumer = self
        app.consumer_generation_id = 1

    async def give(self, *partitions: int, without: str = "") -> None:
        """A rebalance: a new generation, and these partitions of every topic but one."""
        topics = [topic for topic in self._topics if topic != without]
        self.owned = {TP(topic, p) for topic in topics for p in partitions}
        actives = {topic: list(partitions) for topic in topics}
        self._app.assignor._assignment = ClientAssignment(actives=actives, standbys={})
        self._app.consumer_generation_id += 1
        await self._app.on_partitions_assigned.send(self.owned)

    async def take_away(self) -> None:
        """The first half of a rebalance."""
        await self._app.on_partitions_revoked.send(self.owned)

    async def recover(self) -> None:
        """The changelogs have been read to their ends."""
        for table in self._app.tables.values():
            await table.call_recover_callbacks()

    def assignment(self) -> set[TP]:
        return self.owned

    @property
    def _committed_offset(self) -> dict[TP, int]:
        return self.committed

    async def highwaters(self, *partitions: TP) -> dict[TP, int]:
        if isinstance(self.ends, Exception):
            raise self.ends
        return {tp: self.ends[tp] for tp in partitions if tp in self.ends}

    async def seek_to_committed(self) -> dict[TP, int]:
        found = {tp: self.committed.get(tp, 0) for tp in self.owned}
        await asyncio.sleep(0)
        self.while_seeking()
        return found

    async def seek(self, tp: TP, offset: int) -> None:
        if tp not in self.owned:
            raise IllegalStateError(f"{tp} is not assigned")
        self.sought[tp] = offset


def hurry(app: Any) -> None:
    """Let an app wait for work in flight for a moment only."""
    settings = app.context.settings.model_copy(update={"session_timeout": 0.02})
    object.__setattr__(app.context, "settings", settings)  # a context never changes but here


async def until(condition: Callable[[], object]) -> None:
    """Let others run until the condition holds."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


def task_named(app: Any, name: str) -> Any:
    """What was registered as a timer or task of an app."""
    (found,) = [task for task in app._app_tasks if task.__name__ == name]
    return found


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Why the process would have ended."""
    reasons: list[str] = []
    monkeypatch.setattr(hooks_module, "die", reasons.append)
    return reasons


@pytest.fixture(autouse=True)
def _no_lag_from_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_lag_since", None)
    monkeypatch.setattr(metrics, "_last_progress", {})


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    """Settings of either app: two partitions, tables on disk, nothing of a model."""
    return {
        "data_dir": tmp_path / "data",
        "store": "rocksdb",
        "partitions": 2,
        "encoder_version": "fixed",
        "session_timeout": 60.0,
    }


@pytest.fixture
def _app_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The apps' modules make an app of the environment's settings when they are imported."""
    for name, value in (("STORE", "memory"), ("ENCODER_VERSION", "fixed")):
        monkeypatch.setenv(f"MATCHER_{name}", value)
    monkeypatch.setenv("MATCHER_DATA_DIR", str(tmp_path / "imported"))
    for cached in (get_settings, get_explainer_settings):
        cached.cache_clear()
    yield
    for cached in (get_settings, get_explainer_settings):
        cached.cache_clear()


@pytest.fixture
async def matcher(settings: dict[str, Any], _app_modules: None) -> AsyncIterator[tuple[Any, Group]]:
    """The matcher, whose encoder is loaded, and its group."""
    from matcher_stream.app import make_app

    app = make_app(Settings(**settings))
    encoder: Future[Any] = app.context.vectors.encoder
    encoder.set_result(SimpleNamespace(dim=DIM))
    yield app, Group(app, app.context.names.read)
    app.context.scoring.shutdown()
    _close_tables(app)


@pytest.fixture
async def explainer(
    settings: dict[str, Any], _app_modules: None
) -> AsyncIterator[tuple[Any, Group]]:
    """The explainer without a model, and its group."""
    from matcher_stream.explainer import make_app

    app = make_app(ExplainerSettings(**settings, llm_api_key=""))
    yield app, Group(app, [app.context.names.matches])
    _close_tables(app)


def _close_tables(app: Any) -> None:
    """A database that is open when the interpreter ends takes it down."""
    for table in app.tables.values():
        table.data._dbs.clear()
