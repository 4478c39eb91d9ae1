"""Makes the tables by group of people: once for each quarter, some time after its end.

They are about quarters, which do not overlap, and they never change. So nothing can be worked out by
comparing one day's tables with the next day's, and filters choose among what is shown and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple, get_args

from schemas.words import Region
from services.dashboard.model.counting import WHOLE
from shared.answers.listed import MEASURES, Measure
from shared.answers.suppression import Area, Name, Result, rounded, withheld
from shared.calendar import add_months
from shared.policy import Policy

POLICY = Policy.load(Path(__file__).parents[1] / "policy.toml", "dashboard")
KEPT = 4
"""How many quarters back tables are made, where there are none yet."""

NATION: Name = ("", WHOLE)


class Quarter(NamedTuple):
    """Three months of a year."""

    year: int
    number: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return add_months(self.first, 3) - timedelta(days=1)

    @property
    def months(self) -> list[str]:
        """Its months, such as 2026-03."""
        return [f"{add_months(self.first, n):%Y-%m}" for n in range(3)]

    @property
    def before(self) -> Quarter:
        """The one before it."""
        return quarter_of(self.first - timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"


def quarter_of(day: date) -> Quarter:
    """The quarter of a day."""
    return Quarter(day.year, (day.month + 2) // 3)


def due(day: date) -> list[Quarter]:
    """The quarters whose tables are due on that day, the latest first."""
    found: list[Quarter] = []
    quarter = quarter_of(day)
    while len(found) < KEPT:
        quarter = quarter.before
        if POLICY.on(quarter.last).within(quarter.last, "wait_days") <= day:
            found.append(quarter)
    return found


async def publish(connection: Any, schema: str) -> None:
    """Make the tables that are due and not made yet, from a read model that is current."""
    async with connection.transaction():
        await connection.execute(f"set local search_path to {schema}, public")
        day = await connection.fetchval("select day from state where up_to > now() - interval '1 minute'")
        if day is None:
            return
        made = {row["quarter"] for row in await connection.fetch("select quarter from equality_tables")}
        for quarter in due(day):
            if str(quarter) not in made:
                await _publish(connection, quarter, day)


async def _publish(connection: Any, quarter: Quarter, day: date) -> None:
    values = POLICY.on(quarter.last)
    least, to = values.integer("small_number"), values.integer("rounded_to")
    counted = await _counted(connection, quarter)
    units = {
        (row["region"], row["pdu_key"]): row["pdu"] for row in await connection.fetch("select * from units")
    }
    await connection.execute(
        "insert into equality_tables values ($1, $2, $3)", str(quarter), day, values.version
    )
    rows = [
        (str(quarter), measure.name, group, *name, units.get(name, ""), *cells)
        for measure in MEASURES
        for group in measure.groups
        if (whole := _whole(counted, measure, group)).size
        for name, cells in shown(whole, least, to).items()
    ]
    await connection.executemany(
        "insert into equalities values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", rows
    )


Cells = tuple[int, int, int, int] | tuple[None, None, None, None]
HIDDEN: Cells = (None, None, None, None)


def shown(whole: Area, least: int, to: int) -> dict[Name, Cells]:
    """What is shown of each area: how many achieved it of how many, of the group and of everybody else."""
    hidden = withheld(whole, least)
    return {
        area.name: HIDDEN
        if area.name in hidden
        else (
            rounded(area.group.achieved, to),
            rounded(area.group.total, to),
            rounded(area.others.achieved, to),
            rounded(area.others.total, to),
        )
        for area in whole.all()
    }


Counted = Mapping[tuple[str, str], Mapping[Name, Result]]
"""By measure and group (empty: everybody), by area."""


async def _counted(connection: Any, quarter: Quarter) -> Counted:
    found: dict[tuple[str, str], dict[Name, Result]] = {}
    for row in await connection.fetch(_SUMS, quarter.months, list(_REGIONS)):
        result = Result(row["achieved"], row["total"] - row["achieved"])
        found.setdefault((row["measure"], row["group"]), {})[row["region"], row["pdu_key"]] = result
    return found


def _whole(counted: Counted, measure: Measure, group: str) -> Area:
    """The nation with its regions and their delivery units."""
    everybody = counted.get((measure.name, ""), {})
    members = counted.get((measure.name, group), {})
    nobody = Result(0, 0)

    def area(name: Name, parts: tuple[Area, ...] = ()) -> Area:
        return Area(name, everybody[name], members.get(name, nobody), parts)

    def regions() -> Iterator[Area]:
        for region in sorted({region for region, _ in everybody}):
            names = sorted(name for name in everybody if name[0] == region and name[1] != WHOLE)
            yield area((region, WHOLE), tuple(map(area, names)))

    parts = tuple(regions())
    return Area(NATION, _sum(part.everybody for part in parts), _sum(part.group for part in parts), parts)


def _sum(results: Iterable[Result]) -> Result:
    every = list(results)
    return Result(sum(one.achieved for one in every), sum(one.missed for one in every))


_REGIONS = get_args(Region)

_SUMS = """
select "group", measure, region, pdu_key, sum(achieved)::int as achieved, sum(total)::int as total
from sums where month = any($1::text[]) and region = any($2::text[])
group by "group", measure, region, pdu_key
"""
