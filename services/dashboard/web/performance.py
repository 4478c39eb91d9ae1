"""Performance and outcomes: what was done and what was late, in a place over some months."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.dashboard.model.counting import WHOLE
from services.dashboard.web.access import REGIONS, Viewer
from services.dashboard.web.figures import Figure
from services.dashboard.web.filters import InAddress, WrongFilter, filters_in
from services.dashboard.web.questions import Snapshot
from services.dashboard.web.translation import N_, gettext, in_words
from shared.answers.listed import AREAS, Measure
from shared.answers.placing import month, months_to

PERIODS = (3, 12, 24)
"""How many months can be looked at together."""
PERIOD = 12
"""How many are looked at if nothing is chosen."""
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")

DEFINITIONS = {
    N_("area"): N_("part of the page"),
    N_("measure"): N_("what is counted"),
    N_("achieved"): N_("how many achieved it; for an average the days in all; empty for a plain count"),
    N_("total"): N_("of how many, or the count itself"),
    N_("percent"): N_("achieved as a percentage of the total, for shares"),
    N_("achieved before"): N_("the same in as many months before"),
    N_("total before"): N_("the same in as many months before"),
    N_("definition"): N_("what the number means"),
    N_("source"): N_("rules and passages of the founding documents"),
}
"""The columns of the download, and what they mean."""

DETAIL_DEFINITIONS = {
    N_("by"): N_("what the row is about: a month, a place or a kind"),
    N_("name"): N_("the month, the place or the kind"),
    N_("achieved"): N_("how many achieved it; for an average the days in all; empty for a plain count"),
    N_("total"): N_("of how many, or the count itself"),
    N_("percent"): N_("achieved as a percentage of the total, for shares"),
}
"""The columns of the download about one measure, and what they mean."""


@dataclass(frozen=True, slots=True)
class Filters(InAddress):
    """What is asked for, as in the address; empty: all places, and `PERIOD` months up to the day reached."""

    region: str = ""
    pdu: str = ""
    until: str = ""
    months: str = ""

    @property
    def period(self) -> int:
        """How many months are looked at."""
        return int(self.months or PERIOD)

    def span(self, day: date) -> tuple[list[str], list[str]]:
        """The months that are looked at, and as many before."""
        both = months_to(self.until or month(day), 2 * self.period)
        return both[self.period :], both[: self.period]


def filters_of(given: Mapping[str, str]) -> Filters:
    """The filters in an address. Raises `WrongFilter`."""
    found = filters_in(Filters, given, {"region": REGIONS, "months": [str(number) for number in PERIODS]})
    if found.until and not _MONTH.fullmatch(found.until):
        raise WrongFilter("Enter the last month as year and month, such as 2026-03.")
    return replace(found, months="") if found.period == PERIOD else found


def scope(viewer: Viewer, region: str, pdu: str) -> tuple[list[str], str]:
    """The regions and the delivery unit whose numbers are shown; no region if the viewer may not see them."""
    regions, unit = viewer.scope_in(pdu)
    return [one for one in regions if region in ("", one)], unit or WHOLE


@dataclass(frozen=True, slots=True)
class Row:
    """A measure in the months that are looked at, and in those before; None: nothing was to be counted."""

    measure: Measure
    now: Figure | None
    before: Figure | None


@dataclass(frozen=True, slots=True)
class Detail:
    """One measure by month, by place and by kind. `places` is what the places are."""

    measure: Measure
    whole: Figure | None
    months: Sequence[tuple[str, Figure | None]]
    places: Sequence[tuple[str, str, Figure]]
    by_unit: bool
    kinds: Sequence[tuple[str, Figure]]


async def performance(asked: Snapshot, viewer: Viewer, filters: Filters) -> dict[str, list[Row]]:
    """Each measure that has a number, by area of the page."""
    now, before = filters.span(asked.freshness.day)
    rows = await asked.fetch(
        _OVERVIEW, *scope(viewer, filters.region, filters.pdu), before[0], now[-1], now[0]
    )
    found = {(row["measure"], row["current"]): (row["achieved"], row["total"]) for row in rows}

    def figure(measure: Measure, current: bool) -> Figure | None:
        known = found.get((measure.name, current))
        return Figure(measure, *known) if known else None

    areas = {
        area: [Row(one, figure(one, True), figure(one, False)) for one in measures]
        for area, measures in AREAS.items()
    }
    known = {area: [row for row in rows if row.now or row.before] for area, rows in areas.items()}
    return {area: rows for area, rows in known.items() if rows}


async def detail(asked: Snapshot, viewer: Viewer, filters: Filters, measure: Measure) -> Detail:
    """One measure by month, by place and by kind."""
    months, _ = filters.span(asked.freshness.day)
    regions, unit = scope(viewer, filters.region, filters.pdu)
    values = (regions, unit, months[0], months[-1], measure.name)
    by_month = {
        row["month"]: Figure(measure, row["achieved"], row["total"])
        for row in await asked.fetch(_BY_MONTH, *values)
    }
    by_unit = unit != WHOLE or len(regions) == 1
    places = [
        (row["region"], row["pdu"], Figure(measure, row["achieved"], row["total"]))
        for row in await asked.fetch(_BY_UNIT if by_unit else _BY_REGION, *values)
    ]
    kinds = [
        (row["kind"], Figure(measure, row["achieved"], row["total"]))
        for row in await asked.fetch(_BY_KIND, *values)
    ]
    every = list(by_month.values())
    whole = Figure(measure, sum(f.achieved for f in every), sum(f.total for f in every)) if every else None
    return Detail(measure, whole, [(one, by_month.get(one)) for one in months], places, by_unit, kinds)


def columns(areas: Mapping[str, Iterable[Row]]) -> Iterable[list[Any]]:
    """The measures as rows of the download."""
    for area, rows in areas.items():
        for row in rows:
            achieved, total, percent = _cells(row.now)
            before = _cells(row.before)[:2]
            words = (gettext(row.measure.definition), row.measure.source)
            yield [gettext(area), gettext(row.measure.name), achieved, total, percent, *before, *words]


def detail_columns(shown: Detail) -> Iterable[list[Any]]:
    """One measure as rows of the download."""
    for name, figure in shown.months:
        yield [gettext("month"), name, *_cells(figure)]
    for region, pdu, figure in shown.places:
        yield [gettext("place"), place_words(region, pdu, shown.by_unit), *_cells(figure)]
    for kind, figure in shown.kinds:
        yield [gettext("kind"), gettext(kind), None, *_cells(figure)[1:2], None]


def place_words(region: str, pdu: str, by_unit: bool) -> str:
    """A region, or a delivery unit, as people read it."""
    return (pdu or gettext("Not in any delivery unit")) if by_unit else in_words(region)


def _cells(figure: Figure | None) -> tuple[int | None, int | None, float | None]:
    if figure is None:
        return None, None, None
    per = figure.measure.per
    achieved = None if figure.measure.shown_as == "count" else figure.achieved // per
    percent = None if figure.percent is None else round(figure.percent, 1)
    return achieved, figure.total // per, percent


_SUM = "sum(achieved)::bigint as achieved, sum(total)::bigint as total from sums"
_SCOPE = """
where "group" = '' and region = any($1::text[]) and pdu_key = $2 and month between $3 and $4
"""
_OVERVIEW = f"select measure, month >= $5 as current, {_SUM} {_SCOPE} group by 1, 2"
_BY_MONTH = f"select month, {_SUM} {_SCOPE} and measure = $5 group by month"
_BY_REGION = f"""
select region, '' as pdu, {_SUM} {_SCOPE} and measure = $5 group by region order by region
"""
_BY_KIND = f"""
select kind, {_SUM} {_SCOPE} and measure = $5 and kind <> '' group by kind order by 3 desc, 1
"""
_BY_UNIT = f"""
select region, coalesce(pdu, '') as pdu, {_SUM} left join units using (region, pdu_key)
where "group" = '' and region = any($1::text[]) and pdu_key <> '*' and $2 in ('*', pdu_key)
  and month between $3 and $4 and measure = $5
group by region, pdu_key, pdu order by pdu nulls last, region
"""
