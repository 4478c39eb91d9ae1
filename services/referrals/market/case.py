"""What the referrals service knows of a provider, and of a region."""

from __future__ import annotations

import msgspec

from services.referrals.market.facts import (
    Award,
    Consultation,
    Listing,
    ListingWithdrawal,
    Proposal,
    Qualification,
    ServiceCall,
)
from shared.engine.case import Case, Register, Registers
from shared.probation.delivery import DELIVERY_REGISTERS, DeliveryCase


class ProviderCase(Case, kw_only=True, omit_defaults=True):
    """A provider. `used` holds what people tell it of their places (`services.referrals.places`)."""

    qualifications: dict[str, Qualification] = msgspec.field(default_factory=dict)
    listings: dict[str, Listing] = msgspec.field(default_factory=dict)
    withdrawals: dict[str, ListingWithdrawal] = msgspec.field(default_factory=dict)


PROVIDER: Registers = {
    "ProviderQualified": Register("qualifications", Qualification),
    "InterventionListed": Register("listings", Listing),
    "InterventionWithdrawn": Register("withdrawals", ListingWithdrawal),
}


class RegionCase(DeliveryCase, kw_only=True, omit_defaults=True):
    """A region. `used` holds what providers tell it of themselves (`services.referrals.places`).

    What it does not deliver (SH-9) it tells every case.
    """

    calls: dict[str, ServiceCall] = msgspec.field(default_factory=dict)
    proposals: dict[str, Proposal] = msgspec.field(default_factory=dict)
    awards: dict[str, Award] = msgspec.field(default_factory=dict)
    consultations: dict[str, Consultation] = msgspec.field(default_factory=dict)


REGION: Registers = DELIVERY_REGISTERS | {
    "ServiceCallPosted": Register("calls", ServiceCall),
    "ProposalSubmitted": Register("proposals", Proposal),
    "ServiceCallAwarded": Register("awards", Award),
    "ConsultationRecorded": Register("consultations", Consultation),
}
