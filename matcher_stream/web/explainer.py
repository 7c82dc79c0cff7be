"""The explainer's pages: metrics, liveness, readiness."""

from __future__ import annotations

import time
from typing import Any

from aiokafka.errors import KafkaError

from agents.explainer.context import ExplainContext
from matcher_stream.runtime import metrics


def register(context: ExplainContext) -> None:
    """Attach the pages to the application's web server."""
    app = context.app
    started = time.monotonic()

    @app.page("/metrics")  # type: ignore[untyped-decorator]
    async def metrics_page(self: Any, request: Any) -> Any:
        return self.bytes(metrics.render(), content_type="text/plain")

    @app.page("/ready")  # type: ignore[untyped-decorator]
    async def ready_page(self: Any, request: Any) -> Any:
        ready = context.fence.is_open
        owned = sorted(context.state.owned) if ready else []
        facts = {"ready": ready, "partitions": owned, "app_id": str(app.conf.id)}
        return self.json(facts, status=200 if ready else 503)

    @app.page("/live")  # type: ignore[untyped-decorator]
    async def live_page(self: Any, request: Any) -> Any:
        reason = stalled(context, time.monotonic() - started)
        return self.json({"live": not reason, "reason": reason}, status=503 if reason else 200)


def stalled(context: ExplainContext, uptime: float) -> str:
    """Why this worker should be restarted, or an empty text."""
    limit = context.settings.stall_seconds
    if context.fence.frozen():
        return "frozen past its session"
    if uptime < limit or metrics.seconds_with_lag() < limit:
        return ""
    if metrics.seconds_since_progress() > limit:
        return f"records wait and nothing was processed for {limit:.0f} s"
    return ""


async def measure_lag(context: ExplainContext) -> None:
    """Ask the broker how far behind we are; the consumer's own figure can freeze."""
    consumer, topic = context.app.consumer, context.names.matches
    if not context.fence.is_open:
        return
    owned = [tp for tp in consumer.assignment() if tp.topic == topic]
    try:
        ends = await consumer.highwaters(*owned)
    except (OSError, KafkaError) as error:
        context.app.logger.info("Lag unknown for now: %s", type(error).__name__)
        return
    committed = consumer._committed_offset
    lag = sum(max(0, (ends.get(tp) or 0) - (committed.get(tp) or 0)) for tp in owned)
    metrics.LAG.labels(topic).set(lag)
    metrics.note_lag(lag)
