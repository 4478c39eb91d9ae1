"""Workload: practitioners and teams, as the latest allocations have told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.dashboard.web.access import Viewer
from services.dashboard.web.questions import Snapshot, Where
from services.dashboard.web.today import PAGE, Filters
from services.dashboard.web.translation import N_, gettext
from shared.probation.names import name_key

DEFINITIONS = {
    N_("region"): N_("probation region"),
    N_("delivery unit"): N_("probation delivery unit of the practitioner"),
    N_("team"): N_("team of the practitioner"),
    N_("practitioner"): N_("id of the practitioner"),
    N_("people"): N_("people for whose sentences they are responsible on the day reached"),
    N_("workload percent"): N_(
        "points held as a percentage of the points available, after the latest allocation "
        "in which they were considered"
    ),
    N_("as of"): N_("date of that allocation"),
    N_("over capacity"): N_("yes if the finding that they are over capacity stands (ALLOC rules)"),
}
"""The columns of the table, and what they mean."""


@dataclass(frozen=True)
class Workload:
    """What the page shows."""

    practitioners: Sequence[Any]
    listed: int
    """How many practitioners there are on all pages."""
    teams: Sequence[Any]


_PRACTITIONERS = """
select i.practitioner_id, i.region, i.pdu, i.team, i.percent, i.people,
       (i.percent_at at time zone 'Europe/London')::date as percent_on,
       exists (select from items o where o.about <> 'person' and o.type = 'PractitionerOverCapacity'
               and o.subject = i.practitioner_id) as over_capacity
from practitioners i where {}
order by i.region, i.pdu_key, i.team, i.practitioner_id limit {} offset {}
"""
_TEAMS = """
select i.region, i.pdu, i.team, i.practitioners, i.percent, i.people,
       exists (select from items o where o.about <> 'person' and o.type = 'TeamOverCapacity'
               and o.region = i.region and o.pdu_key = i.pdu_key and o.team = i.team) as over_capacity
from teams i where {}
order by i.region, i.pdu_key, i.team
"""


async def workload(asked: Snapshot, viewer: Viewer, filters: Filters) -> Workload:
    """The workload of the teams and practitioners that the viewer may see; of these, one page."""
    found = _where(viewer, filters)
    teams = await found.fetch(asked, _TEAMS)
    practitioners: Sequence[Any] = []
    if viewer.sees_people:
        practitioners = await found.fetch(asked, _PRACTITIONERS, PAGE, (filters.page - 1) * PAGE)
    return Workload(practitioners, sum(team["practitioners"] for team in teams), teams)


async def all_practitioners(asked: Snapshot, viewer: Viewer, filters: Filters) -> AsyncIterator[Any]:
    """The workload of all practitioners that the viewer may see, one by one."""
    async for row in asked.each(*_where(viewer, filters).of(_PRACTITIONERS, None, 0)):
        yield row


def _where(viewer: Viewer, filters: Filters) -> Where:
    found = Where()
    found.within(viewer)
    found.add("i.region = {}", filters.region)
    found.add("i.pdu_key = {}", name_key(filters.pdu))
    found.add("i.team = {}", filters.team)
    return found


def columns(row: Any) -> list[Any]:
    """A practitioner as a row of the download."""
    return [
        row["region"],
        row["pdu"],
        row["team"],
        row["practitioner_id"],
        row["people"],
        round(row["percent"], 1) if row["percent"] is not None else None,
        row["percent_on"],
        gettext("yes") if row["over_capacity"] else gettext("no"),
    ]
