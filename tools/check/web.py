"""The check over HTTP, for those who have no Python: they post the lines, and get the answer as JSON.

What was posted lies in a temporary file of this user until it is answered. Nothing of it is kept or logged.
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tools.check.checking import check
from tools.check.shown import as_object
from tools.event_file import UnreadableFile

MOST_BYTES = 16 * 1024 * 1024
"""The largest body. A larger file is checked with the command."""
AT_ONCE = 2
"""How many checks run at once. Others wait."""
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
    """The endpoint."""

    def __init__(self) -> None:
        self._running = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

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
                async with self._running:
                    found = await asyncio.to_thread(
                        check, Path(file.name), datetime.now(UTC), conclude=not quick
                    )
            return JSONResponse(as_object(found))
        except _Refused as refused:
            return _error(refused.status, str(refused))
        except UnreadableFile as mistake:
            return _error(400, str(mistake).replace(file.name, "the body"))
        except ClientDisconnect:
            return _error(400, "the body is not complete: send it again")
        finally:
            self._waiting -= 1


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


def serve(host: str, port: int) -> None:
    """Answer until stopped. Requests are not logged: they may be about people."""
    uvicorn.run(Web().app(), host=host, port=port, access_log=False, log_level="warning", ws="none")
