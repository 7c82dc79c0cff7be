"""Fault points: armed only by name, and only at the pass that was asked for."""

from __future__ import annotations

import os
import signal

import pytest

from matcher_stream.runtime import faults
from schemas.errors import InvalidSettings


@pytest.fixture(autouse=True)
def _disarm() -> object:
    yield
    faults.configure("")


def test_dies_at_the_nth_pass_of_the_named_point(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, sig: killed.append((pid, sig)))
    faults.configure("jobs.after_row:2")
    faults.point("jobs.after_fanout")
    faults.point("jobs.after_row")
    assert killed == []
    faults.point("jobs.after_row")
    assert killed == [(os.getpid(), signal.SIGKILL)]
    faults.point("jobs.after_row")
    assert len(killed) == 1


@pytest.mark.parametrize("spec", ["nowhere:1", "jobs.after_row:0", "jobs.after_row:x"])
def test_a_wrong_point_is_a_clear_error(spec: str) -> None:
    with pytest.raises(InvalidSettings, match="MATCHER_FAULT"):
        faults.configure(spec)
