"""GitHub's workflow is what GitHub takes, and only gives `.ci/run` a machine."""

from __future__ import annotations

import configparser
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support.brokers import ROOT
from tests.support.tools import tool

WORKFLOW: Final = ROOT / ".github" / "workflows" / "ci.yml"
TEXT: Final = WORKFLOW.read_text()
JOBS: Final[dict[str, Any]] = yaml.safe_load(TEXT)["jobs"]
STEPS: Final[list[dict[str, Any]]] = JOBS["run"]["steps"]


def _told(path: Path) -> str:
    done = subprocess.run(
        [tool("actionlint"), "-no-color", path], cwd=ROOT, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_actionlint_finds_nothing() -> None:
    assert _told(WORKFLOW) == ""


def test_actionlint_would_find_something(tmp_path: Path) -> None:
    wrong = tmp_path / "ci.yml"
    wrong.write_text(TEXT.replace("${{ github.ref }}", "${{ github.reff }}"))
    assert 'property "reff" is not defined' in _told(wrong)


def test_actions_are_named_by_their_commits() -> None:
    used = re.findall(r"uses: (\S+)(.*)", TEXT)
    assert used
    for action, comment in used:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action)
        assert re.fullmatch(r"  # v\d+\.\d+\.\d+", comment), action


def test_it_runs_what_everybody_runs_on_our_python_and_may_only_read() -> None:
    assert [step["run"] for step in STEPS if "run" in step] == [".ci/run"]
    assert yaml.safe_load(TEXT)["permissions"] == {"contents": "read"}
    assert [job["timeout-minutes"] for job in JOBS.values()] == [60]
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    ours = next(step for step in STEPS if "setup-python" in step.get("uses", ""))
    assert ours["with"]["python-version"] == setup["mypy"]["python_version"]


def test_the_cache_changes_with_every_lock() -> None:
    key = next(step["with"]["key"] for step in STEPS if "cache" in step.get("uses", ""))
    patterns = re.findall(r"'([^']+)'", key)
    named = {path.name for pattern in patterns for path in ROOT.glob(pattern)}
    assert named >= {path.name for path in ROOT.glob("*.lock")}
    assert len(named) > len(list(ROOT.glob("*.lock")))
