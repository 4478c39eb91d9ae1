"""When an allocation is due, and what is said when it is not in time (ALLOC-1, ALLOC-3, ALLOC-5)."""

from datetime import date
from pathlib import Path

from schemas.allocation import AllocationDue, AllocationOverdue
from services.allocation.app import SERVICE as ALLOCATION
from tests import facts as f
from tests.casebook import on
from tests.policies import changed
from tests.table import table

ORDER = f.order("2026-06-01")  # due on 8 June
RISK = f.risk("2026-06-02")
CUSTODIAL = f.custodial("2026-01-05")


def due(day: str, *facts: f.Fact) -> dict[str, str]:
    """When the sentences that wait for a practitioner are due."""
    events = on(day, ALLOCATION, *facts).open("AllocationDue").values()
    return {event.sentence_id: event.due_on.isoformat() for event in events}


@table(
    """
    | case                                          | day        | due_on     |
    | E1: over Christmas                            | 2026-12-24 | 2027-01-05 |
    | E2: on a Monday                               | 2026-06-01 | 2026-06-08 |
    | E4: by a Saturday court before a bank holiday | 2026-05-23 | 2026-06-01 |
    """,
)
def test_due_within_five_business_days_of_the_sentence(day: str, due_on: str) -> None:
    event = on(day, ALLOCATION, f.order(day)).one("AllocationDue")
    assert event == AllocationDue(**f.PLACE, sentence_id="S1", due_on=date.fromisoformat(due_on))


def test_e5_due_within_five_calendar_days_where_policy_says_so(tmp_path: Path) -> None:
    policy = changed(ALLOCATION, tmp_path, allocation_days={"unit": '"calendar_days"'})
    event = on("2026-12-24", ALLOCATION, f.order("2026-12-24"), policy=policy).one("AllocationDue")
    assert event.due_on == date(2026, 12, 29)


def test_a_custodial_sentence_without_a_planned_release_has_no_clock_until_release() -> None:
    """D6: nobody announced the release, so that nobody was in place by the day before."""
    facts = [f.custodial("2026-06-01"), f.released("2026-12-24", "2027-12-24")]
    assert on("2026-12-23", ALLOCATION, *facts).findings("AllocationDue") == []
    assert due("2026-12-24", *facts) == {"S1": "2026-12-23"}


def test_a_second_release_does_not_start_the_clock_again() -> None:
    releases = [f.released("2026-06-01", "2027-06-01"), f.released("2026-09-01", "2027-06-01")]
    assert due("2026-09-01", CUSTODIAL, *releases) == {"S1": "2026-05-31"}


def test_a_release_after_supervision_was_over_starts_the_clock_anew() -> None:
    releases = [f.released("2026-06-01", "2026-06-02"), f.released("2026-09-01", "2027-06-01")]
    assert due("2026-08-31", CUSTODIAL, *releases) == {}
    assert due("2026-09-01", CUSTODIAL, *releases) == {"S1": "2026-08-31"}


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


NOBODY = {"2026-06-02": "no_practitioner"}
"""Since when nobody was there to take the case."""


def overdue(
    day: str, *facts: f.Fact, said: dict[str, str] = NOBODY, key: str = "S1/1"
) -> dict[str, AllocationOverdue]:
    """What is overdue, by sentence; `said` is since when and why the request of that key was refused."""
    refusals = {key: [(date.fromisoformat(since), reason) for since, reason in said.items()]}
    return on(day, ALLOCATION, *facts, refusals=refusals).open("AllocationOverdue")


def reason(*facts: f.Fact, said: dict[str, str] = NOBODY) -> str:
    """Why the only overdue allocation was, as told for good."""
    (event,) = overdue("2026-07-01", *facts, said=said).values()
    return event.reason


def test_overdue_from_the_day_after_the_due_date() -> None:
    assert overdue("2026-06-08", ORDER, RISK) == {}
    event = AllocationOverdue(**f.PLACE, sentence_id="S1", due_on=date(2026, 6, 8), reason="no_practitioner")
    assert overdue("2026-06-09", ORDER, RISK) == {"S1": event}


@table(
    """
    | case                                  | fact                 | late  |
    | E7: on the due date is in time        | 2026-06-08 allocated | False |
    | E7: a day later is late, and stays so | 2026-06-09 allocated | True  |
    """,
)
def test_overdue_tells_history(fact: f.Fact, late: bool) -> None:
    assert bool(overdue("2027-01-01", ORDER, RISK, fact)) is late


