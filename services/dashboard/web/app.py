"""The addresses of the pages, what each answer's headers say, and errors in words."""

from __future__ import annotations

import logging
import mimetypes
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from services.dashboard.settings import DashboardSettings
from services.dashboard.web import rendering, system, today, translation, workload
from services.dashboard.web.access import NotSignedIn, Viewer, viewer_of
from services.dashboard.web.answers import Answer, Forbidden, Missing, Page, csv_file, only
from services.dashboard.web.case_pages import CasePages
from services.dashboard.web.download import as_csv
from services.dashboard.web.filters import WrongFilter
from services.dashboard.web.questions import FAULTS, NotReady, Questions
from services.dashboard.web.today import filters_of
from services.dashboard.web.translation import (
    COOKIE,
    COOKIE_SECONDS,
    ENGLISH,
    gettext,
    speaking,
)
from services.dashboard.web.what_if_pages import WhatIfPages

if TYPE_CHECKING:
    from services.dashboard.web.sign_in import SignIn

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""What every answer says: nothing from another host, no script, and nothing kept by the browser."""
_KEPT = {"Cache-Control": "max-age=3600"}
"""Style sheets and pictures contain nothing about anybody."""

FORM_BYTES = 10_000
mimetypes.add_type("text/css", ".css")


class Web:
    """The pages of one dashboard."""

    def __init__(self, questions: Questions, settings: DashboardSettings) -> None:
        self._questions = questions
        self._settings = settings
        self._templates = rendering.environment()
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
            Route("/find", self._page(self._find), methods=["POST"]),
            *CasePages(self._questions, self._show).routes(self._page),
            *WhatIfPages(self._questions, self._show).routes(self._page),
            Route("/system", self._page(self._system)),
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
        pages = -(-shown.listed // today.PAGE)
        return self._show(
            "today.html", viewer, asked.freshness, shown=shown, filters=filters, units=units, pages=pages
        )

    async def _today_csv(self, request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_people)
        filters = filters_of(request.query_params)
        async with self._questions.snapshot() as asked:
            shown = await today.today(asked, viewer, filters, most=None)
        return csv_file("open-items", as_csv(today.DEFINITIONS, map(today.columns, shown.items)))

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
        async with self._questions.snapshot() as asked:
            shown = await workload.workload(asked, viewer, filters_of(request.query_params))
        return csv_file("workload", as_csv(workload.DEFINITIONS, map(workload.columns, shown.practitioners)))

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

    async def _nothing(self, _request: Request, _viewer: Viewer) -> Response:
        raise Missing("There is no page at this address.")

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
            asked = request.query_params.get(COOKIE, "")
            if asked in self._languages:
                return _remember(request, asked)
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
            where = traceback.extract_tb(fault.__traceback__)[-1]
            # Not its text, which may name people.
            at = f"{type(fault).__name__} in {where.name}, line {where.lineno}"
            log.error("a page could not be made", extra={"fault": at})
            words = gettext("The fault is written down. Try another page, or the same one later.")
            return self._wrong(request, 500, gettext("There is a fault in this page"), words)

    def _wrong(self, request: Request, status: int, title: str, words: str) -> Response:
        return self._show("wrong.html", request.state.viewer, None, status, title=title, words=words)

    def _show(
        self, template: str, viewer: Viewer | None, freshness: Any, status: int = 200, **given: Any
    ) -> Response:
        text = self._templates.get_template(template).render(viewer=viewer, fresh=freshness, **given)
        return HTMLResponse(text, status)


def web(questions: Questions, settings: DashboardSettings, health: Any) -> Any:
    """The pages and the health checks, as one ASGI application."""
    pages = Starlette(routes=Web(questions, settings).routes())

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] in ("/readyz", "/livez", "/metrics"):
            await health(scope, receive, send)
            return

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                said = {name.lower() for name, _ in message["headers"]}
                wanted = HEADERS | (_KEPT if scope["path"].startswith("/static/") else {})
                more = [(n.lower().encode(), v.encode()) for n, v in wanted.items()]
                message["headers"] = [*message["headers"], *(one for one in more if one[0] not in said)]
            await send(message)

        await pages(scope, receive, with_headers)

    return answer


def _remember(request: Request, code: str) -> Response:
    """Keep the language in a cookie, and show the same page."""
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != COOKIE]
    # A relative address leads to no other site.
    answer = RedirectResponse("?" + urlencode(rest), 303)
    answer.set_cookie(COOKIE, code, max_age=COOKIE_SECONDS, httponly=True, samesite="lax")
    return answer
