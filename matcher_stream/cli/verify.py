"""``matcher-stream verify``."""

from __future__ import annotations

import asyncio

import click

from matcher_stream.cli.console import out
from matcher_stream.cli.topics import names_of
from matcher_stream.config.contract import public_specs, topic_specs
from matcher_stream.config.settings import Settings, get_settings
from matcher_stream.config.topics import describe_topics, mismatch
from schemas.errors import TopicMismatch


@click.command("verify")
def command() -> int:
    """Lee los temas desde el principio y recalcula todo por fuerza bruta.

    El código de salida es 1 si algo difiere. Conviene hacerlo cuando no llegan datos nuevos.
    """
    settings = get_settings()
    asyncio.run(_check(settings))
    from matcher_stream.verify import run_verify  # numpy and torch: only this command pays them

    return run_verify(settings, out)


async def _check(settings: Settings) -> None:
    """Tell of missing topics before the model is loaded."""
    names = names_of(settings)
    specs = topic_specs(names, settings)
    states = await describe_topics(settings, [spec.name for spec in specs])
    for spec in public_specs(names, settings):
        if problem := mismatch(spec, states.get(spec.name)):
            raise TopicMismatch(problem)
    if names.job_fanout not in states:
        raise TopicMismatch(
            "Ningún trabajador con este modelo ha funcionado en este broker: inicie uno con "
            "'faust -A matcher_stream.app worker -l info' o corrija MATCHER_ENCODER."
        )
