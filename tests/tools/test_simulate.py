"""The synthetic caseload: valid, the same each time, and as untidy as the real thing."""

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
    """Parsing is the test that all are valid: a line that is not raises."""
    return [parse(line) for line in lines]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(lines: list[bytes]) -> None:
    assert caseload(seed=7, people=PEOPLE, days=DAYS) == lines
    assert caseload(seed=8, people=PEOPLE, days=DAYS) != lines


def test_a_person_lives_the_same_life_in_company(events: list[CloudEvent[Any]]) -> None:
    # What is held up in the last days never arrives, and that is drawn for all together.
    until = FIRST_DAY + timedelta(days=DAYS - 5)

    def life(of: list[CloudEvent[Any]]) -> set[str]:
        return {e.id for e in of if e.subject == "X100001" and london_date(e.recorded) < until}

    alone = life([parse(line) for line in caseload(seed=7, people=1, days=DAYS)])
    assert alone
    assert alone == life(events)


def test_everything_is_recorded_within_the_days_asked_for(events: list[CloudEvent[Any]]) -> None:
    last = FIRST_DAY + timedelta(days=DAYS - 1)
    assert all(FIRST_DAY <= london_date(e.recorded) <= last for e in events)
    assert all(e.time <= e.recorded for e in events)


def test_each_feed_tells_what_belongs_to_it(events: list[CloudEvent[Any]]) -> None:
    for event in events:
        entry = CATALOGUE[event.type]
        assert event.source == f"/feeds/{entry.topics[0]}"
        assert event.dataschema == entry.dataschema
        assert event.partitionkey == event.subject
        assert (event.dataclassification == "restricted") == (entry.subject == "person")


def test_the_year_holds_what_a_year_holds(events: list[CloudEvent[Any]]) -> None:
    count = Counter(e.type for e in events)
    for type in (
        *("SentenceImposed", "SentenceRevoked", "SentenceVaried", "BreachHearingResulted"),
        *("ReleasePlanned", "PersonReleased", "PersonTakenIntoCustody", "PersonLeftCustody"),
        *("RiskAssessed", "RegistrationChanged", "SentencePlanCompleted", "PartnerCheckCompleted"),
        *("ContactScheduled", "ContactSuspensionRequested", "ManagerDecisionRecorded"),
        *("TransferRequested", "TransferAccepted"),
        *("ContactOutcomeRecorded", "EnforcementActionTaken", "PersonDied", "PersonMerged"),
        *("SessionRecorded", "EmploymentNeedAssessed", "PractitionerUpdated"),
    ):
        assert count[type], type
    kinds = {e.data.kind for e in events if e.type == "SentenceImposed"}
    assert kinds == {"community_order", "suspended_sentence_order", "custodial"}
    actions = {e.data.action for e in events if e.type == "EnforcementActionTaken"}
    assert {"warning", "breach_initiated", "no_further_action"} <= actions


def test_it_is_late_doubled_and_out_of_order(events: list[CloudEvent[Any]]) -> None:
    assert len({e.id for e in events}) < len(events)
    assert any(london_date(e.recorded) > london_date(e.time) for e in events)
    recorded = [e.recorded for e in events]
    assert recorded != sorted(recorded)


def test_a_line_that_is_sent_twice_is_the_same_line(lines: list[bytes]) -> None:
    first: dict[str, bytes] = {}
    for line in lines:
        assert first.setdefault(parse(line).id, line) == line


def test_some_of_it_is_corrected_and_some_voided(events: list[CloudEvent[Any]]) -> None:
    versions = Counter(
        (e.type, e.subject, correction_key(e.type, e.data)) for e in {e.id: e for e in events}.values()
    )
    assert any(n > 1 for n in versions.values())
    assert any(e.data.voided for e in events)


