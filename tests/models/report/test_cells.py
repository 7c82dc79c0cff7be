"""Nobody is told from a table by subtracting what is shown from its total."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.report.cells import suppressed

COUNTS = st.lists(st.integers(0, 60), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("people", "hidden"),
    [
        ([40, 30, 20], [False, False, False]),
        ([40, 30, 3], [False, True, True]),  # one alone would be the total less the others
        ([40, 30, 3, 2], [False, True, True, True]),  # two of five people together would be told
        ([40, 30, 7, 8], [False, False, True, True]),
        ([40, 30, 0], [False, False, False]),  # that nobody is there tells nothing of anybody
        ([40, 3, 0], [True, True, True]),  # nothing to hide it among
        ([3], [True]),
    ],
)
def test_a_small_cell_takes_another_with_it(people: list[int], hidden: list[bool]) -> None:
    left_out = suppressed(np.array(people), 10)
    assert [h and n > 0 for h, n in zip(left_out, people, strict=True)] == [
        h and n > 0 for h, n in zip(hidden, people, strict=True)
    ]


@given(COUNTS, st.integers(2, 20), st.data())
def test_what_subtraction_gives_is_of_enough_people_in_two_cells(
    counts: list[int], fewest: int, data: st.DataObject
) -> None:
    people = np.array(counts)
    already = np.array([data.draw(st.booleans()) for _ in counts])
    hidden = suppressed(people, fewest, already)
    assert (hidden >= already).all()
    assert all(n == 0 or n >= fewest for n in people[~hidden])
    secret = people[hidden]
    whole_table = hidden.all()  # then only the total is told, which is no cell
    if not whole_table and secret.sum():
        assert secret.sum() >= fewest
        assert (secret > 0).sum() >= 2


@given(COUNTS)
def test_a_table_of_large_cells_is_told_whole(counts: list[int]) -> None:
    people = np.array([count + 10 for count in counts])
    assert not suppressed(people, 10).any()
