"""Needs and places: what is unmet, what is missing and what is free now, in each region."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.dashboard.model.counting import WHOLE
from services.dashboard.web.access import REGIONS, Viewer
from services.dashboard.web.filters import InAddress, filters_in
from services.dashboard.web.performance import place_words, scope
from services.dashboard.web.questions import Snapshot
from services.dashboard.web.translation import N_, gettext
from shared.answers.listed import NOW, NOW_BY_NEED, Measure

DEFINITIONS = {
    N_("by"): N_("what the row is about: a place or a need"),
    N_("name"): N_("the place or the need"),
    **{measure.name: measure.definition for measure in NOW},
}
"""The columns of the download, and what they mean."""


@dataclass(frozen=True, slots=True)
class Filters(InAddress):
    """What is asked for, as in the address; empty: all regions."""

    region: str = ""
    pdu: str = ""


def filters_of(given: Mapping[str, str]) -> Filters:
    """The filters in an address. Raises `WrongFilter`."""
    return filters_in(Filters, given, {"region": REGIONS})


@dataclass(frozen=True, slots=True)
class Row:
    """A place or a need, with the number of each measure. Not every measure is known by need."""

    name: str
    region: str
    numbers: Mapping[Measure, int]


@dataclass(frozen=True, slots=True)
class Needs:
    """What the page shows."""

    places: Sequence[Row]
    needs: Sequence[Row]
    by_unit: bool


async def needs(asked: Snapshot, viewer: Viewer, filters: Filters) -> Needs:
    """What stands now, by place and by need."""
    regions, unit = scope(viewer, filters.region, filters.pdu)
    by_unit = unit != WHOLE or len(regions) == 1
    values = regions, unit, [measure.name for measure in NOW]
    places = await asked.fetch(_BY_UNIT if by_unit else _BY_REGION, *values)
    kinds = await asked.fetch(_BY_NEED, regions, unit, [measure.name for measure in NOW_BY_NEED])
    return Needs(
        [
            Row(place_words(key[0], key[1], by_unit), key[0], numbers)
            for key, numbers in _table(places, NOW, "region", "pdu").items()
        ],
        [Row(gettext(key[0]), "", numbers) for key, numbers in _table(kinds, NOW_BY_NEED, "kind").items()],
        by_unit,
    )


def _table(
    rows: Iterable[Any], measures: Iterable[Measure], *by: str
) -> dict[tuple[str, ...], dict[Measure, int]]:
    found: dict[tuple[str, ...], dict[Measure, int]] = {}
    known = {measure.name: measure for measure in measures}
    for row in rows:
        numbers = found.setdefault(tuple(row[name] for name in by), dict.fromkeys(known.values(), 0))
        numbers[known[row["measure"]]] = row["total"]
    return found


def columns(shown: Needs) -> Iterable[list[Any]]:
    """What is shown as rows of the download."""
    for row in shown.places:
        yield [gettext("place"), row.name, *map(row.numbers.get, NOW)]
    for row in shown.needs:
        yield [gettext("need"), row.name, *map(row.numbers.get, NOW)]


_SCOPE = """
where "group" = '' and region = any($1::text[]) and measure = any($3::text[])
"""
_BY_REGION = f"""
select region, '' as pdu, measure, sum(total)::bigint as total from sums {_SCOPE} and pdu_key = $2
group by region, measure order by region
"""  # noqa: S608
_BY_UNIT = f"""
select region, coalesce(pdu, '') as pdu, measure, sum(total)::bigint as total
from sums left join units using (region, pdu_key) {_SCOPE} and pdu_key <> '*' and $2 in ('*', pdu_key)
group by region, pdu_key, pdu, measure order by pdu nulls last, region
"""  # noqa: S608
_BY_NEED = f"""
select kind, measure, sum(total)::bigint as total from sums {_SCOPE} and pdu_key = $2 and kind <> ''
group by kind, measure order by kind
"""  # noqa: S608
