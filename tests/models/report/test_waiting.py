"""Waits, with those who still wait."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.report.frame import Frame
from models.report.waiting import GRID, Waits, kaplan_meier, told, waits
from tests.support.impressions import HOUR, ONE, START

# Remission in weeks of 21 children given 6-MP, + still in remission (Freireich and others 1963)
WEEKS = (6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)
ENDED = (1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)
CHILDREN = Waits(np.array(WEEKS, float), np.array(ENDED, bool))


def test_the_curve_is_that_of_the_textbooks() -> None:
    curve = kaplan_meier(CHILDREN)
    assert curve.hours.tolist() == [6, 7, 10, 13, 16, 22, 23]
    known = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]  # Cox and Oakes 1984, table 1.1
    assert curve.waiting == pytest.approx(known, abs=0.001)
    assert curve.first_below(curve.waiting) == 23
    assert curve.low[0] == pytest.approx(0.620, abs=0.002)  # R, survfit(conf.type = "log-log")
    assert curve.high[0] == pytest.approx(0.952, abs=0.002)
    assert curve.low[-1] == pytest.approx(0.188, abs=0.002)
    assert curve.high[-1] == pytest.approx(0.680, abs=0.002)


def test_a_curve_on_which_nobody_waits_any_more_ends_at_none() -> None:
    curve = kaplan_meier(Waits(np.array([1.0, 2.0]), np.array([True, True])))
    assert curve.waiting.tolist() == [0.5, 0.0]
    assert (curve.low[-1], curve.high[-1]) == (0.0, 0.0)


def test_a_wait_goes_from_the_first_job_seen_to_the_first_asked_for() -> None:
    rows = [
        replace(ONE, person="a", shown=START),
        replace(ONE, person="a", shown=START + HOUR, job_id="x", outcome="hired",
                outcome_ts=START + 9 * HOUR),
        replace(ONE, person="a", shown=START + HOUR, job_id="y", outcome="applied",
                outcome_ts=START + 5 * HOUR),
        replace(ONE, person="b", shown=START + 2 * HOUR, outcome="opened",
                outcome_ts=START + 3 * HOUR),
        replace(ONE, person="c", shown=START, outcome="applied", outcome_ts=START + 30 * HOUR),
    ]  # fmt: skip
    found = waits(Frame(rows), START + 20 * HOUR)
    assert found.hours.tolist() == [5, 18, 20]
    assert found.answered.tolist() == [True, False, False]  # the last after the data end


def test_steps_are_of_as_many_people_as_a_cell_must_have() -> None:
    rng = np.random.default_rng(1)
    hours = np.append(rng.exponential(30, 200), np.full(100, 500.0))
    answered = np.arange(300) < 200
    row = told(Waits(hours, answered), 10)
    assert row["answered"] == 200
    assert row["median"] == float(f"{np.sort(hours)[149]:.2g}")
    ended = np.sort(hours[:200])
    edges = [0.0] + [step["hours"] for step in row["steps"]]
    between = [int(((ended > a) & (ended <= b)).sum())
               for a, b in zip(edges, [*edges[1:], np.inf], strict=True)]  # fmt: skip
    assert len(between) > 5
    assert all(count == 0 or count >= 10 for count in between)
    assert set(edges[1:]) <= set(GRID)


@pytest.mark.parametrize(
    ("people", "ended", "said"),
    [
        (9, 5, {"people": None}),
        (50, 0, {"people": 50, "answered": 0, "steps": []}),
        (50, 9, {"people": 50}),
        (50, 45, {"people": 50}),  # the five who did not are as few
    ],
)
def test_few_are_not_told(people: int, ended: int, said: dict[str, object]) -> None:
    hours = np.arange(1, people + 1, dtype=np.float64)
    assert told(Waits(hours, hours <= ended), 10) == said
