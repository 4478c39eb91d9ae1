"""Business days, months and years, compared with the rules' worked examples and the `holidays` package."""

import tomllib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import holidays
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared import calendar
from shared.calendar import (
    CALENDAR,
    Calendar,
    CalendarError,
    DayUnit,
    add_months,
    business_days_after,
    business_days_before,
    days_after,
    is_business_day,
    london_date,
    months_before,
    period,
    period_index,
    regular_bank_holidays,
    within,
    year_beginning,
)
from tests.table import table

DAY = timedelta(days=1)
FILE = Path(calendar.__file__).with_name("bank_holidays.toml")
LISTED: list[dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))["holiday"]
WITHOUT_STATE_FUNERAL = Calendar({e["date"]: e["name"] for e in LISTED if e["date"] != date(2022, 9, 19)})

# The regular pattern has been law since 1978 at the latest. The table extends it so that no date fails.
FIRST_YEAR, LAST_YEAR = 1990, 2100

ORACLE = holidays.country_holidays("GB", subdiv="ENG", years=range(FIRST_YEAR, LAST_YEAR + 1))

days = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))
days_within_reach = st.dates(date(1992, 1, 1), date(2098, 12, 31))
any_day = st.dates(date(1900, 1, 1), date(2200, 12, 31))
month_ends = any_day.map(lambda d: add_months(d.replace(day=1), 1) - DAY)
anchors = any_day | month_ends


# --- worked examples ---


DUE = {
    "E1 within five business days of Christmas Eve": ("2026-12-24", 5, "business_days", "2027-01-05"),
    "E2 within five business days of a Monday is the next": ("2026-06-01", 5, "business_days", "2026-06-08"),
    "E4 of a Saturday before a holiday, Tuesday is day 1": ("2026-05-23", 5, "business_days", "2026-06-01"),
    "E5 five calendar days run through Christmas": ("2026-12-24", 5, "calendar_days", "2026-12-29"),
    "E18 of a bank holiday, the next business day is day 1": (
        "2026-05-04",
        20,
        "business_days",
        "2026-06-02",
    ),
    "E22 evidence is awaited for five business days": ("2026-12-21", 5, "business_days", "2026-12-30"),
    "E22 or for six business days": ("2026-12-21", 6, "business_days", "2026-12-31"),
    "E22 or for seven calendar days, even to a bank holiday": (
        "2026-12-21",
        7,
        "calendar_days",
        "2026-12-28",
    ),
    "E38 within twenty business days of Christmas Eve": ("2026-12-24", 20, "business_days", "2027-01-26"),
    "within no days is the day itself": ("2026-05-04", 0, "business_days", "2026-05-04"),
}


@pytest.mark.parametrize(("d", "n", "unit", "due"), DUE.values(), ids=DUE)
def test_within(d: str, n: int, unit: DayUnit, due: str) -> None:
    assert within(date.fromisoformat(d), n, unit) == date.fromisoformat(due)


@table(
    """
    | case                                 | instant                   | day        |
    | E7 22:59 UTC in summer is 23:59      | 2026-06-08T22:59:00+00:00 | 2026-06-08 |
    | E7 23:15 UTC in summer is tomorrow   | 2026-06-08T23:15:00+00:00 | 2026-06-09 |
    | 23:15 UTC in winter is today         | 2026-12-08T23:15:00+00:00 | 2026-12-08 |
    | the night the clocks go forward      | 2026-03-29T00:59:59+00:00 | 2026-03-29 |
    | the night the clocks go back         | 2026-10-24T23:30:00+00:00 | 2026-10-25 |
    | an offset east is taken into account | 2026-06-09T08:00:00+09:00 | 2026-06-09 |
    | an offset can make it yesterday      | 2026-06-09T07:00:00+09:00 | 2026-06-08 |
    """,
)
def test_london_date(instant: str, day: str) -> None:
    assert london_date(datetime.fromisoformat(instant)) == date.fromisoformat(day)


def test_an_instant_without_a_time_zone_has_no_date_in_london() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        london_date(datetime(2026, 6, 8, 12, 0))  # noqa: DTZ001


def test_e16_months_from_31_january_start_on_the_last_day_of_shorter_months() -> None:
    anchor = date(2027, 1, 31)
    starts = [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30), date(2027, 5, 31)]
    assert [period(anchor, k)[0] for k in range(5)] == starts
    assert period(anchor, 0) == (date(2027, 1, 31), date(2027, 2, 27))
    assert [period_index(anchor, date(2027, 2, 20)), period_index(anchor, date(2027, 2, 28))] == [0, 1]


