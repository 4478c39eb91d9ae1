"""The pages of what-if results: their addresses and what they answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.dashboard.web.access import Viewer
from services.dashboard.web.answers import Answer, Missing, Page, csv_file, long_csv_file, only
from services.dashboard.web.download import as_csv
from services.dashboard.web.questions import Questions, Snapshot
from services.dashboard.web.what_if import (
    FINDING_DEFINITIONS,
    NUMBER_DEFINITIONS,
    Filters,
    WhatIf,
    all_findings,
    columns,
    filters_of,
    number_rows,
    results,
    what_if,
)


class WhatIfPages:
    """The pages. `show` makes an answer of a template."""

    def __init__(self, questions: Questions, show: Callable[..., Response]) -> None:
        self._questions = questions
        self._show = show

    def routes(self, page: Callable[[Page], Answer]) -> list[Route]:
        """The address of each page."""
        return [
            Route("/what-if", page(self._results)),
            Route("/what-if/{id}", page(self._result)),
            Route("/what-if/{id}/numbers.csv", page(self._numbers_csv)),
            Route("/what-if/{id}/findings.csv", page(self._findings_csv)),
        ]

    async def _results(self, _request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_numbers)
        async with self._questions.snapshot() as asked:
            found = await results(asked)
        return self._show("what_ifs.html", viewer, asked.freshness, results=found)

    async def _result(self, request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_numbers)
        shown, filters, freshness = await self._asked(request, viewer)
        return self._show(
            "what_if.html",
            viewer,
            freshness,
            shown=shown,
            filters=filters,
            path=f"/what-if/{shown.what_if['id']}",
            definitions=NUMBER_DEFINITIONS,
        )

    async def _numbers_csv(self, request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_numbers)
        shown, _, _ = await self._asked(request, viewer)
        return csv_file(f"{shown.what_if['id']}-numbers", as_csv(NUMBER_DEFINITIONS, number_rows(shown)))

    async def _findings_csv(self, request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_people)
        shown, filters, _ = await self._asked(request, viewer)
        id, policy = shown.what_if["id"], shown.what_if["policy"]

        async def rows(asked: Snapshot) -> AsyncIterator[list[Any]]:
            async for row in all_findings(asked, viewer, id, filters):
                yield columns(policy, row)

        return await long_csv_file(self._questions, f"{id}-findings", FINDING_DEFINITIONS, rows)

    async def _asked(self, request: Request, viewer: Viewer) -> tuple[WhatIf, Filters, Any]:
        filters = filters_of(request.query_params)
        async with self._questions.snapshot() as asked:
            shown = await what_if(asked, viewer, request.path_params["id"], filters)
        if shown is None:
            raise Missing("There is no such result. It may have been removed.")
        return shown, filters, asked.freshness
