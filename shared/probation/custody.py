"""When a person is held in custody, and the deadlines that custody stops (ENF-35)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from shared.calendar import DayUnit, within
from shared.engine.case import Record
from shared.probation.facts import LeftCustody, Release, TakenIntoCustody

ONE_DAY = timedelta(days=1)


class CustodyPeriod(msgspec.Struct, frozen=True):
    """A time in custody: from `start` up to, but not on, `end`, the day of leaving (None: still there).

    `begun_by` and `ended_by` are the records that say so; no release and no leaving is known of one that goes
    on.
    """

    start: date
    end: date | None
    begun_by: tuple[Record, ...]
    ended_by: tuple[Record, ...] = ()

    @property
    def because(self) -> tuple[Record, ...]:
        """All records that it rests on."""
        return (*self.begun_by, *self.ended_by)

    def touches(self, first: date, last: date) -> bool:
        """Was the person held on any of these days, both included?"""
        return self.start <= last and (self.end is None or self.end > first)


class Custody(msgspec.Struct, frozen=True):
    """All times in custody of a person: in order, and never two at once."""

    periods: Sequence[CustodyPeriod] = ()

    def on(self, day: date) -> CustodyPeriod | None:
        """The time in custody in which a day falls; the day of leaving falls in none."""
        at = bisect_right(self.periods, day, key=lambda period: period.start)
        period = self.periods[at - 1] if at else None
        return period if period is not None and period.touches(day, day) else None

    def held_on(self, day: date) -> bool:
        """Was the person held that day? Not on the day of leaving."""
        return self.on(day) is not None

    def during(self, first: date, last: date) -> list[CustodyPeriod]:
        """The times in custody that touch these days, both included."""
        return [period for period in self.periods if period.touches(first, last)]

    def within(self, since: date, days: int, unit: DayUnit) -> date | None:
        """ENF-35: the last day within so many days of `since`, days in custody left out; None while held.

        The day of leaving counts. A clock that would begin while the person is held begins with the day of
        leaving, which is then its day 0.
        """
        held = self.on(since)
        if held is not None:
            if held.end is None:
                return None
            since = held.end
        due = within(since, days, unit)
        for period in self.periods:
            if period.start <= since or period.start > due:
                continue
            if period.end is None:
                return None
            days -= sum(1 for n in range(1, days + 1) if within(since, n, unit) < period.start)
            since = period.end - ONE_DAY
            due = within(since, days, unit)
        return due


def custody_of(
    taken: Iterable[TakenIntoCustody], left: Mapping[str, LeftCustody], releases: Iterable[Release]
) -> Custody:
    """The times in custody, from what was recorded of their beginnings and ends; those that meet are one.

    One of which the end was not recorded ends with the first release after its start: who is released is no
    longer held.
    """
    starts = list(taken)
    if not starts:
        return NEVER_HELD
    released = sorted(releases, key=lambda release: (release.released_on, release.sentence_id))
    known = (_period(start, left.get(start.custody_id), released) for start in starts)
    found = [period for period in known if period.end is None or period.end > period.start]
    found.sort(key=lambda p: (p.start, p.end or date.max, p.begun_by[0].event_id))
    apart: list[CustodyPeriod] = []
    for period in found:
        apart = _with(apart, period)
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


def _with(periods: list[CustodyPeriod], period: CustodyPeriod) -> list[CustodyPeriod]:
    """The periods and one that does not begin before the last of them: joined to it if they meet."""
    last = periods[-1] if periods else None
    if last is None or (last.end is not None and last.end < period.start):
        return [*periods, period]
    begun_by = (*last.begun_by, *period.begun_by)
    later = period if _end(period) > _end(last) else last
    return [*periods[:-1], CustodyPeriod(last.start, later.end, begun_by, later.ended_by)]


def _end(period: CustodyPeriod) -> date:
    return period.end or date.max
