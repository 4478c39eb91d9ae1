"""What the pages have in common when they answer: refusals in words, and files to download."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from services.dashboard.web.access import Viewer
from services.dashboard.web.download import csv_chunks
from services.dashboard.web.questions import Questions, Snapshot
from services.dashboard.web.translation import Said, current, speaking

Page = Callable[[Request, Viewer], Awaitable[Response]]
"""Answers a request of somebody who is known."""

Answer = Callable[[Request], Awaitable[Response]]
"""Answers any request: who does not say who they are gets words instead of the page."""


class Forbidden(Said):
    """The viewer may not see this page."""


class Missing(Said):
    """There is no such page or case."""


def only(allowed: bool) -> None:
    """Raise `Forbidden` unless the viewer's role includes the page."""
    if not allowed:
        raise Forbidden("Your role does not include this page.")


def csv_file(name: str, text: str) -> Response:
    """A CSV file to download."""
    return PlainTextResponse(_MARK + text, headers=_attached(name), media_type="text/csv")


async def long_csv_file(
    questions: Questions,
    name: str,
    definitions: Mapping[str, str],
    rows: Callable[[Snapshot], AsyncIterator[list[Any]]],
) -> Response:
    """A CSV file of very many rows, sent while it is read. Raises `NotReady`."""
    async with questions.snapshot():
        pass  # afterwards it is too late to say that nothing can be shown
    language = current()

    async def text() -> AsyncIterator[str]:
        yield _MARK
        with speaking(language):
            async with questions.snapshot() as asked:
                async for chunk in csv_chunks(definitions, rows(asked)):
                    yield chunk

    return StreamingResponse(text(), headers=_attached(name), media_type="text/csv")


_MARK = "\ufeff"
"""Without it a spreadsheet takes the text for an older encoding."""


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}.csv"'}
