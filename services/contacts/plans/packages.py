"""Supervision packages: an allowance of contacts by tier, in place of a frequency by risk.

Where the policy says so, what is expected during supervision is a package: so many weeks of early
engagement, and so many contacts in a whole year. Figures are known for few tiers; for all others, and while
the tier is provisional, the package is unknown, and the frequency by risk holds in its place. Packages do not
apply to people with some registrations.
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from services.contacts.facts import Tier
from services.contacts.outcomes.recorded import recorded_on
from services.contacts.view import ContactsView
from shared.policy import Values
from shared.probation.risk import Registration


class Package(msgspec.Struct, frozen=True):
    """What the package of a tier comes to, where supervision began on a certain day."""

    tier: str
    yearly_contacts: int
    early_engagement_ends_on: date


class KnownTier(msgspec.Struct, frozen=True):
    """A tier, and the day from which it is known: that on which it was calculated, in London."""

    known_from: date
    tier: Tier


def packages_hold(values: Values) -> bool:
    """Do packages take the place of the frequency by risk? By the policy of the first day of supervision."""
    return values.text("contact_regime") == "packages"


def exemptions(view: ContactsView, values: Values) -> list[Registration]:
    """The registrations under which packages do not apply, whenever they held, in order.

    By the policy of the day of the plan. Peers 2026, phase SPNA: Intensive Supervision Court and National
    Security Division.
    """
    kinds = values.texts("package_exempt_registrations")
    return [registration for registration in view.registrations if registration.kind in kinds]


def known_tiers(view: ContactsView) -> list[KnownTier]:
    """The tiers of a person in order: of two of one day, the one calculated later is the later one."""
    return [
        KnownTier(recorded_on(tier), tier)
        for tier in sorted(view.case.tiers.values(), key=lambda tier: tier.stamp)
    ]


def tier_on(tiers: list[KnownTier], day: date) -> Tier | None:
    """The tier that holds on a day, of tiers in order; None while there is none."""
    return next((known.tier for known in reversed(tiers) if known.known_from <= day), None)


def package(tier: Tier, since: date, values: Values) -> Package | None:
    """The package of a tier where supervision began on `since`; None if it is not known.

    `values` are those of that day. That of a provisional tier is not known yet (peers 2026, phase SPNK). The
    allowance is that of a whole year: how a part of a year is counted is not published. The weeks of early
    engagement begin the day after the first day of supervision: an answer captured by the peers (index id
    71004008043) has an order of 7 September 2026, and twelve weeks from the 8th to 30 November.
    """
    if tier.provisional:
        return None
    weeks = values.table("package_weeks").get(tier.tier)
    yearly = values.table("package_yearly_contacts").get(tier.tier)
    if weeks is None or yearly is None:
        return None
    return Package(tier.tier, int(yearly), since + timedelta(weeks=int(weeks)))
