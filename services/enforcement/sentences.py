"""What happened on one sentence, in the order of business dates: its failures, actions and hearings.

ENF-32: an event is enforced only on the sentence that it belongs to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter

from schemas.words import CourtLevel, SentenceKind
from services.enforcement.absences import AwaitedDecision, awaited_decisions, newest_by_contact
from services.enforcement.case import EnforcementCase
from services.enforcement.facts import Absence, Action, Hearing, TakenBack
from shared.calendar import year_beginning
from shared.engine.assessment import Day
from shared.policy import Policy
from shared.probation.appeals import stays
from shared.probation.custody import Custody, CustodyPeriod, together
from shared.probation.facts import ManagerDecision, Sentence
from shared.probation.supervision import SupervisionPeriod

DUTY_TO_ENFORCE: dict[SentenceKind, str] = {
    "community_order": "ENF-1",
    "suspended_sentence_order": "ENF-2",
    "supervision_default_order": "ENF-33",
}
"""The kinds of sentence with a duty to warn or refer, and the rule that says so."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning, and the last of the 12 months for which it binds (SH-4)."""

    action: Action
    until: date


@dataclass(frozen=True, slots=True)
class Groundless:
    """A warning for a contact that was no failure, since `on`, as `because` says (ENF-18)."""

    warned: Warned
    because: Absence | TakenBack
    on: date


@dataclass(frozen=True, slots=True)
class EnforcedSentence:
    """A sentence on which supervision has begun, with what happened on it by today.

    `failures`, `excused` and `awaited` fell on days under supervision on which enforcement did not rest,
    sorted by date and contact; `taken_back` are former failures of such days, by contact. `actions` are
    sorted by instant, `hearings` and managers' `decisions` by date, none from before supervision began.
    `groundless` are the warnings that are none any more.
    `paused` is when deadlines are: in custody (ENF-35), and while an appeal rests enforcement (`stayed`).
    The rest is for finding things quickly: `failed_on` gives a failure's date by its contact, `by_contact`
    the actions in time that name a contact, `for_all` those that answer all failures so far.
    """

    period: SupervisionPeriod
    paused: Custody
    stayed: CustodyPeriod | None
    failures: tuple[Absence, ...]
    taken_back: Mapping[str, TakenBack]
    excused: tuple[Absence, ...]
    awaited: tuple[AwaitedDecision, ...]
    actions: tuple[Action, ...]
    hearings: tuple[Hearing, ...]
    decisions: tuple[ManagerDecision, ...]
    warnings: tuple[Warned, ...]
    groundless: tuple[Groundless, ...]
    failed_on: Mapping[str, date]
    by_contact: Mapping[str, list[Action]]
    for_all: tuple[Action, ...]

    @property
    def sentence(self) -> Sentence:
        """The sentence itself."""
        return self.period.sentence

    @property
    def duty(self) -> str | None:
        """The rule by which the officer warns or refers; None on a licence, where nobody must.

        ENF-33: it holds in post-sentence supervision, if nothing but that is in question here.
        """
        if self.supervised_after_sentence:
            return "ENF-33"
        return DUTY_TO_ENFORCE.get(self.sentence.kind)

    @property
    def court_level(self) -> CourtLevel:
        """The court that deals with a breach: that of the order, or magistrates (ENF-7, ENF-33)."""
        return "magistrates" if self.duty == "ENF-33" else self.sentence.court.level

    @property
    def supervised_after_sentence(self) -> bool:
        """Is it post-sentence supervision alone?"""
        return all(stage.kind == "post_sentence_supervision" for stage in self.period.stages)

    @property
    def ended_on(self) -> date | None:
        """ENF-34: the first day on which no failure on it can be dealt with any more.

        While an appeal rests enforcement, that is the day since when it does.
        """
        until = self.period.enforceable_until
        if self.stayed is None:
            return until
        return self.stayed.start if until is None else min(until, self.stayed.start)

    def enforceable_on(self, day: date) -> bool:
        """Could a failure still be dealt with that day? On the day on which supervision is cut short, yes."""
        return enforceable_on(self.period, day)

    def deadline(self, since: date, name: str, policy: Policy, of: date | None = None) -> date | None:
        """The last day within the policy's number of days of `since`; None while the clock is paused.

        ENF-35: days in custody do not count, nor do those on which an appeal rests enforcement. The number is
        that of the day `of`, by default of `since`.
        """
        values = policy.on(since if of is None else of, self.sentence.region)
        return self.paused.within(since, values.integer(name), values.day_unit(name))

    def answer_due_on(self, failure: Absence, name: str, policy: Policy) -> date | None:
        """D3: when an answer to a failure is due: the days run from the decision on an absence of which the
        reason was awaited, else from the contact. None while the clock is paused."""
        return self.deadline(failure.decided_on or failure.missed_on, name, policy, of=failure.missed_on)

    def missed(self, due_on: date | None, today: Day) -> bool:
        """Has that deadline passed while failures could still be dealt with?

        One on the last day of a sentence that ran out has; one on the day on which it was cut short has not.
        """
        return (
            due_on is not None and (self.ended_on is None or due_on < self.ended_on) and today.after(due_on)
        )

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

    def as_known_on(self, day: date) -> EnforcedSentence:
        """The same as it looked that day, with the failures that were taken back only later (ENF-18)."""
        later = {id: back for id, back in self.taken_back.items() if back.taken_back_on >= day}
        failures = [
            *self.failures,
            *(
                Absence(
                    event_id=back.event_id,
                    source=back.source,
                    recorded=back.recorded,
                    contact_id=back.contact_id,
                    sentence_id=back.sentence_id,
                    missed_on=back.missed_on,
                )
                for back in later.values()
            ),
        ]
        held = (g.warned for g in self.groundless if g.warned.action.contact_id in later)
        warnings = [*self.warnings, *held]
        return replace(
            self,
            failures=tuple(sorted(failures, key=lambda a: (a.missed_on, a.contact_id))),
            warnings=tuple(sorted(warnings, key=lambda w: (w.action.taken_at, w.action.action_id))),
            failed_on={absence.contact_id: absence.missed_on for absence in failures},
        )


