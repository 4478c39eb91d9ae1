"""The first steps of supervision: a first appointment, a sentence plan, and what other agencies are asked.

Each order and each release has its own deadlines (ALLOC-22, CONT-25 to CONT-27). Post-sentence supervision
and unpaid work alone have no first appointment and no plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import cast

from schemas.contacts import InitialAppointmentOverdue, PartnerCheckDue, SentencePlanOverdue
from schemas.words import PartnerCheckKind
from services.contacts.first_steps.appointments import first_appointment_due
from services.contacts.first_steps.sentence_plans import EQUALITIES, is_complete, missing, plans_by
from services.contacts.summary import first_attended, first_offered
from services.contacts.view import ContactsView
from shared.engine.assessment import Finding
from shared.probation.supervision import Stage, SupervisionPeriod


def initial_appointment(view: ContactsView) -> Iterator[Finding]:
    """ALLOC-22: the first appointment is offered within 5 business days of sentence, 1 of release.

    Offered is an appointment of which the person was told or that has an outcome, unless the service moved it
    or held it back; whether the person came is another matter. The finding stands when one is offered late.
    """
    for period, stage in view.stages():
        if stage.kind == "post_sentence_supervision":
            continue
        due = first_appointment_due(view, stage)
        if due is None or not _falls_in(due, stage.first, period, stage):
            continue
        if not view.today.after(due) or first_offered(view, stage, due):
            continue
        yield Finding(
            event=InitialAppointmentOverdue(sentence_id=stage.sentence.sentence_id, due_on=due),
            key=_key(period, stage),
            rules=("ALLOC-22",),
            because=stage.because,
            policy=view.values(stage.first, stage.sentence).version,
        )


def sentence_plan(view: ContactsView) -> Iterator[Finding]:
    """CONT-25: a sentence plan exists within 15 business days of the first appointment that was attended.

    CONT-26: it is complete only with the person's own assessment, or with their refusal of one, and if family
    and gender-specific evidence were considered; EQ-4: for a young adult, if it plans the transition. What a
    source does not tell is not held against it. A plan made before the first appointment will do; on a new
    release one made since the person was last taken into custody, since a recall calls for a review.
    """
    for period, stage in view.stages():
        if stage.kind == "post_sentence_supervision":
            continue
        first = first_attended(view, stage)
        if first is None:
            continue
        due = view.due_on(first.on, "sentence_plan_days", stage.sentence, "contact")
        if due is None or not _falls_in(due, first.on, period, stage) or not view.today.after(due):
            continue
        plans = plans_by(view, stage, due)
        if any(is_complete(view, stage, plan) for plan in plans):
            continue
        lacking = missing(view, stage, plans[-1]) if plans else []
        equalities = ("EQ-4",) if set(lacking) & set(EQUALITIES) else ()
        yield Finding(
            event=SentencePlanOverdue(sentence_id=stage.sentence.sentence_id, due_on=due),
            key=_key(period, stage),
            rules=("CONT-25", "CONT-26", *equalities),
            because=(first, *plans, *stage.because),
            policy=view.values(first.on, stage.sentence).version,
        )


def partner_checks(view: ContactsView) -> Iterator[Finding]:
    """CONT-27: youth offending services, safeguarding, domestic-abuse checks and health are asked.

    Each check is an open item from the first allocation under supervision on, resolved by the answer. Other
    agencies can be asked while the person is held, so that custody stops no clock here.
    """
    for sentence_id, period in view.supervision.items():
        allocations = view.allocations_of(sentence_id)
        if period.over_on is None or not period.stages or not allocations:
            continue
        stage, allocation = period.stages[0], allocations[0]
        start = max(allocation.allocated_on, stage.first)
        if start > period.over_on or not view.today.reached(start):
            continue
        values = view.values(start, stage.sentence)
        due = values.within(start, "partner_check_days")
        for check, who in values.table("partner_checks").items():
            if who != "all" and who not in stage.sentence.person.cohorts:
                continue
            answers = [
                answer
                for answer in view.case.partner_checks.values()
                if (answer.sentence_id, answer.check) == (sentence_id, check)
            ]
            answered_on = min((answer.completed_on for answer in answers), default=None)
            if answered_on is not None and answered_on < start:
                continue  # there was nothing left to ask
            yield Finding(
                event=PartnerCheckDue(
                    sentence_id=sentence_id, check=cast(PartnerCheckKind, check), due_on=due
                ),
                key=f"{sentence_id}/{check}",
                rules=("CONT-27",),
                because=(allocation, *answers, *stage.because),
                policy=values.version,
                resolved_on=answered_on,
                ended_on=period.over_on,
            )


def _falls_in(due: date, since: date, period: SupervisionPeriod, stage: Stage) -> bool:
    """Does a deadline fall in its own stage, before the end, with more than unpaid work until then?"""
    return (
        due <= stage.last
        and (period.over_on is None or due < period.over_on)
        and stage.supervised_throughout(since, due)
    )


def _key(period: SupervisionPeriod, stage: Stage) -> str:
    """The sentence; for a release after the first, with its day."""
    sentence_id = stage.sentence.sentence_id
    return sentence_id if stage == period.stages[0] else f"{sentence_id}/{stage.first.isoformat()}"
