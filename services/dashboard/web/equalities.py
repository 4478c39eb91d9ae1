"""Equalities: what a group of people achieved beside everybody else, in the tables made for each quarter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.dashboard.model.counting import WHOLE
from services.dashboard.model.publishing import NATION, POLICY, Quarter
from services.dashboard.web.access import REGIONS, Viewer
from services.dashboard.web.figures import Figure
from services.dashboard.web.filters import InAddress, WrongFilter, filters_in
from services.dashboard.web.performance import place_words
from services.dashboard.web.questions import Snapshot
from services.dashboard.web.translation import N_, gettext
from shared.answers.groups import GROUPS, REPORT_GROUPS
from shared.answers.listed import BY_KEY, MEASURES, Measure
from shared.answers.suppression import Name
from shared.probation.names import name_key

BY_GROUP = [measure for measure in MEASURES if measure.groups]
"""The measures that are looked at by group."""
EVERY_GROUP = {**GROUPS, **REPORT_GROUPS}
HIDDEN = "[c]"
"""What stands for a number that is not shown."""

DEFINITIONS = {
    N_("quarter"): N_("three months, by the date of what is counted"),
    N_("measure"): N_("what is counted"),
    N_("group"): N_("group of people, or of reports; everybody else includes those not recorded"),
    N_("place"): N_("the nation, a region or a delivery unit"),
    N_("achieved in the group"): N_("rounded; [c]: not shown, lest a small number be worked out"),
    N_("total in the group"): N_("of how many; rounded"),
    N_("achieved by everybody else"): N_(
        "rounded; [c]: not shown, so that no small number can be worked out"
    ),
    N_("total of everybody else"): N_("of how many; rounded"),
    N_("difference"): N_("percentage of the group less that of everybody else, in percentage points"),
    N_("ratio"): N_("percentage of the group divided by that of everybody else"),
    N_("explain or reform"): N_("yes if the ratio is less than the least or more than the greatest allowed"),
}
"""The columns of the download, and what they mean."""


@dataclass(frozen=True, slots=True)
class Filters(InAddress):
    """What is asked for, as in the address; empty: the latest quarter and the widest place."""

    quarter: str = ""
    measure: str = ""
    group: str = ""
    region: str = ""
    pdu: str = ""

    @property
    def counted(self) -> Measure:
        """The measure that is asked for: by default the first."""
        return BY_KEY[self.measure] if self.measure else BY_GROUP[0]

    @property
    def people(self) -> str:
        """The group that is asked for: by default the first by which the measure is looked at."""
        groups = self.counted.groups
        return self.group if self.group in groups else groups[0]


def filters_of(given: Mapping[str, str]) -> Filters:
    """The filters in an address. Raises `WrongFilter`."""
    measures = [measure.key for measure in BY_GROUP]
    known = {"region": REGIONS, "measure": measures, "group": EVERY_GROUP}
    return filters_in(Filters, given, known)


@dataclass(frozen=True, slots=True)
class Row:
    """A group in a place beside everybody else. None: not shown."""

    group: str
    place: str
    mine: Figure | None
    others: Figure | None
    least: float
    greatest: float

    @property
    def difference(self) -> float | None:
        """Percentage points by which the group differs."""
        if self._percents is None:
            return None
        mine, others = self._percents
        return mine - others

    @property
    def ratio(self) -> float | None:
        """The percentage of the group divided by that of everybody else."""
        if self._percents is None or not self._percents[1]:
            return None
        return self._percents[0] / self._percents[1]

    @property
    def to_explain(self) -> bool:
        """EQ-2: is the disparity to be explained or reformed?"""
        return self.ratio is not None and not self.least <= self.ratio <= self.greatest

    @property
    def _percents(self) -> tuple[float, float] | None:
        if self.mine is None or self.others is None:
            return None
        mine, others = self.mine.percent, self.others.percent
        return None if mine is None or others is None else (mine, others)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows. Without `quarter` no table has been made yet."""

    quarters: Sequence[Any]
    quarter: str | None
    made_on: date | None
    place: str
    groups: Sequence[Row]
    places: Sequence[Row]
    small: int
    to: int
    wait: int


