"""`matcher-stream models retrain`: from an export to a version that somebody may promote."""

from __future__ import annotations

import fcntl
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from matcher_stream.cli.exporting import LOCK
from matcher_stream.config import model as config_model
from models.encoding.embedder import vector_version
from models.feedback.dataset import Impression
from models.feedback.writing import prune
from models.ranking.weights import read_weights, shipped_file, shipped_weights
from models.training.simulated_clicks import Habits, Taste, impressions, write
from tests.cli.conftest import Cli, Result
from tests.support.tastes import PAY, people_of, small
from tests.support.versions import running_encoder


@pytest.fixture(autouse=True)
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MATCHER_REGISTRY", str(tmp_path / "registry"))
    monkeypatch.setenv("MATCHER_ENCODER_CACHE_DIR", str(tmp_path / "cache"))
    config_model._registered.cache_clear()
    return tmp_path / "registry"


def rows_of(vectors: str, regions: str = "ACD", rankings: int = 6) -> list[Impression]:
    habits = Habits({"": Taste(PAY)}, rankings=rankings)
    return impressions(small(), people_of(regions), shipped_weights(), habits, vectors)


def told(result: Result, path: Path) -> dict[str, object]:
    assert path.is_file(), result
    found: dict[str, object] = orjson.loads(path.read_bytes())
    return found


@pytest.fixture
def in_use(call: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A registered version that ranks."""
    ranker = tmp_path / "ranker.json"
    ranker.write_bytes(shipped_file())
    base = running_encoder(tmp_path / "small")
    made = call("models", "import", base, "--ranker", ranker, "--licence", "MIT")
    version = made.out.split()[-1]
    monkeypatch.setenv("MATCHER_MODEL", version)
    return version


def test_what_was_learned_is_registered_with_all_that_speaks_for_it(
    call: Cli, tmp_path: Path, in_use: str, registry: Path
) -> None:
    vectors = vector_version(str(tmp_path / "small"), "")
    rows = [replace(row, ranker_version=f"blend-5-{in_use[:12]}") for row in rows_of(vectors)]
    folder = write(rows, tmp_path / "exports" / "one")
    result = call("models", "retrain", "--feedback", folder, "--json", tmp_path / "said.json",
                  "--people", "2")  # fmt: skip
    said = told(result, tmp_path / "said.json")
    assert said["parent"] == in_use, result
    version = str(said["version"])
    assert result.code == (0 if said["proposed"] else 3)
    assert ("models promote" in result.out) == said["proposed"]
    shown = orjson.loads(call("models", "show", version, "--json").out)
    assert (shown["parent"], shown["licence"]) == (in_use, "MIT")
    assert {"feedback/impressions.jsonl", "feedback/manifest.json"} <= shown["data"].keys()
    assert shown["recipe"]["feedback"]["rows"] == len(rows)
    tasks = {figure["task"]: figure for figure in shown["figures"]["figures"]}
    assert tasks["feedback, people left out"]["queries"] > 20
    assert "judged, all" in tasks
    weights = read_weights((registry / version / "ranker.json").read_bytes(), "ranker.json")
    assert weights.evidence != shipped_weights().evidence
    assert weights.version.startswith("feedback-")
    assert "feedback" in call("models", "show", version).out
    assert call("models", "verify", version).code == 0


def test_too_few_people_are_no_reason_to_change_anything(
    call: Cli, tmp_path: Path, in_use: str, registry: Path
) -> None:
    vectors = vector_version(str(tmp_path / "small"), "")
    rows = rows_of(vectors, "A", 1)
    people = sorted({row.person for row in rows})
    folder = write(rows, tmp_path / "exports" / "one")
    prune(folder, people[20:])
    result = call("models", "retrain", "--feedback", folder, "--json", tmp_path / "said.json")
    assert result.code == 3, result
    assert "Nada que proponer: solo" in result.out
    assert told(result, tmp_path / "said.json")["version"] is None
    assert [path.name for path in registry.iterdir() if path.name != LOCK] == [in_use]


def test_two_do_not_run_at_once(call: Cli, tmp_path: Path, registry: Path) -> None:
    folder = write(rows_of("any", "A", 1), tmp_path / "exports" / "one")
    registry.mkdir()
    with (registry / LOCK).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = call("models", "retrain", "--feedback", folder)
    assert result.code == 75, result
    assert "está en marcha" in result.err
    assert not result.out


def test_what_cannot_be_used_is_one_sentence(
    call: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*args: str | Path) -> str:
        result = call("models", "retrain", *args)
        assert result.code == 2, result
        (line,) = (line for line in result.err.splitlines() if line.startswith("Error: "))
        return line

    assert "no tiene manifiesto" in refused("--feedback", tmp_path)
    assert "--feedback" in refused("--feedback", tmp_path / "nowhere")
    assert "--keep" in refused("--feedback", tmp_path, "--keep", tmp_path)
    folder = write(rows_of("any", "A", 1), tmp_path / "exports" / "one")
    (folder / "impressions.jsonl").write_bytes(b"")
    assert "cambió después" in refused("--feedback", folder)
    monkeypatch.setenv("MATCHER_ENCODER", str(running_encoder(tmp_path / "small")))
    assert "MATCHER_MODEL" in refused("--feedback", folder)
