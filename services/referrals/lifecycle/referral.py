"""A referral as a whole: what was asked for, the places that it took, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from schemas.words import ReferralKind, Region
from services.referrals.choice.gates import refusal
from services.referrals.completed import completion_of
from services.referrals.facts import Decline, Placement, ProviderChange, ReferralRequest, Session
from services.referrals.lifecycle.programme import states_of
from services.referrals.requirements import ServedRequirement
from services.referrals.view import ReferralsView
from shared.engine.assessment import once_a_day
from shared.engine.case import Record
from shared.probation.delivery import Work
from shared.probation.facts import Sentence

State = Literal["completed", "prematurely_ended", "cancelled", "withdrawn", "returned_to_court"]

PLACED: tuple[ReferralKind, ...] = (
    "accredited_programme",
    "structured_intervention",
    "commissioned_service",
)
"""The kinds of referral that take a place on an intervention."""


@dataclass(frozen=True, slots=True)
class End:
    """How a referral ended, and its last day."""

    state: State
    on: date
    because: tuple[Record, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """A referral that was asked for, or to which a requirement leads by itself (no `request`).

    `placements` are the places that it took, `declines` what providers declined, `changes` when another
    provider went on with it: all in order, as far as they are known today. `region` is where the case is.
    """

    referral_id: str
    kind: ReferralKind
    sentence: Sentence
    requirement: ServedRequirement | None
    request: ReferralRequest | None = None
    placements: tuple[Placement, ...] = ()
    declines: tuple[Decline, ...] = ()
    changes: tuple[ProviderChange, ...] = ()
    region: Region
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
        return _key(self.referral_id, len(self.placements) + 1)

    @property
    def placement_key(self) -> str:
        """The key of the decision on the place that it took last."""
        return _key(self.referral_id, len(self.placements))

    @property
    def provider(self) -> str | None:
        """Who provides it now; None for the Probation Service itself, or if nobody does."""
        if self.changes:
            return self.changes[-1].to_provider
        return self.placement.provider_id if self.placement else None

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


def _key(referral_id: str, n: int) -> str:
    return referral_id if n < 2 else f"{referral_id}/{n}"


@once_a_day
def referrals(view: ReferralsView) -> Mapping[str, Referral]:
    """All referrals of the person by id, those asked for first; of unknown sentences there are none."""
    found: dict[str, Referral] = {}
    for request in sorted(view.case.requests.values(), key=lambda r: (r.requested_on, r.referral_id)):
        if request.sentence_id in view.supervision and view.today.reached(request.requested_on):
            found[request.referral_id] = _requested(view, request)
    for requirement in view.requirements.values():
        kind = view.referral_kind(requirement)
        if kind is None or requirement.referral_id in found or asked_for(view, requirement):
            continue
        if requirement.on(requirement.imposed_on) is None or not view.today.reached(requirement.imposed_on):
            continue
        region, _ = view.place_of_case(requirement.sentence, view.today.date)
        found[requirement.referral_id] = Referral(
            referral_id=requirement.referral_id,
            kind=kind,
            sentence=requirement.sentence,
            requirement=requirement,
            region=region,
            changes=_changes(view, requirement.referral_id),
            made_on=requirement.imposed_on,
        )
    return {id: replace(referral, end=_end(view, referral)) for id, referral in found.items()}


def asked_for(view: ReferralsView, requirement: ServedRequirement) -> bool:
    """Has a referral that meets the requirement been asked for, and is it in order?"""
    return any(
        request.requirement_id == requirement.requirement_id
        and request.sentence_id == requirement.sentence.sentence_id
        and request.kind == view.referral_kind(requirement)
        and view.today.reached(request.requested_on)
        and refusal(view, request, requirement.sentence) is None
        for request in view.case.requests.values()
    )


def _requested(view: ReferralsView, request: ReferralRequest) -> Referral:
    sentence = view.case.sentences[request.sentence_id]
    region, _ = view.place_of_case(sentence, view.today.date)
    placements = [
        placement
        for placement in view.case.placements.values()
        if placement.referral_id == request.referral_id
        and request.kind in PLACED
        and view.today.reached(placement.made_on)
    ]
    placements.sort(key=lambda p: (p.made_on, *p.stamp))
    providers = {placement.provider_id for placement in placements}
    former = view.case.former_declines.get(request.referral_id, ())
    standing = view.case.declines.get(request.referral_id)
    declines = {
        decline.provider_id: decline
        for decline in (*former, *((standing,) if standing else ()))
        if decline.provider_id in providers and view.today.reached(decline.declined_on)
    }
    made_on: date | None = placements[-1].made_on if placements else None
    if request.kind not in PLACED and refusal(view, request, sentence) is None:
        made_on = request.requested_on
    return Referral(
        referral_id=request.referral_id,
        kind=request.kind,
        sentence=sentence,
        requirement=view.requirement(request.sentence_id, request.requirement_id),
        request=request,
        placements=tuple(placements),
        declines=tuple(sorted(declines.values(), key=lambda d: (d.declined_on, d.provider_id))),
        changes=_changes(view, request.referral_id),
        region=region,
        made_on=made_on,
    )


def _changes(view: ReferralsView, referral_id: str) -> tuple[ProviderChange, ...]:
    changes = [c for c in view.case.provider_changes.values() if c.referral_id == referral_id]
    changes.sort(key=lambda c: c.transferred_on)
    return tuple(change for change in changes if view.today.reached(change.transferred_on))


def sessions_of(view: ReferralsView, referral: Referral) -> list[Session]:
    """The sessions held under a referral so far, in order: those that name it, or of its requirement."""
    named = [s for s in view.case.sessions.values() if s.referral_id == referral.referral_id]
    found = {s.session_id: s for s in named if view.today.reached(s.held_on)}
    if referral.requirement is not None and referral.kind != "commissioned_service":
        found |= {s.session_id: s for s in view.sessions[referral.requirement.key]}
    return sorted(found.values(), key=lambda s: (s.held_on, s.session_id))


def attended(view: ReferralsView, referral: Referral) -> list[Session]:
    """Those of the sessions under a referral that took place with the person."""
    return [
        session
        for session in sessions_of(view, referral)
        if session.outcome
        in view.values(session.held_on, referral.sentence).texts("service_attended_outcomes")
    ]


def _end(view: ReferralsView, referral: Referral) -> End | None:
    """The first end that came. On one day what was completed goes before what was broken off."""
    if referral.request is not None and referral.made_on is None and not referral.placements:
        ends = list(_over(view, referral))
    else:
        ends = [*_completed(view, referral), *_by_provider(view, referral), *_by_status(view, referral)]
        ends += [*_taken_off(view, referral), *_over(view, referral)]
    return min(ends, key=lambda end: (end.on, end.state != "completed"), default=None)


def _completed(view: ReferralsView, referral: Referral) -> Iterator[End]:
    """Its requirement is completed. One service under a RAR is not the whole of it."""
    if referral.requirement is None or referral.requirement.kind == "rar":
        return
    done = completion_of(view, referral.requirement)
    if done is not None:
        yield End("completed", done.on, done.because)


def _by_provider(view: ReferralsView, referral: Referral) -> Iterator[End]:
    """DF-15, E53: cancelled if nothing was delivered; prematurely ended if some was and the report is in;
    completed if all sessions are recorded and the report is in."""
    if referral.kind not in ("commissioned_service", "structured_intervention"):
        return
    case, today = view.case, view.today
    concluded = case.conclusions.get(referral.referral_id)
    report = case.reports.get(referral.referral_id)
    plan = case.action_plans.get(referral.referral_id)
    concluded = concluded if concluded is not None and today.reached(concluded.concluded_on) else None
    report = report if report is not None and today.reached(report.submitted_on) else None
    planned = plan.sessions if plan is not None and plan.sessions is not None else None
    if planned is None and referral.placement is not None:
        planned = referral.placement.sessions
    held = attended(view, referral)
    if planned and len(held) >= planned and report is not None:
        last = held[planned - 1]
        on = concluded.concluded_on if concluded else max(last.held_on, report.submitted_on)
        yield End("completed", on, (last, report))
        return
    over: Record | None = concluded or report
    if over is None:
        return
    on = concluded.concluded_on if concluded else report.submitted_on if report else date.max
    if not held:
        yield End("cancelled", on, (over,))
    elif report is not None:
        yield End("prematurely_ended", on, (held[-1], report))


def _by_status(view: ReferralsView, referral: Referral) -> Iterator[End]:
    """AP-13: the programme is complete, or the referral to it was withdrawn, perhaps by way of the court."""
    if referral.kind != "accredited_programme":
        return
    states = states_of(view, referral.referral_id)
    complete, withdrawn = states.last("complete"), states.last("withdrawn")
    if complete is not None:
        yield End("completed", complete.changed_on, (complete,))
    if withdrawn is not None:
        before = states.stood[-2].status if len(states.stood) > 1 else None
        court = before == "return_to_court"
        yield End("returned_to_court" if court else "withdrawn", withdrawn.changed_on, (withdrawn,))


def _taken_off(view: ReferralsView, referral: Referral) -> Iterator[End]:
    """The court took its requirement off the order."""
    if referral.requirement is None:
        return
    last = referral.requirement.versions[-1]
    if last.until < date.max and view.today.reached(last.until):
        varied = referral.requirement.period.required_on(last.until).record
        yield End("withdrawn", last.until, (varied,))


def _over(view: ReferralsView, referral: Referral) -> Iterator[End]:
    """Supervision on its sentence is over."""
    end = view.supervision[referral.sentence.sentence_id].end(view.today)
    if end is not None:
        yield End("withdrawn", end.on, (end.record,))
