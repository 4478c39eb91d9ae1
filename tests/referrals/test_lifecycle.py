"""The course of a referral: steps, provider, access, rest, states and end (D8, AP-13, DF-15, OUT-1)."""

from __future__ import annotations

from typing import Any

import pytest

from services.referrals.app import SERVICE
from tests import facts as f
from tests.ledger import Ledger
from tests.table import table

MADE = "2026-06-01"
ORDER = f.order("2026-05-04", "2027-05-03", region="wales", pdu="gwent")
SUPPLIER = f.qualified("2026-01-01", "accommodation", regions="wales")
OFFERED = f.listed("2026-01-05", region="wales")
ASKED = f.referral_asked(MADE, id="F1", desired_outcomes=["home", "calm"])
REFERRED = [ORDER, SUPPLIER, OFFERED, ASKED]


def after(*facts: f.Fact, until: str, made: list[f.Fact] = REFERRED) -> Ledger:
    """A referral made on 1 June 2026, and what followed, each told on its own day."""
    ledger = Ledger(SERVICE)
    ledger.day(MADE)
    ledger.tell(*made)
    for one in sorted(facts, key=lambda fact: fact.day):
        ledger.day(str(one.day))
        ledger.tell(one)
    ledger.day(until)
    return ledger


def steps(ledger: Ledger, type: str) -> list[tuple[str, str]]:
    return [(event.step, str(event.due_on)) for event in ledger.standing(type)]


# -- steps -------------------------------------------------------------------------------------------------

ACCEPTED, ASSESSED = f.accepted("2026-06-03"), f.first_assessment("2026-06-08")
PLANNED, HELD = f.action_plan("2026-06-12", 5), f.session("2026-06-15", requirement=None, referral_id="F1")


@table(
    """
    | case                                            | until      | facts                                  | chased                                                             | escalated |
    | nothing is due soon                             | 2026-06-03 |                                        | []                                                                 | []        |
    | acceptance: five days, chased two before        | 2026-06-04 |                                        | [("acceptance", "2026-06-08")]                                     | []        |
    | on the last day                                 | 2026-06-08 |                                        | [("acceptance", "2026-06-08")]                                     | []        |
    | the day after                                   | 2026-06-09 |                                        | [("acceptance", "2026-06-08")]                                     | [("acceptance", "2026-06-08")] |
    | accepted in time                                | 2026-06-09 | ACCEPTED                               | []                                                                 | []        |
    | accepted late: it stays so                      | 2026-06-10 | 2026-06-10 accepted                    | []                                                                 | [("acceptance", "2026-06-08")] |
    | assessment: ten days                            | 2026-06-11 | ACCEPTED                               | [("initial_assessment", "2026-06-15")]                             | []        |
    | and overdue                                     | 2026-06-16 | ACCEPTED                               | [("initial_assessment", "2026-06-15")]                             | [("initial_assessment", "2026-06-15")] |
    | plan: five days of the assessment               | 2026-06-16 | ACCEPTED; ASSESSED                     | [("action_plan", "2026-06-15")]                                    | [("action_plan", "2026-06-15")] |
    | start: five days of the plan                    | 2026-06-20 | ACCEPTED; ASSESSED; PLANNED            | [("start", "2026-06-19")]                                          | [("start", "2026-06-19")] |
    | started in time                                 | 2026-06-20 | ACCEPTED; ASSESSED; PLANNED; HELD      | []                                                                 | []        |
    | what follows shows that it was accepted         | 2026-06-10 | ASSESSED                               | []                                                                 | []        |
    | report: five days of the conclusion             | 2026-07-07 | ACCEPTED; ASSESSED; PLANNED; HELD; 2026-06-29 concluded | [("end_of_service_report", "2026-07-06")]         | [("end_of_service_report", "2026-07-06"), ("outcomes", "2026-07-06")] |
    | nobody is chased when the order is over         | 2026-06-20 | 2026-06-02 revoked                     | []                                                                 | []        |
    | accepted by another is not accepted             | 2026-06-09 | 2026-06-03 accepted provider=V9        | [("acceptance", "2026-06-08")]                                     | [("acceptance", "2026-06-08")] |
    """,  # noqa: E501
    ACCEPTED=ACCEPTED,
    ASSESSED=ASSESSED,
    PLANNED=PLANNED,
    HELD=HELD,
)
def test_d8_each_step_is_chased_and_escalated(
    until: str, facts: list[f.Fact], chased: list[tuple[str, str]], escalated: list[tuple[str, str]]
) -> None:
    ledger = after(*facts, until=until)
    assert steps(ledger, "ReferralChased") == chased
    assert steps(ledger, "ReferralEscalated") == escalated


