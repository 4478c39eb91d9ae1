"""Which referrals are made, to what, and which are rejected or wait (AP-*, SI-*, DF-*, RAR-8; D13)."""

from __future__ import annotations

from typing import Any

import pytest

from services.referrals.app import SERVICE
from tests import facts as f
from tests.ledger import Ledger
from tests.table import table

DAY = "2026-06-01"


def started(*facts: f.Fact) -> Ledger:
    """What the service has published when these facts were told on a day."""
    ledger = Ledger(SERVICE)
    ledger.day(DAY)
    ledger.tell(*facts)
    return ledger


def asked(day: str = DAY, kind: str = "commissioned_service", *, id: str = "F1", **options: Any) -> f.Fact:
    """A referral is asked for that is in order."""
    given: dict[str, Any] = {"desired_outcomes": ["home"], **options}
    if kind == "accredited_programme":
        given = {"programme": "TSP", "need": None, **given}
    if kind == "structured_intervention":
        given = {"need": "emotional_management", **given}
    return f.referral_asked(day, kind, id=id, **given)


def made(ledger: Ledger) -> dict[str, str | None]:
    """By referral, the intervention to which it was made."""
    return {
        event.referral_id: event.intervention_id
        for event in ledger.standing("ReferralMade")
        if event.intervention_id is not None
    }


def rejected(ledger: Ledger) -> list[str]:
    return [event.reason for event in ledger.standing("ReferralRejected")]


ORDER = f.order("2026-05-04", region="wales", pdu="gwent")
HERE: dict[str, Any] = {"region": "wales"}
SUPPLIER = f.qualified("2026-01-01", "accommodation finance_benefit_debt", regions="wales")
SERVICE_1 = f.listed("2026-01-05", **HERE)
MARKET = [SUPPLIER, SERVICE_1]
STRUCTURED = f.listed(
    "2026-01-05", "emotional_management", id="I2", kind="structured_intervention", provider="V2", **HERE
)
PLAN = f.plan("2026-05-18")
PROGRAMME = f.listed(
    "2026-01-05", id="I3", kind="accredited_programme", programme="TSP", provider="V3", **HERE
)


# -- gates -------------------------------------------------------------------------------------------------


GATES: dict[str, tuple[f.Fact, list[f.Fact], str | None]] = {
    "AP-7: not ready": (asked(ready_to_start=False), [], "not_ready"),
    "the person does not consent": (asked(consented=False), [], "no_consent"),
    "was not asked, which a service does not need": (asked(consented=None), [], None),
    "CSTR-3: nor treatment without consent": (asked(kind="treatment", need=None), [], "no_consent"),
    "DF-7: no desired outcome": (asked(desired_outcomes=[]), [], "no_outcome"),
    "SI-9: no sentence plan": (asked(kind="structured_intervention"), [], "no_sentence_plan"),
    "SI-9: a plan of later": (
        asked(kind="structured_intervention"),
        [f.plan("2026-06-02")],
        "no_sentence_plan",
    ),
    "SI-9: with a plan of that day": (asked(kind="structured_intervention"), [f.plan(DAY)], None),
    "SI-4: a need that is no area": (
        asked(kind="structured_intervention", need="accommodation"),
        [PLAN],
        "not_approved",
    ),
    "AP-4: a programme for men with another offence": (
        asked(kind="accredited_programme", programme="BBR"),
        [],
        "not_eligible",
    ),
    "AP-12: a programme that the region does not run": (
        asked(kind="accredited_programme", programme="BUILDING_CHOICES"),
        [],
        "not_eligible",
    ),
    "AP-11: an assessor says": (asked(kind="accredited_programme"), [], None),
    "AP-1: a programme first": (
        asked(kind="structured_intervention"),
        [PLAN, f.risk("2026-05-04", ogrs=50)],
        "programme_first",
    ),
    "AP-1: overridden with a reason": (
        asked(kind="structured_intervention", override_reason="works nights"),
        [PLAN, f.risk("2026-05-04", ogrs=50)],
        None,
    ),
    "AP-1: not below the threshold": (
        asked(kind="structured_intervention"),
        [PLAN, f.risk("2026-05-04", ogrs=49)],
        None,
    ),
    "DF-13: a need that no programme meets": (asked(), [f.risk("2026-05-04", ogrs=80)], None),
    "DF-13: a need that a programme meets": (
        asked(need="attitudes_thinking_behaviour"),
        [f.risk("2026-05-04", ogrs=80)],
        "programme_first",
    ),
    "DF-13: that remains after the programme": (
        asked("2026-06-01", need="attitudes_thinking_behaviour"),
        [f.risk("2026-05-04", ogrs=80), asked("2026-05-20", "accredited_programme", id="F0")],
        None,
    ),
}


