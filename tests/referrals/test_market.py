"""Providers and regions: listings, calls, coverage and availability (DF-1 to 6, 18; SI-1 to 6; AP-3, 5)."""

from __future__ import annotations

from typing import Any

import pytest

from services.referrals.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.ledger import Ledger
from tests.table import table


def ledger_on(day: str, *facts: f.Fact) -> Ledger:
    """What the service has published by that day."""
    ledger = Ledger(SERVICE)
    ledger.day("2026-06-01")
    ledger.tell(*facts)
    ledger.day(day)
    return ledger


# -- listings ------------------------------------------------------------------------------------------


def refused(*facts: f.Fact) -> list[str]:
    return [event.reason for event in ledger_on("2026-06-01", *facts).standing("ListingRefused")]


QUALIFIED = f.qualified("2019-01-01", "accommodation emotional_management")


@table(
    """
    | case                                                    | facts                                                                                                             | reasons                        |
    | a service of a qualified provider                       | QUALIFIED; 2026-01-05 listed                                                                                      | []                             |
    | a provider that is not qualified                        | 2026-01-05 listed                                                                                                 | ["provider_not_qualified"]     |
    | nor in that region                                      | 2019-01-01 qualified regions=wales; 2026-01-05 listed                                                             | ["provider_not_qualified"]     |
    | nor for that need                                       | QUALIFIED; 2026-01-05 listed finance_benefit_debt                                                                 | ["provider_not_qualified"]     |
    | SI-2: six sessions until 2022                           | 2021-12-31 listed emotional_management kind=structured_intervention sessions=5                                    | ["too_few_sessions"]           |
    | exactly six                                             | 2021-12-31 listed emotional_management kind=structured_intervention sessions=6                                    | []                             |
    | SI-3: four from 2022                                    | 2022-01-01 listed emotional_management kind=structured_intervention sessions=4                                    | []                             |
    | three are too few                                       | 2022-01-01 listed emotional_management kind=structured_intervention sessions=3                                    | ["too_few_sessions"]           |
    | SI-6: approval from June 2020                           | 2020-06-01 listed emotional_management kind=structured_intervention approval_ref=null                             | ["no_approval"]                |
    | C25: optional before                                    | 2020-05-31 listed emotional_management kind=structured_intervention approval_ref=null                             | []                             |
    | SI-4: a need area that was none yet                     | 2020-05-31 listed domestic_abuse kind=structured_intervention                                                     | ["need_not_in_force"]          |
    | and is one from June 2020                               | 2020-06-01 listed domestic_abuse kind=structured_intervention                                                     | []                             |
    | AP-5: sexual offences, not by the public service        | 2026-01-05 listed kind=accredited_programme programme=HORIZON                                                     | ["reserved_to_public_service"] |
    | by the public service                                   | 2026-01-05 listed kind=accredited_programme programme=HORIZON provider=probation_service                          | []                             |
    | another programme, by anyone                            | 2026-01-05 listed kind=accredited_programme programme=TSP                                                         | []                             |
    | a programme without a code                              | 2026-01-05 listed kind=accredited_programme                                                                       | ["no_programme"]               |
    """,  # noqa: E501
    QUALIFIED=QUALIFIED,
)
def test_what_may_be_listed(facts: list[f.Fact], reasons: list[str]) -> None:
    assert refused(*facts) == reasons


def test_a_refusal_ends_when_the_provider_qualifies() -> None:
    ledger = ledger_on("2026-06-01", f.listed("2026-01-05"))
    assert len(ledger.standing("ListingRefused")) == 1
    ledger.tell(f.qualified("2026-06-01"))
    assert ledger.standing("ListingRefused") == []


# -- service calls ----------------------------------------------------------------------------------------

CALL = f.called("2026-06-01", closes="2026-06-30", cohorts="women")


@table(
    """
    | case                             | facts                                                                    | told   |
    | need, region and group match     | 2026-01-01 qualified cohorts=women                                       | ["V1"] |
    | small specialists as well        | 2026-01-01 qualified cohorts="women care_leaver" specialist=true         | ["V1"] |
    | another need                     | 2026-01-01 qualified finance_benefit_debt cohorts=women                  | []     |
    | another region                   | 2026-01-01 qualified cohorts=women regions=wales                         | []     |
    | not for the group                | 2026-01-01 qualified cohorts=care_leaver                                 | []     |
    | qualified while it is open       | 2026-06-02 qualified cohorts=women                                       | ["V1"] |
    | qualified only after it closed   | 2026-07-01 qualified cohorts=women                                       | []     |
    | no longer qualified for it       | 2026-01-01 qualified cohorts=women; 2026-05-01 qualified cohorts=care_leaver | [] |
    """,  # noqa: E501
)
def test_a_call_is_told_to_exactly_those_who_match(facts: list[f.Fact], told: list[str]) -> None:
    (event,) = ledger_on("2026-07-02", CALL, *facts).standing("ProvidersNotified")
    assert event.providers == told


