"""What `matcher-stream models compare` loads, reads and shows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import orjson
from rich.table import Table
from rich.text import Text

from matcher_stream.cli.console import out
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.model import BUILT_IN, Model, model_of
from matcher_stream.config.settings import Settings
from matcher_stream.files.reading import following
from matcher_stream.registry.store import Registry
from matcher_stream.runtime.outputs import header
from matcher_stream.verify.reading import broker_reader, flat
from models.compare import offline as judged
from models.compare.interleaving import interleaved
from models.compare.sections import sections
from models.compare.streams import Person, Topic, compare_streams, person_of
from models.compare.verdicts import Verdict
from models.encoding.embedder import Embedder, load_embedder, vector_version
from models.evaluation.systems import EncodeOnce
from models.ranking.weights import shipped_weights
from schemas.errors import InputError, UsageError
from schemas.profile import parse_profile
from tables.rows import unpack_tally
from tables.rows.trials import TRIAL

if TYPE_CHECKING:
    from models.encoding.encoder import Encoder

_SHADOW = "-shadow."  # after the application id, in the names of its shadow topics
_WAIT_MS = 500
_CALM = 3  # times in a row that all was read: a topic that is written to never falls silent


def offline(
    settings: Settings,
    versions: Sequence[str],
    parts: Sequence[str],
    people: int | None,
    pairs: int | None,
    tell: Callable[[str], object],
) -> dict[str, Any]:
    """The comparison on judged people.

    Args:
        settings: Say where versions are, and how the encoder runs.
        versions: The one in use and the challenger: ids, or ``builtin``.
        parts, people, pairs: How much is measured.
        tell: Called with what is going on.

    Raises:
        MatcherError: a version is not there, not whole, or not for this program.
    """
    models = [_model(settings, name) for name in versions]
    loaded: dict[str, tuple[Embedder, EncodeOnce]] = {}
    champion, challenger = (_version(settings, model, loaded) for model in models)
    return judged.compare(champion, challenger, judged.Asked(parts, people, pairs), tell)


def _model(settings: Settings, name: str) -> Model:
    return model_of(settings.model_copy(update={"model": "" if name == BUILT_IN else name}))


def _version(
    settings: Settings, model: Model, loaded: dict[str, tuple[Embedder, EncodeOnce]]
) -> judged.Version:
    """A version with its encoder; two of the same vectors share one."""
    vectors = vector_version(model.encoder, model.adapter)
    size = None
    if model.id != BUILT_IN:
        files = Registry(settings.registry).manifest(model.id).files
        size = sum(entry.size for entry in files.values())
    if vectors not in loaded:
        plain = load_embedder(
            model.encoder, settings.encoder_precision, settings.encoder_cache_dir, model.adapter
        )
        # it has what is used of an encoder
        loaded[vectors] = (plain, EncodeOnce(cast("Encoder", plain)))
    weights = model.weights or shipped_weights()
    return judged.Version(model.id, vectors, *loaded[vectors], weights, size)


def on_topics(settings: Settings, told: str | None, shadow: str) -> dict[str, Any]:
    """The comparison of two topics of matches events.

    Args:
        settings: How to reach the broker.
        told: Name of the public topic; None for that of the settings.
        shadow: Name of the challenger's.

    Raises:
        MatcherError: the broker or a topic is not there, or holds something else.
    """
    public = told or TopicNames(settings, "").matches
    if public == shadow:
        raise UsageError("Los dos temas son el mismo: diga otro en --shadow.")
    for topic in (public, shadow):
        if topic == TopicNames(settings, "").profiles:
            raise _no_rankings(topic)
    return asyncio.run(_read(settings, public, shadow))


def _no_rankings(topic: str) -> UsageError:
    return UsageError(
        f"El tema {topic} no tiene listas de personas: diga otro en --told o --shadow."
    )


async def _read(settings: Settings, told: str, shadow: str) -> dict[str, Any]:
    profiles = TopicNames(settings, "").profiles
    sides = {told: Topic(), shadow: Topic()}
    people: dict[str, Person] = {}
    calm, champion = 0, (0, "")
    async with following(settings, [told, shadow, profiles]) as reader:
        while calm < _CALM:
            records = await reader.batch(_WAIT_MS)
            for record in records:
                if record.topic == profiles:
                    _note_person(people, record)
                else:
                    _note_event(sides[record.topic], record)
                    if record.topic == told and record.value is not None:
                        champion = max(champion, (_made_at(record), _source(record)))
            calm = calm + 1 if await reader.caught_up() else 0
            if calm and not records:
                break
    found = compare_streams(sides[told], sides[shadow], people)
    counts = await _counted(settings, champion[1], shadow)
    return {**found, "interleaved": interleaved(counts)} if counts else found


async def _counted(settings: Settings, champion: str, shadow: str) -> Counter[str]:
    """What the champion counted of its lists that were interleaved with the challenger's."""
    challenger, _, of_a_shadow = shadow.partition(_SHADOW)
    found: Counter[str] = Counter()
    if champion and of_a_shadow:
        async with broker_reader(settings) as reader:
            rows = await reader.table(f"{champion}-tallies-changelog", unpack_tally)
        for _, key, counts in flat(rows):
            if key.decode() == f"{TRIAL}{challenger}":
                found.update(counts)
    return found


def _source(record: Any) -> str:
    return (header(record, "ce_source") or b"").decode(errors="replace")


def _note_person(people: dict[str, Person], record: Any) -> None:
    name = (record.key or b"").decode(errors="replace")
    if record.value is None:
        people.pop(name, None)
        return
    try:
        people[name] = person_of(parse_profile(record.key, record.value), record.timestamp)
    except InputError:
        return  # refused: what was accepted before is in force


def _note_event(side: Topic, record: Any) -> None:
    name = (record.key or b"").decode(errors="replace")
    try:
        event = None if record.value is None else orjson.loads(record.value)
        side.add(name, event, _made_at(record))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _no_rankings(record.topic) from None


def _made_at(record: Any) -> int:
    """When an event was made, ms: as it says itself, else when the broker took it."""
    made = header(record, "ce_time")
    try:
        return round(1000 * datetime.fromisoformat((made or b"").decode()).timestamp())
    except ValueError:
        return int(record.timestamp)


def show(comparison: Mapping[str, Any], verdict: Verdict) -> None:
    """Tables of the comparison."""
    for section in sections(comparison, verdict, brief=True):
        table = Table(title=section.title, title_justify="left", caption=section.about,
                      caption_justify="left")  # fmt: skip
        for place, name in enumerate(section.head):
            table.add_column(name, justify="right" if place else "left")
        for row in section.rows:
            table.add_row(*(Text(cell, overflow="fold") for cell in row))
        out.print(table)
