"""The referrals that requirements lead to, and when a programme or a treatment has started."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas.referrals import InterventionStarted, ReferralMade
from services.referrals.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.table import table

ENDS = "2027-01-04"
"""The last day of a year's order of 5 January 2026."""


def order(requires: str, day: str = "2026-01-05", **options: Any) -> f.Fact:
    """An order of 5 January 2026 that requires this."""
    return f.order(day, ENDS, requires, **options)


# -- referrals ---------------------------------------------------------------------------------------


def made(today: str, *facts: f.Fact) -> list[tuple[str, str]]:
    """The referrals made: their ids and days."""
    events = on(today, SERVICE, *facts).open("ReferralMade").values()
    return [(event.referral_id, str(event.made_on)) for event in events]


@pytest.mark.parametrize(
    ("kind", "referral", "rules"),
    [
        ("unpaid_work", "unpaid_work", ("SH-7", "DF-9")),
        ("accredited_programme", "accredited_programme", ("SH-7", "DF-9")),
        ("mental_health_treatment", "treatment", ("SH-7", "DF-9", "CSTR-1")),
        ("drug_rehabilitation", "treatment", ("SH-7", "DF-9", "CSTR-1")),
        ("alcohol_treatment", "treatment", ("SH-7", "DF-9", "CSTR-1")),
        ("rar", None, ()),
        ("curfew", None, ()),
        ("other", None, ()),
    ],
)
def test_a_requirement_that_needs_an_intervention_leads_to_a_referral(
    kind: str, referral: str | None, rules: tuple[str, ...]
) -> None:
    found = on("2026-01-05", SERVICE, order(f"{kind} 100")).findings("ReferralMade")
    assert [(one.event.kind, one.rules) for one in found] == ([(referral, rules)] if referral else [])


def test_a_referral_is_made_on_the_day_of_sentence_and_names_the_cohorts() -> None:
    sentence = order("unpaid_work", sex="female", cohorts="young_adult care_leaver")
    assert on("2026-02-01", SERVICE, sentence).one("ReferralMade") == ReferralMade(
        **f.PLACE,
        referral_id="UPW",
        sentence_id="S1",
        requirement_id="UPW",
        kind="unpaid_work",
        cohorts=["care_leaver", "young_adult", "women"],
        desired_outcomes=[],
        made_on=date(2026, 1, 5),
    )


WORK = order("unpaid_work")
CUSTODIAL = order("drug_rehabilitation", kind="custodial", ends_on=None)
UPW = ("UPW", "2026-01-05")


@table(
    """
    | case                                                            | today      | referrals                                      | facts |
    | a requirement to be added by a variation                        | 2026-03-01 | [("UPW", "2026-01-05")]                        | WORK |
    |                                                                 |            |                                                | 2026-03-02 varied ends=2027-01-04 requires="unpaid_work, alcohol_treatment" |
    | a requirement added by a variation is referred on its day       | 2026-03-02 | [("UPW", "2026-01-05"), ("REQ", "2026-03-02")] | WORK |
    |                                                                 |            |                                                | 2026-03-02 varied ends=2027-01-04 requires="unpaid_work, alcohol_treatment" |
    | what the court changed on the day of sentence was never ordered | 2026-06-01 | [("UPW2", "2026-01-05")]                       | WORK |
    |                                                                 |            |                                                | 2026-01-05 varied ends=2027-01-04 requires="unpaid_work 60 UPW2" |
    | nor what it changed before the sentence was imposed             | 2026-06-01 | [("UPW2", "2026-01-05")]                       | WORK |
    |                                                                 |            |                                                | 2026-01-02 varied ends=2027-01-04 requires="unpaid_work 60 UPW2" |
    | it stays when taken off the list                                | 2026-06-01 | [("UPW", "2026-01-05")]                        | WORK; 2026-03-02 varied ends=2027-01-04 requires="" |
    | it stays when quashed                                           | 2026-06-01 | [("UPW", "2026-01-05")]                        | WORK; 2026-03-02 revoked quashed |
    | none for who died before                                        | 2026-06-01 | []                                             | WORK; 2026-01-04 died |
    | a variation after the end changes nothing                       | 2027-06-01 | [("UPW", "2026-01-05")]                        | WORK |
    |                                                                 |            |                                                | 2027-01-05 varied ends=2028-01-04 requires="unpaid_work 99 UPW2" |
    | nor does one after death                                        | 2026-06-01 | [("UPW", "2026-01-05")]                        | WORK |
    |                                                                 |            |                                                | 2026-03-03 varied ends=2027-01-04 requires="unpaid_work 99 UPW2" |
    |                                                                 |            |                                                | 2026-03-02 died |
    | none before release                                             | 2026-06-01 | []                                             | CUSTODIAL |
    | a requirement of a licence is referred on release               | 2026-06-01 | [("REQ", "2026-03-02")]                        | CUSTODIAL; 2026-03-02 released ends=2027-01-04 |
    """,  # noqa: E501
    WORK=WORK,
    CUSTODIAL=CUSTODIAL,
)
def test_the_day_of_a_referral(today: str, facts: list[f.Fact], referrals: list[tuple[str, str]]) -> None:
    assert made(today, *facts) == referrals


