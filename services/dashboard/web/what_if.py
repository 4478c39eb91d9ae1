"""What if: the findings under the policy in force and under one that was tried, side by side.

Results come from `probation what-if --to-dashboard`. They are numbers and words about what never happened:
each page and each row of a download says which trial it is of.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.catalogue import CATALOGUE
from services.dashboard.model.what_ifs import ALL_UNITS
from services.dashboard.web.access import REGIONS, Viewer
from services.dashboard.web.filters import InAddress, filters_in
from services.dashboard.web.questions import Snapshot
from services.dashboard.web.today import delivery_units
from services.dashboard.web.translation import N_
from shared.answers.comparison import KINDS

PAGE = 100
"""Findings on one page."""
COLUMNS = ("in_force", "tried", *KINDS)
"""What is counted."""

NUMBER_DEFINITIONS = {
    N_("trial"): N_("name of the trial: nothing in this file has happened"),
    N_("by"): N_("what is counted: all, findings of a type, by rule, by region or by month"),
    N_("name"): N_(
        "type, rule, region or month; a finding that rests on several rules is counted under each"
    ),
    N_("in force"): N_(
        "findings that are right under the policy in force: those that stand, and open items that were "
        "resolved or ended"
    ),
    N_("tried"): N_("the same under the policy that was tried"),
    N_("appear"): N_("findings that are right under the policy tried only"),
    N_("vanish"): N_("findings that are right under the policy in force only"),
    N_("change"): N_(
        "findings about the same thing that say something else; counted where they are under the policy tried"
    ),
}
"""The columns of the download of numbers, and what they mean."""

FINDING_DEFINITIONS = {
    N_("trial"): N_("name of the trial: nothing in this file has happened"),
    N_("difference"): N_("appears, vanishes or changes under the policy tried"),
    N_("finding"): N_("type of the finding"),
    N_("about"): N_("ids of what it is about"),
    N_("case"): N_("case reference number; empty if it is about no person"),
    N_("date"): N_("date to which the finding belongs"),
    N_("in force"): N_("what it says under the policy in force; empty if there is none"),
    N_("tried"): N_("what it says under the policy tried; empty if there is none"),
    N_("delivery unit"): N_("probation delivery unit to which it belongs"),
    N_("region"): N_("probation region"),
    N_("rules"): N_("ids of the rules that it rests on"),
}
"""The columns of the download of findings, and what they mean."""


@dataclass(frozen=True, slots=True)
class Filters(InAddress):
    """What is asked for, as in the address; empty: everything."""

    region: str = ""
    pdu: str = ""
    finding: str = ""
    rule: str = ""
    month: str = ""
    difference: str = ""


def filters_of(given: Mapping[str, str]) -> Filters:
    """The filters in an address. Raises `WrongFilter`."""
    return filters_in(Filters, given, {"region": REGIONS, "finding": CATALOGUE, "difference": KINDS})


@dataclass(frozen=True)
class WhatIf:
    """What the page shows. `tables` are by finding, rule, region and month; `totals` and rows have `COLUMNS`.

    `differing` is how many findings differ that the filters find; `more` says whether the list goes on.
    """

    what_if: Any
    totals: Any
    tables: Mapping[str, Sequence[Any]]
    units: Sequence[str]
    findings: Sequence[Any]
    differing: int
    more: bool


_SCOPE = """
  and f.region = any($2::text[]) and ($4 = '' or f.region = $4) and ($5 = '' or f.type = $5)
  and ($6 = '' or $6 = any(f.rules)) and ($7 = '' or f.month = $7)
"""
_SUMS = ", ".join(f"coalesce(sum(f.{name}), 0)::int as {name}" for name in COLUMNS)
_NUMBERS = f"""
select case when grouping(f.type) = 0 then 'finding' when grouping(f.region) = 0 then 'region'
            when grouping(f.month) = 0 then 'month' else 'all' end as by,
       coalesce(f.type, f.region, f.month, '') as name, {_SUMS}
