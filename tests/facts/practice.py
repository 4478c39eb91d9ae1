"""What practitioners, managers, partner agencies and providers record about a person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.facts.base import Fact, Options, days_from, fact, moment


def died(day: str, **options: Options) -> Fact:
    """The person died."""
    return fact("PersonDied", day, {"died_on": day}, options)


def limited(day: str, *, id: str = "R1", **options: Options) -> Fact:
    """Access to the case is limited from that day on."""
    data = {"access_id": id, "limited": True, "effective_on": day}
    return fact("CaseAccessChanged", day, data, options)


def unlimited(day: str, *, id: str = "R1", **options: Options) -> Fact:
    """A restriction of access no longer applies from that day on."""
    return limited(day, id=id, **{"limited": False, **options})


def erased(day: str, **options: Options) -> Fact:
    """All that is held about the person is to be erased."""
    return fact("PersonErased", day, {"erased_on": day}, options)


def merged(day: str, into: str, **options: Options) -> Fact:
    """The record turns out to be one with another person's, into which it goes."""
    return fact("PersonMerged", day, {"into": into}, options)


def unmerged(day: str, reactivated: str, **options: Options) -> Fact:
    """A record that went into this one is another person's after all."""
    data = {"reactivated": reactivated, "unmerged_on": day}
    return fact("PersonUnmerged", day, data, options)


def risk(
    day: str,
    rosh: str = "medium",
    *,
    id: str | None = None,
    needs: str = "attitudes",
    severe: str = "drugs",
    unscored: str = "",
    mappa: int | dict[str, int] | None = None,
    **options: Options,
) -> Fact:
    """A risk assessment, by default of a C2 case: medium risk, twelve change points.

    `needs` are standard ones by name, `severe` those that are severe, `unscored` those scored as none;
    `mappa` is a level, of category 1.
    """
    scored = [{"need": need, "severity": "standard"} for need in needs.split()]
    scored += [{"need": need, "severity": "severe"} for need in severe.split()]
    scored += [{"need": need, "severity": "none"} for need in unscored.split()]
    data: dict[str, Any] = {
        "assessment_id": id or f"A-{day}",
        "assessed_on": day,
        "rosh": rosh,
        "rsr": 1.0,
        "ogrs": 80,
        "mappa": {"level": mappa, "category": 1} if isinstance(mappa, int) else mappa,
        "needs": scored,
        "complexity_flags": 0,
        "integrated_offender_management": False,
    }
    return fact("RiskAssessed", day, data, options)


def registered(day: str, kind: str = "domestic_abuse", *, id: str | None = None, **options: Options) -> Fact:
    """A registration is set."""
    data = {"registration_id": id or f"G-{kind}", "kind": kind, "active": True, "effective_on": day}
    return fact("RegistrationChanged", day, data, options)


def lifted(day: str, kind: str = "domestic_abuse", *, id: str | None = None, **options: Options) -> Fact:
    """A registration is lifted."""
    return registered(day, kind, id=id, active=False, **options)


def plan(
    day: str, *, id: str | None = None, sentence: str = "S1", every: int | None = None, **options: Options
) -> Fact:
    """A sentence plan, or (later) the review of it; `every` so many days face to face, if it says so."""
    data: dict[str, Any] = {
        "plan_id": id or f"L-{day}",
        "sentence_id": sentence,
        "completed_on": day,
        "self_assessment": "included",
        "rehabilitative_need": False,
        "face_to_face_every_days": every,
    }
    return fact("SentencePlanCompleted", day, data, options)


def victim_asks(day: str, *, id: str = "V1", sentence: str = "S1", **options: Options) -> Fact:
    """A victim wants to be kept informed from that day on."""
    data = {"victim_contact_id": id, "sentence_id": sentence, "opted_in": True, "effective_on": day}
    return fact("VictimContactChanged", day, data, options)


def victim_stops(day: str, *, id: str = "V1", sentence: str = "S1", **options: Options) -> Fact:
    """A victim no longer wants to be kept informed."""
    return victim_asks(day, id=id, sentence=sentence, opted_in=False, **options)


def victims_told(
    day: str, trigger: str, *, id: str | None = None, sentence: str = "S1", **options: Options
) -> Fact:
    """The victims were told of something."""
    data = {"update_id": id or f"T-{day}", "sentence_id": sentence, "trigger": trigger, "told_on": day}
    return fact("VictimUpdated", day, data, options)


def suspension_asked(day: str, *, id: str = "Q1", sentence: str = "S1", **options: Options) -> Fact:
    """The practitioner asks to suspend contact."""
    data = {"request_id": id, "sentence_id": sentence, "requested_on": day}
    return fact("ContactSuspensionRequested", day, data, options)


