"""A person's case as the rules of enforcement look at it: sentence by sentence (ENF-32)."""

from __future__ import annotations

from datetime import date

from services.enforcement.breaches import BreachHistory, breach_history
from services.enforcement.case import EnforcementCase
from services.enforcement.facts import Absence, Allocation
from services.enforcement.sentences import DUTY_TO_ENFORCE, EnforcedSentence, enforced_sentences
from shared.engine.assessment import once_a_day
from shared.engine.case import Part
from shared.probation.practitioners import in_order
from shared.probation.view import SupervisedView


class EnforcementView(SupervisedView[EnforcementCase, Part]):
    """A person's case."""

    @property
    @once_a_day
    def enforced(self) -> list[EnforcedSentence]:
        """The sentences on which supervision has begun, with what happened on each by today."""
        return [
            *enforced_sentences(self.case, self.supervision.values(), self.custody, self.today, self.policy)
        ]

    @property
    @once_a_day
    def breaches(self) -> list[BreachHistory]:
        """The breaches of each order: a sentence with a duty to warn or refer (ENF-1, ENF-2)."""
        return [
            breach_history(enforced, self.policy)
            for enforced in self.enforced
            if enforced.sentence.kind in DUTY_TO_ENFORCE
        ]

    @property
    @once_a_day
    def _counts(self) -> dict[str, BreachHistory]:
        return {history.order.sentence.sentence_id: history for history in self.breaches}

    def demands_action(self, failure: Absence) -> bool:
        """Is an action demanded for a failure? On an order only if it counts (ENF-15), else always."""
        history = self._counts.get(failure.sentence_id)
        return history is None or failure.missed_on in history.counts

    def accountable_on(self, sentence_id: str, day: date) -> Allocation | None:
        """MGR-1: who had a sentence at the end of a day, as allocation decided; None if nobody is known."""
        allocations = in_order(self.case.allocations.values(), sentence_id)
        return next((a for a in reversed(allocations) if a.allocated_on <= day), None)
