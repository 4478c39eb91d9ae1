"""A person's case as the rules of enforcement look at it: sentence by sentence (ENF-32)."""

from __future__ import annotations

from services.enforcement.breaches import BreachHistory, breach_history
from services.enforcement.case import EnforcementCase
from services.enforcement.facts import Assessment
from services.enforcement.recall.licences import Licence, licences
from services.enforcement.sentences import DUTY_TO_ENFORCE, EnforcedSentence, enforced_sentences
from shared.engine.assessment import once, once_a_day
from shared.engine.case import Part
from shared.probation.risk import assessments_in_order
from shared.probation.view import SupervisedView


class EnforcementView(SupervisedView[EnforcementCase, Part]):
    """A person's case."""

    @property
    @once_a_day
    def enforced(self) -> list[EnforcedSentence]:
        """The sentences on which supervision has begun, with what happened on each by today."""
        return [*enforced_sentences(self.case, self.supervision.values(), self.today, self.policy)]

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
        """The breaches of each order: a sentence with a duty to warn or refer (ENF-1, ENF-2)."""
        return [
            breach_history(enforced, self.policy)
            for enforced in self.enforced
            if enforced.sentence.kind in DUTY_TO_ENFORCE
        ]
