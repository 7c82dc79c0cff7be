"""What one worker tells of itself: plain data, and nothing of anybody."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from agents.context import Context
from agents.register import AGENTS, topics_of
from matcher_stream.config.catalogue import READ
from matcher_stream.runtime import lag, metrics
from matcher_stream.runtime.recovery import records_left
from matcher_stream.web.watch.sampling import Sampler, buckets, by, plain, total

NAMES: Final = (
    "matcher_processed", "matcher_events", "matcher_refused", "matcher_outputs",
    "matcher_event_to_match_seconds", "matcher_prepare_seconds", "matcher_apply_seconds",
    "matcher_event_loop_delay_seconds", "matcher_start_seconds", "matcher_restarts",
    "matcher_build", "matcher_lag_events", "matcher_embeddings", "process_resident_memory_bytes",
)  # fmt: skip
"""Metrics that are sampled."""
MEMORY: Final = "process_resident_memory_bytes"


def figures(
    context: Context, sampler: Sampler, explainers: Mapping[str, Mapping[str, Any] | None]
) -> dict[str, Any]:
    """One worker's figures, and what it was told by explainers; what is not known is absent."""
    open_now, loaded = context.fence.is_open, context.vectors.encoder.done()
    phase = "working" if open_now and loaded else "loading" if open_now else "recovering"
    refused = [
        [letter.topic, letter.partition, letter.offset, letter.code, time.time() - letter.at]
        for letter in context.outputs.refused
    ]
    return plain(
        {
            "phase": phase,
            "partitions": sorted(context.state.owned) if open_now else [],
            "recovering": None if open_now else records_left(context.app),
            "seconds": sampler.seconds,
            "agents": {name: _agent(context, sampler, name) for name in AGENTS},
            "latency": _bounds(sampler, "matcher_event_to_match_seconds_bucket"),
            "loop": _bounds(sampler, "matcher_event_loop_delay_seconds_bucket"),
            "refused": by(sampler.now("matcher_refused_total"), "error"),
            "letters": refused,
            "ads": by(_of_topic(sampler, "matcher_events_total", context.names.jobs), "outcome"),
            "held": metrics.value(metrics.HELD_JOBS),
            "held_age": metrics.value(metrics.OLDEST_HELD),
            "people": metrics.value(metrics.PEOPLE),
            "jobs": metrics.value(metrics.JOBS),
            "lists": metrics.value(metrics.DIRTY),
            "encoded": sum(sampler.grown("matcher_embeddings_total").values()),
            "memory": total(sampler.now(MEMORY)) or None,
            "start": by(sampler.now("matcher_start_seconds"), "phase"),
            "restarts": by(sampler.now("matcher_restarts_total"), "reason"),
            "versions": _versions(context),
            "explainers": explainers,
        }
    )


def _agent(context: Context, sampler: Sampler, name: str) -> dict[str, Any]:
    """Rate, lag and age of an agent's topic, and the share of time that it works."""
    topic, now = context.names.of(topics_of(AGENTS, READ)[name]), time.time()
    since = [at for (held, _), at in lag.AGES.since.items() if held == topic and at is not None]
    known = any(held == topic for held, _ in lag.AGES.since)
    seconds = sampler.seconds
    busy = {
        part: total(sampler.grown(f"matcher_{part}_seconds_sum"), agent=name) / seconds
        for part in ("prepare", "apply")
        if seconds
    }
    grown = total(sampler.grown("matcher_processed_total"), agent=name)
    return plain(
        {
            "done": grown if seconds else None,
            "lag": total(sampler.now("matcher_lag_events"), topic=topic) if known else None,
            "age": max((now - at for at in since), default=0.0) if known else None,
            **busy,
        }
    )


def _bounds(sampler: Sampler, name: str) -> list[tuple[float | None, float]]:
    """What was added to a histogram over the window; the last bound, infinity, as None."""
    held = buckets(sampler.grown(name))
    return [(None if bound == float("inf") else bound, count) for bound, count in held]


def _of_topic(sampler: Sampler, name: str, topic: str) -> dict[Any, float]:
    return {labels: v for labels, v in sampler.now(name).items() if ("topic", topic) in labels}


def _versions(context: Context) -> dict[str, str]:
    versions = context.versions
    return {
        "app": str(context.app.conf.id), "encoder": versions.encoder, "ranker": versions.ranker,
        "reader": versions.reader, "gate": context.gate.version,
    }  # fmt: skip