@pytest.mark.parametrize(("request_", "facts", "reason"), GATES.values(), ids=GATES)
def test_the_gates(request_: f.Fact, facts: list[f.Fact], reason: str | None) -> None:
    services = [f.listed("2026-01-05", "accommodation attitudes_thinking_behaviour", **HERE), STRUCTURED]
    supplier = f.qualified("2026-01-01", "accommodation attitudes_thinking_behaviour", regions="wales")
    ledger = started(ORDER, supplier, *services, PROGRAMME, *facts, request_)
    found = {event.referral_id: event.reason for event in ledger.standing("ReferralRejected")}
    assert found.get("F1") == reason
    assert ("F1" in made(ledger)) == (reason is None)


def test_a_rejection_says_of_which_sentence_where_and_when_it_was_asked_for() -> None:
    (event,) = started(ORDER, asked(ready_to_start=False)).standing("ReferralRejected")
    assert (event.sentence_id, event.region, event.pdu) == ("S1", "wales", "gwent")
    assert str(event.requested_on) == DAY


def test_ap_12_the_programmes_are_those_of_the_region_that_has_the_case() -> None:
    asked_for = asked(kind="accredited_programme", programme="BUILDING_CHOICES")
    listed = f.listed("2026-01-05", id="I4", kind="accredited_programme", programme="BUILDING_CHOICES")
    moved = f.transfer_accepted("2026-05-20", "london", "camden")
    ledger = started(ORDER, f.risk("2026-05-04", pni="high"), listed, moved, asked_for)
    assert (rejected(ledger), made(ledger)) == ([], {"F1": "I4"})


def test_ap_1_a_programme_that_the_court_ordered_needs_no_request() -> None:
    both = f.order(
        "2026-05-04", requires="rar, accredited_programme programme=TSP", region="wales", pdu="gwent"
    )
    lesser = asked(kind="structured_intervention")
    ledger = started(both, PLAN, STRUCTURED, f.risk("2026-05-04", ogrs=50), lesser)
    assert rejected(ledger) == []
    assert [event.programme for event in ledger.standing("ReferralMade")] == ["TSP", None]


def test_rar_8_no_service_on_an_order_without_a_rar() -> None:
    order = f.order("2026-05-04", requires="unpaid_work", region="wales", pdu="gwent")
    assert rejected(started(order, *MARKET, asked())) == ["no_rar"]


LICENCE = f.custodial("2026-01-05", region="wales", pdu="gwent")


@table(
    """
    | case                              | conditions                            | reasons          |
    | a condition that allows it        | ["residence structured_intervention"] | []               |
    | only others                       | ["residence"]                         | ["no_condition"] |
    | none recorded: nothing against it | []                                    | []               |
    """,
)
def test_enf_39_a_structured_intervention_on_licence(conditions: list[str], reasons: list[str]) -> None:
    kinds = " ".join(conditions).split()
    release = f.released(
        "2026-05-04",
        "2027-05-03",
        conditions=[{"condition_id": kind, "kind": kind} for kind in kinds],
    )
    ledger = started(LICENCE, release, PLAN, STRUCTURED, asked(kind="structured_intervention"))
    assert rejected(ledger) == reasons


