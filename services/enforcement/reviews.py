"""Managers' reviews of acceptable absences (ENF-20 to ENF-22)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.enforcement.facts import Absence
from services.enforcement.sentences import EnforcedSentence
from shared.calendar import months_beginning
from shared.engine.assessment import Day
from shared.policy import Policy, Values
from shared.probation.facts import ManagerDecision

EVERY_KIND = "all"
"""In the policy: absences from whatever the sentence requires count, supervision included."""


@dataclass(frozen=True, slots=True)
class AbsenceReview:
    """A review that the last of these acceptable absences called for, and the decision that cleared it."""

    absences: tuple[Absence, ...]
    requested_on: date
    cleared: ManagerDecision | None


def absence_reviews(order: EnforcedSentence, today: Day, policy: Policy) -> list[AbsenceReview]:
    """The reviews of an order, in order.

    Each absence counts from the day on which it was accepted, with those of the 12 months before it. A
    manager's decision clears the counter: what had been accepted by its day never counts again.
    """
    decisions = [d for d in order.decisions if d.about == "absence_review"]
    absences = [a for a in _countable(order, policy) if today.reached(accepted_on(a))]
    found: list[AbsenceReview] = []
    counted: list[Absence] = []
    open_since: date | None = None
    for absence in sorted(absences, key=lambda a: (accepted_on(a), a.contact_id)):
        on = accepted_on(absence)
        cleared = _decision(decisions, counted, since=open_since, before=on)
        if cleared is not None:
            if open_since is not None:
                found[-1] = replace(found[-1], cleared=cleared)
            counted, open_since = [], None
        if open_since is not None:
            continue  # the review that is open covers it
        values = policy.on(absence.missed_on, order.sentence.region)
        months = values.integer("absence_review_months")
        counted = [a for a in counted if absence.missed_on <= months_beginning(a.missed_on, months)]
        counted.append(absence)
        if len(counted) >= values.integer("absences_before_review"):
            found.append(AbsenceReview(tuple(counted), on, None))
            open_since = on
    if open_since is not None:
        found[-1] = replace(found[-1], cleared=_decision(decisions, counted, since=open_since))
    return found


def accepted_on(absence: Absence) -> date:
    """The day on which an absence was accepted: that of the contact, unless its reason was awaited."""
    return absence.decided_on or absence.missed_on


def _countable(order: EnforcedSentence, policy: Policy) -> Iterator[Absence]:
    for absence in order.excused:
        values = policy.on(absence.missed_on, order.sentence.region)
        if (
            values.flag("absence_review")
            and absence.acceptable_reason not in values.texts("absence_review_reasons_left_out")
            and _is_covered(absence, order, values)
        ):
            yield absence


def _is_covered(absence: Absence, order: EnforcedSentence, values: Values) -> bool:
    """ENF-21, C26: is it an absence from what the review covered on that day: unpaid work first, then all?"""
    kinds = values.texts("absence_review_requirements")
    if EVERY_KIND in kinds:
        return True
    required = order.period.required_on(absence.missed_on).requirements
    return any(r.requirement_id == absence.requirement_id and r.kind in kinds for r in required)


def _decision(
    decisions: Iterable[ManagerDecision],
    absences: Sequence[Absence],
    *,
    since: date | None,
    before: date = date.max,
) -> ManagerDecision | None:
    """The first decision about these absences, or one that names none, since the review was asked for.

    Without a review (`since` is None) it is one since the first of the absences was accepted.
    """
    if not absences:
        return None
    start = accepted_on(absences[0]) if since is None else since
    about = {None, *(absence.contact_id for absence in absences)}
    return next((d for d in decisions if start <= d.decided_on < before and d.about_id in about), None)
