"""Dates as the law and the working week count them: Europe/London, business days, months and years.

Everything here is a pure function of its arguments and of `bank_holidays.toml`; nothing asks for the time.

* A *business day* is Monday to Friday and not a bank holiday in England and Wales.
* "Within n business days of d": d is day 0 and the n-th following business day is the last compliant day.
  When d itself is no business day, the next business day is day 1.
* A period that "begins with" a day includes that day.

Business-day questions are answered from a table of the years 1899 to 2201, built once; a day outside it
raises `CalendarError` (the published language has no such dates). A year that the file lists is taken from
the file as it stands; any other year follows the regular pattern of the Banking and Financial Dealings Act
1971, with substitute days.
"""

import calendar
import tomllib
from array import array
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
FIRST_YEAR: Final = 1899
LAST_YEAR: Final = 2201

DayUnit = Literal["business_days", "calendar_days"]
"""How a number of days is counted, where the text of a rule leaves it open."""

_FIELDS: Final = {"date", "name", "source", "announced_on"}
_DAY: Final = timedelta(days=1)


class CalendarError(ValueError):
    """A day outside the table, or a bank-holiday file that cannot be used."""


class Calendar:
    """Business days of the years 1899 to 2201; every question is answered in constant time."""

    def __init__(self, listed: Mapping[date, str]) -> None:
        """Build the table. A year of which `listed` names any holiday is taken to be listed completely."""
        years = {day.year for day in listed}
        outside = sorted(year for year in years if not FIRST_YEAR <= year <= LAST_YEAR)
        if outside:
            raise CalendarError(f"bank holidays of {outside[0]}: only {FIRST_YEAR} to {LAST_YEAR} are kept")
        holidays = dict(listed)
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            if year not in years:
                holidays.update(regular_bank_holidays(year))
        self.bank_holidays: Mapping[date, str] = MappingProxyType(dict(sorted(holidays.items())))
        """Each bank holiday and its name, in order."""

        self._first = date(FIRST_YEAR, 1, 1).toordinal()
        last = date(LAST_YEAR, 12, 31).toordinal()
        self._business: list[date] = []
        # Position i holds the number of business days before the i-th day of the table.
        self._before = array("L", [0])
        for ordinal in range(self._first, last + 1):
            day = date.fromordinal(ordinal)
            if day.weekday() < calendar.SATURDAY and day not in holidays:
                self._business.append(day)
            self._before.append(len(self._business))

    @classmethod
    def load(cls, path: Path) -> "Calendar":
        """Read the bank-holiday file; `CalendarError` names the entry that is wrong."""
        listed: dict[date, str] = {}
        for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("holiday", []):
            day, name = entry.get("date"), entry.get("name")
            if type(day) is not date or not isinstance(name, str) or not name or "source" not in entry:
                raise CalendarError(f"{path}: {entry}: give date, name and source")
            if unknown := sorted(entry.keys() - _FIELDS):
                raise CalendarError(f"{path}: {day}: unknown field '{unknown[0]}': remove it")
            if day in listed:
                raise CalendarError(f"{path}: {day} is listed twice: remove one")
            listed[day] = name
        return cls(listed)

    def is_business_day(self, d: date) -> bool:
        """SH-1: whether d is Monday to Friday and not a bank holiday."""
        i = self._index(d)
        return self._before[i + 1] > self._before[i]

    def business_days_after(self, d: date, n: int) -> date:
        """The last day that is within n business days of d (d itself for n = 0)."""
        i = self._index(d)
        if _counted(n) == 0:
            return d
        position = self._before[i + 1] + n - 1
        if position >= len(self._business):
            raise CalendarError(f"{n} business days after {d} is later than {LAST_YEAR}")
        return self._business[position]

    def business_days_before(self, d: date, n: int) -> date:
        """The n-th business day before d (d itself for n = 0)."""
        i = self._index(d)
        if _counted(n) == 0:
            return d
        position = self._before[i] - n
        if position < 0:
            raise CalendarError(f"{n} business days before {d} is earlier than {FIRST_YEAR}")
        return self._business[position]

    def _index(self, d: date) -> int:
        # A datetime is a date to the type checker, but its date need not be the one in London.
        if isinstance(d, datetime):
            raise TypeError(f"{d.isoformat()} is an instant: take its london_date first")
        if not FIRST_YEAR <= d.year <= LAST_YEAR:
            raise CalendarError(f"no business days for {d}: only {FIRST_YEAR} to {LAST_YEAR} are kept")
        return d.toordinal() - self._first


