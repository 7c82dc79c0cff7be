"""Spans follow a record through both applications; who names no collector has nothing of them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest
import pytest_asyncio

from matcher_stream.runtime import tracing
from matcher_stream.runtime.batcher import Batcher
from matcher_stream.runtime.fence import Fence
from schemas.errors import InvalidSettings, StaleGeneration
from tests.support.harness import TRACE, Cluster
from tests.support.harness.broker import MemoryBroker
from tests.support.harness.events import MemoryStream, event_of
from tests.support.harness.explainer import ScriptedWriter
from tests.support.harness.explainer_cluster import ExplainerCluster
from tests.support.harness.village import COOK, ad, profile
from tests.support.otlp import Collector, Told, collecting

TRACE_ID, PUBLISHER = (part.decode() for part in TRACE.split(b"-")[1:3])
UNSAMPLED = b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-00"
NOBODY = b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that the environment names."""
    with collecting() as made:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.endpoint)
        yield made


@pytest_asyncio.fixture
async def traced(collector: Collector) -> AsyncIterator[Collector]:
    """Spans are made."""
    tracing.begin("matcher", "harness", "here:6066")
    yield collector
    await tracing.end()


async def _exported(collector: Collector) -> list[Told]:
    await tracing.end()
    return collector.spans


def _carried(broker: MemoryBroker, topic: str) -> dict[str, bytes]:
    """The traceparent of the last record of each key."""
    last = broker.last(topic).items()
    return {key.decode(): dict(record.headers)["traceparent"] for key, record in last if key}


def _path(collector: Collector, name: str) -> list[str]:
    """From the last span of a name up to the one below the publisher's."""
    path = collector.path(TRACE_ID, name)
    assert path[-1].parent == PUBLISHER
    return [span.name for span in path]