def decided(
    day: str,
    about: str = "contact_suspension",
    approved: bool = True,
    *,
    id: str | None = None,
    sentence: str = "S1",
    **options: Options,
) -> Fact:
    """A manager decides, by default to agree."""
    data: dict[str, Any] = {
        "decision_id": id or f"M-{day}",
        "about": about,
        "sentence_id": sentence,
        "approved": approved,
        "decided_on": day,
    }
    return fact("ManagerDecisionRecorded", day, data, options)


def recognised(day: str, form: str = "letter", *, sentence: str = "S1", **options: Options) -> Fact:
    """The person's progress is recognised."""
    data = {"recognition_id": f"W-{day}", "sentence_id": sentence, "recognised_on": day, "form": form}
    return fact("ProgressRecognised", day, data, options)


def checked(day: str, check: str, *, sentence: str = "S1", **options: Options) -> Fact:
    """A partner agency answered: youth_offending_services, safeguarding_and_domestic_abuse or health."""
    data = {"sentence_id": sentence, "check": check, "completed_on": day}
    return fact("PartnerCheckCompleted", day, data, options)


def transfer_asked(
    day: str, region: str = "wales", pdu: str = "gwent", *, id: str = "T1", **options: Options
) -> Fact:
    """Another region or delivery unit is asked to take the person."""
    data = {"transfer_id": id, "to_region": region, "to_pdu": pdu, "requested_on": day}
    return fact("TransferRequested", day, data, options)


def transfer_accepted(
    day: str, region: str = "wales", pdu: str = "gwent", *, id: str = "T1", **options: Options
) -> Fact:
    """The other region or delivery unit takes the person."""
    data = {"transfer_id": id, "to_region": region, "to_pdu": pdu, "accepted_on": day}
    return fact("TransferAccepted", day, data, options)


def task_done(
    day: str, task: str = "accommodation", *, id: str | None = None, sentence: str = "S1", **options: Options
) -> Fact:
    """A task before a release is done."""
    data = {"task_id": id or f"K-{task}-{day}", "sentence_id": sentence, "task": task, "completed_on": day}
    return fact("PreReleaseTaskCompleted", day, data, options)


def woman_asked(day: str, *, id: str = "W1", **options: Options) -> Fact:
    """The person asks for a woman as practitioner."""
    data = {"preference_id": id, "sex": "female", "recorded_on": day}
    return fact("PractitionerPreferenceRecorded", day, data, options)


def cover(
    day: str, until: str, by: str = "P2", *, to: str = "P1", id: str = "V1", **options: Options
) -> Fact:
    """Somebody stands in for another practitioner."""
    data = {"cover_id": id, "for_practitioner_id": to, "practitioner_id": by, "from": day, "until": until}
    return fact("CoverArranged", day, data, options)


def change_asked(
    day: str, reason: str = "leave", *, id: str = "H1", sentence: str | None = None, **options: Options
) -> Fact:
    """Another practitioner is asked for, by default for all sentences."""
    data = {"change_id": id, "sentence_id": sentence, "reason": reason, "requested_on": day}
    return fact("PractitionerChangeRequested", day, data, options)


def scheduled(
    day: str,
    mode: str = "face_to_face",
    *,
    id: str | None = None,
    sentence: str | None = "S1",
    requirement: str | None = None,
    **options: Options,
) -> Fact:
    """A planned contact is arranged, of which the person was told."""
    data: dict[str, Any] = {
        "contact_id": id or f"C-{day}",
        "sentence_id": sentence,
        "requirement_id": requirement,
        "scheduled_on": day,
        "kind": "planned",
        "mode": mode,
        "national_standard": True,
        "notified": True,
    }
    return fact("ContactScheduled", day, data, options)


def contact(
    day: str,
    outcome: str = "complied",
    mode: str = "face_to_face",
    *,
    id: str | None = None,
    sentence: str | None = "S1",
    requirement: str | None = None,
    **options: Options,
) -> Fact:
    """The outcome of a planned contact that counts for national standards."""
    data: dict[str, Any] = {
        "contact_id": id or f"C-{day}",
        "sentence_id": sentence,
        "requirement_id": requirement,
        "occurred_on": day,
        "kind": "planned",
        "mode": mode,
        "national_standard": True,
        "outcome": outcome,
        "acceptable_reason": _reason(outcome),
    }
    return fact("ContactOutcomeRecorded", day, data, options)


def home_visit(day: str, outcome: str = "complied", *, id: str | None = None, **options: Options) -> Fact:
    """The outcome of a visit at the person's home."""
    return contact(day, outcome, id=id, kind="home_visit", **options)


