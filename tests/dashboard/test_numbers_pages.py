"""What the pages of numbers show, and to whom."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from services.dashboard.model import counting
from services.dashboard.model.publishing import publish
from services.dashboard.web.figures import chart
from shared.answers.listed import MEASURES
from shared.answers.measures import counts
from shared.answers.standing import Standing
from shared.probation.names import name_key
from tests.dashboard.site import PROXY_KEY, Site

NATIONAL = {"user": "N1", "role": "national", "proxy_key": PROXY_KEY}
DAY = date(2025, 7, 31)


class Tables(HTMLParser):
    """The tables of a page, as rows of the words in their cells."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._open = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.rows[-1][-1] += data

    def row(self, name: str) -> list[str]:
        """The numbers in the first row of that name."""
        found = next(row for row in self.rows if row and row[0].strip().startswith(name))
        return [cell.strip() for cell in found[1:]]


def downloaded(text: str) -> tuple[list[str], list[str], list[list[str]]]:
    """The columns of a file, what they mean, and its rows."""
    header, definitions, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    return header, definitions, rows


# -- performance -----------------------------------------------------------------------------------------


async def test_performance_shows_what_stands_in_the_region_and_no_other(site: Site) -> None:
    counted = counts(Standing(site.played.events))
    name = "sentences allocated on time"
    regions = {place.region for measure, place, _ in counted if measure == name}
    assert len(regions) > 1
    for region in regions:
        of_region = [c for (m, place, _), c in counted.items() if m == name and place.region == region]
        page = await site.get("/performance?months=24", **site.region(region))
        words = f"{sum(c.achieved for c in of_region)} of {sum(c.total for c in of_region)}"
        assert Tables(page.text).row("Sentences allocated on time")[0] == words


async def test_each_number_has_its_definition_and_source_beside_it(site: Site) -> None:
    page = await site.get("/performance", **NATIONAL)
    assert "first allocations by their due date, of all that were made or are overdue" in page.text
    assert "(ALLOC-1; s4:108)" in page.text


async def test_the_download_is_what_the_page_shows_with_what_its_columns_mean(site: Site) -> None:
    page = Tables((await site.get("/performance?months=3", **NATIONAL)).text)
    header, definitions, rows = downloaded((await site.get("/performance.csv?months=3", **NATIONAL)).text)
    assert (header[1], definitions[1]) == ("measure", "what is counted")
    shown = [row for row in page.rows if len(row) == 5 and row[0] != "Measure"]
    assert len(rows) == len(shown) > 10
    for row, cells in zip(rows, shown, strict=True):
        assert cells[0].strip().lower().startswith(row[1])
        number = f"{int(row[2]):,} of {int(row[3]):,}" if row[2] and row[4] else None
        assert number is None or cells[1] == number


async def test_one_measure_by_month_place_and_kind_adds_up(site: Site) -> None:
    page = await site.get("/performance/requirements-completed?months=24", **NATIONAL)
    assert page.status == 200
    _, _, rows = downloaded(
        (await site.get("/performance/requirements-completed.csv?months=24", **NATIONAL)).text
    )
    totals = {by: sum(int(row[3] or 0) for row in rows if row[0] == by) for by in ("month", "place", "kind")}
    assert len(set(totals.values())) == 1
    assert totals["month"] > 0
    assert "<svg" in page.text
    assert "RAR-6" in page.text


async def test_every_measure_has_a_page(site: Site) -> None:
    for measure in MEASURES:
        page = await site.get(f"/performance/{measure.key}", **NATIONAL)
        assert page.status == 200, measure.name
        assert measure.source in page.text


async def test_a_manager_sees_the_numbers_of_their_delivery_unit(site: Site) -> None:
    [unit] = await site.read.rows(
        "select region, pdu_key, sum(achieved)::int as achieved, sum(total)::int as total from sums "
        "where measure = 'sentences allocated on time' and \"group\" = '' and pdu_key not in ('', '*') "
        "group by 1, 2 order by 1, 2 limit 1"
    )
    who = {
        "user": "M1",
        "role": "manager",
        "region": unit["region"],
        "pdu": unit["pdu_key"],
        "proxy_key": PROXY_KEY,
    }
    page = await site.get("/performance?months=24", **who)
    words = f"{unit['achieved']} of {unit['total']}"
    assert Tables(page.text).row("Sentences allocated on time")[0] == words
    elsewhere = await site.get("/performance?pdu=Elsewhere", **who)
    assert "Nothing was counted that matches these filters." in elsewhere.text


async def test_an_operator_sees_no_numbers(site: Site) -> None:
    operator = {"user": "O1", "role": "operator", "proxy_key": PROXY_KEY}
    for path in ("performance", "performance/home-visits-in-time", "equalities", "needs"):
        for address in (f"/{path}", f"/{path}.csv"):
            assert (await site.get(address, **operator)).status == 403, address


@pytest.mark.parametrize(
    "address",
    [
        "/performance?region=atlantis",
        "/performance?months=7",
        "/performance?until=March",
        "/equalities?measure=nothing",
        "/equalities?group=nobody",
        "/equalities?quarter=1999-Q1",
        "/needs?region=atlantis",
    ],
)
async def test_a_wrong_filter_is_said_in_words(site: Site, address: str) -> None:
    page = await site.get(address, **NATIONAL)
    assert page.status == 400
    assert "There is a problem" in page.text


async def test_a_measure_that_there_is_not_is_said_in_words(site: Site) -> None:
    page = await site.get("/performance/nothing", **NATIONAL)
    assert (page.status, "There is no such measure." in page.text) == (404, True)


