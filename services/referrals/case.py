"""What the referrals service knows about a person: sentences, requests, what providers record.

Facts of a sentence that is not known yet are kept and lead to nothing until it is.
"""

from __future__ import annotations

import msgspec

from services.referrals import facts
from shared.engine.case import Register, Registers
from shared.probation.case import END_REGISTER, SUPERVISION_REGISTERS, SupervisedCase
from shared.probation.facts import Contact, TemporaryRelease


class ReferralsCase(SupervisedCase, kw_only=True, omit_defaults=True):
    """A person on probation, as referrals sees them."""

    sessions: dict[str, facts.Session] = msgspec.field(default_factory=dict)
    former_sessions: dict[str, list[facts.Session]] = msgspec.field(default_factory=dict)
    contacts: dict[str, Contact] = msgspec.field(default_factory=dict)
    requests: dict[str, facts.ReferralRequest] = msgspec.field(default_factory=dict)
    placements: dict[str, facts.Placement] = msgspec.field(default_factory=dict)
    acceptances: dict[str, facts.Acceptance] = msgspec.field(default_factory=dict)
    former_acceptances: dict[str, list[facts.Acceptance]] = msgspec.field(default_factory=dict)
    declines: dict[str, facts.Decline] = msgspec.field(default_factory=dict)
    former_declines: dict[str, list[facts.Decline]] = msgspec.field(default_factory=dict)
    initial_assessments: dict[str, facts.InitialAssessment] = msgspec.field(default_factory=dict)
    action_plans: dict[str, facts.ActionPlan] = msgspec.field(default_factory=dict)
    reports: dict[str, facts.Report] = msgspec.field(default_factory=dict)
    conclusions: dict[str, facts.Conclusion] = msgspec.field(default_factory=dict)
    provider_changes: dict[str, facts.ProviderChange] = msgspec.field(default_factory=dict)
    status_changes: dict[str, facts.StatusChange] = msgspec.field(default_factory=dict)
    placement_offers: dict[str, facts.PlacementOffer] = msgspec.field(default_factory=dict)
    employment: dict[str, facts.EmploymentAssessment] = msgspec.field(default_factory=dict)
    plans: dict[str, facts.Plan] = msgspec.field(default_factory=dict)
    assessments: dict[str, facts.Assessment] = msgspec.field(default_factory=dict)
    temporary_releases: dict[str, TemporaryRelease] = msgspec.field(default_factory=dict)
    report_requests: dict[str, facts.ReportRequest] = msgspec.field(default_factory=dict)
    report_deliveries: dict[str, facts.ReportDelivery] = msgspec.field(default_factory=dict)


REGISTERS: Registers = (
    SUPERVISION_REGISTERS
    | END_REGISTER
    | {
        "SessionRecorded": Register("sessions", facts.Session, former="former_sessions"),
        "ContactOutcomeRecorded": Register("contacts", Contact),
        "ReferralRequested": Register("requests", facts.read_request),
        "ReferralMade": Register("placements", facts.Placement),
        "ReferralAccepted": Register("acceptances", facts.Acceptance, former="former_acceptances"),
        "ReferralDeclined": Register("declines", facts.Decline, former="former_declines"),
        "InitialAssessmentDelivered": Register("initial_assessments", facts.InitialAssessment),
        "ActionPlanSubmitted": Register("action_plans", facts.ActionPlan),
        "EndOfServiceReportSubmitted": Register("reports", facts.Report),
        "ReferralConcluded": Register("conclusions", facts.Conclusion),
        "ReferralTransferred": Register("provider_changes", facts.ProviderChange),
        "ProgrammeStatusChanged": Register("status_changes", facts.StatusChange),
        "PlacementOffered": Register("placement_offers", facts.PlacementOffer),
        "EmploymentNeedAssessed": Register("employment", facts.EmploymentAssessment),
        "SentencePlanCompleted": Register("plans", facts.Plan),
        "RiskAssessed": Register("assessments", facts.Assessment),
        "TemporaryReleaseGranted": Register("temporary_releases", TemporaryRelease),
        "PreSentenceReportRequested": Register("report_requests", facts.ReportRequest),
        "PreSentenceReportDelivered": Register("report_deliveries", facts.ReportDelivery),
    }
)
