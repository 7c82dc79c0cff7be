"""How impressions are spread."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.report.exposure import over_jobs, over_names, over_regions, spread, top_tenth
from models.report.frame import Frame
from tests.support.impressions import ONE


def _shown(counts: dict[str, int]) -> Frame:
    rows = [replace(ONE, person=f"{job} {i}", job_id=job) for job, n in counts.items()
            for i in range(n)]  # fmt: skip
    return Frame(rows)


def test_the_top_tenth_is_a_share_of_all() -> None:
    assert top_tenth(np.array([91.0] + [1.0] * 9)) == pytest.approx(0.91)
    assert top_tenth(np.array([5.0, 5.0])) == 0.5  # at least one
    assert top_tenth(np.zeros(3)) == 0.0


def test_an_even_spread_is_as_uneven_as_chance_and_a_lone_winner_is_not() -> None:
    rng = np.random.default_rng(1)
    even = spread(rng.multinomial(500, np.full(100, 0.01)))
    assert even["gini"] == pytest.approx(even["gini by chance"], abs=0.04)
    assert even["gini by chance"] > 0.2, "five each on average is far from five each"
    alone = spread(np.array([500] + [0] * 99))
    assert alone["gini"] == pytest.approx(0.99)
    assert alone["top tenth"] == 1.0
    assert alone["never"] == 99


def test_jobs_that_were_offered_and_never_shown_count() -> None:
    frame = _shown({"a": 3, "b": 3})
    assert over_jobs(frame, None)["gini"] == 0.0
    found = over_jobs(frame, ["a", "b", "c", "d"])
    assert (found["things"], found["never"], found["gini"]) == (4, 2, 0.5)


def test_impressions_of_an_employer_are_those_of_all_its_jobs() -> None:
    frame = _shown({"a": 3, "b": 3, "c": 1, "gone": 5})
    found = over_names(frame, {"a": "Sol", "b": "Sol", "c": "Luna", "d": "Mar", "e": None})
    assert found
    assert (found["things"], found["never"], found["impressions"]) == (3, 1, 7)
    assert over_names(frame, {"a": None}) is None


def test_a_region_shown_to_few_is_not_told_and_takes_another_with_it() -> None:
    frame = _shown({"a": 30, "b": 20, "c": 3, "unknown": 12})
    rows = over_regions(frame, {"a": "15", "b": "08", "c": "21", "d": "21"}, 10)
    told = {row["group"]: (row["ads"], row["impressions"]) for row in rows}
    assert told == {"08": (0.25, round(20 / 65, 4)), "15": (0.25, round(30 / 65, 4)),
                    "21": (0.5, None), "?": (0.0, None)}  # fmt: skip
