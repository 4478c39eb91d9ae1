"""Breach and recall as case management and the recall service tell them, and online check-ins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time

from feeds.codes import table
from feeds.hmpps.envelope import Notice
from feeds.message import Node
from feeds.statement import Fact, Reference, Statement, own_id
from shared.calendar import LONDON

_RAISED = ".raised"


def breach(notice: Notice) -> Iterator[Statement]:
    """A breach was raised, or case management concluded it."""
    detail = notice.message.answer()
    id = _id(notice)
    if notice.type.endswith(_RAISED):
        action = "breach_initiated"
    else:
        action = table("hmpps", "breach_outcomes").of(detail["outcome"], "code", notice.day).word
    record = f"breach/{id}/{action}"
    if action == "skip":
        yield notice.statement(record)
        return
    yield notice.statement(record, _action(notice, detail, id, action))


def recall(notice: Notice) -> Iterator[Statement]:
    """A recall was raised. How one was concluded is a code whose meaning is not public."""
    detail = notice.message.answer()
    if not notice.type.endswith(_RAISED):
        raise detail["outcome"]["code"].wrong(
            "the outcomes of recalls have no known meaning",
            "record the decision in case management, or add a table of outcomes",
            detail["outcome"].optional("code"),
        )
    id = _id(notice)
    yield notice.statement(f"recall/{id}", _action(notice, detail, id, "recall_recommended"))


def _id(notice: Notice) -> str:
    return notice.info.optional_id("nsiId") or own_id("nsi", notice.text_of_url())


def _action(notice: Notice, detail: Node, id: str, action: str) -> Fact:
    day = detail.optional_day("referralDate")
    started = action in ("breach_initiated", "recall_recommended")
    at = datetime.combine(day, time(12), LONDON) if started and day is not None else notice.occurred
    data = {"action_id": own_id("nsi", id, action), "taken_at": at, "action": action}
    return Fact("EnforcementActionTaken", data, notice.occurred, notice.event_number(detail))


def recall_oversight(notice: Notice) -> Iterator[Statement]:
    """A manager decided about a recall. Which licence it is about the notice does not say."""
    action = table("hmpps", "oversight").of(notice.info, "contactOutcome", notice.day).word
    id = own_id("oversight", *(one.value for one in notice.people()), notice.occurred.isoformat())
    data = {"action_id": id, "taken_at": notice.occurred, "action": action}
    sentence = Reference("recommendation", id)
    fact = Fact("EnforcementActionTaken", data, notice.occurred, sentence)
    yield notice.statement(f"oversight/{id}", fact)


def checked_in(notice: Notice) -> Iterator[Statement]:
    """An online check-in that was made."""
    yield _check_in(notice, "complied")


def check_in_missed(notice: Notice) -> Iterator[Statement]:
    """An online check-in that was not made in time."""
    yield _check_in(notice, "failed_to_attend")


def _check_in(notice: Notice, outcome: str) -> Statement:
    """It is no national-standard contact, so nothing is enforced by it."""
    id = own_id("check-in", notice.text_of_url())
    data = {
        "contact_id": id,
        "occurred_on": notice.day,
        "kind": "planned",
        "mode": "online",
        "national_standard": False,
        "outcome": outcome,
    }
    return notice.statement(f"check-in/{id}", Fact("ContactOutcomeRecorded", data, notice.occurred))
