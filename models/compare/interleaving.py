"""Which of two interleaved rankings people take from: the verdict of applications.

How the lists are made is in `models/feedback/drafting.py`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, get_args

from models.compare.changes import DECIMALS
from models.feedback.drafting import Placed, Team

_SURE: Final = 0.05
LEAST: Final = 0.6
"""Share of those who decide that is worth finding: three of five take more from the better one."""
_Z_SURE, _Z_POWER = 1.959964, 0.841621  # normal quantiles of 0.975 and 0.8


def credit(shown: Iterable[Placed], applied: Collection[str]) -> int:
    """Whose jobs a person applied to more: 1 the challenger's, -1 the champion's, 0 neither's.

    Args:
        shown: The list.
        applied: Job ids with an `applied` feedback for it.
    """
    teams = [place.team for place in shown if place.job_id in applied]
    more = teams.count("challenger") - teams.count("champion")
    return (more > 0) - (more < 0)


def outcome(credits: Iterable[int]) -> dict[str, Any]:
    """Which ranking people took more from, by `sign_test`.

    Args:
        credits: One a person, from `credit`.
    """
    found = list(credits)
    wins, losses = (sum(each == sign for each in found) for sign in (1, -1))
    return sign_test(wins, losses, len(found) - wins - losses)


def sign_test(wins: int, losses: int, ties: int) -> dict[str, Any]:
    """Which ranking people took more from, by the sign test (two-sided, ties left out).

    Args:
        wins: People who took more of the challenger's jobs.
        losses: People who took more of the champion's.
        ties: The others.

    Returns:
        ``wins`` of the challenger, ``losses``, ``ties``; ``share`` of wins among both with its
        95 % interval (Clopper and Pearson 1934) and ``p``, None where nobody decided; ``better``:
        the team for which p is below 0.05, or None.
    """
    from scipy.stats import binomtest

    told: dict[str, Any] = {"wins": wins, "losses": losses, "ties": ties}
    if not wins + losses:
        return {**told, "share": None, "low": None, "high": None, "p": None, "better": None}
    test = binomtest(wins, wins + losses)
    interval = test.proportion_ci()
    better: Team = "challenger" if wins > losses else "champion"
    return {
        **told,
        "share": round(wins / (wins + losses), DECIMALS),
        "low": round(float(interval.low), DECIMALS),
        "high": round(float(interval.high), DECIMALS),
        "p": float(test.pvalue),
        "better": better if test.pvalue < _SURE else None,
    }


def deciders_needed(share: float = LEAST) -> int:
    """People who must decide before a true share as far from a half is found in 4 of 5 trials.

    The normal approximation for one proportion, two-sided at 0.05 (Fleiss 1981, "Statistical
    Methods for Rates and Proportions", chapter 2).
    """
    spread = _Z_SURE / 2 + _Z_POWER * math.sqrt(share * (1 - share))
    return math.ceil((spread / (share - 0.5)) ** 2)


def interleaved(counts: Mapping[str, int]) -> dict[str, Any]:
    """The verdict of what was counted of one challenger.

    Args:
        counts: ``wins``, ``losses``, ``ties`` (people), ``shown`` (jobs that somebody was shown
            in such a list, and that a team had picked), and what was said of them by team, as
            ``applied champion``.

    Returns:
        What `sign_test` does; ``shown``; ``applied`` by team; ``needed``: impressions that are
        still to come before a share of `LEAST` would be found, at the rate at which people decided
        so far; None where nobody has, 0 where enough have.
    """
    wins, losses, shown = (int(counts.get(name, 0)) for name in ("wins", "losses", "shown"))
    left = max(0, deciders_needed() - wins - losses)
    return {
        **sign_test(wins, losses, int(counts.get("ties", 0))),
        "shown": shown,
        "applied": {team: int(counts.get(f"applied {team}", 0)) for team in get_args(Team)},
        "needed": math.ceil(left * shown / (wins + losses)) if wins + losses else None,
    }
