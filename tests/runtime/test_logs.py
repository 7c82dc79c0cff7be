"""Log lines: of the format asked for, one line each if that is JSON, without anybody's words."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web
from mode.utils.logging import get_logger, setup_logging

from matcher_stream.config import logs
from matcher_stream.config.settings import Settings
from matcher_stream.local.processes import free_port
from matcher_stream.runtime.outputs import about
from schemas.errors import ProducerFailed
from tests.support.brokers import ROOT
from tests.support.harness.events import TRACE, event_of

SECRET = "Jr. Los Sauces 4321"
DNI = "45678912"


class Logs:
    """What a worker would have written to its standard error."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._stream, self._patch = io.StringIO(), patch

    def __call__(self, log_format: str, level: str = "debug", log_key: str = "k") -> None:
        """Set logging up as Faust does."""
        self._patch.setattr(sys, "stderr", self._stream)
        settings = Settings(log_format=log_format, log_key=log_key)
        setup_logging(loglevel=level, logging_config=logs.config_of(settings, "matcher"))

    @property
    def text(self) -> str:
        """All of it."""
        return self._stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Each line, which must be JSON."""
        return [orjson.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Logs]:
    """Logging as it was is there again after the test."""
    root = logging.root
    before = list(root.handlers), list(root.filters), root.level
    hooks = sys.excepthook, threading.excepthook
    library = logging.getLogger("aiokafka")  # which our command line keeps quiet
    quiet = library.level
    library.setLevel(logging.NOTSET)
    server = logging.getLogger("aiohttp.server")
    monkeypatch.setattr(logging, "raiseExceptions", True)
    monkeypatch.setattr(logs, "_key", logs._key)
    try:
        yield Logs(monkeypatch)
    finally:
        root.handlers[:], root.filters[:] = before[0], before[1]
        root.setLevel(before[2])
        library.setLevel(quiet)
        server.filters.clear()
        sys.excepthook, threading.excepthook = hooks
        logging.captureWarnings(False)


def fail(error: Exception) -> None:
    """Log an error that another one led to."""
    try:
        try:
            raise error
        except Exception as cause:
            raise RuntimeError(f"cannot place {SECRET}") from cause
    except RuntimeError as found:
        logging.getLogger("agents.people").exception("It failed with %r", found)


def test_a_line_is_one_json_object_with_what_is_known_of_the_record(written: Logs) -> None:
    written("json")
    record = event_of("matcher.profiles.v1", DNI.encode(), b"{}", 3, 17).message
    record.headers = [("traceparent", TRACE)]
    before = datetime.now(UTC)
    logging.getLogger("agents.people").warning(
        "Says %s\nin two lines", 5, extra={"data": {**about(record), "name": SECRET}}
    )
    (line,) = written.lines
    at = datetime.fromisoformat(line.pop("time"))
    assert timedelta(milliseconds=-1) <= at - before < timedelta(seconds=5)
    assert at.utcoffset() == timedelta(0)
    assert line == {
        "level": "WARNING", "logger": "agents.people", "message": "Says 5\nin two lines",
        "service": "matcher", "topic": "matcher.profiles.v1", "partition": 3, "offset": 17,
        "key": logs.pseudonym(DNI), "trace_id": TRACE.split(b"-")[1].decode(),
    }  # fmt: skip
    assert len(written.text.splitlines()) == 1


def test_the_same_is_said_in_text(written: Logs) -> None:
    written("text")
    record = event_of("matcher.profiles.v1", DNI.encode(), b"{}", 3, 17).message
    extra = {"data": {**about(record), "name": SECRET}}
    logging.getLogger("agents.people").warning("Says %s", 5, extra=extra)
    assert "[WARNING] Says 5 topic='matcher.profiles.v1', partition=3, offset=17" in written.text
    assert DNI not in written.text
    assert SECRET not in written.text


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("kind", [ValueError, KeyError, ExceptionGroup])
def test_an_error_shows_where_it_was_and_not_what_it_says(
    written: Logs, log_format: str, kind: type[Exception]
) -> None:
    written(log_format)
    fail(kind(SECRET, [ValueError(SECRET)]) if kind is ExceptionGroup else kind(SECRET))
    assert "in fail" in written.text
    assert kind.__name__ in written.text
    assert "RuntimeError" in written.text
    assert SECRET not in written.text
    if log_format == "json":
        (line,) = written.lines
        assert line["traceback"].index(kind.__name__) < line["traceback"].index("RuntimeError")


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_our_own_sentences_and_the_systems_are_shown(written: Logs, log_format: str) -> None:
    written(log_format)
    fail(ProducerFailed("The broker refused a record."))
    fail(OSError(28, "No space left on device"))
    assert "The broker refused a record." in written.text
    assert "No space left on device" in written.text


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_what_others_say_of_records_below_info_is_dropped(
    written: Logs, log_format: str
) -> None:
    written(log_format)
    logs.begin()
    get_logger("aiokafka.producer.producer").debug("Sending (key=%s)", DNI)
    get_logger("aiokafka.conn").info("A line of the library")
    logging.getLogger("agents.people").debug("A line of ours")
    assert DNI not in written.text
    assert "A line of the library" in written.text
    assert "A line of ours" in written.text


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_what_nobody_caught_or_awaited_says_nothing_either(
    written: Logs, log_format: str
) -> None:
    written(log_format)
    logs.begin()
    error = KeyError(SECRET)
    sys.excepthook(KeyError, error, None)
    thread = threading.Thread(target=lambda: dict[str, int]()[SECRET], name="reader")
    thread.start()
    thread.join()
    loop = asyncio.get_running_loop()
    task: asyncio.Future[None] = loop.create_future()
    task.set_exception(error)
    context = {
        "message": f"Future exception was never retrieved\nfuture: {task!r}", "exception": error
    }  # fmt: skip
    loop.call_exception_handler(context)
    task.exception()
    for told in ("in the process", "in thread reader", "Future exception was never retrieved"):
        assert told in written.text
    assert SECRET not in written.text


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_who_asked_for_a_page_that_failed_is_not_named(
    written: Logs, log_format: str
) -> None:
    written(log_format)
    logs.begin()

    async def fail(_: web.Request) -> web.Response:
        raise KeyError(SECRET)

    app = web.Application()
    app.router.add_get("/", fail)
    runner = web.AppRunner(app, access_log=None)  # as Faust has it
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        async with aiohttp.ClientSession() as session, session.get(f"http://{host}:{port}/") as got:
            assert got.status == 500
    finally:
        await runner.cleanup()
    assert "Error handling request from a client" in written.text
    assert "127.0.0.1" not in written.text
    assert SECRET not in written.text


async def test_lines_of_a_task_know_the_record_behind_it(written: Logs) -> None:
    written("json")

    async def ask(offset: int) -> None:
        logs.behind({"topic": "t", "offset": offset})
        await asyncio.sleep(0)
        logging.getLogger("models.explain.gpt").warning("No answer")

    await asyncio.gather(ask(1), ask(2))
    logging.getLogger("models.explain.gpt").warning("No record")
    assert [line.get("offset") for line in written.lines] == [1, 2, None]


def test_a_pseudonym_is_one_under_one_key_and_tells_nothing_without_it(written: Logs) -> None:
    written("json", log_key="one")
    first = logs.pseudonym(DNI)
    assert first == logs.pseudonym(DNI.encode())
    assert first != logs.pseudonym("45678913")
    assert len(first) == 16
    written("json", log_key="another")
    assert logs.pseudonym(DNI) != first
    written("json", log_key="one")
    assert logs.pseudonym(DNI) == first


def test_a_value_that_json_does_not_know_ends_no_line(written: Logs) -> None:
    written("json")
    extra = {"data": {"topic": SimpleNamespace(), "offset": 1}}
    logging.getLogger("agents.people").info("%(a)s and %(b)s", {"a": 1, "b": 2}, extra=extra)
    logging.getLogger("agents.people").info("%d of many", SECRET)
    assert [line["message"] for line in written.lines] == ["1 and 2", "%d of many"]


@pytest.mark.parametrize(
    ("service", "wrong", "said"),
    [
        ("matcher", {}, "no responde"),
        ("explainer", {}, "no responde"),
        ("explainer", {"MATCHER_PARTITIONS": "muchas"}, "MATCHER_PARTITIONS"),
    ],
)
def test_all_that_a_worker_says_is_json(
    tmp_path: Path, service: str, wrong: dict[str, str], said: str
) -> None:
    """From its first word: no banner before, no spinner, and no bare sentence at the end."""
    module = {"matcher": "matcher_stream.app", "explainer": "matcher_stream.explainer"}[service]
    env = {
        "MATCHER_LOG_FORMAT": "json", "BROKER_URL": f"kafka://127.0.0.1:{free_port()}",
        "MATCHER_DATA_DIR": str(tmp_path), "MATCHER_WEB_PORT": str(free_port()),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "faust", "-A", module, "worker", "-l", "warn"],
        env={**os.environ, **env, **wrong}, cwd=ROOT, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode != 0
    assert done.stdout == ""
    lines = [orjson.loads(line) for line in done.stderr.splitlines()]
    assert {line["service"] for line in lines} == {service}
    assert said in "".join(line["message"] for line in lines)
