"""Days on which a region does not deliver count towards no deadline (SH-9)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.calendar import is_business_day
from shared.probation.custody import Custody, CustodyPeriod, Pause
from shared.probation.delivery import (
    DeliveryCase,
    DeliveryGap,
    DeliverySuspension,
    delivery_notice,
    gaps_in_delivery,
    put_off,
)
from shared.probation.facts import TakenIntoCustody
from tests import facts as f
from tests.probation.joined import case_of

DAY = timedelta(days=1)
FIRST = date(2026, 3, 20)
"""Before Easter."""
days = st.integers(0, 40).map(lambda n: FIRST + n * DAY)
spans = st.integers(1, 12).map(lambda n: n * DAY)
pauses = st.lists(st.builds(lambda first, span: (first, first + span), days, spans), max_size=4)


def counted(since: date, number: int, gaps: list[Pause]) -> date:
    """The last day in time, day by day: a day in a gap does not count."""
    day = since
    while number:
        day += DAY
        paused = any(first <= day and (until is None or day < until) for first, until in gaps)
        number -= is_business_day(day) and not paused
    return day


@given(since=days, number=st.integers(1, 25), gaps=pauses)
def test_a_day_without_delivery_does_not_count(since: date, number: int, gaps: list[Pause]) -> None:
    assert Custody().within(since, number, "business_days", gaps) == counted(since, number, gaps)


@given(since=days, number=st.integers(1, 25), gaps=pauses, held=days, span=spans)
def test_nor_does_a_day_in_custody(
    since: date, number: int, gaps: list[Pause], held: date, span: timedelta
) -> None:
    taken = TakenIntoCustody(custody_id="K1", taken_on=held, reason="remand")
    custody = Custody([CustodyPeriod(held, held + span, (taken,))])
    starts = held + span if custody.held_on(since) else since
    due = custody.within(since, number, "business_days", gaps)
    assert due == counted(starts, number, [*gaps, (held, held + span)])


@given(since=days, number=st.integers(1, 25), gaps=pauses, never_ending=days)
def test_without_an_end_nothing_is_due_from_then_on(
    since: date, number: int, gaps: list[Pause], never_ending: date
) -> None:
    due = Custody().within(since, number, "business_days", [*gaps, (never_ending, None)])
    without = counted(since, number, gaps)
    assert due == (None if without >= never_ending else without)


def gaps_of(times: list[Pause]) -> list[DeliveryGap]:
    return [DeliveryGap("all", first, until, ()) for first, until in times]


@given(first=days, length=st.integers(0, 60), gaps=pauses)
def test_a_time_has_as_many_days_with_delivery_as_it_had_days(
    first: date, length: int, gaps: list[Pause]
) -> None:
    def counts(day: date) -> bool:
        return not any(start <= day and (end is None or day < end) for start, end in gaps)

    last = put_off(first, first + length * DAY, gaps_of(gaps))
    assert last is not None
    assert counts(last)
    assert sum(counts(first + n * DAY) for n in range((last - first).days + 1)) == length + 1


@given(first=days, length=st.integers(0, 60), never_ending=days)
def test_a_time_in_which_delivery_stops_for_good_has_no_last_day(
    first: date, length: int, never_ending: date
) -> None:
    last = first + length * DAY
    stops = first <= last and never_ending <= last
    assert put_off(first, last, gaps_of([(never_ending, None)])) == (None if stops else last)


def test_a_sentence_goes_by_the_region_that_has_it() -> None:
    case = case_of(
        f.order("2026-01-05"),
        f.transfer_accepted("2026-04-01", to_region="wales", to_pdu="cardiff"),
        f.transfer_accepted("2026-05-01", id="T2", to_region="london", to_pdu="camden"),
    )
    suspended = DeliverySuspension(suspension_id="Z1", kind="contact", from_=date(2026, 2, 1))
    told = defaultdict(str, london=delivery_notice(DeliveryCase(suspensions={"Z1": suspended}))).__getitem__
    transfers = case.transfers_accepted.values()
    found = gaps_in_delivery(case.sentences["S1"], "contact", told, transfers)
    assert [(gap.first, gap.until) for gap in found] == [
        (date(2026, 2, 1), date(2026, 4, 1)),
        (date(2026, 5, 1), None),
    ]


def test_a_region_that_delivers_everything_has_nothing_to_tell() -> None:
    assert delivery_notice(DeliveryCase()) == ""
