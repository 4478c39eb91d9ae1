"""Prisoners: who is responsible by when (ALLOC-20), hand-over (RES-4), tasks before release (RES-6)."""

from services.allocation.app import SERVICE as ALLOCATION
from tests import facts as f
from tests.casebook import on
from tests.ledger import Ledger
from tests.table import table

SENTENCE = f.custodial("2026-06-01")
SHORT = f.release_planned("2026-09-14", "2027-06-01")  # a Monday
LONG = f.release_planned("2027-06-01", "2028-06-01", "long_term")
HANDOVER = "2026-10-16"
"""228 days before 1 June 2027."""


def due(day: str, *facts: f.Fact, type: str = "AllocationDue") -> list[str]:
    return [event.due_on.isoformat() for event in on(day, ALLOCATION, *facts).open(type).values()]


def test_a_short_term_prisoner_is_allocated_within_five_days_of_the_sentence() -> None:
    assert due("2026-06-01", SENTENCE, SHORT) == ["2026-06-08"]
    assert due("2026-06-09", SENTENCE, SHORT, type="AllocationOverdue") == ["2026-06-08"]


def test_a_long_term_prisoner_at_the_hand_over() -> None:
    assert due("2026-10-15", SENTENCE, LONG) == []
    assert due(HANDOVER, SENTENCE, LONG) == [HANDOVER]
    assert due(HANDOVER, SENTENCE, LONG, type="AllocationOverdue") == []
    assert due("2026-10-17", SENTENCE, LONG, type="AllocationOverdue") == [HANDOVER]


@table(
    """
    | case                                       | release    | due        |
    | the hand-over was before the sentence      | 2026-09-14 | 2026-06-08 |
    | it is within those days                    | 2027-01-18 | 2026-06-08 |
    | it is after them                           | 2027-01-23 | 2026-06-09 |
    | released within those days                 | 2026-06-04 | 2026-06-03 |
    """,
)
def test_a_long_term_prisoner_has_no_less_than_the_five_days_of_the_sentence(release: str, due: str) -> None:
    case = on("2026-06-09", ALLOCATION, SENTENCE, f.release_planned(release, "2027-06-01", "long_term"))
    assert case.one("AllocationDue").due_on.isoformat() == due


@table(
    """
    | case                            | fact                                                 | due            |
    | under twelve months             | 2026-06-01 custodial days=364                        | ["2026-06-08"] |
    | of twelve months                | 2026-06-01 custodial days=365                        | []             |
    | of unknown length               | 2026-06-01 custodial days=null                       | []             |
    | for life                        | 2026-06-01 custodial days=null custody_type=life     | []             |
    | extended                        | 2026-06-01 custodial days=364 custody_type=extended  | []             |
    """,  # noqa: E501
)
def test_a_short_sentence_is_short_term_before_a_release_is_planned(fact: f.Fact, due: list[str]) -> None:
    case = on("2026-06-01", ALLOCATION, fact, f.risk("2026-06-01"))
    assert [e.due_on.isoformat() for e in case.open("AllocationDue").values()] == due
    assert [request.details.team for request in case.requests] == ["short_sentence"] * len(due)


def test_what_the_prison_says_of_the_stay_goes_before_the_length_of_the_sentence() -> None:
    short = f.custodial("2026-06-01", 200)
    assert due("2026-06-01", short, LONG) == []
    assert due("2026-06-01", SENTENCE, SHORT) == ["2026-06-08"]


@table(
    """
    | case                                          | facts                                                                | due        |
    | released soon: by the day before              | 2026-06-04 release planned ends=2027-06-01                           | 2026-06-03 |
    | long term, released earlier than planned      | LONG; 2026-08-03 released ends=2027-06-01                            | 2026-08-02 |
    | a release that nobody announced               | 2026-08-03 released ends=2027-06-01                                  | 2026-08-02 |
    | released later than planned: still that day   | 2026-06-04 release planned ends=2027-06-01; 2026-06-20 released ends=2027-06-01 | 2026-06-03 |
    """,  # noqa: E501
    LONG=LONG,
)
def test_in_every_case_by_the_day_before_release(facts: list[f.Fact], due: str) -> None:
    event = on("2026-08-03", ALLOCATION, SENTENCE, *facts).one("AllocationOverdue")
    assert event.due_on.isoformat() == due


