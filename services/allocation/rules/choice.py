"""Who takes a sentence: when a person's case requests a practitioner, and which one is chosen."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Literal

from schemas.allocation import CaseAllocated
from services.allocation.case import PractitionerCase
from services.allocation.facts import Practitioner, own_pool, unit_pool
from services.allocation.rules.changes import Change, changes_wanted
from services.allocation.rules.deadlines import clock
from services.allocation.rules.tier import current_tier
from services.allocation.rules.workload import (
    available_points,
    case_points,
    workload_percent,
)
from services.allocation.view import AllocationView, SupervisedSentence, latest
from shared.engine.assessment import Finding, Refusal, Request, Reversal
from shared.engine.case import Record
from shared.policy import Policy

Reason = Literal["new", "continuity", "release", "change"]

KEPT = ("ALLOC-1", "ALLOC-3", "ALLOC-2", "ALLOC-18")
CHOSEN = ("ALLOC-1", "ALLOC-3", "ALLOC-5", "ALLOC-6", "ALLOC-7", "ALLOC-8", "ALLOC-16")
CHANGED = ("ALLOC-1", "ALLOC-3", "ALLOC-2", "ALLOC-6", "ALLOC-7", "ALLOC-8", "ALLOC-16")
"""The rules of an allocation: to the current practitioner, to one chosen, to one chosen for a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What `choose` must know of a sentence that needs a practitioner.

    `units` are the pools of the delivery units to choose from, the first one first. `points` are the workload
    points of the person's case, which `current`, the practitioner responsible now, already holds. Those
    `excluded` may not take it.
    """

    sentence_id: str
    due_on: date | None
    reason: Reason
    units: tuple[str, ...]
    points: int
    current: str | None
    excluded: frozenset[str] = frozenset()
    because: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A practitioner who takes cases, with the workload before and after this one, in per cent.

    `has_room`: below capacity before the case. `keeps_room`: still so after it.
    """

    practitioner: Practitioner
    before: Decimal
    after: Decimal
    has_room: bool
    keeps_room: bool


