"""A real HTTP server that answers as a source of details does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OK = (200, b'{"a": 1}')


@dataclass
class Source:
    """A source that answers what the test says, one answer after the other, the last one for ever."""

    url: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=lambda: [OK])
    asked: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    hang: threading.Event | None = None


@contextmanager
def serving() -> Iterator[Source]:
    """A running HTTP server."""
    source = Source()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            source.asked.append(self.path)
            source.tokens.append(self.headers.get("authorization"))
            if source.hang is not None:
                source.hang.wait(30)
            code, body = source.answers.pop(0) if len(source.answers) > 1 else source.answers[0]
            self.send_response(code)
            self.send_header("location", f"{source.url}elsewhere")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing of a client that went away."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    source.url = f"http://127.0.0.1:{server.server_address[1]}/details/"
    yield source
    if source.hang is not None:
        source.hang.set()
    server.shutdown()
    server.server_close()
    thread.join()
