"""What is like before is told to be, and what is not is not."""

from __future__ import annotations

import numpy as np
import pytest

from models.report import drift
from models.report.drift import Measure, compare, jensen_shannon, psi


def _measure(values: np.ndarray, each: int = 1) -> Measure:
    units = len(values) // each
    return Measure(np.repeat(np.arange(units), each), values.tolist(), units)


def test_both_distances_are_their_formulas() -> None:
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.3, 0.3])
    assert psi(p, q) == pytest.approx(0.1 * np.log(5 / 4) - 0.1 * np.log(2 / 3))
    assert jensen_shannon(p, p) == 0.0
    assert jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == 1.0
    half = 0.5 * np.log2(0.5 / 0.75) + 0.5 * np.log2(0.5 / 0.25)
    found = jensen_shannon(np.array([0.5, 0.5]), np.array([1.0, 0.0]))
    assert found == pytest.approx(np.sqrt((half + np.log2(4 / 3)) / 2))


def test_what_has_not_changed_is_told_to_have_one_time_in_twenty() -> None:
    rng = np.random.default_rng(1)
    told = [
        compare(_measure(rng.normal(size=300)), _measure(rng.normal(size=120)), 2)
        for _ in range(150)
    ]
    assert all(row is not None for row in told)
    alarms = np.mean([row["changed"] for row in told if row])
    assert alarms <= 0.1
    over_a_tenth = np.mean([row["psi"] > 0.1 for row in told if row])
    assert over_a_tenth > 0.3, "the limit of custom would cry wolf"


def test_rows_of_one_person_move_together() -> None:
    rng = np.random.default_rng(2)

    def clustered(people: int) -> Measure:
        own = np.repeat(rng.normal(size=people), 10)
        return _measure(own + rng.normal(0, 0.01, people * 10), 10)

    told = [compare(clustered(100), clustered(100), 2) for _ in range(60)]
    assert np.mean([row["changed"] for row in told if row]) <= 0.12
    alone = compare(_measure(rng.normal(size=1000)), _measure(rng.normal(size=1000)), 2)
    assert alone
    assert told[0]
    assert told[0]["psi normal"] > 4 * alone["psi normal"]


@pytest.mark.parametrize("by", [0.5, -0.5])
def test_what_has_changed_is_told(by: float) -> None:
    rng = np.random.default_rng(3)
    row = compare(_measure(rng.normal(size=500)), _measure(rng.normal(by, size=500)), 10)
    assert row
    assert row["changed"]
    assert row["psi"] > row["psi normal"]
    shares = [bin_["reference"] for bin_ in row["bins"]]
    assert shares == pytest.approx([0.1] * 10, abs=0.002)
    at = 0 if by < 0 else -1
    assert row["bins"][at]["now"] > 0.15


def test_names_and_few_numbers_are_categories() -> None:
    before = Measure(np.arange(40), ["es"] * 36 + ["qu"] * 4, 40)
    now = Measure(np.arange(40), ["es"] * 20 + ["ay"] * 20, 40)
    row = compare(before, now, 10)
    assert row
    assert {b["bin"]: b["reference"] for b in row["bins"]} == {"ay": 0.0, "es": 0.9, "qu": 0.1}
    assert row["changed"]
    numbers = compare(Measure(np.arange(4), [0.0, 0, 1, 2], 4), _measure(np.ones(20)), 10)
    assert numbers
    assert [b["bin"] for b in numbers["bins"]] == ["0", "1", "2"]


def test_bins_of_few_people_are_not_told_of_ads_they_are() -> None:
    before = Measure(np.arange(90), ["a", "b", "c"] * 30, 90)
    now = Measure(np.arange(60), ["a"] * 33 + ["b"] * 24 + ["c"] * 3, 60)
    row = compare(before, now, 10)
    assert row
    assert {b["bin"]: b["now"] for b in row["bins"]} == {"a": 0.55, "b": None, "c": None}
    ads = compare(before, now, 10, people=False)
    assert ads
    assert {b["bin"]: b["now"] for b in ads["bins"]} == {"a": 0.55, "b": 0.4, "c": 0.05}


def test_of_nothing_or_of_few_nothing_is_said() -> None:
    some, none = _measure(np.arange(50.0)), Measure(np.zeros(0, np.int64), [], 0)
    assert compare(some, none, 10) is None
    assert compare(none, some, 10) is None
    assert compare(some, _measure(np.arange(9.0)), 10) is None


def test_a_large_reference_is_drawn_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drift, "MOST_UNITS", 500)
    rng = np.random.default_rng(4)
    row = compare(_measure(rng.normal(size=4000), 2), _measure(rng.normal(size=500)), 10)
    assert row
    assert row["reference units"] == 500
    assert not row["changed"]
