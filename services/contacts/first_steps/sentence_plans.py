"""Which sentence plans count for a stage of supervision, and which of them are complete."""

from __future__ import annotations

from datetime import date
from typing import Literal

from services.contacts.facts import SentencePlan
from services.contacts.view import ContactsView
from shared.probation.supervision import Stage

PlanEvidence = Literal[
    "self_assessment", "family_considered", "gender_specific_evidence", "young_adult_transition"
]

EQUALITIES: tuple[PlanEvidence, ...] = ("gender_specific_evidence", "young_adult_transition")
"""What EQ-4 asks of a plan."""

EVIDENCE: tuple[PlanEvidence, ...] = ("family_considered", *EQUALITIES)
"""What a plan must have beside the person's own assessment; also the names of the plan's fields."""


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
    """CONT-26, EQ-4: has it all that the policy of its day asks of a plan for this person?"""
    return not missing(view, stage, plan)


def missing(view: ContactsView, stage: Stage, plan: SentencePlan) -> list[PlanEvidence]:
    """CONT-26: the person's own assessment or their refusal of one; family; gender-specific evidence.

    EQ-4: for young adults, the plan of their transition. The policy says of whom each is asked: of all, of
    one sex, of one cohort. What the plan does not tell is not missing.
    """
    person = stage.sentence.person
    values = view.values(plan.completed_on, stage.sentence)
    found: list[PlanEvidence] = []
    if plan.self_assessment not in values.texts("sentence_plan_self_assessments"):
        found.append("self_assessment")
    of_whom = values.table("sentence_plan_evidence")
    for evidence in EVIDENCE:
        asked = of_whom.get(evidence) in ("all", person.sex, *person.cohorts)
        if asked and getattr(plan, evidence) is False:
            found.append(evidence)
    return found


def planned_on(view: ContactsView, stage: Stage) -> date:
    """The day from which a stage has a complete plan that counts; 31 December 9999 if it has none."""
    plans = plans_by(view, stage, date.max)
    return next((plan.completed_on for plan in plans if is_complete(view, stage, plan)), date.max)
