"""The clock of an allocation: when it is due, and what is said when it is not in time."""

from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest

from schemas.allocation import AllocationDue, AllocationOverdue
from services.allocation.case import AllocationCase
from shared.engine.assessment import Finding
from shared.engine.case import Record
from tests.allocation.facts import (
    allocated,
    assessed,
    concluded,
    day,
    died,
    findings,
    found,
    imposed,
    microseconds,
    person,
    policy_with,
    released,
    revoked,
)

R = TypeVar("R", bound=Record)


@pytest.mark.parametrize(
    ("on", "due"),
    [
        pytest.param("2026-12-24", "2027-01-05", id="E1: over Christmas"),
        pytest.param("2026-06-01", "2026-06-08", id="E2: on a Monday"),
        pytest.param("2026-05-23", "2026-06-01", id="E4: by a Saturday court before a bank holiday"),
    ],
)
def test_due_within_five_business_days_of_the_sentence(on: str, due: str) -> None:
    case = person(imposed(on, "2027-12-31"))
    assert found(concluded(case, on), "AllocationDue") == [AllocationDue(sentence_id="S1", due_on=day(due))]


def test_e5_due_within_five_calendar_days_where_policy_says_so(tmp_path: Path) -> None:
    policy = policy_with(tmp_path, 'unit = "business_days"', 'unit = "calendar_days"')
    case = person(imposed("2026-12-24", "2027-12-31"))
    (event,) = found(concluded(case, "2026-12-24", policy), "AllocationDue")
    assert event.due_on == day("2026-12-29")


def test_a_custodial_sentence_has_no_clock_until_release() -> None:
    case = person(imposed("2026-06-01"), released("2026-12-24", "2027-12-24"))
    assert found(concluded(case, "2026-12-23"), "AllocationDue", closed=True) == []
    (event,) = found(concluded(case, "2026-12-24"), "AllocationDue")
    assert event.due_on == day("2027-01-05")


def test_a_second_release_does_not_start_the_clock_again() -> None:
    case = person(
        imposed("2026-01-05"), released("2026-06-01", "2027-06-01"), released("2026-09-01", "2027-06-01")
    )
    (event,) = found(concluded(case, "2026-09-01"), "AllocationDue")
    assert event.due_on == day("2026-06-08")


def test_a_release_after_supervision_was_over_starts_the_clock_anew() -> None:
    case = person(
        imposed("2026-01-05"), released("2026-06-01", "2026-06-02"), released("2026-09-01", "2027-06-01")
    )
    assert found(concluded(case, "2026-08-31"), "AllocationDue") == []
    (event,) = found(concluded(case, "2026-09-01"), "AllocationDue")
    assert event.due_on == day("2026-09-08")


def test_a_sentence_of_the_future_has_no_clock_yet() -> None:
    assessment = concluded(person(imposed("2026-06-01", "2027-05-31")), "2026-05-31")
    assert assessment.findings == []


def test_a_release_of_an_unknown_sentence_means_nothing() -> None:
    case = person(released("2026-06-01", "2027-06-01"), revoked("2026-07-01"), allocated("2026-06-02"))
    assert concluded(case, "2026-07-02").findings == []


def test_each_sentence_has_its_own_clock() -> None:
    case = person(imposed("2026-06-01", "2027-05-31"), imposed("2026-06-03", "2027-05-31", id="S2"))
    due = {e.sentence_id: e.due_on for e in found(concluded(case, "2026-06-03"), "AllocationDue")}
    assert due == {"S1": day("2026-06-08"), "S2": day("2026-06-10")}


def test_allocation_due_is_resolved_by_the_allocation() -> None:
    case = person(imposed("2026-06-01", "2027-05-31"), allocated("2026-06-03"))
    assessment = concluded(case, "2026-06-03")
    (finding,) = findings(assessment, "AllocationDue")
    assert assessment.closed(finding) == "resolved"


