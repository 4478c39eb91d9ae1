"""What concerns one sentence, in the order of business dates: its failures, actions and hearings.

ENF-32: each sentence is enforced on its own; nothing linked to another sentence is in its file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from schemas.words import SentenceKind
from services.enforcement.case import Absence, Action, EnforcementCase, Hearing, Sentence, Supervision
from shared.calendar import year_beginning
from shared.engine.assessment import Day
from shared.policy import Policy

DUTY_TO_ENFORCE: dict[SentenceKind, str] = {
    "community_order": "ENF-1",
    "suspended_sentence_order": "ENF-2",
}
"""The kinds of sentence with a duty to warn or refer, and the rule that says so."""


@dataclass(frozen=True, slots=True)
class SentenceFile:
    """A known sentence that has begun, with all that happened on it by today.

    `failures` happened while the person was supervised on it, sorted by date and contact; `actions` are
    sorted by instant, `hearings` by date, none from before the sentence began. `failed_on` gives a failure's
    date by its contact.
    """

    supervision: Supervision
    failures: tuple[Absence, ...]
    undecided: tuple[Absence, ...]
    actions: tuple[Action, ...]
    hearings: tuple[Hearing, ...]
    warnings: tuple[Action, ...]
    failed_on: Mapping[str, date]

    @property
    def sentence(self) -> Sentence:
        """The sentence itself."""
        return self.supervision.sentence

    def answers(self, failure: Absence) -> Iterator[Action]:
        """What was done about a failure while the person was supervised.

        ENF-14: any action that names the contact; and a breach of the order initiated on the failure's
        day or later, since that brings all failures so far before the court.
        """
        for action in self.actions:
            if action.taken_on > self.supervision.last:
                return
            brings_all = action.action == "breach_initiated" and action.taken_on >= failure.missed_on
            if brings_all or action.contact_id == failure.contact_id:
                yield action

    def warnings_in_force(self, failure: Absence) -> list[Action]:
        """The warnings given for an earlier failure in the 12 months before this one, oldest first.

        ENF-6 and SH-4: the failure's own date lies in the "12 months beginning with" the day of the
        warning. Two contacts failed on one day are one failure: a warning for one is none before the other.
        Nor is one that names no known failure, if it was given on the very day: it may be for this one.
        """
        return [
            warning
            for warning in self.warnings
            if warning.taken_on <= failure.missed_on <= year_beginning(warning.taken_on)
            and self.failed_on.get(warning.contact_id or "", warning.taken_on) < failure.missed_on
        ]


def open_files(case: EnforcementCase, today: Day, policy: Policy) -> Iterator[SentenceFile]:
    """A file for each sentence that is known and has begun."""
    failures = _by_contact(case.failures)
    undecided = _by_contact(case.undecided)
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
        failed = _missed(failures, supervision, today)
        yield SentenceFile(
            supervision=supervision,
            failures=failed,
            failed_on={failure.contact_id: failure.missed_on for failure in failed},
            undecided=_missed(undecided, supervision, today),
            actions=actions,
            hearings=tuple(
                hearing
                for hearing in sorted(case.hearings.values(), key=lambda h: (h.heard_on, h.hearing_id))
                if hearing.sentence_id == sentence_id
                and supervision.first <= hearing.heard_on
                and today.reached(hearing.heard_on)
            ),
            warnings=tuple(
                action
                for action in actions
                if action.action in policy.on(action.taken_on, sentence.region).texts("warning_actions")
                and action.contact_id not in excused
            ),
        )


def _by_contact(absences: dict[str, Absence]) -> list[Absence]:
    """One a contact: while a replaced finding still stands beside the new one, the newer of the two."""
    newest: dict[str, Absence] = {}
    for absence in absences.values():
        known = newest.get(absence.contact_id)
        if known is None or absence.stamp > known.stamp:
            newest[absence.contact_id] = absence
    return sorted(newest.values(), key=lambda a: (a.missed_on, a.contact_id))


def _missed(absences: list[Absence], supervision: Supervision, today: Day) -> tuple[Absence, ...]:
    """Those of this sentence that happened by today and while the person was supervised on it."""
    return tuple(
        absence
        for absence in absences
        if absence.sentence_id == supervision.sentence.sentence_id
        and supervision.covers(absence.missed_on)
        and today.reached(absence.missed_on)
    )