def enforced_sentences(
    case: EnforcementCase,
    supervision: Iterable[SupervisionPeriod],
    custody: Custody,
    today: Day,
    policy: Policy,
) -> Iterator[EnforcedSentence]:
    """Each sentence on which supervision has begun, with what happened on it by today."""
    failures = newest_by_contact(case.failures)
    excused = newest_by_contact(case.excused)
    awaited = awaited_decisions(case, today)
    taken_back = sorted(case.taken_back.values(), key=attrgetter("stamp"))
    actions = sorted(case.actions.values(), key=lambda a: (a.taken_at, a.action_id))
    hearings = sorted(case.hearings.values(), key=lambda h: (h.heard_on, h.hearing_id))
    decisions = sorted(case.decisions.values(), key=lambda d: (d.decided_on, *d.stamp))
    for period in supervision:
        began = period.begins_on
        if began is None or not today.reached(began):
            continue
        id = period.sentence.sentence_id
        rests = together(stays(id, case.appeals.values(), case.appeals_decided))

        def enforced(
            absence: Absence | TakenBack, period: SupervisionPeriod = period, rests: Custody = rests
        ) -> bool:
            return _supervised(absence, period, today) and not rests.held_on(absence.missed_on)

        taken = [a for a in actions if a.sentence_id == id and _since(began, a.taken_on, today)]
        failed = [absence for absence in failures if enforced(absence)]
        failed_on = {absence.contact_id: absence.missed_on for absence in failed}
        back = {b.contact_id: b for b in taken_back if b.contact_id not in failed_on and enforced(b)}
        accepted = {a.contact_id: a for a in excused if a.contact_id not in failed_on}
        in_time = [action for action in taken if enforceable_on(period, action.taken_on)]
        by_contact: dict[str, list[Action]] = {}
        for action in in_time:
            if action.contact_id is not None:
                by_contact.setdefault(action.contact_id, []).append(action)
        warnings, groundless = _warnings(period, taken, back, accepted, policy)
        yield EnforcedSentence(
            period=period,
            paused=together((*custody.periods, *rests.periods)) if rests.periods else custody,
            stayed=rests.now(today),
            failures=tuple(failed),
            taken_back=back,
            excused=tuple(a for a in excused if enforced(a)),
            awaited=tuple(a for a in awaited if enforced(a.absence)),
            actions=tuple(taken),
            hearings=tuple(h for h in hearings if h.sentence_id == id and _since(began, h.heard_on, today)),
            decisions=tuple(
                d for d in decisions if d.sentence_id == id and _since(began, d.decided_on, today)
            ),
            warnings=tuple(warnings),
            groundless=tuple(groundless),
            failed_on=failed_on,
            by_contact=by_contact,
            for_all=tuple(a for a in in_time if a.contact_id is None or a.action == "breach_initiated"),
        )


def enforceable_on(period: SupervisionPeriod, day: date) -> bool:
    """ENF-34: could a failure still be dealt with that day, however supervision ended?

    It could on the very day on which supervision was cut short, the last one under supervision.
    """
    until = period.enforceable_until
    return until is None or day < until or period.supervised_on(day)


def _warnings(
    period: SupervisionPeriod,
    actions: Iterable[Action],
    taken_back: Mapping[str, TakenBack],
    excused: Mapping[str, Absence],
    policy: Policy,
) -> tuple[list[Warned], list[Groundless]]:
    """ENF-18: the warnings that hold, and those for a contact that was accepted or was no failure."""
    holds: list[Warned] = []
    groundless: list[Groundless] = []
    for action in actions:
        values = policy.on(action.taken_on, period.sentence.region)
        if action.action not in values.texts("warning_actions"):
            continue
        warned = Warned(action, year_beginning(action.taken_on))
        back = taken_back.get(action.contact_id or "")
        absence = excused.get(action.contact_id or "")
        if back is not None:
            groundless.append(Groundless(warned, back, max(back.taken_back_on, action.taken_on)))
        elif absence is not None:
            since = absence.decided_on or absence.missed_on
            groundless.append(Groundless(warned, absence, max(since, action.taken_on)))
        else:
            holds.append(warned)
    return holds, groundless


def _since(began: date, day: date, today: Day) -> bool:
    """Has that day come, and is it one since supervision began?"""
    return began <= day and today.reached(day)


def _supervised(absence: Absence | TakenBack, period: SupervisionPeriod, today: Day) -> bool:
    """Did it happen by today, while the person was supervised on this sentence?"""
    return (
        absence.sentence_id == period.sentence.sentence_id
        and period.supervised_on(absence.missed_on)
        and today.reached(absence.missed_on)
    )
