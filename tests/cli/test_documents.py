"""What is written down is what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from matcher_stream.cli.group import COMMANDS
from matcher_stream.cli.settings_table import replaced
from tests.cli.conftest import Cli

ROOT = Path(__file__).resolve().parents[2]


def test_the_readme_lists_every_setting_as_it_is() -> None:
    text = (ROOT / "README.md").read_text()
    assert replaced(text) == text, "run `make docs`"


def test_schemas_are_as_committed(call: Cli, tmp_path: Path) -> None:
    assert call("schemas", "export", tmp_path).code == 0
    names = {path.name for path in tmp_path.iterdir()}
    committed = ROOT / "docs" / "schemas"
    assert names == {path.name for path in committed.iterdir()}, "run `make docs`"
    for name in names:
        assert (tmp_path / name).read_text() == (committed / name).read_text(), name
        if name.endswith(".json"):
            Draft202012Validator.check_schema(yaml.safe_load((tmp_path / name).read_text()))
    document = yaml.safe_load((tmp_path / "asyncapi.yaml").read_text())
    assert document["asyncapi"].startswith("3.")


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_has_help(call: Cli, command: str) -> None:
    result = call(command, "--help")
    assert result.code == 0
    assert command in result.out


def test_help_lists_the_commands(call: Cli) -> None:
    told = call("--help").out
    assert all(command in told for command in COMMANDS)
