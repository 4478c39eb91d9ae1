"""What a subscriber reads of each finding: the rule behind it, the facts that it rests on, and the chain."""

from collections.abc import Sequence

import pytest

from tests import facts as f
from tests.examples.play import play
from tests.facts import Fact

ORDER = f.order("2026-06-01")
S1 = ORDER.id
RISK = f.risk("2026-06-02")
F1 = f.contact("2026-06-10", "unacceptable_absence", id="F1")
F2 = f.contact("2026-06-17", "failed_to_comply", id="F2")
WARNED = f.action("2026-06-11", "warning", "F1")
BEGUN = f.action("2026-06-18", "breach_initiated", "F2")
WORK = f.order("2026-06-01", requires="unpaid_work")

CASES: list[tuple[str, Sequence[Fact], str, set[str], set[str]]] = [
    ("AllocationDue", [ORDER], "2026-06-01", {"ALLOC-1", "SH-2"}, {S1}),
    ("AllocationOverdue", [ORDER], "2026-06-09", {"ALLOC-1"}, {S1}),
    (
        "TierCalculated",
        [ORDER, RISK],
        "2026-06-02",
        {"ALLOC-9", "ALLOC-10"},
        {RISK.id, S1},
    ),
    (
        "CaseAllocated",
        [f.practitioner(), ORDER, RISK],
        "2026-06-02",
        {"ALLOC-1", "ALLOC-5", "ALLOC-6", "ALLOC-7", "ALLOC-8"},
        {S1, RISK.id, "PractitionerUpdated-P1-2016-01-01"},
    ),
    (
        "SupervisionEnded",
        [ORDER, f.revoked("2026-06-20")],
        "2026-06-20",
        {"ALLOC-2"},
        {S1, "SentenceRevoked-S1"},
    ),
    ("ContactMissed", [ORDER, F1], "2026-06-10", {"CONT-14"}, {"ContactOutcomeRecorded-F1"}),
    (
        "ContactExcused",
        [ORDER, f.contact("2026-06-10", "acceptable_absence", id="A")],
        "2026-06-10",
        {"CONT-14"},
        {"ContactOutcomeRecorded-A"},
    ),
    (
        "AbsenceUndecided",
        [ORDER, f.contact("2026-06-10", "failed_to_attend", id="A")],
        "2026-06-10",
        {"CONT-14"},
        {"ContactOutcomeRecorded-A"},
    ),
    ("ContactStandardMissed", [ORDER], "2026-07-01", {"CONT-2", "CONT-10"}, {S1}),
    (
        "VideoShareExceeded",
        [ORDER, f.contact("2026-06-10", mode="video", id="V")],
        "2026-07-01",
        {"CONT-4", "CONT-9"},
        {"ContactOutcomeRecorded-V"},
    ),
    ("UnpaidWorkStartOverdue", [WORK], "2026-06-30", {"UPW-1"}, {S1}),
    (
        "InterventionStarted",
        [WORK, f.work("2026-06-10", id="U")],
        "2026-06-10",
        {"UPW-1"},
        {"SessionRecorded-U"},
    ),
    (
        "UnpaidWorkCredited",
        [WORK, f.work("2026-06-10", id="U")],
        "2026-06-10",
        {"UPW-18"},
        {"SessionRecorded-U"},
    ),
    (
        "EmploymentCapExceeded",
        [
            f.order("2026-06-01", requires="unpaid_work 40"),
            f.employment_need("2026-06-01"),
            f.learning("2026-06-10", id="E", minutes=800),
        ],
        "2026-06-10",
        {"UPW-6"},
        {"SessionRecorded-E", S1},
    ),
    (
        "ReturnToCourtRequired",
        [f.order("2025-02-03", "2026-08-02", "unpaid_work")],
        "2026-02-03",
        {"UPW-2"},
        {S1},
    ),
    ("ReferralMade", [WORK], "2026-06-01", {"SH-7", "DF-9"}, {S1}),
    (
        "RequirementInvalid",
        [f.order("2026-06-01", requires="unpaid_work 30")],
        "2026-06-01",
        {"UPW-14"},
        {S1},
    ),
    (
        "RarDayUsed",
        [ORDER, f.session("2026-06-10", id="D")],
        "2026-06-10",
        {"RAR-3", "RAR-4"},
        {"SessionRecorded-D"},
    ),
    (
        "RequirementCompleted",
        [f.order("2026-06-01", requires="rar 1"), f.session("2026-06-10", id="D")],
        "2026-06-10",
        {"RAR-6"},
        {"SessionRecorded-D"},
    ),
    (
        "RarLimitReached",
        [
            f.order("2026-06-01", requires="rar 1"),
            f.session("2026-06-10", id="D"),
            f.session("2026-06-11", id="D2"),
        ],
        "2026-06-11",
        {"RAR-3"},
        {"SessionRecorded-D2"},
    ),
    ("BreachStarted", [ORDER, F1, F2, BEGUN], "2026-06-18", {"ENF-15"}, {BEGUN.id}),
    (
        "BreachConcluded",
        [ORDER, F1, F2, BEGUN, f.heard("2026-07-01", "not_proven", id="H")],
        "2026-07-01",
        {"ENF-15"},
        {"BreachHearingResulted-H"},
    ),
]