from public.what_if_counts f where f.what_if = $1 and f.pdu_key = $3 {_SCOPE}
group by grouping sets ((f.type), (f.region), (f.month), ())
order by 1, 2
"""  # noqa: S608
_RULES = f"""
select 'rule' as by, rule as name, {_SUMS}
from public.what_if_counts f cross join unnest(f.rules) as rule
where f.what_if = $1 and f.pdu_key = $3 {_SCOPE}
group by rule order by rule
"""  # noqa: S608
_FINDINGS = f"""
select f.*, s.token
from public.what_if_findings f left join subjects s on s.subject = f.subject and f.about = 'person'
where f.what_if = $1 and ($3 = '{ALL_UNITS}' or f.pdu_key = $3) {_SCOPE}
  and ($8 = '' or f.kind = $8)
  and (f.about <> 'person' or s.token is not null
       and (not (s.limited or f.limited) or f.subject = any($9::text[])))
order by f.day, f.n limit $10 offset $11
"""  # noqa: S608
_ALL = "select * from public.what_ifs order by published_at desc, id"
_ONE = "select * from public.what_ifs where id = $1"


async def results(asked: Snapshot) -> Sequence[Any]:
    """All results, the latest first."""
    return await asked.fetch(_ALL)


async def what_if(asked: Snapshot, viewer: Viewer, id: str, filters: Filters) -> WhatIf | None:
    """One result for this viewer with these filters, and one page of its findings. None: there is none."""
    found = await asked.one(_ONE, id)
    if found is None:
        return None
    values = _values(viewer, id, filters)
    numbers = await asked.fetch(_NUMBERS, *values)
    totals = next(row for row in numbers if row["by"] == "all")
    by = {name: [row for row in numbers if row["by"] == name] for name in ("finding", "region", "month")}
    rules = await asked.fetch(_RULES, *values)
    findings: Sequence[Any] = []
    if viewer.sees_people:
        rest = filters.difference, list(viewer.grants), PAGE + 1, (filters.page - 1) * PAGE
        findings = await asked.fetch(_FINDINGS, *values, *rest)
    return WhatIf(
        what_if=found,
        totals=totals,
        tables={"finding": _differing(by.pop("finding")), "rule": _differing(rules), **by},
        units=await delivery_units(asked, viewer, filters.region),
        findings=findings[:PAGE],
        differing=sum(totals[kind] for kind in KINDS if filters.difference in ("", kind)),
        more=len(findings) > PAGE,
    )


async def all_findings(asked: Snapshot, viewer: Viewer, id: str, filters: Filters) -> AsyncIterator[Any]:
    """All findings of one result that the viewer may see with these filters, one by one."""
    rest = filters.difference, list(viewer.grants), None, 0
    async for row in asked.each(_FINDINGS, *_values(viewer, id, filters), *rest):
        yield row


def _values(viewer: Viewer, id: str, filters: Filters) -> tuple[Any, ...]:
    return id, *_scope(viewer, filters), filters.region, filters.finding, filters.rule, filters.month


def _differing(rows: Sequence[Any]) -> list[Any]:
    """The rows in which most differs first."""
    return sorted(rows, key=lambda row: -sum(row[kind] for kind in KINDS))


def _scope(viewer: Viewer, filters: Filters) -> tuple[list[str], str]:
    """The regions and the delivery unit that are counted. Who sees all regions also sees what is in none."""
    regions, unit = viewer.scope_in(filters.pdu)
    return [*regions, ""] if set(regions) == set(REGIONS) else regions, unit or ALL_UNITS


def number_rows(shown: WhatIf) -> list[list[Any]]:
    """The numbers as rows of the download."""
    rows = [shown.totals, *(row for table in shown.tables.values() for row in table)]
    policy = shown.what_if["policy"]
    return [[policy, row["by"], row["name"], *(row[name] for name in COLUMNS)] for row in rows]


def columns(policy: str, row: Any) -> list[Any]:
    """A finding as a row of the download."""
    return [
        policy,
        row["kind"],
        row["type"],
        row["words"],
        row["subject"] if row["about"] == "person" else "",
        row["day"],
        row["in_force"],
        row["tried"],
        row["pdu"],
        row["region"],
        " ".join(row["rules"]),
    ]