def test_nobody_there_on_the_day_of_release_is_overdue_on_that_day() -> None:
    plan = f.release_planned("2026-06-05", "2027-06-01")
    assert due("2026-06-04", SENTENCE, plan, type="AllocationOverdue") == []
    assert due("2026-06-05", SENTENCE, plan, type="AllocationOverdue") == ["2026-06-04"]


def test_a_release_that_is_moved_moves_the_due_date() -> None:
    moved = f.release_planned("2027-07-01", "2028-06-01", "long_term", recorded="2026-08-01")
    assert due("2026-11-15", SENTENCE, LONG, moved) == ["2026-11-15"]


def test_who_has_taken_a_prisoner_keeps_the_case_when_the_release_is_moved_or_not_planned_any_more() -> None:
    ledger = Ledger(ALLOCATION)
    ledger.day("2026-06-01")
    ledger.tell(f.practitioner(), SENTENCE, LONG.said("2026-06-01"), f.risk("2026-06-01"))
    ledger.day(HANDOVER)
    held = ledger.casebooks[0].file("P1").case.used
    assert held["points"] > 0
    for moved in ("2028-03-01", "2027-03-01"):
        ledger.tell(f.release_planned(moved, "2028-06-01", "long_term", recorded=HANDOVER))
        assert ledger.casebooks[0].overview(f.PERSON).practitioner == "P1"
    ledger.tell(LONG.voided().said("2026-11-01"))
    ledger.day("2026-11-02")
    assert ledger.casebooks[0].overview(f.PERSON).practitioner == "P1"
    assert ledger.casebooks[0].file("P1").case.used == held
    assert [a.practitioner_id for a in ledger.standing("CaseAllocated")] == ["P1"]
    assert ledger.standing("AllocationDue") == []


LET_OUT = f.let_out("2026-09-01", "2026-09-03")


@table(
    """
    | case                                      | facts                                             | due        |
    | no release is planned                     | LET_OUT                                           | 2026-08-31 |
    | long before the hand-over                 | LET_OUT; LONG                                     | 2026-08-31 |
    | the first of two                          | LET_OUT; 2026-10-01 let out G2                    | 2026-08-31 |
    | due before it anyway                      | LET_OUT; SHORT                                    | 2026-06-08 |
    | not before the release itself             | LET_OUT; 2026-08-28 released ends=2027-06-01      | 2026-08-27 |
    """,  # noqa: E501
    LET_OUT=LET_OUT,
    LONG=LONG,
    SHORT=SHORT,
)
def test_before_a_temporary_release_somebody_is_in_place(facts: list[f.Fact], due: str) -> None:
    case = on("2026-08-28", ALLOCATION, SENTENCE, *facts)
    assert [e.due_on.isoformat() for e in case.open("AllocationDue").values()] == [due]


def test_nobody_there_on_the_day_of_a_temporary_release_is_overdue_on_that_day() -> None:
    assert due("2026-08-03", SENTENCE, LET_OUT) == []
    assert due("2026-08-04", SENTENCE, LET_OUT) == ["2026-08-31"]
    assert due("2026-08-31", SENTENCE, LET_OUT, type="AllocationOverdue") == []
    assert due("2026-09-01", SENTENCE, LET_OUT, type="AllocationOverdue") == ["2026-08-31"]


@table(
    """
    | case                  | fact                                   |
    | that never was        | 2026-09-01 let out voided=true         |
    | from another sentence | 2026-09-01 let out sentence=S2         |
    """,
)
def test_a_temporary_release_calls_for_nobody(fact: f.Fact) -> None:
    assert due("2026-09-01", SENTENCE, fact) == []