def test_si_8_in_custody_only_on_temporary_release() -> None:
    granted = f.fact(
        "TemporaryReleaseGranted",
        "2026-05-20",
        {"grant_id": "G1", "sentence_id": "S1", "from": DAY, "until": "2026-06-03"},
        {"event": "grant"},
    )
    wanted = asked(kind="structured_intervention")
    assert rejected(started(LICENCE, PLAN, STRUCTURED, wanted)) == ["no_condition"]
    assert rejected(started(LICENCE, PLAN, STRUCTURED, granted, wanted)) == []


def test_res_2_a_service_is_referred_to_from_prison() -> None:
    assert made(started(LICENCE, *MARKET, asked())) == {"F1": "I1"}


PLANNED = f.order("2026-05-04", requires="rar 10 RAR, unpaid_work", region="wales", pdu="gwent")
SEQUENCE = f.plan("2026-05-18", sequence=["UPW", "RAR"])


@table(
    """
    | case                      | facts                                  | reasons             |
    | before what comes first   |                                        | ["out_of_sequence"] |
    | when that has begun       | 2026-05-25 work                        | []                  |
    | not if it did not count   | 2026-05-25 work unacceptable absence minutes=0 | ["out_of_sequence"] |
    """,
)
def test_rar_8_the_planned_sequence(facts: list[f.Fact], reasons: list[str]) -> None:
    ledger = started(PLANNED, SEQUENCE, *facts, *MARKET, asked(requirement_id="RAR"))
    assert rejected(ledger) == reasons


def test_rar_8_out_of_sequence_with_a_reason() -> None:
    wanted = asked(requirement_id="RAR", override_reason="no placement yet")
    assert made(started(PLANNED, SEQUENCE, *MARKET, wanted)) == {"F1": "I1"}


def test_a_gate_is_judged_by_the_day_of_the_request_and_mended_by_a_correction() -> None:
    ledger = started(ORDER, *MARKET, asked(ready_to_start=False))
    assert rejected(ledger) == ["not_ready"]
    ledger.tell(asked())
    assert (rejected(ledger), made(ledger)) == ([], {"F1": "I1"})
    assert ledger.withdrawals("ReferralRejected") == [("F1", "corrected")]


CALM = f.qualified("2026-01-01", "emotional_management", regions="wales")
CALMING = f.listed("2026-01-05", "emotional_management", **HERE)


@table(
    """
    | case                                            | facts                                                      | reasons              |
    | a structured intervention is listed             | PLAN; STRUCTURED                                           | ["structured_first"] |
    | none is listed                                  | PLAN                                                       | []                   |
    | not for what it does not meet                   | PLAN; 2026-01-05 listed domestic_abuse id=I2 kind=structured_intervention provider=V2 region=wales | [] |
    | nor where it is not offered                     | PLAN; 2026-01-05 listed emotional_management id=I2 kind=structured_intervention provider=V2 region=wales pdus=cardiff | [] |
    | nor for one of the other sex                    | PLAN; 2026-01-05 listed emotional_management id=I2 kind=structured_intervention provider=V2 region=wales sex=female | [] |
    | nor while there is no plan that allows it       | STRUCTURED                                                 | []                   |
    | it remains after one was asked for              | PLAN; STRUCTURED; ASKED                                    | []                   |
    """,  # noqa: E501
    PLAN=PLAN,
    STRUCTURED=STRUCTURED,
    ASKED=asked("2026-05-20", "structured_intervention", id="F0"),
)
def test_df_13_a_structured_intervention_before_a_service(facts: list[f.Fact], reasons: list[str]) -> None:
    ledger = started(ORDER, CALM, CALMING, *facts, asked(need="emotional_management"))
    assert rejected(ledger) == reasons
    assert ("F1" in made(ledger)) == (not reasons)


