"""More facts as the feeds tell them: what practitioners, managers and other agencies record about a case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.examples.facts import Fact, Options, fact, session


def registered(
    day: str, kind: str = "domestic_abuse", name: str = "G1", *, active: bool = True, **options: Options
) -> Fact:
    """A registration set from that day on; lifted on it if not active."""
    data: dict[str, Any] = {"registration_id": name, "kind": kind, "active": active, "effective_on": day}
    return fact("RegistrationChanged", day, name=f"{name}-{day}", **data | options)


def plan(
    day: str, name: str = "P1", *, sentence: str = "S1", every: int | None = None, **options: Options
) -> Fact:
    """A sentence plan with the person's own assessment; `every` so many days face to face, if it says so."""
    data: dict[str, Any] = {
        "plan_id": name,
        "sentence_id": sentence,
        "completed_on": day,
        "self_assessment": "included",
        "rehabilitative_need": False,
        "face_to_face_every_days": every,
    }
    return fact("SentencePlanCompleted", day, name=name, **data | options)


def suspension_requested(day: str, name: str = "Q1", sentence: str = "L1", **options: Options) -> Fact:
    """The practitioner asks to suspend contact."""
    data: dict[str, Any] = {"request_id": name, "sentence_id": sentence, "requested_on": day}
    return fact("ContactSuspensionRequested", day, name=name, **data | options)


def decision(
    day: str,
    about: str = "contact_suspension",
    name: str = "M1",
    *,
    sentence: str = "L1",
    approved: bool = True,
    **options: Options,
) -> Fact:
    """A manager decides, by default to agree to a suspension of contact."""
    data: dict[str, Any] = {
        "decision_id": name,
        "about": about,
        "sentence_id": sentence,
        "approved": approved,
        "decided_on": day,
    }
    return fact("ManagerDecisionRecorded", day, name=name, **data | options)


def partner_check(day: str, check: str, sentence: str = "S1", **options: Options) -> Fact:
    """Another agency answered: youth_offending_services, safeguarding_and_domestic_abuse or health."""
    data: dict[str, Any] = {"sentence_id": sentence, "check": check, "completed_on": day}
    return fact("PartnerCheckCompleted", day, name=f"{sentence}-{check}", **data | options)


def transfer_requested(
    day: str, name: str = "T1", *, region: str = "wales", pdu: str = "gwent", **options: Options
) -> Fact:
    """Another region or delivery unit is asked to take the person."""
    data: dict[str, Any] = {"transfer_id": name, "to_region": region, "to_pdu": pdu, "requested_on": day}
    return fact("TransferRequested", day, name=name, **data | options)


def transfer_accepted(
    day: str, name: str = "T1", *, region: str = "wales", pdu: str = "gwent", **options: Options
) -> Fact:
    """The other region or delivery unit takes the person."""
    data: dict[str, Any] = {"transfer_id": name, "to_region": region, "to_pdu": pdu, "accepted_on": day}
    return fact("TransferAccepted", day, name=name, **data | options)


def change_requested(
    day: str, name: str = "C1", *, sentence: str | None = None, reason: str = "leave", **options: Options
) -> Fact:
    """Another practitioner is asked for, by default for all sentences."""
    data: dict[str, Any] = {
        "change_id": name,
        "sentence_id": sentence,
        "reason": reason,
        "requested_on": day,
    }
    return fact("PractitionerChangeRequested", day, name=name, **data | options)


def used_up(last: str, days: int, requirement: str = "RAR", **options: Options) -> list[Fact]:
    """Activities that use up a RAR of so many days, one a day and the last on that day: it is completed."""
    dates = [date.fromisoformat(last) - timedelta(days=n) for n in reversed(range(days))]
    return [session(f"{requirement}-{on}", on.isoformat(), requirement, **options) for on in dates]
