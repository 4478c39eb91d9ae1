"""What happened on one sentence, in the order of business dates: its failures, actions and hearings.

ENF-32: an event is enforced only on the sentence that it belongs to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from schemas.words import SentenceKind
from services.enforcement.absences import AwaitedDecision, awaited_decisions, newest_by_contact
from services.enforcement.case import EnforcementCase
from services.enforcement.facts import Absence, Action, Hearing
from shared.calendar import year_beginning
from shared.engine.assessment import Day
from shared.policy import Policy
from shared.probation.facts import Sentence
from shared.probation.supervision import SupervisionPeriod

DUTY_TO_ENFORCE: dict[SentenceKind, str] = {
    "community_order": "ENF-1",
    "suspended_sentence_order": "ENF-2",
}
"""The kinds of sentence with a duty to warn or refer, and the rule that says so."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning, and the last of the 12 months for which it binds (SH-4)."""

    action: Action
    until: date


@dataclass(frozen=True, slots=True)
class EnforcedSentence:
    """A sentence on which supervision has begun, with what happened on it by today.

    `failures` and `awaited` fell on days under supervision, sorted by date and contact. `actions` are sorted
    by instant and `hearings` by date, none from before supervision began. The rest is for finding things
    quickly: `failed_on` gives a failure's date by its contact, `by_contact` the actions in time that name a
    contact, `for_all` those that answer all failures so far.
    """

    period: SupervisionPeriod
    failures: tuple[Absence, ...]
    awaited: tuple[AwaitedDecision, ...]
    actions: tuple[Action, ...]
    hearings: tuple[Hearing, ...]
    warnings: tuple[Warned, ...]
    failed_on: Mapping[str, date]
    by_contact: Mapping[str, list[Action]]
    for_all: tuple[Action, ...]

    @property
    def sentence(self) -> Sentence:
        """The sentence itself."""
        return self.period.sentence

    @property
    def ended_on(self) -> date | None:
        """ENF-34: the first day on which no failure on it can be dealt with any more."""
        return self.period.enforceable_until

    def enforceable_on(self, day: date) -> bool:
        """Could a failure still be dealt with that day? On the day on which supervision is cut short, yes."""
        return enforceable_on(self.period, day)

    def missed(self, due_on: date, today: Day) -> bool:
        """Has that deadline passed while failures could still be dealt with?

        One on the last day of a sentence that ran out has; one on the day on which it was cut short has not.
        """
        return (self.ended_on is None or due_on < self.ended_on) and today.after(due_on)

    def answers(self, failure: Absence) -> Iterator[Action]:
        """What was done about a failure.

        ENF-14: any action that names the contact. One that names none is for the order, and answers all
        failures so far, on its own day too; so does a breach, since it brings them all before the court.
        """
        yield from self.by_contact.get(failure.contact_id, ())
        yield from self.for_all[bisect_left(self.for_all, failure.missed_on, key=lambda a: a.taken_on) :]

    def warnings_in_force(self, failure: Absence) -> list[Action]:
        """The warnings given for an earlier failure in the 12 months before this one, oldest first.

        ENF-6, SH-4: the failure's own date lies in the "12 months beginning with" the day of the warning.
        Two contacts failed on one day are one failure: a warning for one does not come before the other. Nor
        does one that names no known failure and was given on the very day: it may be for this one.
        """
        day = failure.missed_on
        first = bisect_left(self.warnings, day, key=lambda warned: warned.until)
        last = bisect_right(self.warnings, day, key=lambda warned: warned.action.taken_on)
        return [
            warned.action
            for warned in self.warnings[first:last]
            if self.failed_on.get(warned.action.contact_id or "", warned.action.taken_on) < day
        ]


def enforced_sentences(
    case: EnforcementCase, supervision: Iterable[SupervisionPeriod], today: Day, policy: Policy
) -> Iterator[EnforcedSentence]:
    """Each sentence on which supervision has begun, with what happened on it by today."""
    failures = newest_by_contact(case.failures)
    awaited = awaited_decisions(case, today)
    actions = sorted(case.actions.values(), key=lambda a: (a.taken_at, a.action_id))
    hearings = sorted(case.hearings.values(), key=lambda h: (h.heard_on, h.hearing_id))
    excused = {absence.contact_id for absence in case.excused.values()}
    for period in supervision:
        began = period.begins_on
        if began is None or not today.reached(began):
            continue
        id = period.sentence.sentence_id
        taken = [a for a in actions if a.sentence_id == id and _since(began, a.taken_on, today)]
        failed = [absence for absence in failures if _supervised(absence, period, today)]
        in_time = [action for action in taken if enforceable_on(period, action.taken_on)]
        by_contact: dict[str, list[Action]] = {}
        for action in in_time:
            if action.contact_id is not None:
                by_contact.setdefault(action.contact_id, []).append(action)
        yield EnforcedSentence(
            period=period,
            failures=tuple(failed),
            awaited=tuple(a for a in awaited if _supervised(a.absence, period, today)),
            actions=tuple(taken),
            hearings=tuple(h for h in hearings if h.sentence_id == id and _since(began, h.heard_on, today)),
            warnings=tuple(
                Warned(action, year_beginning(action.taken_on))
                for action in taken
                if action.action
                in policy.on(action.taken_on, period.sentence.region).texts("warning_actions")
                and action.contact_id not in excused
            ),
            failed_on={absence.contact_id: absence.missed_on for absence in failed},
            by_contact=by_contact,
            for_all=tuple(a for a in in_time if a.contact_id is None or a.action == "breach_initiated"),
        )


def enforceable_on(period: SupervisionPeriod, day: date) -> bool:
    """ENF-34: could a failure still be dealt with that day, however supervision ended?

    It could on the very day on which supervision was cut short, the last one under supervision.
    """
    until = period.enforceable_until
    return until is None or day < until or period.supervised_on(day)


def _since(began: date, day: date, today: Day) -> bool:
    """Has that day come, and is it one since supervision began?"""
    return began <= day and today.reached(day)


def _supervised(absence: Absence, period: SupervisionPeriod, today: Day) -> bool:
    """Did it happen by today, while the person was supervised on this sentence?"""
    return (
        absence.sentence_id == period.sentence.sentence_id
        and period.supervised_on(absence.missed_on)
        and today.reached(absence.missed_on)
    )
