"""The synthetic caseload is valid, repeatable, and as untidy as real data."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import pytest

from schemas.catalogue import CATALOGUE, correction_key
from schemas.envelope import CloudEvent
from schemas.parsing import parse
from shared.calendar import CALENDAR, london_date
from tools.simulate import FIRST_DAY, by_day, caseload

PEOPLE, DAYS = 200, 365


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return caseload(seed=7, people=PEOPLE, days=DAYS)


@pytest.fixture(scope="module")
def events(lines: list[bytes]) -> list[CloudEvent[Any]]:
    """The parsed lines. Parsing raises if a line is not valid."""
    return [parse(line) for line in lines]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_different_ones(lines: list[bytes]) -> None:
    assert caseload(seed=7, people=PEOPLE, days=DAYS) == lines
    assert caseload(seed=8, people=PEOPLE, days=DAYS) != lines


def test_a_persons_history_does_not_depend_on_other_people(events: list[CloudEvent[Any]]) -> None:
    # Delays are random for all people together, and events delayed in the last days never arrive.
    until = FIRST_DAY + timedelta(days=DAYS - 5)

    def history(of: list[CloudEvent[Any]]) -> set[str]:
        return {e.id for e in of if e.subject == "X100001" and london_date(e.recorded) < until}

    alone = history([parse(line) for line in caseload(seed=7, people=1, days=DAYS)])
    assert alone
    assert alone == history(events)


def test_everything_is_recorded_within_the_requested_days(events: list[CloudEvent[Any]]) -> None:
    last = FIRST_DAY + timedelta(days=DAYS - 1)
    assert all(FIRST_DAY <= london_date(e.recorded) <= last for e in events)
    assert all(e.time <= e.recorded for e in events)


def test_each_event_comes_from_its_feed(events: list[CloudEvent[Any]]) -> None:
    for event in events:
        entry = CATALOGUE[event.type]
        assert event.source == f"/feeds/{entry.topics[0]}"
        assert event.dataschema == entry.dataschema
        assert event.partitionkey == event.subject
        assert (event.dataclassification == "restricted") == (entry.subject == "person")


def test_a_year_has_events_of_every_kind(events: list[CloudEvent[Any]]) -> None:
    count = Counter(e.type for e in events)
    for type in (
        *("SentenceImposed", "SentenceRevoked", "SentenceVaried", "BreachHearingResulted"),
        *("ReleasePlanned", "PersonReleased", "PersonTakenIntoCustody", "PersonLeftCustody"),
        *("RiskAssessed", "RegistrationChanged", "SentencePlanCompleted", "PartnerCheckCompleted"),
        *("ContactScheduled", "ContactSuspensionRequested", "ManagerDecisionRecorded"),
        *("TransferRequested", "TransferAccepted"),
        *("ContactOutcomeRecorded", "EnforcementActionTaken", "PersonDied", "PersonMerged"),
        *("SessionRecorded", "EmploymentNeedAssessed", "PractitionerUpdated", "ReductionAgreed"),
        *("PreReleaseTaskCompleted", "PractitionerPreferenceRecorded", "TemporaryReleaseGranted"),
        *("AppealLodged", "AppealDecided", "ProgressRecognised"),
        *("VictimContactChanged", "VictimUpdated", "DeliverySuspended", "DeliveryResumed"),
        *("PractitionerChangeRequested", "DeliveryUnitChanged"),
    ):
        assert count[type], type
    kinds = {e.data.kind for e in events if e.type == "SentenceImposed"}
    assert kinds == {"community_order", "suspended_sentence_order", "custodial"}
    actions = {e.data.action for e in events if e.type == "EnforcementActionTaken"}
    assert {"warning", "breach_initiated", "no_further_action"} <= actions


def test_some_events_are_late_repeated_or_out_of_order(events: list[CloudEvent[Any]]) -> None:
    assert len({e.id for e in events}) < len(events)
    assert any(london_date(e.recorded) > london_date(e.time) for e in events)
    recorded = [e.recorded for e in events]
    assert recorded != sorted(recorded)


def test_a_repeated_line_is_identical(lines: list[bytes]) -> None:
    first: dict[str, bytes] = {}
    for line in lines:
        assert first.setdefault(parse(line).id, line) == line


def test_some_events_are_corrected_and_some_voided(events: list[CloudEvent[Any]]) -> None:
    versions = Counter(
        (e.type, e.subject, correction_key(e.type, e.data)) for e in {e.id: e for e in events}.values()
    )
    assert any(n > 1 for n in versions.values())
    assert any(e.data.voided for e in events)


def sentenced(events: list[CloudEvent[Any]]) -> dict[str, tuple[date, int]]:
    """For each sentence its first day of supervision, and the business days to the first contact."""
    released = {
        e.data.sentence_id: e.data.released_on for e in reversed(events) if e.type == "PersonReleased"
    }
    orders = [e.data for e in events if e.type == "SentenceImposed" and e.data.kind != "custodial"]
    return {data.sentence_id: (data.imposed_on, 5) for data in orders} | {
        sentence_id: (on, 1) for sentence_id, on in released.items()
    }


def test_most_first_appointments_are_offered_in_time(events: list[CloudEvent[Any]]) -> None:
    first = {e.data.contact_id: e.data.scheduled_on for e in events if e.type == "ContactScheduled"}
    waited = [
        first[f"{id}-C001"] <= CALENDAR.business_days_after(on, days)
        for id, (on, days) in sentenced(events).items()
        if f"{id}-C001" in first
    ]
    assert len(waited) > PEOPLE * 0.9
    assert 0.88 < sum(waited) / len(waited) < 1


def test_people_at_higher_risk_are_seen_more_often(events: list[CloudEvent[Any]]) -> None:
    assessed = [e for e in reversed(events) if e.type == "RiskAssessed"]
    # Under integrated offender management everybody is seen weekly.
    priority = {e.subject for e in assessed if e.data.integrated_offender_management}
    risk = {e.subject: e.data.rosh for e in assessed if e.subject not in priority}
    weeks: dict[str, list[int]] = {"low": [], "medium": [], "high": []}
    for crn, rosh in risk.items():
        planned = [
            e
            for e in events
            if e.subject == crn and e.type == "ContactScheduled" and e.data.kind == "planned"
        ]
        days = sorted({e.data.scheduled_on for e in planned})
        # After the first weeks, when everybody is seen weekly.
        weeks.get(rosh, []).extend((b - a).days // 7 for a, b in pairwise(days[4:]))
    assert median(weeks["low"]) == 4
    assert median(weeks["medium"]) == 2
    assert median(weeks["high"]) == 1


def test_a_plan_without_a_self_assessment_is_followed_by_a_complete_one(
    events: list[CloudEvent[Any]],
) -> None:
    plans = [e.data for e in events if e.type == "SentencePlanCompleted"]
    missing = {plan.sentence_id: plan.completed_on for plan in plans if plan.self_assessment == "missing"}
    assert missing
    complete = [plan for plan in plans if plan.self_assessment != "missing" and plan.sentence_id in missing]
    assert all(plan.completed_on > missing[plan.sentence_id] for plan in complete)
    assert any(plan.face_to_face_every_days for plan in plans)


def test_most_registrations_are_followed_by_a_home_visit(events: list[CloudEvent[Any]]) -> None:
    flags = [e for e in events if e.type == "RegistrationChanged"]
    assert {e.data.kind for e in flags} == {
        *("domestic_abuse", "child_protection", "mappa", "integrated_offender_management")
    }
    assert any(not e.data.active for e in flags)
    # A registration of the last days may be delayed, and then never arrives.
    until = FIRST_DAY + timedelta(days=DAYS - 5)
    visits = [e for e in events if e.type == "ContactScheduled" and e.data.kind == "home_visit"]
    visited = {e.subject for e in visits if london_date(e.recorded) < until}
    kinds = ("domestic_abuse", "child_protection")
    called_for = {e.subject for e in flags if e.data.active and e.data.kind in kinds}
    assert visited <= called_for
    assert len(visited) > 0.7 * len(called_for)


def test_contact_is_suspended_in_the_last_third_unless_the_risk_is_too_high(
    events: list[CloudEvent[Any]],
) -> None:
    flagged = {e.subject for e in events if e.type == "RegistrationChanged"}
    grave = {e.subject for e in events if e.type == "RiskAssessed" and e.data.rosh == "very_high"}
    varied = {e.data.sentence_id for e in events if e.type == "SentenceVaried"}
    orders = {
        e.data.sentence_id: e.data.imposed_on + (e.data.ends_on - e.data.imposed_on) * 2 / 3
        for e in events
        if e.type == "SentenceImposed" and e.data.ends_on and e.subject not in flagged | grave
    }
    late = [
        e
        for e in events
        if e.type == "ContactScheduled"
        and e.data.sentence_id in orders.keys() - varied
        and e.data.scheduled_on > orders[e.data.sentence_id] + timedelta(days=2)
    ]
    assert late
    assert all("-F" in e.data.contact_id for e in late)


def test_people_with_two_sentences_are_seen_for_both(events: list[CloudEvent[Any]]) -> None:
    second = {e.subject for e in events if e.type == "SentenceImposed" and e.data.sentence_id.endswith("-2")}
    unnamed = [e for e in events if e.type == "ContactOutcomeRecorded" and e.data.sentence_id is None]
    assert unnamed
    assert {e.subject for e in unnamed} <= second
    assert {e.data.outcome for e in unnamed} == {"complied"}


def test_a_few_outcomes_are_never_recorded(events: list[CloudEvent[Any]]) -> None:
    until = FIRST_DAY + timedelta(days=DAYS - 20)
    arranged = {
        e.data.contact_id for e in events if e.type == "ContactScheduled" and e.data.scheduled_on < until
    }
    recorded = {e.data.contact_id for e in events if e.type == "ContactOutcomeRecorded"}
    assert 0 < len(arranged - recorded) < len(arranged) * 0.04


def test_people_are_not_notified_of_an_appointment_only_during_a_transfer(
    events: list[CloudEvent[Any]],
) -> None:
    moved = {e.subject for e in events if e.type == "TransferRequested"}
    not_notified = [e for e in events if e.type == "ContactScheduled" and not e.data.notified]
    assert not_notified
    assert {e.subject for e in not_notified} <= moved


def test_enforcement_follows_failures(events: list[CloudEvent[Any]]) -> None:
    failures = {"unacceptable_absence", "failed_to_comply", "sent_home_behaviour"}
    failed = {
        getattr(e.data, "contact_id", None) or getattr(e.data, "session_id", None)
        for e in events
        if getattr(e.data, "outcome", None) in failures
    }
    answered = [e for e in events if e.type == "EnforcementActionTaken" and e.data.contact_id]
    assert answered
    assert all(e.data.contact_id in failed for e in answered)


def test_nobody_reports_after_death(events: list[CloudEvent[Any]]) -> None:
    died = {e.subject: e.data.died_on for e in events if e.type == "PersonDied"}
    after = [
        e
        for e in events
        if e.type == "ContactOutcomeRecorded" and e.subject in died and e.data.occurred_on >= died[e.subject]
    ]
    assert died
    assert after == []


def test_days_are_in_order_and_contain_every_line(lines: list[bytes]) -> None:
    days = list(by_day(lines))
    assert [day for day, _ in days] == sorted({day for day, _ in days})
    assert [line for _, of_day in days for line in of_day] == lines


def test_one_person_and_one_day_are_enough() -> None:
    assert all(london_date(parse(line).recorded) == FIRST_DAY for line in caseload(people=1, days=1))