def test_allocation_due_ends_with_supervision() -> None:
    case = person(imposed("2026-06-01", "2027-05-31"), revoked("2026-06-03"))
    assessment = concluded(case, "2026-06-03")
    (finding,) = findings(assessment, "AllocationDue")
    assert assessment.closed(finding) == "ended"


def test_allocation_stays_due_when_it_is_overdue() -> None:
    assert found(concluded(person(imposed("2026-06-01", "2027-05-31")), "2026-07-01"), "AllocationDue")


def test_supervision_before_the_calendar_begins_has_no_clock() -> None:
    case = person(imposed("1989-12-29", "1992-12-31"), imposed("1990-01-02", "1992-12-31", id="S2"))
    assert [e.sentence_id for e in found(concluded(case, "1990-02-01"), "AllocationDue")] == ["S2"]


def asked(case: AllocationCase, *said: tuple[str, str], key: str = "S1/1") -> AllocationCase:
    """The case, for which somebody was looked for in vain on these days, for these reasons."""
    case.refusals[key] = [(day(on), reason) for on, reason in said]
    return case


NOBODY = ("2026-06-02", "no_practitioner")


def overdue(case: AllocationCase, on: str) -> list[AllocationOverdue]:
    return found(concluded(case, on), "AllocationOverdue")


ORDER = imposed("2026-06-01", "2027-05-31")
RISK = assessed("2026-06-02")


def test_overdue_from_the_day_after_the_due_date() -> None:
    case = asked(person(ORDER, RISK), NOBODY)
    assert overdue(case, "2026-06-08") == []
    assert overdue(case, "2026-06-09") == [
        AllocationOverdue(sentence_id="S1", due_on=day("2026-06-08"), reason="no_practitioner")
    ]


@pytest.mark.parametrize(
    ("on", "late"),
    [
        pytest.param("2026-06-08", False, id="E7: on the due date is in time"),
        pytest.param("2026-06-09", True, id="E7: a day later is late, and stays so"),
    ],
)
def test_overdue_tells_history(on: str, late: bool) -> None:
    assert bool(overdue(person(ORDER, RISK, allocated(on)), "2027-01-01")) is late


@pytest.mark.parametrize(
    ("end", "raised"),
    [
        pytest.param(revoked("2026-06-05"), False, id="ended before the due date"),
        pytest.param(died("2026-06-08"), False, id="ended on the due date"),
        pytest.param(revoked("2026-06-09"), True, id="ended on the day after it"),
        pytest.param(revoked("2026-06-08", "quashed"), False, id="quashed on the due date"),
    ],
)
def test_the_end_of_supervision_stops_the_clock(end: Any, raised: bool) -> None:
    assert bool(overdue(person(ORDER, RISK, end), "2026-07-01")) is raised


@pytest.mark.parametrize(
    ("ends", "raised"),
    [
        pytest.param("2026-06-07", False, id="ran out the day before the due date"),
        pytest.param("2026-06-08", True, id="ran out on the due date"),
    ],
)
def test_a_sentence_that_runs_out_had_its_last_day(ends: str, raised: bool) -> None:
    case = person(imposed("2026-06-01", ends), RISK)
    assert overdue(case, "2026-06-08") == []
    assert bool(overdue(case, "2026-06-09")) is raised
    assert found(concluded(case, "2026-06-09"), "AllocationDue") == []


def test_awaiting_risk_when_no_assessment_was_made_by_the_due_date() -> None:
    (event,) = overdue(person(ORDER, assessed("2026-06-09")), "2026-06-20")
    assert event.reason == "awaiting_risk"


