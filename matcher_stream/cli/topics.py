"""``matcher-stream topics``."""

from __future__ import annotations

import asyncio

import click
from rich.table import Table

from matcher_stream.cli.console import out
from matcher_stream.config.contract import TopicNames, TopicSpec, public_specs, topic_specs
from matcher_stream.config.settings import Settings, get_settings
from matcher_stream.config.topics import create_topics, describe_topics, mismatch
from models.encoding.embedder import vector_version
from schemas.errors import MissingModel, TopicMismatch

DAY = 86_400_000


def names_of(settings: Settings) -> TopicNames:
    """The topics' names, the internal ones of the encoder that the settings name."""
    version = settings.encoder_version or vector_version(settings.encoder, settings.adapter)
    return TopicNames(settings, f"{settings.topic_prefix}-{version}")


@click.group("topics")
def command() -> None:
    """Crea o describe los temas de Kafka."""


@command.command("create")
def create() -> None:
    """Crea los temas públicos que falten; los que existen se comprueban."""
    settings = get_settings()
    names = TopicNames(settings, "")
    specs = public_specs(names, settings)
    created = asyncio.run(create_topics(settings, specs))
    for name in created:
        out.print(f"creado {name}", markup=False, highlight=False, soft_wrap=True)
    out.print(f"Temas creados: {len(created)}; ya existían: {len(specs) - len(created)}.")
    asyncio.run(_check(settings, specs))


async def _check(settings: Settings, specs: list[TopicSpec]) -> None:
    states = await describe_topics(settings, [spec.name for spec in specs])
    for spec in specs:
        if problem := mismatch(spec, states.get(spec.name)):
            raise TopicMismatch(problem)


@command.command("describe")
def describe() -> int:
    """Muestra cada tema; el código de salida es 1 si alguno no es como debe."""
    settings = get_settings()
    try:
        specs = topic_specs(names_of(settings), settings)
    except MissingModel:  # without an encoder there are no internal topics to speak of
        specs = public_specs(TopicNames(settings, ""), settings)
    states = asyncio.run(describe_topics(settings, [spec.name for spec in specs]))
    table = Table("Tema", "Part.", "Réplicas", "Limpieza", "Días", "Estado")
    wrong = False
    for spec in specs:
        state = states.get(spec.name)
        problem = mismatch(spec, state)
        internal = not spec.name.startswith(f"{settings.topic_prefix}.")
        wrong = wrong or bool(problem and (state is not None or not internal))
        days = f"{spec.retention_ms / DAY:g}" if spec.retention_ms else "—"
        table.add_row(
            spec.name,
            str(state.partitions if state else "—"),
            str(state.replicas if state else "—"),
            state.config.get("cleanup.policy", "?") if state else spec.cleanup,
            days,
            _verdict(problem, exists=state is not None, internal=internal),
        )
    out.print(table)
    return 1 if wrong else 0


def _verdict(problem: str, *, exists: bool, internal: bool) -> str:
    if not problem:
        return "bien"
    if not exists:
        return "lo creará el trabajador" if internal else "falta"
    return problem
