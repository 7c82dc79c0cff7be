"""What `matcher-stream models report` reads, makes and shows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, cast

from matcher_stream.cli.console import activity, out
from matcher_stream.cli.publish import Refused
from matcher_stream.config.catalogue import Catalogue
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.model import load_model, model_of
from matcher_stream.config.settings import Settings, get_settings
from matcher_stream.report import words
from matcher_stream.report.page import apart
from models.feedback.dataset import load
from models.registry.manifest import SHORT_CHARS
from models.report import measures
from models.report.frame import Frame
from models.report.whole import Asked, Reference, check, period, report
from schemas.errors import UsageError
from schemas.job import Job
from schemas.profile import Profile

JUDGED: Final = "judged"
NONE: Final = "none"
Texts = tuple[list[Profile] | None, list[Job] | None]


def made_of(
    folder: Path, files: tuple[Path | None, Path | None] | None, reference: str, fewest: int
) -> dict[str, Any]:
    """The report.

    Args:
        folder: The export.
        files: Of profiles and of jobs; None to read both from the broker.
        reference: ``judged``, ``none`` or the folder of another export.
        fewest: People that a cell must have.

    Raises:
        MatcherError: something cannot be read, or is too little; the sentence says what.
    """
    settings = get_settings()
    data = load(folder)
    check(data.rows, fewest)
    people, jobs = _from_broker(settings) if files is None else _from_files(*files)
    with activity("Contando…") as tell:
        held_against = _reference(reference, settings, fewest, tell)
        return report(Asked(data, people, jobs, held_against, fewest))


def _from_files(profiles: Path | None, jobs: Path | None) -> Texts:
    people = None if profiles is None else Refused(profiles, Catalogue.profiles, None, True)
    works = None if jobs is None else Refused(jobs, Catalogue.jobs, None, True)
    return (
        None if people is None else _consenting(cast(Profile, row.event) for row in people),
        None if works is None else [cast(Job, row.event) for row in works],
    )


def _from_broker(settings: Settings) -> Texts:
    from matcher_stream.verify.inputs import read_input
    from matcher_stream.verify.reading import broker_reader

    names = TopicNames(settings, "")

    async def read() -> list[list[Any]]:
        async with broker_reader(settings) as reader:
            found = [
                await read_input(reader, names.of(topic), topic.parse, settings.partitions)
                for topic in (Catalogue.profiles, Catalogue.jobs)
            ]
        return [[last.event for last in one.last.values() if last.event] for one in found]

    with activity("Leyendo personas y avisos…"):
        people, jobs = asyncio.run(read())
    return _consenting(people), jobs


def _consenting(people: Iterable[Profile]) -> list[Profile]:
    """Who lets their words be learned from; nobody says so by saying nothing."""
    return [person for person in people if person.consent_training is True]


def _reference(
    which: str, settings: Settings, fewest: int, tell: Callable[[str], object]
) -> Reference | None:
    """What now is held against."""
    if which == NONE:
        return None
    if which != JUDGED:
        rows = load(Path(which)).rows
        check(rows, fewest)
        frame = Frame(rows)
        said = period(frame)
        about = f"del {said['from']} al {said['to']}"
        return Reference("export", about, measures.shown_measures(frame))
    if not measures.judged_is_here():
        raise UsageError("Lo juzgado no vino con el programa: pida --reference none o una carpeta.")
    tell("Cargando el modelo…")
    from agents.context import ranker_of

    encoder, ranker = load_model(settings), ranker_of(settings)
    tell("Ordenando lo juzgado…")
    about = f"{model_of(settings).id[:SHORT_CHARS]}, {ranker.version}"
    return Reference("judged", about, measures.judged_measures(encoder, ranker))


def show(made: Mapping[str, Any]) -> None:
    """The report in a few lines."""
    taken, corrected = made["whole"]["taken"], made["whole"]["corrected"]["taken"]
    said = [
        f"{words.count(made['people'])} personas, {words.count(made['impressions'])} veces que se "
        f"mostró un trabajo, del {made['period']['from']} al {made['period']['to']}.",
        f"Lo pidieron: {_said(taken)} tal cual, {_said(corrected)} corregido por posición.",
        *apart(made),
    ]
    if made["drift"] is not None:
        changed = [row["measure"] for row in made["drift"]["measures"] if row["changed"]]
        told = "; ".join(map(words.measure, changed)) or "nada"
        said.append(f"Cambió más de lo normal ({made['drift']['reference']['about']}): {told}.")
    quiet = made["suppressed"]
    said.append(f"Se callan {quiet['groups']} grupos y {quiet['cells']} cifras de otros.")
    for line in said:
        out.print(line, highlight=False, markup=False, soft_wrap=True)


def _said(rate: Mapping[str, float] | None) -> str:
    if rate is None:
        return words.share(None)
    return (
        f"{words.share(rate['value'])} ({words.share(rate['low'])} a {words.share(rate['high'])})"
    )
