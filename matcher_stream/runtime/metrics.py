"""What a worker tells about itself (Prometheus), without a word about any person."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

EVENTS = Counter(
    "matcher_events", "Input events by topic and outcome.", ["topic", "outcome"], registry=REGISTRY
)
REFUSED = Counter(
    "matcher_refused", "Events sent to a dead-letter topic.", ["topic", "error"], registry=REGISTRY
)
OUTPUTS = Counter("matcher_outputs", "Events sent, by topic.", ["topic"], registry=REGISTRY)
EMBEDDED = Counter("matcher_embeddings", "Texts encoded.", ["kind"], registry=REGISTRY)
REUSED = Counter(
    "matcher_embeddings_reused", "Texts whose stored vector was kept.", ["kind"], registry=REGISTRY
)
UNKNOWN = Counter(
    "matcher_unknown_terms",
    "Places and words that were stated and that we do not know, by field.",
    ["topic", "field"],
    registry=REGISTRY,
)
READ = Counter(
    "matcher_facts_read",
    "Fields that nobody stated and that were read from words.",
    ["topic", "field"],
    registry=REGISTRY,
)
DIFFERS = Counter(
    "matcher_facts_contradicted",
    "Stated fields that the words beside them contradict.",
    ["topic", "field"],
    registry=REGISTRY,
)
DROPPED = Counter(
    "matcher_stale_events",
    "Events left to the partition's new owner.",
    ["agent"],
    registry=REGISTRY,
)
PROCESSED = Counter(
    "matcher_processed", "Events done and acknowledged.", ["agent"], registry=REGISTRY
)
BATCH_EVENTS = Histogram(
    "matcher_batch_events",
    "Events in a batch.",
    ["agent"],
    registry=REGISTRY,
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024),
)
PREPARE_SECONDS = Histogram(
    "matcher_prepare_seconds",
    "Decoding and encoding one batch.",
    ["agent"],
    registry=REGISTRY,
    buckets=_SECONDS,
)
APPLY_SECONDS = Histogram(
    "matcher_apply_seconds",
    "Scoring, writing and sending one batch.",
    ["agent"],
    registry=REGISTRY,
    buckets=_SECONDS,
)
MATCH_LATENCY = Histogram(
    "matcher_event_to_match_seconds",
    "From an input record's timestamp to its matches event.",
    ["cause"],
    registry=REGISTRY,
    buckets=_SECONDS,
)
PEOPLE = Gauge("matcher_people", "People held by this worker.", registry=REGISTRY)
JOBS = Gauge("matcher_jobs", "Active jobs held by this worker.", registry=REGISTRY)
DIRTY = Gauge(
    "matcher_candidate_lists_waiting",
    "Lists of people that wait to be refreshed.",
    registry=REGISTRY,
)
START_SECONDS = Gauge(
    "matcher_start_seconds", "Seconds of the last start, by phase.", ["phase"], registry=REGISTRY
)
FEEDBACK = Counter("matcher_feedback", "Feedback by kind.", ["kind"], registry=REGISTRY)
PAGES = Counter(
    "matcher_pages", "What pages did, and how it ended.", ["what", "outcome"], registry=REGISTRY
)
LAG = Gauge(
    "matcher_lag_events", "Records not yet processed, by topic.", ["topic"], registry=REGISTRY
)

_last_progress: dict[str, float] = {}


def progress(agent: str, events: int) -> None:
    """Note that an agent finished `events` events just now."""
    PROCESSED.labels(agent).inc(events)
    _last_progress[agent] = time.monotonic()


def seconds_since_progress() -> float:
    """Seconds since any agent finished anything; infinite if none ever did."""
    return time.monotonic() - max(_last_progress.values(), default=float("-inf"))


def render() -> bytes:
    """All metrics in Prometheus' text format."""
    return generate_latest(REGISTRY)


def last_progress(agent: str) -> float:
    """When (monotonic seconds) an agent last finished something; 0 if it never did."""
    return _last_progress.get(agent, 0.0)


_lag_since: float | None = None


def note_lag(records: int) -> None:
    """Note how many records wait, as the broker says."""
    global _lag_since
    if not records:
        _lag_since = None
    elif _lag_since is None:
        _lag_since = time.monotonic()


def seconds_with_lag() -> float:
    """For how long records have been waiting; 0 if none wait."""
    return 0.0 if _lag_since is None else time.monotonic() - _lag_since


def value(gauge: Gauge) -> float:
    """The current value of a gauge without labels."""
    return next(iter(gauge.collect())).samples[0].value
