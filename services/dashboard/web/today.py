"""What needs doing today: what is open in a place, a team or a practitioner's caseload."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.dashboard.model.parts import in_part, part_of
from services.dashboard.web.access import REGIONS, Viewer
from services.dashboard.web.filters import InAddress, filters_in
from services.dashboard.web.questions import Snapshot, Where
from services.dashboard.web.translation import N_, gettext
from services.dashboard.web.words import details_words
from shared.answers.open_items import TASKS
from shared.probation.names import name_key

PAGE = 100
"""Items on one page."""
PAGES = 10
"""Pages of one list. Whoever needs more chooses a place or a kind, or downloads all."""

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


_COUNTS = """
select i.type, {part} as part, i.region, count(*)::int as number,
       count(*) filter (where i.limited)::int as limited
from items i where {{}} group by 1, 2, 3
"""
_KEPT_COUNTS = """
select i.type, i.part, i.region, sum(i.number)::int as number, sum(i.limited)::int as limited
from open_counts i where i.number > 0 and {} group by 1, 2, 3
"""
_GRANTED = "select count(*)::int as number from items i where i.limited and {}"
_ITEMS = """
select i.* from open_items i where {} order by i.due_on, i.type, i.event_id limit {} offset {}
"""
_UNITS = "select distinct on (i.pdu_key) i.pdu from units i where {} order by i.pdu_key"


async def today(asked: Snapshot, viewer: Viewer, filters: Filters) -> Today:
    """What is open for this viewer with these filters, and one page of it."""
    found, day = _where(viewer, filters), asked.freshness.day
    if filters.practitioner or viewer.role == "practitioner":
        groups = await found.fetch(asked, _COUNTS.format(part=part_of(found.value(day))))
    else:
        groups = await found.fetch(asked, _KEPT_COUNTS)
    counts = dict.fromkeys(WHEN, 0)
    for row in groups:
        counts[row["part"]] += row["number"]
    items: Sequence[Any] = []
    closed = listed = 0
    if viewer.sees_people:
        wanted = [row for row in groups if filters.when in ("", row["part"])]
        closed = sum(row["limited"] for row in wanted) - await _granted(asked, viewer, filters)
        listed = sum(row["number"] for row in wanted) - closed
        items = await _list(asked, viewer, filters).fetch(asked, _ITEMS, PAGE, (filters.page - 1) * PAGE)
    return Today(
        day=day,
        counts=counts,
        kinds=_by(groups, "type"),
        places=_by(groups, "region"),
        items=items,
        listed=listed,
        closed=closed,
    )


async def all_items(asked: Snapshot, viewer: Viewer, filters: Filters) -> AsyncIterator[Any]:
    """All items of the list, one by one."""
    async for item in asked.each(*_list(asked, viewer, filters).of(_ITEMS, None, 0)):
        yield item


async def delivery_units(asked: Snapshot, viewer: Viewer, region: str) -> list[str]:
    """The delivery units to choose from."""
    found = Where()
    found.within(viewer)
    found.add("i.region = {}", region)
    return [row["pdu"] for row in await found.fetch(asked, _UNITS)]


def _where(viewer: Viewer, filters: Filters) -> Where:
    """The conditions for what is open in the place and of the kind asked for."""
    found = Where()
    found.within(viewer, own="i.practitioner_id" if viewer.role == "practitioner" else "")
    found.add("i.region = {}", filters.region)
    found.add("i.pdu_key = {}", name_key(filters.pdu))
    found.add("i.team = {}", filters.team)
    found.add("(i.practitioner_id = {0} or i.who = {0})", filters.practitioner)
    found.add("i.type = {}", filters.kind)
    return found


def _in_part(asked: Snapshot, viewer: Viewer, filters: Filters) -> Where:
    """The same, in the part of the list asked for."""
    found = _where(viewer, filters)
    if filters.when:
        found.conditions.append(in_part(filters.when, found.value(asked.freshness.day)))
    return found


def _list(asked: Snapshot, viewer: Viewer, filters: Filters) -> Where:
    """The same, as far as the viewer may see it item by item."""
    found = _in_part(asked, viewer, filters)
    granted = f" or i.subject = any({found.value(viewer.grants)}::text[])" if viewer.grants else ""
    found.conditions.append(f"(not i.limited{granted})")
    return found


async def _granted(asked: Snapshot, viewer: Viewer, filters: Filters) -> int:
    """How many items of limited-access cases the viewer may see."""
    if not viewer.grants:
        return 0
    found = _in_part(asked, viewer, filters)
    found.add("i.subject = any({}::text[])", viewer.grants)
    [row] = await found.fetch(asked, _GRANTED)
    number: int = row["number"]
    return number


def _by(groups: Sequence[Any], field: str) -> list[dict[str, Any]]:
    """Open and overdue items by type or region, in the order of the words."""
    found: dict[str, dict[str, Any]] = {}
    for row in groups:
        name = row[field]
        one = found.setdefault(name, {"name": name, "open": 0, "overdue": 0, "today": 0})
        one["open"] += row["number"]
        if row["part"] in ("overdue", "today"):
            one[row["part"]] += row["number"]
    return [found[name] for name in sorted(found)]


def columns(item: Any, day: date) -> list[Any]:
    """An item as a row of the download."""
    overdue = item["due_on"] is not None and item["due_on"] < day
    return [
        item["due_on"],
        gettext("yes") if overdue else gettext("no"),
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
