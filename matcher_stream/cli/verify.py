"""``matcher-stream verify``."""

from __future__ import annotations

import click

from matcher_stream.cli.console import out
from matcher_stream.settings import get_settings


@click.command("verify")
def command() -> int:
    """Lee los temas desde el principio y recalcula todo por fuerza bruta.

    El código de salida es 1 si algo difiere. Conviene hacerlo cuando no llegan datos nuevos.
    """
    from matcher_stream.verify import run_verify  # numpy and torch: only this command pays them

    return run_verify(get_settings(), out)
