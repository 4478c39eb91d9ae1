"""A person's case as the rules of enforcement look at it: sentence by sentence (ENF-32)."""

from __future__ import annotations

from datetime import date

from services.enforcement.breaches import breach_history
from services.enforcement.case import EnforcementCase
from services.enforcement.episodes import BreachHistory
from services.enforcement.facts import Absence, Allocation, Assessment
from services.enforcement.post_sentence import in_post_sentence_supervision
from services.enforcement.recall.licences import Licence, licences
from services.enforcement.sentences import EnforcedSentence, enforced_sentences
from shared.engine.assessment import once, once_a_day
from shared.engine.case import Part
from shared.probation.practitioners import in_order
from shared.probation.risk import assessments_in_order
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
    def licences(self) -> list[Licence]:
        """The licences on which supervision has begun, with what happened on each by today."""
        case = self.case
        decisions, taken = [*case.recalls.values()], [*case.taken.values()]
        return [
            licence
            for enforced in self.enforced
            for licence in licences(enforced, decisions, taken, self.custody, self.today)
        ]

    @property
    @once
    def assessments(self) -> list[Assessment]:
        """The risk assessments in order."""
        return assessments_in_order(self.case.assessments.values())

    @property
    @once_a_day
    def breaches(self) -> list[BreachHistory]:
        """The breaches of each order, and those of each post-sentence supervision (ENF-1, ENF-2, ENF-33)."""
        orders = (in_post_sentence_supervision(enforced) or enforced for enforced in self.enforced)
        return [breach_history(order, self.policy) for order in orders if order.duty is not None]

    @property
    @once_a_day
    def with_breaches(self) -> list[BreachHistory]:
        """Those of them with a breach that was required or initiated: of most there is none."""
        return [history for history in self.breaches if history.breaches]

    @property
    @once_a_day
    def _demanding_action(self) -> set[str]:
        """The contacts about whose failures something must be done."""
        demanding = {failure.contact_id for licence in self.licences for failure in licence.failures}
        for history in self.breaches:
            failures = history.order.failures
            demanding |= {failure.contact_id for failure in failures if failure.missed_on in history.counts}
        return demanding

    def demands_action(self, failure: Absence) -> bool:
        """Is an action demanded for a failure?

        On an order and in post-sentence supervision only if it counts (ENF-15); on a licence always, while
        the person is at liberty and has not been recalled.
        """
        return failure.contact_id in self._demanding_action

    def recall_since(self, failure: Absence) -> date | None:
        """The day of the first step towards a recall, or of the recall itself, since a failure on licence."""
        licence = next((licence for licence in self.licences if failure in licence.failures), None)
        return min(licence.recall_since(failure), default=None) if licence else None

    def accountable_on(self, sentence_id: str, day: date) -> Allocation | None:
        """MGR-1: who had a sentence at the end of a day, as allocation decided; None if nobody is known."""
        allocations = in_order(self.case.allocations.values(), sentence_id)
        return next((a for a in reversed(allocations) if a.allocated_on <= day), None)

    def accountable_today(self, sentence_id: str) -> Allocation | None:
        """Who has a sentence today; None if nobody is known."""
        for allocation in self.case.allocations.values():
            self.today.reached(allocation.allocated_on)
        return self.accountable_on(sentence_id, self.today.waited_for)