def test_df_13_a_service_that_was_made_goes_to_another_provider_even_if_one_is_listed_since() -> None:
    other = [
        f.qualified("2026-01-01", "emotional_management", id="V9", regions="wales"),
        f.listed("2026-01-05", "emotional_management", id="I9", provider="V9", **HERE),
    ]
    ledger = started(ORDER, CALM, CALMING, PLAN, asked(need="emotional_management"))
    ledger.tell(STRUCTURED, *other, f.declined(DAY))
    assert made(ledger)["F1"] == "I9"


def test_df_13_a_service_all_the_same_with_a_reason() -> None:
    ledger = started(ORDER, CALM, CALMING, PLAN, STRUCTURED, asked(need="emotional_management"))
    assert ledger.standing("NeedUnmet") == []
    ledger.tell(asked(need="emotional_management", override_reason="works nights"))
    assert (rejected(ledger), made(ledger)) == ([], {"F1": "I1"})


# -- choosing ----------------------------------------------------------------------------------------------


@table(
    """
    | case                                       | facts                                                                                     | chosen |
    | the delivery unit before the region        | 2026-01-05 listed I5 region=wales; 2026-01-05 listed I6 region=wales pdus=gwent           | I6     |
    | not that of another unit                   | 2026-01-05 listed I5 region=wales; 2026-01-05 listed I6 region=wales pdus=cardiff         | I5     |
    | not that of another region                 | 2026-01-05 listed I5 region=wales; 2026-01-05 listed I4 pdus=gwent                        | I5     |
    | one adapted for the person                 | 2026-01-05 listed I5 region=wales; 2026-01-05 listed I6 region=wales adapted_for=["learning_difficulty"] | I6 |
    | one for men, not one for all               | 2026-01-05 listed I5 region=wales; 2026-01-05 listed I6 region=wales sex=male             | I6     |
    | never one for women                        | 2026-01-05 listed I5 region=wales; 2026-01-05 listed I4 region=wales sex=female           | I5     |
    | the earliest start                         | 2026-01-05 listed I5 region=wales starts=2026-07-06; 2026-01-05 listed I6 region=wales starts=2026-06-08 | I6 |
    | a start that is past is none               | 2026-01-05 listed I5 region=wales starts="2026-05-04 2026-07-06"; 2026-01-05 listed I6 region=wales starts=2026-07-05 | I6 |
    | the most free places                       | 2026-01-05 listed I5 region=wales; 2026-01-05 listed I6 region=wales places=2             | I6     |
    | else the first by id                       | 2026-01-05 listed I6 region=wales; 2026-01-05 listed I5 region=wales                      | I5     |
    | not one that is withdrawn                  | 2026-01-05 listed I5 region=wales; 2026-06-01 unlisted I5; 2026-01-05 listed I6 region=wales | I6  |
    | one to be withdrawn tomorrow               | 2026-01-05 listed I5 region=wales; 2026-06-02 unlisted I5; 2026-01-05 listed I6 region=wales | I5  |
    | not one that is listed tomorrow            | 2026-06-02 listed I5 region=wales; 2026-01-05 listed I6 region=wales                      | I6     |
    | listed again after it was withdrawn        | 2026-01-05 listed I5 region=wales; 2026-05-01 unlisted I5; 2026-05-02 listed I5 region=wales; 2026-01-05 listed I6 region=wales | I5 |
    """,  # noqa: E501
)
def test_which_intervention_is_chosen(facts: list[f.Fact], chosen: str) -> None:
    person = f.order("2026-05-04", region="wales", pdu="gwent", cohorts="learning_difficulty")
    both = f.qualified("2026-01-01", regions="wales london")
    assert made(started(person, both, *facts, asked())) == {"F1": chosen}


