"""Absences of which the reason is awaited, and those that were accepted."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.enforcement import AbsenceDecisionOverdue, ManagerReviewRequired
from services.enforcement.reviews import absence_reviews
from services.enforcement.view import EnforcementView
from shared.engine.assessment import Finding


def absence_decision_overdue(view: EnforcementView) -> Iterator[Finding]:
    """ENF-11, ENF-12: evidence is awaited for 5 business days after an absence, and then the officer decides.

    Until then the absence is no failure; nothing is decided automatically. One that was decided only after
    the due date, or on which supervision ended undecided after it, was decided late for good.
    """
    for enforced in view.enforced:
        for awaited in enforced.awaited:
            absence = awaited.absence
            due_on = enforced.deadline(absence.missed_on, "evidence_days", view.policy)
            in_time = due_on is None or (awaited.over_on is not None and awaited.over_on <= due_on)
            if due_on is not None and not in_time and enforced.missed(due_on, view.today):
                yield Finding(
                    event=AbsenceDecisionOverdue(
                        contact_id=absence.contact_id, sentence_id=absence.sentence_id, due_on=due_on
                    ),
                    key=absence.contact_id,
                    rules=("ENF-11", "ENF-12"),
                    because=[absence],
                    policy=view.values(absence.missed_on, enforced.sentence).version,
                )


def manager_review_required(view: EnforcementView) -> Iterator[Finding]:
    """ENF-20, ENF-21, ENF-22: at 3 acceptable absences on an order within 12 months the manager asks the
    officer to justify them. This is an open item, and never a breach.

    The service's own causes and custody do not count, and which appointments do is policy by date (C26). The
    item is resolved by the manager's decision, which clears the counter. It names the practitioner who had
    the sentence on that day, and their manager if known (MGR-1); and those of the absences whose reason may
    have to do with a protected characteristic, so that none of these is held against anybody unseen.
    """
    for history in view.breaches:
        order = history.order
        for review in absence_reviews(order, view.today, view.policy):
            last = review.absences[-1]
            values = view.values(last.missed_on, order.sentence)
            accountable = view.accountable_on(last.sentence_id, review.requested_on)
            sensitive = values.texts("absence_review_equality_reasons")
            yield Finding(
                event=ManagerReviewRequired(
                    sentence_id=last.sentence_id,
                    acceptable_absences=[absence.contact_id for absence in review.absences],
                    requested_on=review.requested_on,
                    practitioner_id=accountable.practitioner_id if accountable else None,
                    manager_id=accountable.manager_id if accountable else None,
                    equality_check=[
                        absence.contact_id
                        for absence in review.absences
                        if absence.acceptable_reason in sensitive
                    ],
                ),
                key=f"{last.sentence_id}/{last.contact_id}",
                rules=("ENF-20", "ENF-21", "ENF-22", "MGR-1"),
                because=[*review.absences, *([accountable] if accountable else [])],
                policy=values.version,
                resolved_on=review.cleared.decided_on if review.cleared else None,
                ended_on=order.ended_on,
            )
