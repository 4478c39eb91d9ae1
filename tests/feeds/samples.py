"""One invented message of every kind, in the order in which they would come, with its detail."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.feeds import hearings, notices, test_practice, test_providers
from tests.feeds.hearings import (
    COMMUNITY_ORDER,
    CUSTODY,
    RAR,
    REPORT,
    SUSPENDED,
    application,
    by_cjs,
    defendant,
    hearing,
    result,
    unpaid_work,
)
from tests.feeds.notices import conviction, notice, offender, prison, prisoner
from tests.feeds.test_providers import feedback, worked
from tests.feeds.world import CRN


class Sample(NamedTuple):
    """A message and what is at its address."""

    feed: str
    body: Any
    detail: Any = None


def _hmpps(told: dict[str, Any], detail: Any = None) -> Sample:
    return Sample("hmpps", told, detail)


def _provider(type: str, detail: Any = None, **info: Any) -> Sample:
    told = notice(type, "2026-05-04T10:00:00Z", None, serviceUserCRN=CRN, referralId="REF1", **info)
    return Sample("providers", told, detail)


def _court(*defendants: Any, **more: Any) -> Sample:
    return Sample("common-platform", hearing(*defendants, **more))


_SUSPENDED = result("R1", SUSPENDED, given={"suspendedPeriod": "18 Months"}, orderedHearingId="H5")
_ASSESSMENT = {
    "assessments": [
        {
            "assessmentPk": 1,
            "dateCompleted": "2026-03-02T10:00:00",
            "assessmentStatus": "COMPLETE",
            "offender": {"riskToOthers": "M"},
            "weightedScores": {"drugWeightedScore": 3, "alcoholWeightedScore": "N/A"},
            "furtherInformation": {"ogrs2Year": "61"},
            "indicators": {"sanIndicator": "Y"},
        }
    ]
}
_SENT = {
    "sentAt": "2026-04-01T09:00:00Z",
    "relevantSentenceId": 901,
    "referral": {"serviceProvider": {"id": "ACME"}, "desiredOutcomes": [{"description": "Keeps a tenancy"}]},
}
_REGISTRATION = {"registrationId": "7", "registerTypeCode": "MAPP", "registrationDate": "2026-03-01"}
_LEVELS = {"registrationCategoryCode": "M2", "registrationLevelCode": "M1"}
_BREACH = {"crn": CRN, "eventNumber": "1", "referralDate": "2026-05-04", "outcome": {"code": "BRE06"}}
_MOVE = {"sourceCRN": CRN, "targetCRN": "X000002", "sourceEventNumber": "1", "targetEventNumber": "3"}
_OTHER = defendant(
    result("R9", CUSTODY, given={"imprisonmentPeriod": "26 Weeks"}), id="D2", master="M2", crn="X000003"
)

SAMPLES: tuple[Sample, ...] = (
    _hmpps(notice("probation-case.engagement.created"), offender()),
    _court(
        defendant(hearings.order(), unpaid_work(), result("R3", RAR, "R1", given={"maximumDays": "15"})),
        _OTHER,
    ),
    _court(
        defendant(_SUSPENDED, id="D5", master="M5", crn="X000005"),
        id="H5",
    ),
    _court(
        defendant(result("R1", CUSTODY, given={"imprisonmentPeriod": "1 Years"}, orderedHearingId="H7")),
        id="H7",
    ),
    _court(defendant(result("R1", REPORT)), id="H6"),
    _court(
        defendant(hearings.order()), shared="2026-03-02T11:30:00Z", isReshare=True, hearingDay="2026-03-02"
    ),
    _court(
        id="H2",
        applications=(
            application("CJ03510", by_cjs("B1", "1015", AOF="£150.00")),
            application("CJ03513", by_cjs("V1", "1030", newEndDate="01/09/2027"), id="A2"),
            application("MC80801", by_cjs("V1", "2006"), id="A3"),
            application("CJ03520", by_cjs("V1", "1029"), result("R8", COMMUNITY_ORDER), id="A4"),
        ),
    ),
    _hmpps(notice("probation-case.sentence.created", eventNumber="1"), conviction()),
    _hmpps(
        notice(
            "probation-case.requirement.created",
            requirementID="55",
            eventNumber="1",
            requirementMainType="Unpaid Work",
        )
    ),
    _hmpps(notice("probation-case.registration.added", **_REGISTRATION, **_LEVELS)),
    _hmpps(
        notice("probation-case.registration.deregistered", "2026-06-01T10:00:00Z", **_REGISTRATION, **_LEVELS)
    ),
    _hmpps(notice("probation-case.registration.deleted", "2026-06-02T10:00:00Z", **_REGISTRATION)),
    _hmpps(notice("assessment.summary.produced"), _ASSESSMENT),
    _hmpps(
        notice(
            "risk-assessment.scores.rsr.determined",
            RSRScore="6.9",
            OGRS3Yr2="44",
            AssessmentDate="02/03/2026",
        )
    ),
    _hmpps(notice("enforcement.breach.raised", nsiId="31"), _BREACH),
    _hmpps(notice("enforcement.breach.concluded", "2026-05-20T10:00:00Z", nsiId="31"), _BREACH),
    _hmpps(notice("enforcement.recall.raised", nsiId="32"), _BREACH),
    _hmpps(notice("prison-recall.recommendation.management-oversight", contactOutcome="DECISION_TO_RECALL")),
    _hmpps(notice("esupervision.check-in.received")),
    _hmpps(notice("esupervision.check-in.expired")),
    _hmpps(notice("probation-case.restriction.updated"), offender() | {"currentRestriction": True}),
    _hmpps(prison("received", "2026-03-02T15:00:00Z", "ADMISSION", "24"), prisoner()),
    _hmpps(prison("released", "2026-08-28T11:00:00Z", "RELEASED", "CR"), prisoner()),
    _hmpps(prison("sentence-dates-changed", "2026-04-01T09:00:00Z", "", None), prisoner()),
    _hmpps(prison("merged", "2026-04-01T09:00:00Z", "MERGE", None, removedNomsNumber="A9999ZZ")),
    _hmpps(
        notice("person.temporary-absence-authorisation.approved", id="T1"),
        prisoner(start="2026-07-01", end="2026-07-03"),
    ),
    _hmpps(notice("probation-case.merge.completed", sourceCRN="X000004", targetCRN=CRN)),
    _hmpps(notice("probation-case.unmerge.completed", unmergedCRN=CRN, reactivatedCRN="X000004")),
    _provider("intervention.referral.sent", _SENT, contractTypeName="Accommodation"),
    _provider("intervention.referral.assigned", _SENT),
    _provider(
        "intervention.action-plan.submitted", {"numberOfSessions": 6, "submittedAt": "2026-05-04T09:00:00Z"}
    ),
    _provider("intervention.initial-assessment-appointment.attended", feedback("yes", happened=True)),
    _provider(
        "intervention.session-appointment.attended",
        feedback("yes", happened=False, noSessionReasonType="LOGISTICS"),
        deliusAppointmentId=77,
    ),
    _provider(
        "intervention.end-of-service-report.submitted",
        {
            "outcomes": [
                {"desiredOutcome": {"description": "Keeps a tenancy"}, "achievementLevel": "ACHIEVED"}
            ]
        },
    ),
    _provider("intervention.referral.concluded", deliveryState="COMPLETED"),
    _provider("community-payback.appointment.updated", worked()),
    _provider("accredited-programmes-community.referral.status-updated", {"newStatus": "On programme"}),
    _provider(
        "accredited-programmes-community.programme.complete", {"licReqCompletedAt": "2026-07-01T23:30:00Z"}
    ),
    Sample("practice", test_practice.changed(), test_practice.contact(outcome="AAME")),
    Sample(
        "practice",
        test_practice.changed("2026-04-02T12:00:00"),
        test_practice.contact(outcome="UAAB", enforcement={"enforcementAction": {"code": "IBR"}}),
    ),
    _hmpps(notice("probation-case.sentence.moved", crn=None, **_MOVE)),
    _hmpps(notice("probation-case.deleted.gdpr", "2026-10-01T10:00:00Z", "X000002")),
)

ADDRESSES = {notices.URL, test_providers.URL}
