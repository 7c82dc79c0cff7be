"""Questions about an ad, answered by the worker that owns it: what became of it, and for whom."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from agents.asking_ads import told_ad, told_people
from agents.context import Context
from matcher_stream.web.site.heard import Heard
from matcher_stream.web.site.owners import Owners

AD: Final = "ad"
PEOPLE: Final = "people"
_LOOK_SECONDS: Final = 0.05


def register(owners: Owners, context: Context) -> None:
    """Answer the questions."""

    async def ad(job_id: str, content: str = "", wait: float = 0.0) -> dict[str, Any] | None:
        ends = time.monotonic() + wait
        while True:
            found = told_ad(context, job_id)
            if not content or (found is not None and found["content_hash"] == content):
                return found
            if time.monotonic() >= ends:
                return found
            await asyncio.sleep(_LOOK_SECONDS)  # rows tell nobody that they changed

    async def stored(job_id: str) -> tuple[dict[str, Any] | None, bool]:
        return told_people(context, job_id)

    owners.answers(AD, ad)
    owners.answers(PEOPLE, Heard(context, context.names.candidates, stored).latest)


async def ad_of(
    owners: Owners, job_id: str, *, content: str = "", wait: float = 0.0
) -> dict[str, Any] | None:
    """What is known of an ad, from whichever worker owns it.

    Args:
        owners: The site's.
        job_id: Which.
        content: The content hash that was published last, if it is known.
        wait: Seconds to wait at most until that content was worked off.

    Returns:
        As `agents.asking_ads.told_ad` has it; None of an unknown ad.

    Raises:
        Problem: nobody can answer now.
    """
    found: dict[str, Any] | None = await owners.ask(AD, job_id, content=content, wait=wait)
    return found


async def people_of(
    owners: Owners, job_id: str, *, after: int = -1, wait: float = 0.0
) -> dict[str, Any] | None:
    """The job's last candidates event; for the arguments see `rankings.ranking`."""
    event: dict[str, Any] | None = await owners.ask(PEOPLE, job_id, wait=wait, after=after)
    return event
