"""A referrals case: what this service knows about one person, and when a sentence is live.

Facts about a sentence that is not known yet are kept and lead to nothing until it comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import msgspec

from schemas.words import Cohort, ContactKind, Outcome, Region, RequirementKind, SentenceKind, Sex
from shared.engine.assessment import ONE_DAY, Day
from shared.engine.case import Case, Record, Register, Registers


class Requirement(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One requirement as a court ordered it; `amount` in hours, days or sessions."""

    requirement_id: str
    kind: RequirementKind
    amount: int | None
    concurrent_with: str | None


class Person(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What the court says of the person."""

    sex: Sex
    cohorts: tuple[Cohort, ...]


class Sentence(Record, frozen=True, kw_only=True):
    """A sentence as it was imposed."""

    sentence_id: str
    kind: SentenceKind
    imposed_on: date
    ends_on: date | None
    region: Region
    requirements: tuple[Requirement, ...]
    person: Person

    @property
    def is_order(self) -> bool:
        """A community or suspended sentence order, as against a custodial sentence."""
        return self.kind != "custodial"


class Variation(Record, frozen=True, kw_only=True):
    """A court's change of an order: the new end and the new list of requirements."""

    sentence_id: str
    varied_on: date
    ends_on: date
    requirements: tuple[Requirement, ...]


class Revocation(Record, frozen=True, kw_only=True):
    """The end of a sentence by a court, a quashed one included."""

    sentence_id: str
    revoked_on: date


class Release(Record, frozen=True, kw_only=True):
    """A release on licence; there is one for each time after a recall."""

    sentence_id: str
    released_on: date
    licence_ends_on: date
    pss_ends_on: date | None


class Custody(Record, frozen=True, kw_only=True):
    """A stay in custody, from its first day."""

    custody_id: str
    taken_on: date


class Departure(Record, frozen=True, kw_only=True):
    """The end of a stay in custody."""

    custody_id: str
    left_on: date


class Session(Record, frozen=True, kw_only=True):
    """A session that a provider recorded; `minutes` are those attended."""

    session_id: str
    sentence_id: str
    referral_id: str | None
    requirement_id: str | None
    held_on: date
    activity: str
    minutes: int
    outcome: Outcome


class Contact(Record, frozen=True, kw_only=True):
    """The outcome of a contact with the practitioner; `sentence_id` is None where it names no sentence."""

    contact_id: str
    sentence_id: str | None
    requirement_id: str | None
    occurred_on: date
    kind: ContactKind
    outcome: Outcome


class Request(Record, frozen=True, kw_only=True):
    """A practitioner's request for an intervention: tells which requirement a referral meets."""

    referral_id: str
    requirement_id: str | None


class Death(Record, frozen=True, kw_only=True):
    """The person's death."""

    died_on: date


class End(Record, frozen=True, kw_only=True):
    """The end of supervision as the allocation service published it."""

    sentence_id: str
    ended_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Life:
    """When a sentence is live. An end dated in the future changes no day before it.

    An order: from its imposition to the end last set by a court. A licence: from the first release to the
    end of post-sentence supervision, or of the licence where there is none.
    """

    start: date | None
    """First day; None for someone not released yet."""
    runs_out_on: date
    """Last day if nothing ends it before."""
    cut_short_on: date | None
    """Day on which it was revoked, quashed or ended by death or otherwise before it ran out."""

    @property
    def last(self) -> date:
        """The last day, inclusive."""
        return self.runs_out_on if self.cut_short_on is None else self.cut_short_on

    def holds(self, day: date) -> bool:
        """Is the sentence live on that day?"""
        return self.start is not None and self.start <= day <= self.last

    def outlives(self, day: date) -> bool:
        """Is that day over before the sentence is? Its last one is, unless it was cut short on it."""
        return day <= self.runs_out_on if self.cut_short_on is None else day < self.cut_short_on

    @property
    def over_on(self) -> date | None:
        """The first day on which it is over: the very day for one that was cut short. None if it never is."""
        if self.cut_short_on is not None:
            return self.cut_short_on
        return self.runs_out_on + ONE_DAY if self.runs_out_on < date.max else None

    def is_over(self, today: Day) -> bool:
        """Has it ended?"""
        return self.over_on is not None and today.reached(self.over_on)


@dataclass(frozen=True, slots=True)
class Stay:
    """A time in custody: from `first` up to, but not on, `until`, the day of leaving (None: still there)."""

    first: date
    until: date | None

    def holds(self, day: date) -> bool:
        """Is the person held that day?"""
        return self.first <= day and (self.until is None or day < self.until)


class ReferralsCase(Case, kw_only=True):
    """The registers, one for each kind of fact; see `REGISTERS` for the events."""

    sentences: dict[str, Sentence] = msgspec.field(default_factory=dict)
    variations: dict[str, Variation] = msgspec.field(default_factory=dict)
    revocations: dict[str, Revocation] = msgspec.field(default_factory=dict)
    releases: dict[str, Release] = msgspec.field(default_factory=dict)
    custody: dict[str, Custody] = msgspec.field(default_factory=dict)
    departures: dict[str, Departure] = msgspec.field(default_factory=dict)
    sessions: dict[str, Session] = msgspec.field(default_factory=dict)
    contacts: dict[str, Contact] = msgspec.field(default_factory=dict)
    requests: dict[str, Request] = msgspec.field(default_factory=dict)
    deaths: dict[str, Death] = msgspec.field(default_factory=dict)
    ends: dict[str, End] = msgspec.field(default_factory=dict)

    def variations_of(self, sentence: Sentence) -> list[Variation]:
        """What courts changed of an order while it was running, in order."""
        if sentence.ends_on is None:
            return []
        found: list[Variation] = []
        last = sentence.ends_on
        of_sentence = (v for v in self.variations.values() if v.sentence_id == sentence.sentence_id)
        for variation in sorted(of_sentence, key=lambda v: v.varied_on):
            if sentence.imposed_on <= variation.varied_on <= last:
                found.append(variation)
                last = last_day(variation)
        return found

    def life(self, sentence: Sentence) -> Life:
        """When the sentence is live."""
        start: date | None = sentence.imposed_on
        runs_out_on = sentence.ends_on or date.max
        if sentence.is_order:
            for variation in self.variations_of(sentence):
                runs_out_on = last_day(variation)
        else:
            releases = [r for r in self.releases.values() if r.sentence_id == sentence.sentence_id]
            releases.sort(key=lambda r: r.released_on)
            start = releases[0].released_on if releases else None
            if releases:
                runs_out_on = releases[-1].pss_ends_on or releases[-1].licence_ends_on
        return Life(start, runs_out_on, self._cut_short_on(sentence, runs_out_on))

    def _cut_short_on(self, sentence: Sentence, runs_out_on: date) -> date | None:
        days = [death.died_on for death in self.deaths.values()]
        if (revocation := self.revocations.get(sentence.sentence_id)) is not None:
            days.append(revocation.revoked_on)
        # That it expired says only that it ran out.
        ends = [end for end in self.ends.values() if end.sentence_id == sentence.sentence_id]
        days += [end.ended_on for end in ends if end.reason != "expired"]
        return min((day for day in days if day <= runs_out_on), default=None)

    def stays(self) -> list[Stay]:
        """The person's times in custody, in order. A release ends a stay of which no end was recorded."""
        stays = []
        for custody in self.custody.values():
            departure = self.departures.get(custody.custody_id)
            if departure is not None:
                until: date | None = departure.left_on
            else:
                released = (r.released_on for r in self.releases.values())
                until = min((day for day in released if day > custody.taken_on), default=None)
            stays.append(Stay(custody.taken_on, until))
        return sorted(stays, key=lambda stay: (stay.first, stay.until or date.max))

    def requirement_of(self, session: Session) -> str | None:
        """The requirement that a session was for: as it says, or as its referral does.

        The referral that a requirement leads to by itself bears the requirement's id.
        """
        if session.requirement_id is not None or session.referral_id is None:
            return session.requirement_id
        request = self.requests.get(session.referral_id)
        return session.referral_id if request is None else request.requirement_id


def last_day(variation: Variation) -> date:
    """The order's last day as varied: a court cannot end an order before the day on which it sits."""
    return max(variation.ends_on, variation.varied_on)


REGISTERS: Registers = {
    "SentenceImposed": Register("sentences", Sentence),
    "SentenceVaried": Register("variations", Variation),
    "SentenceRevoked": Register("revocations", Revocation),
    "PersonReleased": Register("releases", Release),
    "PersonTakenIntoCustody": Register("custody", Custody),
    "PersonLeftCustody": Register("departures", Departure),
    "SessionRecorded": Register("sessions", Session),
    "ContactOutcomeRecorded": Register("contacts", Contact),
    "ReferralRequested": Register("requests", Request),
    "PersonDied": Register("deaths", Death),
    "SupervisionEnded": Register("ends", End),
}
"""What the service reads about a person, by event type."""
