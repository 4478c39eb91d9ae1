"""Eligibility, proposals, RAR days allocated, reviews, late records (AP-2, AP-10, CRT-6, RAR-2, INFO-2)."""

from __future__ import annotations

from typing import Any

import pytest

from services.referrals.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.table import table

# -- eligibility -----------------------------------------------------------------------------------


def eligible(*facts: f.Fact, day: str = "2026-06-01") -> Any:
    (event,) = on(day, SERVICE, *facts).open("EligibilityAssessed").values()
    return event


VIOLENT: dict[str, Any] = {"partner_violence": True}


@pytest.mark.parametrize(
    ("asked", "programmes"),
    [
        pytest.param(f.report_asked("2026-06-01", ogrs=50), ["TSP"], id="AP-11: OGRS 50"),
        pytest.param(f.report_asked("2026-06-01", ogrs=49), [], id="AP-11: OGRS 49, an assessor says"),
        pytest.param(f.report_asked("2026-06-01", **VIOLENT), ["BBR"], id="AP-4: violence to a partner"),
        pytest.param(f.report_asked("2026-06-01", sex="female", **VIOLENT), [], id="AP-4: for men"),
        pytest.param(f.report_asked("2026-06-01", sexual_offence=True), ["HORIZON"], id="AP-5"),
        pytest.param(
            f.report_asked("2026-06-01", extremism_offence=True), ["HEALTHY_IDENTITY"], id="AP-5 too"
        ),
    ],
)
def test_ap_2_who_is_eligible_before_sentence(asked: f.Fact, programmes: list[str]) -> None:
    event = eligible(asked)
    assert (event.report_id, event.eligible) == ("B1", programmes)
    assert set(event.eligible) | set(event.excluded) == {
        "TSP",
        "BBR",
        "BUILDING_CHOICES",
        "BUILDING_CHOICES_LDC",
        "HORIZON",
        "HEALTHY_IDENTITY",
    }


@table(
    """
    | case                                 | region          | day        | programmes                 | facts                                     |
    | C14: a region that does not have it  | wales           | 2026-06-01 | []                         | 2026-05-04 risk pni=high                  |
    | the day before                       | london          | 2024-12-31 | []                         | 2024-05-04 risk pni=high                  |
    | from 2025                            | london          | 2025-01-01 | ["BUILDING_CHOICES"]       | 2024-05-04 risk pni=high                  |
    | moderate needs                       | east_of_england | 2026-06-01 | ["BUILDING_CHOICES"]       | 2026-05-04 risk pni=moderate              |
    | an alternative pathway               | london          | 2026-06-01 | []                         | 2026-05-04 risk pni=alternative           |
    | needs not identified                 | london          | 2026-06-01 | []                         | 2026-05-04 risk                           |
    | learning disability: three and more  | london          | 2026-06-01 | ["BUILDING_CHOICES_LDC"]   | 2026-05-04 risk pni=high ldc=3            |
    | two                                  | london          | 2026-06-01 | ["BUILDING_CHOICES"]       | 2026-05-04 risk pni=high ldc=2            |
    | known while the report is written    | london          | 2026-06-01 | ["BUILDING_CHOICES"]       | 2026-06-02 risk pni=high                  |
    """,  # noqa: E501
)
def test_ap_12_building_choices_by_region_and_date(
    region: str, day: str, programmes: list[str], facts: list[f.Fact]
) -> None:
    asked = f.report_asked(day, region=region)
    found = eligible(asked, *facts, day="2026-12-01").eligible
    assert [one for one in found if one.startswith("BUILDING")] == programmes


def test_ap_2_eligibility_before_sentence_goes_by_what_is_known_until_the_report_is_delivered() -> None:
    asked, delivered = f.report_asked("2026-06-01", ogrs=49), f.report_delivered("2026-06-10")
    in_time, too_late = f.risk("2026-06-08", ogrs=60), f.risk("2026-06-11", ogrs=60)
    event = eligible(asked, in_time, delivered, day="2026-07-01")
    assert (event.eligible, str(event.assessed_on)) == (["TSP"], "2026-06-08")
    assert eligible(asked, in_time, day="2026-06-07").eligible == []
    assert eligible(asked, too_late, delivered, day="2026-07-01").eligible == []


