"""Facts about one person, as the feeds tell them; `Known` says what the rules of contacts make of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from schemas.allocation import CaseAllocated, SupervisionEnded, TierCalculated
from schemas.contacts import ContactStandardMissed
from schemas.court import (
    Court,
    Person,
    Requirement,
    SentenceImposed,
    SentenceRevoked,
    SentenceVaried,
)
from schemas.envelope import Data, Why
from schemas.practice import (
    ContactOutcomeRecorded,
    ContactScheduled,
    ContactSuspensionRequested,
    ManagerDecisionRecorded,
    Mappa,
    PartnerCheckCompleted,
    PersonDied,
    PractitionerChangeRequested,
    RegistrationChanged,
    RiskAssessed,
    ScoredNeed,
    SentencePlanCompleted,
    TransferAccepted,
    TransferRequested,
)
from schemas.prison import PersonLeftCustody, PersonReleased, PersonTakenIntoCustody
from schemas.providers import SessionRecorded
from schemas.referrals import RequirementCompleted
from tests.contacts.known import POLICY as POLICY
from tests.contacts.known import Known as Known
from tests.contacts.known import Recorded as Recorded
from tests.contacts.known import Said as Said
from tests.contacts.known import dated as dated
from tests.contacts.known import keys as keys
from tests.contacts.known import recorded as recorded
from tests.contacts.known import recording as recording

WHY = Why(rules=["ALLOC-2"], policy="allocation@2021-06-26", evidence=[])


def day(text: str) -> date:
    return date.fromisoformat(text)


def requirements(*kinds: Any) -> list[Requirement]:
    return [
        Requirement(requirement_id=f"R{n}", kind=kind, amount=100 if kind in ("rar", "unpaid_work") else None)
        for n, kind in enumerate(kinds, 1)
    ]


def sentence(
    kind: Any,
    imposed: str,
    ends: str | None,
    id: str = "S1",
    only: tuple[str, ...] = ("rar",),
    *,
    region: Any = "london",
    pdu: str = "Camden",
    born: str = "1990-01-01",
    cohorts: tuple[Any, ...] = (),
) -> Data:
    return SentenceImposed(
        sentence_id=id,
        kind=kind,
        imposed_on=day(imposed),
        ends_on=day(ends) if ends else None,
        custodial_days=None if ends else 180,
        court=Court(name="Leeds", level="crown"),
        region=region,
        pdu=pdu,
        requirements=requirements(*only) if ends else [],
        person=Person(born_on=day(born), sex="male", cohorts=list(cohorts)),
        partner_violence=False,
        sexual_offence=False,
        extremism_offence=False,
    )


def order(imposed: str, ends: str, id: str = "S1", only: tuple[str, ...] = ("rar",)) -> Data:
    return sentence("community_order", imposed, ends, id, only)


def custodial(imposed: str, id: str = "S1") -> Data:
    return sentence("custodial", imposed, None, id)


def varied(on: str, ends: str, id: str = "S1", only: tuple[str, ...] = ("rar",)) -> Data:
    return SentenceVaried(
        sentence_id=id, varied_on=day(on), ends_on=day(ends), requirements=requirements(*only)
    )


def revoked(on: str, id: str = "S1", reason: Any = "breach") -> Data:
    return SentenceRevoked(sentence_id=id, revoked_on=day(on), reason=reason)


def released(on: str, licence: str, pss: str | None = None, id: str = "S1") -> Data:
    return PersonReleased(
        sentence_id=id,
        released_on=day(on),
        licence_ends_on=day(licence),
        pss_ends_on=day(pss) if pss else None,
    )


def taken(on: str, id: str = "K1", reason: Any = "remand") -> Data:
    return PersonTakenIntoCustody(custody_id=id, taken_on=day(on), reason=reason)


def left(on: str, id: str = "K1") -> Data:
    return PersonLeftCustody(custody_id=id, left_on=day(on))


def died(on: str) -> Data:
    return PersonDied(died_on=day(on))


def ended(on: str, id: str = "S1", reason: Any = "completed") -> Data:
    return SupervisionEnded(sentence_id=id, ended_on=day(on), reason=reason, practitioner_changes=0, why=WHY)


def allocated(
    on: str, practitioner: str, id: str = "S1", *, reason: Any = "new", pdu: str = "Camden"
) -> Data:
    return CaseAllocated(
        sentence_id=id,
        practitioner_id=practitioner,
        team="generic",
        region="london",
        pdu=pdu,
        allocated_on=day(on),
        late=False,
        reason=reason,
        workload_percent_before=50.0,
        workload_percent_after=60.0,
        why=WHY,
    )


def completed(on: str, requirement: str = "R1", sentence: str = "S1", kind: Any = "unpaid_work") -> Data:
    """A requirement of that sentence is done."""
    return RequirementCompleted(
        requirement_id=requirement, sentence_id=sentence, kind=kind, completed_on=day(on), why=WHY
    )


def tier(tier: str, *, provisional: bool = False) -> Data:
    """A tier, known from when it was recorded: give it with `recorded`."""
    return TierCalculated(tier=tier, protect_points=0, change_points=0, provisional=provisional, why=WHY)


def risk(
    on: str,
    rosh: Any = "low",
    *,
    id: str | None = None,
    needs: tuple[Any, ...] = (),
    mappa: Any = None,
    **severities: Any,
) -> Data:
    """A risk assessment: with those needs (standard), and others by their severity; `mappa` a level."""
    scored = dict.fromkeys(needs, "standard") | severities
    return RiskAssessed(
        assessment_id=id or f"A-{on}",
        assessed_on=day(on),
        rosh=rosh,
        mappa=Mappa(level=mappa, category=1) if mappa else None,
        needs=[ScoredNeed(need=need, severity=severity) for need, severity in scored.items()],
    )


def registered(on: str, kind: Any = "domestic_abuse", id: str | None = None, *, active: bool = True) -> Data:
    """A registration is set."""
    return RegistrationChanged(
        registration_id=id or f"G-{kind}", kind=kind, active=active, effective_on=day(on)
    )


def lifted(on: str, kind: Any = "domestic_abuse", id: str | None = None) -> Data:
    """A registration is lifted."""
    return registered(on, kind, id, active=False)


def plan(
    on: str,
    *,
    id: str | None = None,
    sentence: str = "S1",
    self_assessment: Any = "included",
    need: bool = False,
    every: int | None = None,
) -> Data:
    """A sentence plan, or (later) the practitioner's review of it."""
    return SentencePlanCompleted(
        plan_id=id or f"L-{on}",
        sentence_id=sentence,
        completed_on=day(on),
        self_assessment=self_assessment,
        rehabilitative_need=need,
        face_to_face_every_days=every,
    )


