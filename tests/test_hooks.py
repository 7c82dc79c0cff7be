"""What runs before a commit: the commands of `make lint`, and a look at the subject."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("message", "fits"),
    [
        (
            "Rooms: move every module\n\nA line of the body says why, however long it is.\n" * 2,
            True,
        ),
        ("\n# a comment of git\n" + "ñ" * 72 + "\n", True),
        ("x" * 73, False),
        ("fixup! " + "x" * 72, True),
        ("\n# nothing\n", False),
    ],
)
def test_a_subject_has_at_most_72_characters(tmp_path: Path, message: str, fits: bool) -> None:
    (tmp_path / "message").write_text(message, encoding="utf-8")
    hook = [str(ROOT / ".ci/subject"), str(tmp_path / "message")]
    done = subprocess.run(hook, capture_output=True, text=True, check=False)
    assert done.returncode == (0 if fits else 1), done.stderr


def test_a_commit_is_checked_by_what_make_lint_runs() -> None:
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    linted = re.findall(r"\$\(BIN\)/(.+)", recipe[1])
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    entries = [hook["entry"] for hook in config["repos"][0]["hooks"]]
    assert len(linted) == 4
    for command in linted:
        assert any(e.startswith(f".venv/bin/{command.removesuffix(' .')}") for e in entries), (
            command
        )