# -- two sentences whose requirements share an id ----------------------------------------------------

SECOND = f.order("2026-02-02", ENDS, "unpaid_work 50", id="S2")
PROGRAMMES = (order("accredited_programme 3"), f.order("2026-02-02", ENDS, "accredited_programme 2", id="S2"))


def test_the_second_referral_has_the_sentence_in_its_id() -> None:
    case = on("2026-03-01", SERVICE, WORK, SECOND)
    assert {key: event.referral_id for key, event in case.open("ReferralMade").items()} == {
        "UPW": "UPW",
        "S2/UPW": "S2:UPW",
    }
    assert made("2026-03-01", WORK, SECOND) == [UPW, ("S2:UPW", "2026-02-02")]


def test_the_id_of_the_second_referral_is_never_longer_than_an_id_may_be() -> None:
    long, longest = "R" * 60, "S" * 60
    facts = [order(f"unpaid_work {long}"), f.order("2026-02-02", ENDS, f"unpaid_work {long}", id=longest)]
    first, second = made("2026-03-01", *facts)
    assert first == (long, "2026-01-05")
    assert len(second[0]) == 64


@pytest.mark.parametrize("referral", ["S2:UPW", "UPW"], ids=["its id", "the id of the requirement"])
def test_a_session_that_names_the_second_referral_is_for_its_requirement(referral: str) -> None:
    held = f.work("2026-03-02", requirement=None, referral_id=referral, sentence="S2")
    case = on("2026-04-01", SERVICE, WORK, SECOND, held)
    credit, started = case.one("UnpaidWorkCredited"), case.one("InterventionStarted")
    assert (credit.requirement_id, credit.ordered_minutes) == ("UPW", 3000)
    assert (started.referral_id, started.requirement_id) == ("S2:UPW", "UPW")


def test_a_session_that_names_the_second_referral_and_the_first_sentence_is_for_neither() -> None:
    held = f.work("2026-03-02", requirement=None, referral_id="S2:UPW", sentence="S1")
    assert on("2026-04-01", SERVICE, WORK, SECOND, held).open("UnpaidWorkCredited") == {}


def test_each_of_two_programmes_starts_and_is_completed_by_itself() -> None:
    def attended(day: str, sentence: str, referral: str) -> f.Fact:
        return f.session(day, requirement=None, referral_id=referral, sentence=sentence)

    facts = [*PROGRAMMES, attended("2026-02-09", "S2", "S2:REQ"), attended("2026-02-16", "S2", "S2:REQ")]
    case = on("2026-06-01", SERVICE, *facts, attended("2026-02-23", "S1", "REQ"))
    started = {
        event.referral_id: str(event.started_on) for event in case.open("InterventionStarted").values()
    }
    assert started == {"REQ": "2026-02-23", "S2:REQ": "2026-02-09"}
    assert [event.sentence_id for event in case.open("RequirementCompleted").values()] == ["S2"]


# -- the start (of unpaid work: test_unpaid_work_start) ----------------------------------------------


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("accredited_programme", "AP-13"),
        ("mental_health_treatment", "CSTR-1"),
        ("drug_rehabilitation", "CSTR-1"),
        ("alcohol_treatment", "CSTR-1"),
    ],
)
@pytest.mark.parametrize("amount", ["3", ""])
def test_a_programme_or_treatment_starts_with_its_first_session_attended(
    kind: str, rule: str, amount: str
) -> None:
    order, first = f.order("2026-01-05", None, f"{kind} {amount}"), f.session("2026-02-09", requirement="REQ")
    facts = [
        order,
        f.session("2026-01-04", requirement="REQ"),
        f.session("2026-02-02", "acceptable_absence", requirement="REQ"),
        f.session("2026-02-03", "failed_to_comply", requirement="REQ"),
        f.session("2026-02-16", requirement="REQ"),
        first,
    ]
    assert on("2026-02-08", SERVICE, *facts).open("InterventionStarted") == {}
    case = on("2026-06-01", SERVICE, *facts)
    (finding,) = case.findings("InterventionStarted")
    assert finding.event == InterventionStarted(
        **f.PLACE, sentence_id="S1", referral_id="REQ", requirement_id="REQ", started_on=date(2026, 2, 9)
    )
    assert finding.rules == (rule,)
    assert case.evidence("InterventionStarted") == {"REQ": [first.id, order.id]}


@pytest.mark.parametrize("kind", ["rar", "curfew", "other"])
def test_what_leads_to_no_referral_of_its_own_has_no_start(kind: str) -> None:
    facts = [f.order("2026-01-05", None, f"{kind} 3 REQ"), f.session("2026-02-09", requirement="REQ")]
    assert on("2026-06-01", SERVICE, *facts).open("InterventionStarted") == {}
