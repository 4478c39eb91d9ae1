"""Facts about one person, as the feeds tell them, and what the referrals service's rules say of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from schemas.allocation import SupervisionEnded
from schemas.catalogue import correction_key
from schemas.court import Court, Person, Requirement, SentenceImposed, SentenceRevoked, SentenceVaried
from schemas.envelope import Data, Why
from schemas.practice import ContactOutcomeRecorded, PersonDied, ReferralRequested
from schemas.prison import PersonLeftCustody, PersonReleased, PersonTakenIntoCustody
from schemas.providers import SessionRecorded
from services.referrals.app import SERVICE
from services.referrals.case import REGISTERS, ReferralsCase
from shared.engine.assessment import Finding
from shared.engine.casebook import assess

POLICY = SERVICE.load_policy()
WHY = Why(rules=["ALLOC-2"], policy="allocation@2021-06-26", evidence=[])


def day(text: str) -> date:
    return date.fromisoformat(text)


def requirement(
    kind: Any, amount: int | None, id: str = "R1", concurrent_with: str | None = None
) -> Requirement:
    return Requirement(requirement_id=id, kind=kind, amount=amount, concurrent_with=concurrent_with)


def work(hours: int, id: str = "R1", concurrent_with: str | None = None) -> Requirement:
    return requirement("unpaid_work", hours, id, concurrent_with)


def rar(days: int, id: str = "R1") -> Requirement:
    return requirement("rar", days, id)


def order(
    imposed: str,
    ends: str,
    *requirements: Requirement,
    id: str = "S1",
    kind: Any = "community_order",
    sex: Any = "male",
    cohorts: Any = (),
    voided: bool = False,
) -> SentenceImposed:
    return SentenceImposed(
        sentence_id=id,
        kind=kind,
        imposed_on=day(imposed),
        ends_on=None if kind == "custodial" else day(ends),
        court=Court(name="Leeds", level="crown"),
        region="london",
        pdu="Camden",
        requirements=list(requirements),
        person=Person(born_on=date(1990, 1, 1), sex=sex, cohorts=list(cohorts)),
        partner_violence=False,
        sexual_offence=False,
        extremism_offence=False,
        voided=voided,
    )


def custodial(imposed: str, *requirements: Requirement, id: str = "S1") -> SentenceImposed:
    return order(imposed, "", *requirements, id=id, kind="custodial")


def varied(on: str, ends: str, *requirements: Requirement, id: str = "S1") -> SentenceVaried:
    return SentenceVaried(
        sentence_id=id, varied_on=day(on), ends_on=day(ends), requirements=list(requirements)
    )


def revoked(on: str, id: str = "S1", reason: Any = "breach") -> SentenceRevoked:
    return SentenceRevoked(sentence_id=id, revoked_on=day(on), reason=reason)


def released(on: str, licence_ends: str, pss_ends: str | None = None, id: str = "S1") -> PersonReleased:
    return PersonReleased(
        sentence_id=id,
        released_on=day(on),
        licence_ends_on=day(licence_ends),
        pss_ends_on=day(pss_ends) if pss_ends else None,
    )


def taken(on: str, id: str = "K1") -> PersonTakenIntoCustody:
    return PersonTakenIntoCustody(custody_id=id, taken_on=day(on), reason="remand")


def left(on: str, id: str = "K1") -> PersonLeftCustody:
    return PersonLeftCustody(custody_id=id, left_on=day(on))


def died(on: str) -> PersonDied:
    return PersonDied(died_on=day(on))


def ended(on: str, reason: Any = "completed", id: str = "S1") -> SupervisionEnded:
    return SupervisionEnded(sentence_id=id, ended_on=day(on), reason=reason, practitioner_changes=0, why=WHY)


def session(
    on: str,
    minutes: int = 420,
    activity: Any = "unpaid_work",
    outcome: Any = "complied",
    *,
    id: str | None = None,
    requirement: str | None = "R1",
    sentence: str = "S1",
    referral: str | None = None,
    reason: Any = None,
    voided: bool = False,
) -> SessionRecorded:
    return SessionRecorded(
        session_id=id or f"P-{on}",
        sentence_id=sentence,
        referral_id=referral,
        requirement_id=requirement,
        held_on=day(on),
        activity=activity,
        minutes=minutes,
        outcome=outcome,
        acceptable_reason=reason,
        national_standard=True,
        voided=voided,
    )


def course(on: str, minutes: int = 420, **fields: Any) -> SessionRecorded:
    """A session of education, training and employment within unpaid work."""
    return session(on, minutes, "employment_training_education", **fields)


def activity(on: str, outcome: Any = "complied", **fields: Any) -> SessionRecorded:
    """A session of an intervention: of a programme, of a treatment, or an activity under a RAR."""
    return session(on, 120, "session", outcome, **fields)


def contact(
    on: str,
    kind: Any = "session",
    outcome: Any = "complied",
    *,
    id: str | None = None,
    requirement: str = "R1",
    sentence: str | None = "S1",
) -> ContactOutcomeRecorded:
    return ContactOutcomeRecorded(
        contact_id=id or f"C-{on}",
        sentence_id=sentence,
        requirement_id=requirement,
        occurred_on=day(on),
        kind=kind,
        mode="face_to_face",
        national_standard=True,
        outcome=outcome,
    )


def requested(id: str, requirement: str | None) -> ReferralRequested:
    return ReferralRequested(
        referral_id=id,
        sentence_id="S1",
        requirement_id=requirement,
        requested_on=day("2026-01-12"),
        kind="commissioned_service",
        need="accommodation",
        ready_to_start=True,
    )


class Known:
    """The case that these facts make, each standing in its register under the key the catalogue gives it."""

    def __init__(self, *facts: Data) -> None:
        self.case = ReferralsCase(subject="X123456")
        for n, fact in enumerate(facts):
            kind, id = type(fact).__name__, f"E{n:03d}"
            register = REGISTERS[kind]
            key = id if isinstance(fact, SupervisionEnded) else correction_key(kind, fact)
            getattr(self.case, register.into)[key] = register.record(fact, id, "/feeds/test", n)

    def on(self, today: str | date) -> Said:
        """What the rules say on a day."""
        return Said(self.case, day(today) if isinstance(today, str) else today)


class Said:
    """All findings of a case on a day, and the day until which they hold."""

    def __init__(self, case: ReferralsCase, today: date) -> None:
        self.assessment = assess(SERVICE.person, case, today, POLICY)
        self.wake_on = self.assessment.wake_on

    def findings(self, event: type) -> list[Finding]:
        return [f for f in self.assessment.findings if type(f.event) is event]

    def of(self, event: type) -> list[Any]:
        """The data of the findings of that kind that stand."""
        return [f.event for f in self.findings(event) if self.assessment.closed(f) is None]

    def summary(self) -> set[tuple[str, str, str, str | None]]:
        return {
            (type(f.event).__name__, f.key, f.event.model_dump_json(), self.assessment.closed(f))
            for f in self.assessment.findings
        }
