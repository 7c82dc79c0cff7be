"""What the explainer tells about itself, beside what every worker does."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from matcher_stream.runtime.metrics import REGISTRY, SECONDS

EXPLANATIONS = Counter(
    "matcher_explanations",
    "Explanations sent, by who wrote them: the template or a language model (gpt).",
    ["writer"],
    registry=REGISTRY,
)
OUTCOMES = Counter(
    "matcher_llm_outcomes",
    "Wishes for a language model's words, by what became of them (ok, cached, timeout ...).",
    ["outcome"],
    registry=REGISTRY,
)
DOLLARS = Counter(
    "matcher_llm_dollars", "US dollars that calls to the model have cost.", registry=REGISTRY
)
WAITING = Gauge(
    "matcher_llm_waiting",
    "Explanations that stand as templates and wait for a model's words.",
    registry=REGISTRY,
)
BREAKER_OPEN = Gauge(
    "matcher_llm_breaker_open",
    "1 while the model's server fails so often that it is left alone; templates go on.",
    registry=REGISTRY,
)
BUDGET = Gauge(
    "matcher_llm_budget_dollars",
    "US dollars that this worker may spend a day: its partitions' share of the group's budget.",
    registry=REGISTRY,
)
BUDGET_LEFT = Gauge(
    "matcher_llm_budget_left_dollars",
    "US dollars of them that are left until midnight in Peru.",
    registry=REGISTRY,
)
MATCH_TO_TEMPLATE = Histogram(
    "matcher_match_to_explanation_seconds",
    "From the timestamp of a matches event to its explanations by the template.",
    registry=REGISTRY,
    buckets=SECONDS,
)
LLM_SECONDS = Histogram(
    "matcher_llm_seconds",
    "From asking for a model's words to having them or not, waits for limits included.",
    registry=REGISTRY,
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120),
)