def test_the_referral_says_where_it_was_made_to_and_what_was_considered() -> None:
    other = f.listed("2026-01-05", id="I0", sex="female", **HERE)
    person = f.order("2026-05-04", region="wales", pdu="gwent", cohorts="care_leaver")
    (event,) = started(person, *MARKET, other, asked()).standing("ReferralMade")
    assert event.model_dump(include={"provider_id", "region", "pdu", "need", "cohorts", "sessions"}) == {
        "provider_id": "V1",
        "region": "wales",
        "pdu": "gwent",
        "need": "accommodation",
        "cohorts": ["care_leaver"],
        "sessions": 8,
    }
    assert [(one.intervention_id, one.result) for one in event.considered] == [
        ("I0", "not_suitable"),
        ("I1", "chosen"),
    ]
    assert event.why.evidence == ["event-0005", "event-0001", "event-0003"]


def test_a_requested_programme_takes_the_place_of_the_requirements_own_referral() -> None:
    order = f.order(
        "2026-05-04", requires="accredited_programme 20 AP programme=TSP", region="wales", pdu="gwent"
    )
    ledger = started(order, PROGRAMME)
    assert [event.referral_id for event in ledger.standing("ReferralMade")] == ["AP"]
    ledger.tell(asked(kind="accredited_programme", requirement_id="AP"))
    assert [event.referral_id for event in ledger.standing("ReferralMade")] == ["F1"]
    ledger.tell(f.session("2026-06-01", requirement="AP"))
    (started_,) = ledger.standing("InterventionStarted")
    assert (started_.referral_id, started_.requirement_id) == ("F1", "AP")


# -- places, waiting, unmet needs --------------------------------------------------------------------------


def person(number: int, *facts: f.Fact) -> list[f.Fact]:
    """The same facts about another person."""
    return [one.about(f"X10000{number}") for one in facts]


def test_a_place_is_never_taken_twice_and_the_next_one_is_taken_when_it_is_free() -> None:
    ledger = started(*MARKET, *person(1, ORDER, asked(id="F1")), *person(2, ORDER, asked(id="F2")))
    assert made(ledger) == {"F1": "I1"}
    (waiting,) = ledger.standing("ReferralWaiting")
    assert (waiting.referral_id, waiting.interventions, str(waiting.since)) == ("F2", ["I1"], DAY)
    ledger.day("2026-06-08")
    ledger.tell(*person(1, f.revoked("2026-06-08")))
    assert made(ledger) == {"F1": "I1"}  # the place is free the day after
    ledger.day("2026-06-09")
    assert made(ledger) == {"F1": "I1", "F2": "I1"}
    assert ledger.standing("ReferralWaiting") == []
    assert ledger.withdrawals("ReferralWaiting") == [("F2", "resolved")]


def test_those_who_need_it_more_come_first_then_those_who_asked_first() -> None:
    severe = f.risk("2026-05-04", severe="accommodation")
    ledger = started(
        *MARKET,
        *person(1, ORDER, asked(id="F1")),
        *person(2, ORDER, asked("2026-06-01", id="F2")),
        *person(3, ORDER, asked("2026-05-29", id="F3")),
        *person(4, severe, ORDER, asked("2026-06-01", id="F4")),
    )
    assert made(ledger) == {"F1": "I1"}
    order = []
    for over, after, done in (
        ("2026-06-08", "2026-06-09", 1),
        ("2026-06-10", "2026-06-11", 4),
        ("2026-06-12", "2026-06-13", 3),
    ):
        ledger.day(over)
        ledger.tell(*person(done, f.revoked(over)))
        ledger.day(after)
        order.append(list(made(ledger))[-1])
    assert order == ["F4", "F3", "F2"]


def test_who_asks_later_does_not_overtake_who_waits() -> None:
    severe = f.risk("2026-05-04", severe="accommodation")
    ledger = started(*MARKET, *person(1, ORDER, asked(id="F1")), *person(5, severe, ORDER, asked(id="F5")))
    ledger.tell(f.listed("2026-06-01", places=2, **HERE), *person(2, ORDER, asked(id="F2")))
    assert list(made(ledger)) == ["F1", "F5"]
    assert [event.referral_id for event in ledger.standing("ReferralWaiting")] == ["F2"]