@table(
    """
    | case                                              | d          | last       |
    | E24 a warning of 14 January covers 13 January     | 2026-01-14 | 2027-01-13 |
    | E45 twelve months of 1 February end on 31 January | 2027-02-01 | 2028-01-31 |
    | SH-4 a leap day's year ends on 28 February        | 2028-02-29 | 2029-02-28 |
    | a year from 1 March can end on a leap day         | 2027-03-01 | 2028-02-29 |
    | a year from 28 February ends on the 27th          | 2027-02-28 | 2028-02-27 |
    | a year from New Year's Day is a calendar year     | 2027-01-01 | 2027-12-31 |
    """,
)
def test_twelve_months_beginning_with(d: str, last: str) -> None:
    assert year_beginning(date.fromisoformat(d)) == date.fromisoformat(last)


def test_e45_leaves_21_whole_weeks() -> None:
    assert (year_beginning(date(2027, 2, 1)) - date(2027, 9, 1)).days // 7 == 21


@table(
    """
    | case                                          | end        | review     |
    | E47 three months before 30 June is 30 March   | 2027-06-30 | 2027-03-30 |
    | E47 three months before 31 May is 28 February | 2027-05-31 | 2027-02-28 |
    | three months before January is last year      | 2027-01-15 | 2026-10-15 |
    """,
)
def test_three_months_before(end: str, review: str) -> None:
    assert months_before(date.fromisoformat(end), 3) == date.fromisoformat(review)


# --- bank holidays ---


@pytest.mark.parametrize("country", ["ENG", "WLS"])
def test_bank_holidays_are_those_of_england_and_of_wales(country: str) -> None:
    oracle = holidays.country_holidays("GB", subdiv=country, years=range(FIRST_YEAR, LAST_YEAR + 1))
    known = {day for day in CALENDAR.bank_holidays if FIRST_YEAR <= day.year <= LAST_YEAR}
    assert known == {day for day in oracle if day.weekday() < 5}


@pytest.mark.parametrize(
    "day",
    ["2012-06-04", "2012-06-05", "2020-05-08", "2022-06-02", "2022-06-03", "2022-09-19", "2023-05-08"],
)
def test_added_and_moved_bank_holidays_are_not_business_days(day: str) -> None:
    assert not is_business_day(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2012-05-28", "2020-05-04", "2022-05-30"])
def test_days_from_which_a_holiday_was_moved_are_business_days(day: str) -> None:
    assert is_business_day(date.fromisoformat(day))


def test_the_file_lists_every_year_from_2012_to_2035_in_order() -> None:
    listed = [entry["date"] for entry in LISTED]
    assert listed == sorted(listed)
    assert set(range(2012, 2036)) <= {day.year for day in listed}


def test_each_irregular_bank_holiday_was_announced_before_it_took_place() -> None:
    recent = [entry for entry in LISTED if entry["date"].year >= 2011]
    regular = {day for year in range(2011, 2036) for day, _ in regular_bank_holidays(year)}
    assert {e["date"] for e in recent} - regular == {e["date"] for e in recent if "announced_on" in e}
    assert all(e["announced_on"] < e["date"] for e in recent if "announced_on" in e)


def test_bank_holidays_that_were_not_announced_follow_the_regular_pattern() -> None:
    unannounced = {e["date"]: e["name"] for e in LISTED if e["source"] == "pattern"}
    years = {day.year for day in unannounced}
    assert unannounced == {day: name for year in years for day, name in regular_bank_holidays(year)}


@given(st.dates(date(2022, 7, 1), date(2022, 10, 1)), st.integers(0, 40))
def test_announcing_a_holiday_does_not_change_a_deadline_that_had_passed(d: date, n: int) -> None:
    before = WITHOUT_STATE_FUNERAL.business_days_after(d, n)
    if before <= date(2022, 9, 10):
        assert business_days_after(d, n) == before
    else:
        assert business_days_after(d, n) >= before


@table(
    """
    | case                    | text                                                                                            | error |
    | no source               | { date = 2030-01-01, name = "x" }                                                               | give date, name and source |
    | no name                 | { date = 2030-01-01, source = "x" }                                                             | give date, name and source |
    | a time of day           | { date = 2030-01-01T00:00:00, name = "x", source = "x" }                                        | give date, name and source |
    | an unknown field        | { date = 2030-01-01, name = "x", source = "x", announced = 2029-01-01 }                         | unknown field 'announced' |
    | a day listed twice      | { date = 2030-01-01, name = "x", source = "x" },{ date = 2030-01-01, name = "y", source = "x" } | 2030-01-01 is listed twice |
    | a year before the table | { date = 1889-12-25, name = "x", source = "x" }                                                 | the calendar covers only 1899 to 2201 |
    """,  # noqa: E501
)
def test_an_invalid_bank_holiday_file_is_refused(tmp_path: Path, text: str, error: str) -> None:
    file = tmp_path / "bank_holidays.toml"
    file.write_text(f"holiday = [{text}]")
    with pytest.raises(CalendarError, match=error):
        Calendar.load(file)


# --- business days ---


@given(days)
def test_business_days_match_the_holidays_package(d: date) -> None:
    assert is_business_day(d) == ORACLE.is_working_day(d)


@given(days_within_reach, st.integers(1, 300))
def test_the_nth_business_day_matches_the_holidays_package(d: date, n: int) -> None:
    assert business_days_after(d, n) == ORACLE.get_nth_working_day(d, n)
    assert business_days_before(d, n) == ORACLE.get_nth_working_day(d, -n)


@given(days_within_reach, st.integers(0, 300))
def test_counting_forward_and_back_returns_to_the_business_day(d: date, n: int) -> None:
    assume(is_business_day(d))
    assert business_days_before(business_days_after(d, n), n) == d


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(lambda: is_business_day(date(1898, 12, 31)), id="a day before 1899"),
        pytest.param(lambda: is_business_day(date(2202, 1, 1)), id="a day after 2201"),
        pytest.param(
            lambda: business_days_after(date(1898, 12, 31), 0), id="no days after a day before 1899"
        ),
        pytest.param(lambda: business_days_after(date(2201, 12, 31), 1), id="a deadline after 2201"),
        pytest.param(lambda: business_days_before(date(1899, 1, 1), 1), id="a start before 1899"),
    ],
)
def test_a_day_outside_the_table_is_an_error(question: Callable[[], object]) -> None:
    with pytest.raises(CalendarError):
        question()


