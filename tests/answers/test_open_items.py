"""Who is responsible, what is open, what is due next and who must act: one answer for all who ask."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas.catalogue import CATALOGUE
from schemas.envelope import CloudEvent
from schemas.published import OpenItem
from shared.answers.open_items import DEADLINES, TASKS, deadlines, next_due, waiting
from shared.answers.responsible import responsible, without_practitioner
from shared.answers.standing import Standing
from tests import facts as f
from tests.answers.published import fact, said, withdrawn

DAY = date(2026, 3, 10)
ALLOCATED = fact(f.allocated("2026-03-02"))
CHECK = {"check": "health"}


def open_on(*events: CloudEvent[Any], day: date = DAY) -> list[tuple[str, str | None, bool]]:
    """Type, who must act, and whether it is overdue, in the order shown."""
    return [(item.event.type, item.who, item.overdue) for item in waiting(Standing(events), day)]


def test_every_open_item_has_words_for_who_must_do_what() -> None:
    items = {name for name, entry in CATALOGUE.items() if issubclass(entry.model, OpenItem)}
    assert set(TASKS) == items
    assert set(DEADLINES) <= set(CATALOGUE)


def test_the_practitioner_of_the_sentence_must_act() -> None:
    other = fact(f.allocated("2026-03-02", to="P2", sentence="S2"))
    item = said("PartnerCheckDue", "2026-03-02", due_on="2026-03-16", **CHECK)
    assert open_on(other, ALLOCATED, item) == [("PartnerCheckDue", "P1", False)]


def test_an_item_is_overdue_from_the_day_after_its_date() -> None:
    item = said("PartnerCheckDue", "2026-03-02", due_on="2026-03-10", **CHECK)
    assert open_on(item) == [("PartnerCheckDue", None, False)]
    assert open_on(item, day=date(2026, 3, 11)) == [("PartnerCheckDue", None, True)]


def test_the_longest_overdue_comes_first_and_what_has_no_date_last() -> None:
    without = said("AbsenceUndecided", "2026-03-01", contact_id="C1", missed_on="2026-03-01")
    late = said("PartnerCheckDue", "2026-02-01", due_on="2026-03-01", **CHECK)
    later = said(
        "OutcomeOverdue", "2026-02-01", contact_id="C2", scheduled_on="2026-02-01", due_on="2026-02-02"
    )
    assert [type for type, *_ in open_on(without, late, later)] == [
        "OutcomeOverdue",
        "PartnerCheckDue",
        "AbsenceUndecided",
    ]


@pytest.mark.parametrize("reason", ["resolved", "ended", "corrected", "superseded", "merged", "policy"])
def test_what_was_withdrawn_is_not_open(reason: str) -> None:
    item = said("PartnerCheckDue", "2026-03-02", due_on="2026-03-16", **CHECK)
    assert open_on(item, withdrawn(item, reason)) == []


def test_a_withdrawal_that_comes_before_its_event_holds_and_duplicates_change_nothing() -> None:
    item = said("PartnerCheckDue", "2026-03-02", due_on="2026-03-16", **CHECK)
    assert open_on(withdrawn(item, "corrected"), item, item) == []


def test_a_manager_acts_on_a_review() -> None:
    item = said(
        "ManagerReviewRequired",
        "2026-03-02",
        acceptable_absences=["C1"],
        requested_on="2026-03-02",
        manager_id="M1",
    )
    assert open_on(ALLOCATED, item) == [("ManagerReviewRequired", "M1", False)]


def test_the_provider_of_the_referral_must_take_its_next_step() -> None:
    placed = fact(f.placed("2026-03-01"))
    chased = said("ReferralChased", "2026-03-09", referral_id="F1", step="start", due_on="2026-03-08")
    assert open_on(ALLOCATED, placed, chased) == [("ReferralChased", "V1", True)]


def test_the_latest_allocation_counts_and_is_responsible_on_the_last_day_of_supervision() -> None:
    later = fact(f.allocated("2026-03-05", "change", to="P2", event="later"))
    ended = fact(f.ended("2026-03-10"))
    ((one,),) = responsible(Standing([later, ALLOCATED, ended])).values()
    assert (one.practitioner_id, one.since) == ("P2", date(2026, 3, 5))
    assert one.acts(DAY)
    assert not one.acts(date(2026, 3, 11))


def test_a_sentence_that_waits_for_its_first_allocation_has_nobody() -> None:
    due = said("AllocationDue", "2026-03-02", due_on="2026-03-09")
    assert without_practitioner(Standing([due])) == [(f.PERSON, "S1")]
    assert without_practitioner(Standing([due, ALLOCATED])) == []


def test_two_numbers_of_one_person_are_one_person() -> None:
    merged = fact(f.merged("2026-03-05", f.PERSON, subject="X999999"))
    before = fact(f.allocated("2026-03-02", subject="X999999"))
    found = Standing([before, merged])
    assert [*responsible(found)] == [f.PERSON]
    assert found.about(f.PERSON).published == [before]


def test_a_record_of_a_merge_that_never_was_joins_nobody() -> None:
    merged = f.merged("2026-03-05", f.PERSON, subject="X999999")
    events = [fact(merged), fact(merged.voided().said("2026-03-06"))]
    for told in (events[1:], events, events[::-1]):
        assert Standing(told).person("X999999") == "X999999"


def test_what_is_due_next_is_due_on_the_first_day_to_come_and_overdue_items_are_not() -> None:
    late = said("PartnerCheckDue", "2026-02-01", due_on="2026-03-01", **CHECK)
    today = said("HomeVisitRequired", "2026-02-01", registration="R1", due_on="2026-03-10")
    later = said("PartnerCheckDue", "2026-02-02", due_on="2026-03-11", **CHECK)
    due = next_due(waiting(Standing([late, today, later]), DAY))
    assert [item.event.type for item in due] == ["HomeVisitRequired"]


def test_a_date_that_no_open_item_names_is_told_once_for_each_sentence() -> None:
    months = [
        said(
            "ContactStandardMissed",
            end,
            period_start=start,
            period_end=end,
            attended=0,
            excused=False,
        )
        for start, end in (("2026-03-02", "2026-04-01"), ("2026-04-02", "2026-05-01"))
    ]
    plan = said("SentencePlanOverdue", "2026-03-24", due_on="2026-03-23")
    check = said("PartnerCheckDue", "2026-03-20", due_on="2026-03-30", **CHECK)
    coming = deadlines(Standing([ALLOCATED]), [*months, plan, check], DAY)
    assert [(item.due_on, item.task.title, item.who) for item in coming] == [
        (date(2026, 3, 23), "Sentence plan", "P1"),
        (date(2026, 4, 1), "Face-to-face contact of the month", "P1"),
    ]
