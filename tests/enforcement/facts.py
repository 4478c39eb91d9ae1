"""Facts about one person, as the feeds and services tell them, and what enforcement says of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, TypeVar

from schemas.allocation import SupervisionEnded
from schemas.catalogue import correction_key
from schemas.contacts import AbsenceUndecided, ContactExcused, ContactMissed
from schemas.court import (
    BreachHearingResulted,
    Court,
    Person,
    SentenceImposed,
    SentenceRevoked,
    SentenceVaried,
)
from schemas.envelope import Data, Published, Why
from schemas.practice import EnforcementActionTaken, PersonDied
from schemas.prison import PersonReleased
from services.enforcement.app import SERVICE
from services.enforcement.case import REGISTERS, EnforcementCase
from shared.calendar import LONDON
from shared.engine.assessment import Finding
from shared.engine.casebook import assess
from shared.policy import Policy

POLICY = SERVICE.load_policy()
WHY = Why(rules=["CONT-14"], policy="contacts@2021-06-26", evidence=[])

Event = TypeVar("Event", bound=Published)


def day(text: str) -> date:
    return date.fromisoformat(text)


def sentence(
    kind: Any = "community_order",
    imposed: str = "2026-01-05",
    ends: str | None = "2027-12-31",
    id: str = "S1",
    level: Any = "magistrates",
) -> Data:
    return SentenceImposed(
        sentence_id=id,
        kind=kind,
        imposed_on=day(imposed),
        ends_on=day(ends) if ends else None,
        court=Court(name="Leeds", level=level),
        region="london",
        pdu="Camden",
        person=Person(born_on=date(1990, 1, 1), sex="male"),
        partner_violence=False,
        sexual_offence=False,
        extremism_offence=False,
    )


def custodial(imposed: str = "2025-01-06", id: str = "L1") -> Data:
    return sentence("custodial", imposed, None, id)


def varied(on: str, ends: str, id: str = "S1") -> Data:
    return SentenceVaried(sentence_id=id, varied_on=day(on), ends_on=day(ends), requirements=[])


def revoked(on: str, reason: Any = "resentenced", id: str = "S1") -> Data:
    return SentenceRevoked(sentence_id=id, revoked_on=day(on), reason=reason)


def released(on: str, licence: str, pss: str | None = None, id: str = "L1") -> Data:
    return PersonReleased(
        sentence_id=id,
        released_on=day(on),
        licence_ends_on=day(licence),
        pss_ends_on=day(pss) if pss else None,
    )


def died(on: str) -> Data:
    return PersonDied(died_on=day(on))


def ended(on: str, reason: Any = "completed", id: str = "S1") -> Data:
    return SupervisionEnded(sentence_id=id, ended_on=day(on), reason=reason, practitioner_changes=0, why=WHY)


def missed(on: str, contact: str | None = None, sentence: str = "S1", decided: str | None = None) -> Data:
    return ContactMissed(
        contact_id=contact or f"C-{on}",
        sentence_id=sentence,
        missed_on=day(on),
        outcome="unacceptable_absence",
        decided_on=day(decided) if decided else None,
        why=WHY,
    )


def excused(on: str, contact: str | None = None, sentence: str = "S1", decided: str | None = None) -> Data:
    return ContactExcused(
        contact_id=contact or f"C-{on}",
        sentence_id=sentence,
        missed_on=day(on),
        acceptable_reason="medical",
        decided_on=day(decided) if decided else None,
        why=WHY,
    )


def undecided(on: str, contact: str | None = None, sentence: str = "S1") -> Data:
    return AbsenceUndecided(contact_id=contact or f"C-{on}", sentence_id=sentence, missed_on=day(on), why=WHY)


def action(
    what: Any, at: str, contact: str | None = None, *, sentence: str = "S1", id: str | None = None
) -> Data:
    """An action; `at` is a time in London, or a date (then at ten in the morning)."""
    when = datetime.fromisoformat(at if "T" in at else f"{at}T10:00")
    return EnforcementActionTaken(
        action_id=id or f"A-{what}-{at}".replace(":", ""),
        sentence_id=sentence,
        contact_id=contact,
        taken_at=when.replace(tzinfo=LONDON),
        action=what,
    )


def warned(at: str, contact: str | None = None, sentence: str = "S1") -> Data:
    return action("warning", at, contact, sentence=sentence)


def initiated(at: str, contact: str | None = None, sentence: str = "S1") -> Data:
    return action("breach_initiated", at, contact, sentence=sentence)


def heard(on: str, outcome: Any = "not_proven", id: str | None = None, sentence: str = "S1") -> Data:
    return BreachHearingResulted(
        hearing_id=id or f"H-{on}", sentence_id=sentence, heard_on=day(on), outcome=outcome
    )


def case_of(facts: Iterable[Data]) -> EnforcementCase:
    """The case that these facts make, each of them standing, in the registers where the engine puts them."""
    case = EnforcementCase(subject="X123456")
    for n, fact in enumerate(facts):
        register = REGISTERS[type(fact).__name__]
        key = correction_key(type(fact).__name__, fact)
        record = register.record(fact, f"E{n}", "/feeds/test", n)
        getattr(case, register.into)[f"E{n}" if isinstance(fact, Published) else key] = record
    return case


class Said:
    """What the rules say of some facts on a day, and until when it holds."""

    def __init__(self, *facts: Data, on: str | date, policy: Policy = POLICY) -> None:
        today = day(on) if isinstance(on, str) else on
        self.assessment = assess(SERVICE.person, case_of(facts), today, policy)
        self.wake_on = self.assessment.wake_on

    def findings(self, event: type[Published]) -> list[Finding]:
        return [finding for finding in self.assessment.findings if type(finding.event) is event]

    def open(self, event: type[Event]) -> dict[str, Event]:
        """The findings of a type that stand: their events by key."""
        return {f.key: f.event for f in self.findings(event) if self.assessment.closed(f) is None}

    def closed(self, event: type[Published]) -> dict[str, str]:
        """Why findings of a type no longer stand, by key."""
        return {f.key: how for f in self.findings(event) if (how := self.assessment.closed(f)) is not None}

    def summary(self) -> list[tuple[str, str, str, str | None]]:
        return sorted(
            (type(f.event).__name__, f.key, f.event.model_dump_json(), self.assessment.closed(f))
            for f in self.assessment.findings
        )
