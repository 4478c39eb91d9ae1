"""When a person is in custody, and the deadlines that custody pauses (ENF-35)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from shared.calendar import DayUnit, within
from shared.engine.assessment import Day
from shared.engine.case import Record
from shared.probation.facts import LeftCustody, Release, TakenIntoCustody

ONE_DAY = timedelta(days=1)

Pause = tuple[date, date | None]
"""Days that count towards no deadline: from the first up to but not including the second (None: no end)."""


class CustodyPeriod(msgspec.Struct, frozen=True):
    """A period in custody, from `start` up to but not including `end`, the day of leaving (None: no end yet).

    `begun_by` and `ended_by` are the records of its start and end. `ended_by` is empty if no release and no
    leaving is recorded.
    """

    start: date
    end: date | None
    begun_by: tuple[Record, ...]
    ended_by: tuple[Record, ...] = ()

    @property
    def because(self) -> tuple[Record, ...]:
        """All records that it is based on."""
        return (*self.begun_by, *self.ended_by)

    def touches(self, first: date, last: date) -> bool:
        """Was the person in custody on any day from `first` to `last`?"""
        return self.start <= last and (self.end is None or self.end > first)


class Custody(msgspec.Struct, frozen=True):
    """All periods in custody of a person, in order and without overlaps."""

    periods: Sequence[CustodyPeriod] = ()

    def on(self, day: date) -> CustodyPeriod | None:
        """The period in custody that includes a day. The day of leaving is not included."""
        at = bisect_right(self.periods, day, key=lambda period: period.start)
        period = self.periods[at - 1] if at else None
        return period if period is not None and period.touches(day, day) else None

    def now(self, today: Day) -> CustodyPeriod | None:
        """The period that includes today; None if there is none."""
        for period in self.periods:
            if today.reached(period.start) and (period.end is None or not today.reached(period.end)):
                return period
        return None

    def held_on(self, day: date) -> bool:
        """Was the person in custody that day? On the day of leaving they are not."""
        return self.on(day) is not None

    def during(self, first: date, last: date) -> list[CustodyPeriod]:
        """The periods in custody that include any day from `first` to `last`."""
        return [period for period in self.periods if period.touches(first, last)]

    def within(self, since: date, days: int, unit: DayUnit, others: Iterable[Pause] = ()) -> date | None:
        """ENF-35: the last day within `days` days of `since`, not counting days in custody; None while held.

        The day of leaving counts. If the clock would start while the person is in custody, it starts on the
        day of leaving, which is then day 0. SH-9: nor do the days of `others` count, and None while one of
        them has no end; the clock starts all the same, so that the first day after them is day 1.
        """
        held = self.on(since)
        if held is not None:
            if held.end is None:
                return None
            since = held.end
        due = within(since, days, unit)
        for start, end in united([*((p.start, p.end) for p in self.periods), *others]):
            if start > due or (end is not None and end <= since):
                continue
            if end is None:
                return None
            if start > since:
                days -= sum(1 for n in range(1, days + 1) if within(since, n, unit) < start)
            since = max(since, end - ONE_DAY)
            due = within(since, days, unit)
        return due


def custody_of(
    taken: Iterable[TakenIntoCustody], left: Mapping[str, LeftCustody], releases: Iterable[Release]
) -> Custody:
    """The periods in custody, from the recorded starts and ends. Periods that overlap or meet become one.

    If the end of a period was not recorded, it ends with the next release after its start, because a person
    who is released is no longer in custody.
    """
    starts = list(taken)
    if not starts:
        return NEVER_HELD
    released = sorted(releases, key=lambda release: (release.released_on, release.sentence_id))
    return together(_period(start, left.get(start.custody_id), released) for start in starts)


def together(periods: Iterable[CustodyPeriod]) -> Custody:
    """Periods in order; those that overlap or meet become one, and those without a day are left out."""
    found = [period for period in periods if period.end is None or period.end > period.start]
    found.sort(key=lambda p: (p.start, p.end or date.max, p.begun_by[0].event_id))
    apart: list[CustodyPeriod] = []
    for period in found:
        apart = _added(apart, period)
    return Custody(apart)


NEVER_HELD = Custody()


def _period(
    start: TakenIntoCustody, leaving: LeftCustody | None, releases: Sequence[Release]
) -> CustodyPeriod:
    if leaving is not None:
        return CustodyPeriod(start.taken_on, leaving.left_on, (start,), (leaving,))
    release = next((r for r in releases if r.released_on > start.taken_on), None)
    if release is not None:
        return CustodyPeriod(start.taken_on, release.released_on, (start,), (release,))
    return CustodyPeriod(start.taken_on, None, (start,))


def _added(periods: list[CustodyPeriod], period: CustodyPeriod) -> list[CustodyPeriod]:
    """Add a period that does not start before the last one. Merge the two if they overlap or meet."""
    last = periods[-1] if periods else None
    if last is None or (last.end is not None and last.end < period.start):
        return [*periods, period]
    begun_by = (*last.begun_by, *period.begun_by)
    later = period if _end(period) > _end(last) else last
    return [*periods[:-1], CustodyPeriod(last.start, later.end, begun_by, later.ended_by)]


def united(pauses: Iterable[Pause]) -> list[Pause]:
    """The pauses in order, those that overlap or meet as one."""
    found: list[Pause] = []
    for start, end in sorted(pauses, key=lambda pause: (pause[0], pause[1] or date.max)):
        last = found[-1][1] if found else date.min
        if not found or (last is not None and last < start):
            found.append((start, end))
        elif last is not None and (end is None or end > last):
            found[-1] = (found[-1][0], end)
    return found


def _end(period: CustodyPeriod) -> date:
    return period.end or date.max
