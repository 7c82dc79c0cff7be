"""What a worker tells of the version of models that it ranks with: its age and its quality."""

from __future__ import annotations

import time

from prometheus_client import Gauge

from matcher_stream.runtime.metrics import REGISTRY
from models.registry.metadata import Metadata

AGE = Gauge(
    "matcher_model_age_seconds",
    "How long ago the version of models in use was registered; there is no series for what ships "
    "in the program.",
    ["model"],
    registry=REGISTRY,
)
QUALITY = Gauge(
    "matcher_model_quality_ratio",
    "The main figure of that version, on people and ads that it did not learn from, as it was "
    "registered with; there is no series for what was not measured.",
    ["model", "metric", "task", "split"],
    registry=REGISTRY,
)


def tell_model(version: str, metadata: Metadata | None) -> None:
    """Say once what ranks; its age is counted whenever somebody asks.

    Args:
        version: Its id.
        metadata: What it says of itself; None for the program's own parts.
    """
    AGE.clear()
    QUALITY.clear()
    if metadata is None:
        return
    created = metadata.created.timestamp()
    AGE.labels(version).set_function(lambda: time.time() - created)
    figures = metadata.figures
    head = figures and figures.headline()
    if figures and head and head.mean is not None:
        QUALITY.labels(version, head.metric, head.task, figures.split).set(head.mean)