def test_eligibility_under_a_sentence_is_assessed_again_when_facts_change() -> None:
    order = f.order("2026-05-04", requires="accredited_programme 20 AP", region="wales")
    assert eligible(order).excluded["TSP"] == "refer_to_assessor"
    assert eligible(order, f.risk("2026-06-01", ogrs=75)).eligible == ["TSP"]
    assert on("2026-06-01", SERVICE, f.order("2026-05-04")).open("EligibilityAssessed") == {}


@pytest.mark.parametrize(
    ("facts", "open_items"),
    [
        pytest.param(
            [f.report_delivered("2026-06-08", "BBR")], {"B1/BBR": "no_partner_violence"}, id="not eligible"
        ),
        pytest.param([f.report_delivered("2026-06-08", "TSP")], {}, id="eligible"),
        pytest.param(
            [f.report_delivered("2026-06-08", "XYZ")], {"B1/XYZ": "unknown_programme"}, id="unknown"
        ),
        pytest.param([f.report_delivered("2026-06-08")], {}, id="nothing proposed"),
        pytest.param(
            [f.report_delivered("2026-06-08", "BBR"), f.order("2026-06-10")], {}, id="the court sentenced"
        ),
    ],
)
def test_crt_6_a_proposal_that_is_not_eligible_is_flagged(
    facts: list[f.Fact], open_items: dict[str, str]
) -> None:
    case = on("2026-06-10", SERVICE, f.report_asked("2026-06-01", ogrs=60), *facts)
    found = {key: event.reason for key, event in case.open("ProposalNotEligible").items()}
    assert found == open_items


# -- RAR days allocated ----------------------------------------------------------------------------


def test_crt_6_a_proposal_is_flagged_until_the_court_has_sentenced_or_the_person_died() -> None:
    flagged = [f.report_asked("2026-06-01"), f.report_delivered("2026-06-10", "BBR")]
    sentenced, dead = f.order("2026-06-20", region="wales"), f.died("2026-06-20")
    assert list(on("2026-06-19", SERVICE, *flagged, dead).open("ProposalNotEligible")) == ["B1/BBR"]
    for fact, how in ((sentenced, "resolved"), (dead, "ended")):
        assert on("2026-06-20", SERVICE, *flagged, fact).closed("ProposalNotEligible") == {"B1/BBR": how}


def allocated(*facts: f.Fact, day: str = "2026-07-01") -> list[tuple[str, int]]:
    events = on(day, SERVICE, f.order("2026-06-01", requires="rar 20"), *facts).open("RarDaysAllocated")
    return [(one.need, one.days) for event in events.values() for one in event.allocations]


def planned(day: str, **needs: int) -> f.Fact:
    rows = [{"requirement_id": "RAR", "need": need, "days": days} for need, days in needs.items()]
    return f.plan(day, rar_allocations=rows)


def test_rar_2_days_are_allocated_by_need_and_the_latest_plan_stands() -> None:
    assert allocated() == []
    first = planned("2026-06-15", accommodation=5, finance=8)
    assert allocated(first) == [("accommodation", 5), ("finance", 8)]
    assert allocated(first, planned("2026-06-22", lifestyle=20)) == [("lifestyle", 20)]
    assert allocated(first, f.plan("2026-06-22")) == [("accommodation", 5), ("finance", 8)]


def test_rar_3_never_more_days_than_the_court_set() -> None:
    assert allocated(planned("2026-06-15", accommodation=15, finance=8, lifestyle=3)) == [
        ("accommodation", 15),
        ("finance", 5),
    ]


