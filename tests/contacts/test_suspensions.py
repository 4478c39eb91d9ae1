"""Contact suspended in post-sentence supervision: asked for, agreed to, ended (CONT-17 to CONT-20)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests import facts as f
from tests.contacts.said import assessed, rests_on
from tests.contacts.suspensions import (
    ASKED,
    GRANTED,
    LOW,
    OVER,
    PSS,
    RELEASED,
    refusals,
    resumptions,
    spans,
    suspensions,
)
from tests.table import table


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
    facts = [
        *RELEASED,
        f.risk("2023-01-10", rosh, needs="", severe=""),
        ASKED,
        f.decided("2023-06-05", approved=approved),
    ]
    heard = assessed("2023-06-05", *facts)
    assert (suspensions(heard), refusals(heard)) == (suspended, refused)


def test_the_suspension_names_the_decision_and_has_no_follow_up() -> None:
    heard = assessed("2023-06-05", *GRANTED)
    (finding,) = heard.findings("ContactSuspended")
    assert (finding.event.approval, finding.event.follow_up_on) == ("M-2023-06-05", None)
    assert finding.rules == ("CONT-17", "CONT-19")
    assert rests_on(finding, *GRANTED) == [0, 1, 3, 4, 2]


@pytest.mark.parametrize("rosh", ["medium", "high", "very_high"])
def test_any_risk_that_is_not_low_is_refused(rosh: Any) -> None:
    heard = assessed("2023-06-01", *RELEASED, f.risk("2023-01-10", rosh, needs="", severe=""), ASKED)
    assert refusals(heard) == [("Q1", "risk_not_low")]


@table(
    """
    | case                                                        | reason                    | facts |
    | on licence, the last day                                    | post_sentence_supervision | 2023-03-31 suspension asked; LOW |
    | the first day after the licence                             | None                      | 2023-04-01 suspension asked; LOW |
    | before the release                                          | post_sentence_supervision | 2022-12-31 suspension asked; LOW |
    | the last day                                                | None                      | 2023-12-31 suspension asked; LOW |
    | a day late: supervision is over                             | None                      | 2024-01-01 suspension asked; LOW |
    | the stage comes before the risk                             | post_sentence_supervision | 2023-03-31 suspension asked |
    | risk unknown: not low                                       | risk                      | ASKED |
    | assessed the day after                                      | risk                      | ASKED; 2023-06-02 risk low needs="" severe="" |
    | assessed that day                                           | None                      | ASKED; 2023-06-01 risk low needs="" severe="" |
    | the risk before the need                                    | risk                      | ASKED; 2023-05-01 risk needs="" severe=attitudes |
    | a need in the plan                                          | need                      | ASKED; LOW; 2023-05-01 plan rehabilitative_need=true |
    | found that day                                              | need                      | ASKED; LOW; 2023-06-01 plan rehabilitative_need=true |
    | found the day after                                         | None                      | ASKED; LOW; 2023-06-02 plan rehabilitative_need=true |
    | a standard need                                             | need                      | ASKED; 2023-05-01 risk low needs=alcohol severe="" |
    | a severe need                                               | need                      | ASKED; 2023-05-01 risk low needs="" severe=alcohol |
    | a need scored as none                                       | None                      | ASKED; 2023-05-01 risk low needs="" severe="" unscored=alcohol |
    | no longer in the next plan                                  | None                      | ASKED; LOW; 2023-05-01 plan rehabilitative_need=true; 2023-05-20 plan |
    | assessed and planned on one day: the plan says none         | None                      | ASKED; 2023-05-01 risk low needs="" severe=drugs; 2023-05-01 plan |
    | assessed and planned on one day: the plan says there is one | need                      | ASKED; 2023-05-01 risk low needs="" severe="" unscored=drugs; 2023-05-01 plan rehabilitative_need=true |
    | assessed a day after the plan                               | need                      | ASKED; 2023-05-02 risk low needs="" severe=drugs; 2023-05-01 plan |
    | assessed as none after the plan                             | None                      | ASKED; 2023-05-02 risk low needs="" severe="" unscored=drugs; 2023-05-01 plan rehabilitative_need=true |
    | assessed without scoring any need after the plan            | need                      | ASKED; 2023-05-02 risk low needs="" severe=""; 2023-05-01 plan rehabilitative_need=true |
    | in another sentence's plan                                  | None                      | ASKED; LOW; 2023-05-01 plan rehabilitative_need=true sentence=S2 |
    """,  # noqa: E501
    LOW=LOW,
    ASKED=ASKED,
)
def test_a_request_that_the_facts_stand_against_is_refused_at_once(facts: Any, reason: str | None) -> None:
    reasons = {PSS: f"not_{PSS}", "risk": "risk_not_low", "need": "rehabilitative_need"}
    expected = [("Q1", reasons[reason])] if reason else []
    asked_on = next(fact.data.requested_on for fact in facts if fact.type == "ContactSuspensionRequested")
    if expected:
        eve = asked_on - timedelta(days=1)
        assert refusals(assessed(eve.isoformat(), *RELEASED, *facts)) == []
    assert refusals(assessed(asked_on.isoformat(), *RELEASED, *facts)) == expected
    approved = [*RELEASED, *facts, f.decided("2024-01-10")]
    assert refusals(assessed("2024-02-01", *approved)) == expected


@table(
    """
    | case                               | facts                                                                   | refused             |
    | the risk rose meanwhile            | 2023-06-05 risk medium needs="" severe=""                               | risk_not_low        |
    | a need was found meanwhile         | 2023-06-05 plan rehabilitative_need=true                                | rehabilitative_need |
    | the risk is low again, with a need | 2023-06-03 risk medium needs="" severe=""; 2023-06-05 risk low needs="" | rehabilitative_need |
    """,  # noqa: E501
)
def test_the_facts_are_looked_at_again_on_the_day_of_the_decision(facts: Any, refused: str) -> None:
    for approved in (True, False):
        heard = assessed(
            "2023-06-05", *RELEASED, LOW, ASKED, f.decided("2023-06-05", approved=approved), *facts
        )
        assert (suspensions(heard), refusals(heard)) == ([], [("Q1", refused)])


def test_what_comes_and_goes_before_the_decision_does_not_matter() -> None:
    facts = [
        *GRANTED,
        f.risk("2023-06-02", "high", needs="", severe=""),
        f.risk("2023-06-04", "low", needs="", severe=""),
    ]
    assert spans(*facts) == [("2023-06-05", OVER, PSS)]


@table(
    """
    | case                                          | expected                                                    | facts |
    | no decision: nothing                          | []                                                          | |
    | decided the day before the request: not on it | []                                                          | 2023-05-31 decided contact suspension |
    | decided the same day                          | [("2023-06-01", "2024-01-01", "post_sentence_supervision")] | 2023-06-01 decided contact suspension |
    | decided about something else                  | []                                                          | 2023-06-05 decided absence review |
    | decided on another sentence                   | []                                                          | 2023-06-05 decided contact suspension sentence=S2 |
    | refused, then approved: refused               | []                                                          | 2023-06-05 decided contact suspension approved=false; 2023-06-06 decided contact suspension |
    | decided on the last day                       | [("2023-12-31", "2024-01-01", "post_sentence_supervision")] | 2023-12-31 decided contact suspension |
    | decided when it was over                      | []                                                          | 2024-01-01 decided contact suspension |
    | corrected to a refusal                        | []                                                          | 2023-06-05 decided M1 contact suspension; 2023-06-05 decided M1 contact suspension approved=false |
    """,  # noqa: E501
)
def test_the_first_decision_on_or_after_the_request_decides_it(facts: Any, expected: Any) -> None:
    assert spans(*RELEASED, LOW, ASKED, *facts) == expected


def test_an_approval_without_a_request_suspends_nothing() -> None:
    assert spans(*RELEASED, LOW, f.decided("2023-06-05")) == []


def test_one_decision_answers_all_requests_that_wait_for_it() -> None:
    facts = [
        *RELEASED,
        LOW,
        ASKED,
        f.suspension_asked("2023-06-03", id="Q2"),
        f.decided("2023-06-05", approved=False),
    ]
    assert refusals(assessed("2023-06-05", *facts)) == [("Q1", "not_approved"), ("Q2", "not_approved")]


def test_a_decision_that_names_a_request_answers_no_other() -> None:
    asked = [*RELEASED, LOW, ASKED, f.suspension_asked("2023-06-02", id="Q2")]
    refused = f.decided("2023-06-05", approved=False, about_id="Q2")
    assert refusals(assessed("2023-07-01", *asked, refused)) == [("Q2", "not_approved")]
    assert spans(*asked, refused, f.decided("2023-06-07", about_id="Q1")) == [("2023-06-07", OVER, PSS)]


def test_a_request_on_an_order_or_an_unknown_sentence() -> None:
    facts = [LOW, ASKED, f.decided("2023-06-05")]
    assert assessed("2023-06-05", *facts).all == []
    heard = assessed("2023-06-01", f.order("2023-01-01", "2024-12-31"), *facts)
    assert refusals(heard) == [("Q1", f"not_{PSS}")]


def test_a_request_dated_in_the_future_is_waited_for() -> None:
    facts = [*RELEASED, f.risk("2023-01-10", "high", needs="", severe=""), ASKED]
    heard = assessed("2023-05-31", *facts)
    assert (refusals(heard), heard.wake_on) == ([], date(2023, 6, 1))


@table(
    """
    | case                                                 | until      | facts |
    | with supervision                                     | 2024-01-01 | |
    | the day the risk is medium                           | 2023-08-10 | 2023-08-10 risk medium needs="" severe="" |
    | the day the risk is high                             | 2023-08-10 | 2023-08-10 risk high needs="" severe="" |
    | the day the risk is very_high                        | 2023-08-10 | 2023-08-10 risk very high needs="" severe="" |
    | assessed as low again: goes on                       | 2024-01-01 | 2023-08-10 risk low needs="" severe="" |
    | low again later: it does not come back               | 2023-08-10 | 2023-08-10 risk high needs="" severe=""; 2023-08-20 risk low needs="" severe="" |
    | of two assessments of one day the later counts       | 2024-01-01 | 2023-08-10 risk A1 high needs="" severe=""; 2023-08-10 risk A2 low needs="" severe="" |
    | the day a need is scored                             | 2023-08-10 | 2023-08-10 risk low needs=drugs severe="" |
    | the day a need is in the plan                        | 2023-08-10 | 2023-08-10 plan rehabilitative_need=true |
    | in another sentence's plan                           | 2024-01-01 | 2023-08-10 plan sentence=S2 rehabilitative_need=true |
    | scored, and planned that day without a need: goes on | 2024-01-01 | 2023-08-10 risk low needs=drugs severe=""; 2023-08-10 plan |
    | refused on a Thursday: on Friday                     | 2023-08-11 | 2023-08-10 decided contact suspension approved=false |
    | refused on a Friday: on Monday                       | 2023-08-14 | 2023-08-11 decided contact suspension approved=false |
    | refused before a bank holiday: the day after it      | 2023-08-29 | 2023-08-25 decided contact suspension approved=false |
    | the risk rises before the refusal takes effect       | 2023-08-12 | 2023-08-11 decided contact suspension approved=false; 2023-08-12 risk high needs="" severe="" |
    | approved once more: ends                             | 2023-08-14 | 2023-08-11 decided contact suspension approved=false; 2023-08-12 decided contact suspension |
    | approved once more: goes on                          | 2024-01-01 | 2023-08-11 decided contact suspension |
    | refused later the same day                           | 2023-06-06 | 2023-06-05 decided Z contact suspension approved=false |
    | with the revocation                                  | 2023-08-10 | 2023-08-10 revoked |
    | with death                                           | 2023-08-10 | 2023-08-10 died |
    """,  # noqa: E501
)
def test_a_suspension_ends_by_itself_and_does_not_come_back(facts: Any, until: str) -> None:
    assert spans(*GRANTED, *facts) == [("2023-06-05", until, PSS)]
    over = until == OVER or facts[0].type in ("SentenceRevoked", "PersonDied")
    heard = assessed(until, *GRANTED, *facts)
    assert resumptions(heard) == ([] if over else [(f"S1/{until}", PSS)])
    eve = (date.fromisoformat(until) - timedelta(days=1)).isoformat()
    assert resumptions(assessed(eve, *GRANTED, *facts)) == []


def test_the_resumption_names_the_decision_and_what_ended_it() -> None:
    facts = [*GRANTED, f.risk("2023-08-10", "high", needs="", severe="")]
    (finding,) = assessed("2023-09-01", *facts).findings("ContactResumed")
    assert finding.event.approval == "M-2023-06-05"
    assert finding.rules == ("CONT-19", "CONT-20")
    assert rests_on(finding, *facts)[-1] == 5


def test_it_comes_back_with_a_new_request() -> None:
    facts = [
        *GRANTED,
        f.risk("2023-08-10", needs="", severe=""),
        f.suspension_asked("2023-08-15", id="Q2"),
        f.risk("2023-09-01", "low", needs="", severe=""),
        f.suspension_asked("2023-09-02", id="Q3"),
        f.decided("2023-09-04"),
    ]
    heard = assessed("2023-10-01", *facts)
    assert suspensions(heard) == [("S1/2023-06-05", PSS), ("S1/2023-09-04", PSS)]
    assert resumptions(heard) == [("S1/2023-08-10", PSS)]
    assert refusals(heard) == [("Q2", "risk_not_low")]


def test_a_refused_request_for_what_is_suspended_already_ends_it() -> None:
    facts = [*GRANTED, f.suspension_asked("2023-08-01", id="Q2"), f.decided("2023-08-02", approved=False)]
    heard = assessed("2023-08-03", *facts)
    assert (resumptions(heard), refusals(heard)) == ([("S1/2023-08-03", PSS)], [("Q2", "not_approved")])


def test_another_approval_takes_over_without_a_day_of_contact() -> None:
    facts = [
        *GRANTED,
        f.decided("2023-08-11", approved=False),
        f.suspension_asked("2023-08-12", id="Q2"),
        f.decided("2023-08-13"),
    ]
    heard = assessed("2023-09-01", *facts)
    approvals = [(finding.key, finding.event.approval) for finding in heard.findings("ContactSuspended")]
    assert approvals == [("S1/2023-06-05", "M-2023-06-05"), ("S1/2023-08-14", "M-2023-08-13")]
    assert resumptions(heard) == []
