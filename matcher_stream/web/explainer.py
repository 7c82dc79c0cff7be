"""The explainer's pages: what every worker serves."""

from __future__ import annotations

from typing import Any

from agents.explainer.context import ExplainContext
from matcher_stream.web import pages


def register(context: ExplainContext) -> None:
    """Attach the pages to the application's web server."""
    pages.register(context, lambda: readiness(context))


def readiness(context: ExplainContext) -> dict[str, Any]:
    """Whether this worker does its work, and for which partitions."""
    ready = context.fence.is_open
    return {
        "ready": ready,
        "partitions": sorted(context.state.owned) if ready else [],
        "app_id": str(context.app.conf.id),
    }
