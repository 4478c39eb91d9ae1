"""Which sentence plans count for a stretch of supervision, and which of them are complete."""

from __future__ import annotations

from datetime import date

from services.contacts.facts import Plan
from services.contacts.supervision import Supervision
from services.contacts.view import ContactsView


def plans_by(of: ContactsView, stretch: Supervision, last: date) -> list[Plan]:
    """The plans that count for a stretch and were made by `last`, in order.

    One made before supervision began will do; on a new release one made since the person was last taken into
    custody, since a recall calls for a review.
    """
    if not of.case.plans:
        return []
    sentence_id = stretch.sentence.sentence_id
    before = [s.first for s in of.courses[sentence_id].stretches if s.first < stretch.first]
    since = date.min
    if before:
        held = [stay.start for stay in of.custody.stays if before[-1] <= stay.start <= stretch.first]
        since = max(held, default=stretch.first)
    return [plan for plan in of.plans(sentence_id) if since <= plan.completed_on <= last]


def is_complete(of: ContactsView, stretch: Supervision, plan: Plan) -> bool:
    """CONT-26: has it the person's own assessment or their refusal of one, as the policy of its day asks?"""
    values = of.values(plan.completed_on, stretch.sentence)
    return plan.self_assessment in values.texts("sentence_plan_self_assessments")


def planned_on(of: ContactsView, stretch: Supervision) -> date:
    """The day from which a stretch has a complete plan that counts; 31 December 9999 if it has none."""
    plans = plans_by(of, stretch, date.max)
    return next((plan.completed_on for plan in plans if is_complete(of, stretch, plan)), date.max)
