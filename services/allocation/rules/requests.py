"""When a person's case requests a practitioner, and what must be known of it to choose one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Literal

from services.allocation.facts import Allocation, own_pool, region_pool, unit_pool
from services.allocation.managed import ManagedSentence
from services.allocation.rules.changes import changes_wanted, places, transfer_wanted
from services.allocation.rules.deadlines import provisional_from
from services.allocation.rules.provider import provider_on
from services.allocation.rules.tier import Tier, current_tier
from services.allocation.rules.workload import case_points
from services.allocation.view import AllocationView
from shared.engine.assessment import Request, Reversal
from shared.engine.case import Record
from shared.probation.practitioners import HANDED_OVER, decided
from shared.probation.risk import risk_on

Reason = Literal["new", "continuity", "release", "transfer", "change"]
Place = tuple[str, str]
"""A region and one of its delivery units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What `choose` must know of a sentence that needs a practitioner.

    `places` are where the case belongs, the first one first; `wide`: anybody in these regions may take it.
    `points` are the workload points of the person's case, which `holder`, who is responsible now, already
    holds. `keep` takes it before all others, those `excluded` may not take it.
    """

    sentence_id: str
    due_on: date | None
    reason: Reason
    places: tuple[Place, ...]
    wide: bool
    points: int
    holder: str | None
    keep: str | None
    excluded: frozenset[str] = frozenset()
    team: str
    rosh: str | None
    mappa_level: int | None
    prefers_woman: bool
    specialisms: frozenset[str]
    provider: str
    because: tuple[Record, ...]

    @property
    def provisional(self) -> bool:
        """ALLOC-5: is there no risk assessment yet?"""
        return self.rosh is None


def requests(view: AllocationView) -> Iterator[Request]:
    """ALLOC-5, ALLOC-18: a live sentence requests a practitioner once its tier is known, or provisionally.

    A person has one practitioner. While there is none, only the first sentence requests one (of the delivery
    unit that the latest sentence names), and the others follow to whoever took it. ALLOC-2, ALLOC-21: when a
    change of practitioner is asked for or a transfer was accepted, all sentences follow in the same way.
    """
    tier = current_tier(view)
    current = view.current_allocation
    yield from _hand_overs(view, tier, current)
    awaiting = [managed for managed in view.live if not managed.allocations]
    if tier is None and current is None:
        awaiting = [m for m in awaiting if (day := provisional_from(view, m)) and view.today.reached(day)]
    for managed in awaiting if current else awaiting[:1]:
        keep = current or practitioner_before(view, managed)
        yield _request(
            view,
            managed,
            tier=tier,
            reason="release" if managed.sentence.custodial else "new",
            where=places(view, awaiting),
            holder=current,
            keep=keep.practitioner_id if keep else None,
        )


def reversals(view: AllocationView) -> Iterator[Reversal]:
    """ALLOC-1: what was allocated of a sentence that never was has no reason any more."""
    for allocation in view.case.allocations.values():
        if allocation.sentence_id not in view.case.sentences:
            yield Reversal(
                type="CaseAllocated",
                decision=allocation,
                rules=("ALLOC-1", "ALLOC-3"),
                policy=view.policy.on(allocation.allocated_on, None).version,
            )


def _hand_overs(view: AllocationView, tier: Tier | None, current: Allocation | None) -> Iterator[Request]:
    """ALLOC-2, ALLOC-21: the requests of sentences that go to somebody else now.

    One practitioner is accountable for the person: who took a sentence last takes those that others have,
    after a change or transfer, a merge of two records, or when the one who had them has left. So they also
    do while a transfer waits for somebody, but not while somebody else is asked for in their place.
    """
    if current is None:
        return
    held = [managed for managed in view.live if managed.allocations]
    own = next(managed for managed in held if managed.allocations[-1] == current)
    elsewhere = [m for m in held if m.allocations[-1].practitioner_id != current.practitioner_id]
    changes, transfer = changes_wanted(view), transfer_wanted(view)
    excluded = frozenset(change.had_it for change in changes)
    request = partial(_request, view, tier=tier, holder=current, excluded=excluded)
    if transfer is not None:
        asked = (record for change in changes for record in change.because)
        there = [(transfer.to_region, transfer.to_pdu)]
        yield request(own, reason="transfer", where=there, because=(transfer, *asked))
    elif changes and (not elsewhere or current.practitioner_id in excluded):
        first = next((change.managed for change in changes if change.managed == own), changes[0].managed)
        asked = (record for change in changes if change.managed == first for record in change.because)
        yield request(first, reason="change", where=places(view, view.live), because=tuple(asked))
    for managed in elsewhere if current.practitioner_id not in excluded else ():
        asked = (record for change in changes if change.managed == managed for record in change.because)
        yield request(
            managed,
            reason="transfer" if current.reason == "transfer" else "change",
            where=places(view, view.live),
            keep=current.practitioner_id,
            because=(*asked, current),
        )


def practitioner_before(view: AllocationView, managed: ManagedSentence) -> Allocation | None:
    """ALLOC-18, D12: who had a sentence that was not over before the day on which this one begins."""
    made = [
        other.allocations[-1]
        for other in view.managed
        if other.allocations and other.end is not None and other.end.on >= managed.starts_on
    ]
    return max(made, key=decided, default=None)


def _request(
    view: AllocationView,
    managed: ManagedSentence,
    *,
    tier: Tier | None,
    reason: Reason,
    where: Sequence[Place],
    holder: Allocation | None,
    keep: str | None = None,
    excluded: frozenset[str] = frozenset(),
    because: tuple[Record, ...] = (),
) -> Request:
    """The request for the sentence's next allocation.

    ALLOC-16, RES-3: from the day after the delivery unit could not take it, and for the regional team of
    short-term prisoners at once, practitioners of the whole region are asked. REG-8: a unit's are asked under
    all its names.
    """
    key = f"{managed.sentence_id}/{len(managed.allocations) + 1}"
    team = team_for(view, managed)
    refused = view.case.refusals.get(key, ())
    if not refused:
        view.today.after(view.today.date)  # it may be refused yet, and is then to be tried again tomorrow
    wide = team == "short_sentence" or any(view.today.after(day) for day, _ in refused[:1])
    pools = [unit_pool(region, name) for region, pdu in where for name in view.units(region).names_of(pdu)]
    if wide:
        pools += [region_pool(region) for region, _ in where]
    if keep:
        pools.append(own_pool(keep))
    assessment = risk_on(view.assessments, view.today.date)
    region = where[0][0]
    return Request(
        key=key,
        pools=tuple(dict.fromkeys(pools)),
        details=Wanted(
            sentence_id=managed.sentence_id,
            due_on=managed.due_on if reason not in HANDED_OVER else None,
            reason=reason,
            places=tuple(where),
            wide=wide,
            points=case_points(view),
            holder=holder.practitioner_id if holder else None,
            keep=keep,
            excluded=excluded,
            team=team,
            rosh=assessment.rosh if assessment else None,
            mappa_level=assessment.mappa.level if assessment and assessment.mappa else None,
            prefers_woman=prefers_woman(view, managed),
            specialisms=_specialisms(view, managed),
            provider=provider_on(view, region, view.today.date),
            because=(*because, *managed.because, *([tier.assessment] if tier else [])),
        ),
    )


def team_for(view: AllocationView, managed: ManagedSentence) -> str:
    """ALLOC-19, RES-3: the team for the case: of short-term prisoners, of unpaid work alone, or generic.

    Unpaid work alone is for the team of that name only if no other live sentence asks for more.
    """
    if managed.short_term:
        return "short_sentence"
    today = view.today.date
    for one in view.live:
        view.reached(ordered.since for ordered in one.period.ordered)
    only = [
        not one.sentence.custodial and one.period.required_on(today).unpaid_work_only for one in view.live
    ]
    return "unpaid_work" if only and all(only) else "generic"


def prefers_woman(view: AllocationView, managed: ManagedSentence) -> bool:
    """ALLOC-17: a woman who asked for a woman."""
    asked = [view.today.reached(preference.recorded_on) for preference in view.case.preferences.values()]
    return any(asked) and managed.sentence.person.sex == "female"


def _specialisms(view: AllocationView, managed: ManagedSentence) -> frozenset[str]:
    """The specialisms that fit the case, by what is registered and what the court recorded."""
    table, today = view.values_today().table("specialisms"), view.today.date
    for registration in view.registrations:
        view.reached((registration.first, registration.until))
    sentence = managed.sentence
    assessment = risk_on(view.assessments, today)
    holds: dict[str, bool] = {
        **{registration.kind: True for registration in view.registrations if registration.on(today)},
        **dict.fromkeys(sentence.person.cohorts, True),
        "woman": sentence.person.sex == "female",
        "partner_violence": sentence.partner_violence,
        "sexual_offence": sentence.sexual_offence,
        "extremism_offence": sentence.extremism_offence,
        "integrated_offender_management": bool(assessment and assessment.integrated_offender_management),
    }
    return frozenset(str(table[name]) for name, true in holds.items() if true and name in table)
