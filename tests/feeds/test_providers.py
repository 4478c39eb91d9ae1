"""What providers send becomes our events, under the sentence of the referral."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.feeds.hearings import defendant, hearing, order, unpaid_work
from tests.feeds.notices import conviction, introduce, notice
from tests.feeds.notices import tell as tell_hmpps
from tests.feeds.world import CRN, World, letters, waits

URL = "https://source.example/detail"


@pytest.fixture
async def world() -> World:
    """A person with an order for unpaid work, event 1, whose id in case management is 901."""
    world = World(now=datetime(2026, 12, 1, tzinfo=UTC))
    await introduce(world)
    await world.take("common-platform", hearing(defendant(order(), unpaid_work())))
    await tell_hmpps(world, notice("probation-case.sentence.created", eventNumber="1"), conviction())
    world.published()
    return world


async def tell(
    world: World, type: str, detail: Any = None, at: str = "2026-05-04T10:00:00Z", **info: Any
) -> Any:
    """Send a provider's notice, whose detail is this."""
    if detail is not None:
        world.detail(URL, detail)
    told = notice(type, at, None, serviceUserCRN=CRN, referralId="REF1", **info)
    return await world.take("providers", told)


async def refer(world: World) -> None:
    """A referral for accommodation is sent."""
    detail = {
        "id": "REF1",
        "sentAt": "2026-04-01T09:00:00Z",
        "relevantSentenceId": 901,
        "referral": {
            "serviceProvider": {"id": "ACME", "name": "Acme"},
            "desiredOutcomes": [{"description": "Keeps a tenancy"}],
        },
    }
    await tell(world, "intervention.referral.sent", detail, contractTypeName="Accommodation")


async def test_a_referral_is_requested_under_its_sentence(world: World) -> None:
    await refer(world)
    [event] = world.published()
    data = event["data"]
    assert (event["type"], data["need"], data["kind"]) == (
        "ReferralRequested",
        "accommodation",
        "commissioned_service",
    )
    assert data["sentence_id"] == world.standing("SentenceImposed")[0]["sentence_id"]
    assert data["desired_outcomes"] == ["Keeps a tenancy"]


async def test_a_referral_of_an_unknown_contract_is_a_dead_letter(world: World) -> None:
    detail = {"sentAt": "2026-04-01T09:00:00Z", "relevantSentenceId": 901, "referral": {}}
    told = await tell(world, "intervention.referral.sent", detail, contractTypeName="Wellbeing")
    assert "Wellbeing" in letters(told)


async def test_a_referral_is_accepted_planned_reported_and_concluded(world: World) -> None:
    detail = {"referral": {"serviceProvider": {"id": "ACME"}}}
    await tell(world, "intervention.referral.assigned", detail)
    plan = {"referralId": "REF1", "numberOfSessions": 6, "submittedAt": "2026-05-04T09:00:00Z"}
    await tell(world, "intervention.action-plan.submitted", plan)
    outcome = {"desiredOutcome": {"description": "Keeps a tenancy"}, "achievementLevel": "PARTIALLY_ACHIEVED"}
    await tell(world, "intervention.end-of-service-report.submitted", {"outcomes": [outcome]})
    await tell(world, "intervention.referral.concluded", deliveryState="COMPLETED")
    told = world.published()
    assert [event["type"] for event in told] == [
        "ReferralAccepted",
        "ActionPlanSubmitted",
        "EndOfServiceReportSubmitted",
        "ReferralConcluded",
    ]
    assert told[2]["data"]["outcomes"] == [{"outcome": "Keeps a tenancy", "result": "partly"}]


def feedback(attended: str, happened: bool | None = None, **told: Any) -> dict[str, Any]:
    """A session with feedback."""
    attendance = {"attended": attended, "didSessionHappen": happened}
    return {
        "id": 5,
        "appointmentTime": "2026-05-04T13:00:00Z",
        "durationInMinutes": 60,
        "appointmentFeedback": {"attendanceFeedback": attendance, "sessionFeedback": told},
    }


