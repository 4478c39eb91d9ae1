"""The catalogue names exactly the agreed events, fields and keys."""

import re
from typing import Any, get_args

import pytest

from schemas import catalogue, topics, words
from schemas.catalogue import CATALOGUE, correction_key
from schemas.envelope import Published, Reason, Upstream
from schemas.language import register_key, source_of, topics_of
from schemas.parsing import parse
from schemas.topics import SERVICES, SOURCES, TOPICS
from tests.schemas import encode, golden
from tools import services

EVENTS = """
court: SentenceImposed SentenceVaried SentenceRevoked BreachHearingResulted AppealLodged AppealDecided
    PreSentenceReportRequested PreSentenceReportDelivered
prison: ReleasePlanned PersonReleased PersonTakenIntoCustody PersonLeftCustody TemporaryReleaseGranted
practice: RiskAssessed RegistrationChanged SentencePlanCompleted PartnerCheckCompleted ContactScheduled
    ContactOutcomeRecorded EnforcementActionTaken ManagerDecisionRecorded ContactSuspensionRequested
    ProgressRecognised RecallDecided TransferRequested TransferAccepted PractitionerChangeRequested
    ReferralRequested
    PractitionerPreferenceRecorded CoverArranged PreReleaseTaskCompleted
    VictimContactChanged VictimUpdated
    EmploymentNeedAssessed CaseAccessChanged PersonErased PersonDied PersonMerged PersonUnmerged
providers: ProviderQualified InterventionListed InterventionWithdrawn ServiceCallPosted
    ProposalSubmitted ServiceCallAwarded ReferralAccepted ReferralDeclined PlacementOffered
    SessionRecorded ActionPlanSubmitted InitialAssessmentDelivered EndOfServiceReportSubmitted
    ReferralConcluded ReferralTransferred ProgrammeStatusChanged ConsultationRecorded
    DeliverySuspended DeliveryResumed
workforce: PractitionerUpdated ReductionAgreed ReductionEnded DeliveryUnitChanged
clock: DayStarted
allocation: AllocationDue TierCalculated CaseAllocated AllocationOverdue PractitionerOverCapacity
    AllocationReviewRequired CaseTransferred HandoverDue PreReleaseTaskDue PreReleaseTaskOverdue
    EarlyEndEligible TeamOverCapacity SupervisionEnded Withdrawn
contacts: ContactPlanSet ContactMissed ContactExcused FailureTakenBack AbsenceUndecided OutcomeOverdue
    ContactStandardMissed VideoShareExceeded InitialAppointmentOverdue HomeVisitRequired
    HomeVisitOverdue SentencePlanOverdue ContactSuspended ContactResumed SuspensionRefused
    ResetFollowUpDue PartnerCheckDue VictimUpdateDue VictimUpdateOverdue Withdrawn
enforcement: AbsenceDecisionOverdue EnforcementActionRequired EnforcementActionOverdue WarningLetterOverdue
    WarningIncomplete BreachRequired BreachPackOverdue BreachInformationOverdue BreachStarted
    BreachConcluded WarningWithdrawn BreachWithdrawalDue ManagerReviewRequired RecallConsidered
    RecallDeadlineMissed RecallTypeDetermined Withdrawn
referrals: EligibilityAssessed ReferralMade ReferralRejected CoverageGapDetected ProvidersNotified
    ReferralChased ReferralEscalated InterventionStarted UnpaidWorkStartOverdue UnpaidWorkCredited
    EmploymentCapExceeded PlacementRejected RequirementAtRisk ReturnToCourtRequired RarDayUsed
    RarLimitReached RequirementReviewDue RequirementCompleted RequirementInvalid NeedUnmet ReferralWaiting
    ReferralPaused ReferralResumed ReferralEnded ReferralStatusRefused OutcomeRecorded ProposalNotEligible
    AccessGranted AccessEnded ProviderRecordLate EmploymentAssessmentDue RarDaysAllocated UnpaidWorkDiscount
    AvailabilityChanged ProposalRefused ListingRefused Withdrawn
"""

KEYS = """
SentenceImposed sentence_id · SentenceVaried sentence_id, varied_on · SentenceRevoked sentence_id ·
BreachHearingResulted hearing_id, sentence_id · AppealLodged appeal_id · AppealDecided appeal_id ·
ProgressRecognised recognition_id · PreSentenceReportRequested report_id · PreSentenceReportDelivered
report_id · ReleasePlanned sentence_id · PersonReleased sentence_id, released_on · PersonTakenIntoCustody
custody_id · PersonLeftCustody custody_id · RiskAssessed assessment_id · RegistrationChanged
registration_id, effective_on · SentencePlanCompleted plan_id · PartnerCheckCompleted sentence_id, check ·
ContactScheduled contact_id · ContactOutcomeRecorded contact_id · EnforcementActionTaken action_id ·
ManagerDecisionRecorded decision_id · ContactSuspensionRequested request_id · RecallDecided recall_id ·
TransferRequested transfer_id · TransferAccepted transfer_id · PractitionerChangeRequested change_id ·
ReferralRequested referral_id · EmploymentNeedAssessed sentence_id, assessed_on · PersonDied · PersonMerged
into · PersonUnmerged reactivated · CaseAccessChanged access_id, effective_on · PersonErased ·
ProviderQualified provider_id, qualified_on · InterventionListed intervention_id, listed_on ·
InterventionWithdrawn intervention_id ·
ServiceCallPosted call_id · ServiceCallAwarded call_id · ProposalSubmitted proposal_id · ReferralAccepted
referral_id · ReferralDeclined referral_id · ReferralConcluded referral_id · PlacementOffered placement_id ·
ReferralTransferred referral_id, transferred_on · ProgrammeStatusChanged referral_id, changed_on ·
ConsultationRecorded consultation_id · DeliverySuspended suspension_id · DeliveryResumed suspension_id ·
VictimContactChanged victim_contact_id, effective_on · VictimUpdated update_id ·
TemporaryReleaseGranted grant_id ·
SessionRecorded session_id · ActionPlanSubmitted referral_id · InitialAssessmentDelivered referral_id ·
EndOfServiceReportSubmitted referral_id · PractitionerUpdated practitioner_id, effective_on ·
PractitionerPreferenceRecorded preference_id · CoverArranged cover_id · PreReleaseTaskCompleted task_id ·
ReductionAgreed reduction_id · ReductionEnded reduction_id · DeliveryUnitChanged change_id, from_pdu
"""

