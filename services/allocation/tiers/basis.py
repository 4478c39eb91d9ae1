"""What is known of a person on the day by which a tier is worked out.

A tier is worked out with what holds on the last day on which its assessment was the current one and a
sentence was live: a sentence that follows a pre-sentence assessment completes its tier, and the tier stays as
it was when supervision ends or a later assessment takes over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest

from services.allocation.facts import RiskAssessment
from services.allocation.view import AllocationView
from shared.engine.assessment import once_a_day
from shared.probation.facts import Sentence
from shared.probation.requirements import RequirementList
from shared.probation.risk import Registration

_ONE_DAY = timedelta(days=1)

INDETERMINATE = ("life", "indeterminate")
"""The kinds of custody without an end."""


@dataclass(frozen=True, slots=True)
class Live:
    """A sentence that is live on the day, what it requires then, and when the person was last released."""

    sentence: Sentence
    ordered: RequirementList
    released_on: date | None


@dataclass(frozen=True, slots=True)
class Basis:
    """What is known on the day: the live sentences, the registrations that are active.

    `day` is None, and everything empty, while no sentence is live. `unsupervised`: contact is suspended on
    every live sentence because of Probation Reset.
    """

    assessment: RiskAssessment
    day: date | None
    live: tuple[Live, ...]
    registrations: tuple[Registration, ...]
    unsupervised: bool

    def of_kind(self, kind: str) -> list[Registration]:
        """The registrations of that kind that are active."""
        return [registration for registration in self.registrations if registration.kind == kind]

    @property
    def woman(self) -> bool:
        """Is the person recorded as a woman with a live sentence?"""
        return any(one.sentence.person.sex == "female" for one in self.live)


@once_a_day
def bases(view: AllocationView) -> list[Basis]:
    """One basis for each assessment made by today, in order; none for one made after everything had ended."""
    made = [a for a in view.assessments if view.today.reached(a.assessed_on)]
    found = [_basis(view, assessment, later) for assessment, later in zip_longest(made, made[1:])]
    return [basis for basis in found if basis is not None]


def _basis(view: AllocationView, assessment: RiskAssessment, later: RiskAssessment | None) -> Basis | None:
    day = _day(view, assessment, later)
    if day is None:
        ends = (period.end(view.today) for period in view.supervision.values())
        if any(end is not None and end.over_on <= assessment.assessed_on for end in ends):
            return None
        return Basis(assessment, None, (), (), unsupervised=False)
    for registration in view.registrations:
        view.reached((registration.first, registration.until))
    live = _live(view, day)
    active = tuple(r for r in view.registrations if r.on(day))
    unsupervised = bool(live) and all(_in_reset(view, one.sentence.sentence_id, day) for one in live)
    return Basis(assessment, day, live, active, unsupervised)


def _day(view: AllocationView, assessment: RiskAssessment, later: RiskAssessment | None) -> date | None:
    """The last day, up to today, on which the assessment was current and a sentence was live."""
    if later is not None:
        last = max(later.assessed_on - _ONE_DAY, assessment.assessed_on)
    else:
        last = view.today.date if _counts_days(view, assessment) else view.today.waited_for
    days = []
    for period in view.supervision.values():
        # The sentence counts from its day on, and each of its lists of requirements from theirs.
        view.reached(ordered.since for ordered in period.ordered)
        period.end(view.today)
        day = period.last_live_day(last)
        if day is not None and day >= assessment.assessed_on:
            days.append(day)
    return max(days, default=None)


def _counts_days(view: AllocationView, assessment: RiskAssessment) -> bool:
    """ALLOC-11: does the tier depend on the day itself, as that of a lifer does by the time since release?"""
    return assessment.lifer or any(s.custody_type in INDETERMINATE for s in view.case.sentences.values())


def _live(view: AllocationView, day: date) -> tuple[Live, ...]:
    found = []
    for sentence in view.sentences_in_order:
        period = view.supervision[sentence.sentence_id]
        if period.live_on(day):
            own = [r for r in view.case.releases.values() if r.sentence_id == sentence.sentence_id]
            releases = [release.released_on for release in own]
            view.reached(releases)
            released_on = max((on for on in releases if on <= day), default=None)
            found.append(Live(sentence, period.required_on(day), released_on))
    return tuple(found)


def _in_reset(view: AllocationView, sentence_id: str, day: date) -> bool:
    """CONT-22: is contact on the sentence suspended that day because of Probation Reset?"""
    case = view.case
    both = ((case.suspensions, True), (case.resumptions, False))
    told = [
        (pause.from_, begins)
        for pauses, begins in both
        for pause in pauses.values()
        if pause.sentence_id == sentence_id and pause.ground == "reset"
    ]
    view.reached(on for on, _ in told)
    # What is resumed on the day of a suspension was suspended before.
    return max(((on, begins) for on, begins in told if on <= day), default=(day, False))[1]