@table(
    """
    | case                          | facts                                                                     | reasons           |
    | qualified and matching        | 2026-01-01 qualified cohorts=women; 2026-06-10 proposed                   | []                |
    | on the closing day            | 2026-01-01 qualified cohorts=women; 2026-06-30 proposed                   | []                |
    | the day after it              | 2026-01-01 qualified cohorts=women; 2026-07-01 proposed                   | ["after_closing"] |
    | before the call               | 2026-01-01 qualified cohorts=women; 2026-05-31 proposed                   | ["before_call"]   |
    | not qualified                 | 2026-06-10 proposed                                                       | ["not_qualified"] |
    | not qualified yet             | 2026-06-11 qualified cohorts=women; 2026-06-10 proposed                   | ["not_qualified"] |
    | not for the group             | 2026-01-01 qualified; 2026-06-10 proposed                                 | ["not_matched"]   |
    """,  # noqa: E501
)
def test_which_proposals_are_refused(facts: list[f.Fact], reasons: list[str]) -> None:
    ledger = ledger_on("2026-07-02", CALL, *facts)
    assert [event.reason for event in ledger.standing("ProposalRefused")] == reasons


def test_a_call_for_another_region_is_not_told_here() -> None:
    wales = f.called("2026-06-01", closes="2026-06-30", region="wales", subject="wales")
    ledger = ledger_on("2026-06-02", wales, f.qualified("2026-01-01"))
    (event,) = ledger.standing("ProvidersNotified")
    assert event.providers == []


# -- coverage -----------------------------------------------------------------------------------------------


def gaps(ledger: Ledger, **wanted: Any) -> list[Any]:
    found = ledger.standing("CoverageGapDetected")
    return [e for e in found if all(getattr(e, name) == value for name, value in wanted.items())]


def test_every_core_need_and_programme_that_a_region_lacks_is_a_gap() -> None:
    ledger = ledger_on("2026-06-01", f.qualified("2026-01-01", regions="wales"))
    everyone = gaps(ledger, region="wales", cohorts=[])
    assert sorted(e.programme or e.need for e in everyone) == sorted(
        [
            "BBR",
            "TSP",
            "accommodation",
            "attitudes_thinking_behaviour",
            "emotional_management",
            "employment_training_education",
            "family_and_significant_others",
            "finance_benefit_debt",
            "lifestyle_and_associates",
            "non_dependent_alcohol",
        ]
    )
    assert {e.severity for e in everyone} == {"gap"}
    assert {e.pdu for e in everyone} == {None}


def test_a_gap_is_resolved_when_the_need_is_listed_and_comes_back_when_it_is_withdrawn() -> None:
    ledger = ledger_on("2026-06-01", QUALIFIED)
    assert len(gaps(ledger, need="accommodation", cohorts=[])) == 1
    ledger.tell(f.listed("2026-06-01"))
    assert gaps(ledger, need="accommodation", cohorts=[]) == []
    assert ("london/*/commissioned_service/accommodation/*", "resolved") in ledger.withdrawals(
        "CoverageGapDetected"
    )
    ledger.day("2026-06-10")
    ledger.tell(f.unlisted("2026-06-10"))
    assert len(gaps(ledger, need="accommodation", cohorts=[])) == 1


def test_a_gap_in_one_delivery_unit_is_told_for_it() -> None:
    two = [
        f.listed("2026-06-01", pdus="camden"),
        f.listed("2026-06-01", "emotional_management", id="I2", pdus="hackney"),
    ]
    ledger = ledger_on("2026-06-01", QUALIFIED, *two)
    assert [e.pdu for e in gaps(ledger, need="accommodation", cohorts=[])] == ["hackney"]
    assert [e.pdu for e in gaps(ledger, need="finance_benefit_debt", cohorts=[])] == [None]