async def test_with_no_facts_the_pages_say_that_nothing_is_counted(empty: Site) -> None:
    await empty.read.serve()
    assert "Nothing has been counted yet." in (await empty.get("/performance", **NATIONAL)).text
    assert (
        "Nothing has been counted yet."
        in (await empty.get("/performance/outcomes-achieved", **NATIONAL)).text
    )
    assert "No table has been made yet." in (await empty.get("/equalities", **NATIONAL)).text
    assert "nothing has been published about it yet." in (await empty.get("/needs", **NATIONAL)).text


def test_the_bars_of_a_chart_are_as_high_as_their_numbers() -> None:
    drawn = chart([("Jan", 50.0, "50%"), ("Feb", None, ""), ("Mar", 100.0, "100%")], percent=True)
    assert [bar.height for bar in drawn.bars] == [100, 0, 200]
    assert [words for _, words in drawn.ticks] == ["0%", "50%", "100%"]
    assert chart([("Jan", 37.0, "37")]).ticks[-1][1] == "50"
    assert chart([]).bars == []


# -- equalities ------------------------------------------------------------------------------------------


def outcome(who: str, region: str, unit: str, achieved: int, total: int, *groups: str) -> counting.Row:
    values = (name_key(unit), unit, "2025-05", "", achieved, total, ",".join(groups))
    return who, "outcomes achieved", region, *values


async def tables(site: Site, rows: Iterable[counting.Row]) -> None:
    """Tables by group that are made of these outcomes."""
    known = list(rows)
    await site.read.rows("update state set day = $1, up_to = now()", DAY)
    await counting.replace(site.read.connection, [one[0] for one in known], known)
    await publish(site.read.connection, site.read.model.schema)
    await site.read.serve()


ROWS = (
    outcome("A", "london", "camden", 30, 60, "women"),
    outcome("B", "london", "camden", 80, 100),
    outcome("C", "london", "hackney", 20, 40, "women"),
    outcome("D", "london", "hackney", 60, 90),
    outcome("E", "wales", "gwent", 50, 80, "women", "care_leaver"),
    outcome("F", "wales", "gwent", 70, 100),
    outcome("G", "north_east", "tees", 1, 9, "women"),
    outcome("H", "north_east", "tees", 70, 90),
)


async def test_a_disparity_is_to_be_explained_or_reformed(empty: Site) -> None:
    await tables(empty, ROWS)
    page = await empty.get("/equalities", **NATIONAL)
    women = Tables(page.text).row("Women")
    assert women[:2] == ["100 of 190", "52.6%"]
    assert women[-1] == "To explain or reform"
    assert "The tables of 2025-Q2 were made on 31 July 2025 and do not change." in page.text


async def test_what_could_give_a_small_number_away_is_not_shown(empty: Site) -> None:
    await tables(empty, ROWS)
    page = await empty.get("/equalities", **NATIONAL)
    for region in ("North East", "Wales"):
        assert Tables(page.text).row(region)[0] == "[c]"
    _, _, rows = downloaded((await empty.get("/equalities.csv", **NATIONAL)).text)
    hidden = {row[3]: row[4:8] for row in rows if row[2] == "Women"}
    assert hidden["North East"] == hidden["Wales"] == ["[c]"] * 4
    assert hidden["England and Wales"] == ["100", "190", "280", "380"]


async def test_a_region_sees_its_units_and_the_nation_and_no_other_region(empty: Site) -> None:
    await tables(empty, ROWS)
    who = empty.region("london")
    page = await empty.get("/equalities", **who)
    assert Tables(page.text).row("camden")[0] == "30 of 60"
    other = await empty.get("/equalities?region=wales", **who)
    assert "outside the places that you work in" in other.text
    assert "gwent" not in other.text


async def test_filters_of_the_tables_choose_a_group_and_a_measure(empty: Site) -> None:
    await tables(empty, ROWS)
    page = await empty.get("/equalities?group=care_leaver&quarter=2025-Q2", **NATIONAL)
    assert "By place: Care leavers" in page.text
    none = await empty.get("/equalities?measure=home-visits-in-time", **NATIONAL)
    assert "Nothing was counted in this place in this quarter" in none.text


# -- needs and places ------------------------------------------------------------------------------------


def need(who: str, measure: str, region: str, number: int, kind: str = "") -> counting.Row:
    return who, measure, region, "", "", "2025-05", kind, number, number, ""


async def test_needs_and_places_are_told_by_region_and_by_need(empty: Site) -> None:
    await empty.read.rows("select 1")
    rows = (
        need("A", "needs unmet", "london", 2, "accommodation"),
        need("B", "needs unmet", "wales", 1, "non dependent alcohol"),
        need("london", "coverage gaps", "london", 1, "accommodation"),
        need("london", "free places", "london", 40),
    )
    await counting.replace(empty.read.connection, [one[0] for one in rows], rows)
    await empty.read.serve()
    page = Tables((await empty.get("/needs", **NATIONAL)).text)
    assert page.row("London") == ["2", "1", "0", "40", "0"]
    assert page.row("Wales") == ["1", "0", "0", "0", "0"]
    assert page.row("Accommodation") == ["2", "1"]
    _, _, cells = downloaded((await empty.get("/needs.csv", **NATIONAL)).text)
    assert ["place", "London", "2", "1", "0", "40", "0"] in cells
    own = await empty.get("/needs", **empty.region("wales"))
    assert "40" not in [cell for row in Tables(own.text).rows for cell in row]
