"""``matcher-stream rank``."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import click
import orjson

from matcher_stream.cli.console import activity, errors, out
from matcher_stream.cli.publish import Refused
from matcher_stream.cli.render import opening, ranking_table
from matcher_stream.config.catalogue import Catalogue
from matcher_stream.config.model import load_model
from matcher_stream.config.settings import get_settings
from matcher_stream.files.mapping import load_mapping
from models.vetting.outcome import passing
from schemas import Decision, Job, Profile
from schemas.base import LIMA
from schemas.job import effective_expiry as job_expiry
from schemas.profile import effective_expiry as profile_expiry

#: Entries and unlocks as in a matches event.
Told = tuple[list[dict[str, Any]], list[dict[str, Any]]]


@click.command("rank")
@click.option("--profiles", required=True, type=click.Path(path_type=Path), help="Personas.")
@click.option("--jobs", required=True, type=click.Path(path_type=Path), help="Trabajos.")
@click.option("--jobs-mapping", help="Archivo TOML de columnas para los trabajos, o 'servir'.")
@click.option("--decisions", type=click.Path(path_type=Path),
              help="Decisiones sobre avisos retenidos.")  # fmt: skip
@click.option("--top", type=click.IntRange(1, 1000), default=10, show_default=True,
              help="Trabajos por persona.")  # fmt: skip
@click.option("--out", "target", type=click.Path(path_type=Path),
              help="Escribe JSON Lines en este archivo en vez de tablas.")  # fmt: skip
def command(
    profiles: Path,
    jobs: Path,
    jobs_mapping: str | None,
    decisions: Path | None,
    top: int,
    target: Path | None,
) -> int:
    """Calcula la lista de cada persona sin ningún broker."""
    from agents.context import gate_of

    columns = load_mapping(jobs_mapping) if jobs_mapping else None
    people_rows = Refused(profiles, Catalogue.profiles, None, False)
    job_rows = Refused(jobs, Catalogue.jobs, columns, False)
    people = {row.key: cast(Profile, row.event) for row in people_rows}
    works = {row.key: cast(Job, row.event) for row in job_rows}
    decided = _decided(decisions) if decisions else {}
    open_jobs = _standing(works.values())
    settings = get_settings()
    gate = gate_of(settings)
    passed = passing(open_jobs, gate, decided)
    if len(passed) < len(open_jobs):
        errors.print(f"Avisos retenidos para revisión: {len(open_jobs) - len(passed)}.")
    rankings = _rank(list(people.values()), passed, top)
    if target is not None:
        lines = [
            orjson.dumps(_line(name, told), option=orjson.OPT_APPEND_NEWLINE)
            for name, told in rankings.items()
        ]
        target.write_bytes(b"".join(lines))
        out.print(f"Escritas {len(rankings)} listas en {target}.", highlight=False, soft_wrap=True)
    else:
        for person in people.values():
            name = person.profile_id
            entries, unlocks = rankings[name]
            if entries:
                out.print(ranking_table(name, entries, person.text))
            else:
                out.print(f"{name}: sin trabajos.", highlight=False, markup=False)
            if told := opening(unlocks):
                out.print(told, highlight=False, markup=False)
            out.print()
    return 1 if people_rows.count or job_rows.count else 0


def _line(name: str, told: Told) -> dict[str, Any]:
    entries, unlocks = told
    line: dict[str, Any] = {"profile_id": name, "entries": entries}
    return {**line, "unlocks": unlocks} if unlocks else line


def _decided(path: Path) -> dict[str, Decision]:
    rows = Refused(path, Catalogue.decisions, None, False)
    said = (cast(Decision, row.event) for row in rows)
    return {event.job_id: event for event in said}


def _standing(jobs: Iterable[Job]) -> list[Job]:
    """The jobs that have not expired, as the stream would see them if they were published now."""
    now = round(time.time() * 1000)
    days = get_settings().default_expiry_days
    return [job for job in jobs if job_expiry(job, now, days) > now]


def _rank(people: list[Profile], works: list[Job], top: int) -> dict[str, Told]:
    settings = get_settings()
    now = round(time.time() * 1000)
    rankings: dict[str, Told] = {person.profile_id: ([], []) for person in people}
    people = [person for person in people if profile_expiry(person) > now]
    if not people or not works:
        return rankings
    with activity("Cargando el modelo…"):
        from agents.context import ranker_of
        from models.ranking.offline import match_all

        encoder = load_model(settings)
    with activity(f"Comparando {len(people)} personas con {len(works)} trabajos…"):
        found = match_all(
            people, works, encoder, ranker_of(settings), top, count_unlocks=settings.unlocks
        )
    from models.feedback.swapping import as_told

    today = datetime.now(LIMA).date().isoformat()
    for person in people:
        entries, opened = found[person.profile_id]
        told, _ = as_told(person, today, entries, settings.swap_share)
        rankings[person.profile_id] = told, opened
    return rankings
