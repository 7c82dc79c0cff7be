"""What is written down is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from matcher_stream.cli.group import COMMANDS
from matcher_stream.cli.reference import pages
from tests.cli.conftest import Cli
from tests.support.metric_names import series_names

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "docs" / "schemas"


def test_the_reference_is_as_committed() -> None:
    committed = ROOT / "docs" / "reference"
    written = pages()
    assert written.keys() == {path.name for path in committed.iterdir()}, "run `make docs`"
    for name, text in written.items():
        assert (committed / name).read_text() == text, f"{name}: run `make docs`"


def test_the_reference_names_every_setting_command_event_and_series() -> None:
    page = pages()
    assert "`MATCHER_WEB_PAGES`" in page["settings.md"]
    assert "`MATCHER_LLM_DAILY_BUDGET`" in page["settings.md"]
    assert all(f"\n## matcher-stream {command}\n" in page["commands.md"] for command in COMMANDS)
    assert "\n### matcher-stream review release\n" in page["commands.md"]
    assert all(f"\n## {path.stem}\n" in page["events.md"] for path in SCHEMAS.glob("*.json"))
    told = set(re.findall(r"^\| `(\w+)`", page["metrics.md"], re.MULTILINE))
    whole = {re.sub(r"_(?:bucket|count|sum)$", "", name) for name in series_names()}
    assert told == {name for name in whole if name.startswith("matcher_")}


def test_schemas_are_as_committed(call: Cli, tmp_path: Path) -> None:
    assert call("schemas", "export", tmp_path).code == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {path.name for path in SCHEMAS.iterdir()}, "run `make docs`"
    for name in names:
        assert (tmp_path / name).read_text() == (SCHEMAS / name).read_text(), name
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
