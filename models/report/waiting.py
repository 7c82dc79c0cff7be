"""How long people wait from the first job they are shown to the first they ask for.

Who has not asked yet is still waiting: they count up to the end of the data (censored), as Kaplan
and Meier 1958, "Nonparametric estimation from incomplete observations". Intervals are Greenwood's
on the scale of log(-log S), which keeps them within 0 and 1 (Kalbfleisch and Prentice 2002, 1.4);
that of a median is where they cross one half (Brookmeyer and Crowley 1982).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from models.evaluation.vetting import Z
from models.feedback.dataset import APPLIED
from models.feedback.rates import Values
from models.report.frame import Frame
from models.search.arrays import Mask

HOUR_MS: Final = 3_600_000
GRID: Final = (1, 3, 6, 12, 24, 48, 72, 120, 168, 240, 336, 504, 720, 1440, 2160)
"""Hours at which the curve is told: single people's times are not."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Of each person, [people].

    Attributes:
        hours: From the first impression to the first answer, else to the end of the data.
        answered: Whether it ended with an answer.
    """

    hours: Values
    answered: Mask


@dataclass(frozen=True, slots=True)
class Curve:
    """Share of people still waiting after each time at which somebody answered, [times]."""

    hours: Values
    waiting: Values
    low: Values
    high: Values

    def first_below(self, values: Values, share: float = 0.5) -> float | None:
        """The first time at which these are at most `share`; None if they never are."""
        at = np.flatnonzero(values <= share)
        return float(self.hours[at[0]]) if len(at) else None


def waits(frame: Frame, end: int) -> Waits:
    """How long each person of an export waited.

    Args:
        frame: What was shown.
        end: Until when the data reach, ms since the epoch.
    """
    first = np.full(frame.people, np.iinfo(np.int64).max, np.int64)
    np.minimum.at(first, frame.person, frame.shown)
    answer = np.full(frame.people, np.iinfo(np.int64).max, np.int64)
    for i in np.flatnonzero(frame.became(APPLIED)).tolist():
        at = frame.rows[i].outcome_ts
        if at is not None:
            answer[frame.person[i]] = min(answer[frame.person[i]], at)
    answered = answer <= max(end, 0)
    hours = (np.where(answered, answer, max(end, 0)) - first) / HOUR_MS
    return Waits(np.maximum(hours, 0.0), answered)


def kaplan_meier(found: Waits) -> Curve:
    """The curve of these people."""
    times, at = np.unique(found.hours, return_inverse=True)
    ends = np.bincount(at, weights=found.answered, minlength=len(times))
    leave = np.bincount(at, minlength=len(times))
    risk = len(found.hours) - np.concatenate([[0], np.cumsum(leave)[:-1]])
    some = ends > 0
    times, ends, risk = times[some], ends[some], risk[some]
    waiting = np.cumprod(1.0 - ends / risk)
    with np.errstate(divide="ignore", invalid="ignore"):  # nobody waits any more: S is 0
        greenwood = np.cumsum(ends / (risk * (risk - ends)))
        spread = Z * np.sqrt(greenwood) / np.abs(np.log(waiting))
        low, high = waiting ** np.exp(spread), waiting ** np.exp(-spread)
    gone = waiting <= 0
    low[gone], high[gone] = 0.0, 0.0
    return Curve(times, waiting, low, high)


def told(found: Waits, fewest: int) -> dict[str, Any]:
    """What a report says of these people.

    Steps are told on a grid of hours, and only where as many people answered since the last, and
    still wait or answered after it, as a cell must have. Nothing is told where fewer answered, or
    fewer still wait.

    Args:
        found: Of the people.
        fewest: People that a cell must have.
    """
    people, answered = len(found.hours), int(found.answered.sum())
    if people < fewest:
        return {"people": None}
    if not answered:
        return {"people": people, "answered": 0, "steps": []}
    if min(answered, people - answered) < fewest:
        return {"people": people}
    curve = kaplan_meier(found)
    return {
        "people": people,
        "answered": answered,
        "median": _two_digits(curve.first_below(curve.waiting)),
        "low": _two_digits(curve.first_below(curve.low)),
        "high": _two_digits(curve.first_below(curve.high)),
        "steps": _steps(found, curve, fewest),
    }


def _steps(found: Waits, curve: Curve, fewest: int) -> list[dict[str, float]]:
    ended = found.hours[found.answered]
    steps: list[dict[str, float]] = []
    before = 0
    for hour in GRID:
        so_far, at_risk = int((ended <= hour).sum()), int((found.hours > hour).sum())
        new, later = so_far - before, len(ended) - so_far
        if new < fewest or 0 < later < fewest or at_risk < fewest:
            continue
        i = int(np.searchsorted(curve.hours, hour, side="right")) - 1
        shares = (("waiting", curve.waiting), ("low", curve.low), ("high", curve.high))
        steps.append({"hours": hour, **{name: round(float(v[i]), 3) for name, v in shares}})
        before = so_far
    return steps


def _two_digits(hours: float | None) -> float | None:
    """Two significant digits: a median is the time of one person."""
    return None if hours is None else float(f"{hours:.2g}")