def sentenced(events: list[CloudEvent[Any]]) -> dict[str, tuple[date, int]]:
    """By sentence the day from which the person is supervised, and the business days to the first contact."""
    released = {
        e.data.sentence_id: e.data.released_on for e in reversed(events) if e.type == "PersonReleased"
    }
    orders = [e.data for e in events if e.type == "SentenceImposed" and e.data.kind != "custodial"]
    return {data.sentence_id: (data.imposed_on, 5) for data in orders} | {
        sentence_id: (on, 1) for sentence_id, on in released.items()
    }


def test_first_appointments_are_mostly_offered_in_time(events: list[CloudEvent[Any]]) -> None:
    first = {e.data.contact_id: e.data.scheduled_on for e in events if e.type == "ContactScheduled"}
    waited = [
        first[f"{id}-C001"] <= CALENDAR.business_days_after(on, days)
        for id, (on, days) in sentenced(events).items()
        if f"{id}-C001" in first
    ]
    assert len(waited) > PEOPLE * 0.9
    assert 0.88 < sum(waited) / len(waited) < 1


def test_who_is_at_higher_risk_is_seen_more_often(events: list[CloudEvent[Any]]) -> None:
    risk = {e.subject: e.data.rosh for e in reversed(events) if e.type == "RiskAssessed"}
    weeks: dict[str, list[int]] = {"low": [], "medium": [], "high": []}
    for crn, rosh in risk.items():
        planned = [
            e
            for e in events
            if e.subject == crn and e.type == "ContactScheduled" and e.data.kind == "planned"
        ]
        days = sorted({e.data.scheduled_on for e in planned})
        # After the first weeks, in which everybody is seen weekly.
        weeks.get(rosh, []).extend((b - a).days // 7 for a, b in pairwise(days[4:]))
    assert median(weeks["low"]) == 4
    assert median(weeks["medium"]) == 2
    assert median(weeks["high"]) == 1


def test_a_plan_without_a_self_assessment_is_made_up_for(events: list[CloudEvent[Any]]) -> None:
    plans = [e.data for e in events if e.type == "SentencePlanCompleted"]
    missing = {plan.sentence_id: plan.completed_on for plan in plans if plan.self_assessment == "missing"}
    assert missing
    complete = [plan for plan in plans if plan.self_assessment != "missing" and plan.sentence_id in missing]
    assert all(plan.completed_on > missing[plan.sentence_id] for plan in complete)
    assert any(plan.face_to_face_every_days for plan in plans)


def test_home_visits_follow_most_registrations(events: list[CloudEvent[Any]]) -> None:
    flags = [e for e in events if e.type == "RegistrationChanged"]
    assert {e.data.kind for e in flags} == {"domestic_abuse", "child_protection", "mappa"}
    assert any(not e.data.active for e in flags)
    visited = {e.subject for e in events if e.type == "ContactScheduled" and e.data.kind == "home_visit"}
    called_for = {e.subject for e in flags if e.data.active and e.data.kind != "mappa"}
    assert visited <= called_for
    assert len(visited) > 0.7 * len(called_for)


def test_contact_rests_in_the_last_third_unless_the_risk_forbids_it(events: list[CloudEvent[Any]]) -> None:
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


def test_who_serves_two_sentences_is_seen_for_both(events: list[CloudEvent[Any]]) -> None:
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


def test_whoever_is_not_told_of_an_appointment_is_being_handed_over(events: list[CloudEvent[Any]]) -> None:
    moved = {e.subject for e in events if e.type == "TransferRequested"}
    untold = [e for e in events if e.type == "ContactScheduled" and not e.data.notified]
    assert untold
    assert {e.subject for e in untold} <= moved


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


def test_days_come_in_order_and_hold_every_line(lines: list[bytes]) -> None:
    days = list(by_day(lines))
    assert [day for day, _ in days] == sorted({day for day, _ in days})
    assert [line for _, of_day in days for line in of_day] == lines


def test_a_day_and_a_person_are_enough() -> None:
    assert all(london_date(parse(line).recorded) == FIRST_DAY for line in caseload(people=1, days=1))
