"""What the services tell each other of a person."""

from __future__ import annotations

from typing import Any

from tests.facts.base import Fact, Options, fact


def tier(day: str, tier: str, **options: Options) -> Fact:
    """A tier, known from that day on."""
    data = {"tier": tier, "protect_points": 0, "change_points": 0, "provisional": False}
    return fact("TierCalculated", day, data, options)


def allocated(
    day: str, reason: str = "new", *, to: str = "P1", sentence: str = "S1", **options: Options
) -> Fact:
    """A case is allocated to a practitioner."""
    data: dict[str, Any] = {
        "sentence_id": sentence,
        "practitioner_id": to,
        "team": "generic",
        "region": "london",
        "pdu": "camden",
        "allocated_on": day,
        "late": False,
        "reason": reason,
        "workload_percent_before": 50.0,
        "workload_percent_after": 60.0,
    }
    return fact("CaseAllocated", day, data, options)


def ended(day: str, reason: str = "completed", *, sentence: str = "S1", **options: Options) -> Fact:
    """Supervision ended."""
    data = {"sentence_id": sentence, "ended_on": day, "reason": reason, "practitioner_changes": 0}
    return fact("SupervisionEnded", day, data, options)


def placed(
    day: str, *, id: str = "F1", intervention: str = "I1", sentence: str = "S1", **options: Options
) -> Fact:
    """A referral takes a place on an intervention of V1 in London: a decision of the referrals service."""
    data: dict[str, Any] = {
        "referral_id": id,
        "sentence_id": sentence,
        "kind": "commissioned_service",
        "intervention_id": intervention,
        "provider_id": "V1",
        "cohorts": [],
        "desired_outcomes": [],
        "made_on": day,
        "region": "london",
        "sessions": 3,
    }
    return fact("ReferralMade", day, data, options)


def contact_suspended(day: str, ground: str = "reset", *, sentence: str = "S1", **options: Options) -> Fact:
    """Contact is suspended from that day on, by default in Probation Reset."""
    data = {"sentence_id": sentence, "from": day, "ground": ground, "approval": None}
    return fact("ContactSuspended", day, data, options)


def contact_resumed(day: str, ground: str = "reset", *, sentence: str = "S1", **options: Options) -> Fact:
    """Contact is resumed on that day."""
    data = {"sentence_id": sentence, "from": day, "ground": ground, "approval": None}
    return fact("ContactResumed", day, data, options)


def completed(
    day: str, kind: str = "rar", *, id: str = "RAR", sentence: str = "S1", **options: Options
) -> Fact:
    """A requirement is done."""
    data = {"requirement_id": id, "sentence_id": sentence, "kind": kind, "completed_on": day, "amount": None}
    return fact("RequirementCompleted", day, data, options)


def missed(
    day: str,
    outcome: str = "unacceptable_absence",
    *,
    id: str | None = None,
    sentence: str | None = "S1",
    decided: str | None = None,
    **options: Options,
) -> Fact:
    """A contact was missed; `decided` is the day of the decision if it had been open before."""
    data = {
        **_contact(day, id, sentence),
        "requirement_id": None,
        "outcome": outcome,
        "decided_on": decided,
    }
    return fact("ContactMissed", day, data, options)


def excused(
    day: str,
    reason: str = "medical",
    *,
    id: str | None = None,
    sentence: str | None = "S1",
    decided: str | None = None,
    **options: Options,
) -> Fact:
    """A missed contact was excused."""
    data = {
        **_contact(day, id, sentence),
        "requirement_id": None,
        "acceptable_reason": reason,
        "decided_on": decided,
    }
    return fact("ContactExcused", day, data, options)


def taken_back(
    day: str, missed: str, *, id: str | None = None, sentence: str | None = "S1", **options: Options
) -> Fact:
    """A failure of the day `missed` is taken back on that day."""
    data = {**_contact(missed, id, sentence), "taken_back_on": day}
    return fact("FailureTakenBack", day, data, options)


def undecided(day: str, *, id: str | None = None, sentence: str | None = "S1", **options: Options) -> Fact:
    """An absence is not decided yet."""
    return fact("AbsenceUndecided", day, _contact(day, id, sentence), options)


def withdrawn(day: str, of: Fact, reason: str = "corrected", **options: Options) -> Fact:
    """A service withdraws what it told."""
    data = {"withdraws": of.id, "withdrawn_type": of.type, "key": of.id, "reason": reason}
    return fact("Withdrawn", day, data, {"subject": of.subject, "event": f"{of.id}-{reason}", **options})


def _contact(day: str, id: str | None, sentence: str | None) -> dict[str, Any]:
    return {"contact_id": id or f"C-{day}", "sentence_id": sentence, "missed_on": day}
