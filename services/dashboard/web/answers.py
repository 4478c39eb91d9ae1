"""What the pages have in common when they answer: refusals in words, and files to download."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from services.dashboard.web.access import Viewer
from services.dashboard.web.translation import Said

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
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return PlainTextResponse("\ufeff" + text, headers=headers, media_type="text/csv")
