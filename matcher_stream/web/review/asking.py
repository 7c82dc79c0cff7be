"""The questions of reviewers' pages, answered by whichever worker owns an ad."""

from __future__ import annotations

from typing import Any, Final

from agents.asking_ads import told_ad
from agents.context import Context
from matcher_stream.web.review.deciding import Deciding
from matcher_stream.web.review.past import Past
from matcher_stream.web.review.waiting import Waiting
from matcher_stream.web.site.owners import Owners
from matcher_stream.web.site.publishing import Publisher

WAITING, READ, DECIDE, PAST, LIKE = "waiting", "read_ad", "decide", "decisions", "decisions_like"
MOST_WAITING: Final = 50
MOST_PAST: Final = 100
MOST_LIKE: Final = 5


def register(owners: Owners, context: Context, publisher: Publisher) -> None:
    """Answer them."""
    waiting, past, deciding = Waiting(context), Past(context), Deciding(context, publisher)

    async def first(_: None, who: str) -> dict[str, Any]:
        found = await waiting.first(MOST_WAITING, deciding.on_its_way())
        return {**found, "reading": sorted(waiting.reading(who))}

    async def read(job_id: str, who: str) -> dict[str, Any] | None:
        ad = told_ad(context, job_id)
        return None if ad is None else {**ad, "readers": waiting.read_by(job_id, who)}

    async def decide(job_id: str, who: str, **said: Any) -> dict[str, Any]:
        outcome = await deciding.decide(job_id, who=who, **said)
        if outcome["outcome"] == "saved":
            waiting.left(job_id, who)
        return outcome

    async def latest(_: None) -> list[dict[str, Any]]:
        return await past.latest(MOST_PAST)

    async def like(_: None, job_id: str, codes: list[str], title: str) -> list[dict[str, Any]]:
        return await past.like(job_id, codes, title, MOST_LIKE)

    for question, answer in (
        (WAITING, first), (READ, read), (DECIDE, decide), (PAST, latest), (LIKE, like),
    ):  # fmt: skip
        owners.answers(question, answer)


async def everywhere(owners: Owners, question: str, **values: Any) -> tuple[list[Any], bool]:
    """What the workers answer, and whether all did."""
    answers = await owners.ask_all(question, **values)
    return [told for told in answers.values() if told is not None], None not in answers.values()
