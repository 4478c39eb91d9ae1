"""What needs doing today: what is open in a place, a team or a practitioner's caseload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.dashboard.web.access import REGIONS, Viewer
from services.dashboard.web.filters import InAddress, filters_in
from services.dashboard.web.questions import Snapshot
from services.dashboard.web.translation import N_, gettext
from services.dashboard.web.words import details_words
from shared.answers.open_items import TASKS
from shared.probation.names import name_key

PAGE = 100
"""Items on one page."""
WEEK = timedelta(days=7)

WHEN = {
    "overdue": N_("Overdue"),
    "today": N_("Due today"),
    "week": N_("Due in the next 7 days"),
    "later": N_("Due later"),
    "undated": N_("No date"),
}
"""The parts of the list, by when things are due."""

DEFINITIONS = {
    N_("due"): N_("date by which it is to be done; empty where no rule sets one"),
    N_("overdue"): N_("yes if that date is before the day reached"),
    N_("what"): N_("what is open"),
    N_("details"): N_("dates, codes and amounts of the finding"),
    N_("case"): N_("case reference number; empty if it is about no person"),
    N_("who must act"): N_("id of the person or provider who must act; empty if not known"),
    N_("as"): N_("in which capacity they act"),
    N_("next step"): N_("what they are to do"),
    N_("practitioner"): N_("id of the responsible practitioner"),
    N_("team"): N_("team of that practitioner"),
    N_("delivery unit"): N_("probation delivery unit where the case is supervised"),
    N_("region"): N_("probation region"),
    N_("rules"): N_("ids of the rules that it rests on"),
}
"""The columns of the download, and what they mean."""


@dataclass(frozen=True, slots=True)
class Filters(InAddress):
    """What is asked for, as in the address; empty: everything."""

    region: str = ""
    pdu: str = ""
    team: str = ""
    practitioner: str = ""
    kind: str = ""
    when: str = ""


def filters_of(given: Mapping[str, str]) -> Filters:
    """The filters in an address. Raises `WrongFilter`."""
    return filters_in(Filters, given, {"region": REGIONS, "kind": TASKS, "when": WHEN})


@dataclass(frozen=True)
class Today:
    """What the page shows. `listed` is how many items the list has, `closed` how many it may not show."""

    day: date
    counts: Mapping[str, int]
    kinds: Sequence[Any]
    places: Sequence[Any]
    items: Sequence[Any]
    listed: int
    closed: int

    @property
    def open(self) -> int:
        """How many items are open."""
        return sum(self.counts.values())


_SCOPE = """
from open_items i
where (i.region = any($1::text[]) and ($2::text is null or i.pdu_key = $2) or i.practitioner_id = $3)
  and ($4 = '' or i.region = $4) and ($5 = '' or i.pdu_key = $5) and ($6 = '' or i.team = $6)
  and ($7 = '' or i.practitioner_id = $7 or i.who = $7) and ($8 = '' or i.type = $8)
"""
_WHEN = """
case when i.due_on is null then 'undated' when i.due_on < $9 then 'overdue' when i.due_on = $9 then 'today'
     when i.due_on <= $10 then 'week' else 'later' end
"""
_COUNTS = f"""
select i.type, {_WHEN} as due, i.region, count(*)::int as number {_SCOPE} group by 1, 2, 3
"""
_ITEMS = f"""
select i.*, i.due_on < $9 as overdue, count(*) over ()::int as listed {_SCOPE}
  and ($11 = '' or {_WHEN} = $11) and (not i.limited or i.subject = any($12::text[]))
order by i.due_on nulls last, i.type, i.event_id
limit $13 offset $14
"""
_PDUS = """
select distinct on (i.pdu_key) i.pdu from open_items i
where i.pdu <> '' and i.region = any($1::text[]) and ($2::text is null or i.pdu_key = $2)
  and ($3 = '' or i.region = $3)
order by i.pdu_key
"""


async def today(asked: Snapshot, viewer: Viewer, filters: Filters, most: int | None = PAGE) -> Today:
    """What is open for this viewer with these filters; `most` items of it, or all."""
    day = asked.freshness.day
    values = _values(viewer, filters, day)
    groups = await asked.fetch(_COUNTS, *values)
    counts = dict.fromkeys(WHEN, 0)
    for row in groups:
        counts[row["due"]] += row["number"]
    items: Sequence[Any] = []
    if viewer.sees_people:
        offset = (filters.page - 1) * (most or 0)
        items = await asked.fetch(_ITEMS, *values, filters.when, list(viewer.grants), most, offset)
    listed = items[0]["listed"] if items else 0
    wanted = counts[filters.when] if filters.when else sum(counts.values())
    beyond = not items and filters.page > 1
    return Today(
        day=day,
        counts=counts,
        kinds=_by(groups, "type"),
        places=_by(groups, "region"),
        items=items,
        listed=listed,
        closed=0 if beyond or not viewer.sees_people else wanted - listed,
    )


async def delivery_units(asked: Snapshot, viewer: Viewer, region: str) -> list[str]:
    """The delivery units to choose from."""
    regions, pdu_key = viewer.scope
    return [row["pdu"] for row in await asked.fetch(_PDUS, regions, pdu_key, region)]


def _values(viewer: Viewer, filters: Filters, day: date) -> tuple[Any, ...]:
    regions, pdu_key = viewer.scope
    return (
        regions,
        pdu_key,
        viewer.name if viewer.role == "practitioner" else None,
        filters.region,
        name_key(filters.pdu),
        filters.team,
        filters.practitioner,
        filters.kind,
        day,
        day + WEEK,
    )


def _by(groups: Sequence[Any], field: str) -> list[dict[str, Any]]:
    """Open and overdue items by type or region, in the order of the words."""
    found: dict[str, dict[str, Any]] = {}
    for row in groups:
        name = row[field]
        one = found.setdefault(name, {"name": name, "open": 0, "overdue": 0, "today": 0})
        one["open"] += row["number"]
        if row["due"] in ("overdue", "today"):
            one[row["due"]] += row["number"]
    return [found[name] for name in sorted(found)]


def columns(item: Any) -> list[Any]:
    """An item as a row of the download."""
    return [
        item["due_on"],
        gettext("yes") if item["overdue"] else gettext("no"),
        gettext(item["title"]),
        details_words(item["details"]),
        item["subject"] if item["about"] == "person" else "",
        item["who"],
        gettext(item["role"]),
        gettext(item["step"]),
        item["practitioner_id"],
        item["team"],
        item["pdu"],
        item["region"],
        " ".join(item["rules"]),
    ]
