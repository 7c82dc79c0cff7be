"""What came of a showing, of all that was said of it."""

from __future__ import annotations

import pytest

from models.feedback.outcomes import place_of, strongest


@pytest.mark.parametrize(
    ("times", "outcome"),
    [
        ({"shown": 1}, ("none", None)),
        ({"shown": 1, "opened": 2}, ("opened", 2)),
        ({"opened": 2, "dismissed": 3}, ("dismissed", 3)),
        ({"applied": 3, "opened": 9, "dismissed": 8}, ("applied", 3)),
        ({"applied": 3, "interviewed": 4, "hired": 5}, ("hired", 5)),
        ({"hired": 5, "reported": 6}, ("reported", 6)),
    ],
)
def test_the_strongest_counts(times: dict[str, int], outcome: tuple[str, int | None]) -> None:
    assert strongest(times) == outcome


def test_ranks_are_counted_in_few_ranges() -> None:
    found = [place_of(rank) for rank in (0, 1, 2, 3, 4, 10, 11, 100)]
    assert found == ["unknown", "1", "2-3", "2-3", "4-10", "4-10", "11+", "11+"]
