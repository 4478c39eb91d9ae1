"""What concerns one sentence, in the order of business dates: its failures, actions and hearings.

ENF-32: each sentence is enforced on its own; nothing linked to another sentence is in its file.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from schemas.words import SentenceKind
from services.enforcement.case import Absence, Action, EnforcementCase, Hearing, Sentence, Supervision
from shared.calendar import year_beginning
from shared.engine.assessment import Day
from shared.engine.case import Resolution
from shared.policy import Policy

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
class Awaited:
    """An absence of which the reason was awaited, until `over_on`; None if it still is."""

    absence: Absence
    over_on: date | None


@dataclass(frozen=True, slots=True)
class SentenceFile:
    """A known sentence that has begun, with all that happened on it by today.

    `failures` and `awaited` happened while the person was supervised on it, sorted by date and contact;
    `actions` are sorted by instant, `hearings` by date, none from before the sentence began. The rest is for
    finding things quickly: `failed_on` gives a failure's date by its contact, `answered` the actions that
    name a contact, `for_all` those that answer all failures so far.
    """

    supervision: Supervision
    failures: tuple[Absence, ...]
    awaited: tuple[Awaited, ...]
    actions: tuple[Action, ...]
    hearings: tuple[Hearing, ...]
    warnings: tuple[Warned, ...]
    failed_on: Mapping[str, date]
    answered: Mapping[str, list[Action]]
    for_all: tuple[Action, ...]

    @property
    def sentence(self) -> Sentence:
        """The sentence itself."""
        return self.supervision.sentence

    def answers(self, failure: Absence) -> Iterator[Action]:
        """What was done about a failure while the person was supervised.

        ENF-14: any action that names the contact. What names none is for the order, and answers all failures
        so far, on its own day too; so does a breach, since it brings them all before the court.
        """
        yield from self.answered.get(failure.contact_id, ())
        yield from self.for_all[bisect_left(self.for_all, failure.missed_on, key=lambda a: a.taken_on) :]

    def warnings_in_force(self, failure: Absence) -> list[Action]:
        """The warnings given for an earlier failure in the 12 months before this one, oldest first.

        ENF-6 and SH-4: the failure's own date lies in the "12 months beginning with" the day of the
        warning. Two contacts failed on one day are one failure: a warning for one is none before the other.
        Nor is one that names no known failure, if it was given on the very day: it may be for this one.
        """
        day = failure.missed_on
        first = bisect_left(self.warnings, day, key=lambda warned: warned.until)
        last = bisect_right(self.warnings, day, key=lambda warned: warned.action.taken_on)
        return [
            warned.action
            for warned in self.warnings[first:last]
            if self.failed_on.get(warned.action.contact_id or "", warned.action.taken_on) < day
        ]


def open_files(case: EnforcementCase, today: Day, policy: Policy) -> Iterator[SentenceFile]:
    """A file for each sentence that is known and has begun."""
    failures = _by_contact(case.failures)
    awaited = _awaited(case, today)
    excused = {absence.contact_id for absence in case.excused.values()}
    for sentence_id in sorted(case.sentences):
        sentence = case.sentences[sentence_id]
        supervision = case.supervision(sentence)
        if supervision is None or not today.reached(supervision.first):
            continue
        actions = tuple(
            action
            for action in sorted(case.actions.values(), key=lambda a: (a.taken_at, a.action_id))
            if action.sentence_id == sentence_id
            and supervision.first <= action.taken_on
            and today.reached(action.taken_on)
        )
        hearings = tuple(
            hearing
            for hearing in sorted(case.hearings.values(), key=lambda h: (h.heard_on, h.hearing_id))
            if hearing.sentence_id == sentence_id
            and supervision.first <= hearing.heard_on
            and today.reached(hearing.heard_on)
        )
        warnings = tuple(
            Warned(action, year_beginning(action.taken_on))
            for action in actions
            if action.action in policy.on(action.taken_on, sentence.region).texts("warning_actions")
            and action.contact_id not in excused
        )
        failed = tuple(failure for failure in failures if _of_sentence(failure, supervision, today))
        in_time = [action for action in actions if action.taken_on <= supervision.last]
        answered: dict[str, list[Action]] = {}
        for action in in_time:
            if action.contact_id is not None:
                answered.setdefault(action.contact_id, []).append(action)
        yield SentenceFile(
            supervision=supervision,
            failures=failed,
            awaited=tuple(a for a in awaited if _of_sentence(a.absence, supervision, today)),
            actions=actions,
            hearings=hearings,
            warnings=warnings,
            failed_on={failure.contact_id: failure.missed_on for failure in failed},
            answered=answered,
            for_all=tuple(a for a in in_time if a.contact_id is None or a.action == "breach_initiated"),
        )


def _awaited(case: EnforcementCase, today: Day) -> list[Awaited]:
    """One a contact, of which the reason is or was awaited.

    When it was decided the decided finding says, if there is one: so the order of arrival does not matter.
    An absence resolved of which no such finding stands turned out to be none. But contacts takes the
    undecided absence back just before it says what it was decided to be, on the same day: for that day it
    is what it was.
    """
    decided = _by_contact(case.failures | case.excused)
    found = [Awaited(absence, absence.decided_on) for absence in decided if absence.decided_on]
    known = {absence.contact_id for absence in decided}
    latest: dict[str, Absence] = {}
    for absence in sorted(case.undecided.values(), key=lambda absence: _latest(absence, case.resolutions)):
        latest[absence.contact_id] = absence
    for contact_id, absence in latest.items():
        end = case.resolutions.get(absence.event_id)
        none = end is not None and end.reason == "resolved" and today.after(end.on)
        if contact_id not in known and not none:
            found.append(Awaited(absence, end.on if end else None))
    return sorted(found, key=lambda awaited: (awaited.absence.missed_on, awaited.absence.contact_id))


def _latest(absence: Absence, resolutions: Mapping[str, Resolution]) -> tuple[bool, int, int, str]:
    """Sorts undecided absences of one contact: the one still open last, else the one resolved last."""
    end = resolutions.get(absence.event_id)
    return (end is None, absence.recorded, end.recorded if end else 0, absence.event_id)


def _by_contact(absences: Mapping[str, Absence]) -> list[Absence]:
    """One a contact: while a replaced finding still stands beside the new one, the newer of the two."""
    newest: dict[str, Absence] = {}
    for absence in absences.values():
        known = newest.get(absence.contact_id)
        if known is None or absence.stamp > known.stamp:
            newest[absence.contact_id] = absence
    return sorted(newest.values(), key=lambda a: (a.missed_on, a.contact_id))


def _of_sentence(absence: Absence, supervision: Supervision, today: Day) -> bool:
    """Did it happen by today, while the person was supervised on this sentence?"""
    return (
        absence.sentence_id == supervision.sentence.sentence_id
        and supervision.covers(absence.missed_on)
        and today.reached(absence.missed_on)
    )
