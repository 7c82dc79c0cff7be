"""The matcher's pages: what every worker serves, a short status page, and pages for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from agents.context import Context
from matcher_stream.runtime import metrics
from matcher_stream.runtime.recovery import records_left
from matcher_stream.web import ads, pages, rankings
from matcher_stream.web.offer import register as offer
from matcher_stream.web.review import register as review
from matcher_stream.web.seek import register as seek
from matcher_stream.web.site import entering
from matcher_stream.web.site.site import Site
from matcher_stream.web.status_page import status_page
from matcher_stream.web.tryout import pages as tryout
from matcher_stream.web.watch import pages as watch
from matcher_stream.web.why import pages as why

#: What serves each group of pages that MATCHER_WEB_PAGES may name.
GROUPS: Final[dict[str, Callable[[Site, Context], None]]] = {
    "busco": seek.register,
    "ofrezco": offer.register,
    "porque": why.register,
    "probar": tryout.register,
    "revisar": review.register,
    "vivo": watch.register,
}


def register(context: Context) -> None:
    """Attach the pages to the application's web server.

    Raises:
        InvalidSettings: the settings of pages cannot be used.
    """
    pages.register(context, lambda: readiness(context))
    groups = _register_site(context)
    if "vivo" not in groups:

        @context.app.page("/")  # type: ignore[untyped-decorator]
        async def index_page(self: Any, request: Any) -> Any:
            return self.html(status_page(context.names.source, readiness(context)))


def _register_site(context: Context) -> frozenset[str]:
    """The pages for people, if there are any; returns which groups are served."""
    if not context.settings.web_pages:
        return frozenset()
    voice = context.voice
    site = Site(context, lambda: voice.view is not None and not voice.champion)
    entering.register(site)
    rankings.register(site.tools.owners, context)
    ads.register(site.tools.owners, context)
    served = site.tools.config.pages & GROUPS.keys()
    for group in sorted(served):
        GROUPS[group](site, context)
    return served


def readiness(context: Context) -> dict[str, Any]:
    """Whether this worker does its work, and how far its start has got."""
    open_now = context.fence.is_open
    loaded = context.vectors.encoder.done()
    return {
        "ready": open_now and loaded,
        "encoder": "ready" if loaded else "loading",
        "state": "ready" if open_now else "recovering",
        "records_left": 0 if open_now else records_left(context.app),
        "partitions": sorted(context.state.owned) if open_now else [],
        "people": int(metrics.value(metrics.PEOPLE)),
        "jobs": int(metrics.value(metrics.JOBS)),
        "lists_waiting": int(metrics.value(metrics.DIRTY)),
        "app_id": str(context.app.conf.id),
        "champion": context.voice.champion,
    }
