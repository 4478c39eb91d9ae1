"""A person's case, a practitioner's and a region's as the rules look at them, each answer worked out once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from services.allocation.case import AllocationCase, PractitionerCase, RegionCase
from services.allocation.facts import Allocation, Practitioner, RiskAssessment
from services.allocation.managed import ManagedSentence, managed_sentence
from services.allocation.units import Units, changes_told, units_today
from shared.engine.assessment import Day, View, once, once_a_day
from shared.engine.case import Part
from shared.policy import Values
from shared.probation.facts import TransferAcceptance
from shared.probation.practitioners import decided, in_order
from shared.probation.risk import Registration, assessments_in_order, registrations
from shared.probation.view import SupervisedView

HOURS = Decimal("1e-15")
"""To what a share of the contracted hours is rounded, as the peers' calculator does (ALLOC-7)."""


class AllocationView(SupervisedView[AllocationCase, Part]):
    """A person's case."""

    @property
    @once
    def assessments(self) -> list[RiskAssessment]:
        """The risk assessments in order."""
        return assessments_in_order(self.case.assessments.values())

    @property
    @once
    def registrations(self) -> list[Registration]:
        """The periods of all registrations, in order."""
        return registrations(self.case.registrations.values())

    @property
    @once
    def transfers(self) -> list[TransferAcceptance]:
        """The transfers that were accepted, in order."""
        return sorted(self.case.transfers_accepted.values(), key=lambda t: (t.accepted_on, *t.stamp))

    @property
    @once_a_day
    def allocations(self) -> list[Allocation]:
        """The allocations made by today, in order."""
        made = sorted(self.case.allocations.values(), key=decided)
        return [allocation for allocation in made if self.today.reached(allocation.allocated_on)]

    @property
    @once_a_day
    def managed(self) -> list[ManagedSentence]:
        """The sentences for which a practitioner is, or was, to be responsible by today, in order."""
        found = []
        for period in self.supervision.values():
            own = tuple(in_order(self.allocations, period.sentence.sentence_id))
            managed = managed_sentence(self, period, own)
            if managed is not None:
                found.append(managed)
        return sorted(found, key=lambda m: (m.starts_on, m.sentence_id))

    @property
    @once_a_day
    def live(self) -> list[ManagedSentence]:
        """Those of them that are not over."""
        return [managed for managed in self.managed if managed.live]

    @property
    def current_allocation(self) -> Allocation | None:
        """ALLOC-2: the latest allocation of a live sentence, which says who is responsible for the person."""
        made = (managed.allocations[-1] for managed in self.live if managed.allocations)
        return max(made, key=decided, default=None)

    def units(self, region: str) -> Units:
        """REG-8: how the delivery units of a region are called today."""
        return units_today(changes_told(self.notice(region)), self.today)

    def reached(self, days: Iterable[date | None]) -> None:
        """Wait for each of these days that has not come: something that is worked out may then change."""
        for day in days:
            if day is not None:
                self.today.reached(day)


class PractitionerView(View[PractitionerCase, Part]):
    """A practitioner's case."""

    @property
    @once_a_day
    def practitioner(self) -> Practitioner | None:
        """The record in force: the one with the latest effective date that has come."""
        return latest(u for u in self.case.updates.values() if self.today.reached(u.effective_on))

    @property
    @once_a_day
    def available(self) -> int:
        """ALLOC-7: the points that the practitioner has for cases today; 0 before the first record."""
        practitioner = self.practitioner
        if practitioner is None:
            return 0
        return available_points(self.case, practitioner, self.today, self.values_today(practitioner.region))


class RegionView(View[RegionCase, Part]):
    """A region's case."""

    @property
    @once_a_day
    def units(self) -> Units:
        """How the region's delivery units are called today."""
        return units_today(self.case.unit_changes.values(), self.today)


def latest(updates: Iterable[Practitioner]) -> Practitioner | None:
    """The practitioner's record that took effect last."""
    return max(updates, key=lambda update: update.effective_on, default=None)


def available_points(case: PractitionerCase, practitioner: Practitioner, today: Day, values: Values) -> int:
    """ALLOC-7: nominal target x (weekly hours less reductions / contracted hours), truncated; at least 0."""
    hours = Decimal(str(practitioner.weekly_hours))
    for reduction in case.reductions.values():
        end = case.reduction_ends.get(reduction.reduction_id)
        over = (reduction.to is not None and today.after(reduction.to)) or (
            end is not None and today.reached(end.ended_on)
        )
        if today.reached(reduction.from_) and not over:
            hours -= Decimal(str(reduction.hours))
    if hours <= 0:
        return 0
    share = (hours / values.number("contracted_hours")).quantize(HOURS, ROUND_HALF_UP)
    return int(values.number("nominal_target") * share)