async def test_one_trace_from_an_ad_to_its_explanation(
    cluster: Cluster, traced: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, headers = cluster.names, [("traceparent", TRACE)]
    cluster.publish("profiles", "ana", profile("ana", COOK, consent_llm=True))
    await cluster.drain()
    cluster.publish("jobs", "cocina", ad("cocina"), headers=headers)
    await cluster.drain()
    explainer = ExplainerCluster(monkeypatch, cluster.broker, ScriptedWriter())
    await explainer.drain()
    assert explainer.writers("ana") == {"cocina": "gpt"}
    all_spans = await _exported(traced)
    spans = traced.of(TRACE_ID)
    assert {span.parent for span in spans} <= {span.span_id for span in spans} | {PUBLISHER}
    assert not any(span.failed for span in spans)
    assert _path(traced, f"send {names.candidates}") == [
        f"send {names.candidates}", f"process {names.candidates_partial}",
        f"send {names.candidates_partial}", f"process {names.job_fanout}",
        f"send {names.job_fanout}", f"process {names.jobs}",
    ]  # fmt: skip
    assert _path(traced, "chat scripted") == [
        "chat scripted", f"process {names.matches}", f"send {names.matches}",
        f"process {names.job_fanout}", f"send {names.job_fanout}", f"process {names.jobs}",
    ]  # fmt: skip
    assert _path(traced, "encode") == ["encode", "prepare", f"process {names.jobs}"]
    steps = {"write jobs", "write postings", "score", "write rankings", "write lists"}
    assert steps | {"write explained"} <= {span.name for span in spans}
    record = list(cluster.broker.records(names.explanations))[-1]
    told = dict(record.headers)["traceparent"].decode().split("-")
    sent = {span.span_id for span in _named(spans, f"send {names.explanations}")}
    assert told[1] == TRACE_ID
    assert told[2] in sent
    (first,) = _named(spans, f"process {names.jobs}")
    assert first.parent == PUBLISHER
    assert first.kind == "consumer"
    offset = first.attributes.pop("messaging.kafka.offset")
    assert offset == 0
    key = first.attributes.pop("matcher.key")
    assert len(key) == 16
    partition = str(cluster.broker.last(names.jobs)[b"cocina"].partition)
    assert first.attributes == {
        "messaging.system": "kafka", "messaging.operation.type": "process",
        "messaging.operation.name": "process", "messaging.destination.name": names.jobs,
        "messaging.destination.partition.id": partition,
        "messaging.consumer.group.name": "harness",
    }  # fmt: skip
    roots = [span.name for span in all_spans if not span.parent]
    assert roots.count(f"process {names.profiles}") == 1
    assert f"process {names.jobs}" not in roots
    assert not any(b"cocin" in raw for raw in traced.raw), "neither ids nor words"


def _named(spans: list[Told], name: str) -> list[Told]:
    return [span for span in spans if span.name == name]


async def test_who_is_not_sampled_passes_on_what_came(cluster: Cluster, traced: Collector) -> None:
    cluster.publish("profiles", "ana", profile("ana"), headers=[("traceparent", UNSAMPLED)])
    await cluster.run("profiles")
    assert _carried(cluster.broker, cluster.names.matches) == {"ana": UNSAMPLED}
    assert await _exported(traced) == []


async def test_who_begins_a_trace_decides_for_all_that_follow(
    cluster: Cluster, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
    tracing.begin("matcher", "harness", "here:6066")
    cluster.publish("profiles", "ana", profile("ana"))
    await cluster.run("profiles")
    carried = _carried(cluster.broker, cluster.names.matches)["ana"]
    assert not int(carried[-2:], 16) & 1, "not sampled, by the last bit of its flags"
    assert await _exported(collector) == []


async def test_a_traceparent_of_nobody_begins_a_trace(cluster: Cluster, traced: Collector) -> None:
    cluster.publish("profiles", "ana", profile("ana"), headers=[("traceparent", NOBODY)])
    await cluster.run("profiles")
    carried = _carried(cluster.broker, cluster.names.matches)["ana"].decode().split("-")
    spans = await _exported(traced)
    assert {span.trace_id for span in spans} == {carried[1]}
    assert carried[1] != "0" * 32


async def test_a_refused_record_is_a_failed_span(cluster: Cluster, traced: Collector) -> None:
    cluster.publish("profiles", "ana", b"{", headers=[("traceparent", TRACE)])
    await cluster.run("profiles")
    (letter,) = cluster.letters("profiles")
    spans = await _exported(traced)
    (refused,) = _named(spans, f"process {cluster.names.profiles}")
    assert refused.failed
    assert refused.attributes["error.type"] == "invalid_json"
    (sent,) = _named(spans, f"send {cluster.names.dlq(cluster.names.profiles)}")
    assert letter["traceparent"].split("-")[1:3] == [TRACE_ID, sent.span_id]


async def test_what_another_worker_does_is_closed_here(cluster: Cluster, traced: Collector) -> None:
    cluster.publish("profiles", "ana", profile("ana"), headers=[("traceparent", TRACE)])
    cluster.worker.evict_after(1)
    with pytest.raises(StaleGeneration):
        await cluster.run("profiles")
    (left,) = _named(await _exported(traced), f"process {cluster.names.profiles}")
    assert left.attributes["matcher.outcome"] == "stale"


async def test_what_is_in_hand_when_the_stream_ends_is_closed_too(traced: Collector) -> None:
    fence = Fence(lambda: 1, 60.0)
    fence.open()
    applying = asyncio.Event()
    prepared: list[bytes] = []

    async def prepare(events: Sequence[Any]) -> None:
        prepared.extend(event.message.key for event in events)

    async def apply(_: None) -> None:
        applying.set()
        await asyncio.Event().wait()

    keys = [b"one", b"two"]
    events = [event_of("t", key, b"{}", offset=n) for n, key in enumerate(keys)]
    batcher = Batcher("test", fence, prepare, apply, max_events=1, lookahead=2)
    running = asyncio.ensure_future(batcher.run(MemoryStream(events)))
    async with asyncio.timeout(5):
        await applying.wait()
        while prepared != keys:
            await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    left = _named(await _exported(traced), "process t")
    assert {(s.attributes.get("messaging.kafka.offset"), s.attributes["matcher.outcome"])
            for s in left} == {(0, "given_up"), (1, "given_up")}  # fmt: skip


async def test_spans_of_records_in_one_batch_are_their_own(
    cluster: Cluster, traced: Collector
) -> None:
    people = [f"p{n}" for n in range(6)]
    for n, name in enumerate(people):
        trace = b"00-" + b"%032x" % (n + 1) + b"-" + b"3" * 16 + b"-01"
        cluster.publish("profiles", name, profile(name), headers=[("traceparent", trace)])
    await cluster.run("profiles")
    spans, tables = await _exported(traced), {"pending", "exclusions", "rankings", "people"}
    for n in range(len(people)):
        own = [span.name for span in traced.of(f"{n + 1:032x}")]
        assert own.count(f"process {cluster.names.profiles}") == 1
        assert own.count(f"send {cluster.names.matches}") == 1
        assert own.count("write people") == 1
        assert own.count("prepare") == 1
        assert {name for name in own if name.startswith("write")} <= {f"write {t}" for t in tables}
    assert {span.attributes.get("messaging.batch.message_count", 1) for span in spans} == {1}


def test_nothing_of_it_is_loaded_where_no_collector_is_named() -> None:
    code = (
        "import sys; import matcher_stream.app, matcher_stream.explainer;"
        "from matcher_stream.runtime import tracing; tracing.begin('matcher', 'group', 'here');"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("env", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_the_standard_names_say_whether_spans_are_made(env: dict[str, str], wanted: bool) -> None:
    assert tracing.wanted(env) is wanted


@pytest.mark.usefixtures("collector")
def test_what_cannot_be_had_ends_the_start_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    with pytest.raises(InvalidSettings, match="http/protobuf"):
        tracing.begin("matcher", "harness", "here:6066")
    monkeypatch.setitem(sys.modules, "matcher_stream.runtime.spans", None)
    with pytest.raises(InvalidSettings, match=r"pip install matcher-stream\[traces\]"):
        tracing.begin("matcher", "harness", "here:6066")
    assert not tracing.on()
