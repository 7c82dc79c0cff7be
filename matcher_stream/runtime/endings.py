"""How the process before this one ended: a word in the data folder, read at the next start.

Who is killed, by the kernel for its memory or by hand, leaves no word: then the file still says
that it runs. A folder that was lost with its worker begins anew.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

import orjson

from matcher_stream.runtime.vitals import RESTARTS

Ending = Literal["running", "stopped", "failed", "frozen", "refused"]
_REASONS: Final = {
    "running": "killed",
    "stopped": "stopped",
    "failed": "failed",
    "frozen": "frozen",
    "refused": "refused",
}
"""By the last word of a process, why the next one starts: killed without a word, asked to stop,
ended by what it could not do, by a freeze, or by a check before it took part."""
_file: Path | None = None


def begin(folder: Path) -> None:
    """Count how the process before ended, and note that this one runs.

    Args:
        folder: The worker's own.
    """
    global _file
    _file = folder / "last-ending.json"
    counts = dict.fromkeys(_REASONS.values(), 0)
    with suppress(OSError, ValueError, AttributeError):
        before = orjson.loads(_file.read_bytes())
        counts |= {k: int(v) for k, v in before["restarts"].items() if k in counts}
        counts[_REASONS.get(before["last"], "killed")] += 1
    RESTARTS.clear()
    for reason, count in counts.items():
        RESTARTS.labels(reason).inc(count)
    _write({"last": "running", "restarts": counts})


def note(ending: Ending) -> None:
    """The last word of this process; the disk may take none any more."""
    if _file is not None:
        with suppress(OSError, ValueError):
            _write({**orjson.loads(_file.read_bytes()), "last": ending})


def _write(said: dict[str, object]) -> None:
    assert _file is not None
    with suppress(OSError):  # a disk that is full ends a worker elsewhere, with a reason
        _file.parent.mkdir(parents=True, exist_ok=True)
        fresh = _file.with_suffix(".new")
        fresh.write_bytes(orjson.dumps(said))
        fresh.replace(_file)
