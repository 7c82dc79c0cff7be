"""OpenTelemetry's spans; imported by `tracing.begin` only where a collector is named.

Names and attributes are those of OpenTelemetry's semantic conventions for messaging and generative
AI. No attribute holds a word of a record: a key is there as its pseudonym.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from matcher_stream import __version__
from matcher_stream.config.logs import pseudonym
from matcher_stream.runtime.records import Record
from schemas.errors import InvalidSettings

_W3C: Final = TraceContextTextMapPropagator()
_KAFKA: Final = {"messaging.system": "kafka"}
#: The spans of the step that this task is in.
_AROUND: ContextVar[Sequence[Span]] = ContextVar("around", default=())


class OtelHop:
    """A record's span."""

    __slots__ = ("span", "trace")

    def __init__(self, span: Span, trace: bytes | None) -> None:
        self.span, self.trace = span, trace


class OtelTracer:
    """Spans by OpenTelemetry's SDK, set up by its own environment variables.

    Args:
        service: Which application it is, unless `OTEL_SERVICE_NAME` says another.
        group: Its consumer group.
        instance: What tells its workers apart.
    """

    def __init__(self, service: str, group: str, instance: str) -> None:
        protocol = "OTEL_EXPORTER_OTLP_PROTOCOL"
        chosen = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or os.environ.get(protocol)
        if chosen not in (None, "", "http/protobuf"):
            raise InvalidSettings(
                f"{protocol} can only be http/protobuf here: give its port, 4318."
            )
        ours = {
            "service.namespace": "matcher-stream",
            "service.version": __version__,
            "service.instance.id": instance,
        }
        named = {"service.name": os.environ.get("OTEL_SERVICE_NAME") or service}
        resource = Resource(ours).merge(Resource.create(named))
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("matcher_stream", __version__)
        self._group = group

    def receive(self, message: Any, trace: bytes | None) -> None:
        """Open a record's span."""
        topic, key = message.topic, message.key
        attributes: dict[str, str | int | bool] = {
            **_KAFKA,
            "messaging.operation.type": "process",
            "messaging.operation.name": "process",
            "messaging.destination.name": topic,
            "messaging.destination.partition.id": str(message.partition),
            "messaging.kafka.offset": message.offset,
            "messaging.consumer.group.name": self._group,
        }
        if key is not None:
            attributes["matcher.key"] = pseudonym(key)
        if message.value is None:
            attributes["messaging.kafka.message.tombstone"] = True
        span = self._tracer.start_span(
            f"process {topic}", _context(trace), SpanKind.CONSUMER, attributes
        )
        own = _traceparent(span)
        # who is not sampled passes on what came; who has begun a trace says so downstream
        message.span = OtelHop(span, own if span.is_recording() or trace is None else trace)

    def refuse(self, message: Any, code: str) -> None:
        """Say that a record could not be used."""
        if (hop := _hop(message)) is not None:
            _fail(hop.span, code)

    def finish(self, message: Any, outcome: str) -> None:
        """Close a record's span; its traceparent stays, for what is done about it later."""
        if (hop := _hop(message)) is not None:
            if outcome:
                hop.span.set_attribute("matcher.outcome", outcome)
            hop.span.end()

    @contextmanager
    def step(self, name: str, events: Sequence[Any] | None) -> Iterator[None]:
        """Open and close a span below those of the events."""
        parents = _AROUND.get() if events is None else _recording(events)
        if not parents:
            yield
            return
        spans = [
            self._tracer.start_span(name, set_span_in_context(parent, Context()))
            for parent in parents
        ]
        token = _AROUND.set(spans)
        try:
            yield
        finally:
            _AROUND.reset(token)
            for span in spans:
                span.end()

    @contextmanager
    def send(self, records: Sequence[Record]) -> Iterator[Sequence[Record]]:
        """Open and close spans around sending."""
        spans: dict[tuple[str, bytes], Span] = {}
        counts: dict[tuple[str, bytes], int] = {}
        sent: list[Record] = []
        for topic, partition, key, value, headers in records:
            trace = next((text for name, text in headers if name == "traceparent"), None)
            if trace is not None:
                span = spans.get((topic, trace))
                if span is None:
                    span = spans[topic, trace] = self._sending(topic, trace)
                counts[topic, trace] = counts.get((topic, trace), 0) + 1
                if span.is_recording():
                    others = [header for header in headers if header[0] != "traceparent"]
                    headers = [*others, ("traceparent", _traceparent(span))]
            sent.append((topic, partition, key, value, headers))
        try:
            yield sent
        finally:
            for where, span in spans.items():
                span.set_attribute("messaging.batch.message_count", counts[where])
                span.end()

    def _sending(self, topic: str, trace: bytes) -> Span:
        attributes = {
            **_KAFKA,
            "messaging.operation.type": "send",
            "messaging.operation.name": "send",
            "messaging.destination.name": topic,
        }
        return self._tracer.start_span(
            f"send {topic}", _context(trace), SpanKind.PRODUCER, attributes
        )

    @contextmanager
    def call(self, model: str, trace: bytes | None) -> Iterator[Callable[[str], object]]:
        """Open and close the span of a language model's answer."""
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": model,
        }
        span = self._tracer.start_span(
            f"chat {model}", _context(trace), SpanKind.CLIENT, attributes
        )
        outcomes: list[str] = []
        try:
            yield outcomes.append
        finally:
            outcome = outcomes[-1] if outcomes else "cancelled"
            span.set_attribute("matcher.outcome", outcome)
            if outcome != "ok":
                _fail(span, outcome)
            span.end()

    def close(self) -> None:
        """Export what is left."""
        self._provider.shutdown()


def _hop(message: Any) -> OtelHop | None:
    hop = getattr(message, "span", None)
    return hop if isinstance(hop, OtelHop) else None


def _recording(events: Sequence[Any]) -> list[Span]:
    """The open spans of records that somebody follows."""
    hops = [_hop(event.message) for event in events]
    return [hop.span for hop in hops if hop is not None and hop.span.is_recording()]


def _context(trace: bytes | None) -> Context:
    """What a traceparent says; an empty context, which begins a trace, if it says nothing."""
    carrier = {} if trace is None else {"traceparent": trace.decode()}
    return _W3C.extract(carrier, Context())


def _traceparent(span: Span) -> bytes:
    carrier: dict[str, str] = {}
    _W3C.inject(carrier, set_span_in_context(span, Context()))
    return carrier["traceparent"].encode()


def _fail(span: Span, code: str) -> None:
    span.set_attribute("error.type", code)
    span.set_status(Status(StatusCode.ERROR))
