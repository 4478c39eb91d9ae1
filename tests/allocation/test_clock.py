"""When an allocation is due, and what is said when it is not in time (ALLOC-1, ALLOC-3, ALLOC-5)."""

from datetime import date
from pathlib import Path

import pytest

from schemas.allocation import AllocationDue, AllocationOverdue
from services.allocation.app import SERVICE as ALLOCATION
from tests import facts as f
from tests.casebook import on
from tests.policies import changed

ORDER = f.order("2026-06-01")  # due on 8 June
RISK = f.risk("2026-06-02")
CUSTODIAL = f.custodial("2026-01-05")


def due(day: str, *facts: f.Fact) -> dict[str, str]:
    """When the sentences that wait for a practitioner are due."""
    events = on(day, ALLOCATION, *facts).open("AllocationDue").values()
    return {event.sentence_id: event.due_on.isoformat() for event in events}


@pytest.mark.parametrize(
    ("day", "due_on"),
    [
        pytest.param("2026-12-24", "2027-01-05", id="E1: over Christmas"),
        pytest.param("2026-06-01", "2026-06-08", id="E2: on a Monday"),
        pytest.param("2026-05-23", "2026-06-01", id="E4: by a Saturday court before a bank holiday"),
    ],
)
def test_due_within_five_business_days_of_the_sentence(day: str, due_on: str) -> None:
    event = on(day, ALLOCATION, f.order(day)).one("AllocationDue")
    assert event == AllocationDue(sentence_id="S1", due_on=date.fromisoformat(due_on))


def test_e5_due_within_five_calendar_days_where_policy_says_so(tmp_path: Path) -> None:
    policy = changed(ALLOCATION, tmp_path, allocation_days={"unit": '"calendar_days"'})
    event = on("2026-12-24", ALLOCATION, f.order("2026-12-24"), policy=policy).one("AllocationDue")
    assert event.due_on == date(2026, 12, 29)


def test_a_custodial_sentence_has_no_clock_until_release() -> None:
    facts = [f.custodial("2026-06-01"), f.released("2026-12-24", "2027-12-24")]
    assert on("2026-12-23", ALLOCATION, *facts).findings("AllocationDue") == []
    assert due("2026-12-24", *facts) == {"S1": "2027-01-05"}


def test_a_second_release_does_not_start_the_clock_again() -> None:
    releases = [f.released("2026-06-01", "2027-06-01"), f.released("2026-09-01", "2027-06-01")]
    assert due("2026-09-01", CUSTODIAL, *releases) == {"S1": "2026-06-08"}


def test_a_release_after_supervision_was_over_starts_the_clock_anew() -> None:
    releases = [f.released("2026-06-01", "2026-06-02"), f.released("2026-09-01", "2027-06-01")]
    assert due("2026-08-31", CUSTODIAL, *releases) == {}
    assert due("2026-09-01", CUSTODIAL, *releases) == {"S1": "2026-09-08"}


def test_a_sentence_of_the_future_has_no_clock_yet() -> None:
    assert on("2026-05-31", ALLOCATION, ORDER).all == []


def test_a_release_of_an_unknown_sentence_means_nothing() -> None:
    facts = [f.released("2026-06-01", "2027-06-01"), f.revoked("2026-07-01"), f.allocated("2026-06-02")]
    assert on("2026-07-02", ALLOCATION, *facts).all == []


def test_each_sentence_has_its_own_clock() -> None:
    assert due("2026-06-03", ORDER, f.order("2026-06-03", id="S2")) == {
        "S1": "2026-06-08",
        "S2": "2026-06-10",
    }


def test_allocation_due_is_resolved_by_the_allocation() -> None:
    case = on("2026-06-03", ALLOCATION, ORDER, f.allocated("2026-06-03"))
    assert case.closed("AllocationDue") == {"S1": "resolved"}


def test_allocation_due_ends_with_supervision() -> None:
    case = on("2026-06-03", ALLOCATION, ORDER, f.revoked("2026-06-03"))
    assert case.closed("AllocationDue") == {"S1": "ended"}


def test_allocation_stays_due_when_it_is_overdue() -> None:
    assert due("2026-07-01", ORDER) == {"S1": "2026-06-08"}


def test_supervision_before_the_calendar_begins_has_no_clock() -> None:
    before = f.order("1989-12-29", "1992-12-31")
    assert [*due("1990-02-01", before, f.order("1990-01-02", "1992-12-31", id="S2"))] == ["S2"]


NOBODY = ("2026-06-02", "no_practitioner")
"""Since when nobody was there to take the case."""


def overdue(
    day: str, *facts: f.Fact, said: tuple[tuple[str, str], ...] = (NOBODY,), key: str = "S1/1"
) -> dict[str, AllocationOverdue]:
    """What is overdue, by sentence; `said` is since when and why the request of that key was refused."""
    refusals = {key: [(date.fromisoformat(since), reason) for since, reason in said]}
    return on(day, ALLOCATION, *facts, refusals=refusals).open("AllocationOverdue")


def reason(*facts: f.Fact, said: tuple[tuple[str, str], ...] = (NOBODY,)) -> str:
    """Why the only overdue allocation was, as told for good."""
    (event,) = overdue("2026-07-01", *facts, said=said).values()
    return event.reason