def regular_bank_holidays(year: int) -> Iterator[tuple[date, str]]:
    """The bank holidays of a year in which none is added or moved: weekdays only, substitute days applied."""
    new_year = date(year, 1, 1)
    yield _next_weekday(new_year), "New Year's Day"
    easter = _easter_sunday(year)
    yield easter - 2 * _DAY, "Good Friday"
    yield easter + _DAY, "Easter Monday"
    yield _first_monday(date(year, 5, 1)), "Early May bank holiday"
    yield _first_monday(date(year, 5, 25)), "Spring bank holiday"
    yield _first_monday(date(year, 8, 25)), "Summer bank holiday"
    christmas, boxing = date(year, 12, 25), date(year, 12, 26)
    if christmas.weekday() == calendar.SUNDAY:
        # Boxing Day keeps the Monday, so that Christmas Day's substitute is the Tuesday.
        yield boxing, "Boxing Day"
        yield boxing + _DAY, "Christmas Day"
    else:
        substitute = _next_weekday(christmas)
        yield substitute, "Christmas Day"
        yield _next_weekday(max(boxing, substitute + _DAY)), "Boxing Day"


def london_date(instant: datetime) -> date:
    """SH-1: the calendar date in London at an instant; `ValueError` for a time without a zone."""
    if instant.utcoffset() is None:
        raise ValueError(f"{instant.isoformat()} has no time zone: the date in London cannot be told")
    return instant.astimezone(LONDON).date()


def days_after(d: date, n: int) -> date:
    """The last day that is within n calendar days of d."""
    return d + timedelta(days=_counted(n))


@lru_cache(maxsize=16_384)  # the same deadlines are asked for again and again
def within(d: date, n: int, unit: DayUnit) -> date:
    """SH-2, SH-3: the last day that is within n days of d, counted in `unit`."""
    if unit == "business_days":
        return business_days_after(d, n)
    if unit == "calendar_days":
        return days_after(d, n)
    raise ValueError(f"days are counted in business_days or calendar_days, not in {unit!r}")


def add_months(d: date, n: int) -> date:
    """The same day n months later (earlier for a negative n), or the month's last day if it has none such."""
    month = d.year * 12 + d.month - 1 + n
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(d.day, calendar.monthrange(year, month)[1]))


def months_before(d: date, n: int) -> date:
    """The same day n months earlier, or that month's last day if it has none such."""
    return add_months(d, -n)


def year_beginning(d: date) -> date:
    """SH-4: the last day of the "12 months beginning with d": 13 January 2027 for 14 January 2026.

    It is the day before the same day of the next year; for 29 February, which the next year does not have, it
    is 28 February (the corresponding-date rule).
    """
    if d.month == 2 and d.day == 29:
        return date(d.year + 1, 2, 28)
    return date(d.year + 1, d.month, d.day) - _DAY


@lru_cache(maxsize=65_536)  # rules ask for the same few periods again and again
def period(anchor: date, k: int) -> tuple[date, date]:
    """First and last day of month k (from 0) counted from a start date; negative before it.

    The months start on the anchor's day, or on the last day of a month that has none such, and leave no gap:
    from 31 January 2027 they start on 31 January, 28 February, 31 March, and the first ends on 27 February.
    """
    return add_months(anchor, k), add_months(anchor, k + 1) - _DAY


def period_index(anchor: date, d: date) -> int:
    """The k for which `period(anchor, k)` holds d; negative when d is before the anchor."""
    k = (d.year - anchor.year) * 12 + d.month - anchor.month
    return k if add_months(anchor, k) <= d else k - 1


def _counted(n: int) -> int:
    if n < 0:
        raise ValueError(f"a number of days within which something is due is not negative: {n}")
    return n


def _next_weekday(d: date) -> date:
    """d, or the Monday after the weekend on which it falls."""
    return d + _DAY * max(0, 7 - d.weekday()) if d.weekday() >= calendar.SATURDAY else d


def _first_monday(d: date) -> date:
    """The first Monday on or after d."""
    return d + _DAY * (-d.weekday() % 7)


def _easter_sunday(year: int) -> date:
    """The Gregorian computus (Meeus, Jones and Butcher)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap, remainder = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap - correction + 15) % 30
    quarter, left = divmod(rest, 4)
    weekday = (32 + 2 * remainder + 2 * quarter - epact - left) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


CALENDAR: Final = Calendar.load(Path(__file__).with_name("bank_holidays.toml"))
"""England and Wales."""

is_business_day = CALENDAR.is_business_day
business_days_after = CALENDAR.business_days_after
business_days_before = CALENDAR.business_days_before
