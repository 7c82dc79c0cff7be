"""The two consoles: results go to stdout, everything about the run to stderr."""

from __future__ import annotations

import logging

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

out = Console()
errors = Console(stderr=True)


def quiet_logs() -> None:
    """Libraries log connection attempts that our own sentences tell better."""
    logging.getLogger().addHandler(logging.NullHandler())
    for name in ("aiokafka", "asyncio", "kafka"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def progress() -> Progress:
    """A progress bar on stderr that is gone when it is done."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
    )
