"""How good two versions are on the same judged people: paired differences, by slice.

Both rank the same people among the same ads, so that a difference is taken within a person and
its interval from draws of people (models/evaluation/resampling.py). Many slices are looked at; at
95 % each, one in twenty would be found worse for no reason. The intervals of differences are
wider, so that all together hold with 95 % (Bonferroni).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from models.compare.changes import sliced
from models.evaluation import slices
from models.evaluation.judged import Fields, Judged, judged_task
from models.evaluation.metrics import Values
from models.evaluation.resampling import LEVEL, SEED, Resampling
from models.evaluation.run import HARMS, MAIN, SHOWN, measure
from models.evaluation.sending import Sent
from models.search.arrays import Mask

FACETS: Final = ("group of regions", "region", "sex", "style", "language", "age")
"""What people are told apart by."""
_NAMED: Final = 3  # regions that stand for their group
SAMPLES: Final = 10_000
"""Draws: the ends of wider intervals lie among few of them."""


def quality(
    champion: Mapping[Fields, Sent],
    challenger: Mapping[Fields, Sent],
    facets: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    """The main figure of both, the difference with its interval, in all and by slice; harms.

    Args:
        champion: The rankings by what was given of people and ads beside their words.
        challenger: The same.
        facets: By person the slices that they are in.

    Returns:
        ``tests``: how many differences there are; ``level`` of each one's interval; ``tasks``.
    """
    found = [_Both(fields, champion[fields], challenger[fields], facets) for fields in champion]
    tests = sum(1 + len(each.slices) for each in found)
    level = 1 - (1 - LEVEL) / max(1, tests)
    return {
        "metric": MAIN,
        "tests": tests,
        "level": round(level, 6),
        "tasks": [each.told(level) for each in found],
    }


def facets_of(judged: Judged) -> dict[str, dict[str, str]]:
    """By person the slices of FACETS, of people with all their fields.

    A group of regions is a folder, told with the regions that most of its people live in. The sex
    is a guess by the words (`slices.sex`).
    """
    lived: dict[str, Counter[str]] = {}
    for part, about in zip(judged.region_of_person, judged.about, strict=True):
        lived.setdefault(part, Counter())[about["region"]] += 1
    groups = {
        part: f"{part}: {', '.join(name for name, _ in regions.most_common(_NAMED))}"
        for part, regions in lived.items()
    }
    rows = zip(judged.people, judged.about, judged.region_of_person, strict=True)
    return {
        person.profile_id: {
            "group of regions": groups[part],
            "region": about["region"],
            "sex": slices.sex(person.text),
            "style": about["style"],
            "language": about["language"],
            "age": slices.age_band(person.age),
        }
        for person, about, part in rows
    }


class _Both:
    """One task measured of both."""

    def __init__(
        self,
        fields: Fields,
        champion: Sent,
        challenger: Sent,
        facets: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._fields = fields
        self._people = [person.profile_id for person in champion.judged.people]
        task = judged_task(champion.judged, fields)
        self._values = [measure(task, side.system()) for side in (champion, challenger)]
        self._broken = [_broken(side) for side in (champion, challenger)]
        self.slices = sliced(self._people, facets)

    def told(self, level: float) -> dict[str, Any]:
        draws = Resampling(self._people, SEED, SAMPLES, level)
        everybody = np.ones(len(self._people), np.bool_)
        return {
            "fields": self._fields,
            **self._figures(draws, everybody),
            "slices": [
                {
                    "facet": facet,
                    "slice": value,
                    **self._figures(draws, np.isin(self._people, people)),
                }
                for facet, value, people in self.slices
            ],
            "shown": self._totals(SHOWN),
            "broken": self._totals(HARMS[0]),
            "newly broken": len(self._broken[1] - self._broken[0]),
            "risky": self._totals(HARMS[1]),
        }

    def _figures(self, draws: Resampling, where: Mask) -> dict[str, Any]:
        first, second = (side[MAIN] for side in self._values)
        return {
            "people": int(where.sum()),
            "champion": _mean(first[where]),
            "challenger": _mean(second[where]),
            "difference": draws.estimate(second - first, where).rounded(),
        }

    def _totals(self, name: str) -> list[int]:
        return [int(side[name].sum()) for side in self._values]


def _mean(values: Values) -> float | None:
    return round(float(values.mean()), 4) if len(values) else None


def _broken(of: Sent) -> set[tuple[int, str]]:
    """Person and ad of what is shown and breaks a rule."""
    number = of.number
    return {
        (i, entry["job_id"])
        for i, entries in enumerate(of.rankings)
        for entry in entries
        if of.judged.broken[i, number[entry["job_id"]]]
    }