def test_sh_11_a_delivery_unit_that_is_spelt_in_two_ways_is_one() -> None:
    two = [
        f.listed("2026-06-01", pdus="Camden"),
        f.listed("2026-06-01", "emotional_management", id="I2", pdus="camden hackney"),
    ]
    ledger = ledger_on("2026-06-01", QUALIFIED, *two)
    assert [e.pdu for e in gaps(ledger, need="accommodation", cohorts=[])] == ["hackney"]
    assert gaps(ledger, need="emotional_management", cohorts=[]) == []


def test_a_service_for_women_only_serves_women_and_leaves_a_gap_for_everyone() -> None:
    ledger = ledger_on("2026-06-01", QUALIFIED, f.listed("2026-06-01", sex="female"))
    assert gaps(ledger, need="accommodation", cohorts=["women"]) == []
    assert len(gaps(ledger, need="accommodation", cohorts=[])) == 1


def test_a_group_is_served_by_a_provider_qualified_for_it() -> None:
    provider = f.qualified("2026-01-01", cohorts="care_leaver")
    ledger = ledger_on("2026-06-01", provider, f.listed("2026-06-01"))
    assert gaps(ledger, need="accommodation", cohorts=["care_leaver"]) == []
    assert len(gaps(ledger, need="accommodation", cohorts=["young_adult"])) == 1


@pytest.mark.parametrize(
    ("day", "severity"),
    [("2019-09-30", "gap"), ("2019-10-01", "not_yet_commissioned"), ("2022-06-26", "gap")],
)
def test_c27_the_severity_of_a_gap_goes_by_the_day(day: str, severity: str) -> None:
    ledger = Ledger(SERVICE)
    ledger.day(day)
    ledger.tell(f.qualified("2019-01-01"))
    assert {e.severity for e in gaps(ledger, need="accommodation")} == {severity}


# -- availability -------------------------------------------------------------------------------------------


def test_df_18_availability_is_told_once_a_day_as_the_day_began() -> None:
    ledger = ledger_on(
        "2026-06-01", QUALIFIED, f.listed("2026-06-01", places=3, starts="2026-06-01 2026-07-06")
    )
    (first,) = ledger.standing("AvailabilityChanged")
    assert (first.free, first.waiting, str(first.next_start_on)) == (3, 0, "2026-06-01")
    ledger.tell(f.order("2026-06-01"), asked("F1"), asked("F2"))
    assert len(ledger.standing("ReferralMade")) == 2
    assert ledger.standing("AvailabilityChanged") == [first]
    ledger.day("2026-06-02")
    (second,) = ledger.standing("AvailabilityChanged")
    assert (second.free, second.waiting, str(second.next_start_on)) == (1, 0, "2026-07-06")
    assert ledger.withdrawals("AvailabilityChanged") == [("I1", "superseded")]


def test_availability_ends_with_the_listing() -> None:
    ledger = ledger_on("2026-06-01", QUALIFIED, f.listed("2026-06-01"))
    ledger.day("2026-06-10")
    ledger.tell(f.unlisted("2026-06-10"))
    assert ledger.standing("AvailabilityChanged") == []
    assert ledger.withdrawals("AvailabilityChanged") == [("I1", "ended")]


def test_interventions_of_two_providers_with_the_same_id_are_told_apart() -> None:
    offers = [f.qualified("2019-01-01", id=id) for id in ("V1", "V2")]
    offers += [f.listed("2026-06-01", id="I1", provider=id) for id in ("V1", "V2")]
    ledger = ledger_on("2026-06-01", *offers)
    told = ledger.standing("AvailabilityChanged")
    assert {(one.intervention_id, one.provider_id) for one in told} == {("I1", "V1"), ("I1", "V2")}


def asked(id: str) -> f.Fact:
    return f.referral_asked("2026-06-01", id=id, desired_outcomes=["home"])


@pytest.mark.parametrize(
    ("listing", "places"),
    [
        ({"delivery": "group", "starts": "2026-07-01"}, 12),
        ({"delivery": "group", "starts": "2026-07-01 2026-10-01"}, 24),
        ({"delivery": "group", "starts": "2026-07-01", "places": 8}, 8),
        ({"delivery": "group"}, 30),
        ({"delivery": "one_to_one", "starts": "2026-07-01"}, 30),
    ],
)
def test_ap_14_a_group_of_a_programme_has_at_most_twelve_people(listing: dict[str, Any], places: int) -> None:
    programme = f.listed(
        "2026-01-05", kind="accredited_programme", programme="TSP", **{"places": 30, **listing}
    )
    [shown] = on("2026-06-01", SERVICE, programme).shown["interventions"]
    assert shown["places"] == places
