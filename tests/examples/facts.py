"""Facts as the feeds tell them, with everything filled in that an example does not speak of.

A fact is recorded at noon on its business date unless `recorded` says otherwise (a day, or an instant;
without an offset on the clocks of London). Its event id is the type and what identifies it, unless `id` says
otherwise.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from schemas.catalogue import CATALOGUE
from tests.facts import PERSON, moment
from tests.facts import Fact as Fact


def fact(
    type: str,
    day: str,
    *,
    name: str,
    recorded: str | None = None,
    id: str | None = None,
    subject: str = PERSON,
    **data: Any,
) -> Fact:
    """An event of that type; `day` is its business date, `name` what identifies it."""
    model = CATALOGUE[type].model
    return Fact(
        model.model_validate_json(json.dumps(data)), subject, id or f"{type}-{name}", moment(recorded or day)
    )


Options = Any
"""recorded, id, voided, subject and any field of the data."""


def year_from(day: str, years: int = 1) -> str:
    """The last day of the years that begin with this day."""
    first = date.fromisoformat(day)
    return (first.replace(year=first.year + years) - timedelta(days=1)).isoformat()


def rar(amount: int = 20, id: str = "RAR") -> dict[str, Any]:
    """A rehabilitation activity requirement of so many days."""
    return {"requirement_id": id, "kind": "rar", "amount": amount}


def work(amount: int = 100, id: str = "UPW", concurrent_with: str | None = None) -> dict[str, Any]:
    """An unpaid work requirement of so many hours."""
    return {
        "requirement_id": id,
        "kind": "unpaid_work",
        "amount": amount,
        "concurrent_with": concurrent_with,
    }


def requirement(kind: str, amount: int | None = None, id: str = "REQ", **more: Any) -> dict[str, Any]:
    """A requirement of another kind."""
    return {"requirement_id": id, "kind": kind, "amount": amount, **more}


def order(
    day: str, *requirements: dict[str, Any], sentence: str = "S1", ends: str | None = None, **options: Options
) -> Fact:
    """A community order, by default of a year and with a RAR of 20 days."""
    data: dict[str, Any] = {
        "sentence_id": sentence,
        "kind": "community_order",
        "imposed_on": day,
        "ends_on": ends or year_from(day),
        "court": {"name": "Camden", "level": "magistrates"},
        "region": "london",
        "pdu": "camden",
        "requirements": list(requirements) or [rar()],
        "person": {"born_on": "1990-01-01", "sex": "male", "cohorts": []},
        "partner_violence": False,
        "sexual_offence": False,
        "extremism_offence": False,
    }
    return fact("SentenceImposed", day, name=sentence, **data | options)


def prison_sentence(day: str, *, sentence: str = "L1", days: int = 365, **options: Options) -> Fact:
    """A custodial sentence."""
    more: dict[str, Any] = {"kind": "custodial", "ends_on": None, "custodial_days": days, "requirements": []}
    return order(day, sentence=sentence, **more | options)


def released(day: str, ends: str, pss: str | None = None, sentence: str = "L1", **options: Options) -> Fact:
    """Release on licence."""
    return fact(
        "PersonReleased",
        day,
        name=f"{sentence}-{day}",
        sentence_id=sentence,
        released_on=day,
        licence_ends_on=ends,
        pss_ends_on=pss,
        **options,
    )


def varied(
    day: str, ends: str, *requirements: dict[str, Any], sentence: str = "S1", **options: Options
) -> Fact:
    """An order changed by the court."""
    return fact(
        "SentenceVaried",
        day,
        name=f"{sentence}-{day}",
        sentence_id=sentence,
        varied_on=day,
        ends_on=ends,
        requirements=list(requirements) or [rar()],
        **options,
    )


def revoked(day: str, reason: str = "good_progress", sentence: str = "S1", **options: Options) -> Fact:
    """A sentence ended by the court."""
    return fact(
        "SentenceRevoked",
        day,
        name=sentence,
        **({"sentence_id": sentence, "revoked_on": day, "reason": reason} | options),
    )


def hearing(name: str, day: str, outcome: str, sentence: str = "S1", **options: Options) -> Fact:
    """What a breach hearing came to."""
    data: dict[str, Any] = {"hearing_id": name, "sentence_id": sentence, "heard_on": day, "outcome": outcome}
    return fact("BreachHearingResulted", day, name=name, **data | options)


def risk(day: str, name: str = "A1", **options: Options) -> Fact:
    """A risk assessment, by default of a C2 case: medium risk, twelve change points."""
    data: dict[str, Any] = {
        "assessment_id": name,
        "assessed_on": day,
        "rosh": "medium",
        "rsr": 1.0,
        "ogrs": 80,
        "mappa": None,
        "needs": [{"need": "attitudes", "severity": "standard"}, {"need": "drugs", "severity": "severe"}],
        "complexity_flags": 0,
        "integrated_offender_management": False,
    }
    return fact("RiskAssessed", day, name=name, **data | options)


def practitioner(name: str = "P1", day: str = "2016-01-01", hours: float = 37.0, **options: Options) -> Fact:
    """A practitioner of the generic team in Camden."""
    data: dict[str, Any] = {
        "practitioner_id": name,
        "region": "london",
        "pdu": "camden",
        "team": "generic",
        "grade": "po",
        "weekly_hours": hours,
        "sex": "female",
        "active": True,
        "effective_on": day,
    }
    return replace(fact("PractitionerUpdated", day, name=f"{name}-{day}", **data | options), subject=name)


def contact(name: str, day: str, outcome: str = "complied", **options: Options) -> Fact:
    """The outcome of a planned office contact that counts for national standards."""
    reason = "medical" if outcome == "acceptable_absence" else None
    data: dict[str, Any] = {
        "contact_id": name,
        "sentence_id": "S1",
        "requirement_id": None,
        "occurred_on": day,
        "kind": "planned",
        "mode": "face_to_face",
        "national_standard": True,
        "outcome": outcome,
        "acceptable_reason": reason,
    }
    return fact("ContactOutcomeRecorded", day, name=name, **data | options)


def scheduled(name: str, day: str, **options: Options) -> Fact:
    """A contact arranged."""
    data: dict[str, Any] = {
        "contact_id": name,
        "sentence_id": "S1",
        "requirement_id": None,
        "scheduled_on": day,
        "kind": "planned",
        "mode": "face_to_face",
        "national_standard": True,
        "notified": True,
    }
    return fact("ContactScheduled", day, name=name, **data | options)


def session(
    name: str, day: str, requirement: str = "RAR", outcome: str = "complied", **options: Options
) -> Fact:
    """A session: an activity under the RAR, or work and learning under the unpaid work requirement."""
    data: dict[str, Any] = {
        "session_id": name,
        "sentence_id": "S1",
        "referral_id": None,
        "requirement_id": requirement,
        "held_on": day,
        "activity": "unpaid_work" if requirement.startswith("UPW") else "session",
        "minutes": 420,
        "outcome": outcome,
        "acceptable_reason": "medical" if outcome == "acceptable_absence" else None,
        "national_standard": True,
    }
    return fact("SessionRecorded", day, name=name, **data | options)


def action(name: str, at: str, what: str, contact: str | None = None, **options: Options) -> Fact:
    """A step of enforcement, at an instant (or at noon)."""
    data: dict[str, Any] = {
        "action_id": name,
        "sentence_id": "S1",
        "contact_id": contact,
        "taken_at": moment(at).isoformat().replace("+00:00", "Z"),
        "action": what,
        "rationale": "as recorded",
    }
    return fact("EnforcementActionTaken", at, name=name, **data | options)


def died(day: str, **options: Options) -> Fact:
    """The person died."""
    return fact("PersonDied", day, name="death", **{"died_on": day} | options)


def employment_need(day: str, **options: Options) -> Fact:
    """A need for education, training and employment was assessed."""
    data: dict[str, Any] = {"sentence_id": "S1", "assessed_on": day, "has_need": True}
    return fact("EmploymentNeedAssessed", day, name=day, **data | options)


def workdays(first: str, count: int) -> list[str]:
    """That many days, one after the other."""
    start = date.fromisoformat(first)
    return [(start + timedelta(days=n)).isoformat() for n in range(count)]
