"""What a run of `matcher-stream models retrain` holds: the lock, and the export it learns from."""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from matcher_stream.cli.feedback import export_command

LOCK: Final = ".retrain.lock"


@contextmanager
def alone(url: str) -> Iterator[bool]:
    """Whether no other run on this machine works for this registry, nor will in the block.

    A lock of the system: it is gone with the process, however that ends. Machines that share a
    registry need a scheduler that starts one (`concurrencyPolicy: Forbid`); two versions would be
    registered, and none is in use before somebody promotes it.
    """
    folder = Path(url.removeprefix("file://"))
    if "://" in str(folder):
        name = hashlib.sha256(url.encode()).hexdigest()[:16]
        path = Path(tempfile.gettempdir()) / f"matcher-{name}{LOCK}"
    else:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / LOCK
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def exported(feedback: Path | None, keep: Path | None) -> Iterator[Path]:
    """The export to learn from: the one named, or one that is made now.

    Args:
        feedback: A folder that somebody exported.
        keep: Where a new one stays; None: it is deleted at the end, since it is about people.
    """
    if feedback is not None:
        yield feedback
        return
    with tempfile.TemporaryDirectory(prefix="matcher-feedback-") as name:
        stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
        folder = (keep or Path(name)) / stamp
        assert export_command.callback is not None
        export_command.callback(folder)
        yield folder
