"""A provider's case and a region's as the rules look at them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from services.referrals.market.case import ProviderCase, RegionCase
from services.referrals.market.facts import Listing, Qualification
from services.referrals.places import Offer, Place, Qualified, Waiting, pool, told
from shared.engine.assessment import View, once, once_a_day
from shared.engine.case import Part


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Who has a place on an intervention, and who waits for one: the days, and the ranks of those waiting."""

    places: tuple[date, ...] = ()
    waiting: tuple[Waiting, ...] = ()

    def free(self, capacity: int) -> int:
        """The places that nobody has."""
        return max(0, capacity - len(self.places))

    def ahead_of(self, rank: str) -> int:
        """How many of those who wait go before that rank."""
        return sum(one.until is None and one.rank < rank for one in self.waiting)


NOBODY = Occupancy()


class ProviderView(View[ProviderCase, Part]):
    """A provider's case."""

    @property
    @once_a_day
    def qualification(self) -> Qualification | None:
        """The qualification in force."""
        return _last(self._qualifications_so_far())

    def _qualifications_so_far(self) -> Iterator[Qualification]:
        for known in sorted(self.case.qualifications.values(), key=lambda q: q.qualified_on):
            if self.today.reached(known.qualified_on):
                yield known

    @property
    @once_a_day
    def latest_listings(self) -> list[Listing]:
        """The latest listing of each intervention, in order of its id; withdrawn and refused ones too."""
        found: dict[str, Listing] = {}
        for listing in sorted(self.case.listings.values(), key=lambda one: one.listed_on):
            if self.today.reached(listing.listed_on):
                found[listing.intervention_id] = listing
        return [found[id] for id in sorted(found)]

    @property
    def listings(self) -> list[Listing]:
        """The listings in force; refused ones too."""
        return [listing for listing in self.latest_listings if self.withdrawn_on(listing) is None]

    def withdrawn_on(self, listing: Listing) -> date | None:
        """The day on which it was withdrawn; one from before it was listed (again) does not count."""
        withdrawal = self.case.withdrawals.get(listing.intervention_id)
        if withdrawal is None or withdrawal.withdrawn_on < listing.listed_on:
            return None
        return withdrawal.withdrawn_on if self.today.reached(withdrawal.withdrawn_on) else None

    @property
    @once
    def occupancy(self) -> Mapping[str, Occupancy]:
        """By intervention, what people told of their places."""
        places: dict[str, list[date]] = defaultdict(list)
        waiting: dict[str, list[Waiting]] = defaultdict(list)
        for one, count in told(self.case.used):
            if isinstance(one, Place):
                places[one.intervention] += [one.since] * count
            elif isinstance(one, Waiting):
                waiting[one.intervention].append(one)
        return {
            id: Occupancy(tuple(sorted(places[id])), tuple(sorted(waiting[id], key=lambda w: w.rank)))
            for id in {*places, *waiting}
        }

    def occupied(self, intervention_id: str) -> Occupancy:
        """Who has a place on an intervention, and who waits for one."""
        return self.occupancy.get(intervention_id, NOBODY)

    def places(self, listing: Listing) -> int:
        """AP-14: how many may be on it: of a programme's groups, at most so many in each that starts."""
        values = self.policy.on(listing.listed_on, listing.region)
        if listing.kind != "accredited_programme" or listing.delivery != "group" or not listing.starts_on:
            return listing.capacity
        return min(listing.capacity, len(listing.starts_on) * values.integer("programme_group_most"))

    def as_the_day_began(self, listing: Listing) -> tuple[int, int]:
        """DF-18: free places and people waiting when today began; what happens today is told tomorrow."""
        occupied = self.occupied(listing.intervention_id)
        places = [since for since in occupied.places if self.today.after(since)]
        waited = sum(
            self.today.after(one.since) and (one.until is None or not self.today.after(one.until))
            for one in occupied.waiting
        )
        return max(0, self.places(listing) - len(places)), waited


class RegionView(View[RegionCase, Part]):
    """A region's case."""

    @property
    @once
    def offers(self) -> list[Offer]:
        """What providers offer in it, and what they offered once."""
        offers = [one for one, _ in told(self.case.used) if isinstance(one, Offer)]
        return sorted(offers, key=lambda one: (one.intervention, one.provider))

    @property
    @once
    def on_offer(self) -> list[Offer]:
        """What providers offer in it."""
        return [one for one in self.offers if one.until is None]

    @property
    @once
    def qualified(self) -> list[Qualified]:
        """The providers that are or were qualified in it."""
        known = [one for one, _ in told(self.case.used) if isinstance(one, Qualified)]
        return sorted(known, key=lambda one: (one.provider, one.since))

    def qualified_on(self, day: date) -> list[Qualified]:
        """The providers that are qualified on a day."""
        return [q for q in self.qualified if q.since <= day and (q.until is None or day < q.until)]


def pools_of(listing: Listing) -> Iterator[str]:
    """The pools in which people find it: one for each thing that it meets and each unit that it serves."""
    for what in listing.meets:
        for pdu in listing.pdus or (None,):
            yield pool(listing.kind, what, listing.region, pdu)


def _last(known: Iterable[Qualification]) -> Qualification | None:
    last = None
    for last in known:  # noqa: B007
        pass
    return last
