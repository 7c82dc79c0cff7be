"""Team-draft interleaving: one list made of two rankings, and which of the two people take from.

Radlinski, Kurup and Joachims 2008, "How does clickthrough data reflect retrieval quality?": both
rankings pick in turn, as two captains pick players, who begins is drawn anew each time, and an
application counts for the team that picked the job. Each person sees the same number of jobs of
both, so that what differs between people (who applies to much, who to nothing) does not blur the
answer, as it does where half of them see one ranking and half the other.

What both rankings begin with is nobody's: it says nothing of which is better (Chapelle and others
2012, "Large-scale validation and analysis of interleaved search evaluation"). The draw is a hash
of person, date and versions, so the same list comes out wherever and whenever it is made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from models.compare.changes import DECIMALS

Team = Literal["champion", "challenger"]
_BYTES: Final = 8
_SURE: Final = 0.05


class Placed(NamedTuple):
    """One place of the list; `team` is None where both rankings put the job, or one had ended."""

    job_id: str
    team: Team | None


class Seed(NamedTuple):
    """What the draw depends on, and all that it depends on."""

    profile_id: str
    as_of: str
    champion: str
    challenger: str


def takes_part(seed: Seed, share: float, consented: bool) -> bool:
    """Whether a person's list is interleaved: only who consented, and of them this share.

    The same people each day, for as long as the two versions are the same.

    Args:
        seed: Its date is left out.
        share: 0 to 1.
        consented: What the person said; silence is no.
    """
    if not consented:
        return False
    drawn = _digest("share", seed.profile_id, seed.champion, seed.challenger)
    return int.from_bytes(drawn[:_BYTES], "big") / (1 << 8 * _BYTES) < share


def team_draft(
    champion: Sequence[str], challenger: Sequence[str], k: int, seed: Seed
) -> list[Placed]:
    """The first `k` places of both rankings' draft.

    Args:
        champion: Job ids, best first, none twice.
        challenger: Likewise.
        k: Length of the list, at most.
        seed: Of the draws.

    Returns:
        What both begin with, then the draft, then what is left of the longer ranking.
    """
    shared = 0
    for first, second in zip(champion, challenger, strict=False):
        if first != second or shared >= k:
            break
        shared += 1
    placed = [Placed(name, None) for name in champion[:shared]]
    taken = set(champion[:shared])
    coins, turns = _coins(seed), {"champion": 0, "challenger": 0}
    lists: Mapping[Team, Sequence[str]] = {"champion": champion, "challenger": challenger}
    while len(placed) < k:
        free = {team: _next(ranking, taken) for team, ranking in lists.items()}
        if None in free.values():
            break
        behind = turns["champion"] - turns["challenger"]
        team: Team = "champion" if behind < 0 or (not behind and next(coins)) else "challenger"
        job = free[team]
        assert job is not None
        turns[team] += 1
        taken.add(job)
        placed.append(Placed(job, team))
    rest = [name for ranking in lists.values() for name in ranking if name not in taken]
    return placed + [Placed(name, None) for name in dict.fromkeys(rest)][: k - len(placed)]


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
    """Which ranking people took more from, by the sign test (two-sided, ties left out).

    Args:
        credits: One a person, from `credit`.

    Returns:
        ``wins`` of the challenger, ``losses``, ``ties``; ``share`` of wins among both with its
        95 % interval (Clopper and Pearson 1934) and ``p``, None where nobody decided; ``better``:
        the team for which p is below 0.05, or None.
    """
    from scipy.stats import binomtest

    found = list(credits)
    wins, losses = (sum(each == sign for each in found) for sign in (1, -1))
    told: dict[str, Any] = {"wins": wins, "losses": losses, "ties": len(found) - wins - losses}
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


def _next(ranking: Sequence[str], taken: Collection[str]) -> str | None:
    return next((name for name in ranking if name not in taken), None)


def _digest(*words: str) -> bytes:
    text = "".join(f"{len(word)}:{word}" for word in words)  # no two seeds read alike
    return hashlib.blake2b(text.encode(), digest_size=32).digest()


def _coins(seed: Seed) -> Iterator[bool]:
    """Fair coins without end."""
    block = 0
    while True:
        for byte in _digest(str(block), *seed):
            for bit in range(8):
                yield bool(byte >> bit & 1)
        block += 1
