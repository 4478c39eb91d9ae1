"""Contact suspended in post-sentence supervision: asked for, agreed to, ended (CONT-17 to CONT-20)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from schemas.contacts import ContactResumed, ContactSuspended
from tests.contacts.facts import (
    day,
    decided,
    died,
    order,
    plan,
    revoked,
    risk,
    suspension_asked,
)
from tests.contacts.facts_suspensions import ASKED, GRANTED, LOW, OVER, PSS, RELEASED, said, spans


@pytest.mark.parametrize(
    ("rosh", "approved", "suspended", "refused"),
    [
        pytest.param("low", True, [("S1/2023-06-05", PSS)], [], id="low, no need, approved: suspended"),
        pytest.param("medium", True, [], [("Q1", "risk_not_low")], id="medium, approved: refused"),
        pytest.param("low", False, [], [("Q1", "not_approved")], id="low, not approved: refused"),
    ],
)
def test_e19_contact_is_suspended_if_risk_is_low_without_a_need_and_the_manager_agrees(
    rosh: Any, approved: bool, suspended: Any, refused: Any
) -> None:
    facts = [*RELEASED, risk("2023-01-10", rosh), ASKED, decided("2023-06-05", approved)]
    heard = said(*facts, on="2023-06-05")
    assert (heard.suspended, heard.refused) == (suspended, refused)


def test_the_suspension_names_the_decision_and_has_no_follow_up() -> None:
    heard = said(*GRANTED, on="2023-06-05")
    (finding,) = heard.of(ContactSuspended)
    assert (finding.event.approval, finding.event.follow_up_on) == ("M-2023-06-05", None)
    assert finding.rules == ("CONT-17", "CONT-19")
    assert [record.event_id for record in finding.because] == ["E0", "E1", "E3", "E4", "E2"]


@pytest.mark.parametrize("rosh", ["medium", "high", "very_high"])
def test_any_risk_that_is_not_low_is_refused(rosh: Any) -> None:
    heard = said(*RELEASED, risk("2023-01-10", rosh), ASKED, on="2023-06-01")
    assert heard.refused == [("Q1", "risk_not_low")]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        pytest.param([suspension_asked("2023-03-31"), LOW], PSS, id="on licence, the last day"),
        pytest.param([suspension_asked("2023-04-01"), LOW], None, id="the first day after the licence"),
        pytest.param([suspension_asked("2022-12-31"), LOW], PSS, id="before the release"),
        pytest.param([suspension_asked("2023-12-31"), LOW], None, id="the last day"),
        pytest.param([suspension_asked("2024-01-01"), LOW], None, id="a day late: supervision is over"),
        pytest.param([suspension_asked("2023-03-31")], PSS, id="the stage comes before the risk"),
        pytest.param([ASKED], "risk", id="risk unknown: not low"),
        pytest.param([ASKED, risk("2023-06-02", "low")], "risk", id="assessed the day after"),
        pytest.param([ASKED, risk("2023-06-01", "low")], None, id="assessed that day"),
        pytest.param(
            [ASKED, risk("2023-05-01", "medium", attitudes="severe")], "risk", id="the risk before the need"
        ),
        pytest.param([ASKED, LOW, plan("2023-05-01", need=True)], "need", id="a need in the plan"),
        pytest.param([ASKED, LOW, plan("2023-06-01", need=True)], "need", id="found that day"),
        pytest.param([ASKED, LOW, plan("2023-06-02", need=True)], None, id="found the day after"),
        pytest.param([ASKED, risk("2023-05-01", "low", alcohol="standard")], "need", id="a standard need"),
        pytest.param([ASKED, risk("2023-05-01", "low", alcohol="severe")], "need", id="a severe need"),
        pytest.param([ASKED, risk("2023-05-01", "low", alcohol="none")], None, id="a need scored as none"),
        pytest.param(
            [ASKED, LOW, plan("2023-05-01", need=True), plan("2023-05-20")],
            None,
            id="no longer in the next plan",
        ),
        pytest.param(
            [ASKED, risk("2023-05-01", "low", drugs="severe"), plan("2023-05-01")],
            None,
            id="assessed and planned on one day: the plan says none",
        ),
        pytest.param(
            [ASKED, risk("2023-05-01", "low", drugs="none"), plan("2023-05-01", need=True)],
            "need",
            id="assessed and planned on one day: the plan says there is one",
        ),
        pytest.param(
            [ASKED, risk("2023-05-02", "low", drugs="severe"), plan("2023-05-01")],
            "need",
            id="assessed a day after the plan",
        ),
        pytest.param(
            [ASKED, risk("2023-05-02", "low", drugs="none"), plan("2023-05-01", need=True)],
            None,
            id="assessed as none after the plan",
        ),
        pytest.param(
            [ASKED, risk("2023-05-02", "low"), plan("2023-05-01", need=True)],
            "need",
            id="assessed without scoring any need after the plan",
        ),
        pytest.param(
            [ASKED, LOW, plan("2023-05-01", need=True, sentence="S2")], None, id="in another sentence's plan"
        ),
    ],
)
def test_a_request_that_the_facts_stand_against_is_refused_at_once(facts: Any, reason: str | None) -> None:
    reasons = {PSS: f"not_{PSS}", "risk": "risk_not_low", "need": "rehabilitative_need"}
    expected = [("Q1", reasons[reason])] if reason else []
    asked_on = next(fact.requested_on for fact in facts if hasattr(fact, "requested_on"))
    if expected:
        eve = asked_on - timedelta(days=1)
        assert said(*RELEASED, *facts, on=eve.isoformat()).refused == []
    assert said(*RELEASED, *facts, on=asked_on.isoformat()).refused == expected
    approved = [*RELEASED, *facts, decided("2024-01-10")]
    assert said(*approved, on="2024-02-01").refused == expected


@pytest.mark.parametrize(
    ("facts", "refused"),
    [
        pytest.param([risk("2023-06-05", "medium")], "risk_not_low", id="the risk rose meanwhile"),
        pytest.param([plan("2023-06-05", need=True)], "rehabilitative_need", id="a need was found meanwhile"),
        pytest.param(
            [risk("2023-06-03", "medium"), risk("2023-06-05", "low", drugs="severe")],
            "rehabilitative_need",
            id="the risk is low again, with a need",
        ),
    ],
)
def test_the_facts_are_looked_at_again_on_the_day_of_the_decision(facts: Any, refused: str) -> None:
    for approved in (True, False):
        heard = said(*RELEASED, LOW, ASKED, decided("2023-06-05", approved), *facts, on="2023-06-05")
        assert (heard.suspended, heard.refused) == ([], [("Q1", refused)])


def test_what_comes_and_goes_before_the_decision_does_not_matter() -> None:
    facts = [*GRANTED, risk("2023-06-02", "high"), risk("2023-06-04", "low")]
    assert spans(*facts) == [("2023-06-05", OVER, PSS)]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([], [], id="no decision: nothing"),
        pytest.param([decided("2023-05-31")], [], id="decided the day before the request: not on it"),
        pytest.param([decided("2023-06-01")], [("2023-06-01", OVER, PSS)], id="decided the same day"),
        pytest.param([decided("2023-06-05", about="absence_review")], [], id="decided about something else"),
        pytest.param([decided("2023-06-05", sentence="S2")], [], id="decided on another sentence"),
        pytest.param(
            [decided("2023-06-05", False), decided("2023-06-06")], [], id="refused, then approved: refused"
        ),
        pytest.param([decided("2023-12-31")], [("2023-12-31", OVER, PSS)], id="decided on the last day"),
        pytest.param([decided("2024-01-01")], [], id="decided when it was over"),
        pytest.param(
            [decided("2023-06-05", id="M1"), decided("2023-06-05", False, id="M1")],
            [],
            id="corrected to a refusal",
        ),
    ],
)
def test_the_first_decision_on_or_after_the_request_decides_it(facts: Any, expected: Any) -> None:
    assert spans(*RELEASED, LOW, ASKED, *facts) == expected


def test_an_approval_without_a_request_suspends_nothing() -> None:
    assert spans(*RELEASED, LOW, decided("2023-06-05")) == []


def test_one_decision_answers_all_requests_that_wait_for_it() -> None:
    facts = [*RELEASED, LOW, ASKED, suspension_asked("2023-06-03", id="Q2"), decided("2023-06-05", False)]
    assert said(*facts, on="2023-06-05").refused == [("Q1", "not_approved"), ("Q2", "not_approved")]


def test_a_request_on_an_order_or_an_unknown_sentence() -> None:
    facts = [LOW, ASKED, decided("2023-06-05")]
    assert said(*facts, on="2023-06-05").findings == []
    heard = said(order("2023-01-01", "2024-12-31"), *facts, on="2023-06-01")
    assert heard.refused == [("Q1", f"not_{PSS}")]


def test_a_request_dated_in_the_future_is_waited_for() -> None:
    facts = [*RELEASED, risk("2023-01-10", "high"), ASKED]
    heard = said(*facts, on="2023-05-31")
    assert (heard.refused, heard.wake_on) == ([], date(2023, 6, 1))


@pytest.mark.parametrize(
    ("facts", "until"),
    [
        pytest.param([], OVER, id="with supervision"),
        *(
            pytest.param([risk("2023-08-10", rosh)], "2023-08-10", id=f"the day the risk is {rosh}")
            for rosh in ("medium", "high", "very_high")
        ),
        pytest.param([risk("2023-08-10", "low")], OVER, id="assessed as low again: goes on"),
        pytest.param(
            [risk("2023-08-10", "high"), risk("2023-08-20", "low")],
            "2023-08-10",
            id="low again later: it does not come back",
        ),
        pytest.param(
            [risk("2023-08-10", "high", id="A1"), risk("2023-08-10", "low", id="A2")],
            OVER,
            id="of two assessments of one day the later counts",
        ),
        pytest.param(
            [risk("2023-08-10", "low", drugs="standard")], "2023-08-10", id="the day a need is scored"
        ),
        pytest.param([plan("2023-08-10", need=True)], "2023-08-10", id="the day a need is in the plan"),
        pytest.param([plan("2023-08-10", need=True, sentence="S2")], OVER, id="in another sentence's plan"),
        pytest.param(
            [risk("2023-08-10", "low", drugs="standard"), plan("2023-08-10")],
            OVER,
            id="scored, and planned that day without a need: goes on",
        ),
        pytest.param([decided("2023-08-10", False)], "2023-08-11", id="refused on a Thursday: on Friday"),
        pytest.param([decided("2023-08-11", False)], "2023-08-14", id="refused on a Friday: on Monday"),
        pytest.param(
            [decided("2023-08-25", False)], "2023-08-29", id="refused before a bank holiday: the day after it"
        ),
        pytest.param(
            [decided("2023-08-11", False), risk("2023-08-12", "high")],
            "2023-08-12",
            id="the risk rises before the refusal takes effect",
        ),
        pytest.param(
            [decided("2023-08-11", False), decided("2023-08-12")], "2023-08-14", id="approved once more: ends"
        ),
        pytest.param([decided("2023-08-11")], OVER, id="approved once more: goes on"),
        pytest.param([decided("2023-06-05", False, id="Z")], "2023-06-06", id="refused later the same day"),
        pytest.param([revoked("2023-08-10")], "2023-08-10", id="with the revocation"),
        pytest.param([died("2023-08-10")], "2023-08-10", id="with death"),
    ],
)
def test_a_suspension_ends_by_itself_and_does_not_come_back(facts: Any, until: str) -> None:
    assert spans(*GRANTED, *facts) == [("2023-06-05", until, PSS)]
    over = until == OVER or isinstance(facts[0], type(revoked("2023-08-10")) | type(died("2023-08-10")))
    heard = said(*GRANTED, *facts, on=until)
    assert heard.resumed == ([] if over else [(f"S1/{until}", PSS)])
    eve = (day(until) - timedelta(days=1)).isoformat()
    assert said(*GRANTED, *facts, on=eve).resumed == []


def test_the_resumption_names_the_decision_and_what_ended_it() -> None:
    (finding,) = said(*GRANTED, risk("2023-08-10", "high"), on="2023-09-01").of(ContactResumed)
    assert finding.event.approval == "M-2023-06-05"
    assert finding.rules == ("CONT-19", "CONT-20")
    assert finding.because[-1].event_id == "E5"


def test_it_comes_back_with_a_new_request() -> None:
    facts = [
        *GRANTED,
        risk("2023-08-10", "medium"),
        suspension_asked("2023-08-15", id="Q2"),
        risk("2023-09-01", "low"),
        suspension_asked("2023-09-02", id="Q3"),
        decided("2023-09-04"),
    ]
    heard = said(*facts, on="2023-10-01")
    assert heard.suspended == [("S1/2023-06-05", PSS), ("S1/2023-09-04", PSS)]
    assert heard.resumed == [("S1/2023-08-10", PSS)]
    assert heard.refused == [("Q2", "risk_not_low")]


def test_a_refused_request_for_what_is_suspended_already_ends_it() -> None:
    facts = [*GRANTED, suspension_asked("2023-08-01", id="Q2"), decided("2023-08-02", False)]
    heard = said(*facts, on="2023-08-03")
    assert (heard.resumed, heard.refused) == ([("S1/2023-08-03", PSS)], [("Q2", "not_approved")])


def test_another_approval_takes_over_without_a_day_of_contact() -> None:
    facts = [
        *GRANTED,
        decided("2023-08-11", False),
        suspension_asked("2023-08-12", id="Q2"),
        decided("2023-08-13"),
    ]
    heard = said(*facts, on="2023-09-01")
    approvals = [(finding.key, finding.event.approval) for finding in heard.of(ContactSuspended)]
    assert approvals == [("S1/2023-06-05", "M-2023-06-05"), ("S1/2023-08-14", "M-2023-08-13")]
    assert heard.resumed == []
