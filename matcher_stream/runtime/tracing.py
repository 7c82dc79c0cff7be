"""Spans that follow a record through an application, where an OpenTelemetry collector is named.

Nothing of OpenTelemetry is imported here, and without `OTEL_EXPORTER_OTLP_ENDPOINT` nothing of it
anywhere: what is left then is a look at a name (`spans.py` has the rest, ADR 0040).

A record's own span is opened by the batcher and closed when the record is done; each step between
is a span below it, of every record that the step is for. What leaves carries the traceparent of the
span that sent it, so that the next application goes on in the same trace.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from threading import Thread
from typing import Any, Final, Protocol

from matcher_stream.runtime.records import Record
from schemas.errors import InvalidSettings

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
CLOSING_SECONDS: Final = 5.0


#: Notes how a call ended.
Note = Callable[[str], object]


class Hop(Protocol):
    """A record's span; Faust's messages have a place for it, `message.span`."""

    @property
    def trace(self) -> bytes | None:
        """The traceparent that what follows from the record carries."""


class Tracer(Protocol):
    """Makes the spans."""

    def receive(self, message: Any, trace: bytes | None) -> None:
        """Open a record's span."""

    def refuse(self, message: Any, code: str) -> None:
        """Say that a record could not be used."""

    def finish(self, message: Any, outcome: str) -> None:
        """Close a record's span."""

    def step(self, name: str, events: Sequence[Any] | None) -> AbstractContextManager[None]:
        """Open and close a span below those of the events."""

    def send(self, records: Sequence[Record]) -> AbstractContextManager[Sequence[Record]]:
        """Open and close spans around sending; gives the records with these spans' traceparents."""

    def call(self, model: str, trace: bytes | None) -> AbstractContextManager[Note]:
        """Open and close the span of a language model's answer; gives what notes the outcome."""

    def close(self) -> None:
        """Export what is left."""


_tracer: Tracer | None = None
_NOTHING: Final = nullcontext()


def wanted(env: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment names a collector and does not switch tracing off."""
    off = env.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return any(map(env.get, ENDPOINTS)) and not off and env.get("OTEL_TRACES_EXPORTER") != "none"


def begin(service: str, group: str, instance: str) -> None:
    """Make spans from here on, if the environment names a collector.

    Args:
        service: Which application it is.
        group: Its consumer group.
        instance: What tells its workers apart.

    Raises:
        InvalidSettings: a collector is named, and OpenTelemetry is not installed or cannot be set
            up as the environment says.
    """
    global _tracer
    if not wanted():
        return
    try:
        from matcher_stream.runtime.spans import OtelTracer
    except ImportError as error:
        raise InvalidSettings(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set and OpenTelemetry is not installed: "
            "pip install matcher-stream[traces], or take the variable away."
        ) from error
    _tracer = OtelTracer(service, group, instance)


async def end() -> None:
    """Export what is left, if the collector takes it in time; a process that ends hard loses its
    last seconds of spans.
    """
    global _tracer
    if _tracer is not None:
        closing = Thread(target=_tracer.close, name="close-tracing", daemon=True)
        _tracer = None
        closing.start()
        await asyncio.to_thread(closing.join, CLOSING_SECONDS)


def on() -> bool:
    """Whether spans are made."""
    return _tracer is not None


def carried(message: Any) -> bytes | None:
    """The traceparent of the span that was opened for a record; None if none was."""
    if _tracer is None:
        return None
    hop: Hop | None = getattr(message, "span", None)
    return hop.trace if hop is not None else None


def receive(message: Any, trace: bytes | None) -> None:
    """Open a record's span, below its publisher's if there is one."""
    if _tracer is not None:
        _tracer.receive(message, trace)


def refuse(message: Any, code: str) -> None:
    """Say on a record's span that the record could not be used, and why."""
    if _tracer is not None:
        _tracer.refuse(message, code)


def finish(events: Sequence[Any], outcome: str) -> None:
    """Close the spans of records that are done or given up.

    Args:
        events: The records; those without an open span are passed over.
        outcome: Why it ends otherwise than done; empty if it is done.
    """
    if _tracer is not None:
        for event in events:
            _tracer.finish(event.message, outcome)


def step(name: str, events: Sequence[Any] | None = None) -> AbstractContextManager[None]:
    """A span around a step.

    Args:
        name: What is done.
        events: For which records; None for those of the step around it.
    """
    return _NOTHING if _tracer is None else _tracer.step(name, events)


def send(records: Sequence[Record]) -> AbstractContextManager[Sequence[Record]]:
    """Spans around sending records, one for each trace and topic; gives the records to send."""
    return nullcontext(records) if _tracer is None else _tracer.send(records)


def call(model: str, trace: bytes | None) -> AbstractContextManager[Note]:
    """A span around asking a language model; gives what notes the outcome.

    Args:
        model: Its name.
        trace: Of the record behind the question.
    """
    return nullcontext(_unnoted) if _tracer is None else _tracer.call(model, trace)


def _unnoted(outcome: str) -> None:
    """Nobody is told."""