@pytest.mark.parametrize(
    ("type", "facts", "until", "rules", "evidence"), CASES, ids=lambda c: c if isinstance(c, str) else ""
)
def test_a_finding_names_its_rules_and_the_facts_behind_it(
    type: str, facts: Sequence[Fact], until: str, rules: set[str], evidence: set[str]
) -> None:
    [event] = play(facts, until).standing_events(type)
    assert rules <= set(event.data.why.rules)
    assert evidence <= set(event.data.why.evidence)


def test_a_chain_of_services_goes_back_to_the_event_that_began_it() -> None:
    ledger = play([ORDER, F1, WARNED, F2], "2026-06-17")
    missed = {e.data.contact_id: e for e in ledger.standing_events("ContactMissed")}
    [breach] = ledger.standing_events("BreachRequired")
    assert missed["F2"].causationid == breach.correlationid == F2.id
    assert breach.causationid == missed["F2"].id
    assert {missed["F1"].id, missed["F2"].id, WARNED.id, S1} == set(breach.data.why.evidence)


def test_a_finding_of_a_day_was_caused_by_that_day() -> None:
    [overdue] = play([ORDER], "2026-06-09").standing_events("AllocationOverdue")
    assert overdue.causationid == "day-2026-06-09"


def test_a_withdrawal_names_type_key_and_what_took_it_back() -> None:
    back = f.contact("2026-06-10", "complied", id="F1", recorded="2026-06-12", event="back")
    ledger = play([ORDER, F1, back], "2026-06-12")
    [raised] = [e for e in ledger.published if e.type == "ContactMissed"]
    [gone] = [e for e in ledger.published if e.type == "Withdrawn" and e.data.withdraws == raised.id]
    assert (gone.data.withdrawn_type, gone.data.key, gone.data.reason) == ("ContactMissed", "F1", "corrected")
    assert gone.causationid == gone.correlationid == "back"
    assert gone.source == raised.source
    assert str(gone.sequence) > str(raised.sequence)


def test_raised_again_it_is_another_event_under_the_same_key() -> None:
    back = f.contact("2026-06-10", "complied", id="F1", recorded="2026-06-12", event="back")
    again = f.contact("2026-06-10", "unacceptable_absence", id="F1", recorded="2026-06-13", event="again")
    ledger = play([ORDER, F1, back, again], "2026-06-13")
    first, second = (e for e in ledger.published if e.type == "ContactMissed")
    assert first.id != second.id
    assert first.data.contact_id == second.data.contact_id


def test_the_same_input_gives_the_same_ids() -> None:
    facts = [f.practitioner(), ORDER, RISK, F1, WARNED, F2, BEGUN]
    assert [e.id for e in play(facts, "2026-07-31").published] == [
        e.id for e in play(facts, "2026-07-31").published
    ]