def test_who_is_let_out_for_a_time_stays_a_prisoner_with_the_same_practitioner() -> None:
    ledger = Ledger(ALLOCATION)
    ledger.day("2026-06-01")
    ledger.tell(f.practitioner(), SENTENCE, LONG.said("2026-06-01"), LET_OUT.said("2026-06-01"))
    ledger.tell(f.risk("2026-06-01"))
    ledger.day("2026-08-04")
    (allocation,) = ledger.standing("CaseAllocated")
    assert (allocation.practitioner_id, allocation.reason, allocation.late) == ("P1", "release", False)
    points = ledger.casebooks[0].file("P1").case.used["points"]
    ledger.day("2027-05-31")
    assert ledger.casebooks[0].file("P1").case.used["points"] == points == 24
    assert ledger.standing("CaseAllocated") == [allocation]
    assert ledger.standing("SupervisionEnded") == ledger.standing("AllocationOverdue") == []


def test_who_is_in_place_before_release_stays_through_release_and_recall() -> None:
    ledger = Ledger(ALLOCATION)
    ledger.day("2026-06-01")
    ledger.tell(f.practitioner(), SENTENCE, SHORT.said("2026-06-01"), f.risk("2026-06-01"))
    ledger.day("2026-09-14")
    ledger.tell(f.released("2026-09-14", "2027-06-01"))
    ledger.day("2026-10-01")
    ledger.tell(f.taken("2026-10-01", "recall", sentence="S1"))
    ledger.day("2026-10-29")
    ledger.tell(f.left("2026-10-29"), f.released("2026-10-29", "2027-06-01"))
    ledger.day("2026-11-30")
    (allocation,) = ledger.standing("CaseAllocated")
    assert (allocation.allocated_on.isoformat(), allocation.reason) == ("2026-06-01", "release")
    assert ledger.standing("AllocationOverdue") == []


def test_the_hand_over_is_told_in_advance_and_done_by_the_allocation() -> None:
    assert due("2026-06-01", SENTENCE, LONG, type="HandoverDue") == [HANDOVER]
    taken = f.allocated(HANDOVER, "release")
    assert on(HANDOVER, ALLOCATION, SENTENCE, LONG, taken).closed("HandoverDue") == {"S1": "resolved"}
    died = on("2026-07-01", ALLOCATION, SENTENCE, LONG, f.died("2026-07-01"))
    assert died.closed("HandoverDue") == {"S1": "ended"}


def test_a_short_term_prisoner_is_not_handed_over() -> None:
    assert due("2026-06-01", SENTENCE, SHORT, type="HandoverDue") == []


TASKS = {
    "assessment": ("2027-03-09", "2026-08-03"),
    "sentence_plan": ("2027-03-23", "2026-08-10"),
    "accommodation": ("2027-04-06", "2026-08-17"),
    "benefits": ("2027-05-04", "2026-08-31"),
    "victim_issues": ("2027-05-04", "2026-08-31"),
    "first_appointment": ("2027-05-18", "2026-09-07"),
}
"""When each task is due: before LONG, and before SHORT in half the time."""


def test_tasks_are_due_so_many_days_before_release() -> None:
    for plan, day, n in ((LONG, HANDOVER, 0), (SHORT, "2026-06-01", 1)):
        found = on(day, ALLOCATION, SENTENCE, plan).open("PreReleaseTaskDue").values()
        assert {e.task: e.due_on.isoformat() for e in found} == {t: days[n] for t, days in TASKS.items()}


def test_no_task_before_the_hand_over() -> None:
    assert due("2026-10-15", SENTENCE, LONG, type="PreReleaseTaskDue") == []


def overdue(day: str, *facts: f.Fact) -> list[str]:
    return [*on(day, ALLOCATION, SENTENCE, *facts).open("PreReleaseTaskOverdue")]


