"""The synthetic caseload: valid, the same each time, and as untidy as the real thing."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from schemas.catalogue import CATALOGUE, correction_key
from schemas.envelope import CloudEvent
from schemas.parsing import parse
from shared.calendar import london_date
from tools.simulate import FIRST_DAY, by_day, caseload

PEOPLE, DAYS = 120, 365


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
        *("RiskAssessed", "RegistrationChanged", "SentencePlanCompleted", "ContactScheduled"),
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
