"""What an order requires on a day, and whether all of it is done (CONT-28)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from services.contacts.facts import Requirement, Sentence
from services.contacts.view import ContactsView


def in_force(of: ContactsView, sentence: Sentence, day: date) -> Sequence[Requirement]:
    """The requirements of an order on a day on which it is live: those of the latest variation by then."""
    varied = [
        variation
        for variation in of.case.variations.values()
        if variation.sentence_id == sentence.sentence_id and variation.varied_on <= day
    ]
    latest = max(varied, key=lambda v: v.varied_on, default=None)
    return sentence.requirements if latest is None else latest.requirements


def power_has_ended(of: ContactsView, sentence: Sentence, day: date) -> bool:
    """CONT-28: is there no power left to require attendance at supervision on that day of an order?

    All its requirements were completed before, and none of them is a rehabilitation activity requirement.
    CONT-29: from the day on which the promised power is in force there always is.
    """
    if not of.case.completions:
        return False  # by far the most
    required = in_force(of, sentence, day)
    if not required or any(requirement.kind == "rar" for requirement in required):
        return False
    completed = {
        completion.requirement_id
        for completion in of.case.completions.values()
        if completion.sentence_id == sentence.sentence_id and completion.completed_on < day
    }
    if not completed.issuperset(requirement.requirement_id for requirement in required):
        return False
    return not of.values(day, sentence).flag("whole_order_power")
