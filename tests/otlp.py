"""A collector of spans, as OpenTelemetry's exporters know it: OTLP over HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Received(NamedTuple):
    """A span. Ids are in hexadecimal; `links` are the ids of spans."""

    program: str
    name: str
    trace: str
    id: str
    parent: str
    links: tuple[str, ...]
    raw: bytes


@dataclass
class Collector:
    """What it has received."""

    url: str
    spans: list[Received] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, str]:
        """The environment variables with which a program sends its spans here, without delay."""
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": self.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}

    def of(self, trace: str) -> set[tuple[str, str]]:
        """The programs and names of the spans of a trace."""
        return {(span.program, span.name) for span in self.spans if span.trace == trace}

    def take(self, body: bytes) -> None:
        """Take what an exporter sends."""
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            about = {entry.key: entry.value.string_value for entry in resource.resource.attributes}
            for span in (span for scope in resource.scope_spans for span in scope.spans):
                links = tuple(link.span_id.hex() for link in span.links)
                ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
                self.spans.append(
                    Received(about["service.name"], span.name, *ids, links, span.SerializeToString())
                )


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that listens inside the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
