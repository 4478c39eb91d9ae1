"""Which event introduces what, which mention it, and on which day each happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from pydantic import BaseModel

from schemas.catalogue import CATALOGUE
from schemas.envelope import Upstream
from shared.calendar import london_date

INTRODUCED_BY: dict[str, dict[str, str]] = {
    "sentence": {"SentenceImposed": "sentence_id"},
    "requirement": {"SentenceImposed": "requirement_id", "SentenceVaried": "requirement_id"},
    "appeal": {"AppealLodged": "appeal_id"},
    "report": {"PreSentenceReportRequested": "report_id"},
    "stay in custody": {"PersonTakenIntoCustody": "custody_id"},
    "contact or session": {
        "ContactScheduled": "contact_id",
        "ContactOutcomeRecorded": "contact_id",
        "SessionRecorded": "session_id",
    },
    "matter to decide": {
        "PractitionerChangeRequested": "change_id",
        "ContactSuspensionRequested": "request_id",
        "ContactOutcomeRecorded": "contact_id",
        "SessionRecorded": "session_id",
        "RiskAssessed": "assessment_id",
    },
    "transfer": {"TransferRequested": "transfer_id"},
    "referral": {"ReferralRequested": "referral_id"},
    "practitioner": {"PractitionerUpdated": "practitioner_id"},
    "reduction": {"ReductionAgreed": "reduction_id"},
    "provider": {"ProviderQualified": "provider_id"},
    "intervention": {"InterventionListed": "intervention_id"},
    "call": {"ServiceCallPosted": "call_id"},
    "proposal": {"ProposalSubmitted": "proposal_id"},
    "suspension": {"DeliverySuspended": "suspension_id"},
}
"""What events mention, as people call it: the events that introduce it, each with the field of its id."""

MENTIONED_BY = {
    **{
        field: kind
        for kind, by in INTRODUCED_BY.items()
        for field in by.values()
        if kind != "matter to decide"
    },
    "about_id": "matter to decide",
    "concurrent_with": "requirement",
    "for_practitioner_id": "practitioner",
}
"""The field of an event that mentions something, and what it mentions."""

AHEAD = frozenset(
    {
        *("effective_on", "scheduled_on", "occurred_on", "release_on", "from", "concluded_on", "changed_on"),
        *("transferred_on", "qualified_on", "listed_on", "withdrawn_on", "resumed_on", "ended_on"),
        *("erased_on", "unmerged_on"),
    }
)
"""Fields with the day of an event that may be recorded before that day. A contact may be cancelled before."""

_NOT_ITS_DAY = frozenset({"born_on", "first_released_on", "objectives_met_on", "starts_on"})
_ENDS = ("ends_on", "licence_ends_on", "pss_ends_on", "closes_on", "returned_on")


class Named(NamedTuple):
    """Something that an event introduces or mentions: its kind, its id, and the field with it."""

    kind: str
    id: str
    field: str
    introduced: bool


class Day(NamedTuple):
    """The day on which an event happened, and the field with it."""

    field: str
    day: date


def of_a_person(kind: str) -> bool:
    """Does such a thing belong to one person?"""
    return CATALOGUE[next(iter(INTRODUCED_BY[kind]))].subject == "person"


def named(data: Upstream) -> Iterator[Named]:
    """What an event introduces or mentions."""
    type = data.__class__.__name__
    for path, id in _ids(data, "data"):
        field = path.rpartition(".")[2]
        kinds = [kind for kind, by in INTRODUCED_BY.items() if by.get(type) == field]
        for kind in kinds:
            yield Named(kind, id, path, introduced=True)
        if not kinds and field in MENTIONED_BY:
            yield Named(MENTIONED_BY[field], id, path, introduced=False)


def _ids(value: BaseModel, path: str) -> Iterator[tuple[str, str]]:
    for name in type(value).model_fields:
        held = getattr(value, name, None)
        if isinstance(held, str) and (name.endswith("_id") or name in MENTIONED_BY):
            yield f"{path}.{name}", held
        for item in held if isinstance(held, list) else (held,):
            if isinstance(item, BaseModel):
                yield from _ids(item, f"{path}.{name}")


def day_of(data: Upstream) -> Day | None:
    """When an event happened by its own data; None if it has no such day, as when it is voided."""
    for name in type(data).model_fields:
        value = getattr(data, name, None)
        field = name.rstrip("_")
        if not isinstance(value, date) or field in _NOT_ITS_DAY or field in _ENDS:
            continue
        return Day(f"data.{field}", london_date(value) if isinstance(value, datetime) else value)
    return None


def ends_of(data: Upstream) -> Iterator[Day]:
    """The days on which what an event tells of ends."""
    for name in _ENDS:
        value = getattr(data, name, None)
        if value is not None:
            yield Day(f"data.{name}", value)
