"""The facts that only the enforcement service joins, as its rules see them."""

from __future__ import annotations

from datetime import date, datetime

from schemas.practice import EnforcementActionTaken
from schemas.words import EnforcementAction, HearingOutcome
from shared.calendar import london_date
from shared.engine.case import Record


class Hearing(Record, frozen=True, kw_only=True):
    """`BreachHearingResulted`: what a breach hearing came to."""

    hearing_id: str
    sentence_id: str
    heard_on: date
    outcome: HearingOutcome


class Action(Record, frozen=True, kw_only=True):
    """`EnforcementActionTaken`. `taken_on` is the date in London.

    `contact_id` is None for an action on the order as a whole.
    """

    action_id: str
    sentence_id: str
    contact_id: str | None
    action: EnforcementAction
    taken_at: datetime
    taken_on: date


def read_action(data: EnforcementActionTaken) -> Action:
    """The record of an enforcement action."""
    return Action(
        action_id=data.action_id,
        sentence_id=data.sentence_id,
        contact_id=data.contact_id,
        action=data.action,
        taken_at=data.taken_at,
        taken_on=london_date(data.taken_at),
    )


class Absence(Record, frozen=True, kw_only=True):
    """`ContactMissed`, `ContactExcused` or `AbsenceUndecided`: a contact that did not go as it should.

    `decided_on` is the day on which a failed or excused one was decided, if its reason was awaited first.
    `requirement_id` is the requirement or the licence condition that it was for, if any.
    """

    contact_id: str
    sentence_id: str
    missed_on: date
    decided_on: date | None = None
    requirement_id: str | None = None


class RecallDecision(Record, frozen=True, kw_only=True):
    """`RecallDecided`. `exclusions` are codes of what rules out a fixed term.

    `returned_on` is the day of the return to custody, None until then.
    """

    recall_id: str
    sentence_id: str
    decided_on: date
    returned_on: date | None = None
    exclusions: tuple[str, ...] = ()
    emergency: bool = False
