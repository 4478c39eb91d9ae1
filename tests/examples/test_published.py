"""What a subscriber reads of each finding: the rule behind it, the facts that it rests on, and the chain."""

from collections.abc import Sequence

from tests import facts as f
from tests.examples.play import play
from tests.facts import Fact
from tests.table import table

ORDER = f.order("2026-06-01")
S1 = ORDER.id
RISK = f.risk("2026-06-02")
F1 = f.contact("2026-06-10", "unacceptable_absence", id="F1")
F2 = f.contact("2026-06-17", "failed_to_comply", id="F2")
WARNED = f.action("2026-06-11", "warning", "F1")
BEGUN = f.action("2026-06-18", "breach_initiated", "F2")
WORK = f.order("2026-06-01", requires="unpaid_work")


@table(
    """
    | type                   | until      | rules                                   | evidence                                                                       | facts |
    | AllocationDue          | 2026-06-01 | ALLOC-1 SH-2                            | SentenceImposed-S1                                                             | ORDER |
    | AllocationOverdue      | 2026-06-09 | ALLOC-1                                 | SentenceImposed-S1                                                             | ORDER |
    | TierCalculated         | 2026-06-02 | ALLOC-9 ALLOC-10                        | RiskAssessed-A-2026-06-02 SentenceImposed-S1                                   | ORDER; RISK |
    | CaseAllocated          | 2026-06-02 | ALLOC-1 ALLOC-5 ALLOC-6 ALLOC-7 ALLOC-8 | SentenceImposed-S1 RiskAssessed-A-2026-06-02 PractitionerUpdated-P1-2016-01-01 | 2016-01-01 practitioner; ORDER; RISK |
    | SupervisionEnded       | 2026-06-20 | ALLOC-2                                 | SentenceImposed-S1 SentenceRevoked-S1                                          | ORDER; 2026-06-20 revoked |
    | ContactMissed          | 2026-06-10 | CONT-14                                 | ContactOutcomeRecorded-F1                                                      | ORDER; F1 |
    | ContactExcused         | 2026-06-10 | CONT-14                                 | ContactOutcomeRecorded-A                                                       | ORDER; 2026-06-10 contact A acceptable absence |
    | AbsenceUndecided       | 2026-06-10 | CONT-14                                 | ContactOutcomeRecorded-A                                                       | ORDER; 2026-06-10 contact A failed to attend |
    | ContactStandardMissed  | 2026-07-01 | CONT-2 CONT-10                          | SentenceImposed-S1                                                             | ORDER |
    | VideoShareExceeded     | 2026-07-01 | CONT-4 CONT-9                           | ContactOutcomeRecorded-V                                                       | ORDER; 2026-06-10 contact V mode=video |
    | UnpaidWorkStartOverdue | 2026-06-30 | UPW-1                                   | SentenceImposed-S1                                                             | WORK |
    | InterventionStarted    | 2026-06-10 | UPW-1                                   | SessionRecorded-U                                                              | WORK; 2026-06-10 work U |
    | UnpaidWorkCredited     | 2026-06-10 | UPW-18                                  | SessionRecorded-U                                                              | WORK; 2026-06-10 work U |
    | EmploymentCapExceeded  | 2026-06-10 | UPW-6                                   | SessionRecorded-E SentenceImposed-S1                                           | 2026-06-01 order requires="unpaid_work 40"; 2026-06-01 employment need; 2026-06-10 learning E minutes=800 |
    | ReturnToCourtRequired  | 2026-02-03 | UPW-2                                   | SentenceImposed-S1                                                             | 2025-02-03 order ends=2026-08-02 requires=unpaid_work |
    | ReferralMade           | 2026-06-01 | SH-7 DF-9                               | SentenceImposed-S1                                                             | WORK |
    | RequirementInvalid     | 2026-06-01 | UPW-14                                  | SentenceImposed-S1                                                             | 2026-06-01 order requires="unpaid_work 30" |
    | RarDayUsed             | 2026-06-10 | RAR-3 RAR-4                             | SessionRecorded-D                                                              | ORDER; 2026-06-10 session D |
    | RequirementCompleted   | 2026-06-10 | RAR-6                                   | SessionRecorded-D                                                              | 2026-06-01 order requires="rar 1"; 2026-06-10 session D |
    | RarLimitReached        | 2026-06-11 | RAR-3                                   | SessionRecorded-D2                                                             | 2026-06-01 order requires="rar 1"; 2026-06-10 session D; 2026-06-11 session D2 |
    | BreachStarted          | 2026-06-18 | ENF-15                                  | EnforcementActionTaken-A-breach_initiated-2026-06-18                           | ORDER; F1; F2; BEGUN |
    | BreachConcluded        | 2026-07-01 | ENF-15                                  | BreachHearingResulted-H-S1                                                        | ORDER; F1; F2; BEGUN; 2026-07-01 heard H not proven |
    """,  # noqa: E501
    ORDER=ORDER,
    RISK=RISK,
    F1=F1,
    WORK=WORK,
    F2=F2,
    BEGUN=BEGUN,
)
def test_a_finding_names_its_rules_and_the_facts_behind_it(
    type: str, facts: Sequence[Fact], until: str, rules: str, evidence: str
) -> None:
    [event] = play(facts, until).standing_events(type)
    assert set(rules.split()) <= set(event.data.why.rules)
    assert set(evidence.split()) <= set(event.data.why.evidence)


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
