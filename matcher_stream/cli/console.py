"""The two consoles: results go to stdout, everything about the run to stderr."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_PIPE_COLUMNS = 120
out = Console()
if not out.is_terminal and not os.environ.get("COLUMNS"):
    out = Console(width=_PIPE_COLUMNS)
errors = Console(stderr=True)


def quiet_logs() -> None:
    """Libraries log connection attempts that our own sentences tell better."""
    logging.getLogger().addHandler(logging.NullHandler())
    for name in ("aiokafka", "asyncio", "kafka"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def live() -> Console:
    """Where moving parts go: one terminal must not be painted by two consoles."""
    return out if out.is_terminal else errors


@contextmanager
def activity(text: str) -> Iterator[Callable[[str], None]]:
    """Show what is going on: a spinner on a terminal, else a line for each change of text."""
    console = live()
    if console.is_terminal:
        with console.status(text) as status:
            yield status.update
        return
    last = ""

    def tell(now: str) -> None:
        nonlocal last
        if now != last:
            console.print(now)
            last = now

    tell(text)
    yield tell


def progress() -> Progress:
    """A progress bar that is gone when it is done."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=live(),
        transient=True,
    )
