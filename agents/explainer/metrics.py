"""What the explainer tells about itself, beside what every worker does."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from matcher_stream.runtime.metrics import REGISTRY

EXPLANATIONS = Counter(
    "matcher_explanations", "Explanations sent, by writer.", ["writer"], registry=REGISTRY
)
OUTCOMES = Counter(
    "matcher_llm_outcomes",
    "Requests for a model's words, by what became of them.",
    ["outcome"],
    registry=REGISTRY,
)
DOLLARS = Counter("matcher_llm_dollars", "What calls have cost.", registry=REGISTRY)
WAITING = Gauge("matcher_llm_waiting", "Explanations that wait for a model.", registry=REGISTRY)
BREAKER_OPEN = Gauge(
    "matcher_llm_breaker_open", "1 while the model's server is left alone.", registry=REGISTRY
)
BUDGET_LEFT = Gauge(
    "matcher_llm_budget_left_dollars", "What this worker may still spend today.", registry=REGISTRY
)
MATCH_TO_TEMPLATE = Histogram(
    "matcher_match_to_explanation_seconds",
    "From a matches event to its explanations.",
    registry=REGISTRY,
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60),
)
LLM_SECONDS = Histogram(
    "matcher_llm_seconds",
    "From asking for a model's words to having them or not.",
    registry=REGISTRY,
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120),
)
