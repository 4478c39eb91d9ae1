"""The catalogue: for each event type its data, topic, subject and correction key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from schemas import (
    allocation,
    clock,
    contacts,
    court,
    enforcement,
    practice,
    prison,
    providers,
    referrals,
    workforce,
)
from schemas.envelope import Data, Withdrawn, schema_uri
from schemas.topics import SERVICES

Subject = Literal["person", "practitioner", "provider", "region", "none", "any"]
"""What an event is about. ``any``: the subject of the event withdrawn. ``none``: there may be no subject."""

DataType = type[Data]


@dataclass(frozen=True)
class Entry:
    """One event type."""

    type: str
    model: DataType
    topics: tuple[str, ...]
    """Short names of the topics that carry it. Only ``Withdrawn`` has more than one."""
    subject: Subject
    version: int
    key: tuple[str, ...]
    """The data fields that, with the subject, make up the correction key. Empty: the subject is enough.

    What the services publish is never corrected but withdrawn, so it has one register per event id.
    """
    subject_field: str | None
    """The data field that must equal the subject, if there is one and it is given."""
    own_id: str | None = None
    """The data field with an id that each source gives for itself, if there is one (see ``own_ids``)."""

    @property
    def dataschema(self) -> str:
        """URI of the JSON Schema of the data."""
        return schema_uri(self.type, self.version)


_OWN_IDS = {"SessionRecorded": "session_id", "PlacementOffered": "placement_id"}
"""Ids that each provider gives for itself. All others come from one register, whoever sends the event: the
referral and the requirement from the probation service, the intervention from the provider who is the
subject, the proposal from the region that receives it."""

_ID_FIELDS = {"practitioner": "practitioner_id", "provider": "provider_id", "region": "region"}


def _entries(topic: str, subject: Subject, models: Mapping[type[Data], tuple[str, ...]]) -> dict[str, Entry]:
    entries = {}
    for model, key in models.items():
        field = _ID_FIELDS.get(subject)
        entries[model.__name__] = Entry(
            type=model.__name__,
            model=model,
            topics=(topic,),
            subject=subject,
            version=model.type_version,
            key=key,
            subject_field=field if field in model.model_fields else None,
            own_id=_OWN_IDS.get(model.__name__),
        )
    return entries


def _published(topic: str, subject: Subject, *models: type[Data]) -> dict[str, Entry]:
    return _entries(topic, subject, dict.fromkeys(models, ()))


CATALOGUE: dict[str, Entry] = {
    **_entries(
        "court",
        "person",
        {
            court.SentenceImposed: ("sentence_id",),
            court.SentenceVaried: ("sentence_id", "varied_on"),
            court.SentenceRevoked: ("sentence_id",),
            court.BreachHearingResulted: ("hearing_id", "sentence_id"),
            court.AppealLodged: ("appeal_id",),
            court.AppealDecided: ("appeal_id",),
            court.PreSentenceReportRequested: ("report_id",),
            court.PreSentenceReportDelivered: ("report_id",),
        },
    ),
    **_entries(
        "prison",
        "person",
        {
            prison.ReleasePlanned: ("sentence_id",),
            prison.PersonReleased: ("sentence_id", "released_on"),
            prison.PersonTakenIntoCustody: ("custody_id",),
            prison.PersonLeftCustody: ("custody_id",),
            prison.TemporaryReleaseGranted: ("grant_id",),
        },
    ),
    **_entries(
        "practice",
        "person",
        {
            practice.RiskAssessed: ("assessment_id",),
            practice.RegistrationChanged: ("registration_id", "effective_on"),
            practice.SentencePlanCompleted: ("plan_id",),
            practice.PartnerCheckCompleted: ("sentence_id", "check"),
            practice.VictimContactChanged: ("victim_contact_id", "effective_on"),
            practice.VictimUpdated: ("update_id",),
            practice.ContactScheduled: ("contact_id",),
            practice.ContactOutcomeRecorded: ("contact_id",),
            practice.EnforcementActionTaken: ("action_id",),
            practice.ManagerDecisionRecorded: ("decision_id",),
            practice.ProgressRecognised: ("recognition_id",),
            practice.ContactSuspensionRequested: ("request_id",),
            practice.RecallDecided: ("recall_id",),
            practice.TransferRequested: ("transfer_id",),
            practice.TransferAccepted: ("transfer_id",),
            practice.PractitionerChangeRequested: ("change_id",),
            practice.PractitionerPreferenceRecorded: ("preference_id",),
            practice.CoverArranged: ("cover_id",),
            practice.PreReleaseTaskCompleted: ("task_id",),
            practice.ReferralRequested: ("referral_id",),
            practice.EmploymentNeedAssessed: ("sentence_id", "assessed_on"),
            practice.CaseAccessChanged: ("access_id", "effective_on"),
            practice.PersonErased: (),
            practice.PersonDied: (),
            practice.PersonMerged: ("into",),
            practice.PersonUnmerged: ("reactivated",),
        },
    ),
    **_entries(
        "providers",
        "provider",
        {
            providers.ProviderQualified: ("provider_id", "qualified_on"),
            providers.InterventionListed: ("intervention_id", "listed_on"),
            providers.InterventionWithdrawn: ("intervention_id",),
        },
    ),
    **_entries(
        "providers",
        "region",
        {
            providers.ServiceCallPosted: ("call_id",),
            providers.ProposalSubmitted: ("proposal_id",),
            providers.ServiceCallAwarded: ("call_id",),
            providers.ConsultationRecorded: ("consultation_id",),
            providers.DeliverySuspended: ("suspension_id",),
            providers.DeliveryResumed: ("suspension_id",),
        },
    ),
    **_entries(
        "providers",
        "person",
        {
            providers.ReferralAccepted: ("referral_id",),
            providers.ReferralDeclined: ("referral_id",),
            providers.PlacementOffered: ("placement_id",),
            providers.SessionRecorded: ("session_id",),
            providers.ActionPlanSubmitted: ("referral_id",),
            providers.InitialAssessmentDelivered: ("referral_id",),
            providers.EndOfServiceReportSubmitted: ("referral_id",),
            providers.ReferralConcluded: ("referral_id",),
            providers.ReferralTransferred: ("referral_id", "transferred_on"),
            providers.ProgrammeStatusChanged: ("referral_id", "changed_on"),
        },
    ),
    **_entries(
        "workforce",
        "practitioner",
        {
            workforce.PractitionerUpdated: ("practitioner_id", "effective_on"),
            workforce.ReductionAgreed: ("reduction_id",),
            workforce.ReductionEnded: ("reduction_id",),
        },
    ),
    **_entries("workforce", "region", {workforce.DeliveryUnitChanged: ("change_id", "from_pdu")}),
    **_entries("clock", "none", {clock.DayStarted: ("date",)}),
    **_published(
        "allocation",
        "person",
        allocation.AllocationDue,
        allocation.TierCalculated,
        allocation.CaseAllocated,
        allocation.AllocationOverdue,
        allocation.AllocationReviewRequired,
        allocation.CaseTransferred,
        allocation.HandoverDue,
        allocation.PreReleaseTaskDue,
        allocation.PreReleaseTaskOverdue,
        allocation.EarlyEndEligible,
        allocation.SupervisionEnded,
    ),
    **_published("allocation", "practitioner", allocation.PractitionerOverCapacity),
    **_published("allocation", "region", allocation.TeamOverCapacity),
    **_published(
        "contacts",
        "person",
        contacts.ContactPlanSet,
        contacts.ContactMissed,
        contacts.ContactExcused,
        contacts.FailureTakenBack,
        contacts.AbsenceUndecided,
        contacts.OutcomeOverdue,
        contacts.ContactStandardMissed,
        contacts.VideoShareExceeded,
        contacts.InitialAppointmentOverdue,
        contacts.HomeVisitRequired,
        contacts.HomeVisitOverdue,
        contacts.SentencePlanOverdue,
        contacts.ContactSuspended,
        contacts.ContactResumed,
        contacts.SuspensionRefused,
        contacts.ResetFollowUpDue,
        contacts.PartnerCheckDue,
        contacts.VictimUpdateDue,
        contacts.VictimUpdateOverdue,
    ),
    **_published(
        "enforcement",
        "person",
        enforcement.AbsenceDecisionOverdue,
        enforcement.EnforcementActionRequired,
        enforcement.EnforcementActionOverdue,
        enforcement.WarningLetterOverdue,
        enforcement.WarningIncomplete,
        enforcement.BreachRequired,
        enforcement.BreachPackOverdue,
        enforcement.BreachInformationOverdue,
        enforcement.BreachStarted,
        enforcement.BreachConcluded,
        enforcement.WarningWithdrawn,
        enforcement.BreachWithdrawalDue,
        enforcement.ManagerReviewRequired,
        enforcement.RecallConsidered,
        enforcement.RecallDeadlineMissed,
        enforcement.RecallTypeDetermined,
    ),
    **_published(
        "referrals",
        "person",
        referrals.EligibilityAssessed,
        referrals.ReferralMade,
        referrals.ReferralRejected,
        referrals.ReferralChased,
        referrals.ReferralEscalated,
        referrals.InterventionStarted,
        referrals.UnpaidWorkStartOverdue,
        referrals.UnpaidWorkCredited,
        referrals.EmploymentCapExceeded,
        referrals.PlacementRejected,
        referrals.RequirementAtRisk,
        referrals.ReturnToCourtRequired,
        referrals.RarDayUsed,
        referrals.RarLimitReached,
        referrals.RequirementReviewDue,
        referrals.RequirementCompleted,
        referrals.RequirementInvalid,
        referrals.NeedUnmet,
        referrals.ReferralWaiting,
        referrals.ReferralPaused,
        referrals.ReferralResumed,
        referrals.ReferralEnded,
        referrals.ReferralStatusRefused,
        referrals.OutcomeRecorded,
        referrals.ProposalNotEligible,
        referrals.AccessGranted,
        referrals.AccessEnded,
        referrals.ProviderRecordLate,
        referrals.EmploymentAssessmentDue,
        referrals.RarDaysAllocated,
        referrals.UnpaidWorkDiscount,
    ),
    **_published(
        "referrals",
        "region",
        referrals.CoverageGapDetected,
        referrals.ProvidersNotified,
        referrals.AvailabilityChanged,
        referrals.ProposalRefused,
    ),
    **_published("referrals", "provider", referrals.ListingRefused),
    "Withdrawn": Entry("Withdrawn", Withdrawn, SERVICES, "any", Withdrawn.type_version, (), None),
}
"""Every event type by its name."""


NOT_READ_YET: dict[str, str] = {}
"""The feeds' types that no service reads yet, with the reason. Taking one is a warning."""


def entries(topic: str) -> list[Entry]:
    """The event types that a topic (short name) carries."""
    return [entry for entry in CATALOGUE.values() if topic in entry.topics]


def correction_key(type: str, data: Data) -> str:
    """The values, joined with "/", that two versions of the same fact share besides subject and type.

    Identifiers contain no slash, so different values never give the same key. The key is empty if the subject
    is enough, and for everything that the services publish. Raises ``KeyError`` for an unknown type.
    """
    values = [getattr(data, field) for field in CATALOGUE[type].key]
    return "/".join([value.isoformat() if isinstance(value, date) else value for value in values])