def test_nothing_listed_is_no_place_and_an_unmet_need_until_something_is() -> None:
    ledger = started(ORDER, asked())
    assert rejected(ledger) == ["no_place"]
    (unmet,) = ledger.standing("NeedUnmet")
    assert (unmet.need, unmet.pdu, str(unmet.since)) == ("accommodation", "gwent", DAY)
    assert ledger.standing("ReferralWaiting") == []
    ledger.tell(*MARKET)
    assert (rejected(ledger), made(ledger)) == ([], {"F1": "I1"})
    assert ledger.withdrawals("ReferralRejected") == [("F1", "resolved")]
    assert ledger.standing("NeedUnmet") == []
    assert ledger.withdrawals("NeedUnmet") == [("S1/accommodation", "resolved")]


def test_what_is_listed_for_women_is_no_place_for_a_man() -> None:
    assert rejected(started(ORDER, SUPPLIER, f.listed("2026-01-05", sex="female", **HERE), asked())) == [
        "no_place"
    ]


def test_df_17_a_planned_need_is_unmet_until_something_is_listed() -> None:
    ledger = started(ORDER, f.plan(DAY, needs_planned=["accommodation"]))
    (unmet,) = ledger.standing("NeedUnmet")
    assert (unmet.sentence_id, unmet.need, str(unmet.since)) == ("S1", "accommodation", DAY)
    ledger.tell(*MARKET)
    assert ledger.standing("NeedUnmet") == []
    assert ledger.withdrawals("NeedUnmet") == [("S1/accommodation", "resolved")]


def test_df_17_a_need_that_is_listed_is_met() -> None:
    assert started(ORDER, *MARKET, f.plan(DAY, needs_planned=["accommodation"])).standing("NeedUnmet") == []


def test_an_unmet_need_ends_with_supervision() -> None:
    ledger = started(ORDER, f.plan(DAY, needs_planned=["accommodation"]))
    ledger.day("2026-06-05")
    ledger.tell(f.revoked("2026-06-05"))
    assert ledger.withdrawals("NeedUnmet") == [("S1/accommodation", "ended")]


def test_df_17_an_unmet_need_ends_when_a_later_plan_no_longer_wants_it() -> None:
    ledger = started(ORDER, f.plan(DAY, needs_planned=["accommodation", "finance_benefit_debt"]))
    ledger.day("2026-07-01")
    ledger.tell(f.plan("2026-07-01", needs_planned=["accommodation"]))
    (unmet,) = ledger.standing("NeedUnmet")
    assert (unmet.need, str(unmet.since)) == ("accommodation", DAY)
    assert ledger.withdrawals("NeedUnmet") == [("S1/finance_benefit_debt", "ended")]
    ledger.tell(f.plan("2026-07-02", needs_planned=["finance_benefit_debt"]))
    ledger.day("2026-07-02")
    assert [unmet.need for unmet in ledger.standing("NeedUnmet")] == ["finance_benefit_debt"]


def test_df_17_a_need_that_was_planned_and_asked_for_is_unmet_once_since_the_earlier() -> None:
    ledger = started(ORDER, f.plan("2026-05-18", needs_planned=["accommodation"]), asked())
    assert [str(unmet.since) for unmet in ledger.standing("NeedUnmet")] == ["2026-05-18"]
    ledger.tell(asked().voided())
    assert [str(unmet.since) for unmet in ledger.standing("NeedUnmet")] == ["2026-05-18"]


