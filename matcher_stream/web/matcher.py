"""The matcher's pages: what every worker serves, and a short status page."""

from __future__ import annotations

from typing import Any

from agents.context import Context
from matcher_stream.runtime import metrics
from matcher_stream.web import pages
from matcher_stream.web.status_page import status_page


def register(context: Context) -> None:
    """Attach the pages to the application's web server."""
    pages.register(context, lambda: readiness(context))

    @context.app.page("/")  # type: ignore[untyped-decorator]
    async def index_page(self: Any, request: Any) -> Any:
        return self.html(status_page(context.names.source, readiness(context)))


def readiness(context: Context) -> dict[str, Any]:
    """Whether this worker does its work, and how far its start has got."""
    open_now = context.fence.is_open
    loaded = context.vectors.encoder.done()
    return {
        "ready": open_now and loaded,
        "encoder": "ready" if loaded else "loading",
        "state": "ready" if open_now else "recovering",
        "partitions": sorted(context.state.owned) if open_now else [],
        "people": int(metrics.value(metrics.PEOPLE)),
        "jobs": int(metrics.value(metrics.JOBS)),
        "lists_waiting": int(metrics.value(metrics.DIRTY)),
        "app_id": str(context.app.conf.id),
    }
