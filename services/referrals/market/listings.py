"""What a provider lists: which listings may be used, and which are refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from schemas.referrals import ListingRefused
from services.referrals.market.facts import Listing
from services.referrals.market.view import ProviderView
from services.referrals.places import Offer
from shared.engine.assessment import Finding, once_a_day
from shared.policy import Values

Fault = Literal[
    "too_few_sessions",
    "no_approval",
    "reserved_to_public_service",
    "provider_not_qualified",
    "need_not_in_force",
    "no_programme",
]

RULES_OF: dict[Fault, tuple[str, ...]] = {
    "too_few_sessions": ("SI-1", "SI-2", "SI-3"),
    "no_approval": ("SI-6",),
    "reserved_to_public_service": ("AP-5",),
    "provider_not_qualified": ("DF-2",),
    "need_not_in_force": ("SI-4",),
    "no_programme": ("AP-3",),
}


def listing_refused(view: ProviderView) -> Iterator[Finding]:
    """SI-1, SI-2, SI-3, SI-4, SI-6, AP-3, AP-5, DF-2: what is listed must be something that may be offered.

    Structured interventions have a least number of sessions, approval and need areas by the date of listing;
    some programmes are reserved to the public service; a commissioned service needs a provider qualified for
    all of its needs in the region.
    """
    for listing in view.listings:
        fault = fault_of(view, listing)
        if fault is not None:
            yield Finding(
                event=ListingRefused(intervention_id=listing.intervention_id, reason=fault),
                key=listing.intervention_id,
                rules=RULES_OF[fault],
                because=(listing,),
                policy=view.policy.on(listing.listed_on, listing.region).version,
            )


def fault_of(view: ProviderView, listing: Listing) -> Fault | None:
    """DF-2, PROV-3: what is wrong with a listing; None if it may be used.

    Services come from suppliers of the framework, each qualified for what it lists.
    """
    values = view.policy.on(listing.listed_on, listing.region)
    if listing.kind == "structured_intervention":
        return _structured_fault(listing, values)
    if listing.kind == "accredited_programme":
        if listing.programme is None:
            return "no_programme"
        reserved = listing.programme in values.texts("reserved_programmes")
        if reserved and listing.provider_id not in values.texts("public_providers"):
            return "reserved_to_public_service"
    if listing.kind == "commissioned_service":
        qualified = view.qualification
        if (
            qualified is None
            or listing.region not in qualified.regions
            or not set(listing.needs) <= set(qualified.needs)
        ):
            return "provider_not_qualified"
    return None


def _structured_fault(listing: Listing, values: Values) -> Fault | None:
    if listing.sessions < values.integer("structured_least_sessions"):
        return "too_few_sessions"
    if listing.approval_ref is None and values.flag("structured_approval_required"):
        return "no_approval"
    if not set(listing.needs) <= set(values.texts("structured_needs")):
        return "need_not_in_force"
    return None


@once_a_day
def usable(view: ProviderView) -> list[Listing]:
    """AP-6: the listings that people may be referred to today: in force, and not refused."""
    return [listing for listing in view.listings if fault_of(view, listing) is None]


def offers(view: ProviderView) -> Iterator[tuple[str, Offer]]:
    """What the provider tells each region of its interventions there, of those withdrawn too."""
    qualified = view.qualification
    for listing in view.latest_listings:
        if fault_of(view, listing) is not None:
            continue
        for start in listing.starts_on:
            view.today.after(start)  # the next start changes then
        free, waiting = view.as_the_day_began(listing)
        yield (
            listing.region,
            Offer(
                intervention=listing.intervention_id,
                provider=listing.provider_id,
                kind=listing.kind,
                meets=listing.meets,
                sex=listing.sex,
                cohorts=qualified.cohorts if qualified else (),
                pdus=listing.pdus,
                free=free,
                waiting=waiting,
                next_start=listing.next_start(view.today.date),
                until=view.withdrawn_on(listing),
                event_id=listing.event_id,
            ),
        )
