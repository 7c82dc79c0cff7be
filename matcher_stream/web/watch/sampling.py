"""A worker's figures over the last minute, taken from its own metrics: nobody else is asked."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from prometheus_client import CollectorRegistry

EVERY_SECONDS: Final = 2.0
WINDOW_SECONDS: Final = 60.0

Labels = tuple[tuple[str, str], ...]
Values = Mapping[str, Mapping[Labels, float]]


@dataclass(frozen=True, slots=True)
class Sample:
    """All values at one moment.

    Attributes:
        at: Seconds of a clock that never falls.
        values: By sample name, then by labels.
    """

    at: float
    values: Values


def read(registry: CollectorRegistry, names: Iterable[str]) -> dict[str, dict[Labels, float]]:
    """The current values of these metrics, by sample name and labels."""
    wanted = frozenset(names)
    found: dict[str, dict[Labels, float]] = {}
    for family in registry.collect():
        if family.name in wanted:
            for sample in family.samples:
                labels = tuple(sorted(sample.labels.items()))
                found.setdefault(sample.name, {})[labels] = sample.value
    return found


class Sampler:
    """Keeps a minute of samples.

    Args:
        registry: The worker's.
        names: Of the metrics that count, without their suffixes.
        clock: Seconds that never fall.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        names: Iterable[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._registry, self._names, self._clock = registry, tuple(names), clock
        self._samples: deque[Sample] = deque()

    def take(self) -> None:
        """Take a sample, and drop those from before the window."""
        now = self._clock()
        self._samples.append(Sample(now, read(self._registry, self._names)))
        while now - self._samples[0].at > WINDOW_SECONDS:
            self._samples.popleft()

    def now(self, name: str) -> Mapping[Labels, float]:
        """The latest values of a metric; empty before the first sample."""
        return self._samples[-1].values.get(name, {}) if self._samples else {}

    def grown(self, name: str) -> dict[Labels, float]:
        """By how much each value grew over the window; empty before the second sample."""
        if len(self._samples) < 2:
            return {}
        before = self._samples[0].values.get(name, {})
        return {labels: value - before.get(labels, 0.0) for labels, value in self.now(name).items()}

    @property
    def seconds(self) -> float:
        """Length of the window, 0 before the second sample."""
        return self._samples[-1].at - self._samples[0].at if self._samples else 0.0


def total(values: Mapping[Labels, float], **labels: str) -> float:
    """Sum of the values with these labels."""
    wanted = set(labels.items())
    return sum(value for found, value in values.items() if wanted <= set(found))


def by(values: Mapping[Labels, float], label: str) -> dict[str, float]:
    """Sums by one label."""
    found: dict[str, float] = {}
    for labels, value in values.items():
        name = dict(labels).get(label)
        if name is not None:
            found[name] = found.get(name, 0.0) + value
    return found


def buckets(values: Mapping[Labels, float]) -> list[tuple[float, float]]:
    """A histogram's (upper bound, count up to it), over all its other labels."""
    found: dict[float, float] = {}
    for labels, value in values.items():
        bound = float(dict(labels)["le"])
        found[bound] = found.get(bound, 0.0) + value
    return sorted(found.items())


def quantile(held: list[tuple[float, float]], share: float) -> float | None:
    """A quantile of a histogram by straight lines within buckets, as Prometheus reckons it.

    Args:
        held: From `buckets`.
        share: 0 to 1.

    Returns:
        In the histogram's unit; the last finite bound where it lies beyond; None if it is empty.
    """
    if not held or held[-1][1] <= 0:
        return None
    wanted, low, below = share * held[-1][1], 0.0, 0.0
    for bound, count in held:
        if count >= wanted:
            if bound == float("inf"):
                return low
            inside = count - below
            return low + (bound - low) * ((wanted - below) / inside if inside else 1.0)
        low, below = bound, count
    return low


def share_within(held: list[tuple[float, float]], limit: float) -> float | None:
    """Share of a histogram's values up to a bucket's bound; None if it is empty."""
    if not held or held[-1][1] <= 0:
        return None
    return max((count for bound, count in held if bound <= limit), default=0.0) / held[-1][1]


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is not known."""
    return {name: value for name, value in values.items() if value is not None}
