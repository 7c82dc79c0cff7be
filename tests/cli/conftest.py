"""A broker of this tier's own, and the command line called as a function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from matcher_stream.cli.group import run
from matcher_stream.config.settings import get_settings
from tests.support.brokers import TansuBroker


@dataclass(frozen=True, slots=True)
class Result:
    """What a call of the command line left: exit code and what it wrote."""

    code: int
    out: str
    err: str


Cli = Callable[..., Result]


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Iterator[Cli]:
    """Calls the command line with fresh settings."""

    def _call(*args: str | Path) -> Result:
        get_settings.cache_clear()
        capfd.readouterr()
        code = run([str(arg) for arg in args])
        out, err = capfd.readouterr()
        return Result(code, out, err)

    yield _call
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def tansu(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TansuBroker]:
    """One embedded broker for all of this tier."""
    broker = TansuBroker(tmp_path_factory.mktemp("tansu"))
    broker.start()
    try:
        yield broker
    finally:
        broker.reap()


@pytest.fixture
def broker_env(
    tansu: TansuBroker, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> str:
    """The environment of a user of that broker; every test has topics of its own."""
    prefix = "t" + str(abs(hash(request.node.name)))[:10]
    monkeypatch.setenv("BROKER_URL", f"kafka://{tansu.url}")
    monkeypatch.setenv("MATCHER_PRODUCER_BATCH", "1")
    monkeypatch.setenv("MATCHER_TOPIC_PREFIX", prefix)
    monkeypatch.setenv("MATCHER_PARTITIONS", "4")
    return prefix
