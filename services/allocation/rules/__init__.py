"""What the allocation service concludes: of a person, and of a practitioner."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from services.allocation.case import Allocation, AllocationCase, Practitioner, PractitionerCase, own_pool
from services.allocation.rules.changes import changes_wanted
from services.allocation.rules.choice import requests
from services.allocation.rules.deadlines import allocation_due, allocation_overdue, supervision_ended
from services.allocation.rules.tier import Tier, tier_calculated, tiers
from services.allocation.rules.workload import case_points, over_capacity, practitioner_on
from services.allocation.supervision import Supervision, Term, current_allocation, supervisions, terms
from shared.engine.assessment import Finding, Overview, View
from shared.engine.case import Part


class PersonView(View[AllocationCase, Part]):
    """A person on a day: what several rules ask."""

    @cached_property
    def terms(self) -> list[Term]:
        """The sentences imposed by today."""
        return terms(self.case, self.today)

    @cached_property
    def supervisions(self) -> list[Supervision]:
        """The supervisions begun by today."""
        return supervisions(self.case, self.terms, self.today)

    @cached_property
    def live(self) -> list[Supervision]:
        """Those that are not over."""
        return [s for s in self.supervisions if s.live]

    @cached_property
    def tiers(self) -> list[Tier]:
        """The tier of each assessment made by today."""
        return tiers(self.case, self.terms, self.today, self.policy)

    @property
    def tier(self) -> Tier | None:
        """The tier that holds; None while there is none."""
        return self.tiers[-1] if self.tiers else None

    @cached_property
    def current(self) -> Allocation | None:
        """The allocation of the practitioner responsible for the person."""
        return current_allocation(self.supervisions)


class PractitionerView(View[PractitionerCase, Part]):
    """A practitioner on a day."""

    @cached_property
    def practitioner(self) -> Practitioner | None:
        """The record in force; None before the first."""
        return practitioner_on(self.case, self.today)


def _tiers(view: PersonView) -> Iterator[Finding]:
    yield from tier_calculated(view.tiers)


def _supervisions(view: PersonView) -> Iterator[Finding]:
    for supervision in view.supervisions:
        yield from allocation_due(supervision, view.policy)
        yield from allocation_overdue(view.case, supervision, view.supervisions, view.today, view.policy)
        yield from supervision_ended(supervision, view.policy)


def _workload(view: PractitionerView) -> Iterator[Finding]:
    yield from over_capacity(view.case, view.today, view.policy)


PERSON_RULES = (_tiers, _supervisions)
PRACTITIONER_RULES = (_workload,)


def person_overview(view: PersonView, findings: Sequence[Finding]) -> Overview:  # noqa: ARG001
    """Where a person stands, which practitioner they need, and what they count for in a workload."""
    case, today, policy = view.case, view.today, view.policy
    current, live, tier = view.current, view.live, view.tier
    changes = changes_wanted(case, view.supervisions, today)
    points = case_points(case, view.terms, tier, today, policy) if tier and live else 0
    return Overview(
        requests=[*requests(view.supervisions, current, changes, tier, points, policy)],
        claims={(current.practitioner_id, "points"): points} if current else {},
        status=_status(view.supervisions, live, tier),
        region=live[-1].sentence.region if live else None,
        practitioner=current.practitioner_id if current else None,
    )


def practitioner_overview(view: PractitionerView, findings: Sequence[Finding]) -> Overview:
    """Whether a practitioner holds too much, and where cases may be taken."""
    practitioner = view.practitioner
    if practitioner is None:
        return Overview()
    pools = (practitioner.place, own_pool(view.case.subject)) if practitioner.active else ()
    return Overview(
        pools=pools,
        status="over_capacity" if findings else "active" if practitioner.active else "inactive",
        region=practitioner.region,
    )


def _status(supervised: list[Supervision], live: list[Supervision], tier: Tier | None) -> str:
    """Where the person stands in the life of an allocation, for those who look at the caseload."""
    if not live:
        return "ended" if supervised else "not_supervised"
    if all(supervision.allocations for supervision in live):
        return "allocated"
    return "unallocated" if tier else "awaiting_risk"
