"""What people of each region, sex, age, poverty and trade were shown, and what they took of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from models.feedback.dataset import APPLIED, OPENED
from models.feedback.rates import Rate, Values, against, apart, rate, weights_of
from models.report import waiting
from models.report.cells import suppressed
from models.report.frame import FACETS, Frame, Groups
from models.search.arrays import Mask

Row = dict[str, Any]
OUTCOMES: Final[dict[str, frozenset[str]]] = {
    "opened": OPENED,
    "taken": APPLIED,
    "hired": frozenset({"hired"}),
    "dismissed": frozenset({"dismissed"}),
    "reported": frozenset({"reported"}),
}
"""What became of an impression, under the names that a report has for it."""
CORRECTED: Final = ("opened", "taken")
"""Rates that are told without what the position did, too."""
KEPT: Final = "taken of opened"


@dataclass(frozen=True, slots=True)
class Column:
    """One rate of every person: what counts, of how much, each [people]."""

    above: Values
    below: Values

    def over(self, who: Mask, rows: float) -> Rate:
        """The rate of some people."""
        return rate(self.above[who], self.below[who], rows)


@dataclass(frozen=True, slots=True)
class Columns:
    """All that is told of people, before it is told of groups.

    Attributes:
        impressions: Of each person, [people].
        send: Impressions that were worth a message.
        became: By outcome, as it was.
        corrected: By outcome, each counted once over how likely its place is looked at (IPS).
        kept, kept_corrected: What was taken of what was opened, as it was and normalised by the
            weights themselves (SNIPS).
        waits: Until the first answer.
    """

    impressions: Values
    send: Column
    became: dict[str, Column]
    corrected: dict[str, Column]
    kept: Column
    kept_corrected: Column
    waits: waiting.Waits


def columns(frame: Frame, end: int) -> Columns:
    """What each person was shown and did.

    Args:
        frame: What was shown.
        end: Until when the data reach, ms since the epoch.
    """
    seen = frame.by_person(np.ones(len(frame.rows)))
    levels = np.array([row.level == "send" for row in frame.rows])
    told = np.array([row.level is not None for row in frame.rows])
    became = {name: frame.became(of) for name, of in OUTCOMES.items()}
    raw = {name: frame.by_person(of.astype(float)) for name, of in became.items()}
    weights = weights_of(frame.rows)
    weighted = {name: frame.by_person(became[name] * weights) for name in CORRECTED}
    return Columns(
        seen,
        Column(frame.by_person(levels.astype(float)), frame.by_person(told.astype(float))),
        {name: Column(counts, seen) for name, counts in raw.items()},
        {name: Column(counts, seen) for name, counts in weighted.items()},
        Column(raw["taken"], raw["opened"]),
        Column(weighted["taken"], weighted["opened"]),
        waiting.waits(frame, end),
    )


def whole(found: Columns, fewest: int) -> Row:
    """Everybody together.

    Args:
        found: Of the people.
        fewest: People that a cell must have.
    """
    everybody = np.ones(len(found.impressions), np.bool_)
    row = {"people": len(everybody), "impressions": int(found.impressions.sum())}
    hidden = {
        name: 0 < int((column.above > 0).sum()) < fewest for name, column in found.became.items()
    }
    return {**row, **_rates(found, everybody, hidden), "wait": waiting.told(found.waits, fewest)}


def by_facet(frame: Frame, found: Columns, fewest: int) -> list[Row]:
    """The same for the groups of each facet; what may not be told is None.

    A group is `apart` from everybody else where its corrected rate of taking differs by more than
    chance does in as many comparisons.

    Args:
        frame: What was shown.
        found: Of its people.
        fewest: People that a cell must have.
    """
    rows = {facet: _groups(frame.groups[facet], found, fewest) for facet in FACETS}
    compared = [
        ratio
        for found_in in rows.values()
        for row in found_in
        if (ratio := row.get("to the rest", {}).get("corrected"))
    ]
    for ratio, stands in zip(compared, apart([one["p"] for one in compared]), strict=True):
        ratio["apart"] = stands
    return [{"facet": facet, "groups": found_in} for facet, found_in in rows.items()]


def _groups(groups: Groups, found: Columns, fewest: int) -> list[Row]:
    people = _count(groups, np.ones(len(found.impressions)))
    hidden = suppressed(people, fewest)
    secret = {
        name: suppressed(_count(groups, column.above > 0), fewest, hidden)
        for name, column in found.became.items()
    }
    rows = []
    for i, name in enumerate(groups.names):
        if hidden[i]:
            rows.append({"group": name, "people": None})
            continue
        who = groups.of == i
        mine = {outcome: bool(mask[i]) for outcome, mask in secret.items()}
        row = {
            "group": name,
            "people": int(people[i]),
            "impressions": int(found.impressions[who].sum()),
            **_rates(found, who, mine),
        }
        if not mine["taken"]:
            row["to the rest"] = _to_the_rest(found, who)
            row["wait"] = _median(found.waits, who, fewest)
        rows.append(row)
    return rows


def _count(groups: Groups, who: Values | Mask) -> Any:
    return np.rint(groups.sums(who.astype(np.float64))).astype(np.int64)


def _rates(found: Columns, who: Mask, hidden: dict[str, bool]) -> Row:
    rows = float(found.impressions[who].sum())
    told: Row = {"send": found.send.over(who, rows).told()}
    for name, column in found.became.items():
        told[name] = None if hidden[name] else column.over(who, rows).told()
    told["corrected"] = {
        name: None if hidden[name] else column.over(who, rows).told()
        for name, column in found.corrected.items()
    }
    opened = float((found.kept.below[who]).sum())
    secret = hidden["opened"] or hidden["taken"]
    told[KEPT] = None if secret else found.kept.over(who, opened).told()
    told["corrected"][KEPT] = None if secret else found.kept_corrected.over(who, opened).told()
    return told


def _to_the_rest(found: Columns, who: Mask) -> Row:
    """How many times everybody else's rate of taking, raw and corrected."""
    return {
        name: against(
            column.over(who, float(found.impressions[who].sum())),
            column.over(~who, float(found.impressions[~who].sum())),
        )
        for name, column in (("raw", found.became["taken"]),
                             ("corrected", found.corrected["taken"]))
    }  # fmt: skip


def _median(waits: waiting.Waits, who: Mask, fewest: int) -> Row:
    told = waiting.told(waiting.Waits(waits.hours[who], waits.answered[who]), fewest)
    return {name: told.get(name) for name in ("median", "low", "high")}