def action(
    at: str,
    what: str = "warning",
    contact: str | None = None,
    *,
    id: str | None = None,
    sentence: str = "S1",
    **options: Options,
) -> Fact:
    """A step of enforcement, at a time in London or on a day (at noon)."""
    data: dict[str, Any] = {
        "action_id": id or f"A-{what}-{at}".replace(":", ""),
        "sentence_id": sentence,
        "contact_id": contact,
        "taken_at": moment(at).isoformat().replace("+00:00", "Z"),
        "action": what,
        "rationale": "as recorded",
    }
    return fact("EnforcementActionTaken", at, data, options)


def recall_decided(
    day: str, exclusions: str = "", *, id: str = "R1", sentence: str = "S1", **options: Options
) -> Fact:
    """It is decided to recall somebody on licence, with codes of what rules out a fixed term."""
    data = {"recall_id": id, "sentence_id": sentence, "decided_on": day, "exclusions": exclusions.split()}
    return fact("RecallDecided", day, data, options)


def referral_asked(
    day: str, kind: str = "commissioned_service", *, id: str, sentence: str = "S1", **options: Options
) -> Fact:
    """A referral to an intervention is asked for."""
    data: dict[str, Any] = {
        "referral_id": id,
        "sentence_id": sentence,
        "requirement_id": None,
        "requested_on": day,
        "kind": kind,
        "need": "accommodation",
        "ready_to_start": True,
    }
    return fact("ReferralRequested", day, data, options)


def session(
    day: str,
    outcome: str = "complied",
    *,
    id: str | None = None,
    sentence: str = "S1",
    requirement: str | None = "RAR",
    **options: Options,
) -> Fact:
    """A provider's session: an activity, by default under the requirement RAR."""
    data: dict[str, Any] = {
        "session_id": id or f"P-{day}",
        "sentence_id": sentence,
        "referral_id": None,
        "requirement_id": requirement,
        "held_on": day,
        "activity": "session",
        "minutes": 420,
        "outcome": outcome,
        "acceptable_reason": _reason(outcome),
        "national_standard": True,
    }
    return fact("SessionRecorded", day, data, options)


def work(
    day: str, outcome: str = "complied", *, id: str | None = None, minutes: int = 420, **options: Options
) -> Fact:
    """A session of unpaid work, by default of seven hours under the requirement UPW."""
    given = {"requirement": "UPW", "activity": "unpaid_work", **options}
    return session(day, outcome, id=id, minutes=minutes, **given)


def learning(
    day: str, outcome: str = "complied", *, id: str | None = None, minutes: int = 420, **options: Options
) -> Fact:
    """A session of education, training and employment within unpaid work."""
    return work(day, outcome, id=id, minutes=minutes, activity="employment_training_education", **options)


def used_up(last: str, days: int, requirement: str = "RAR", **options: Options) -> list[Fact]:
    """Activities that use up a RAR of so many days, one a day and the last on that day: it is completed."""
    first = date.fromisoformat(last) - timedelta(days=days - 1)
    return [
        session(on, requirement=requirement, id=f"{requirement}-{on}", **options)
        for on in days_from(first.isoformat(), days)
    ]


def employment_need(day: str, *, sentence: str = "S1", **options: Options) -> Fact:
    """A need for education, training and employment was assessed."""
    data = {"sentence_id": sentence, "assessed_on": day, "has_need": True}
    return fact("EmploymentNeedAssessed", day, data, options)


def practitioner(day: str = "2016-01-01", *, id: str = "P1", hours: float = 37.0, **options: Options) -> Fact:
    """A practitioner of the generic team in Camden, from that day on."""
    data: dict[str, Any] = {
        "practitioner_id": id,
        "region": "london",
        "pdu": "camden",
        "team": "generic",
        "grade": "po",
        "weekly_hours": hours,
        "sex": "female",
        "active": True,
        "effective_on": day,
    }
    return fact("PractitionerUpdated", day, data, {"subject": id, **options})


def reduction(day: str, hours: float = 18.5, *, id: str = "R1", of: str = "P1", **options: Options) -> Fact:
    """A practitioner has so many weekly hours fewer, from that day on."""
    data = {"reduction_id": id, "practitioner_id": of, "hours": hours, "from": day}
    return fact("ReductionAgreed", day, data, {"subject": of, **options})


def reduction_ended(day: str, *, id: str = "R1", of: str = "P1", **options: Options) -> Fact:
    """A reduction of hours no longer holds."""
    data = {"reduction_id": id, "practitioner_id": of, "ended_on": day}
    return fact("ReductionEnded", day, data, {"subject": of, **options})


def unit_changed(
    day: str, was: str = "camden", now: str = "camden and islington", *, id: str = "U1", **options: Options
) -> Fact:
    """A delivery unit of London goes by another name."""
    data = {"change_id": id, "region": "london", "from_pdu": was, "to_pdu": now, "effective_on": day}
    return fact("DeliveryUnitChanged", day, data, {"subject": "london", **options})


def _reason(outcome: str) -> str | None:
    return "medical" if outcome == "acceptable_absence" else None
