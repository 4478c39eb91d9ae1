"""The facts that only the enforcement service joins, as its rules see them."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from schemas.practice import EnforcementActionTaken
from schemas.words import AcceptableReason, BreachSanction, EnforcementAction, HearingOutcome
from shared.calendar import london_date
from shared.engine.case import Record
from shared.probation import facts


class Person(facts.Person, frozen=True, kw_only=True):
    """What the court recorded about the person."""

    born_on: date


class Sentence(facts.Sentence, frozen=True, kw_only=True):
    """`SentenceImposed`. `custodial_days` is the length of a custodial sentence, None for an order."""

    person: Person
    custodial_days: int | None = None


class Hearing(Record, frozen=True, kw_only=True):
    """`BreachHearingResulted`: what a breach hearing came to."""

    hearing_id: str
    sentence_id: str
    heard_on: date
    outcome: HearingOutcome
    sanction: BreachSanction | None = None
    fine_pounds: int | None = None


class Warning(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """What a warning states (ENF-3)."""

    circumstances: bool
    unacceptable: bool
    liability: bool


class Action(Record, frozen=True, kw_only=True):
    """`EnforcementActionTaken`. `taken_on` is the date in London.

    `contact_id` is None for an action on the order as a whole. `warning` is what a warning states, if that
    was recorded. The rationale stays in the journal: nobody concludes anything from it.
    """

    action_id: str
    sentence_id: str
    contact_id: str | None
    action: EnforcementAction
    taken_at: datetime
    taken_on: date
    warning: Warning | None = None


def read_action(data: EnforcementActionTaken) -> Action:
    """The record of an enforcement action."""
    return Action(
        action_id=data.action_id,
        sentence_id=data.sentence_id,
        contact_id=data.contact_id,
        action=data.action,
        taken_at=data.taken_at,
        taken_on=london_date(data.taken_at),
        warning=msgspec.convert(data.warning, Warning, from_attributes=True) if data.warning else None,
    )


class Absence(Record, frozen=True, kw_only=True):
    """`ContactMissed`, `ContactExcused` or `AbsenceUndecided`: a contact that did not go as it should.

    `decided_on` is the day on which a failed or excused one was decided, if its reason was awaited first.
    `acceptable_reason` is that of an excused one; `requirement_id` the requirement, or the condition of a
    licence, that it was for.
    """

    contact_id: str
    sentence_id: str
    requirement_id: str | None = None
    acceptable_reason: AcceptableReason | None = None
    missed_on: date
    decided_on: date | None = None


class TakenBack(Record, frozen=True, kw_only=True):
    """`FailureTakenBack`: what was recorded as a failure of `missed_on` turned out to be none."""

    contact_id: str
    sentence_id: str
    missed_on: date
    taken_back_on: date


class Allocation(facts.Allocation, frozen=True, kw_only=True):
    """`CaseAllocated`: who has a sentence, and their manager if known."""

    manager_id: str | None = None


class Mappa(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """Multi-agency public protection arrangements: level 1 to 3, category 1 to 4."""

    level: int
    category: int


class Assessment(Record, frozen=True, kw_only=True):
    """`RiskAssessed`, as far as enforcement asks."""

    assessment_id: str
    assessed_on: date
    mappa: Mappa | None = None


class Recall(Record, frozen=True, kw_only=True):
    """`RecallDecided`. `returned_on` is the day of the return to custody, None until then.

    `exclusions` are codes of what rules out a fixed term.
    """

    recall_id: str
    sentence_id: str
    decided_on: date
    returned_on: date | None
    exclusions: tuple[str, ...] = ()
    emergency: bool = False


class Recognition(Record, frozen=True, kw_only=True):
    """`ProgressRecognised`."""

    recognition_id: str
    sentence_id: str
    recognised_on: date
    form: str
