"""A referral as a whole: what was asked for, the places that it took, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from schemas.words import ReferralKind, Region
from services.referrals.facts import (
    Acceptance,
    Decline,
    Placement,
    ProviderChange,
    ReferralRequest,
    Session,
)
from services.referrals.requirements import ServedRequirement
from services.referrals.view import IN_ORDER, ReferralsView
from shared.engine.case import Record
from shared.probation.delivery import Work
from shared.probation.facts import Sentence

ONE_DAY = timedelta(days=1)

State = Literal["completed", "prematurely_ended", "cancelled", "withdrawn", "returned_to_court"]

PLACED: tuple[ReferralKind, ...] = (
    "accredited_programme",
    "structured_intervention",
    "commissioned_service",
)
"""The kinds of referral that take a place on an intervention."""


@dataclass(frozen=True, slots=True)
class End:
    """How a referral ended, and its last day. `ran_out`: with the sentence, the last day of which is a whole
    one."""

    state: State
    on: date
    because: tuple[Record, ...]
    ran_out: bool = False

    @property
    def over_on(self) -> date:
        """The first day on which nothing of it is due any more, as of supervision."""
        return self.on + ONE_DAY if self.ran_out else self.on


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """A referral that was asked for, or to which a requirement leads by itself (no `request`).

    `placements` are the places that it took, `acceptances` and `declines` what providers answered, `changes`
    when another provider went on with it: all in order, as far as they are known today. `region` is where the
    case is.
    `delivered_by` is who delivers such work where no place is chosen (None: the Probation Service itself).
    `made_on` is the day of its first place, where it takes one; None while it was not made.
    """

    referral_id: str
    kind: ReferralKind
    sentence: Sentence
    requirement: ServedRequirement | None
    request: ReferralRequest | None = None
    placements: tuple[Placement, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()
    declines: tuple[Decline, ...] = ()
    changes: tuple[ProviderChange, ...] = ()
    region: Region
    delivered_by: str | None = None
    made_on: date | None = None
    end: End | None = field(default=None)

    @property
    def work(self) -> Work:
        """SH-9: the kind of work that it is delivered as."""
        return self.kind if self.kind in ("accredited_programme", "unpaid_work") else "other"

    @property
    def placement(self) -> Placement | None:
        """The place that it took last."""
        return self.placements[-1] if self.placements else None

    def placement_on(self, day: date) -> Placement | None:
        """The place that it had on a day, or the first one before it had any."""
        held = [placement for placement in self.placements if placement.made_on <= day]
        return held[-1] if held else next(iter(self.placements), None)

    @property
    def placed_on(self) -> date | None:
        """When it took that place."""
        return self.placements[-1].made_on if self.placements else None

    @property
    def declined_by(self) -> frozenset[str]:
        """The providers that declined it."""
        return frozenset(decline.provider_id for decline in self.declines)

    @property
    def wants_place(self) -> bool:
        """Does it take a place, and has none: never, or declined, or left behind in another region?"""
        if self.request is None or self.kind not in PLACED:
            return False
        placement = self.placement
        return (
            placement is None or placement.provider_id in self.declined_by or placement.region != self.region
        )

    @property
    def next_key(self) -> str:
        """The key of the decision on its next place."""
        return self.key_of(len(self.placements) + 1)

    @property
    def placement_key(self) -> str:
        """The key of the decision on the place that it took last."""
        return self.key_of(len(self.placements))

    def key_of(self, n: int) -> str:
        """The key of the decision on its n-th place, counted from 1."""
        return self.referral_id if n < 2 else f"{self.referral_id}/{n}"

    def left_on(self, n: int) -> date | None:
        """When it left its n-th place (from 1 on): declined, or for the next one; None while it has it."""
        provider = self.placements[n - 1].provider_id
        days = [placement.made_on for placement in self.placements[n : n + 1]]
        days += [d.declined_on for d in self.declines if d.provider_id == provider]
        return min(days, default=None)

    @property
    def provider(self) -> str | None:
        """Who provides it now; None for the Probation Service itself, or if nobody does."""
        placement, change = self.placement, self.changes[-1] if self.changes else None
        if change is not None and (placement is None or placement.made_on <= change.transferred_on):
            return change.to_provider
        return placement.provider_id if placement else self.delivered_by

    @property
    def programme(self) -> str | None:
        """The code of the programme, if it is one: as asked for, else as the court ordered it."""
        if self.request is not None:
            return self.request.programme
        if self.requirement is None:
            return None
        version = self.made_on and self.requirement.on(self.made_on)
        return (version or self.requirement.versions[0]).requirement.programme

    @property
    def desired_outcomes(self) -> tuple[str, ...]:
        """What it is to achieve."""
        return self.request.desired_outcomes if self.request else ()

    @property
    def because(self) -> tuple[Record, ...]:
        """What it rests on."""
        if self.placement is not None:
            return (self.placement,)
        return (self.request,) if self.request else (self.sentence,)


def sessions_of(view: ReferralsView, referral: Referral) -> list[Session]:
    """The sessions held under a referral so far, in order: those that name it, or of its requirement.

    None that names another referral, nor from before the sentence or after its end.
    """
    end = view.supervision[referral.sentence.sentence_id].end(view.today)
    first, last = referral.sentence.imposed_on, end.on if end is not None else date.max
    found = {s.session_id: s for s in view.sessions_naming(referral.referral_id)}
    if referral.requirement is not None and referral.kind != "commissioned_service":
        held = view.sessions_of(referral.requirement.key)
        found |= {s.session_id: s for s in held if s.referral_id in (None, referral.referral_id)}
    counted = (session for session in found.values() if first <= session.held_on <= last)
    return sorted(counted, key=IN_ORDER)


def attended(view: ReferralsView, referral: Referral) -> list[Session]:
    """Those of the sessions under a referral that took place with the person."""
    return _with_outcomes(view, referral, "service_attended_outcomes")


def recorded(view: ReferralsView, referral: Referral) -> list[Session]:
    """Those of which attendance was recorded, whether the person came or not; not those that were moved."""
    return _with_outcomes(view, referral, "service_recorded_outcomes")


def _with_outcomes(view: ReferralsView, referral: Referral, name: str) -> list[Session]:
    return [
        session
        for session in sessions_of(view, referral)
        if session.outcome in view.values(session.held_on, referral.sentence).texts(name)
    ]


def first_session(view: ReferralsView, referral: Referral) -> tuple[Session, Record] | None:
    """The first session attended under a referral, with the record that makes it count; None before it."""
    requirement = referral.requirement
    if requirement is not None and referral.kind in ("accredited_programme", "treatment"):
        counted = view.attended[requirement.key]
        return (counted[0][0], counted[0][1].record) if counted else None
    held = attended(view, referral)
    return (held[0], referral.sentence) if held else None
