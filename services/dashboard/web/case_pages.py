"""The pages of one case: the case with why each finding was concluded, and each event as it was published."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.dashboard.web import case
from services.dashboard.web.access import Viewer
from services.dashboard.web.answers import Answer, Forbidden, Missing, Page, only
from services.dashboard.web.case import Event, Person
from services.dashboard.web.filters import WrongFilter
from services.dashboard.web.questions import Freshness, Questions
from services.dashboard.web.why import Known, by_of, is_fact, why_of

_BODY = "select body from events where source = $1 and id = $2"


class CasePages:
    """The pages. `show` makes an answer of a template."""

    def __init__(self, questions: Questions, show: Callable[..., Response]) -> None:
        self._questions = questions
        self._show = show

    def routes(self, page: Callable[[Page], Answer]) -> list[Route]:
        """The address of each page."""
        return [
            Route("/cases/{token}", page(self._case)),
            Route("/cases/{token}/events/{mark}", page(self._event)),
        ]

    async def _case(self, request: Request, viewer: Viewer) -> Response:
        token = request.path_params["token"]
        day, view = _as_of(request)
        person, fresh = await self._person(token)
        if person.token != token:
            return RedirectResponse(f"/cases/{person.token}", 303)
        await self._look(viewer, person, "case")
        return self._show(
            "case.html",
            viewer,
            fresh,
            person=person,
            shown=case.case_of(person, fresh.day, day, view),
            asked_day=day,
            view=view,
            mark=self._mark,
        )

    async def _event(self, request: Request, viewer: Viewer) -> Response:
        token, mark = request.path_params["token"], request.path_params["mark"]
        person, fresh = await self._person(token)
        if person.token != token:
            return RedirectResponse(f"/cases/{person.token}/events/{mark}", 303)
        await self._look(viewer, person, "event")
        found = next((one for one in person.events if self._mark(one[1]) == mark), None)
        if found is None:
            raise Missing("There is no such event in this case.")
        known_on, event = found
        async with self._questions.snapshot() as asked:
            row = await asked.one(_BODY, event.source, event.id)
        if row is None:
            raise Missing("The person was erased a moment ago.")
        why = None if is_fact(event) else why_of(event, Known(event for _, event in person.events))
        return self._show(
            "event.html",
            viewer,
            fresh,
            person=person,
            event=event,
            known_on=known_on,
            why=why,
            by=by_of(event),
            body=json.dumps(json.loads(row["body"]), indent=2, ensure_ascii=False),
            mark=self._mark,
        )

    async def _person(self, token: str) -> tuple[Person, Freshness]:
        async with self._questions.snapshot() as asked:
            person = await case.person_of(asked, token)
        if person is None:
            raise Missing("There is no case with this number, or nothing has been recorded about it yet.")
        return person, asked.freshness

    async def _look(self, viewer: Viewer, person: Person, page: str) -> None:
        """Write down who looks. Raises `Forbidden` if they may not."""
        visible = viewer.sees_people and person.visible_to(viewer)
        closed = person.closed_to(viewer)
        await self._questions.log_view(viewer, person.token, page, shown=visible and not closed)
        only(viewer.sees_people)
        if not visible:
            raise Forbidden("This case is supervised in another place than the ones you work in.")
        if closed:
            raise Forbidden("Access to this case is limited. Ask your manager if you need to see it.")

    def _mark(self, event: Event | case.Moment) -> str:
        """What stands for an event in addresses: its own id is free text of its sender."""
        return self._questions.token(f"{event.source} {event.id}")


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
