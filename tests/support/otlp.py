"""A collector: takes spans over OTLP (HTTP, protobuf) and keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")


@dataclass(frozen=True, slots=True)
class Told:
    """One span as it arrived; ids are hexadecimal."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent: str
    seconds: float
    failed: bool
    attributes: dict[str, Any]


@dataclass
class Collector:
    """What was exported so far.

    Attributes:
        port: Where it listens.
        raw: The requests as they came.
    """

    port: int = 0
    spans: list[Told] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        """For OTEL_EXPORTER_OTLP_ENDPOINT."""
        return f"http://127.0.0.1:{self.port}"

    def of(self, trace_id: str) -> list[Told]:
        """The spans of one trace."""
        return [span for span in self.spans if span.trace_id == trace_id]

    def path(self, trace_id: str, name: str) -> list[Told]:
        """From the last span of a name in a trace up to the first one of it."""
        by_id = {span.span_id: span for span in self.of(trace_id)}
        path = [[span for span in by_id.values() if span.name == name][-1]]
        while path[-1].parent in by_id:
            path.append(by_id[path[-1].parent])
        return path

    async def take(self, request: web.Request) -> web.Response:
        """POST /v1/traces."""
        body = await request.read()  # aiohttp has undone the compression
        said = ExportTraceServiceRequest.FromString(body)
        self.raw.append(body)
        self.spans += [span for group in said.resource_spans for span in _told(group)]
        answer = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=answer, content_type="application/x-protobuf")


def _told(group: Any) -> Iterator[Told]:
    service = _values(group.resource.attributes)["service.name"]
    for scope in group.scope_spans:
        for span in scope.spans:
            yield Told(
                service, span.name, KINDS[span.kind], span.trace_id.hex(), span.span_id.hex(),
                span.parent_span_id.hex(),
                (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
                span.status.code == 2, _values(span.attributes),
            )  # fmt: skip


def _values(attributes: Any) -> dict[str, Any]:
    return {
        pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "string_value")
        for pair in attributes
    }


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector in a thread of its own, so that it answers whatever the test does."""
    made, up, down = Collector(), Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post("/v1/traces", made.take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        made.port = runner.addresses[0][1]
        up.set()
        await down.wait()
        await runner.cleanup()

    thread = Thread(target=loop.run_until_complete, args=(serve(),), name="collector")
    thread.start()
    up.wait(10)
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(down.set)
        thread.join()
        loop.close()
