"""A licence with what happened on it: failures, warnings, and the steps towards a recall.

A licence runs from a release to its last day. A new release, after a recall, starts another one: the steps of
enforcement begin again, and neither failures nor warnings from before the recall lead to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from schemas.words import Region
from services.enforcement.breaches import within_window
from services.enforcement.facts import Absence, Action, Recall
from services.enforcement.sentences import EnforcedSentence
from shared.engine.assessment import Day
from shared.engine.case import Record
from shared.policy import Policy, Values
from shared.probation.custody import Custody
from shared.probation.facts import Condition, Release, Sentence, TakenIntoCustody
from shared.probation.supervision import Stage

STEPS = ("recall_recommended", "recall_manager_agreed", "recall_senior_endorsed", "recall_part_a_sent")
"""ENF-27: the steps of a recall, in the order in which they are meant to be taken."""


@dataclass(slots=True)
class RecallInProgress:
    """The steps taken towards one recall, in order; `dropped_on` is the day on which it was given up.

    `key` names what opened it: the sentence, and the contact or else the first step.
    """

    key: str
    contacts: set[str | None]
    steps: list[Action]
    dropped_by: Action | None = None

    @property
    def agreed(self) -> Action | None:
        """The manager's agreement; the first, if it was recorded more than once."""
        return self.first("recall_manager_agreed")

    @property
    def begun(self) -> Action:
        """The first step."""
        return self.steps[0]

    def first(self, action: str) -> Action | None:
        """When a step was taken first; None if it was not."""
        return next((step for step in self.steps if step.action == action), None)

    def part_a_due_at(self, policy: Policy, region: Region) -> datetime | None:
        """ENF-27: the instant by which Part A is due, so many elapsed hours after the manager's agreement.

        None if the manager has not agreed.
        """
        if self.agreed is None:
            return None
        hours = policy.on(self.agreed.taken_on, region).integer("recall_part_a_hours")
        return self.agreed.taken_at.astimezone(UTC) + timedelta(hours=hours)

    def in_progress_on(self, day: date) -> bool:
        """Had it been begun before that day, and not been given up by then?"""
        return self.begun.taken_on < day and (self.dropped_by is None or day < self.dropped_by.taken_on)


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence under which supervision has begun, with what happened on it by today.

    `failures` are sorted by date and contact, and `actions` by instant. `recalled` are the records that say
    that the person was recalled, by day: the decision, and the return to custody.
    """

    enforced: EnforcedSentence
    stage: Stage
    failures: tuple[Absence, ...]
    actions: tuple[Action, ...]
    recalled: tuple[tuple[date, Record], ...]
    recalls: tuple[RecallInProgress, ...]

    @property
    def sentence(self) -> Sentence:
        """The sentence that the person serves on licence."""
        return self.stage.sentence

    @property
    def over_on(self) -> date:
        """The first day on which nothing on this licence can be enforced any more.

        While an appeal rests enforcement, that is the day since when it does.
        """
        until, stayed = self.enforced.period.until(self.stage), self.enforced.stayed
        return until if stayed is None else min(until, stayed.start)

    @property
    def recalled_on(self) -> date | None:
        """The day on which the person was recalled; None if that was not so, or not yet."""
        return self.recalled[0][0] if self.recalled else None

    @property
    def release(self) -> Release | None:
        """The release with which it began."""
        return next((record for record in self.stage.because if isinstance(record, Release)), None)

    def missed(self, due_on: date, today: Day) -> bool:
        """Has that deadline passed while the licence could still be enforced?"""
        return due_on < self.over_on and today.after(due_on)

    def in_force(self, day: date) -> bool:
        """Is the person on this licence that day, and has not been recalled before?"""
        return self.stage.on(day) and (self.recalled_on is None or day <= self.recalled_on)

    def recall_in_progress_on(self, day: date) -> bool:
        """Was a recall on its way when that day began?"""
        return any(recall.in_progress_on(day) for recall in self.recalls)

    def counted_with(self, failure: Absence, values: Values) -> list[Absence]:
        """D2: the other failures on this licence by the day of this one, within the window of the policy."""
        return [
            other
            for other in self.failures
            if other != failure
            and other.missed_on <= failure.missed_on
            and within_window(other.missed_on, failure.missed_on, values)
        ]

    def warnings(self, failure: Absence) -> list[Action]:
        """The warnings given under this licence that are in force at a failure, oldest first."""
        given = self.enforced.warnings_in_force(failure)
        return [warning for warning in given if self.stage.first <= warning.taken_on]

    def answers(self, failure: Absence) -> Iterator[date]:
        """ENF-14: the days on which a failure was answered, in no order.

        An action that names the contact answers it. One that names none is for the licence, and answers all
        failures so far, on its own day too; so do a step towards recall and the recall itself.
        """
        for action in self.actions:
            since = action.taken_on >= failure.missed_on
            if action.contact_id == failure.contact_id or (action.contact_id is None and since):
                yield action.taken_on
        yield from self.recall_since(failure)

    def recall_since(self, failure: Absence) -> Iterator[date]:
        """The days of the steps towards a recall, and of the recall, since a failure; in no order."""
        steps = (action.taken_on for action in self.actions if action.action in STEPS)
        recalled = (day for day, _ in self.recalled)
        yield from (day for day in (*steps, *recalled) if day >= failure.missed_on)

    def breached(self, failure: Absence, usual: Sequence[str]) -> list[Condition]:
        """ENF-39: the conditions that a failure breaches: the one that the contact was for, if known.

        Otherwise those of the `usual` kinds, which oblige the person to keep contacts.
        """
        conditions = self.release.conditions if self.release else ()
        own = [condition for condition in conditions if condition.condition_id == failure.requirement_id]
        return own or [condition for condition in conditions if condition.kind in usual]


def licences(
    enforced: EnforcedSentence,
    decisions: Sequence[Recall],
    taken: Sequence[TakenIntoCustody],
    custody: Custody,
    today: Day,
) -> Iterator[Licence]:
    """The licences of a sentence, with what happened on each by today.

    No failure counts on a day in custody (ENF-35), or once the person has been recalled.
    """
    id = enforced.sentence.sentence_id
    for stage in enforced.period.stages:
        if stage.kind != "licence":
            continue
        recalled: list[tuple[date, Record]] = [
            (decision.decided_on, decision)
            for decision in decisions
            if decision.sentence_id == id and _in(stage, decision.decided_on, today)
        ]
        recalled += [
            (stay.taken_on, stay)
            for stay in taken
            if stay.reason == "recall" and stay.sentence_id in (None, id) and _in(stage, stay.taken_on, today)
        ]
        recalled.sort(key=lambda known: (known[0], *known[1].stamp))
        recalled_on = recalled[0][0] if recalled else None
        failures = tuple(
            failure
            for failure in enforced.failures
            if stage.on(failure.missed_on)
            and not custody.held_on(failure.missed_on)
            and (recalled_on is None or failure.missed_on <= recalled_on)
        )
        actions = tuple(action for action in enforced.actions if stage.on(action.taken_on))
        yield Licence(
            enforced, stage, failures, actions, tuple(recalled), tuple(_recalls(id, failures, actions))
        )


def _in(stage: Stage, day: date, today: Day) -> bool:
    return stage.on(day) and today.reached(day)


def _recalls(
    sentence_id: str, failures: Sequence[Absence], actions: Sequence[Action]
) -> Iterator[RecallInProgress]:
    """What was done towards recalls, one after the other.

    A recall begins with its first step. The decision that nothing further is done, about the same contact or
    about the licence, gives it up. A new recommendation after the manager's agreement begins another one.
    """
    found: list[RecallInProgress] = []
    current: RecallInProgress | None = None
    for action in actions:
        if action.action in STEPS:
            again = action.action == "recall_recommended" and current and current.agreed
            if current is None or again:
                key = f"{sentence_id}/{_opener(action, failures)}"
                if any(key == recall.key for recall in found):
                    key = f"{key}/{action.action_id}"
                current = RecallInProgress(key, {None}, [])
                found.append(current)
            current.steps.append(action)
            current.contacts.add(action.contact_id)
        elif action.action == "no_further_action" and current and action.contact_id in current.contacts:
            current.dropped_by = action
            current = None
    yield from found


def _opener(step: Action, failures: Sequence[Absence]) -> str:
    """The contact that a recall is about: the one that its first step names, else the last failure by then.

    The step itself if there is none.
    """
    if step.contact_id is not None:
        return step.contact_id
    before = [failure for failure in failures if failure.missed_on <= step.taken_on]
    return before[-1].contact_id if before else step.action_id