def test_a_chased_step_is_resolved_when_it_is_done_and_ends_with_supervision() -> None:
    done = after(f.accepted("2026-06-05"), until="2026-06-05")
    assert done.withdrawals("ReferralChased") == [("F1/acceptance", "resolved")]
    over = after(f.revoked("2026-06-05"), until="2026-06-05")
    assert over.withdrawals("ReferralChased") == [("F1/acceptance", "ended")]


@pytest.mark.parametrize(
    ("fact", "reason"), [(f.accepted("2026-06-04"), "resolved"), (f.revoked("2026-06-04"), "ended")]
)
def test_what_was_chased_in_the_morning_and_is_done_or_over_by_the_evening(fact: f.Fact, reason: str) -> None:
    assert after(fact, until="2026-06-04").withdrawals("ReferralChased") == [("F1/acceptance", reason)]


def test_enf_35_custody_stops_the_days_of_a_step() -> None:
    ledger = after(f.taken("2026-06-03"), f.left("2026-06-10"), until="2026-06-15")
    assert steps(ledger, "ReferralEscalated") == []
    ledger.day("2026-06-16")
    assert steps(ledger, "ReferralEscalated") == [("acceptance", "2026-06-15")]


# -- the end -----------------------------------------------------------------------------------------------


def held(*days: str, outcome: str = "complied") -> list[f.Fact]:
    return [f.session(day, outcome, id=f"P-{day}", requirement=None, referral_id="F1") for day in days]


WEEKS = ["2026-06-15", "2026-06-22", "2026-06-29", "2026-07-06", "2026-07-13"]
REPORT, OVER = f.end_report("2026-07-20", "home:achieved calm:partly"), f.concluded("2026-07-17")


@pytest.mark.parametrize(
    ("facts", "ended"),
    [
        pytest.param([OVER], [("cancelled", "2026-07-17")], id="E53: nothing attended"),
        pytest.param([*held(*WEEKS[:3]), OVER], [], id="some, and no report yet"),
        pytest.param(
            [*held(*WEEKS[:3]), OVER, REPORT], [("prematurely_ended", "2026-07-17")], id="E53: 3 of 5, report"
        ),
        pytest.param([*held(*WEEKS), OVER, REPORT], [("completed", "2026-07-17")], id="E53: 5 of 5, report"),
        pytest.param([*held(*WEEKS), REPORT], [("completed", "2026-07-20")], id="all and report say enough"),
        pytest.param([*held(*WEEKS)], [], id="all, and no report yet"),
        pytest.param(
            [*held(*WEEKS[:4]), *held(WEEKS[4], outcome="unacceptable_absence"), OVER, REPORT],
            [("completed", "2026-07-17")],
            id="all on record, an absence among them",
        ),
        pytest.param(
            [*held(*WEEKS[:4]), *held(WEEKS[4], outcome="rescheduled_by_service"), OVER, REPORT],
            [("prematurely_ended", "2026-07-17")],
            id="one that was moved is not on record",
        ),
        pytest.param(
            [*held(*WEEKS, outcome="unacceptable_absence"), OVER, REPORT],
            [("cancelled", "2026-07-17")],
            id="all on record, and never attended",
        ),
        pytest.param([f.revoked("2026-07-01")], [("withdrawn", "2026-07-01")], id="the order is revoked"),
        pytest.param([f.died("2026-07-01")], [("withdrawn", "2026-07-01")], id="the person dies"),
    ],
)
def test_df_15_how_a_service_ends(facts: list[f.Fact], ended: list[tuple[str, str]]) -> None:
    ledger = after(ACCEPTED, ASSESSED, PLANNED, *facts, until="2026-08-03")
    assert [(e.state, str(e.ended_on)) for e in ledger.standing("ReferralEnded")] == ended


