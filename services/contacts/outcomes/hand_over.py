"""CONT-30: when a person is handed over to another practitioner or region.

The contacts already arranged are kept. One that is missed in the gap is the service's doing, unless the
person was given notice of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial

from services.contacts.view import ContactsView
from shared.engine.assessment import once
from shared.probation.facts import Sentence
from shared.probation.practitioners import changes_under_way

Span = tuple[date, date | None]
"""First and last day, both included; the last is None while it is open."""


def in_hand_over(view: ContactsView, sentence: Sentence, day: date) -> bool:
    """Was a transfer or a change of practitioner of that sentence under way on a day that has been reached?

    One that is still open counts for as many days as the policy says: a request that nobody answers does not
    go on for ever.
    """
    if not (view.case.transfers or view.case.changes):
        return False  # the common case
    for first, last in _hand_overs(view)[sentence.sentence_id]:
        if first <= day and (last is None or day <= last):
            if day <= view.values(first, sentence).within(first, "hand_over_limit"):
                return True
            if last is not None and view.today.reached(last):
                return True
    return False


@once
def _hand_overs(view: ContactsView) -> Mapping[str, list[Span]]:
    """When each sentence was handed over."""
    case = view.case
    transfers: list[Span] = []
    for transfer_id, transfer in case.transfers.items():
        acceptance = case.transfers_accepted.get(transfer_id)
        transfers.append((transfer.requested_on, acceptance.accepted_on if acceptance else None))
    found: dict[str, list[Span]] = {}
    for sentence_id in case.sentences:
        changes = changes_under_way(
            sentence_id,
            case.changes.values(),
            view.allocations_of(sentence_id),
            case.decisions.values(),
            partial(view.change_needs_approval, sentence=case.sentences[sentence_id]),
        )
        found[sentence_id] = [*transfers, *(span for change in changes for span in change.spans)]
    return found
