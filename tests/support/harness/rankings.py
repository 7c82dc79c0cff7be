"""Matches events by hand: a few jobs, each in versions that differ in what is told of them."""

from __future__ import annotations

from typing import Any

from tests.models.explain.entries import entry_of

JOBS = ("cocina", "obra", "taxi", "limpieza", "mozo")
_TITLES = dict(
    zip(JOBS, ("Cocinera", "Albañil", "Mototaxista", "Limpieza de casas", "Mozo"), strict=True)
)
EPOCH = 1 << 32


def entry(job_id: str, version: int = 0) -> dict[str, Any]:
    """An entry of a ranking; every version of a job pays another sum."""
    job = {"job_id": job_id, "title": _TITLES.get(job_id, job_id), "pay_min": 1200 + 100 * version}
    return entry_of({}, {**job, "pay_period": "month", "ubigeo": "150110"})


def ranking(
    profile_id: str, *jobs: str | tuple[str, int], revision: int = 1, consent: bool = True,
    **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """The ranking of these jobs, in this order; a tuple names the job's version."""
    named = [job if isinstance(job, tuple) else (job, 0) for job in jobs]
    entries = [{**entry(*job), "rank": rank} for rank, job in enumerate(named, 1)]
    return {
        "profile_id": profile_id, "revision": EPOCH + revision, "event_id": f"{revision:032x}",
        "status": "ok" if entries else "no_match", "cause": "profile_updated",
        "encoder_version": "test", "ranker_version": "test", "as_of": "2026-11-23",
        "consent_llm": consent, "entries": entries,
        "entered": [one["job_id"] for one in entries], "left": [], **more,
    }  # fmt: skip


def erasure(profile_id: str) -> dict[str, Any]:
    """The news that a person is gone."""
    return {"profile_id": profile_id}
