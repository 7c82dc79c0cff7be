"""A metrics API for the HorizontalPodAutoscaler: what an adapter on Prometheus would answer."""

from __future__ import annotations

import json
import ssl
import threading
import urllib.parse
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from tests.deploy.helm import Object

GROUP: Final = "external.metrics.k8s.io"
_ROOT: Final = f"/apis/{GROUP}/v1beta1"


class LagMetrics:
    """Serves one external metric, over TLS, as the API server's aggregation layer asks for it.

    Args:
        certificate: Key and certificate in PEM.

    Attributes:
        lag: What it answers for `matcher_lag_events`.
        asked: The label selectors it was asked with.
    """

    def __init__(self, certificate: Path) -> None:
        self.lag = 0
        self.asked: set[str] = set()
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urllib.parse.urlsplit(self.path)
                body = told.answer(url.path, urllib.parse.parse_qs(url.query))
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body or {}).encode())

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = int(self._server.server_address[1])

    def start(self) -> None:
        """Serve from now on."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, query: dict[str, list[str]]) -> Object | None:
        """The body for a path: the group's resources, or the metric's value."""
        if path == _ROOT:
            return {
                "kind": "APIResourceList", "apiVersion": "v1",
                "groupVersion": f"{GROUP}/v1beta1", "resources": [],
            }  # fmt: skip
        if not path.endswith("/matcher_lag_events"):
            return None
        self.asked |= set(query.get("labelSelector", []))
        value = {
            "metricName": "matcher_lag_events", "metricLabels": {}, "value": str(self.lag),
            "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }  # fmt: skip
        return {
            "kind": "ExternalMetricValueList", "apiVersion": f"{GROUP}/v1beta1",
            "metadata": {}, "items": [value],
        }  # fmt: skip

    def registration(self) -> tuple[Object, ...]:
        """The objects by which an API server passes questions on to it."""
        return (
            {
                "apiVersion": "v1", "kind": "Service",
                "metadata": {"name": "lag", "namespace": "default"},
                "spec": {"type": "ExternalName", "externalName": "localhost"},
            },
            {
                "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
                "metadata": {"name": f"v1beta1.{GROUP}"},
                "spec": {
                    "group": GROUP, "version": "v1beta1", "insecureSkipTLSVerify": True,
                    "groupPriorityMinimum": 100, "versionPriority": 100,
                    "service": {"name": "lag", "namespace": "default", "port": self.port},
                },
            },
        )  # fmt: skip
