"""What a page answers beside its content: refusals, and files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from services.dashboard.web.access import Viewer
from services.dashboard.web.translation import Said

Page = Callable[[Request, Viewer], Awaitable[Response]]


class Forbidden(Said):
    """The viewer may not see this page."""


class Missing(Said):
    """There is no such page or case."""


def only(allowed: bool) -> None:
    """Refuse the page to those who may not see it. Raises `Forbidden`."""
    if not allowed:
        raise Forbidden("Your role does not include this page.")


def csv_file(name: str, text: str) -> Response:
    """A file to download."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return PlainTextResponse("\ufeff" + text, headers=headers, media_type="text/csv")
