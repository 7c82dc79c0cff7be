"""Tokens for the pages of a role: shown once, kept as a hash."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from matcher_stream.cli import cli
from matcher_stream.cli.pages import demo_pages
from matcher_stream.config.settings import Settings
from matcher_stream.web.site.config import site_config
from matcher_stream.web.site.roles import Tokens


def test_a_token_is_made_and_its_line_opens_what_it_says(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["token", "reviewer", "rosa"])
    assert done.exit_code == 0
    token = done.stderr.split(": ")[1].strip()
    path = tmp_path / "tokens"
    path.write_text(done.stdout)
    assert token not in done.stdout
    staff = Tokens(path).of_token(token)
    assert staff is not None
    assert (staff.role, staff.name) == ("reviewer", "rosa")


def test_a_role_that_is_none_and_a_name_of_two_words_are_told() -> None:
    assert CliRunner().invoke(cli, ["token", "king", "rosa"]).exit_code == 2
    done = CliRunner().invoke(cli, ["token", "reviewer", "rosa luz"])
    assert done.exit_code == 2
    assert "espacios" in done.stderr


def test_the_demo_turns_all_pages_on_with_secrets_of_its_own(tmp_path: Path) -> None:
    first, second = demo_pages(tmp_path), demo_pages(tmp_path)
    settings = {name.removeprefix("MATCHER_").lower(): v for name, v in second.env.items()}
    config = site_config(Settings.model_validate(settings))
    assert "busco" in config.pages
    assert first.env["MATCHER_WEB_KEYS"] != second.env["MATCHER_WEB_KEYS"]
    tokens = Tokens(tmp_path / "tokens")
    assert all(tokens.of_token(token) for token in second.tokens.values())
    assert not any(tokens.of_token(token) for token in first.tokens.values())


def test_the_demo_tells_where_its_pages_are_and_opens_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda *_: pytest.fail("it opened a page"))
    pages = demo_pages(tmp_path)
    pages.show("http://127.0.0.1:6066")
    lines = {
        line.split(" http://")[0].strip(): line for line in capsys.readouterr().out.splitlines()
    }
    assert lines["Busco trabajo"].endswith("http://127.0.0.1:6066/busco")
    for what, path, role in (
        ("Busco personal", "/ofrezco", "publisher"), ("Revisar avisos", "/revisar", "reviewer"),
        ("En vivo", "/", "operator"),
    ):  # fmt: skip
        assert f"http://127.0.0.1:6066{path} " in lines[what]
        assert lines[what].endswith(pages.tokens[role])  # type: ignore[index]