def test_risk_assessed_on_the_due_date_was_not_awaited() -> None:
    (event,) = overdue(asked(person(ORDER, assessed("2026-06-08")), NOBODY), "2026-06-20")
    assert event.reason == "no_practitioner"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param([], "not_processed", id="nobody was asked"),
        pytest.param([("2026-06-09", "no_practitioner")], "not_processed", id="asked after the due date"),
        pytest.param([("2026-06-08", "no_practitioner")], "no_practitioner", id="nobody there"),
        pytest.param([("2026-06-08", "no_capacity")], "no_capacity", id="nobody with room"),
        pytest.param(
            [("2026-06-03", "no_capacity"), ("2026-06-05", "no_practitioner")],
            "no_practitioner",
            id="the last one left",
        ),
        pytest.param(
            [("2026-06-03", "no_practitioner"), ("2026-06-09", "no_capacity")],
            "no_practitioner",
            id="somebody full came after the due date",
        ),
    ],
)
def test_the_reason_is_the_last_answer_by_the_due_date(said: list[tuple[str, str]], reason: str) -> None:
    (event,) = overdue(asked(person(ORDER, RISK), *said), "2026-07-01")
    assert event.reason == reason


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        pytest.param(None, "no_capacity", id="the first sentence asks for both"),
        pytest.param("2026-06-04", "not_processed", id="unless it has its practitioner"),
    ],
)
def test_another_sentence_that_waits_may_have_asked(first: str | None, reason: str) -> None:
    facts = [ORDER, RISK, imposed("2026-06-03", "2027-05-31", id="S2")]
    case = person(*facts, *([allocated(first)] if first else []))
    events = overdue(asked(case, ("2026-06-03", "no_capacity")), "2026-07-01")
    assert {e.sentence_id: e.reason for e in events}["S2"] == reason


def test_nobody_else_for_a_change_says_nothing_of_a_new_sentence() -> None:
    facts = [ORDER, RISK, allocated("2026-06-03"), imposed("2026-06-10", "2027-05-31", id="S2")]
    case = asked(person(*facts), ("2026-06-05", "no_capacity"), key="S1/2")
    assert [e.reason for e in overdue(case, "2026-07-01")] == ["not_processed"]


def recorded(record: R, at: str) -> R:
    """The record, told by its source at that instant (UTC)."""
    return msgspec.structs.replace(record, recorded=microseconds(at))


@pytest.mark.parametrize(
    ("register", "key", "at", "reason"),
    [
        pytest.param("sentences", "S1", "2026-06-08T22:59:59", "no_practitioner", id="told just in time"),
        pytest.param("sentences", "S1", "2026-06-08T23:00:00", "not_processed", id="sentence told too late"),
        pytest.param("assessments", "A1", "2026-06-08T22:59:59", "no_practitioner", id="risk told in time"),
        pytest.param("assessments", "A1", "2026-06-08T23:00:00", "awaiting_risk", id="risk told too late"),
    ],
)
def test_reason_by_what_was_known_on_the_due_date(register: str, key: str, at: str, reason: str) -> None:
    case = asked(person(ORDER, RISK), NOBODY)
    register_of: dict[str, Record] = getattr(case, register)
    register_of[key] = recorded(register_of[key], at)
    (event,) = overdue(case, "2026-07-01")
    assert event.reason == reason


def test_a_release_told_too_late_was_not_processed() -> None:
    case = asked(person(imposed("2026-01-05"), released("2026-06-01", "2027-06-01"), RISK), NOBODY)
    key = "S1/2026-06-01"
    case.releases[key] = recorded(case.releases[key], "2026-06-30T09:00:00")
    (event,) = overdue(case, "2026-07-01")
    assert event.reason == "not_processed"


def test_findings_say_what_they_rest_on() -> None:
    case = person(imposed("2026-01-05"), released("2026-06-01", "2027-06-01"))
    (finding,) = findings(concluded(case, "2026-06-01"), "AllocationDue")
    assert isinstance(finding, Finding)
    assert [record.event_id for record in finding.because] == ["event-1", "event-2"]
    assert finding.policy == "allocation@2026-05-11"
    assert "ALLOC-1" in finding.rules
