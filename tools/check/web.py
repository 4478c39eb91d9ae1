"""The check over HTTP, for those who have no Python: they post the lines, and get the answer as JSON.

What was posted lies in a temporary file of this user until it is answered. Nothing of it is kept or logged.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import socket
import tempfile
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from shared.runtime.health import Server
from shared.runtime.program import STOPS
from tools.check.checking import check
from tools.check.shown import as_object
from tools.event_file import UnreadableFile

MOST_BYTES = 16 * 1024 * 1024
"""The largest body. A larger file is checked with the command."""
AT_ONCE = 2
"""How many checks run at once. Others wait."""
CHECKS_EACH = 100
"""How many checks a process does before another takes its place."""
MOST_WAITING = 20
"""How many checks may run or wait."""

HELP = """\
POST /check    events, one a line (or a JSON array), up to 16 MiB; the answer is JSON: what is wrong, by line,
               and what the services would conclude
POST /check?quick=true    without the conclusions
GET /readyz    200 while it can answer (so does /livez)

curl --data-binary @events.jsonl http://HOST:PORT/check
"""


class _Refused(Exception):
    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status


class Web:
    """The endpoint. Each check runs in a process of its own, so that none holds up or knows another."""

    def __init__(self) -> None:
        self._pool = _pool()
        self._waiting = 0

    def __enter__(self) -> Web:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[
                Route("/", self._help),
                Route("/livez", self._alive),
                Route("/readyz", self._alive),
                Route("/check", self._check, methods=["POST"]),
            ]
        )

    async def _help(self, request: Request) -> Response:  # noqa: ARG002
        return PlainTextResponse(HELP)

    async def _alive(self, request: Request) -> Response:  # noqa: ARG002
        return JSONResponse({"ok": True})

    async def _check(self, request: Request) -> Response:
        if self._waiting >= MOST_WAITING:
            return _error(503, "too many checks are waiting: try again in a minute")
        self._waiting += 1
        try:
            with tempfile.NamedTemporaryFile(prefix="check-", suffix=".jsonl") as file:
                await _receive(request, file)
                quick = request.query_params.get("quick") == "true"
                work = self._pool.submit(_checked, file.name, 0 if quick else 1)
                return JSONResponse(await asyncio.wrap_future(work))
        except BrokenProcessPool:
            self._pool = _pool()
            return _error(500, "the check ended unexpectedly: try again, or run `probation check`")
        except _Refused as refused:
            return _error(refused.status, str(refused))
        except UnreadableFile as mistake:
            return _error(400, str(mistake).replace(file.name, "the body"))
        except ClientDisconnect:
            return _error(400, "the body is not complete: send it again")
        finally:
            self._waiting -= 1


def _pool() -> ProcessPoolExecutor:
    # Each process ends after some checks: what playing them leaves in memory goes with it.
    # Ctrl-C reaches them too, and is the endpoint's affair.
    return ProcessPoolExecutor(
        AT_ONCE,
        multiprocessing.get_context("spawn"),
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_IGN),
        max_tasks_per_child=CHECKS_EACH,
    )


def _checked(path: str, jobs: int) -> dict[str, Any]:
    return as_object(check(Path(path), datetime.now(UTC), jobs=jobs))


async def _receive(request: Request, file: IO[bytes]) -> None:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_BYTES:
            raise _Refused(
                413, f"the body has more than {MOST_BYTES} bytes: send less, or run `probation check`"
            )
        file.write(chunk)
        if size == len(chunk) and chunk.startswith(b"\x1f\x8b"):
            raise _Refused(415, "the body is compressed with gzip: send it unpacked")
    if not size:
        raise _Refused(400, "the body is empty: send events, one a line")
    file.flush()


def _error(status: int, error: str) -> Response:
    return JSONResponse({"error": error}, status)


async def serve(listening: socket.socket) -> None:
    """Answer until SIGTERM or SIGINT. Requests are not logged: they may be about people."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in STOPS:
        loop.add_signal_handler(number, stop.set)
    with Web() as web:
        config = uvicorn.Config(web.app(), access_log=False, log_level="warning", lifespan="off", ws="none")
        server = Server(config)
        answering = asyncio.create_task(server.serve([listening]))
        await stop.wait()
        server.should_exit = True
        await answering
