"""Rows of the explainer that stand on disks today, byte by byte, as in `test_formats.py`."""

from __future__ import annotations

from tables import explained
from tables.explained import ExplainedRow


def test_what_a_person_was_told_is_read_as_it_was_written_once() -> None:
    told, raw = ExplainedRow(4, {"obra": ["d", "t"]}), b'[1,4,{"obra":["d","t"]}]'
    assert told.pack() == raw
    assert ExplainedRow.unpack(raw) == told


def test_who_wrote_last_and_the_budget_are_known_by_the_names_of_before() -> None:
    assert (explained.TEMPLATE, explained.MODEL, explained.UNUSABLE) == ("t", "g", "x")
    assert (explained.FORMAT, explained._BUDGET) == (1, b"budget")
