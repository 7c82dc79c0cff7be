"""Team-draft interleaving: one list made of the champion's ranking and a challenger's.

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
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from models.feedback.swapping import week_of
from models.ranking.duplicates import same

Team = Literal["champion", "challenger"]
_BYTES: Final = 8


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


class Rival(NamedTuple):
    """What a challenger thinks of one person, as its shadow told it.

    Attributes:
        deployment: The challenger's application id.
        revision: Of its matches event.
        at: When that was stored, ms since the epoch.
        jobs: Job ids, best first.
    """

    deployment: str
    revision: int
    at: int
    jobs: tuple[str, ...]

    def packed(self) -> list[Any]:
        """As rows keep it."""
        return [self.deployment, self.revision, self.at, list(self.jobs)]


class Trial(NamedTuple):
    """A champion and a challenger whose rankings are interleaved.

    Attributes:
        share: Of the people who agreed to be learned from, 0 to 1.
        champion, challenger: Application ids.
    """

    share: float
    champion: str
    challenger: str

    def takes(self, profile_id: str, consented: bool) -> bool:
        """Whether a person's list is interleaved; for as long as the two are the same, the same
        people's are.
        """
        return takes_part(self.seed(profile_id, ""), self.share, consented)

    def seed(self, profile_id: str, as_of: str) -> Seed:
        """Of the draws of the week of a day (ISO 8601): a list that does not change stays as it is
        for so long.
        """
        week = str(week_of(as_of)) if as_of else ""
        return Seed(profile_id, week, self.champion, self.challenger)


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


def admitted(
    rival: Sequence[str], own: Mapping[str, bytes], others: Mapping[str, bytes]
) -> list[str]:
    """The challenger's ranking of what the champion allows, near-duplicates once.

    Args:
        rival: Job ids as the challenger told them, best first.
        own: Signatures of the champion's ranking, by job_id in its order.
        others: Signatures of what is not in it and that the champion would show this person.

    Returns:
        Job ids. One that is like a job of the champion's ranking stands for that.
    """
    taken, found = dict(own), list[str]()
    for job_id in rival:
        if job_id not in own and job_id not in others:
            continue
        stands = job_id
        if job_id not in own:
            alike = (name for name, held in taken.items() if same(held, others[job_id]))
            stands = next(alike, job_id)
            taken.setdefault(stands, others[job_id])
        if stands not in found:
            found.append(stands)
    return found


def drafted(own: Sequence[str], rival: Sequence[str], seed: Seed) -> list[Placed]:
    """The list that a person is told: as long as the champion's, which it is where nobody picked.

    Args:
        own: Job ids of the champion's ranking, best first.
        rival: What `admitted` gives of the challenger's.
        seed: Of the draws; one without a date draws nothing.
    """
    placed = team_draft(own, rival, len(own), seed) if seed.as_of and rival else []
    if any(place.team for place in placed):
        return placed
    return [Placed(job_id, None) for job_id in own]


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