def test_d13_a_wait_ends_when_what_was_waited_for_is_withdrawn() -> None:
    first = f.order("2026-05-04", region="wales", pdu="gwent", id="S0", subject="X000001")
    before = asked(id="F0", sentence="S0", subject="X000001")
    ledger = started(ORDER, first, *MARKET, before, asked())
    assert [waiting.referral_id for waiting in ledger.standing("ReferralWaiting")] == ["F1"]
    ledger.day("2026-06-10")
    ledger.tell(f.unlisted("2026-06-10"))
    assert ledger.withdrawals("ReferralWaiting") == [("F1", "ended")]
    assert rejected(ledger) == ["no_place"]
    assert [unmet.need for unmet in ledger.standing("NeedUnmet")] == ["accommodation"]


@pytest.mark.parametrize(
    ("lives", "listed"), [("Ynys Mo\u0302n", "ynys m\u00f4n"), ("Gwent", "GWENT"), ("Cwm  Taf", "cwm taf ")]
)
def test_sh_11_a_delivery_unit_is_the_same_however_it_is_spelt(lives: str, listed: str) -> None:
    order = f.order("2026-05-04", region="wales", pdu=lives)
    needs = ["accommodation", "finance_benefit_debt"]
    services = f.listed("2026-01-05", " ".join(needs), region="wales").data.model_copy(
        update={"pdus": [listed]}
    )
    offered = f.Fact(services, "V1", "listed", f.moment("2026-01-05"))
    ledger = started(order, SUPPLIER, offered, f.plan("2026-05-18", needs_planned=needs), asked())
    assert (made(ledger), ledger.standing("NeedUnmet")) == ({"F1": "I1"}, [])


def test_a_declined_referral_is_escalated_and_goes_to_another_provider() -> None:
    second = [
        f.qualified("2026-01-01", id="V2", regions="wales"),
        f.listed("2026-01-05", id="I9", provider="V2", **HERE),
    ]
    ledger = started(ORDER, *MARKET, *second, asked())
    assert made(ledger) == {"F1": "I1"}
    ledger.tell(f.declined(DAY))
    assert made(ledger) == {"F1": "I9"}
    (escalated,) = ledger.standing("ReferralEscalated")
    assert (escalated.referral_id, escalated.step) == ("F1", "declined")


def test_places_do_not_travel_between_regions() -> None:
    supplier = f.qualified("2026-01-01", regions="wales london")
    elsewhere = f.listed("2026-01-05", id="I8", region="london")
    ledger = started(ORDER, supplier, SERVICE_1, elsewhere, asked())
    assert made(ledger) == {"F1": "I1"}
    ledger.tell(f.transfer_accepted(DAY, "london", "camden"), *person(2, ORDER, asked(id="F2")))
    assert made(ledger) == {"F1": "I8", "F2": "I1"}


def test_a_case_that_moves_within_its_region_keeps_its_place() -> None:
    ledger = started(ORDER, *MARKET, asked(), f.transfer_accepted(DAY, "wales", "cardiff"))
    assert len(ledger.standing("ReferralMade")) == 1


def test_a_withdrawn_intervention_keeps_those_who_are_on_it() -> None:
    ledger = started(ORDER, *MARKET, asked())
    ledger.tell(f.unlisted(DAY), *person(2, ORDER, asked(id="F2")))
    assert made(ledger) == {"F1": "I1"}
    assert rejected(ledger) == ["no_place"]


@pytest.mark.parametrize(
    "never",
    [
        asked(voided=True),
        f.order("2026-05-04", region="wales", pdu="gwent", voided=True),
    ],
    ids=["the request", "the sentence"],
)
def test_a_referral_whose_reason_never_was_is_taken_back_and_its_place_is_free(never: f.Fact) -> None:
    ledger = started(ORDER, *MARKET, asked())
    ledger.tell(never)
    assert ledger.standing("ReferralMade") == []
    assert ledger.withdrawals("ReferralMade") == [("F1", "corrected")]
    ledger.tell(*person(2, ORDER, asked(id="F2")))
    assert made(ledger) == {"F2": "I1"}