@table(
    """
    | case                         | results                                  | recorded                             | escalated      |
    | one result for each          | home:achieved calm:partly                | {"home": "achieved", "calm": "partly"} | []           |
    | one is missing               | home:achieved                            | {"home": "achieved"}                 | ["outcomes"]   |
    | two for one                  | home:achieved home:partly calm:partly    | {"calm": "partly"}                   | ["outcomes"]   |
    | one that nobody asked for    | home:achieved calm:partly work:achieved  | {"home": "achieved", "calm": "partly"} | []           |
    """,  # noqa: E501
)
def test_out_1_each_desired_outcome_has_one_result(
    results: str, recorded: dict[str, str], escalated: list[str]
) -> None:
    report = f.end_report("2026-07-20", results)
    ledger = after(ACCEPTED, ASSESSED, PLANNED, *held(*WEEKS), OVER, report, until="2026-07-21")
    assert {e.outcome: e.result for e in ledger.standing("OutcomeRecorded")} == recorded
    assert [e.step for e in ledger.standing("ReferralEscalated")] == escalated


def test_out_1_a_report_that_ends_the_referral_by_itself_needs_the_results_as_well() -> None:
    report = f.end_report("2026-07-20", "home:achieved")
    ledger = after(ACCEPTED, ASSESSED, PLANNED, *held(*WEEKS), report, until="2026-07-21")
    assert [e.state for e in ledger.standing("ReferralEnded")] == ["completed"]
    assert [e.step for e in ledger.standing("ReferralEscalated")] == ["outcomes"]


# -- access, change of provider, rest ------------------------------------------------------------------------


def access(ledger: Ledger) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    granted = [(e.provider_id, str(e.from_)) for e in ledger.standing("AccessGranted")]
    return granted, [(e.provider_id, str(e.until)) for e in ledger.standing("AccessEnded")]


def test_info_1_acceptance_grants_access_until_the_referral_ends() -> None:
    assert access(after(until="2026-06-10")) == ([], [])
    assert access(after(ACCEPTED, until="2026-06-10")) == ([("V1", "2026-06-03")], [])
    died = after(ACCEPTED, f.died("2026-06-09"), until="2026-06-10")
    assert access(died) == ([("V1", "2026-06-03")], [("V1", "2026-06-09")])


def test_prov_6_a_change_of_provider_carries_everything_over() -> None:
    before = [ACCEPTED, ASSESSED, PLANNED, *held(*WEEKS[:2])]
    ledger = after(*before, f.handed_over("2026-06-24"), until="2026-06-30")
    assert [e.provider_id for e in ledger.standing("ReferralMade")] == ["V1", "V2"]
    assert access(ledger) == ([("V1", "2026-06-03"), ("V2", "2026-06-24")], [("V1", "2026-06-23")])
    assert steps(ledger, "ReferralEscalated") == []
    ledger.tell(*held(*WEEKS[2:]), REPORT)
    ledger.day("2026-07-20")
    assert [e.state for e in ledger.standing("ReferralEnded")] == ["completed"]


@table(
    """
    | case                    | facts                                       | paused                            | resumed                           |
    | remanded and back       | 2026-06-10 taken; 2026-06-20 left           | [("custody", "2026-06-10")]       | [("custody", "2026-06-20")]       |
    | recalled, not back yet  | 2026-06-10 taken recall                     | [("recall", "2026-06-10")]        | []                                |
    | taken before it was made | 2026-05-20 taken; 2026-06-20 left          | []                                | []                                |
    | the order ended in there | 2026-06-10 taken; 2026-06-15 revoked; 2026-06-20 left | [("custody", "2026-06-10")] | []                            |
    """,  # noqa: E501
)
def test_a_referral_rests_while_the_person_is_in_custody(
    facts: list[f.Fact], paused: list[tuple[str, str]], resumed: list[tuple[str, str]]
) -> None:
    early = [one for one in facts if str(one.day) < MADE]
    later = [one for one in facts if one not in early]
    ledger = after(*later, until="2026-06-30", made=[*early, *REFERRED])
    assert [(e.reason, str(e.from_)) for e in ledger.standing("ReferralPaused")] == paused
    assert [(e.reason, str(e.from_)) for e in ledger.standing("ReferralResumed")] == resumed


