"""The pages that every worker serves: metrics, liveness, readiness."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from matcher_stream.runtime import metrics
from matcher_stream.runtime.parts import AppParts


def register(parts: AppParts, facts: Callable[[], dict[str, Any]]) -> None:
    """Attach the pages to the application's web server.

    Args:
        parts: The worker.
        facts: What /ready tells; `ready` among them says whether the worker does its work.
    """
    app = parts.app
    started = time.monotonic()

    @app.page("/metrics")  # type: ignore[untyped-decorator]
    async def metrics_page(self: Any, request: Any) -> Any:
        body, kind = metrics.render(request.headers.get("Accept", ""))
        return self.bytes(body, headers={"Content-Type": kind})

    @app.page("/ready")  # type: ignore[untyped-decorator]
    async def ready_page(self: Any, request: Any) -> Any:
        told = facts()
        return self.json(told, status=200 if told["ready"] else 503)

    @app.page("/live")  # type: ignore[untyped-decorator]
    async def live_page(self: Any, request: Any) -> Any:
        reason = stalled(parts, time.monotonic() - started)
        return self.json({"live": not reason, "reason": reason}, status=503 if reason else 200)


def stalled(parts: AppParts, uptime: float) -> str:
    """Why this worker should be restarted, or an empty text.

    Args:
        parts: The worker.
        uptime: Seconds since its start; a start may take as long as a stall.
    """
    limit = parts.settings.stall_seconds
    if parts.fence.frozen():
        return "frozen past its session"
    if uptime < limit or metrics.seconds_with_lag() < limit:
        return ""
    if metrics.seconds_since_progress() > limit:
        return f"records wait and nothing was processed for {limit:.0f} s"
    return ""