def test_overdue_from_the_day_after_the_due_date() -> None:
    assert overdue("2026-06-08", ORDER, RISK) == {}
    event = AllocationOverdue(sentence_id="S1", due_on=date(2026, 6, 8), reason="no_practitioner")
    assert overdue("2026-06-09", ORDER, RISK) == {"S1": event}


@pytest.mark.parametrize(
    ("day", "late"),
    [
        pytest.param("2026-06-08", False, id="E7: on the due date is in time"),
        pytest.param("2026-06-09", True, id="E7: a day later is late, and stays so"),
    ],
)
def test_overdue_tells_history(day: str, late: bool) -> None:
    assert bool(overdue("2027-01-01", ORDER, RISK, f.allocated(day))) is late


@pytest.mark.parametrize(
    ("end", "raised"),
    [
        pytest.param(f.revoked("2026-06-05"), False, id="ended before the due date"),
        pytest.param(f.died("2026-06-08"), False, id="ended on the due date"),
        pytest.param(f.revoked("2026-06-09"), True, id="ended on the day after it"),
        pytest.param(f.revoked("2026-06-08", "quashed"), False, id="quashed on the due date"),
    ],
)
def test_the_end_of_supervision_stops_the_clock(end: f.Fact, raised: bool) -> None:
    assert bool(overdue("2026-07-01", ORDER, RISK, end)) is raised


@pytest.mark.parametrize(
    ("ends", "raised"),
    [
        pytest.param("2026-06-07", False, id="ran out the day before the due date"),
        pytest.param("2026-06-08", True, id="ran out on the due date"),
    ],
)
def test_a_sentence_that_runs_out_had_its_last_day(ends: str, raised: bool) -> None:
    facts = [f.order("2026-06-01", ends), RISK]
    assert overdue("2026-06-08", *facts) == {}
    assert bool(overdue("2026-06-09", *facts)) is raised
    assert due("2026-06-09", *facts) == {}


def test_awaiting_risk_when_no_assessment_was_made_by_the_due_date() -> None:
    assert reason(ORDER, f.risk("2026-06-09"), said=()) == "awaiting_risk"


def test_risk_assessed_on_the_due_date_was_not_awaited() -> None:
    assert reason(ORDER, f.risk("2026-06-08")) == "no_practitioner"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param((), "not_processed", id="nobody was asked"),
        pytest.param((("2026-06-09", "no_practitioner"),), "not_processed", id="asked after the due date"),
        pytest.param((("2026-06-08", "no_practitioner"),), "no_practitioner", id="nobody there"),
        pytest.param((("2026-06-08", "no_capacity"),), "no_capacity", id="nobody with room"),
        pytest.param(
            (("2026-06-03", "no_capacity"), ("2026-06-05", "no_practitioner")),
            "no_practitioner",
            id="the last one left",
        ),
        pytest.param(
            (("2026-06-03", "no_practitioner"), ("2026-06-09", "no_capacity")),
            "no_practitioner",
            id="somebody full came after the due date",
        ),
    ],
)
def test_the_reason_is_the_last_answer_by_the_due_date(said: tuple[tuple[str, str], ...], why: str) -> None:
    assert reason(ORDER, RISK, said=said) == why


@pytest.mark.parametrize(
    ("first", "why"),
    [
        pytest.param([], "no_capacity", id="the first sentence asks for both"),
        pytest.param([f.allocated("2026-06-04")], "not_processed", id="unless it has its practitioner"),
    ],
)
def test_another_sentence_that_waits_may_have_asked(first: list[f.Fact], why: str) -> None:
    second = f.order("2026-06-03", id="S2")
    events = overdue("2026-07-01", ORDER, RISK, second, *first, said=(("2026-06-03", "no_capacity"),))
    assert events["S2"].reason == why


def test_nobody_else_for_a_change_says_nothing_of_a_new_sentence() -> None:
    facts = [ORDER, RISK, f.allocated("2026-06-03"), f.order("2026-06-10", id="S2")]
    events = overdue("2026-07-01", *facts, said=(("2026-06-05", "no_capacity"),), key="S1/2")
    assert [event.reason for event in events.values()] == ["not_processed"]


LAST_SECOND, TOO_LATE = "2026-06-08T23:59:59", "2026-06-09T00:00"


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        pytest.param([ORDER.said(LAST_SECOND), RISK], "no_practitioner", id="told just in time"),
        pytest.param([ORDER.said(TOO_LATE), RISK], "not_processed", id="sentence told too late"),
        pytest.param([ORDER, RISK.said(LAST_SECOND)], "no_practitioner", id="risk told in time"),
        pytest.param([ORDER, RISK.said(TOO_LATE)], "awaiting_risk", id="risk told too late"),
        pytest.param(
            [CUSTODIAL, f.released("2026-06-01", "2027-06-01", recorded="2026-06-30T10:00"), RISK],
            "not_processed",
            id="release told too late",
        ),
    ],
)
def test_reason_by_what_was_known_on_the_due_date(facts: list[f.Fact], why: str) -> None:
    assert reason(*facts) == why


def test_findings_say_what_they_rest_on() -> None:
    case = on("2026-06-01", ALLOCATION, CUSTODIAL, f.released("2026-06-01", "2027-06-01"))
    (finding,) = case.findings("AllocationDue")
    assert case.evidence("AllocationDue") == {"S1": ["SentenceImposed-S1", "PersonReleased-S1-2026-06-01"]}
    assert finding.policy == "allocation@2026-05-11"
    assert "ALLOC-1" in finding.rules
