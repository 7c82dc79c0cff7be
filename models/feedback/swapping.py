"""Which neighbours of a list are told in each other's place, to learn how far down people look.

It is drawn from a hash of the person, the week and the jobs in their order: whoever computes the
list again, after a crash or to verify it, draws the same, and a list that does not change stays as
it is for a week. Each pair of the first `DEPTH` places is drawn equally often, however long the
list is, so pairs that were not swapped are a fair comparison.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import orjson

from models.feedback.propensity import DEPTH
from schemas import Profile

_WHOLE: Final = 1 << 64


def swap_rank(profile_id: str, as_of: str, entries: Sequence[dict[str, Any]], share: float) -> int:
    """Rank of the first of two neighbours to swap; 0 for none.

    Args:
        profile_id: The person, who agreed to be learned from.
        as_of: Day of the list, ISO 8601; "" of a list that was told before there were swaps.
        entries: Of the list, the best first: job_id and level of each.
        share: Of lists in which a pair is drawn, 0 to 1. A pair of two levels, or one that the list
            is too short for, is not swapped.
    """
    if not share or not as_of:
        return 0
    named = [profile_id, week_of(as_of), [entry["job_id"] for entry in entries]]
    drawn = hashlib.blake2b(orjson.dumps(named), digest_size=16, person=b"swap").digest()
    if int.from_bytes(drawn[:8], "big") >= share * _WHOLE:
        return 0
    rank = 1 + int.from_bytes(drawn[8:], "big") % (DEPTH - 1)
    if rank >= len(entries) or entries[rank - 1]["level"] != entries[rank]["level"]:
        return 0
    return rank


def week_of(as_of: str) -> int:
    """Number of the week, from Monday, of a day (ISO 8601)."""
    return (date.fromisoformat(as_of).toordinal() - 1) // 7


def as_told(
    person: Profile | Mapping[str, Any], as_of: str, entries: Sequence[dict[str, Any]], share: float
) -> tuple[list[dict[str, Any]], int]:
    """The entries as somebody is told them, and what `swap_rank` says; arguments as there.

    Args:
        person: Their profile or the dict of its fields: who has not agreed is told no swap.
    """
    said = person if isinstance(person, Mapping) else person.__dict__
    agreed = said.get("consent_training") is True
    rank = swap_rank(said["profile_id"], as_of, entries, share if agreed else 0.0)
    return swapped(entries, rank), rank


def swapped(entries: Sequence[dict[str, Any]], rank: int) -> list[dict[str, Any]]:
    """The entries with those of `rank` and the next in each other's place, numbered anew; 0 swaps
    none. Twice is as it was.
    """
    told = list(entries)
    if rank:
        upper, lower = told[rank - 1 : rank + 1]
        told[rank - 1 : rank + 1] = {**lower, "rank": rank}, {**upper, "rank": rank + 1}
    return told
