"""Which place a referral takes: the service's decision, under the lock of the providers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import Literal

from schemas.referrals import ReferralMade
from services.referrals.choice.refusals import LISTED, NO_PLACE, STRUCTURED_FIRST
from services.referrals.choice.requests import Wanted
from services.referrals.market.case import ProviderCase
from services.referrals.market.facts import Listing
from services.referrals.market.listings import usable
from services.referrals.market.view import Occupancy, ProviderView
from shared.engine.assessment import Day, Finding, Refusal, Request
from shared.policy import Policy

Result = Literal["chosen", "place_free", "full", "kept_for_others", "not_suitable"]


@dataclass(frozen=True, slots=True)
class Considered:
    """An intervention that meets what is wanted where it is wanted, with its places as they are now."""

    listing: Listing
    suits: bool
    places: int
    occupied: Occupancy
    ahead: int

    @property
    def free(self) -> int:
        """Places that are free, and not due to those who waited longer."""
        return self.occupied.free(self.places) - self.ahead

    @property
    def result(self) -> Result:
        """Can its place be taken?"""
        if not self.suits:
            return "not_suitable"
        if self.free > 0:
            return "place_free"
        return "kept_for_others" if self.occupied.free(self.places) else "full"


def choose(
    request: Request, candidates: Sequence[ProviderCase], today: date, policy: Policy
) -> Finding | Refusal:
    """AP-1, AP-5, AP-6, AP-8, AP-12, AP-14, SI-5, SI-8, SI-11, DF-4, DF-7, DF-9, DF-10, DF-11, DF-13, DF-17,
    SH-7: a referral's place.

    Of the interventions listed for the need or programme that suit the person: one of the delivery unit
    before one of the whole region, then one adapted for a group of the person's, one for the person's sex
    only, the earliest start, the most free places; then the first by id. Never a place that is taken, nor one
    that is due to somebody who waited longer or needs it more. Refused while all are taken or none is listed;
    a service also where a structured intervention that meets the need is listed for the person (DF-13).
    """
    wanted: Wanted = request.details
    if wanted.structured_first:
        structured = replace(wanted, kind="structured_intervention")
        if any(one.suits for one in _considered(structured, candidates, today, policy)):
            return Refusal(STRUCTURED_FIRST)
    considered = list(_considered(wanted, candidates, today, policy))
    suitable = [one for one in considered if one.suits]
    if not suitable:
        return Refusal(NO_PLACE)
    if wanted.referral_id is None:
        return Refusal(LISTED)
    free = [one for one in suitable if one.free > 0]
    if not free:
        full = sorted(f"{one.listing.provider_id}/{one.listing.intervention_id}" for one in suitable)
        return Refusal(" ".join(("full", *full)))
    chosen = min(free, key=lambda one: _order(one, wanted, today))
    listing, values = chosen.listing, policy.on(today, wanted.region)
    public = listing.provider_id in values.texts("public_providers")
    return Finding(
        event=ReferralMade.model_validate(
            {
                "referral_id": wanted.referral_id,
                "sentence_id": wanted.sentence_id,
                "requirement_id": wanted.requirement_id,
                "kind": wanted.kind,
                "intervention_id": listing.intervention_id,
                "provider_id": listing.provider_id,
                "need": wanted.need if wanted.need in values.texts("published_needs") else None,
                "cohorts": list(wanted.cohorts),
                "desired_outcomes": list(wanted.desired_outcomes),
                "made_on": today,
                "programme": wanted.programme,
                "sessions": listing.sessions,
                "region": wanted.region,
                "pdu": wanted.pdu,
                "considered": [
                    {
                        "intervention_id": one.listing.intervention_id,
                        "result": "chosen" if one == chosen else one.result,
                    }
                    for one in considered
                ],
            }
        ),
        key=request.key,
        rules=_rules(wanted, public),
        because=(*wanted.because, listing),
        policy=values.version,
    )


def _considered(
    wanted: Wanted, candidates: Iterable[ProviderCase], today: date, policy: Policy
) -> Iterator[Considered]:
    """What is listed in the pools that were asked, by provider and intervention."""
    for candidate in sorted(candidates, key=lambda case: case.subject):
        view = ProviderView(candidate, policy).on(Day(today))
        for listing in usable(view):
            if listing.kind != wanted.kind or wanted.what not in listing.meets:
                continue
            if listing.region != wanted.region or not listing.serves(wanted.pdu):
                continue
            if listing.provider_id in wanted.excluded:
                continue
            occupied = view.occupied(listing.intervention_id)
            suits, ahead = _suits(listing, wanted), occupied.ahead_of(wanted.rank)
            yield Considered(listing, suits, view.places(listing), occupied, ahead)


def _suits(listing: Listing, wanted: Wanted) -> bool:
    """Is it for a person of that sex?"""
    return listing.sex in ("any", wanted.sex)


def _order(one: Considered, wanted: Wanted, today: date) -> tuple[object, ...]:
    listing = one.listing
    return (
        not listing.pdus,
        not set(listing.adapted_for) & set(wanted.cohorts),
        listing.sex == "any",
        listing.next_start(today) or today,
        -one.free,
        listing.provider_id,
        listing.intervention_id,
    )


def _rules(wanted: Wanted, public: bool) -> tuple[str, ...]:
    if wanted.kind == "accredited_programme":
        return ("AP-1", "AP-6", "AP-8", *(("AP-5",) if public else ()), "SH-7", "DF-9")
    if wanted.kind == "structured_intervention":
        return ("SI-5", "SI-8", "SI-11", "SH-7", "DF-9")
    return ("DF-7", "DF-10", "SH-7", "DF-9")


def referral_keys(made: ReferralMade) -> Iterator[str]:
    """The keys under which a place may have been decided: the referral's first, second, third, ..."""
    yield made.referral_id
    yield from (f"{made.referral_id}/{n}" for n in count(2))
