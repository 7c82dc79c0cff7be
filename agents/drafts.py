"""A person's ranking as it is told: with another drawn in, where that is tried."""

from __future__ import annotations

from typing import Any

from models.feedback.drafting import Team, Trial, drafted
from models.ranking.event_bodies import RankedJob
from tables.index.matching import Ranking


def drafted_jobs(
    trial: Trial | None, profile_id: str, ranking: Ranking, as_of: str
) -> tuple[list[RankedJob], list[Team | None]]:
    """The jobs in the order in which they are told, and which team put each.

    Args:
        trial: What is tried; None for nothing.
        profile_id: The person.
        ranking: Of them.
        as_of: Day of the event.

    Returns:
        As many of both; no teams where the ranking is told as it is.
    """
    if trial is None or ranking.rival is None:
        return ranking.jobs, []
    own, rivals = ([job.job_id for job in jobs] for jobs in (ranking.jobs, ranking.rivals))
    placed = drafted(own, rivals, trial.seed(profile_id, as_of))
    if not any(place.team for place in placed):
        return ranking.jobs, []
    by_id = {job.job_id: job for job in (*ranking.rivals, *ranking.jobs)}
    return [by_id[place.job_id] for place in placed], [place.team for place in placed]


def own_of(body: dict[str, Any], ranking: Ranking) -> list[list[Any]]:
    """The ranking behind a draft, as rows keep it; nothing where the ranking itself is told."""
    if "challenger" not in body:
        return []
    return [[job.job_id, job.score, list(job.similar)] for job in ranking.jobs]