def requests(view: AllocationView) -> Iterator[Request]:
    """ALLOC-5, ALLOC-18: a live sentence requests a practitioner once risk and tier are known.

    A person has one practitioner. While there is none, only the first sentence requests one (of the delivery
    unit that the latest sentence names), and the others follow to whoever took it. ALLOC-2: when a change of
    practitioner is asked for, all sentences follow in the same way.
    """
    tier = current_tier(view)
    if tier is None:
        return
    points = case_points(view)
    current = view.current_allocation
    changes = changes_wanted(view)
    for supervised, to, because in _changing(view, changes):
        yield _request(
            supervised,
            Wanted(
                sentence_id=supervised.sentence_id,
                due_on=None,
                reason="change",
                units=_units(view.live),
                points=points,
                current=to,
                excluded=frozenset(change.had_it for change in changes),
                because=(*because, *supervised.because, tier.assessment),
            ),
        )
    awaiting = [s for s in view.live if not s.allocations]
    for supervised in awaiting if current else awaiting[:1]:
        due = clock(view, supervised)
        yield _request(
            supervised,
            Wanted(
                sentence_id=supervised.sentence_id,
                due_on=due[0] if due else None,
                reason="release" if supervised.sentence.custodial else "new",
                units=_units(awaiting),
                points=points,
                current=current.practitioner_id if current else None,
                because=(*supervised.because, tier.assessment),
            ),
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


def _changing(
    view: AllocationView, changes: Sequence[Change]
) -> Iterator[tuple[SupervisedSentence, str | None, Sequence[Record]]]:
    """The allocated sentences that change hands now, to whom if that is decided, and why."""
    current = view.current_allocation
    excluded = {change.had_it for change in changes}
    if current is not None and current.reason == "change" and current.practitioner_id not in excluded:
        for supervised in view.live:
            held = supervised.allocations
            if held and held[-1].practitioner_id != current.practitioner_id:
                yield supervised, current.practitioner_id, (current,)
    elif changes:
        first = changes[0].supervised
        yield first, None, [change.request for change in changes if change.supervised is first]


def _units(supervised: Iterable[SupervisedSentence]) -> tuple[str, ...]:
    """The pools of their delivery units, that of the latest first."""
    latest_first = sorted(supervised, key=lambda s: (s.starts_on, s.sentence_id), reverse=True)
    return tuple(dict.fromkeys(unit_pool(s.sentence.region, s.sentence.pdu) for s in latest_first))


def _request(supervised: SupervisedSentence, wanted: Wanted) -> Request:
    """The request for the sentence's next allocation."""
    own = (own_pool(wanted.current),) if wanted.current else ()
    key = f"{supervised.sentence_id}/{len(supervised.allocations) + 1}"
    return Request(key=key, pools=(*wanted.units, *own), details=wanted)


def allocation_keys(allocated: CaseAllocated) -> Iterator[str]:
    """The keys under which an allocation may have been decided: the sentence's first, second, third, ..."""
    return (f"{allocated.sentence_id}/{n}" for n in count(1))


def choose(
    request: Request, candidates: Sequence[PractitionerCase], today: date, policy: Policy
) -> Finding | Refusal:
    """ALLOC-1, ALLOC-3: who takes the sentence. Refused while nobody is there, or nobody is below capacity.

    ALLOC-2, ALLOC-18: the current practitioner, even over capacity. Otherwise ALLOC-5, ALLOC-6, ALLOC-7,
    ALLOC-8, ALLOC-16: of the delivery unit's practitioners, in any team, the one with the lowest workload in
    per cent, then the first by practitioner id; of those whom the case would not put over capacity, else of
    those who are below capacity before it.
    """
    wanted: Wanted = request.details
    offers = list(_offers(wanted, candidates, today, policy))
    chosen = next((o for o in offers if o.practitioner.practitioner_id == wanted.current), None)
    kept = chosen is not None
    if chosen is None:
        chosen = _lowest_workload(wanted, offers)
    if chosen is None:
        there = any(offer.practitioner.pool in wanted.units for offer in offers)
        return Refusal("no_capacity" if there else "no_practitioner")
    who, change = chosen.practitioner, wanted.reason == "change"
    return Finding(
        event=CaseAllocated.model_validate(
            {
                "sentence_id": wanted.sentence_id,
                "practitioner_id": who.practitioner_id,
                "team": who.team,
                "region": who.region,
                "pdu": who.pdu,
                "allocated_on": today,
                "late": wanted.due_on is not None and today > wanted.due_on,
                "reason": "continuity" if kept and not change else wanted.reason,
                "workload_percent_before": float(chosen.before),
                "workload_percent_after": float(chosen.after),
            }
        ),
        key=request.key,
        rules=KEPT if kept else CHANGED if change else CHOSEN,
        because=(*wanted.because, who),
        policy=policy.on(today, who.region).version,
    )


def _offers(
    wanted: Wanted, candidates: Iterable[PractitionerCase], today: date, policy: Policy
) -> Iterator[Offer]:
    for candidate in candidates:
        practitioner = latest(u for u in candidate.updates.values() if u.effective_on <= today)
        if practitioner is None or not practitioner.active or candidate.subject in wanted.excluded:
            continue
        values = policy.on(today, practitioner.region)
        available = available_points(practitioner, values)
        more = 0 if candidate.subject == wanted.current else wanted.points
        before = workload_percent(candidate.points, available, values)
        after = workload_percent(candidate.points + more, available, values)
        capacity = values.number("over_capacity_percent")
        has_room = available > 0 and before < capacity
        yield Offer(practitioner, before, after, has_room, has_room and after < capacity)


def _lowest_workload(wanted: Wanted, offers: Iterable[Offer]) -> Offer | None:
    return min(
        (o for o in offers if o.has_room and o.practitioner.pool in wanted.units),
        key=lambda o: (
            not o.keeps_room,
            wanted.units.index(o.practitioner.pool),
            o.before,
            o.practitioner.practitioner_id,
        ),
        default=None,
    )
