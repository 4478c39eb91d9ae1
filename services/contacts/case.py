"""What the contacts service knows about a person: its registers, and the contacts by month."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import msgspec

from services.contacts.facts import (
    Appointment,
    Completion,
    Contact,
    PartnerCheck,
    Recall,
    SentencePlan,
    SuspensionRequest,
    Tier,
    TransferRequest,
    VictimContact,
    VictimUpdate,
    session,
)
from shared.engine.case import Part, Record, Register
from shared.probation.case import END_REGISTER, SUPERVISION_REGISTERS, SupervisedCase
from shared.probation.facts import (
    Allocation,
    ManagerDecision,
    PractitionerChange,
    RegistrationChange,
    ReleasePlan,
    RiskAssessment,
)


class ContactsMonth(Part, kw_only=True, omit_defaults=True):
    """The contacts of one calendar month."""

    contacts: dict[str, Contact] = msgspec.field(default_factory=dict)
    sessions: dict[str, Contact] = msgspec.field(default_factory=dict)
    appointments: dict[str, Appointment] = msgspec.field(default_factory=dict)
    former_contacts: dict[str, list[Contact]] = msgspec.field(default_factory=dict)
    former_sessions: dict[str, list[Contact]] = msgspec.field(default_factory=dict)

    def outcomes(self) -> Collection[Contact]:
        """All contacts with an outcome, sessions included, in no order.

        Where a provider and the practitioner recorded the same contact, the practitioner's record counts:
        they decide what the outcome is.
        """
        return (self.sessions | self.contacts).values() if self.sessions else self.contacts.values()

    def outcome_of(self, contact_id: str) -> Contact | None:
        """The outcome recorded of one contact, whether it counts or not; the practitioner's goes first."""
        return self.contacts.get(contact_id) or self.sessions.get(contact_id)

    def history(self, contact_id: str) -> list[Contact]:
        """All versions of a contact that has an outcome, as each came to count: the last one stands.

        A provider's record counts until the practitioner makes one. What was voided never counted.
        """
        provided, own = (
            [*former.get(contact_id, ()), standing[contact_id]] if contact_id in standing else []
            for standing, former in (
                (self.sessions, self.former_sessions),
                (self.contacts, self.former_contacts),
            )
        )
        return [said for said in provided if not own or said.stamp < own[0].stamp] + own


class Occasion(Record, frozen=True, kw_only=True):
    """What a month summary keeps of a contact or an appointment: its day, and the fact that tells it."""

    on: date


class Visit(Occasion, frozen=True, kw_only=True):
    """A visit at home, for one sentence or (None) for all."""

    sentence_id: str | None = None


class Unannounced(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A contact that was missed after a hand-over, and of which the person was not told since (CONT-30).

    `history` are its versions, the one that stands last; `told_on` is the day of a notice before that.
    """

    history: tuple[Contact, ...]
    told_on: date | None


class MonthSummary(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the case itself keeps of one month of contacts (see `summary`).

    By sentence, for each stage of supervision the first in this month: `offered`, the first appointment
    with the practitioner by the day on which one is due, and `attended`, the first that was attended before
    there was a sentence plan. `home_visits` are those made, in order. `in_reset` has the first contact that
    was attended in each suspension for Reset. `unannounced` and `first_met`: see `outcomes.hand_over`.
    """

    offered: dict[str, tuple[Occasion, ...]] = {}
    attended: dict[str, tuple[Occasion, ...]] = {}
    home_visits: tuple[Visit, ...] = ()
    in_reset: dict[str, tuple[Occasion, ...]] = {}
    unannounced: tuple[Unannounced, ...] = ()
    first_met: dict[str, date] = {}


class ContactsCase(SupervisedCase, kw_only=True, omit_defaults=True):
    """All that is known about a person but the contacts themselves."""

    allocations: dict[str, Allocation] = msgspec.field(default_factory=dict)
    completions: dict[str, Completion] = msgspec.field(default_factory=dict)
    tiers: dict[str, Tier] = msgspec.field(default_factory=dict)
    assessments: dict[str, RiskAssessment] = msgspec.field(default_factory=dict)
    registrations: dict[str, RegistrationChange] = msgspec.field(default_factory=dict)
    sentence_plans: dict[str, SentencePlan] = msgspec.field(default_factory=dict)
    suspension_requests: dict[str, SuspensionRequest] = msgspec.field(default_factory=dict)
    decisions: dict[str, ManagerDecision] = msgspec.field(default_factory=dict)
    partner_checks: dict[str, PartnerCheck] = msgspec.field(default_factory=dict)
    transfers: dict[str, TransferRequest] = msgspec.field(default_factory=dict)
    changes: dict[str, PractitionerChange] = msgspec.field(default_factory=dict)
    release_plans: dict[str, ReleasePlan] = msgspec.field(default_factory=dict)
    former_release_plans: dict[str, list[ReleasePlan]] = msgspec.field(default_factory=dict)
    victim_contacts: dict[str, VictimContact] = msgspec.field(default_factory=dict)
    victim_updates: dict[str, VictimUpdate] = msgspec.field(default_factory=dict)
    recalls: dict[str, Recall] = msgspec.field(default_factory=dict)
    month_summaries: dict[int, MonthSummary] = msgspec.field(default_factory=dict)
    """By number of the month."""


REGISTERS = (
    SUPERVISION_REGISTERS
    | END_REGISTER
    | {
        "CaseAllocated": Register("allocations", Allocation),
        "RequirementCompleted": Register("completions", Completion),
        "TierCalculated": Register("tiers", Tier),
        "RiskAssessed": Register("assessments", RiskAssessment),
        "RegistrationChanged": Register("registrations", RegistrationChange),
        "SentencePlanCompleted": Register("sentence_plans", SentencePlan),
        "ContactSuspensionRequested": Register("suspension_requests", SuspensionRequest),
        "ManagerDecisionRecorded": Register("decisions", ManagerDecision),
        "PartnerCheckCompleted": Register("partner_checks", PartnerCheck),
        "TransferRequested": Register("transfers", TransferRequest),
        "PractitionerChangeRequested": Register("changes", PractitionerChange),
        "ReleasePlanned": Register("release_plans", ReleasePlan, former="former_release_plans"),
        "VictimContactChanged": Register("victim_contacts", VictimContact),
        "VictimUpdated": Register("victim_updates", VictimUpdate),
        "RecallDecided": Register("recalls", Recall),
    }
)

# A contact's appointment and outcome, and a provider's record of it, are of one contact: they live in the
# month of the first of these that is there. What is published of a contact is keyed by its id, so it may not
# be found in two months at once.
MONTHLY_REGISTERS = {
    "ContactOutcomeRecorded": Register(
        "contacts", Contact, dated="occurred_on", identifies="contact", former="former_contacts"
    ),
    "SessionRecorded": Register(
        "sessions", session, dated="occurred_on", identifies="contact", former="former_sessions"
    ),
    "ContactScheduled": Register("appointments", Appointment, dated="scheduled_on", identifies="contact"),
}
