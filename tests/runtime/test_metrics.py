"""What /metrics says can be understood by a stranger, and does not grow with what is published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as rich_families
from prometheus_client.parser import text_string_to_metric_families as plain_families

from agents.explainer import metrics as explainer_metrics
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.settings import Settings
from matcher_stream.runtime import metrics
from matcher_stream.runtime.batcher import Batcher
from matcher_stream.runtime.fence import Fence
from matcher_stream.runtime.lag import AGES
from matcher_stream.runtime.metrics import PROMISE_SECONDS, REGISTRY
from tests.runtime.conftest import Group
from tests.runtime.test_batcher import Event

UNITS = {"champion",
    "seconds", "bytes", "dollars", "info", "events", "rows", "people", "jobs", "partitions",
    "owned", "waiting", "open", "ratio",
}  # fmt: skip
"""What a name ends with: a base unit, what is counted, or the state that a 1 stands for."""
BOUNDED = {
    "topic": "the catalogue's", "outcome": "named in the code", "error": "classes of errors",
    "field": "the schema's", "agent": "the catalogue's", "kind": "named in the code",
    "cause": "the schema's", "partition": "at most 1024",
    "app_id": "the releases that run", "phase": "five",
    "reason": "five", "table": "declared in the code", "index": "two", "writer": "two",
    "stage": "three", "what": "two", "le": "buckets", "model": "the version that runs",
    "metric": "named in the code", "task": "named in the code", "split": "two",
    "rank": "five ranges", "region": "25 and unknown", "why": "three",
}  # fmt: skip
"""Labels, and why each has few values; none may hold what somebody published."""
VERSIONS = {"version", "app", "app_id", "encoder", "ranker", "reader", "gate", "model"}


def _ours() -> Iterator[Metric]:
    AGES.since = {("t", 0): None}
    for family in REGISTRY.collect():
        if not family.name.startswith(("process_", "python_")):
            yield family


def test_every_family_says_what_it_is_and_in_which_unit() -> None:
    families = list(_ours())
    assert {"matcher_people", "matcher_llm_dollars"} <= {family.name for family in families}
    assert len(families) > 40
    for family in families:
        assert family.name.startswith("matcher_"), family.name
        help_ = family.documentation
        assert re.fullmatch(r"(?s)[A-Z0-9].{25,}[.]|People that this worker holds\.", help_), (
            f"{family.name} is not explained: {help_!r}"
        )
        if family.type not in ("counter", "info"):
            unit = family.name.rpartition("_")[2]
            assert unit in UNITS, f"{family.name} does not end with a unit"


def test_no_label_holds_what_somebody_published(matcher: tuple[Any, Group]) -> None:
    for family in _ours():
        for sample in family.samples:
            allowed = VERSIONS if family.type == "info" else BOUNDED.keys()
            assert sample.labels.keys() <= allowed, sample
    for collector in REGISTRY._collector_to_names:
        names = set(getattr(collector, "_labelnames", ()))
        assert names <= BOUNDED.keys(), names


def test_a_bucket_ends_at_the_promise() -> None:
    for histogram in (metrics.MATCH_LATENCY, explainer_metrics.MATCH_TO_TEMPLATE):
        assert PROMISE_SECONDS in histogram._kwargs["buckets"]


@pytest.mark.parametrize(
    "trace", [None, b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]
)
async def test_openmetrics_with_exemplars_is_for_who_asks(
    explainer: tuple[Any, Group], trace: bytes | None
) -> None:
    own = f"this test, trace {trace is not None}"  # other tests observe too
    metrics.MATCH_LATENCY.labels(own).observe(1.5, metrics.exemplar(trace))
    asked = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
    async with TestClient(TestServer(await explainer[0].web.wsgi())) as browser:
        plain = await browser.get("/metrics")
        assert plain.headers["Content-Type"].startswith("text/plain; version=")
        text = await plain.text()
        assert "trace_id" not in text
        assert "_created" not in text
        names = {family.name for family in plain_families(text)}
        assert {"matcher_lag_events", "matcher_llm_breaker_open"} <= names
        rich = await browser.get("/metrics", headers={"Accept": asked})
        assert rich.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0")
        found = {
            sample.exemplar.labels["trace_id"]
            for family in rich_families(await rich.text())  # type: ignore[no-untyped-call]
            for sample in family.samples
            if sample.exemplar and sample.labels.get("cause") == own
        }
        assert found <= {"4bf92f3577b34da6a3ce929d0e0e4736"}
        assert bool(found) == bool(trace)


async def test_each_worker_says_what_it_runs(
    matcher: tuple[Any, Group], explainer: tuple[Any, Group]
) -> None:
    told = next(f for f in REGISTRY.collect() if f.name == "matcher_build").samples[0].labels
    assert (told["app"], told["app_id"], told["model"]) == (
        "explainer", "matcher-explainer", "template",
    )  # fmt: skip  # the one that was made last
    versions = matcher[0].context.versions
    assert versions.encoder == "fixed"
    assert TopicNames(Settings(), "x").source == "x"


async def test_the_oldest_record_is_the_first_that_is_not_done() -> None:
    fence = Fence(lambda: 1, 60.0)

    async def nothing(_: Any) -> None:
        return None

    batcher = Batcher("oldest", fence, nothing, nothing, max_events=2, lookahead=8)
    assert batcher.oldest() == {}
    acked: list[int] = []
    for offset in (3, 4, 5):
        batcher._events.put_nowait(Event(offset, acked))
    assert batcher.oldest() == {0: 1e9 + 3}
    taken = await batcher._take()
    batcher._begin(taken)
    assert batcher.oldest() == {0: 1e9 + 3}, "what is at work is not done"
    batcher._in_hand.clear()
    assert batcher.oldest() == {0: 1e9 + 5}
