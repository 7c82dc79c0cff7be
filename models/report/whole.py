"""The analysts' report as plain data: what JSON holds and the page shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from models.feedback.dataset import Dataset, Impression
from models.feedback.rates import CLIP, effective_size, weights_of
from models.reading.districts import DISTRICTS
from models.reading.geo import district_index
from models.report import drift, exposure, groups
from models.report.cells import FEWEST
from models.report.frame import Frame
from models.report.measures import (
    Measures,
    job_measures,
    people_measures,
    shown_measures,
)
from schemas.errors import UsageError
from schemas.job import Job
from schemas.profile import Profile
from schemas.vocab import plain

FORMAT: Final = 1
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reference:
    """What now is held against.

    Attributes:
        kind: ``judged`` for what ships and was learned from, ``export`` for another period.
        about: Versions or times of it, in a line.
        measures: Of it.
    """

    kind: str
    about: str
    measures: Measures


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is made of.

    Attributes:
        data: The export.
        people: Profiles whose owners let their words be learned from; None where none were read.
        jobs: Ads that were offered; None where none were read.
        reference: None for no drift.
        fewest: People that a cell must have.
    """

    data: Dataset
    people: Sequence[Profile] | None = None
    jobs: Sequence[Job] | None = None
    reference: Reference | None = None
    fewest: int = field(default=FEWEST)


def check(rows: Sequence[Impression], fewest: int) -> None:
    """Whether there is enough to tell anything of nobody.

    Raises:
        UsageError: there is not; one sentence says why.
    """
    if not rows:
        raise UsageError(
            "La exportación no tiene filas: nadie que dé su permiso vio un trabajo en ese tiempo."
        )
    if len({row.person for row in rows}) < fewest:
        raise UsageError(
            f"La exportación es de menos de {fewest} personas: un informe diría algo de cada una. "
            "Exporte un tiempo más largo."
        )


def period(frame: Frame) -> dict[str, str]:
    """First and last day of what was shown."""
    return {"from": _day(int(frame.shown.min())), "to": _day(int(frame.shown.max()))}


def report(asked: Asked) -> Row:
    """The report.

    Raises:
        UsageError: as `check`.
    """
    check(asked.data.rows, asked.fewest)
    frame = Frame(asked.data.rows)
    end = round(asked.data.manifest.made.timestamp() * 1000)
    found = groups.columns(frame, end)
    facets = groups.by_facet(frame, found, asked.fewest)
    return {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "period": {**period(frame), "answers until": _day(end)},
        "people": frame.people,
        "jobs": len(frame.jobs),
        "impressions": len(frame.rows),
        "fewest": asked.fewest,
        "erased": _at_least(len(asked.data.dropped), asked.fewest),
        "left out": {why: _at_least(n, asked.fewest)
                     for why, n in asked.data.manifest.left_out.items()},
        "positions": {**asked.data.manifest.propensities, "clip": CLIP,
                      "effective weights": round(effective_size(weights_of(frame.rows)))},
        "versions": _versions(frame),
        "whole": groups.whole(found, asked.fewest),
        "facets": facets,
        "suppressed": _suppressed([row for facet in facets for row in facet["groups"]]),
        "exposure": _exposure(frame, asked),
        "drift": None if asked.reference is None else _drift(frame, asked, asked.reference),
    }  # fmt: skip


def _suppressed(rows: Sequence[Row]) -> Row:
    """How many groups, and figures of other groups, are left out."""
    told = [row for row in rows if row["people"] is not None]
    cells = sum(row[name] is None for row in told for name in groups.OUTCOMES)
    return {"groups": len(rows) - len(told), "cells": cells}


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()


def _at_least(count: int, fewest: int) -> int | None:
    """A count of people, None where it is too small to be told."""
    return count if not count or count >= fewest else None


def _versions(frame: Frame) -> list[Row]:
    counted = Counter((row.ranker_version, row.encoder_version) for row in frame.rows)
    return [
        {"ranker": ranker, "encoder": encoder, "impressions": round(n / len(frame.rows), 4)}
        for (ranker, encoder), n in counted.most_common()
    ]


def _exposure(frame: Frame, asked: Asked) -> Row:
    if asked.jobs is None:
        return {"jobs": exposure.over_jobs(frame, None), "employers": None, "regions": None}
    employers = {job.job_id: plain(job.employer) if job.employer else None for job in asked.jobs}
    regions = {job.job_id: _region(job) for job in asked.jobs}
    return {
        "jobs": exposure.over_jobs(frame, list(employers)),
        "employers": exposure.over_names(frame, employers),
        "regions": exposure.over_regions(frame, regions, asked.fewest),
    }


def _region(job: Job) -> str | None:
    row = district_index(job.ubigeo, job.place)
    return DISTRICTS[row].ubigeo[:2] if row >= 0 else None


def _drift(frame: Frame, asked: Asked, reference: Reference) -> Row:
    now: Measures = shown_measures(frame)
    if asked.people is not None:
        now |= people_measures(asked.people)
    if asked.jobs is not None:
        now |= job_measures(asked.jobs)
    rows = []
    for name in _order(reference.measures, now):
        people = not name.startswith("jobs ")
        row = drift.compare(reference.measures[name], now[name], asked.fewest, people=people)
        if row is not None:
            rows.append({"measure": name, **row})
    return {
        "reference": {"kind": reference.kind, "about": reference.about},
        "draws": drift.DRAWS,
        "normal": drift.NORMAL,
        "without": [whose for whose in ("people", "jobs")
                    if f"{whose} characters" not in {row["measure"] for row in rows}],
        "measures": rows,
    }  # fmt: skip


def _order(reference: Measures, now: Mapping[str, object]) -> list[str]:
    return [name for name in reference if name in now]