@pytest.mark.parametrize(
    ("detail", "outcome", "minutes"),
    [
        (feedback("yes", happened=True), "complied", 60),
        (feedback("late", happened=True, notifyProbationPractitioner=True), "failed_to_comply", 0),
        (feedback("no"), "failed_to_attend", 0),
        (feedback("yes", happened=False, noSessionReasonType="POP_UNACCEPTABLE"), "failed_to_comply", 0),
        (feedback("yes", happened=False, noSessionReasonType="POP_ACCEPTABLE"), "acceptable_absence", 0),
        (feedback("yes", happened=False, noSessionReasonType="LOGISTICS"), "sent_home_service", 0),
    ],
)
async def test_a_session_is_recorded_as_case_management_does(
    world: World, detail: dict[str, Any], outcome: str, minutes: int
) -> None:
    await refer(world)
    await tell(
        world, "intervention.session-appointment.session-feedback-submitted", detail, deliusAppointmentId=77
    )
    [event] = world.published("SessionRecorded")
    data = event["data"]
    assert (data["outcome"], data["minutes"], data["held_on"]) == (outcome, minutes, "2026-05-04")
    assert data["sentence_id"] == world.standing("SentenceImposed")[0]["sentence_id"]


async def test_a_session_of_a_referral_that_has_not_come_yet_waits_for_it(world: World) -> None:
    told = await tell(world, "intervention.session-appointment.attended", feedback("yes", happened=True))
    assert waits(told) == [f"link:{CRN}/referral:REF1"]
    await refer(world)
    assert [event["type"] for event in world.published()] == ["ReferralRequested", "SessionRecorded"]


async def test_an_initial_assessment_counts_only_if_it_was_held(world: World) -> None:
    attended = "intervention.initial-assessment-appointment.session-feedback-submitted"
    await tell(world, attended, feedback("no"))
    assert world.published() == []
    await tell(world, attended, feedback("yes", happened=True), "2026-05-11T10:00:00Z")
    assert [event["type"] for event in world.published()] == ["InitialAssessmentDelivered"]


def worked(code: str | None = "ATTC", **more: Any) -> dict[str, Any]:
    """Unpaid work as community payback tells it."""
    return {
        "appointment": {
            "id": "A1",
            "crn": CRN,
            "deliusEventNumber": 1,
            "startTime": "09:00",
            "endTime": "16:00",
            "contactOutcomeCode": code,
            "minutesCredited": 390,
            "penaltyMinutes": 30,
            **more,
        }
    }


async def test_unpaid_work_counts_for_the_only_requirement_of_its_sentence(world: World) -> None:
    await tell(world, "community-payback.appointment.updated", worked())
    [event] = world.published("SessionRecorded")
    data = event["data"]
    assert (data["activity"], data["minutes"], data["penalty_minutes"]) == ("unpaid_work", 420, 30)
    [requirement] = world.standing("SentenceImposed")[0]["requirements"]
    assert data["requirement_id"] == requirement["requirement_id"]


async def test_unpaid_work_that_is_only_planned_says_nothing_yet(world: World) -> None:
    await tell(world, "community-payback.appointment.created", worked(None))
    assert world.published() == []


async def test_a_programme_changes_its_state_and_is_completed(world: World) -> None:
    await tell(
        world, "accredited-programmes-community.referral.status-updated", {"newStatus": "On programme"}
    )
    done = {"licReqCompletedAt": "2026-07-01T23:30:00Z"}
    await tell(world, "accredited-programmes-community.programme.complete", done, "2026-07-02T09:00:00Z")
    status, concluded = world.published()
    assert status["data"]["status"] == "on_programme"
    assert concluded["data"]["concluded_on"] == "2026-07-01"


async def test_an_unknown_state_of_a_programme_is_a_dead_letter(world: World) -> None:
    told = await tell(
        world, "accredited-programmes-community.referral.status-updated", {"newStatus": "Paused"}
    )
    assert "Paused" in letters(told)
