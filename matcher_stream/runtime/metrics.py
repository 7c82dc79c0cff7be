"""What a worker tells about itself (Prometheus), without a word about any person."""

from __future__ import annotations

import time

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each counter, which says when a process began
REGISTRY = CollectorRegistry()
"""Of both applications: what is named here means the same wherever it is read."""
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

PROMISE_SECONDS = 2.0
"""Within which a person's ranking follows an event: a bucket ends there."""
SECONDS = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, PROMISE_SECONDS, 5, 10, 30, 60, 300,
    1800,
)  # fmt: skip
"""Buckets of whatever takes a time."""

EVENTS = Counter(
    "matcher_events",
    "Records read, by topic and what became of them (accepted, unchanged, refused, held ...).",
    ["topic", "outcome"],
    registry=REGISTRY,
)
REFUSED = Counter(
    "matcher_refused",
    "Records that could not be used and were sent to the topic's dead-letter topic, by reason.",
    ["topic", "error"],
    registry=REGISTRY,
)
OUTPUTS = Counter(
    "matcher_outputs",
    "Records that this worker sent and the broker has stored, by topic.",
    ["topic"],
    registry=REGISTRY,
)
EMBEDDED = Counter(
    "matcher_embeddings",
    "Texts that the encoder turned into vectors (query: people, passage: jobs).",
    ["kind"],
    registry=REGISTRY,
)
REUSED = Counter(
    "matcher_embeddings_reused",
    "Texts that were not encoded again, since their vector was known.",
    ["kind"],
    registry=REGISTRY,
)
UNKNOWN = Counter(
    "matcher_unknown_terms",
    "Places and words that a publisher stated and that we do not know, by field.",
    ["topic", "field"],
    registry=REGISTRY,
)
READ = Counter(
    "matcher_facts_read",
    "Fields that nobody stated and that were read from a text's words, by field.",
    ["topic", "field"],
    registry=REGISTRY,
)
DIFFERS = Counter(
    "matcher_facts_contradicted",
    "Fields that were stated and that the words beside them contradict, by field.",
    ["topic", "field"],
    registry=REGISTRY,
)
DROPPED = Counter(
    "matcher_stale_events",
    "Records that an agent left to their partition's new owner, who does them.",
    ["agent"],
    registry=REGISTRY,
)
PROCESSED = Counter(
    "matcher_processed",
    "Records that an agent has finished and acknowledged.",
    ["agent"],
    registry=REGISTRY,
)
BATCH_EVENTS = Histogram(
    "matcher_batch_events",
    "Records that an agent took at once.",
    ["agent"],
    registry=REGISTRY,
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024),
)
QUEUE_SECONDS = Histogram(
    "matcher_queue_seconds",
    "How long a record waited before an agent began with it, counted from its timestamp.",
    ["agent"],
    registry=REGISTRY,
    buckets=SECONDS,
)
WORK_SECONDS = Histogram(
    "matcher_work_seconds",
    "From an agent's beginning with a batch until all its effects are stored.",
    ["agent"],
    registry=REGISTRY,
    buckets=SECONDS,
)
PREPARE_SECONDS = Histogram(
    "matcher_prepare_seconds",
    "Reading and encoding one batch.",
    ["agent"],
    registry=REGISTRY,
    buckets=SECONDS,
)
APPLY_SECONDS = Histogram(
    "matcher_apply_seconds",
    "Scoring one batch, writing its rows and sending what follows.",
    ["agent"],
    registry=REGISTRY,
    buckets=SECONDS,
)
MATCH_LATENCY = Histogram(
    "matcher_event_to_match_seconds",
    "From the timestamp of the record that changed a person's ranking until it is sent, by cause.",
    ["cause"],
    registry=REGISTRY,
    buckets=SECONDS,
)
PEOPLE = Gauge("matcher_people", "People that this worker holds.", registry=REGISTRY)
JOBS = Gauge(
    "matcher_jobs",
    "Active jobs that this worker holds; every worker of the matcher holds all.",
    registry=REGISTRY,
)
DIRTY = Gauge(
    "matcher_candidate_lists_waiting",
    "Jobs whose list of people changed and was not sent yet.",
    registry=REGISTRY,
)
HELD_JOBS = Gauge(
    "matcher_held_jobs",
    "Job ads that wait for a reviewer and that nobody is matched with, in partitions owned here.",
    registry=REGISTRY,
)
OLDEST_HELD = Gauge(
    "matcher_oldest_held_job_seconds",
    "Age of the oldest of those ads, counted from its record; 0 if none waits.",
    registry=REGISTRY,
)
FEEDBACK = Counter(
    "matcher_feedback",
    "What people said became of a match, by kind.",
    ["kind"],
    registry=REGISTRY,
)
OUTCOMES = Counter(
    "matcher_feedback_outcomes",
    "The same where it was the first of its kind for that showing, by rank and region (first two "
    "digits of the ubigeo).",
    ["kind", "rank", "region"],
    registry=REGISTRY,
)
UNPLACED = Counter(
    "matcher_feedback_unplaced",
    "Feedback of which it is not known what the person saw, by why: nobody (no such person), "
    "unranked (their ranking does not have the job), earlier (it names a revision that is not the "
    "last; what is kept is of the last).",
    ["why"],
    registry=REGISTRY,
)
PAGES = Counter(
    "matcher_pages",
    "What a worker's pages for people did (answer, publish) and how it ended.",
    ["what", "outcome"],
    registry=REGISTRY,
)
LAG = Gauge(
    "matcher_lag_events",
    "Records between what was acknowledged and the broker's end of a partition that is owned here.",
    ["topic", "partition"],
    registry=REGISTRY,
)

_last_progress: dict[str, float] = {}


def progress(agent: str, events: int) -> None:
    """Note that an agent finished `events` events just now."""
    PROCESSED.labels(agent).inc(events)
    _last_progress[agent] = time.monotonic()


def seconds_since_progress() -> float:
    """Seconds since any agent finished anything; infinite if none ever did."""
    return time.monotonic() - max(_last_progress.values(), default=float("-inf"))


def render(accept: str = "") -> tuple[bytes, str]:
    """All metrics, and their content type.

    Args:
        accept: The header of who asks: OpenMetrics, with exemplars, only goes to who names it.
    """
    encode, content_type = choose_encoder(accept)
    return encode(REGISTRY), content_type


def exemplar(trace: bytes | None) -> dict[str, str] | None:
    """The trace that an observation belongs to; None without a traceparent.

    Args:
        trace: W3C Trace Context: version, trace-id, parent-id, flags.
    """
    return {"trace_id": trace.split(b"-")[1].decode()} if trace else None


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
