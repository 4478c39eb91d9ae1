"""The addresses of the pages, and errors in words."""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from services.dashboard.model.faults import fault_words
from services.dashboard.settings import DashboardSettings
from services.dashboard.web import case, changes, rendering, today, translation, workload
from services.dashboard.web.access import NotSignedIn, Viewer, viewer_of
from services.dashboard.web.answers import Forbidden, Missing, Page, only
from services.dashboard.web.changes import Changes
from services.dashboard.web.download import csv_chunks
from services.dashboard.web.headers import with_headers
from services.dashboard.web.numbers import Numbers
from services.dashboard.web.questions import FAULTS, Freshness, NotReady, Questions, Snapshot, version_of
from services.dashboard.web.today import WrongFilter, filters_of
from services.dashboard.web.translation import (
    COOKIE,
    ENGLISH,
    current,
    gettext,
    speaking,
)

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
FORM_BYTES = 10_000
mimetypes.add_type("text/css", ".css")


class Web:
    """The pages of one dashboard."""

    def __init__(self, questions: Questions, changes: Changes, settings: DashboardSettings) -> None:
        self._questions = questions
        self._changes = changes
        self._settings = settings
        self._templates = rendering.environment()
        self._numbers = Numbers(questions, self._show)
        self._freshness = lru_cache(maxsize=8)(self._render_freshness)  # the same for many open pages
        self._languages = translation.languages(translation.CATALOGUES)

    def routes(self) -> list[Route | Mount]:
        """The address of each page."""
        return [
            Route("/", self._page(self._today)),
            Route("/today.csv", self._page(self._today_csv)),
            Route("/workload", self._page(self._workload)),
            Route("/workload.csv", self._page(self._workload_csv)),
            *(Route(path, self._page(page)) for path, page in self._numbers.pages().items()),
            Route("/find", self._page(self._find), methods=["POST"]),
            Route("/cases/{token}", self._page(self._case)),
            Route("/system", self._page(self._system)),
            Route("/changes", self._page(self._stream)),
            Mount("/static", StaticFiles(directory=HERE / "static")),
            Route("/{rest:path}", self._page(self._nothing)),
        ]

    # -- pages -------------------------------------------------------------------------------------

    async def _today(self, request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_numbers)
        if viewer.role == "practitioner" and not request.query_params:
            return RedirectResponse(today.Filters(practitioner=viewer.name).address(), 303)
        filters = filters_of(request.query_params)
        async with self._questions.snapshot() as asked:
            shown = await today.today(asked, viewer, filters)
            units = await today.delivery_units(asked, viewer, filters.region)
        return self._show("today.html", viewer, asked.freshness, shown=shown, filters=filters, units=units)

    async def _today_csv(self, request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_people)
        filters = filters_of(request.query_params)

        async def rows(asked: Snapshot) -> AsyncIterator[list[Any]]:
            async for item in today.all_items(asked, viewer, filters):
                yield today.columns(item, asked.freshness.day)

        return await self._download("open-items", today.DEFINITIONS, rows)

    async def _workload(self, request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_numbers)
        filters = filters_of(request.query_params)
        async with self._questions.snapshot() as asked:
            shown = await workload.workload(asked, viewer, filters)
            units = await today.delivery_units(asked, viewer, filters.region)
        return self._show(
            "workload.html",
            viewer,
            asked.freshness,
            shown=shown,
            filters=filters,
            units=units,
            definitions=workload.DEFINITIONS,
        )

    async def _workload_csv(self, request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_people)
        filters = filters_of(request.query_params)

        async def rows(asked: Snapshot) -> AsyncIterator[list[Any]]:
            async for row in workload.all_practitioners(asked, viewer, filters):
                yield workload.columns(row)

        return await self._download("workload", workload.DEFINITIONS, rows)

    async def _find(self, request: Request, viewer: Viewer) -> Response:
        """Go to a case by its number, which stays out of addresses: it comes in the body of a form."""
        only(viewer.sees_people)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > FORM_BYTES:
                raise Missing("The form is too long.")
        given = parse_qs(body.decode(errors="replace")).get("crn", [""])[0].strip().upper()
        if not given:
            raise Missing("Enter a case reference number, such as X123456.")
        return RedirectResponse(f"/cases/{self._questions.token(given)}", 303)

    async def _case(self, request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_people)
        token = request.path_params["token"]
        day, view = _as_of(request)
        async with self._questions.snapshot() as asked:
            person = await case.person_of(asked, token)
        if person is None:
            raise Missing("There is no case with this number, or nothing has been recorded about it yet.")
        if person.token != token:
            return RedirectResponse(f"/cases/{person.token}", 303)
        visible, closed = person.visible_to(viewer), person.closed_to(viewer)
        await self._questions.log_view(viewer, token, "case", shown=visible and not closed)
        if not visible:
            raise Forbidden("This case is supervised in another place than the ones you work in.")
        if closed:
            raise Forbidden("Access to this case is limited. Ask your manager if you need to see it.")
        shown = case.case_of(person, asked.freshness.day, day, view)
        return self._show(
            "case.html", viewer, asked.freshness, person=person, shown=shown, asked_day=day, view=view
        )

    async def _system(self, _request: Request, viewer: Viewer) -> Response:
        async with self._questions.snapshot() as asked:
            gaps = await asked.fetch(
                "select source, count(*)::int as subjects, sum(missing)::int as missing from gaps "
                "group by source order by source"
            )
            models = await asked.fetch("select id, state, created_at from public.models order by id")
            held = await asked.fetch("select source, number from held where number > 0 order by source")
        return self._show("system.html", viewer, asked.freshness, gaps=gaps, models=models, held=held)

    async def _stream(self, request: Request, viewer: Viewer) -> Response:
        """Tell a page when to ask for its content anew."""
        token = request.query_params.get("case")
        if token is not None:
            only(viewer.sees_people)
            async with self._questions.snapshot() as asked:
                person = await case.person_of(asked, token)
            only(person is not None and person.visible_to(viewer) and not person.closed_to(viewer))
        since = version_of(request.headers.get("last-event-id") or request.query_params.get("since", ""))
        words = partial(self._freshness, current())
        events = self._changes.stream(changes.Page(viewer, token, since), words)
        # The header keeps proxies from holding events back.
        return StreamingResponse(events, headers={"X-Accel-Buffering": "no"}, media_type="text/event-stream")

    async def _nothing(self, _request: Request, _viewer: Viewer) -> Response:
        raise Missing("There is no page at this address.")

    def _render_freshness(self, language: translation.Language, freshness: Freshness) -> str:
        with speaking(language):
            return self._templates.get_template("fresh.html").render(fresh=freshness)

    # -- answers -----------------------------------------------------------------------------------

    def _page(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """A page, or what is wrong in words."""

        async def answer(request: Request) -> Response:
            asked = request.query_params.get(COOKIE)
            if asked is not None and asked in self._languages:
                return translation.remember(request, asked)
            known = self._languages
            language = known.get(request.cookies.get(COOKIE, ""), known[ENGLISH])
            others = [one for one in known.values() if one is not language]
            with speaking(language, others, request.query_params.multi_items()):
                return await self._answer(page, request)

        return answer

    async def _answer(self, page: Page, request: Request) -> Response:
        viewer: Viewer | None = None
        try:
            viewer = viewer_of(request.headers, self._settings)
            return await page(request, viewer)
        except NotSignedIn as fault:
            log.warning("not signed in", extra={"why": str(fault)})
            return self._wrong(viewer, 401, gettext("You are not signed in"), fault.translated)
        except Forbidden as fault:
            return self._wrong(viewer, 403, gettext("You cannot see this page"), fault.translated)
        except Missing as fault:
            return self._wrong(viewer, 404, gettext("Not found"), fault.translated)
        except WrongFilter as fault:
            return self._wrong(viewer, 400, gettext("There is a problem"), fault.translated)
        except NotReady:
            words = gettext("The first facts are being read. Try again in a minute.")
            return self._wrong(viewer, 503, gettext("This page is being prepared"), words)
        except FAULTS as fault:
            log.error("a page could not be shown", extra={"fault": type(fault).__name__})
            words = gettext("Nothing is lost. Try again in a minute.")
            return self._wrong(viewer, 503, gettext("The service is unavailable"), words)
        except Exception as fault:
            log.error("a page could not be made", extra={"fault": fault_words(fault)})
            words = gettext("The fault is written down. Try another page, or the same one later.")
            return self._wrong(viewer, 500, gettext("There is a fault in this page"), words)

    async def _download(
        self,
        name: str,
        definitions: Mapping[str, str],
        rows: Callable[[Snapshot], AsyncIterator[list[Any]]],
    ) -> Response:
        """A file of very many rows, sent while it is read. Raises `NotReady`."""
        async with self._questions.snapshot():
            pass  # afterwards it is too late to say that nothing can be shown
        language = current()

        async def text() -> AsyncIterator[str]:
            yield "\ufeff"
            with speaking(language):
                async with self._questions.snapshot() as asked:
                    async for chunk in csv_chunks(definitions, rows(asked)):
                        yield chunk

        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        return StreamingResponse(text(), headers=headers, media_type="text/csv")

    def _wrong(self, viewer: Viewer | None, status: int, title: str, words: str) -> Response:
        return self._show("wrong.html", viewer, None, status, title=title, words=words)

    def _show(
        self, template: str, viewer: Viewer | None, freshness: Any, status: int = 200, **given: Any
    ) -> Response:
        text = self._templates.get_template(template).render(viewer=viewer, fresh=freshness, **given)
        return HTMLResponse(text, status)


def web(questions: Questions, changes: Changes, settings: DashboardSettings, health: Any) -> Any:
    """The pages and the health checks, as one ASGI application."""
    pages = with_headers(Starlette(routes=Web(questions, changes, settings).routes()))

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] in ("/readyz", "/livez", "/metrics"):
            await health(scope, receive, send)
            return

        await pages(scope, receive, send)

    return answer


def _as_of(request: Request) -> tuple[date | None, case.View]:
    """The past day that is asked for, and how. Raises `WrongFilter`."""
    given = request.query_params.get("day", "").strip()
    view: case.View = "then" if request.query_params.get("known") == "then" else "now"
    if not given:
        return None, view
    try:
        return date.fromisoformat(given), view
    except ValueError:
        raise WrongFilter("Enter the day as year, month and day, such as 2026-03-01.") from None
