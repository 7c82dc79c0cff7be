"""Signed links, sessions, tokens: what is forged, old or for something else is nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from matcher_stream.web.site.problem import Problem
from matcher_stream.web.site.roles import Tokens, new_token
from matcher_stream.web.site.session import Session
from matcher_stream.web.site.signing import ASK_SECONDS, LINK_SECONDS, Signing, new_id
from schemas.errors import InvalidSettings

OLD, NEW = "o" * 32, "n" * 32


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock."""
    real = time.time

    def move(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: real() + seconds)

    return move


def test_a_link_opens_its_person_for_ninety_days(later: Callable[[float], None]) -> None:
    signing = Signing([NEW])
    token = signing.link("ana")
    opened = signing.opened(token)
    assert opened is not None
    assert opened[0] == "ana"
    assert abs(opened[1] - time.time() - LINK_SECONDS) < 5
    later(LINK_SECONDS - 10)
    assert signing.opened(token)
    later(LINK_SECONDS + 10)
    assert signing.opened(token) is None


def test_a_forged_link_opens_nothing() -> None:
    signing = Signing([NEW])
    token = signing.link("ana")
    name, stamp, signature = token.split(".")
    for forged in (
        f"eva.{stamp}.{signature}", f"{name}.{stamp}", f"{name}.{stamp}.{signature[:-2]}AA", "",
        "ñ", token.replace(stamp, "zzzzzz"), Signing([OLD]).link("ana"), "a" * 100_000,
    ):  # fmt: skip
        assert signing.opened(forged) is None


def test_keys_rotate_the_first_signs_and_all_verify() -> None:
    before, both, after = Signing([OLD]), Signing([NEW, OLD]), Signing([NEW])
    assert both.opened(before.link("ana"))
    assert after.opened(both.link("ana"))
    assert after.opened(before.link("ana")) is None
    assert both.form_is_ours("x", before.form_token("x"))


def test_what_is_signed_for_one_use_is_nothing_for_another(later: Callable[[float], None]) -> None:
    signing = Signing([NEW])
    sealed, asked = signing.seal({"n": "x"}), signing.question({"n": "x"})
    assert signing.unseal(sealed) == {"n": "x"}
    assert signing.unseal(asked) is None
    assert signing.asked(sealed) is None
    assert signing.opened(signing.form_token("x")) is None
    assert not signing.form_is_ours("y", signing.form_token("x"))
    assert not signing.form_is_ours("x", "ñ")
    assert signing.asked(asked) == {"n": "x"}
    later(ASK_SECONDS + 2)
    assert signing.asked(asked) is None


def test_ids_are_128_random_bits() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000
    assert len(new_id()) == 22


def test_a_session_that_becomes_somebody_s_has_new_forms(later: Callable[[float], None]) -> None:
    session = Session(None)
    before = session.nonce
    session.begin_person("ana", int(time.time()) + 100)
    assert session.nonce != before
    assert session.person == "ana"
    later(101)
    assert session.person is None
    session.begin_staff("d")
    assert (session.staff, session.values["p"]) == ("d", "ana")
    session.end()
    assert (session.person, session.staff) == (None, None)


def test_a_session_too_large_for_a_cookie_is_told() -> None:
    session = Session(None)
    session.put("draft", "".join(chr(0x4E00 + i * 7 % 20_000) for i in range(3000)))
    with pytest.raises(Problem, match="muy largo"):
        session.sealed(Signing([NEW]))


def test_a_token_of_the_file_is_known_until_its_line_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, staff = new_token("reviewer", "rosa")
    path = tmp_path / "tokens"
    path.write_text(f"# who may\n{staff.line}  # since May\n\n")
    tokens = Tokens(path)
    found = tokens.of_token(token)
    assert found == staff
    assert token not in path.read_text()
    assert tokens.of_token(token + "x") is None
    path.write_text("# nobody\n")
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + 2)
    assert tokens.of_digest(staff.digest) is None


def test_a_file_that_cannot_be_read_lets_nobody_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tokens"
    with pytest.raises(InvalidSettings, match="MATCHER_WEB_TOKENS"):
        Tokens(path)
    path.write_text("reviewer rosa secret\n")
    with pytest.raises(InvalidSettings, match="ROLE NAME SHA256"):
        Tokens(path)
    token, staff = new_token("operator", "olga")
    path.write_text(staff.line)
    tokens = Tokens(path)
    path.unlink()
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + 2)
    assert tokens.of_token(token) is None
    with pytest.raises(ValueError, match="no spaces"):
        new_token("operator", "dos nombres")
