"""What the contacts service knows about a person: its registers, and the contacts by month."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import msgspec

from services.contacts.facts import (
    Allocation,
    Appointment,
    Completion,
    Contact,
    Death,
    Decision,
    Flag,
    LeftCustody,
    PartnerCheck,
    Plan,
    PractitionerChange,
    Release,
    Revocation,
    Risk,
    Sentence,
    SupervisionEnd,
    SuspensionRequest,
    TakenIntoCustody,
    Tier,
    TransferAcceptance,
    TransferRequest,
    Variation,
    risk,
    session,
)
from services.contacts.supervision import Course, Custody, Supervision, licences, order, stays, until_repeal
from shared.engine.case import Case, Part, Record, Register
from shared.policy import Policy


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
        the decision on an outcome is theirs.
        """
        return (self.sessions | self.contacts).values() if self.sessions else self.contacts.values()

    def history(self, contact_id: str) -> list[Contact]:
        """What was said of a contact that has an outcome, as it came to count: the last is what stands.

        A provider's word counts until the practitioner has spoken. What was taken back as never having
        happened never counted.
        """
        provided, own = (
            [*former.get(contact_id, ()), standing[contact_id]] if contact_id in standing else []
            for standing, former in (
                (self.sessions, self.former_sessions),
                (self.contacts, self.former_contacts),
            )
        )
        return [said for said in provided if not own or said.stamp < own[0].stamp] + own


class ContactsCase(Case, kw_only=True, omit_defaults=True):
    """All that is known about a person but the contacts themselves."""

    sentences: dict[str, Sentence] = msgspec.field(default_factory=dict)
    variations: dict[str, Variation] = msgspec.field(default_factory=dict)
    revocations: dict[str, Revocation] = msgspec.field(default_factory=dict)
    releases: dict[str, Release] = msgspec.field(default_factory=dict)
    taken: dict[str, TakenIntoCustody] = msgspec.field(default_factory=dict)
    left: dict[str, LeftCustody] = msgspec.field(default_factory=dict)
    deaths: dict[str, Death] = msgspec.field(default_factory=dict)
    ends: dict[str, SupervisionEnd] = msgspec.field(default_factory=dict)
    allocations: dict[str, Allocation] = msgspec.field(default_factory=dict)
    completions: dict[str, Completion] = msgspec.field(default_factory=dict)
    tiers: dict[str, Tier] = msgspec.field(default_factory=dict)
    risks: dict[str, Risk] = msgspec.field(default_factory=dict)
    flags: dict[str, Flag] = msgspec.field(default_factory=dict)
    plans: dict[str, Plan] = msgspec.field(default_factory=dict)
    suspension_requests: dict[str, SuspensionRequest] = msgspec.field(default_factory=dict)
    decisions: dict[str, Decision] = msgspec.field(default_factory=dict)
    partner_checks: dict[str, PartnerCheck] = msgspec.field(default_factory=dict)
    transfers: dict[str, TransferRequest] = msgspec.field(default_factory=dict)
    transfers_accepted: dict[str, TransferAcceptance] = msgspec.field(default_factory=dict)
    changes: dict[str, PractitionerChange] = msgspec.field(default_factory=dict)
    month_summaries: dict[int, MonthSummary] = msgspec.field(default_factory=dict)
    """What the case itself keeps of its months, by month; see `summary`."""

    def course(self, sentence_id: str, policy: Policy) -> Course:
        """Supervision on a sentence from its start to its end; nothing while the sentence is unknown."""
        planned = self._planned(sentence_id, policy)
        cut = self._cut_short_on(sentence_id)
        if not planned:
            return Course((), None, cut)
        runs_out = max(stretch.day_after for stretch in planned)
        if cut is None:
            return Course(tuple(planned), runs_out, None)
        stretches = tuple(part for stretch in planned if (part := stretch.until(cut)))
        return Course(stretches, min(cut, runs_out), cut)

    def _cut_short_on(self, sentence_id: str) -> date | None:
        if not (self.deaths or self.revocations or self.ends):
            return None  # by far the most
        days = [death.died_on for death in self.deaths.values()]
        days += [r.revoked_on for r in self.revocations.values() if r.sentence_id == sentence_id]
        ends = [end for end in self.ends.values() if end.sentence_id == sentence_id]
        days += [end.ended_on for end in ends if end.reason != "expired"]
        return min(days, default=None)

    def custody(self) -> Custody:
        """When the person was held."""
        return Custody(stays(self.taken.values(), self.left, self.releases.values()))

    def _planned(self, sentence_id: str, policy: Policy) -> list[Supervision]:
        """The stretches of supervision as if nothing had cut them short."""
        sentence = self.sentences.get(sentence_id)
        if sentence is None:
            return []
        if sentence.kind == "custodial":
            releases = [r for r in self.releases.values() if r.sentence_id == sentence_id]
            return until_repeal(licences(sentence, releases), policy)
        return order(sentence, [v for v in self.variations.values() if v.sentence_id == sentence_id])


class Occasion(Record, frozen=True, kw_only=True):
    """What a month summary keeps of a contact or an appointment: its day, and the fact that tells it."""

    on: date


class Visit(Occasion, frozen=True, kw_only=True):
    """A visit at home, for one sentence or (None) for all."""

    sentence_id: str | None = None


class MonthSummary(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the case itself keeps of one month of contacts, so that its own rules need not look at months.

    By sentence, for each stretch of supervision the first in this month: `offered`, the first appointment
    with the practitioner by the day on which one is due, and `attended`, the first that was attended before
    there was a sentence plan. `home_visits` are those made, in order. `in_reset` has the first that was
    attended in each suspension for Reset.
    """

    offered: dict[str, tuple[Occasion, ...]] = {}
    attended: dict[str, tuple[Occasion, ...]] = {}
    home_visits: tuple[Visit, ...] = ()
    in_reset: dict[str, tuple[Occasion, ...]] = {}


REGISTERS = {
    "SentenceImposed": Register("sentences", Sentence),
    "SentenceVaried": Register("variations", Variation),
    "SentenceRevoked": Register("revocations", Revocation),
    "PersonReleased": Register("releases", Release),
    "PersonTakenIntoCustody": Register("taken", TakenIntoCustody),
    "PersonLeftCustody": Register("left", LeftCustody),
    "PersonDied": Register("deaths", Death),
    "SupervisionEnded": Register("ends", SupervisionEnd),
    "CaseAllocated": Register("allocations", Allocation),
    "RequirementCompleted": Register("completions", Completion),
    "TierCalculated": Register("tiers", Tier),
    "RiskAssessed": Register("risks", risk),
    "RegistrationChanged": Register("flags", Flag),
    "SentencePlanCompleted": Register("plans", Plan),
    "ContactSuspensionRequested": Register("suspension_requests", SuspensionRequest),
    "ManagerDecisionRecorded": Register("decisions", Decision),
    "PartnerCheckCompleted": Register("partner_checks", PartnerCheck),
    "TransferRequested": Register("transfers", TransferRequest),
    "TransferAccepted": Register("transfers_accepted", TransferAcceptance),
    "PractitionerChangeRequested": Register("changes", PractitionerChange),
}

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
