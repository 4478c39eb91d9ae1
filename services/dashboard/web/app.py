"""The addresses of the pages, what each answer's headers say, and errors in words."""

from __future__ import annotations

import logging
import mimetypes
import traceback
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from services.dashboard.settings import DashboardSettings
from services.dashboard.web import case, rendering, today, translation, workload
from services.dashboard.web.access import NotSignedIn, Viewer, viewer_of
from services.dashboard.web.answers import Forbidden, Missing, Page, csv_file, only
from services.dashboard.web.download import as_csv
from services.dashboard.web.numbers import Numbers
from services.dashboard.web.questions import FAULTS, NotReady, Questions
from services.dashboard.web.today import WrongFilter, filters_of
from services.dashboard.web.translation import (
    COOKIE,
    COOKIE_SECONDS,
    ENGLISH,
    gettext,
    speaking,
)

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
        self._numbers = Numbers(questions, self._show)
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
            held = await asked.fetch(
                "select source, count(*)::int as number from events group by source order by source"
            )
        return self._show("system.html", viewer, asked.freshness, gaps=gaps, models=models, held=held)

    async def _nothing(self, _request: Request, _viewer: Viewer) -> Response:
        raise Missing("There is no page at this address.")

    # -- answers -----------------------------------------------------------------------------------

    def _page(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """A page, or what is wrong in words."""

        async def answer(request: Request) -> Response:
            asked = request.query_params.get(COOKIE)
            if asked in self._languages:
                return _remember(request, asked)
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
            where = traceback.extract_tb(fault.__traceback__)[-1]
            # Not its text, which may name people.
            at = f"{type(fault).__name__} in {where.name}, line {where.lineno}"
            log.error("a page could not be made", extra={"fault": at})
            words = gettext("The fault is written down. Try another page, or the same one later.")
            return self._wrong(viewer, 500, gettext("There is a fault in this page"), words)

    def _wrong(self, viewer: Viewer | None, status: int, title: str, words: str) -> Response:
        return self._show("wrong.html", viewer, None, status, title=title, words=words)

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
