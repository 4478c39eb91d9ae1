"""Hearings of the Common Platform become our events, and later shares correct them."""

from typing import Any

import pytest

from feeds.identity import pnc
from tests.feeds.hearings import (
    CUSTODY,
    PNC,
    RAR,
    REPORT,
    SUSPENDED,
    application,
    by_cjs,
    defendant,
    hearing,
    order,
    result,
    unpaid_work,
)
from tests.feeds.world import CRN, World, letters, waits

COURT = "common-platform"


@pytest.fixture
async def world() -> World:
    world = World()
    await world.known(CRN, ("pnc", PNC))
    return world


async def imposed(world: World, *results: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The one sentence that a hearing with these results imposes."""
    taken = await world.take(COURT, hearing(defendant(*results, **more)))
    assert letters(taken) == ""
    [event] = world.published("SentenceImposed")
    data: dict[str, Any] = event["data"]
    return data


async def test_the_pnc_of_the_examples_is_valid() -> None:
    assert pnc(PNC) is not None


async def test_a_community_order_is_imposed_with_its_requirements_and_amounts(world: World) -> None:
    data = await imposed(world, order(), unpaid_work(), result("R3", RAR, "R1", given={"maximumDays": "15"}))
    assert data["kind"] == "community_order"
    assert (data["imposed_on"], data["ends_on"]) == ("2026-03-02", "2027-03-01")
    assert [(one["kind"], one["amount"]) for one in data["requirements"]] == [
        ("unpaid_work", 80),
        ("rar", 15),
    ]
    assert data["person"] == {"born_on": "1990-05-17", "sex": "female", "cohorts": []}
    assert data["court"]["level"] == "magistrates"
    assert (data["region"], data["pdu"]) == ("london", "Camden")


async def test_a_suspended_sentence_ends_with_its_suspended_period(world: World) -> None:
    given = {"imprisonmentPeriod": "26 Weeks", "suspendedPeriod": "18 Months"}
    data = await imposed(world, result("R1", SUSPENDED, given=given))
    assert (data["kind"], data["ends_on"]) == ("suspended_sentence_order", "2027-09-01")


async def test_custody_has_days_and_no_end(world: World) -> None:
    data = await imposed(world, result("R1", CUSTODY, given={"imprisonmentPeriod": "1 Years"}))
    assert (data["kind"], data["custodial_days"], data["ends_on"]) == ("custodial", 365, None)


async def test_an_order_that_repeats_on_each_offence_is_one_sentence(world: World) -> None:
    one = defendant(order(), unpaid_work())
    one["offences"].append({"judicialResults": [order("R8"), unpaid_work(id="R9", root="R8")]})
    await world.take(COURT, hearing(one))
    [event] = world.published("SentenceImposed")
    assert len(event["data"]["requirements"]) == 1


async def test_two_orders_of_a_type_with_different_terms_are_left_to_a_person(world: World) -> None:
    taken = await world.take(COURT, hearing(defendant(order(), order("R7", end="01/09/2026"))))
    assert "several orders of one type" in letters(taken)
    assert world.published() == []


async def test_the_offence_code_tells_a_sexual_offence(world: World) -> None:
    assert (await imposed(world, order(), offence="SX03001"))["sexual_offence"] is True


async def test_a_scottish_order_with_the_same_cjs_code_is_not_ours(world: World) -> None:
    other = result(
        "R1", "00000000-1111-4000-8000-000000000000", cjsCode="1116", given={"endDate": "01/03/2027"}
    )
    taken = await world.take(COURT, hearing(defendant(other)))
    assert "00000000-1111-4000-8000-000000000000" in letters(taken)
    assert world.published() == []


async def test_an_unknown_requirement_keeps_its_order_back_and_names_the_code(world: World) -> None:
    taken = await world.take(COURT, hearing(defendant(order(), result("R2", "deadbeef-0000", "R1"))))
    assert "deadbeef-0000" in letters(taken)
    assert "add a row to feeds/common_platform/codes.toml" in letters(taken)
    assert world.published() == []


async def test_an_unknown_result_beside_an_order_does_not_keep_it_back(world: World) -> None:
    taken = await world.take(COURT, hearing(defendant(order(), result("R2", "deadbeef-0000"))))
    assert "deadbeef-0000" in letters(taken)
    assert len(world.published("SentenceImposed")) == 1


async def test_a_hearing_that_is_sent_again_has_no_effect(world: World) -> None:
    await world.take(COURT, hearing(defendant(order())))
    world.published()
    assert await world.take(COURT, hearing(defendant(order()))) is None
    await world.take(COURT, hearing(defendant(order()), shared="2026-03-02T11:30:00Z", isReshare=True))
    assert world.published() == []


async def test_a_corrected_amount_corrects_the_same_requirement_of_the_same_sentence(world: World) -> None:
    first = await imposed(world, order(), unpaid_work("80 Hours"))
    await world.take(
        COURT, hearing(defendant(order(), unpaid_work("100 Hours")), shared="2026-03-02T11:30:00Z")
    )
    [event] = world.published()
    assert event["recordedtime"].startswith("2026-03-02T11:30:00")
    assert event["data"] == first | {"requirements": [first["requirements"][0] | {"amount": 100}]}


async def test_an_order_that_a_later_share_leaves_out_is_voided(world: World) -> None:
    first = await imposed(world, order())
    await world.take(COURT, hearing(defendant(), shared="2026-03-02T11:30:00Z"))
    [event] = world.published()
    assert event["data"] == {"voided": True, "sentence_id": first["sentence_id"]}


async def test_a_deleted_line_is_voided(world: World) -> None:
    await imposed(world, order())
    await world.take(COURT, hearing(defendant(order(isDeleted=True)), shared="2026-03-02T11:30:00Z"))
    assert world.published()[0]["data"]["voided"] is True


async def test_a_deleted_hearing_voids_all_of_its_days(world: World) -> None:
    await world.take(COURT, hearing(defendant(order()), hearingDay="2026-03-02"))
    await world.take(COURT, hearing(shared="2026-03-02T11:50:00Z"), hearingEventType="Deleted")
    assert world.standing("SentenceImposed") == []


async def test_another_day_of_the_hearing_does_not_void_the_first_day(world: World) -> None:
    await world.take(COURT, hearing(defendant(order()), hearingDay="2026-03-02"))
    await world.take(COURT, hearing(defendant(), hearingDay="2026-03-03", shared="2026-03-02T12:00:00Z"))
    assert len(world.standing("SentenceImposed")) == 1


async def test_an_older_share_that_arrives_later_changes_nothing(world: World) -> None:
    await world.take(COURT, hearing(defendant(order(end="01/06/2027")), shared="2026-03-02T11:30:00Z"))
    world.published()
    await world.take(COURT, hearing(defendant(order()), shared="2026-03-02T11:00:00Z"))
    assert world.published() == []


async def test_a_result_that_comes_back_after_it_was_voided_stands_again(world: World) -> None:
    for shared, results in (("11:00", [order()]), ("11:10", []), ("11:20", [order()])):
        await world.take(COURT, hearing(defendant(*results), shared=f"2026-03-02T{shared}:00Z"))
    events = world.published()
    assert [event["data"]["voided"] for event in events] == [False, True, False]
    assert len({event["id"] for event in events}) == 3


async def test_several_defendants_are_told_apart(world: World) -> None:
    await world.known("X222222", ("defendant", "D2"))
    other = defendant(order("R5"), id="D2", master="M2", pncId=None)
    await world.take(COURT, hearing(defendant(order()), other))
    assert {event["subject"] for event in world.published("SentenceImposed")} == {CRN, "X222222"}


async def test_a_person_in_several_cases_of_a_hearing_is_one_person(world: World) -> None:
    share = hearing(defendant(order()))
    share["hearing"]["prosecutionCases"].append({"defendants": [defendant(order("R5"), id="D9")]})
    await world.take(COURT, share)
    assert len(world.published("SentenceImposed")) == 1


async def test_companies_and_offences_without_results_say_nothing(world: World) -> None:
    company = {"id": "D5", "legalEntityDefendant": {"organisation": {}}, "offences": [{}]}
    taken = await world.take(COURT, hearing(company, defendant()))
    assert (letters(taken), waits(taken), world.published()) == ("", [], [])


async def test_a_report_is_requested_for_the_region_that_supervises(world: World) -> None:
    await world.take(COURT, hearing(defendant(result("R1", REPORT))))
    [event] = world.published("PreSentenceReportRequested")
    assert (event["data"]["requested_on"], event["data"]["region"]) == ("2026-03-02", "london")


async def test_no_name_or_address_leaves_the_feed(world: World) -> None:
    await world.take(COURT, hearing(defendant(order(), unpaid_work())))
    assert not any(name in event.body for event in world.store.events for name in (b"Ada", b'Example"'))


@pytest.fixture
async def ordered(world: World) -> World:
    """A community order with unpaid work stands."""
    await world.take(COURT, hearing(defendant(order(), unpaid_work())))
    world.published()
    world.now = world.now.replace(month=6)
    return world


async def heard(world: World, code: str, *results: dict[str, Any]) -> str:
    """Hear an application about the order on 1 June; returns the dead letters."""
    share = hearing(applications=(application(code, *results),), id="H2", shared="2026-06-01T12:00:00Z")
    share["hearing"]["hearingDays"] = [{"sittingDay": "2026-06-01T09:00:00Z"}]
    return letters(await world.take(COURT, share))


@pytest.mark.parametrize(
    ("cjs", "outcome", "sanction"),
    [
        ("1087", "proven_continued", "none"),
        ("1040", "proven_continued", None),
        ("2063", "withdrawn", None),
        ("2006", "not_proven", None),
        ("4014", "committed_to_crown", None),
        ("4575", "warrant_issued", None),
        ("4506", "adjourned", None),
    ],
)
async def test_the_result_of_a_breach_hearing_is_told(
    ordered: World, cjs: str, outcome: str, sanction: str | None
) -> None:
    assert await heard(ordered, "CJ03510", by_cjs("B1", cjs)) == ""
    [event] = ordered.published("BreachHearingResulted")
    assert (event["data"]["outcome"], event["data"]["sanction"]) == (outcome, sanction)
    assert event["data"]["sentence_id"] == ordered.standing("SentenceImposed")[0]["sentence_id"]


async def test_a_fine_for_a_breach_is_told_in_pounds(ordered: World) -> None:
    assert await heard(ordered, "CJ03510", by_cjs("B1", "1015", AOF="£150.00")) == ""
    [event] = ordered.published("BreachHearingResulted")
    assert (event["data"]["sanction"], event["data"]["fine_pounds"]) == ("fine", 150)


async def test_a_variation_keeps_the_requirements_and_adds_new_ones(ordered: World) -> None:
    more = by_cjs("V2", "3101", numberOfHours="20 Hours")
    assert await heard(ordered, "CJ03513", by_cjs("V1", "1030", newEndDate="01/09/2027"), more) == ""
    [event] = ordered.published("SentenceVaried")
    assert (event["data"]["varied_on"], event["data"]["ends_on"]) == ("2026-06-01", "2027-09-01")
    assert [one["amount"] for one in event["data"]["requirements"]] == [80, 20]


async def test_a_variation_that_cancels_requirements_in_free_text_is_left_to_a_person(ordered: World) -> None:
    line = by_cjs("V1", "1030", requirementsCancelled="the unpaid work")
    assert "free text" in await heard(ordered, "CJ03513", line)
    assert ordered.published("SentenceVaried") == []


async def test_a_variation_of_an_unknown_order_waits_for_it(world: World) -> None:
    world.now = world.now.replace(month=6)
    await heard(world, "CJ03513", by_cjs("V1", "1030", newEndDate="01/09/2027"))
    assert world.published() == []
    await world.take(COURT, hearing(defendant(order(), unpaid_work())))
    assert [event["type"] for event in world.published()] == ["SentenceImposed", "SentenceVaried"]


async def test_an_order_that_is_varied_in_the_hearing_that_makes_it_needs_no_other_message(
    world: World,
) -> None:
    line = by_cjs("V1", "1030", newEndDate="01/09/2027") | {"orderedDate": "2026-03-03"}
    varied = application("CJ03513", line)
    await world.take(COURT, hearing(defendant(order(), unpaid_work()), applications=(varied,)))
    assert {event["type"] for event in world.published()} == {"SentenceImposed", "SentenceVaried"}


@pytest.mark.parametrize(("code", "reason"), [("CJ03510", "breach"), ("CJ03520", "resentenced")])
async def test_a_revocation_has_the_reason_of_its_application(ordered: World, code: str, reason: str) -> None:
    await heard(ordered, code, by_cjs("V1", "1029"))
    [event] = ordered.published("SentenceRevoked")
    assert (event["data"]["reason"], event["data"]["revoked_on"]) == (reason, "2026-06-01")


async def test_a_revocation_without_a_coded_reason_is_left_to_a_person(ordered: World) -> None:
    assert "not coded" in await heard(ordered, "CJ03519", by_cjs("V1", "1029"))


async def test_an_appeal_is_lodged_and_dismissed(ordered: World) -> None:
    assert await heard(ordered, "MC80801", by_cjs("V1", "2006")) == ""
    assert [event["type"] for event in ordered.published()] == ["AppealDecided", "AppealLodged"]


async def test_an_application_of_an_unknown_type_is_a_dead_letter_that_names_it(ordered: World) -> None:
    assert "ZZ99999" in await heard(ordered, "ZZ99999", by_cjs("V1", "1029"))


async def test_a_large_hearing_says_that_it_must_be_fetched(world: World) -> None:
    taken = await world.take(COURT, [{"payload": 1}, {"s3BucketName": "b", "s3Key": "k"}])
    assert "bucket" in letters(taken)
