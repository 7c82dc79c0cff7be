"""The names that /metrics can have, as the code declares them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.explainer import metrics as explainer_metrics
from matcher_stream.runtime import lag, model_vitals, vitals
from matcher_stream.runtime.metrics import REGISTRY

__all__ = ["explainer_metrics", "lag", "model_vitals", "names_in", "series_names", "vitals"]

_SUFFIXES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_count", "_sum"),
    "info": ("_info",),
    "gauge": ("",),
}
_NAME = re.compile(r"\b(?:matcher|process|python)_[a-z0-9_]+\b(?!\()")


def _all() -> Iterator[str]:
    for family in REGISTRY.collect():
        for suffix in _SUFFIXES.get(family.type, ("",)):
            yield family.name + suffix


def series_names() -> set[str]:
    """Every series, whether it has a value yet or not."""
    return set(_all())


def names_in(expression: str) -> set[str]:
    """The series that an expression names."""
    return set(_NAME.findall(expression))
