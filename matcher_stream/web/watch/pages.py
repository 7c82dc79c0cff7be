"""`/`: one screen for who runs the matcher; a view of it asks the broker nothing."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from aiohttp import web

from agents.context import Context
from matcher_stream.runtime import metrics
from matcher_stream.web.site.site import Site
from matcher_stream.web.site.visit import Visit
from matcher_stream.web.watch.explainers import EVERY_SECONDS as ASK_SECONDS
from matcher_stream.web.watch.explainers import Explainers
from matcher_stream.web.watch.figures import NAMES, figures
from matcher_stream.web.watch.guide import sections
from matcher_stream.web.watch.sampling import EVERY_SECONDS, Sampler
from matcher_stream.web.watch.whole import whole

QUESTION: Final = "vivo"
GUIDE: Final = "/vivo/guia"
RENEW_SECONDS: Final = 5.0
#: Agents in the order of the flow, with what they are in Spanish.
FLOW: Final = {
    "profiles": "personas", "jobs": "avisos", "postings": "avisos con personas",
    "candidates": "listas de personas", "feedback": "respuestas", "decisions": "decisiones",
    "work": "tareas",
}  # fmt: skip


def register(site: Site, context: Context) -> None:
    """Serve the page, and answer for this worker."""
    sampler = Sampler(metrics.REGISTRY, NAMES)
    explainers = Explainers(context, site.tools.config.explainers)

    async def sample() -> None:
        sampler.take()

    async def here(_: Any) -> dict[str, Any]:
        if not sampler.seconds:  # asked before the timer has run twice
            sampler.take()
        return figures(context, sampler, explainers.told)

    context.app.timer(EVERY_SECONDS)(sample)
    if explainers.told:
        context.app.timer(ASK_SECONDS)(explainers.ask)
    site.tools.owners.answers(QUESTION, here)

    async def screen(visit: Visit) -> web.StreamResponse:
        told = await site.tools.owners.ask_all(QUESTION)
        found = whole(told, context.settings.partitions)
        return visit.page(
            "vivo/inicio.html", found=found, flow=FLOW, promise=metrics.PROMISE_SECONDS,
            source=context.names.source, guide=GUIDE,
        )  # fmt: skip

    async def changes(visit: Visit) -> web.StreamResponse:
        visitor = visit.staff.digest if visit.staff else ""
        return await site.tools.live.serve(visit.request, visitor, 0, _later)

    async def guide(visit: Visit) -> web.StreamResponse:
        return visit.page("vivo/guia.html", sections=sections())

    site.get("/", screen, needs=("operator",))
    site.get(GUIDE, guide, needs=("operator",))
    site.get("/vivo/cambios", changes, needs=("operator",))


async def _later(number: int, wait: float) -> int:
    """The screen is renewed at an even pace: figures always change."""
    await asyncio.sleep(min(wait, RENEW_SECONDS))
    return number + 1