# -- the states of a programme -----------------------------------------------------------------------------

PROGRAMME: list[f.Fact] = [
    f.order("2026-05-04", "2027-05-03", "accredited_programme 20 AP", region="wales", pdu="gwent"),
    f.listed(
        "2026-01-05", id="I3", kind="accredited_programme", programme="TSP", provider="V3", region="wales"
    ),
    f.referral_asked(MADE, "accredited_programme", id="F1", programme="TSP", need=None, requirement_id="AP"),
]


def states(*changes: str) -> list[f.Fact]:
    """These states, a day after another from 2 June."""
    return [f.status(f"2026-06-{n:02d}", change) for n, change in enumerate(changes, 2)]


@pytest.mark.parametrize(
    ("changes", "refused", "ended"),
    [
        (["awaiting_allocation", "scheduled", "on_programme", "complete"], [], ["completed"]),
        (["scheduled"], [("awaiting_assessment", "scheduled")], []),
        (["awaiting_allocation", "complete", "scheduled"], [("awaiting_allocation", "complete")], []),
        (["awaiting_allocation", "awaiting_allocation"], [], []),
        (["return_to_court", "withdrawn"], [], ["returned_to_court"]),
        (["recall", "withdrawn"], [], ["withdrawn"]),
        (["withdrawn"], [("awaiting_assessment", "withdrawn")], []),
        (["suitable_not_ready", "awaiting_assessment", "deprioritised", "recall"], [], []),
    ],
)
def test_ap_13_states_follow_the_table_and_others_are_refused(
    changes: list[str], refused: list[tuple[str, str]], ended: list[str]
) -> None:
    ledger = after(*states(*changes), until="2026-06-20", made=PROGRAMME)
    assert [(e.from_, e.to) for e in ledger.standing("ReferralStatusRefused")] == refused
    assert [e.state for e in ledger.standing("ReferralEnded")] == ended


def test_a_state_told_late_takes_its_place_and_lets_what_was_refused_stand() -> None:
    ledger = after(
        *states("awaiting_allocation"),
        f.status("2026-06-04", "on_programme"),
        until="2026-06-10",
        made=PROGRAMME,
    )
    assert len(ledger.standing("ReferralStatusRefused")) == 1
    ledger.tell(f.status("2026-06-03", "scheduled"))
    assert ledger.standing("ReferralStatusRefused") == []
    assert ledger.withdrawals("ReferralStatusRefused") == [("F1/2026-06-04", "corrected")]


def test_a_place_is_given_back_when_a_referral_to_a_programme_ends() -> None:
    second: list[Any] = [one.about("X999999") for one in (PROGRAMME[0], PROGRAMME[2])]
    ledger = after(until="2026-06-03", made=PROGRAMME)
    ledger.tell(*second)
    assert len(ledger.standing("ReferralWaiting")) == 1
    ledger.tell(f.status("2026-06-03", "recall"), f.status("2026-06-04", "withdrawn"))
    ledger.day("2026-06-04")
    assert len(ledger.standing("ReferralWaiting")) == 1
    ledger.day("2026-06-05")
    assert ledger.standing("ReferralWaiting") == []


def test_what_is_held_under_another_referral_of_the_same_requirement_is_not_this_ones() -> None:
    structured = f.referral_asked(
        MADE, "structured_intervention", id="F2", need="emotional_management", requirement_id="RAR"
    )
    listed = f.listed(
        "2026-01-05", "emotional_management", id="I2", kind="structured_intervention", region="wales"
    )
    service = f.referral_asked(MADE, id="F1", desired_outcomes=["home"], requirement_id="RAR")
    ledger = after(
        HELD, until="2026-06-16", made=[*REFERRED[:3], f.plan("2026-05-18"), listed, service, structured]
    )
    assert [event.referral_id for event in ledger.standing("ReferralMade")] == ["F1", "F2"]
    assert [event.referral_id for event in ledger.standing("InterventionStarted")] == ["F1"]
