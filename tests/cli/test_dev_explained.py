"""The demo with a language model's stand-in: words by the model where allowed, else a template."""

from __future__ import annotations

import sys
from pathlib import Path

import orjson
import psutil
import pytest

from tests.support.brokers import ROOT
from tests.support.processes import ChildProcess

pytestmark = pytest.mark.broker

PEOPLE = [
    {"profile_id": "p1", "text": "Soy albañil, levanto muros", "place": "Comas, Lima",
     "consent_llm": True},
    {"profile_id": "p2", "text": "Cocinera de menú y comida criolla", "place": "Trujillo"},
]  # fmt: skip
JOBS = [
    {"job_id": "j1", "title": "Albañil para obra", "place": "Comas, Lima"},
    {"job_id": "j2", "title": "Cocinera para restaurante", "place": "Trujillo, La Libertad"},
]


def test_explains_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATCHER_SCORE_THRESHOLD", "0")
    monkeypatch.setenv("COLUMNS", "140")
    for name, rows in (("people", PEOPLE), ("jobs", JOBS)):
        (tmp_path / f"{name}.jsonl").write_bytes(b"".join(orjson.dumps(r) + b"\n" for r in rows))
    command = [
        sys.executable, "-c", "from matcher_stream.cli import main; main()", "dev", "--once",
        "--fake-llm", "--profiles", str(tmp_path / "people.jsonl"),
        "--jobs", str(tmp_path / "jobs.jsonl"),
    ]  # fmt: skip
    child = ChildProcess("dev", command, tmp_path / "dev.log", cwd=ROOT)
    child.start()
    try:
        assert child.wait_end(240) == 0, child.tail()
    finally:
        child.reap()
    told = child.log.read_text()
    assert "p1:j1 (modelo simulado): El trabajo es: Albañil para obra." in told
    assert "p2:j2 (plantilla): Este trabajo se parece a lo que buscas" in told
    ours = [p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in str(p.info["cmdline"])]
    assert not ours
