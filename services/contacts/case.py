"""What the contacts service knows about a person: sentences, custody, the end, and the contacts by month."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

import msgspec

from schemas.words import AcceptableReason, Mode, Outcome
from services.contacts.supervision import Course, Custody, Supervision, licences, order, stays
from shared.engine.case import Case, Part, Record, Register

# Records: one a fact, with the fields that the rules need, named as the event's data names them.


class Requirement(msgspec.Struct, frozen=True, array_like=True):
    """One requirement of an order."""

    kind: str


class Sentence(Record, frozen=True, kw_only=True):
    """`SentenceImposed`."""

    sentence_id: str
    kind: str
    imposed_on: date
    ends_on: date | None
    region: str
    requirements: tuple[Requirement, ...] = ()


class Variation(Record, frozen=True, kw_only=True):
    """`SentenceVaried`."""

    sentence_id: str
    varied_on: date
    ends_on: date
    requirements: tuple[Requirement, ...] = ()


class Revocation(Record, frozen=True, kw_only=True):
    """`SentenceRevoked`, for whatever reason."""

    sentence_id: str
    revoked_on: date


class Release(Record, frozen=True, kw_only=True):
    """`PersonReleased`."""

    sentence_id: str
    released_on: date
    licence_ends_on: date
    pss_ends_on: date | None


class TakenIntoCustody(Record, frozen=True, kw_only=True):
    """`PersonTakenIntoCustody`, on any sentence or none."""

    custody_id: str
    taken_on: date


class LeftCustody(Record, frozen=True, kw_only=True):
    """`PersonLeftCustody`."""

    custody_id: str
    left_on: date


class Death(Record, frozen=True, kw_only=True):
    """`PersonDied`."""

    died_on: date


class SupervisionEnd(Record, frozen=True, kw_only=True):
    """`SupervisionEnded`, published by allocation."""

    sentence_id: str
    ended_on: date
    reason: str


class Allocation(Record, frozen=True, kw_only=True):
    """`CaseAllocated`, published by allocation."""

    practitioner_id: str
    allocated_on: date


class Contact(Record, frozen=True, kw_only=True):
    """A contact that has an outcome: `ContactOutcomeRecorded`, or a provider's `SessionRecorded`.

    `mode` is None for a provider's session: how it took place is not recorded, and no rule asks.
    """

    contact_id: str
    sentence_id: str
    requirement_id: str | None
    occurred_on: date
    mode: Mode | None
    national_standard: bool
    outcome: Outcome
    acceptable_reason: AcceptableReason | None


class Appointment(Record, frozen=True, kw_only=True):
    """`ContactScheduled`."""

    contact_id: str
    sentence_id: str
    scheduled_on: date
    mode: Mode
    national_standard: bool
    notified: bool


def session(data: Any) -> Contact:
    """A provider's session (`SessionRecorded`) as the contact that it is."""
    return Contact(
        contact_id=data.session_id,
        sentence_id=data.sentence_id,
        requirement_id=data.requirement_id,
        occurred_on=data.held_on,
        mode=None,
        national_standard=data.national_standard,
        outcome=data.outcome,
        acceptable_reason=data.acceptable_reason,
    )


class ContactsMonth(Part, kw_only=True):
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

    def without_outcome(self) -> Iterator[Appointment]:
        """The appointments of which nothing has been recorded."""
        for key, appointment in self.appointments.items():
            if key not in self.contacts and key not in self.sessions:
                yield appointment


class ContactsCase(Case, kw_only=True):
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

    def course(self, sentence_id: str) -> Course:
        """Supervision on a sentence from its start to its end; nothing while the sentence is unknown."""
        planned = self._planned(sentence_id)
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

    def _planned(self, sentence_id: str) -> list[Supervision]:
        """The stretches of supervision as if nothing had cut them short."""
        sentence = self.sentences.get(sentence_id)
        if sentence is None:
            return []
        if sentence.kind == "custodial":
            return licences(sentence, [r for r in self.releases.values() if r.sentence_id == sentence_id])
        return order(sentence, [v for v in self.variations.values() if v.sentence_id == sentence_id])


class Overview:
    """What the months ask of a case, each answer worked out once. The case does not change meanwhile."""

    def __init__(self, case: ContactsCase) -> None:
        self.sentences = case.sentences
        self._case = case
        self._custody: Custody | None = None
        self.courses = {sentence_id: case.course(sentence_id) for sentence_id in sorted(case.sentences)}
        """Supervision on each sentence."""

    def supervised_on(self, sentence_id: str, day: date) -> bool:
        """Is the person supervised on that sentence that day? The last day counts."""
        return any(stretch.first <= day <= stretch.last for stretch in self.courses[sentence_id].stretches)

    def custody(self) -> Custody:
        """When the person was held."""
        if self._custody is None:
            self._custody = self._case.custody()
        return self._custody


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
}

# A contact's appointment and outcome, and a provider's record of it, are one thing: they live in the month of
# the first of these that is there. What is published of a contact is keyed by its id, so it may not be found
# in two months at once.
MONTHLY_REGISTERS = {
    "ContactOutcomeRecorded": Register(
        "contacts", Contact, dated="occurred_on", thing="contact", former="former_contacts"
    ),
    "SessionRecorded": Register(
        "sessions", session, dated="occurred_on", thing="contact", former="former_sessions"
    ),
    "ContactScheduled": Register("appointments", Appointment, dated="scheduled_on", thing="contact"),
}


def began(case: ContactsCase) -> date | None:
    """The first day for which a month without any contact can have findings: the first of any supervision."""
    stretches = (stretch for sentence_id in case.sentences for stretch in case.course(sentence_id).stretches)
    return min((stretch.first for stretch in stretches), default=None)
