"""The facts about providers, what they list, and the calls of the regions."""

from __future__ import annotations

from datetime import date

from schemas.words import CoreNeed, ListedNeed, ReferralKind, Region, ServiceCohort
from shared.engine.case import Record
from shared.probation.names import name_key


class Qualification(Record, frozen=True, kw_only=True):
    """`ProviderQualified`: what a provider may be used for, until the next one (DF-2)."""

    provider_id: str
    qualified_on: date
    needs: tuple[CoreNeed, ...]
    cohorts: tuple[ServiceCohort, ...]
    regions: tuple[Region, ...]
    specialist: bool


class Listing(Record, frozen=True, kw_only=True):
    """`InterventionListed`: what holds of an intervention from `listed_on` until it is listed anew.

    `capacity` is in places. No `pdus`: it serves the whole region. No `starts_on`: one may start on any day.
    """

    intervention_id: str
    provider_id: str
    kind: ReferralKind
    programme: str | None
    needs: tuple[ListedNeed, ...]
    sessions: int
    delivery: str
    approval_ref: str | None
    sex: str
    region: Region
    pdus: tuple[str, ...]
    capacity: int
    starts_on: tuple[date, ...]
    listed_on: date
    adapted_for: tuple[str, ...] = ()

    @property
    def meets(self) -> tuple[str, ...]:
        """What it can be asked for: its programme and its needs."""
        return (*((self.programme,) if self.programme else ()), *self.needs)

    def serves(self, pdu: str) -> bool:
        """DF-12, SH-11: does it serve that delivery unit of its region?"""
        return not self.pdus or name_key(pdu) in map(name_key, self.pdus)

    def next_start(self, day: date) -> date | None:
        """The first start on that day or later; None if it has none, or one may start on any day."""
        return min((start for start in self.starts_on if start >= day), default=None)


class ListingWithdrawal(Record, frozen=True, kw_only=True):
    """`InterventionWithdrawn`: from that day it takes nobody new; those on it go on (AP-6)."""

    intervention_id: str
    withdrawn_on: date


class ServiceCall(Record, frozen=True, kw_only=True):
    """`ServiceCallPosted`: a region asks for proposals (DF-3)."""

    call_id: str
    need: CoreNeed
    cohorts: tuple[ServiceCohort, ...]
    funding: str
    posted_on: date
    closes_on: date


class Proposal(Record, frozen=True, kw_only=True):
    """`ProposalSubmitted`."""

    proposal_id: str
    call_id: str
    provider_id: str
    submitted_on: date


class Award(Record, frozen=True, kw_only=True):
    """`ServiceCallAwarded`."""

    call_id: str
    proposal_id: str
    awarded_on: date


class Consultation(Record, frozen=True, kw_only=True):
    """`ConsultationRecorded`: who was heard about unpaid work (UPW-21)."""

    consultation_id: str
    held_on: date
    voices: tuple[str, ...]
