"""Options and fixtures that every tier of tests shares."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.support.brokers import Broker, KafkaBroker, TansuBroker, kafka_jars
from tests.support.examples import QUICK

# Several processes share the cores, and torch's threads would spin while they wait for each other;
# OpenMP reads this when torch is loaded, here and in every process that a test starts.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# Tables are as wide as in a pipe, whatever terminal the tests are started from.
os.environ.pop("COLUMNS", None)

# The embedded broker lives and dies with the machine's memory; Kafka takes some seconds to start.
_BROKERS = ("tansu", "kafka")
# Files whose tests share nothing but a broker, so that they can go to several processes. Where each
# would make a broker of its own with accounts and rights, a minute's work, a file stays together.
_TOGETHER = (
    "test_alerts|test_matching|test_vetting\\.|test_accounts|test_secured|test_clients_secured"
)
_SEVERAL = re.compile(rf"tests/e2e/(?!{_TOGETHER})|tests/cli/test_dev")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which broker to test on, and whether to take hours over it."""
    parser.addoption("--broker", choices=_BROKERS, default="tansu", help="broker of the e2e tests")
    parser.addoption("--quick", action="store_true", help="fewer examples of each property")
    parser.addoption("--containers", action="store_true", help="build and start containers too")
    parser.addoption("--cluster", action="store_true", help="start a Kubernetes too")
    parser.addoption("--soak", action="store_true", help="run the long forms too")


def pytest_configure(config: pytest.Config) -> None:
    """Markers of ours."""
    config.addinivalue_line("markers", "alone: measures time; nothing runs beside it")
    if config.getoption("--quick"):
        os.environ[QUICK] = "1"
    config.addinivalue_line("markers", "weights: loads real weights, or trains; not for every save")
    config.addinivalue_line("markers", "browser: needs Chromium; `make check` leaves it out")
    config.addinivalue_line("markers", "broker: needs a broker; `make check` leaves it out")
    config.addinivalue_line("markers", "e2e: needs a broker and workers as processes")
    config.addinivalue_line("markers", "soak: the long form of a test (--soak)")
    config.addinivalue_line("markers", "containers: builds and starts containers (--containers)")
    config.addinivalue_line("markers", "cluster: starts a Kubernetes (--cluster)")
    # The main job is tried on both brokers; what dies, freezes or moves on the one of production,
    # what says nothing of a broker on the one that starts sooner.
    config.addinivalue_line("markers", "kafka_only: wants Apache Kafka (--broker=kafka)")
    config.addinivalue_line("markers", "embedded_only: says nothing of the broker; runs on one")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what was not asked for, and put the rest in order.

    Pure tests come first and those that start processes last; in one of several processes it is
    the other way round, the long ones first, and at the very end those that want to be alone.
    """
    soak = pytest.mark.skip(reason="a long form: --soak runs it")
    boxes = pytest.mark.skip(reason="builds and starts containers: --containers does it")
    cluster = pytest.mark.skip(reason="starts a Kubernetes: --cluster does it")
    kafka = pytest.mark.skip(reason="wants Apache Kafka: --broker=kafka")
    once = pytest.mark.skip(reason="says nothing of the broker: runs on the embedded one")
    for item in items:
        if "soak" in item.keywords and not config.getoption("--soak"):
            item.add_marker(soak)
        if "containers" in item.keywords and not config.getoption("--containers"):
            item.add_marker(boxes)
        if "cluster" in item.keywords and not config.getoption("--cluster"):
            item.add_marker(cluster)
        if "kafka_only" in item.keywords and config.getoption("--broker") != "kafka":
            item.add_marker(kafka)
        if "embedded_only" in item.keywords and config.getoption("--broker") != "tansu":
            item.add_marker(once)
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.broker)
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
        if "tansu" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.broker)
    items.sort(key=_turn, reverse=_beside_others(config))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Among several processes, a test that measures time waits until it has the machine alone."""
    if not _beside_others(item.config):
        return (yield)
    with Path(__file__).open() as machine:
        fcntl.flock(machine, fcntl.LOCK_EX if "alone" in item.keywords else fcntl.LOCK_SH)
        return (yield)


def _beside_others(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")  # set by pytest-xdist in each of its processes


def _turn(item: pytest.Item) -> tuple[bool, bool, bool]:
    return (
        "alone" not in item.keywords and _beside_others(item.config),
        "broker" in item.keywords,
        not _SEVERAL.match(item.nodeid),
    )


class _ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Hands files to several processes, or single tests where tests share nothing."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if _SEVERAL.match(nodeid) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Which tests go together where there are several processes."""
    return _ByFile(config, log)


def start_broker(kind: str, folder: Path) -> Broker:
    """A started broker of the kind asked for; skips the test if its program is not here."""
    broker: Broker
    if kind == "tansu":
        broker = TansuBroker(folder)
    else:
        jars = kafka_jars()
        if jars is None:
            pytest.skip("Apache Kafka is not here: `make kafka` gets it")
        broker = KafkaBroker(folder, jars)
    broker.start()
    return broker


@pytest.fixture(scope="session")
def broker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broker]:
    """The broker that the tests of a session share."""
    running = start_broker(request.config.getoption("--broker"), tmp_path_factory.mktemp("broker"))
    try:
        yield running
    finally:
        running.reap()