@table(
    """
    | case                   | facts                                                            | keys                                  |
    | not done               | SHORT                                                            | ["S1/assessment/2026-08-03"]          |
    | done on its day        | SHORT; 2026-08-03 task done assessment                           | []                                    |
    | done a day late        | SHORT; 2026-08-04 task done assessment                           | ["S1/assessment/2026-08-03"]          |
    | another one done       | SHORT; 2026-08-03 task done benefits                             | ["S1/assessment/2026-08-03"]          |
    | of another sentence    | SHORT; 2026-08-03 task done assessment sentence=S2               | ["S1/assessment/2026-08-03"]          |
    | died on its day        | SHORT; 2026-08-03 died                                           | []                                    |
    | released before it     | SHORT; 2026-08-01 released ends=2027-06-01                       | []                                    |
    """,  # noqa: E501
    SHORT=SHORT,
)
def test_a_task_is_overdue_after_its_day(facts: list[f.Fact], keys: list[str]) -> None:
    assert overdue("2026-08-04", *facts) == keys


def test_a_moved_release_moves_what_is_due_and_leaves_what_is_done() -> None:
    ledger = Ledger(ALLOCATION)
    ledger.day("2026-06-01")
    ledger.tell(SENTENCE, SHORT.said("2026-06-01"))
    ledger.day("2026-08-04")
    ledger.tell(f.task_done("2026-07-01", "sentence_plan"))
    assert [e.task for e in ledger.standing("PreReleaseTaskOverdue")] == ["assessment"]
    ledger.tell(f.release_planned("2026-10-12", "2027-06-01", recorded="2026-08-04"))
    assert ledger.standing("PreReleaseTaskOverdue") == []
    assert ledger.withdrawals("PreReleaseTaskOverdue") == [("S1/assessment/2026-08-03", "corrected")]
    moved = {e.task: e.due_on.isoformat() for e in ledger.standing("PreReleaseTaskDue")}
    assert moved["assessment"] == "2026-08-31"
    assert "sentence_plan" not in moved


def test_after_a_recall_the_tasks_before_the_next_release_are_due_anew() -> None:
    facts = [
        *(SENTENCE, SHORT, f.task_done("2026-08-01", "benefits"), f.released("2026-09-14", "2027-06-01")),
        f.taken("2026-10-01", "recall", sentence="S1"),
        f.release_planned("2027-01-25", "2027-06-01", recorded="2026-10-05"),
    ]
    assert due("2026-09-30", *facts[:4], type="PreReleaseTaskDue") == []
    found = on("2026-10-05", ALLOCATION, *facts).open("PreReleaseTaskDue").values()
    assert {e.task: e.due_on.isoformat() for e in found}["benefits"] == "2027-01-11"


def test_what_was_missed_before_the_first_release_stays_missed_when_the_next_is_planned() -> None:
    ledger = Ledger(ALLOCATION)
    ledger.day("2026-06-01")
    ledger.tell(SENTENCE, SHORT.said("2026-06-01"))
    ledger.day("2026-09-14")
    missed = [(e.task, e.due_on) for e in ledger.standing("PreReleaseTaskOverdue")]
    assert [task for task, _ in missed] == list(TASKS)
    ledger.tell(f.released("2026-09-14", "2027-06-01"))
    ledger.day("2026-10-05")
    ledger.tell(
        f.taken("2026-10-01", "recall", sentence="S1"),
        f.release_planned("2027-01-25", "2027-06-01", recorded="2026-10-05"),
    )
    assert [(e.task, e.due_on) for e in ledger.standing("PreReleaseTaskOverdue")] == missed
    ledger.day("2026-12-15")
    assert ledger.withdrawals("PreReleaseTaskOverdue") == []
    assert [e.due_on.isoformat() for e in ledger.standing("PreReleaseTaskOverdue")[6:]] == ["2026-12-14"]
