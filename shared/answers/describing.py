"""What an event says, in a few words without personal data and free text, and when a policy value holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

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


class Detail(NamedTuple):
    """A field of an event: what it is called, which may be empty, and its values, which may be none.

    `coded` says that the values are codes in words, and not dates, amounts or ids.
    """

    name: str
    values: tuple[str, ...]
    coded: bool = False


def describe(
    event: CloudEvent[Any], without: frozenset[str] = frozenset(), say: Callable[[str], str] = str
) -> str:
    """The content of an event in a few words: dates, codes, amounts and ids.

    `without` names fields to leave out. `say` translates names and codes.
    """
    return sentence(details(event, without), say)


def details(event: CloudEvent[Any], without: frozenset[str] = frozenset()) -> list[Detail]:
    """What `describe` says, field by field."""
    fields = [name for name in type(event.data).model_fields if name not in WITHHELD | without]
    if any(name.endswith("_id") and name != "sentence_id" for name in fields):
        fields = [name for name in fields if name != "sentence_id"]  # the other id is enough
    if event.type in _FREE_REASONS:
        fields = [name for name in fields if name != "reason"]
    return [found for name in fields for found in _details(name, getattr(event.data, name))]


def sentence(found: Iterable[Detail], say: Callable[[str], str] = str) -> str:
    """Details in words. `say` translates names and codes."""
    return ", ".join(_phrase(one, say) for one in found)


def name_words(field: str) -> str:
    """What a field is called."""
    return field.rstrip("_").removesuffix("_id").replace("_", " ")


def _phrase(one: Detail, say: Callable[[str], str]) -> str:
    values = map(say, one.values) if one.coded else one.values
    return " ".join(filter(None, (one.name and say(one.name), f" {say('or')} ".join(values))))


def _details(field: str, value: Any) -> list[Detail]:
    name = name_words(field)
    match value:
        case None | False | []:
            return []
        case True:
            return [Detail(name, ())]
        case datetime():
            return [Detail(name, (f"{value.astimezone(LONDON):%Y-%m-%d %H:%M}",))]
        case str() if not field.endswith("_id"):
            return [Detail("", (value.replace("_", " "),), coded=True)]
        case str() | int() | float() | date():
            return [Detail(name, (str(value),))]
        case [Requirement(), *_]:
            return [Detail(of.kind.replace("_", " "), (str(of.amount),) if of.amount else ()) for of in value]
        case [str(), *_]:
            return [Detail(name, tuple(code.replace("_", " ") for code in value), coded=True)]
    return []


def in_force(entry: Entry) -> str:
    """A policy value with its unit and the time and region in which it is in force."""
    first = None if entry.start == date.min else f"from {entry.start}"
    last = None if entry.end == date.max else f"until {entry.end - timedelta(days=1)}"
    when = " ".join(filter(None, (first, last))) or "at all times"
    where = f"in {entry.region.replace('_', ' ')} " if entry.region else ""
    unit = f" {entry.unit.replace('_', ' ')}" if entry.unit else ""
    return f"{shown(entry.value)}{unit}, {where}{when}"