@pytest.mark.parametrize("count", [business_days_after, business_days_before, days_after])
def test_nothing_is_due_within_a_negative_number_of_days(count: Callable[[date, int], date]) -> None:
    with pytest.raises(ValueError, match="not be negative: -1"):
        count(date(2026, 6, 1), -1)


def test_an_instant_is_not_accepted_as_a_day() -> None:
    with pytest.raises(TypeError, match="london_date"):
        is_business_day(datetime(2026, 6, 8, 23, 30, tzinfo=UTC))


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="'weeks'"):
        within(date(2026, 6, 1), 5, "weeks")


# --- months and years ---


@given(anchors, st.integers(-600, 600))
def test_periods_have_no_gaps_or_overlaps(anchor: date, k: int) -> None:
    start, end = period(anchor, k)
    assert start <= end
    assert period(anchor, k + 1)[0] == end + DAY
    assert period(anchor, 0)[0] == anchor


@given(anchors, any_day)
def test_a_day_is_in_the_period_of_its_index(anchor: date, d: date) -> None:
    start, end = period(anchor, period_index(anchor, d))
    assert start <= d <= end


@given(anchors, st.integers(-600, 600))
def test_first_and_last_day_of_a_period_have_its_index(anchor: date, k: int) -> None:
    assert [period_index(anchor, d) for d in period(anchor, k)] == [k, k]


@given(any_day, st.integers(-600, 600))
def test_months_later_is_the_same_day_or_the_last_of_the_month(d: date, n: int) -> None:
    later = add_months(d, n)
    assert (later.year - d.year) * 12 + later.month - d.month == n
    assert later.day == d.day or (later.day < d.day and (later + DAY).day == 1)
    assert months_before(d, -n) == later


@given(any_day | st.sampled_from([date(year, 2, 29) for year in range(1904, 2100, 4)]))
def test_a_year_has_365_days_and_one_more_for_a_leap_day(d: date) -> None:
    last = year_beginning(d)
    leap_days = sum((d + i * DAY).month == 2 and (d + i * DAY).day == 29 for i in range((last - d).days + 1))
    assert (last - d).days + 1 == 365 + leap_days


@given(any_day)
def test_years_follow_each_other_unless_they_begin_on_a_leap_day(d: date) -> None:
    assume((d.month, d.day) != (2, 29))
    assert year_beginning(d) + DAY == add_months(d, 12)
