"""Workload: practitioners and teams, as the latest allocations have told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.dashboard.web.access import Viewer
from services.dashboard.web.questions import Snapshot
from services.dashboard.web.today import Filters
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
    teams: Sequence[Any]


_PLACE = """
where p.region = any($1::text[]) and ($2::text is null or p.pdu_key = $2)
  and ($3 = '' or p.region = $3) and ($4 = '' or p.pdu_key = $4) and ($5 = '' or p.team = $5)
"""
_PRACTITIONERS = f"""
select p.practitioner_id, p.region, p.pdu, p.team, p.percent,
       (p.percent_at at time zone 'Europe/London')::date as percent_on,
       (select count(distinct r.subject)::int from responsible r
        where r.practitioner_id = p.practitioner_id and (r.ended_on is null or r.ended_on >= $6)) as people,
       exists (select from items i where i.type = 'PractitionerOverCapacity'
               and i.subject = p.practitioner_id) as over_capacity
from practitioners p {_PLACE}
order by p.region, p.pdu_key, p.team, p.practitioner_id
"""  # noqa: S608
_TEAMS = f"""
select p.region, min(p.pdu) as pdu, p.team, count(*)::int as practitioners, avg(p.percent) as percent,
       (select count(distinct r.subject)::int from responsible r
        where r.region = p.region and r.pdu_key = p.pdu_key and r.team = p.team
          and (r.ended_on is null or r.ended_on >= $6)) as people,
       exists (select from items i where i.type = 'TeamOverCapacity' and i.region = p.region
               and i.pdu_key = p.pdu_key and i.team = p.team) as over_capacity
from practitioners p {_PLACE}
group by p.region, p.pdu_key, p.team
order by p.region, p.pdu_key, p.team
"""  # noqa: S608


async def workload(asked: Snapshot, viewer: Viewer, filters: Filters) -> Workload:
    """The workload of the practitioners and teams that the viewer may see."""
    regions, pdu_key = viewer.scope
    values = (*(regions, pdu_key, filters.region, name_key(filters.pdu), filters.team, asked.freshness.day),)
    practitioners: Sequence[Any] = []
    if viewer.sees_people:
        practitioners = await asked.fetch(_PRACTITIONERS, *values)
    return Workload(practitioners, await asked.fetch(_TEAMS, *values))


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
