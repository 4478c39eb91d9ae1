"""Date arithmetic in Europe/London: business days, months and years as the law counts them.

All functions are pure: they depend only on their arguments and `bank_holidays.toml`, never on the clock.

* A *business day* is a day from Monday to Friday that is not a bank holiday in England and Wales.
* "Within n business days of d": d is day 0, and the n-th business day after it is the last compliant day.
  If d is not a business day, the next business day is day 1.
* A period that "begins with" a day includes that day.

Business days come from a table of the years 1899 to 2201, built once. A day outside it raises
`CalendarError` (the published language has no such dates). If the file lists a year, its holidays are
exactly those in the file. Any other year follows the regular pattern of the Banking and Financial Dealings
Act 1971, with substitute days.
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
"""How a number of days is counted, if the text of a rule does not say."""

_FIELDS: Final = {"date", "name", "source", "announced_on"}
_DAY: Final = timedelta(days=1)


class CalendarError(ValueError):
    """A day is outside the table, or the bank-holiday file is invalid."""


class Calendar:
    """Business days in the years 1899 to 2201. Each look-up takes constant time."""

    def __init__(self, listed: Mapping[date, str]) -> None:
        """Build the table. If `listed` has any holiday of a year, it must have all of them."""
        years = {day.year for day in listed}
        outside = sorted(year for year in years if not FIRST_YEAR <= year <= LAST_YEAR)
        if outside:
            raise CalendarError(
                f"bank holidays in {outside[0]}: the calendar covers only {FIRST_YEAR} to {LAST_YEAR}"
            )
        holidays = dict(listed)
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            if year not in years:
                holidays.update(regular_bank_holidays(year))
        self.bank_holidays: Mapping[date, str] = MappingProxyType(dict(sorted(holidays.items())))
        """The bank holidays and their names, by date."""

        self._first = date(FIRST_YEAR, 1, 1).toordinal()
        last = date(LAST_YEAR, 12, 31).toordinal()
        self._business: list[date] = []
        # Item i is the number of business days before the i-th day of the table.
        self._before = array("L", [0])
        for ordinal in range(self._first, last + 1):
            day = date.fromordinal(ordinal)
            if day.weekday() < calendar.SATURDAY and day not in holidays:
                self._business.append(day)
            self._before.append(len(self._business))

    @classmethod
    def load(cls, path: Path) -> "Calendar":
        """Read the bank-holiday file. Raises `CalendarError`, which names the invalid entry."""
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
        """The last day within n business days of d (d itself for n = 0)."""
        i = self._index(d)
        if _check_not_negative(n) == 0:
            return d
        position = self._before[i + 1] + n - 1
        if position >= len(self._business):
            raise CalendarError(f"{n} business days after {d} is later than {LAST_YEAR}")
        return self._business[position]

    def business_days_before(self, d: date, n: int) -> date:
        """The n-th business day before d (d itself for n = 0)."""
        i = self._index(d)
        if _check_not_negative(n) == 0:
            return d
        position = self._before[i] - n
        if position < 0:
            raise CalendarError(f"{n} business days before {d} is earlier than {FIRST_YEAR}")
        return self._business[position]

    def _index(self, d: date) -> int:
        # To the type checker a datetime is a date, but its date may differ from the date in London.
        if isinstance(d, datetime):
            raise TypeError(f"{d.isoformat()} is an instant, not a date: use london_date first")
        if not FIRST_YEAR <= d.year <= LAST_YEAR:
            raise CalendarError(
                f"no business days for {d}: the calendar covers only {FIRST_YEAR} to {LAST_YEAR}"
            )
        return d.toordinal() - self._first


def regular_bank_holidays(year: int) -> Iterator[tuple[date, str]]:
    """The weekday bank holidays, with substitute days, of a year in which none is added or moved."""
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
        # Boxing Day stays on the Monday, so the substitute for Christmas Day is the Tuesday.
        yield boxing, "Boxing Day"
        yield boxing + _DAY, "Christmas Day"
    else:
        substitute = _next_weekday(christmas)
        yield substitute, "Christmas Day"
        yield _next_weekday(max(boxing, substitute + _DAY)), "Boxing Day"


def london_date(instant: datetime) -> date:
    """SH-1: the date in London at an instant. Raises `ValueError` if the instant has no time zone."""
    if instant.utcoffset() is None:
        raise ValueError(f"{instant.isoformat()} has no time zone, so its date in London is unknown")
    return instant.astimezone(LONDON).date()


def days_after(d: date, n: int) -> date:
    """The last day within n calendar days of d."""
    return d + timedelta(days=_check_not_negative(n))


@lru_cache(maxsize=16_384)  # the same deadlines are calculated often
def within(d: date, n: int, unit: DayUnit) -> date:
    """SH-2, SH-3: the last day within n days of d, counted in `unit`."""
    if unit == "business_days":
        return business_days_after(d, n)
    if unit == "calendar_days":
        return days_after(d, n)
    raise ValueError(f"unit must be business_days or calendar_days, not {unit!r}")


def add_months(d: date, n: int) -> date:
    """The same day n months later (earlier if n is negative), or the last day of a shorter month."""
    month = d.year * 12 + d.month - 1 + n
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(d.day, calendar.monthrange(year, month)[1]))


def months_before(d: date, n: int) -> date:
    """The same day n months earlier, or the last day of a shorter month."""
    return add_months(d, -n)


def year_beginning(d: date) -> date:
    """SH-4: the last day of the "12 months beginning with d": 13 January 2027 for 14 January 2026.

    It is the day before the same day of the next year; for 29 February it is 28 February of the next year
    (the corresponding-date rule).
    """
    return months_beginning(d, 12)


@lru_cache(maxsize=16_384)  # rules use the same few periods often
def months_beginning(d: date, n: int) -> date:
    """SH-4: the last day of the "n months beginning with d".

    It is the day before the same day n months later, or the last day of that month if it has no such day.
    """
    then = add_months(d, n)
    return then - _DAY if then.day == d.day else then


@lru_cache(maxsize=65_536)  # rules use the same few periods often
def period(anchor: date, k: int) -> tuple[date, date]:
    """The first and last day of month k from a start date. The first month is 0; earlier ones are negative.

    Each month starts on the anchor's day of the month, or on the last day of a shorter month, with no gaps.
    From 31 January 2027 they start on 31 January, 28 February, 31 March; the first ends on 27 February.
    """
    return add_months(anchor, k), add_months(anchor, k + 1) - _DAY


def period_index(anchor: date, d: date) -> int:
    """The k for which `period(anchor, k)` includes d; negative if d is before the anchor."""
    k = (d.year - anchor.year) * 12 + d.month - anchor.month
    return k if add_months(anchor, k) <= d else k - 1


def _check_not_negative(n: int) -> int:
    if n < 0:
        raise ValueError(f"a number of days must not be negative: {n}")
    return n


def _next_weekday(d: date) -> date:
    """d, or the following Monday if d is at a weekend."""
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


def earliest(*days: date | None) -> date | None:
    """The first of those days that are known; None if none is."""
    return min((day for day in days if day is not None), default=None)