@table(
    """
    | case                      | fact                       | raised |
    | ended before the due date | 2026-06-05 revoked         | False  |
    | ended on the due date     | 2026-06-08 died            | False  |
    | ended on the day after it | 2026-06-09 revoked         | True   |
    | quashed on the due date   | 2026-06-08 revoked quashed | False  |
    """,
)
def test_the_end_of_supervision_stops_the_clock(fact: f.Fact, raised: bool) -> None:
    assert bool(overdue("2026-07-01", ORDER, RISK, fact)) is raised


@table(
    """
    | case                                | ends       | raised |
    | ran out the day before the due date | 2026-06-07 | False  |
    | ran out on the due date             | 2026-06-08 | True   |
    """,
)
def test_a_sentence_that_runs_out_had_its_last_day(ends: str, raised: bool) -> None:
    facts = [f.order("2026-06-01", ends), RISK]
    assert overdue("2026-06-08", *facts) == {}
    assert bool(overdue("2026-06-09", *facts)) is raised
    assert due("2026-06-09", *facts) == {}


def test_awaiting_risk_when_no_assessment_was_made_by_the_due_date() -> None:
    assert reason(ORDER, f.risk("2026-06-09"), said={}) == "awaiting_risk"


def test_risk_assessed_on_the_due_date_was_not_awaited() -> None:
    assert reason(ORDER, f.risk("2026-06-08")) == "no_practitioner"


@table(
    """
    | case                                  | said                                                           | why             |
    | nobody was asked                      | {}                                                             | not_processed   |
    | asked after the due date              | {"2026-06-09": "no_practitioner"}                              | not_processed   |
    | nobody there                          | {"2026-06-08": "no_practitioner"}                              | no_practitioner |
    | nobody with room                      | {"2026-06-08": "no_capacity"}                                  | no_capacity     |
    | the last one left                     | {"2026-06-03": "no_capacity", "2026-06-05": "no_practitioner"} | no_practitioner |
    | somebody full came after the due date | {"2026-06-03": "no_practitioner", "2026-06-09": "no_capacity"} | no_practitioner |
    """,  # noqa: E501
)
def test_the_reason_is_the_last_answer_by_the_due_date(said: dict[str, str], why: str) -> None:
    assert reason(ORDER, RISK, said=said) == why


@table(
    """
    | case                             | facts                | why           |
    | the first sentence asks for both |                      | no_capacity   |
    | unless it has its practitioner   | 2026-06-04 allocated | not_processed |
    """,
)
def test_another_sentence_that_waits_may_have_asked(facts: list[f.Fact], why: str) -> None:
    second = f.order("2026-06-03", id="S2")
    events = overdue("2026-07-01", ORDER, RISK, second, *facts, said={"2026-06-03": "no_capacity"})
    assert events["S2"].reason == why


def test_nobody_else_for_a_change_says_nothing_of_a_new_sentence() -> None:
    facts = [ORDER, RISK, f.allocated("2026-06-03"), f.order("2026-06-10", id="S2")]
    events = overdue("2026-07-01", *facts, said={"2026-06-05": "no_capacity"}, key="S1/2")
    assert [event.reason for event in events.values()] == ["not_processed"]


@table(
    """
    | case                   | facts                                                                                                | why             |
    | told just in time      | 2026-06-01 order recorded=2026-06-08T23:59:59; 2026-06-02 risk                                       | no_practitioner |
    | sentence told too late | 2026-06-01 order recorded=2026-06-09T00:00; 2026-06-02 risk                                          | not_processed   |
    | risk told in time      | 2026-06-01 order; 2026-06-02 risk recorded=2026-06-08T23:59:59                                       | no_practitioner |
    | risk told too late     | 2026-06-01 order; 2026-06-02 risk recorded=2026-06-09T00:00                                          | awaiting_risk   |
    | another day before it  | 2026-06-02 order recorded=2026-06-02; 2026-06-01 order recorded=2026-06-10; 2026-06-02 risk          | not_processed   |
    | another unit before it | 2026-06-01 order pdu=leeds recorded=2026-06-02; 2026-06-01 order recorded=2026-06-10; 2026-06-02 risk | no_practitioner |
    | release told too late  | 2026-01-05 custodial; 2026-06-01 released ends=2027-06-01 recorded=2026-06-30T10:00; 2026-06-02 risk | not_processed   |
    """,  # noqa: E501
)
def test_reason_by_what_was_known_on_the_due_date(facts: list[f.Fact], why: str) -> None:
    assert reason(*facts) == why


def test_findings_say_what_they_rest_on() -> None:
    case = on("2026-06-01", ALLOCATION, CUSTODIAL, f.released("2026-06-01", "2027-06-01"))
    (finding,) = case.findings("AllocationDue")
    assert case.evidence("AllocationDue") == {"S1": ["SentenceImposed-S1", "PersonReleased-S1-2026-06-01"]}
    assert finding.policy == "allocation@2026-05-11"
    assert "ALLOC-1" in finding.rules
