"""The catalogue: event type -> data, topic, subject, correction key.

The only place where a topic is named.
"""

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

Subject = Literal["person", "practitioner", "provider", "region", "none", "any"]
"""What the subject of an event is. ``any``: that of the event withdrawn. ``none``: it may be left out."""

DataType = type[Data]


@dataclass(frozen=True)
class Entry:
    """One event type."""

    type: str
    model: DataType
    topics: tuple[str, ...]
    """Short names of the topics that carry it: one, but for ``Withdrawn``."""
    subject: Subject
    version: int
    key: tuple[str, ...]
    """Fields of the data that make up the correction key, with the subject; empty: the subject alone.

    What the services publish is never corrected but withdrawn: its register is kept per event id.
    """
    subject_field: str | None
    """Field of the data that the subject must equal, if there is one."""

    @property
    def dataschema(self) -> str:
        """URI of the JSON Schema of the data."""
        return schema_uri(self.type, self.version)


SOURCES: dict[str, str] = {
    "court": "/feeds/court",
    "prison": "/feeds/prison",
    "practice": "/feeds/practice",
    "providers": "/feeds/providers",
    "workforce": "/feeds/workforce",
    "clock": "/services/ticker",
    "allocation": "/services/allocation",
    "contacts": "/services/contacts",
    "enforcement": "/services/enforcement",
    "referrals": "/services/referrals",
}
"""Who may publish on a topic: topic -> ``source``."""

TOPICS: tuple[str, ...] = tuple(SOURCES)
"""Short names of the topics that carry events."""

SERVICES: tuple[str, ...] = ("allocation", "contacts", "enforcement", "referrals")
"""The services that publish; each has a topic of its name and one for its dead letters."""

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
            court.BreachHearingResulted: ("hearing_id",),
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
            practice.ContactScheduled: ("contact_id",),
            practice.ContactOutcomeRecorded: ("contact_id",),
            practice.EnforcementActionTaken: ("action_id",),
            practice.ManagerDecisionRecorded: ("decision_id",),
            practice.ContactSuspensionRequested: ("request_id",),
            practice.RecallDecided: ("recall_id",),
            practice.TransferRequested: ("transfer_id",),
            practice.TransferAccepted: ("transfer_id",),
            practice.PractitionerChangeRequested: ("change_id",),
            practice.ReferralRequested: ("referral_id",),
            practice.EmploymentNeedAssessed: ("sentence_id", "assessed_on"),
            practice.CaseAccessChanged: ("access_id", "effective_on"),
            practice.PersonErased: (),
            practice.PersonDied: (),
            practice.PersonMerged: ("into",),
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
        },
    ),
    **_entries(
        "workforce",
        "practitioner",
        {workforce.PractitionerUpdated: ("practitioner_id", "effective_on")},
    ),
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
        allocation.SupervisionEnded,
    ),
    **_published("allocation", "practitioner", allocation.PractitionerOverCapacity),
    **_published(
        "contacts",
        "person",
        contacts.ContactPlanSet,
        contacts.ContactMissed,
        contacts.ContactExcused,
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
    ),
    **_published(
        "enforcement",
        "person",
        enforcement.AbsenceDecisionOverdue,
        enforcement.EnforcementActionRequired,
        enforcement.WarningLetterOverdue,
        enforcement.BreachRequired,
        enforcement.BreachPackOverdue,
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
    ),
    **_published("referrals", "region", referrals.CoverageGapDetected, referrals.ProvidersNotified),
    "Withdrawn": Entry("Withdrawn", Withdrawn, SERVICES, "any", Withdrawn.type_version, (), None),
}
"""Every event type by its name."""


def entries(topic: str) -> list[Entry]:
    """The event types that a topic (short name) carries."""
    return [entry for entry in CATALOGUE.values() if topic in entry.topics]


def topic_name(short: str, prefix: str = "probation.") -> str:
    """The name of a topic in Kafka. Raises ``KeyError`` for a topic that there is not."""
    SOURCES[short]
    return prefix + short


def dead_letter_topic(service: str, prefix: str = "probation.") -> str:
    """The name in Kafka of the topic for what a service could not take."""
    return f"{prefix}{service}.dead-letter"


def partitions(short: str, count: int = 12) -> int:
    """How many partitions a topic has.

    All that carry a person's events have the same number, so that one instance of a service sees all of one
    person's events; the clock has one, since days have an order.
    """
    return 1 if short == "clock" else count


def correction_key(type: str, data: Data) -> str:
    """What two versions of the same fact have in common, beside subject and type: values joined with "/".

    Identifiers hold no slash, so different values never give the same key. Empty where the subject is enough
    and for what the services publish. Raises ``KeyError`` for an unknown type.
    """
    values = [getattr(data, field) for field in CATALOGUE[type].key]
    return "/".join([value.isoformat() if isinstance(value, date) else value for value in values])
