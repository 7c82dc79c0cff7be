"""What came of an impression, out of all that was said of it, and what is counted together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from models.feedback.dataset import Outcome

STRENGTH: Final[tuple[Outcome, ...]] = (
    "reported", "hired", "interviewed", "applied", "dismissed", "opened",
)  # fmt: skip
"""The strongest first: who applied did so whatever they opened or put away later."""
PLACES: Final = ((1, "1"), (3, "2-3"), (10, "4-10"))
"""The last rank of each range that is counted together, and its name."""


def strongest(times: Mapping[str, int]) -> tuple[Outcome, int | None]:
    """What came of it, and when (ms); "none" of what was only shown.

    Args:
        times: When each kind of feedback came first.
    """
    for outcome in STRENGTH:
        if outcome in times:
            return outcome, times[outcome]
    return "none", None


def place_of(rank: int) -> str:
    """The range that a rank is counted in; 0 is a rank that nobody knows."""
    if rank < 1:
        return "unknown"
    return next((name for last, name in PLACES if rank <= last), "11+")