def suspension_asked(on: str, *, id: str = "Q1", sentence: str = "S1") -> Data:
    """The practitioner asks to suspend contact."""
    return ContactSuspensionRequested(request_id=id, sentence_id=sentence, requested_on=day(on))


def decided(
    on: str,
    approved: bool = True,
    *,
    about: Any = "contact_suspension",
    id: str | None = None,
    sentence: str = "S1",
) -> Data:
    """A manager decided."""
    return ManagerDecisionRecorded(
        decision_id=id or f"M-{on}", about=about, sentence_id=sentence, approved=approved, decided_on=day(on)
    )


def checked(check: Any, on: str, sentence: str = "S1") -> Data:
    """A partner agency answered."""
    return PartnerCheckCompleted(sentence_id=sentence, check=check, completed_on=day(on))


def transfer_asked(on: str, id: str = "T1") -> Data:
    return TransferRequested(transfer_id=id, to_region="wales", to_pdu="Gwent", requested_on=day(on))


def transfer_accepted(on: str, id: str = "T1") -> Data:
    return TransferAccepted(transfer_id=id, to_region="wales", to_pdu="Gwent", accepted_on=day(on))


def change_asked(on: str, id: str = "H1", sentence: str | None = None) -> Data:
    """Another practitioner is asked for."""
    return PractitionerChangeRequested(
        change_id=id, sentence_id=sentence, reason="leave", requested_on=day(on)
    )


def contact(
    on: str,
    outcome: Any = "complied",
    mode: Any = "face_to_face",
    *,
    id: str | None = None,
    sentence: str | None = "S1",
    ns: bool = True,
    reason: Any = None,
    requirement: str | None = None,
    kind: Any = "planned",
    voided: bool = False,
) -> Data:
    return ContactOutcomeRecorded(
        contact_id=id or f"C-{on}",
        sentence_id=sentence,
        requirement_id=requirement,
        occurred_on=day(on),
        kind=kind,
        mode=mode,
        national_standard=ns,
        outcome=outcome,
        acceptable_reason=reason or ("medical" if outcome == "acceptable_absence" else None),
        voided=voided,
    )


def scheduled(
    on: str,
    mode: Any = "face_to_face",
    *,
    id: str | None = None,
    sentence: str | None = "S1",
    ns: bool = True,
    notified: bool = True,
    requirement: str | None = None,
    kind: Any = "planned",
    voided: bool = False,
) -> Data:
    return ContactScheduled(
        contact_id=id or f"C-{on}",
        sentence_id=sentence,
        requirement_id=requirement,
        scheduled_on=day(on),
        kind=kind,
        mode=mode,
        national_standard=ns,
        notified=notified,
        voided=voided,
    )


def session(
    on: str,
    outcome: Any = "complied",
    *,
    id: str | None = None,
    sentence: str = "S1",
    activity: Any = "unpaid_work",
    ns: bool = True,
    reason: Any = None,
) -> Data:
    return SessionRecorded(
        session_id=id or f"P-{on}",
        sentence_id=sentence,
        requirement_id="R1",
        held_on=day(on),
        activity=activity,
        minutes=420 if outcome == "complied" else 0,
        outcome=outcome,
        acceptable_reason=reason or ("medical" if outcome == "acceptable_absence" else None),
        national_standard=ns,
    )


EXEMPT = risk("2020-01-01", "very_high", id="A0")
"""A risk that keeps the last third of supervision from being reset."""

MARCH = order("2026-03-01", "2026-03-31")
"""An order of one monthly period, 1 to 31 March."""

MET: list[tuple[int, bool]] = []
MISSED = [(0, False)]
EXCUSED = [(0, True)]


def missed(*facts: Data | Recorded, order: Data = MARCH, on: str = "2026-04-01") -> list[tuple[int, bool]]:
    """(attended, excused) of each period missed."""
    found = Known(order, *facts, EXEMPT).on(on).of(ContactStandardMissed)
    return [(finding.event.attended, finding.event.excused) for finding in found]
