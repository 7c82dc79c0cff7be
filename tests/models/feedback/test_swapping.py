"""Which neighbours are told in each other's place: drawn, and drawn again the same."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from models.feedback.propensity import DEPTH
from models.feedback.swapping import swap_rank, swapped

MONDAY = date(2026, 11, 23)


def _list(length: int, sent: int = 0) -> list[dict[str, Any]]:
    return [
        {"rank": n + 1, "job_id": f"j{n}", "level": "send" if n < sent else "also"}
        for n in range(length)
    ]


def test_each_pair_is_drawn_as_often_as_any_and_all_together_as_said() -> None:
    draws = Counter(swap_rank(f"p{n}", "2026-11-23", _list(DEPTH), 0.2) for n in range(20_000))
    assert sum(draws.values()) - draws[0] == pytest.approx(4_000, rel=0.06)
    for rank in range(1, DEPTH):
        assert draws[rank] == pytest.approx(4_000 / (DEPTH - 1), rel=0.2)


def test_a_pair_is_drawn_as_often_in_a_short_list() -> None:
    draws = Counter(swap_rank(f"p{n}", "2026-11-23", _list(3), 0.2) for n in range(20_000))
    assert set(draws) == {0, 1, 2}
    assert draws[1] == pytest.approx(4_000 / (DEPTH - 1), rel=0.2)


def test_the_same_week_draws_the_same_and_the_next_another() -> None:
    people = [f"p{n}" for n in range(2_000)]

    def drawn(day: date) -> list[int]:
        return [swap_rank(name, day.isoformat(), _list(DEPTH), 0.2) for name in people]

    first = drawn(MONDAY)
    assert all(drawn(MONDAY + timedelta(days=n)) == first for n in range(7))
    assert drawn(MONDAY + timedelta(days=7)) != first
    assert drawn(MONDAY - timedelta(days=1)) != first


def test_another_list_draws_anew() -> None:
    one, other = _list(DEPTH), _list(DEPTH)[::-1]
    people = [f"p{n}" for n in range(500)]
    assert [swap_rank(p, "2026-11-23", one, 0.2) for p in people] != [
        swap_rank(p, "2026-11-23", other, 0.2) for p in people
    ]


def test_levels_are_not_mixed() -> None:
    draws = {swap_rank(f"p{n}", "2026-11-23", _list(DEPTH, sent=2), 0.2) for n in range(5_000)}
    assert draws == set(range(DEPTH)) - {2}


@pytest.mark.parametrize(("as_of", "share"), [("2026-11-23", 0.0), ("", 0.2)])
def test_off_is_off(as_of: str, share: float) -> None:
    assert {swap_rank(f"p{n}", as_of, _list(DEPTH), share) for n in range(500)} == {0}


def test_two_change_places_and_ranks_stay_in_order() -> None:
    entries = _list(4)
    told = swapped(entries, 2)
    assert [entry["job_id"] for entry in told] == ["j0", "j2", "j1", "j3"]
    assert [entry["rank"] for entry in told] == [1, 2, 3, 4]
    assert swapped(told, 2) == entries
    assert swapped(entries, 0) == entries == _list(4), "what was given is as it was"
