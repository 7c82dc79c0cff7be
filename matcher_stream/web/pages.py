"""The worker's pages: metrics, liveness, readiness and a short status page."""

from __future__ import annotations

import time
from typing import Any

from agents.context import Context
from matcher_stream.runtime import metrics
from matcher_stream.web.status_page import status_page


def register(context: Context) -> None:
    """Attach the pages to the application's web server."""
    app = context.app
    started = time.monotonic()

    @app.page("/metrics")  # type: ignore[untyped-decorator]
    async def metrics_page(self: Any, request: Any) -> Any:
        return self.bytes(metrics.render(), content_type="text/plain")

    @app.page("/ready")  # type: ignore[untyped-decorator]
    async def ready_page(self: Any, request: Any) -> Any:
        facts = readiness(context)
        return self.json(facts, status=200 if facts["ready"] else 503)

    @app.page("/live")  # type: ignore[untyped-decorator]
    async def live_page(self: Any, request: Any) -> Any:
        reason = stalled(context, time.monotonic() - started)
        return self.json({"live": not reason, "reason": reason}, status=503 if reason else 200)

    @app.page("/")  # type: ignore[untyped-decorator]
    async def index_page(self: Any, request: Any) -> Any:
        return self.html(status_page(context.names.source, readiness(context)))


def readiness(context: Context) -> dict[str, Any]:
    """Whether this worker does its work, and how far its start has got."""
    open_now = context.fence.is_open
    loaded = context.encoder.done()
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


def stalled(context: Context, uptime: float) -> str:
    """Why this worker should be restarted, or an empty text."""
    limit = context.settings.stall_seconds
    if context.fence.frozen():
        return "frozen past its session"
    if uptime < limit or metrics.seconds_with_lag() < limit:
        return ""
    if metrics.seconds_since_progress() > limit:
        return f"records wait and nothing was processed for {limit:.0f} s"
    return ""
