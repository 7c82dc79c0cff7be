"""The whole demo as a process: it ends by itself, or on Ctrl-C with nothing left behind."""

from __future__ import annotations

import re
import shutil
import signal
import sys
from pathlib import Path

import orjson
import psutil
import pytest

from tests.support.brokers import ROOT
from tests.support.processes import ChildProcess, wait_for

pytestmark = pytest.mark.broker

PEOPLE = [
    {"profile_id": "p1", "text": "Soy albañil, levanto muros y tarrajeo", "place": "Comas, Lima"},
    {"profile_id": "p2", "text": "Cocinera de menú y comida criolla", "place": "Trujillo"},
    {"profile_id": "p3", "text": "Chofer con brevete", "status": "paused"},
]
JOBS = [
    {"job_id": "j1", "title": "Albañil para obra", "place": "Comas, Lima"},
    {"job_id": "j2", "title": "Cocinera para restaurante", "place": "Trujillo, La Libertad"},
    {"job_id": "j3", "title": "Chofer de camión", "place": "Lima"},
    {"job_id": "j4", "title": "Albañil", "status": "filled"},
    {"job_id": "j1", "title": "Albañil para obra", "place": "Comas, Lima"},  # told twice
]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("MATCHER_SCORE_THRESHOLD", "0")
    monkeypatch.setenv("COLUMNS", "140")
    for name, rows in (("people", PEOPLE), ("jobs", JOBS)):
        lines = b"".join(orjson.dumps(row) + b"\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_bytes(lines)
    return [
        "--profiles", str(tmp_path / "people.jsonl"), "--jobs", str(tmp_path / "jobs.jsonl"),
    ]  # fmt: skip


def _dev(tmp_path: Path, *args: str) -> ChildProcess:
    command = [sys.executable, "-c", "from matcher_stream.cli import main; main()", "dev", *args]
    child = ChildProcess("dev", command, tmp_path / "dev.log", cwd=ROOT)
    child.start()
    return child


def test_once_ends_with_everybody_ranked(tmp_path: Path, files: list[str]) -> None:
    target = tmp_path / "rankings.jsonl"
    child = _dev(tmp_path, "--once", *files, "--out", str(target))
    try:
        assert child.wait_end(180) == 0, child.tail()
    finally:
        child.reap()
    events = {e["profile_id"]: e for e in map(orjson.loads, target.read_bytes().splitlines())}
    assert list(events) == ["p1", "p2", "p3"]
    assert events["p1"]["entries"][0]["job_id"] == "j1"
    assert events["p2"]["entries"][0]["job_id"] == "j2"
    assert (events["p3"]["status"], events["p3"]["entries"]) == ("paused", [])
    shown = {entry["job_id"] for event in events.values() for entry in event["entries"]}
    assert "j4" not in shown
    told = child.log.read_text()
    assert "Albañil para obra" in told
    assert "http://127.0.0.1:" in told


def test_people_who_give_only_a_text_are_matched_by_what_it_says(tmp_path: Path) -> None:
    target = tmp_path / "rankings.jsonl"
    child = _dev(tmp_path, "--once", "--texts", "--out", str(target))
    try:
        assert child.wait_end(180) == 0, child.tail()
    finally:
        child.reap()
    events = {e["profile_id"]: e for e in map(orjson.loads, target.read_bytes().splitlines())}
    assert len(events) >= 10
    assert sum(bool(event["entries"]) for event in events.values()) >= 8
    driver = events["51900000102"]
    assert driver["read"]["licence"] == "B-IIc"
    reasons = [reason for entry in driver["entries"] for reason in entry["reasons"]]
    assert any("read" in (reason.get("source") or {}).values() for reason in reasons)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_ctrl_c_stops_all_that_was_started(
    tmp_path: Path, files: list[str], number: signal.Signals
) -> None:
    child = _dev(tmp_path, *files)
    try:
        wait_for(
            lambda: not child.alive or "Ctrl-C" in child.log.read_text(), 180, "the demo to settle"
        )
        assert child.alive, child.tail()
        started = psutil.Process(child.pid).children(recursive=True)
        assert len(started) >= 2  # a broker and a worker
        child.signal(number)
        assert child.wait_end(60) == 0, child.tail()
        _, alive = psutil.wait_procs(started, timeout=10)
        assert not alive
        assert "Traceback" not in child.log.read_text()
    finally:
        child.reap()


def test_a_worker_that_ends_is_told_with_its_log(
    tmp_path: Path, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATCHER_FAULT", "profiles.after_content:1")
    child = _dev(tmp_path, "--once", *files)
    try:
        assert child.wait_end(120) == 1
    finally:
        child.reap()
    told = child.log.read_text()
    assert "Traceback" not in told
    assert "Error: El trabajador terminó" in told
    named = re.search(r"registro está en\s+(\S+worker\.log)", told)
    assert named
    log = Path(named[1])
    assert log.is_file()
    shutil.rmtree(log.parent)
