"""What two running versions told of the same people: the public rankings and those in the shadow.

Read from two topics of Matches events; a person counts with the last one of each. Of an event only
what is compared is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np

from models.compare.changes import TOP, Ranking, changes
from models.compare.exposure import Ad, exposure
from models.evaluation import slices
from schemas.profile import Profile

PERCENTILES: Final = (50, 95, 99)
CAUSE: Final = "profile_updated"
"""The cause whose time is known: that of the person's own record."""


class Last(NamedTuple):
    """The last event of one person.

    Attributes:
        ranking: What they were told.
        status: Of it.
        versions: Encoder, ranker and reader.
        cause: Of the event.
        at: When it was made, ms since the epoch.
    """

    ranking: Ranking
    status: str
    versions: tuple[str, str, str]
    cause: str
    at: int


@dataclass(slots=True)
class Topic:
    """What one topic says, record by record.

    Attributes:
        people: The last event of each person.
        ads: What exposure asks of the ads that were among anybody's first three.
        first: When its first event was made, ms; None before it.
        events: How many there were.
        mixed: People who were told a draft of two rankings: neither's.
    """

    people: dict[str, Last] = field(default_factory=dict)
    ads: dict[str, Ad] = field(default_factory=dict)
    first: int | None = None
    events: int = 0
    mixed: set[str] = field(default_factory=set)

    def add(self, profile_id: str, event: Mapping[str, Any] | None, at: int) -> None:
        """One record.

        Args:
            profile_id: Its key.
            event: A Matches event; None for a person who was erased.
            at: When it was made, ms.
        """
        self.events += 1
        self.mixed.discard(profile_id)
        if event is None:
            self.people.pop(profile_id, None)
            return
        self.first = at if self.first is None else min(self.first, at)
        entries = event["entries"]
        if event.get("challenger") is not None:
            self.mixed.add(profile_id)
        for entry in entries[:TOP]:
            self.ads[entry["job_id"]] = _ad(entry["job"])
        self.people[profile_id] = Last(
            Ranking([e["job_id"] for e in entries], [e["score"] for e in entries]),
            event["status"],
            (event["encoder_version"], event["ranker_version"], event.get("reader_version") or ""),
            event["cause"],
            at,
        )


class Person(NamedTuple):
    """What a person's own record adds: slices, and when it was published (ms)."""

    facets: Mapping[str, str]
    published: int


def person_of(profile: Profile, published: int) -> Person:
    """Region and poverty of the district, sex by the words, age band; nothing else is kept."""
    return Person(
        {
            **slices.place_of(profile.ubigeo, profile.place),
            "sex": slices.sex(profile.text),
            "age": slices.age_band(profile.age),
        },
        published,
    )


def compare_streams(told: Topic, shadow: Topic, people: Mapping[str, Person]) -> dict[str, Any]:
    """The comparison, as JSON can hold it; no person is named.

    Args:
        told: The public topic.
        shadow: The challenger's.
        people: By id, of those whose records are there.

    Returns:
        ``events``, ``versions`` and ``status`` of both; ``mixed``: people who are told a draft of
        both, who count for neither ``changes`` nor ``exposure``; ``latency`` of both (ms
        percentiles), over profiles published since both topics had an event.
    """
    sides = (told, shadow)
    both = sorted((told.people.keys() & shadow.people.keys()) - told.mixed)
    facets = {name: people[name].facets for name in both if name in people}
    found = changes(_rankings(told, told.mixed), _rankings(shadow, told.mixed), facets)
    return {
        "events": [side.events for side in sides],
        "versions": [_versions(side.people.values()) for side in sides],
        "status": [dict(Counter(last.status for last in s.people.values())) for s in sides],
        "mixed": len(told.mixed),
        "changes": found,
        "exposure": exposure(
            [told.people[name].ranking for name in both],
            [shadow.people[name].ranking for name in both],
            {**told.ads, **shadow.ads},
        ),
        "latency": [_latency(side, people, _since(sides)) for side in sides],
    }


def _since(sides: Sequence[Topic]) -> int | None:
    """From when on both run: before it one of the two was working off what had piled up."""
    firsts = [side.first for side in sides if side.first is not None]
    return max(firsts) if len(firsts) == len(sides) else None


def _rankings(side: Topic, mixed: set[str]) -> dict[str, Ranking]:
    return {name: last.ranking for name, last in side.people.items() if name not in mixed}


def _versions(people: Iterable[Last]) -> list[dict[str, Any]]:
    counts = Counter(last.versions for last in people)
    names = ("encoder", "ranker", "reader")
    return [
        {**dict(zip(names, versions, strict=True)), "people": count}
        for versions, count in counts.most_common()
    ]


def _latency(side: Topic, people: Mapping[str, Person], since: int | None) -> dict[str, Any]:
    waits = [
        last.at - people[name].published
        for name, last in side.people.items()
        if since is not None
        and name in people
        and last.cause == CAUSE
        and since <= people[name].published <= last.at
    ]
    if not waits:
        return {"people": 0}
    values = np.percentile(waits, PERCENTILES)
    named = zip(PERCENTILES, values, strict=True)
    return {"people": len(waits), **{f"p{n}": round(float(value)) for n, value in named}}


def _ad(card: Mapping[str, Any]) -> Ad:
    region = slices.place_of(card.get("ubigeo"), card.get("place"))["region"]
    return Ad(region, card.get("employer"))