UPSTREAM = [entry for entry in CATALOGUE.values() if issubclass(entry.model, Upstream)]


def test_every_event_type_is_on_its_topic_only() -> None:
    agreed = dict(line.split(": ") for line in EVENTS.replace("\n    ", " ").strip().splitlines())
    assert {topic: set(names.split()) for topic, names in agreed.items()} == {
        topic: {entry.type for entry in catalogue.entries(topic)} for topic in TOPICS
    }


def test_every_upstream_type_declares_its_correction_key() -> None:
    agreed = {}
    for line in KEYS.replace("\n", " ").split(" · "):
        type, *fields = re.split(r"[ ,]+", line.strip())
        agreed[type] = tuple(fields)
    assert {entry.type: entry.key for entry in UPSTREAM} == agreed


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.type)
def test_each_entry_matches_its_model(entry: catalogue.Entry) -> None:
    assert entry.type == entry.model.__name__
    assert set(entry.key) <= set(entry.model.model_fields)
    assert issubclass(entry.model, Published) == (entry.topics[0] in SERVICES)
    assert "voided" in entry.model.model_fields or not issubclass(entry.model, Upstream)


def test_correction_keys_join_ids_and_dates() -> None:
    event = parse(encode(golden("RegistrationChanged")))
    assert correction_key("RegistrationChanged", event.data) == "G-4/2026-05-04"
    assert correction_key("PersonDied", parse(encode(golden("PersonDied"))).data) == ""
    assert register_key(event) == "G-4/2026-05-04"


def test_each_event_that_a_service_publishes_has_its_own_register() -> None:
    missed = golden("ContactMissed")
    assert register_key(parse(encode(missed))) == missed["id"]
    withdrawn = golden("Withdrawn")
    assert register_key(parse(encode(withdrawn))) == withdrawn["data"]["withdraws"]


def test_topics_and_sources() -> None:
    assert topics_of("ContactMissed") == ("contacts",)
    assert topics_of("Withdrawn") == SERVICES
    assert source_of("clock") == "/services/ticker"
    assert topics.topic_name("court") == "probation.court"
    assert topics.topic_name("court", prefix="test.") == "test.court"
    assert topics.dead_letter_topic("contacts") == "probation.contacts.dead-letter"
    with pytest.raises(KeyError):
        topics.topic_name("courts")


def test_all_topics_except_the_clock_have_the_same_number_of_partitions() -> None:
    assert {topics.partitions(topic) for topic in TOPICS if topic != "clock"} == {12}
    assert topics.partitions("contacts", 3) == 3
    assert topics.partitions("clock", 3) == 1


def test_services_read_only_topics_that_exist() -> None:
    assert {service.name for service in services.SERVICES} == set(SERVICES)
    for service in services.SERVICES:
        assert set(service.reads) <= set(TOPICS) - {service.name}
        assert "clock" in service.reads


def test_services_read_every_topic_with_facts_that_they_join() -> None:
    for service in services.SERVICES:
        joined = {type for model in service.models for type in model.types}
        needed = {topic for type in joined for topic in CATALOGUE[type].topics} - {service.name}
        assert set(service.reads) == needed | {"clock"}


LISTS: dict[str, tuple[Any, int]] = {
    "regions": (words.Region, 12),
    "core needs": (words.CoreNeed, 8),
    "outcomes": (words.Outcome, 11),
    "acceptable reasons": (words.AcceptableReason, 9),
    "enforcement actions": (words.EnforcementAction, 15),
    "hearing outcomes": (words.HearingOutcome, 10),
    "requirement kinds": (words.RequirementKind, 8),
    "assessed needs": (words.AssessedNeed, 10),
    "registrations": (words.Registration, 7),
    "partner checks": (words.PartnerCheckKind, 3),
    "reasons of refusal": (Reason, 16),
}


@pytest.mark.parametrize(("listed", "length"), LISTS.values(), ids=LISTS)
def test_closed_lists_are_complete(listed: Any, length: int) -> None:
    assert len(set(get_args(listed))) == length


def test_intervention_needs_include_the_core_needs() -> None:
    assert set(get_args(words.CoreNeed)) < set(get_args(words.InterventionNeed))
    assert set(get_args(words.Cohort)) | {"women"} == set(get_args(words.ServiceCohort))


def test_each_topic_has_one_source() -> None:
    assert len(set(SOURCES.values())) == len(SOURCES)
