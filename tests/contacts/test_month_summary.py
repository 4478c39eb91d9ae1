"""What a case keeps of each of its months."""

from __future__ import annotations

from typing import Any

from schemas.envelope import Data
from services.contacts.case import ContactsMonth, MonthSummary
from services.contacts.summary import summary
from services.contacts.view import ContactsView
from shared.engine.assessment import Month
from shared.engine.case import first_and_last
from tests.contacts.facts import (
    POLICY,
    Known,
    contact,
    custodial,
    order,
    recorded,
    released,
    scheduled,
    session,
    varied,
)

# The first appointment is due by Monday 8 June 2026.
ORDER = order("2026-06-01", "2027-05-31")


def summaries(*facts: Any) -> list[MonthSummary | None]:
    """The summary of each month of which something is known."""
    known = Known(*facts)
    of = ContactsView(known.case, POLICY)
    nothing = ContactsMonth()
    return [
        summary(of.of_month(Month(part, nothing, *first_and_last(month))))
        for month, part in sorted(known.parts.items())
    ]


def only(*facts: Any) -> MonthSummary:
    (kept,) = summaries(*facts)
    assert kept is not None
    return kept


def on(occasions: Any) -> list[tuple[str, str]]:
    return [(occasion.event_id, occasion.on.isoformat()) for occasion in occasions]


def test_of_each_month_the_first_contact_that_was_attended_is_kept() -> None:
    facts: list[Data] = [
        contact("2026-06-09"),
        contact("2026-06-02", "acceptable_absence"),
        contact("2026-06-04"),
        contact("2026-07-14"),
        contact("2026-07-07"),
    ]
    june, july = summaries(ORDER, *facts)
    assert june is not None
    assert july is not None
    assert on(june.attended["S1"]) == [("E3", "2026-06-04")]
    assert on(july.attended["S1"]) == [("E5", "2026-07-07")]


def test_what_was_offered_is_kept_only_while_a_first_appointment_is_due() -> None:
    kept = only(ORDER, scheduled("2026-06-08", id="C1"), scheduled("2026-06-05", id="C2"))
    assert on(kept.offered["S1"]) == [("E2", "2026-06-05")]
    assert summaries(ORDER, scheduled("2026-06-09")) == [None]


def test_of_two_on_one_day_the_same_is_kept_in_whatever_order_they_were_recorded() -> None:
    one, other = contact("2026-06-02", id="C1"), contact("2026-06-02", id="C2")
    assert on(only(ORDER, one, other).attended["S1"]) == on(only(ORDER, other, one).attended["S1"])


def test_a_contact_that_names_no_sentence_is_kept_for_all_that_are_live() -> None:
    second, third = order("2026-06-03", "2027-06-02", "S2"), order("2026-06-15", "2027-06-14", "S3")
    kept = only(ORDER, second, third, contact("2026-06-04", sentence=None))
    assert set(kept.attended) == set(kept.offered) == {"S1", "S2"}


def test_of_each_stretch_of_supervision_the_first_is_kept() -> None:
    prison = custodial("2026-01-05")
    first, again = released("2026-06-01", "2026-12-31"), released("2026-06-15", "2026-12-31")
    facts = [contact("2026-06-02"), contact("2026-06-04"), contact("2026-06-16"), contact("2026-06-18")]
    kept = only(prison, first, again, *facts)
    assert on(kept.attended["S1"]) == [("E3", "2026-06-02"), ("E5", "2026-06-16")]
    assert on(kept.offered["S1"]) == [("E3", "2026-06-02"), ("E5", "2026-06-16")]


def test_home_visits_are_kept_in_order_with_the_sentence_that_they_name() -> None:
    facts = [
        contact("2026-06-20", kind="home_visit", sentence=None),
        contact("2026-06-11", kind="home_visit"),
        contact("2026-06-12", "unacceptable_absence", kind="home_visit"),
        contact("2026-06-13", kind="home_visit", sentence="S9"),
    ]
    kept = only(ORDER, *facts)
    assert [(visit.event_id, visit.sentence_id) for visit in kept.home_visits] == [("E2", "S1"), ("E1", None)]


def test_nothing_is_kept_of_what_no_rule_asks_for() -> None:
    for fact in (
        contact("2026-06-02", ns=False),
        contact("2026-06-02", mode="telephone"),
        contact("2026-06-02", kind="session"),
        contact("2026-05-29"),
        contact("2026-06-02", sentence="S9"),
        contact("2026-06-10", "unacceptable_absence"),
        scheduled("2026-06-02", notified=False),
        session("2026-06-02"),
    ):
        assert summaries(ORDER, fact) == [None]


def test_nothing_is_kept_for_post_sentence_supervision_or_unpaid_work_alone() -> None:
    after = [custodial("2024-11-04"), released("2025-02-03", "2025-04-30", "2026-02-02")]
    assert summaries(*after, contact("2025-05-06")) == [None]
    alone = order("2026-06-01", "2027-05-31", only=("unpaid_work",))
    assert summaries(alone, contact("2026-06-02")) == [None]
    more = varied("2026-06-03", "2027-05-31", only=("rar",))
    assert summaries(alone, more, contact("2026-06-02")) == [None]
    assert set(only(alone, more, contact("2026-06-03")).attended) == {"S1"}


def test_an_outcome_recorded_before_its_day_is_as_none_unless_it_excuses_or_moves_the_appointment() -> None:
    arranged = scheduled("2026-06-05", id="C1")

    def said(outcome: str) -> Any:
        return recorded("2026-06-03", contact("2026-06-05", outcome, id="C1"))

    assert only(ORDER, arranged, said("complied")) == only(ORDER, arranged)
    assert summaries(ORDER, said("complied")) == [None]
    assert summaries(ORDER, arranged, said("rescheduled_by_service")) == [None]
    assert on(only(ORDER, arranged, said("acceptable_absence")).offered["S1"]) == [("E2", "2026-06-05")]
    assert summaries(ORDER, recorded("2026-06-03", contact("2026-06-15", kind="home_visit"))) == [None]
