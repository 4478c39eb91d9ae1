"""CONT-30: while the person is handed over to another practitioner or region.

The contacts already arranged are kept. One that is missed in the gap is the service's doing, unless the
person was given notice of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from services.contacts.facts import PractitionerChange, Sentence
from services.contacts.view import ContactsView
from shared.engine.assessment import Day

HANDED_OVER = ("change", "transfer")
"""What an allocation is for that ends a change of practitioner."""


def in_hand_over(of: ContactsView, sentence: Sentence, day: date, today: Day) -> bool:
    """Was a transfer or a change of practitioner of that sentence under way on a day that has been reached?

    Its first and its last day count. One that is still open counts for so many days as the policy says: what
    nobody answers does not go on for ever.
    """
    if not (of.case.transfers or of.case.changes):
        return False  # by far the most
    return any(
        first <= day and (last is None or day <= last) and _counts(of, sentence, first, last, day, today)
        for first, last in _hand_overs(of, sentence)
    )


def _counts(
    of: ContactsView, sentence: Sentence, first: date, last: date | None, day: date, today: Day
) -> bool:
    values = of.values(first, sentence)
    if day <= values.within(first, "hand_over_limit"):
        return True
    return last is not None and today.reached(last)


def _hand_overs(of: ContactsView, sentence: Sentence) -> Iterator[tuple[date, date | None]]:
    """First and last day of each; the last is None while it is open."""
    for transfer_id, transfer in of.case.transfers.items():
        acceptance = of.case.transfers_accepted.get(transfer_id)
        yield transfer.requested_on, acceptance.accepted_on if acceptance else None
    for change in of.case.changes.values():
        if change.sentence_id in (None, sentence.sentence_id):
            yield change.requested_on, _settled_on(of, sentence, change)


def _settled_on(of: ContactsView, sentence: Sentence, change: PractitionerChange) -> date | None:
    """The day on which the sentence went to another practitioner, or on which the manager refused."""
    days = [
        allocation.allocated_on
        for allocation in of.case.allocations.values()
        if allocation.sentence_id == sentence.sentence_id and allocation.reason in HANDED_OVER
    ]
    days += [
        decision.decided_on
        for decision in of.case.decisions.values()
        if decision.about == "practitioner_change"
        and not decision.approved
        and change.sentence_id in (None, decision.sentence_id)
    ]
    return min((day for day in days if day >= change.requested_on), default=None)