async def equalities(asked: Snapshot, viewer: Viewer, filters: Filters) -> Shown:
    """The groups in a place, and a group in each place within it. Raises `WrongFilter`."""
    tables = await asked.fetch("select quarter, made_on from public.equality_tables order by quarter desc")
    chosen = next((t for t in tables if filters.quarter in ("", t["quarter"])), None)
    if filters.quarter and chosen is None:
        raise WrongFilter("There is no such quarter. Choose from the lists on the page.")
    name = _place(viewer, filters)
    values = POLICY.on(_quarter(chosen["quarter"]).last if chosen else asked.freshness.day)
    limits = float(values.number("least_ratio")), float(values.number("greatest_ratio"))
    measure = filters.counted

    def row(found: Any) -> Row:
        mine = others = None
        if found["total"] is not None:
            mine = Figure(measure, found["achieved"], found["total"])
            others = Figure(measure, found["others_achieved"], found["others_total"])
        return Row(found["group"], _words(found), mine, others, *limits)

    groups: list[Row] = []
    places: list[Row] = []
    if chosen is not None and may_see(viewer, name):
        what = (chosen["quarter"], measure.name)
        by_group = {r["group"]: row(r) for r in await asked.fetch(_GROUPS, *what, *name)}
        groups = [by_group[group] for group in measure.groups if group in by_group]
        within = await asked.fetch(_PLACES, *what, filters.people, *name)
        places = [row(r) for r in within if may_see(viewer, (r["region"], r["pdu_key"]))]
    return Shown(
        quarters=[table["quarter"] for table in tables],
        quarter=chosen["quarter"] if chosen else None,
        made_on=chosen["made_on"] if chosen else None,
        place=_words({"region": name[0], "pdu_key": name[1], "pdu": filters.pdu or viewer.pdu_key}),
        groups=groups,
        places=places,
        small=values.integer("small_number"),
        to=values.integer("rounded_to"),
        wait=values.integer("wait_days"),
    )


def may_see(viewer: Viewer, name: Name) -> bool:
    """Are the numbers of this place within what the viewer may see? Everybody may see those of the nation."""
    region, pdu_key = name
    return name == NATION or region in viewer.scope_in(pdu_key)[0]


def _place(viewer: Viewer, filters: Filters) -> Name:
    """The place that is asked for: by default the widest that is the viewer's own."""
    own_region = viewer.regions[0] if len(viewer.regions) == 1 and viewer.role != "national" else ""
    region = filters.region or own_region
    if not region:
        return NATION
    return region, name_key(filters.pdu) or viewer.pdu_key or WHOLE


def _words(found: Any) -> str:
    if (found["region"], found["pdu_key"]) == NATION:
        return gettext("England and Wales")
    return place_words(found["region"], found["pdu"], by_unit=found["pdu_key"] != WHOLE)


def _quarter(text: str) -> Quarter:
    year, number = text.split("-Q")
    return Quarter(int(year), int(number))


def columns(shown: Shown, filters: Filters) -> Iterable[list[Any]]:
    """What is shown as rows of the download."""
    for row in (*shown.groups, *shown.places):
        cells: list[Any] = [HIDDEN] * 4
        if row.mine is not None and row.others is not None:
            cells = [row.mine.achieved, row.mine.total, row.others.achieved, row.others.total]
        difference = None if row.difference is None else round(row.difference, 1)
        ratio = None if row.ratio is None else round(row.ratio, 2)
        words = gettext("yes") if row.to_explain else gettext("no")
        yield [
            shown.quarter,
            gettext(filters.counted.name),
            gettext(EVERY_GROUP[row.group]),
            row.place,
            *cells,
            difference,
            ratio,
            words if ratio is not None else None,
        ]


_COLUMNS = '"group", region, pdu_key, pdu, achieved, total, others_achieved, others_total'
_GROUPS = f"""
select {_COLUMNS} from public.equalities
where quarter = $1 and measure = $2 and region = $3 and pdu_key = $4
"""  # noqa: S608
_PLACES = f"""
select {_COLUMNS} from public.equalities
where quarter = $1 and measure = $2 and "group" = $3 and $5 = '*'
  and case when $4 = '' then region <> '' and pdu_key = '*' else region = $4 and pdu_key <> '*' end
order by region, pdu
"""  # noqa: S608
