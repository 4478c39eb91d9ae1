"""Which sentence plans count for a stage of supervision, and which of them are complete."""

from __future__ import annotations

from datetime import date

from services.contacts.facts import SentencePlan
from services.contacts.view import ContactsView
from shared.probation.supervision import Stage


def plans_by(view: ContactsView, stage: Stage, last: date) -> list[SentencePlan]:
    """CONT-25: the plans that count for a stage and were made by `last`, in order.

    One made before supervision began will do; on a new release one made since the person was last taken into
    custody, since a recall calls for a review.
    """
    if not view.case.sentence_plans:
        return []
    sentence_id = stage.sentence.sentence_id
    before = [s.first for s in view.supervision[sentence_id].stages if s.first < stage.first]
    since = date.min
    if before:
        held = [period.start for period in view.custody.periods if before[-1] <= period.start <= stage.first]
        since = max(held, default=stage.first)
    return [plan for plan in view.sentence_plans(sentence_id) if since <= plan.completed_on <= last]


def is_complete(view: ContactsView, stage: Stage, plan: SentencePlan) -> bool:
    """CONT-26: has it the person's own assessment or their refusal of one, as the policy of its day asks?"""
    values = view.values(plan.completed_on, stage.sentence)
    return plan.self_assessment in values.texts("sentence_plan_self_assessments")


def planned_on(view: ContactsView, stage: Stage) -> date:
    """The day from which a stage has a complete plan that counts; 31 December 9999 if it has none."""
    plans = plans_by(view, stage, date.max)
    return next((plan.completed_on for plan in plans if is_complete(view, stage, plan)), date.max)
