"""The addresses of the pages, and errors in words."""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import AsyncIterator
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from services.dashboard.model.faults import fault_words
from services.dashboard.settings import DashboardSettings
from services.dashboard.web import case, changes, rendering, system, today, translation, workload
from services.dashboard.web.access import NotSignedIn, Viewer, viewer_of
from services.dashboard.web.answers import Answer, Forbidden, Missing, Page, long_csv_file, only
from services.dashboard.web.case_pages import CasePages
from services.dashboard.web.changes import Changes
from services.dashboard.web.filters import WrongFilter
from services.dashboard.web.headers import with_headers
from services.dashboard.web.numbers import Numbers
from services.dashboard.web.questions import FAULTS, Freshness, NotReady, Questions, Snapshot, version_of
from services.dashboard.web.today import filters_of
from services.dashboard.web.translation import (
    COOKIE,
    ENGLISH,
    current,
    gettext,
    speaking,
)
from services.dashboard.web.what_if_pages import WhatIfPages

if TYPE_CHECKING:
    from services.dashboard.web.sign_in import SignIn

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
        self._sign_in: SignIn | None = None
        if settings.dashboard_oidc_issuer is not None:
            from services.dashboard.web.sign_in import SignIn  # its libraries take a second to load

            self._sign_in = SignIn(questions.pool, settings, self._show)
        self._templates.globals["signs_out"] = self._sign_in is not None

    def routes(self) -> list[Route | Mount]:
        """The address of each page."""
        return [
            Route("/", self._page(self._today)),
            Route("/today.csv", self._page(self._today_csv)),
            Route("/workload", self._page(self._workload)),
            Route("/workload.csv", self._page(self._workload_csv)),
            *(Route(path, self._page(page)) for path, page in self._numbers.pages().items()),
            Route("/find", self._page(self._find), methods=["POST"]),
            *CasePages(self._questions, self._show).routes(self._page),
            *WhatIfPages(self._questions, self._show).routes(self._page),
            Route("/system", self._page(self._system)),
            Route("/changes", self._page(self._stream)),
            *(self._sign_in.routes(self._worded) if self._sign_in else ()),
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

        return await long_csv_file(self._questions, "open-items", today.DEFINITIONS, rows)

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

        return await long_csv_file(self._questions, "workload", workload.DEFINITIONS, rows)

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

    async def _system(self, _request: Request, viewer: Viewer) -> Response:
        async with self._questions.snapshot() as asked:
            shown = await system.system(asked)
        return self._show("system.html", viewer, asked.freshness, shown=shown)

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

    def _page(self, page: Page) -> Answer:
        """A page for who is signed in, or what is wrong in words."""

        async def answer(request: Request) -> Response:
            if self._sign_in is None:
                viewer = viewer_of(request.headers, self._settings)
            elif (found := await self._sign_in.viewer(request)) is None:
                return self._sign_in.ask(request)
            else:
                viewer = found
            request.state.viewer = viewer
            return await page(request, viewer)

        return self._worded(answer)

    def _worded(self, page: Answer) -> Answer:
        """What the page answers, or what is wrong in words, in the language of the viewer."""

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

    async def _answer(self, page: Answer, request: Request) -> Response:
        request.state.viewer = None
        try:
            return await page(request)
        except NotSignedIn as fault:
            log.warning("not signed in", extra={"why": str(fault)})
            return self._wrong(request, 401, gettext("You are not signed in"), fault.translated)
        except Forbidden as fault:
            return self._wrong(request, 403, gettext("You cannot see this page"), fault.translated)
        except Missing as fault:
            return self._wrong(request, 404, gettext("Not found"), fault.translated)
        except WrongFilter as fault:
            return self._wrong(request, 400, gettext("There is a problem"), fault.translated)
        except NotReady:
            words = gettext("The first facts are being read. Try again in a minute.")
            return self._wrong(request, 503, gettext("This page is being prepared"), words)
        except FAULTS as fault:
            log.error("a page could not be shown", extra={"fault": type(fault).__name__})
            words = gettext("Nothing is lost. Try again in a minute.")
            return self._wrong(request, 503, gettext("The service is unavailable"), words)
        except Exception as fault:
            log.error("a page could not be made", extra={"fault": fault_words(fault)})
            words = gettext("The fault is written down. Try another page, or the same one later.")
            return self._wrong(request, 500, gettext("There is a fault in this page"), words)

    def _wrong(self, request: Request, status: int, title: str, words: str) -> Response:
        return self._show("wrong.html", request.state.viewer, None, status, title=title, words=words)

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
