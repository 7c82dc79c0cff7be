"""Rates say how sure they are also where one person's rows belong together."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.feedback.rates import against, apart, rate


def test_a_rate_of_independent_rows_is_a_plain_share() -> None:
    found = rate(np.array([1.0] * 30 + [0.0] * 70), np.ones(100), 100)
    assert found.value == 0.3
    assert found.effective == pytest.approx(99, abs=1.01)
    assert found.low == pytest.approx(0.2189, abs=0.002)  # Wilson 1927, 30 of 100
    assert found.high == pytest.approx(0.3958, abs=0.002)


def test_rows_of_one_person_are_no_more_than_one() -> None:
    alike = rate(np.array([10.0] * 30 + [0.0] * 70), np.full(100, 10.0), 1000)
    assert alike.value == 0.3
    assert alike.effective == pytest.approx(99, abs=1.01)


def test_ninety_five_of_a_hundred_intervals_hold_the_truth() -> None:
    rng = np.random.default_rng(5)
    held = []
    for _ in range(400):
        own = rng.beta(1, 9, 200)  # each person has a rate of their own, 0.1 on average
        rows = rng.integers(1, 20, 200)
        found = rate(rng.binomial(rows, own).astype(float), rows.astype(float), float(rows.sum()))
        assert found.effective < rows.sum()
        held.append(found.low <= 0.1 <= found.high)
    assert 0.92 <= np.mean(held) <= 0.98


@pytest.mark.parametrize(("taken", "value"), [(0.0, 0.0), (1.0, 1.0)])
def test_a_rate_of_none_or_all_has_an_interval_too(taken: float, value: float) -> None:
    found = rate(np.full(20, taken), np.ones(20), 20)
    assert found.value == value
    assert found.high - found.low == pytest.approx(0.161, abs=0.002)  # Wilson, 0 of 20


def test_of_nothing_there_is_no_rate() -> None:
    assert rate(np.zeros(3), np.zeros(3), 0).told() is None
    assert rate(np.zeros(0), np.zeros(0), 0).told() is None


def test_how_many_times_one_rate_is_another() -> None:
    rng = np.random.default_rng(2)
    one, other = (rng.binomial(10, p, 2000).astype(float) for p in (0.1, 0.2))
    rows = np.full(2000, 10.0)
    a, b = rate(one, rows, 20_000), rate(other, rows, 20_000)
    ratio = against(a, b)
    assert ratio is not None
    assert ratio["low"] < 0.5 < ratio["high"]
    assert ratio["high"] - ratio["low"] < 0.1
    assert ratio["p"] < 1e-6
    assert against(a, rate(np.zeros(5), np.ones(5), 5)) is None


def test_of_many_differences_those_stand_that_chance_does_not_make() -> None:
    assert apart([0.01, 0.04, 0.03, 0.005]) == [True, False, False, True]  # Holm 1979
    assert apart([0.03, 0.03]) == [False, False]
    assert apart([]) == []


def test_a_ratio_of_equal_rates_is_apart_five_times_in_a_hundred() -> None:
    rng = np.random.default_rng(3)
    rows = np.full(300, 10.0)
    chances = []
    for _ in range(400):
        one, other = (rng.binomial(10, 0.15, 300).astype(float) for _ in range(2))
        ratio = against(rate(one, rows, 3000), rate(other, rows, 3000))
        assert ratio is not None
        chances.append(ratio["p"])
    assert math.isclose(np.mean(np.array(chances) < 0.05), 0.05, abs_tol=0.03)
