"""The question for a person's ranking, answered by the worker that owns them."""

from __future__ import annotations

from typing import Any, Final

from agents.asked import told
from agents.context import Context
from matcher_stream.web.site.heard import Heard
from matcher_stream.web.site.owners import Owners

QUESTION: Final = "ranking"


def register(owners: Owners, context: Context) -> None:
    """Answer the question."""

    async def stored(profile_id: str) -> tuple[dict[str, Any] | None, bool]:
        return await told(context, profile_id)

    heard = Heard(context, context.names.matches, stored)
    owners.answers(QUESTION, heard.latest)


async def ranking(
    owners: Owners, profile_id: str, *, after: int = -1, wait: float = 0.0
) -> dict[str, Any] | None:
    """The person's last matches event, from whichever worker owns them.

    Args:
        owners: The site's.
        profile_id: Whose.
        after: A revision that is known already.
        wait: Seconds to wait at most for a newer one; 0 takes what is there.

    Returns:
        The event as a plain dict; None of somebody unknown or erased.

    Raises:
        Problem: nobody can answer now.
    """
    event: dict[str, Any] | None = await owners.ask(QUESTION, profile_id, wait=wait, after=after)
    return event
