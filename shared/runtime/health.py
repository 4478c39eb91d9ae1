"""What is asked from outside: is it alive, is it ready, its metrics.

`/livez` fails only where a restart helps. `/readyz` says for each part what is wrong with it, for
people too. Lag never makes a service unready: taking it out would make the lag grow.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import Any

import uvicorn
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

log = logging.getLogger(__name__)

Check = Callable[[], Awaitable[str | None]]
"""Says what is wrong, or None."""

CHECK_SECONDS = 2.0


class Health:
    """The checks of a program and their answers over HTTP."""

    def __init__(
        self, registry: CollectorRegistry, ready: Mapping[str, Check], alive: Mapping[str, Check]
    ) -> None:
        self._registry = registry
        self._ready = ready
        self._alive = alive

    async def readiness(self) -> dict[str, str]:
        """What is wrong, by part; empty if it is ready."""
        return await _ask(self._ready)

    async def liveness(self) -> dict[str, str]:
        """What only a restart will mend, by part; empty if nothing."""
        return await _ask(self._alive)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG002 - ASGI
        """Answer one request, as an ASGI application."""
        answers = {"/readyz": (self.readiness, self._ready), "/livez": (self.liveness, self._alive)}
        path = scope["path"] if scope["method"] in ("GET", "HEAD") else ""
        if path in answers:
            asked, parts = answers[path]
            wrong = await asked()
            status, type = (503 if wrong else 200), b"application/json"
            body = json.dumps({"ok": not wrong, **{part: wrong.get(part, "ok") for part in parts}}).encode()
        elif path == "/metrics":
            status, type, body = 200, CONTENT_TYPE_LATEST.encode(), generate_latest(self._registry)
        else:
            status, type, body = 404, b"text/plain", b"/readyz, /livez or /metrics\n"
        headers = [(b"content-type", type), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


async def _ask(checks: Mapping[str, Check]) -> dict[str, str]:
    answers = await asyncio.gather(*(_answer(check) for check in checks.values()))
    return {part: answer for part, answer in zip(checks, answers, strict=True) if answer is not None}


async def _answer(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:.0f} s"
    except Exception as fault:
        return type(fault).__name__


class Server(uvicorn.Server):
    """Uvicorn, leaving signals to the program.

    Overrides what its documentation does not promise: it would take SIGTERM for itself, and the service
    would not finish the batch in hand. `tests/runtime/test_library_internals.py` tells if an upgrade
    breaks it.
    """

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield


@contextlib.asynccontextmanager
async def answering(health: Health, host: str, port: int) -> Any:
    """Answer over HTTP inside the block; port 0 answers nobody."""
    if port == 0:
        yield
        return
    config = uvicorn.Config(
        health, host=host, port=port, lifespan="off", log_config=None, access_log=False, ws="none"
    )
    server = Server(config)
    task = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await task