# -- reviews ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "review_on"),
    [("2027-06-30", "2027-03-30"), ("2027-05-31", "2027-02-28")],
    ids=["E47: 30 June", "E47: 31 May"],
)
def test_ap_10_an_unfinished_requirement_is_reviewed_three_months_before_the_end(
    ends: str, review_on: str
) -> None:
    order = f.order("2026-05-04", ends, "accredited_programme 20 AP")
    before = on("2027-02-27", SERVICE, order)
    assert before.open("RequirementReviewDue") == {}
    assert str(on(review_on, SERVICE, order).one("RequirementReviewDue").review_on) == review_on


@table(
    """
    | case                                 | today      | facts                                                | expected  |
    | finished before                      | 2027-03-30 | 2026-06-08 session requirement=AP                    |           |
    | finished after it was due            | 2027-04-30 | 2027-04-05 session requirement=AP                    | resolved  |
    | the order is over                    | 2027-07-01 |                                                      | ended     |
    | the court lengthened the order       | 2027-03-30 | 2027-03-01 varied ends=2027-12-31 requires="accredited_programme 1 AP" |  |
    | lengthened when it was due           | 2027-04-05 | 2027-04-05 varied ends=2027-12-31 requires="accredited_programme 1 AP" | ended |
    | varied to the same end               | 2027-04-05 | 2027-04-05 varied ends=2027-06-30 requires="accredited_programme 2 AP" | stands |
    | taken off when it was due            | 2027-04-05 | 2027-04-05 varied ends=2027-06-30 requires="rar 5"   | ended     |
    | and it is reviewed later             | 2027-09-30 | 2027-03-01 varied ends=2027-12-31 requires="accredited_programme 1 AP" | stands |
    | once more if it had been due         | 2027-09-30 | 2027-04-05 varied ends=2027-12-31 requires="accredited_programme 1 AP" | stands |
    | the court took it off                | 2027-03-30 | 2027-03-01 varied ends=2027-06-30 requires="rar 5"   |           |
    | revoked before                       | 2027-03-30 | 2027-03-01 revoked                                   |           |
    """,  # noqa: E501
)
def test_ap_10_what_ends_a_review(today: str, facts: list[f.Fact], expected: str) -> None:
    order = f.order("2026-05-04", "2027-06-30", "accredited_programme 1 AP")
    case = on(today, SERVICE, order, *facts)
    stands = "stands" if "AP" in case.open("RequirementReviewDue") else ""
    assert (stands or case.closed("RequirementReviewDue").get("AP", "")) == expected


def test_ap_10_a_licence_is_reviewed_before_its_end_and_a_curfew_never() -> None:
    licence = f.order("2026-01-05", None, "drug_rehabilitation", kind="custodial", ends_on=None)
    released = f.released("2026-06-01", "2027-05-31", "2027-08-31")
    assert (
        str(on("2027-02-28", SERVICE, licence, released).one("RequirementReviewDue").review_on)
        == "2027-02-28"
    )
    curfew = f.order("2026-05-04", "2027-06-30", "curfew")
    assert on("2027-05-01", SERVICE, curfew).open("RequirementReviewDue") == {}


# -- late records ----------------------------------------------------------------------------------


@table(
    """
    | case                                          | late  | facts                                                                              |
    | on the day                                    | []    | 2026-06-12 session P1                                                              |
    | the next business day, after a weekend        | []    | 2026-06-12 session P1 recorded=2026-06-15                                          |
    | the day after that                            | ["P1"] | 2026-06-12 session P1 recorded=2026-06-16                                         |
    | a correction of what was in time              | []    | 2026-06-12 session P1; 2026-06-12 session P1 failed to comply recorded=2026-06-30  |
    | of another's order                            | []    | 2026-06-12 session P1 sentence=S9 recorded=2026-06-30                              |
    """,  # noqa: E501
)
def test_info_2_a_record_is_late_after_a_business_day(late: list[str], facts: list[f.Fact]) -> None:
    case = on("2026-07-01", SERVICE, f.order("2026-06-01"), *facts)
    assert list(case.open("ProviderRecordLate")) == late
