"""What an event says, in a few words without personal data and free text, and when a policy value holds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from schemas.court import Requirement
from schemas.envelope import CloudEvent
from shared.calendar import LONDON
from shared.policy_file import Entry, shown

WITHHELD = frozenset(
    {
        *("person", "cohorts", "partner_violence", "sexual_offence", "extremism_offence", "needs", "mappa"),
        *("sex", "public_interest", "arp", "csrp", "arp_static", "csrp_static", "sexual_predictor"),
        *("sexual_offence_ever", "lifer", "first_released_on", "womens_factors", "candidates"),
        *("rsr", "ogrs", "complexity_flags", "integrated_offender_management"),
        *("national_standard", "notified"),
        *("rationale", "override_reason", "desired_outcomes", "name", "location", "court"),
        *("why", "limited", "voided"),
    }
)
"""Fields that are not shown: personal data, free text, or data shown elsewhere."""
_FREE_REASONS = frozenset({"ManagerDecisionRecorded", "ReferralDeclined", "InterventionWithdrawn"})
"""Events whose `reason` is free text."""


def describe(event: CloudEvent[Any], without: frozenset[str] = frozenset()) -> str:
    """The content of an event in a few words: dates, codes, amounts and ids.

    `without` names fields to leave out.
    """
    fields = [name for name in type(event.data).model_fields if name not in WITHHELD | without]
    if any(name.endswith("_id") and name != "sentence_id" for name in fields):
        fields = [name for name in fields if name != "sentence_id"]  # the other id is enough
    if event.type in _FREE_REASONS:
        fields = [name for name in fields if name != "reason"]
    words = [_words(name, getattr(event.data, name)) for name in fields]
    return ", ".join(filter(None, words))


def _words(name: str, value: Any) -> str | None:
    words = name.rstrip("_").removesuffix("_id").replace("_", " ")
    match value:
        case None | False | []:
            return None
        case True:
            return words
        case datetime():
            return f"{words} {value.astimezone(LONDON):%Y-%m-%d %H:%M}"
        case str() if not name.endswith("_id"):
            return value.replace("_", " ")
        case str() | int() | float() | date():
            return f"{words} {value}"
        case [Requirement(), *_]:
            return " and ".join(f"{of.kind.replace('_', ' ')} {of.amount or ''}".strip() for of in value)
        case [str(), *_]:
            return f"{words} {' or '.join(value)}"
    return None


def in_force(entry: Entry) -> str:
    """A policy value with its unit and the time and region in which it is in force."""
    first = None if entry.start == date.min else f"from {entry.start}"
    last = None if entry.end == date.max else f"until {entry.end - timedelta(days=1)}"
    when = " ".join(filter(None, (first, last))) or "at all times"
    where = f"in {entry.region.replace('_', ' ')} " if entry.region else ""
    unit = f" {entry.unit.replace('_', ' ')}" if entry.unit else ""
    return f"{shown(entry.value)}{unit}, {where}{when}"
