"""A person's case and a practitioner's as the rules look at them, each answer worked out once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.allocation.case import AllocationCase, PractitionerCase
from services.allocation.facts import Practitioner
from shared.engine.assessment import View, once, once_a_day
from shared.engine.case import Part, Record
from shared.policy import Values
from shared.probation.facts import Allocation, Release, RiskAssessment, Sentence
from shared.probation.practitioners import decided, in_order
from shared.probation.risk import assessments_in_order
from shared.probation.supervision import End, SupervisionPeriod
from shared.probation.view import SupervisedView


@dataclass(frozen=True, slots=True)
class SupervisedSentence:
    """A sentence of which supervision has begun by today.

    `begun_by` is the record that began it: the sentence itself, or a release. `end` and `allocations` are
    those known by today, the allocations in order.
    """

    period: SupervisionPeriod
    begun_by: Sentence | Release
    end: End | None
    allocations: tuple[Allocation, ...]

    @property
    def sentence(self) -> Sentence:
        """The sentence itself."""
        return self.period.sentence

    @property
    def sentence_id(self) -> str:
        return self.sentence.sentence_id

    @property
    def starts_on(self) -> date:
        """The first day of supervision; a new release after it was over begins it again."""
        begun_by = self.begun_by
        return begun_by.released_on if isinstance(begun_by, Release) else begun_by.imposed_on

    @property
    def live(self) -> bool:
        """Does supervision go on?"""
        return self.end is None

    @property
    def because(self) -> tuple[Record, ...]:
        """The records that say that it began."""
        return (self.sentence,) if self.begun_by is self.sentence else (self.sentence, self.begun_by)


class AllocationView(SupervisedView[AllocationCase, Part]):
    """A person's case."""

    @property
    @once
    def assessments(self) -> list[RiskAssessment]:
        """The risk assessments in order."""
        return assessments_in_order(self.case.assessments.values())

    @property
    @once_a_day
    def supervised(self) -> list[SupervisedSentence]:
        """The sentences of which supervision has begun by today, in order of their start.

        A custodial sentence is not among them before release (ALLOC-3), nor is one that was over before it
        began.
        """
        found = []
        for period in self.supervision.values():
            end, stage = period.end(self.today), period.under_way(self.today)
            if stage is not None:
                made = in_order(self.case.allocations.values(), period.sentence.sentence_id)
                made = [a for a in made if self.today.reached(a.allocated_on)]
                found.append(SupervisedSentence(period, stage.begun_by, end, tuple(made)))
        return sorted(found, key=lambda s: (s.starts_on, s.sentence_id))

    @property
    @once_a_day
    def live(self) -> list[SupervisedSentence]:
        """The sentences on which supervision goes on."""
        return [supervised for supervised in self.supervised if supervised.live]

    @property
    def current_allocation(self) -> Allocation | None:
        """ALLOC-2: the latest allocation of a live sentence, which says who is responsible for the person."""
        made = (s.allocations[-1] for s in self.live if s.allocations)
        return max(made, key=decided, default=None)


class PractitionerView(View[PractitionerCase, Part]):
    """A practitioner's case."""

    @property
    @once_a_day
    def practitioner(self) -> Practitioner | None:
        """The record in force: the one with the latest effective date that has come."""
        return latest(u for u in self.case.updates.values() if self.today.reached(u.effective_on))


def latest(updates: Iterable[Practitioner]) -> Practitioner | None:
    """The practitioner's record that took effect last."""
    return max(updates, key=lambda update: update.effective_on, default=None)


def values_today(view: AllocationView | PractitionerView, region: str | None = None) -> Values:
    """The policy of today, for rules whose key date is the day itself; without `region` the national one.

    The case waits for the next change of the policy, and is assessed again on that day.
    """
    change = view.policy.next_change(view.today.date)
    if change is not None:
        view.today.reached(change)
    return view.policy.on(view.today.date, region)
