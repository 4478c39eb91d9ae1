"""Who takes a sentence: what the person's case asks for, and how one of the practitioners is chosen."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from schemas.allocation import CaseAllocated
from services.allocation.case import Allocation, Practitioner, PractitionerCase, own_pool
from services.allocation.rules.changes import Change
from services.allocation.rules.deadlines import due_on
from services.allocation.rules.tier import Tier
from services.allocation.rules.workload import available_points, workload_percent
from services.allocation.supervision import Supervision
from shared.engine.assessment import Finding, Refusal, Request
from shared.engine.case import Record
from shared.policy import Policy

Reason = Literal["new", "continuity", "release", "change"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What `choose` must know of a sentence that needs a practitioner.

    `places` are the delivery units to choose from, the first one first. `points` is what the person's
    case will count for, and counts already for `current`, the practitioner responsible now. None of those
    `excluded` may take it.
    """

    sentence_id: str
    due_on: date | None
    reason: Reason
    places: tuple[str, ...]
    points: int
    current: str | None
    excluded: frozenset[str] = frozenset()
    because: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A practitioner who takes cases, with the workload before and after this one, in per cent.

    `has_room` before the case, `keeps_room` after it: below the capacity.
    """

    practitioner: Practitioner
    before: Decimal
    after: Decimal
    has_room: bool
    keeps_room: bool


def requests(
    supervised: Iterable[Supervision],
    current: Allocation | None,
    changes: Sequence[Change],
    tier: Tier | None,
    points: int,
    policy: Policy,
) -> Iterator[Request]:
    """ALLOC-5, ALLOC-18: a live sentence asks for a practitioner once risk and tier are known.

    A person has one practitioner: while there is none, only the first sentence asks (for somebody of the
    delivery unit that the latest sentence names), and the others follow to the one who took it. ALLOC-2: so
    they do when another practitioner is asked for.
    """
    if tier is None:
        return
    live = [s for s in supervised if s.live]
    for supervision, to, because in _changing(live, current, changes):
        yield _request(
            supervision,
            Needed(
                sentence_id=supervision.sentence_id,
                due_on=None,
                reason="change",
                places=_places(live),
                points=points,
                current=to,
                excluded=frozenset[str]().union(*(change.excluded for change in changes)),
                because=(*because, *supervision.because, tier.assessment),
            ),
        )
    awaiting = [s for s in live if not s.allocations]
    for supervision in awaiting if current else awaiting[:1]:
        clock = due_on(supervision, policy)
        yield _request(
            supervision,
            Needed(
                sentence_id=supervision.sentence_id,
                due_on=clock[0] if clock else None,
                reason="release" if supervision.sentence.custodial else "new",
                places=_places(awaiting),
                points=points,
                current=current.practitioner_id if current else None,
                because=(*supervision.because, tier.assessment),
            ),
        )


def _changing(
    live: Sequence[Supervision], current: Allocation | None, changes: Sequence[Change]
) -> Iterator[tuple[Supervision, str | None, Sequence[Record]]]:
    """The allocated sentences that change hands now, to whom if that is decided, and why."""
    excluded = {practitioner for change in changes for practitioner in change.excluded}
    if current is not None and current.reason == "change" and current.practitioner_id not in excluded:
        for supervision in live:
            held = supervision.allocations
            if held and held[-1].practitioner_id != current.practitioner_id:
                yield supervision, current.practitioner_id, (current,)
    elif changes:
        yield changes[0].supervision, None, changes[0].requests


def _places(supervised: Iterable[Supervision]) -> tuple[str, ...]:
    """Their delivery units, that of the latest first."""
    latest_first = sorted(supervised, key=lambda s: (s.starts_on, s.sentence_id), reverse=True)
    return tuple(dict.fromkeys(s.sentence.place for s in latest_first))


def _request(supervision: Supervision, needed: Needed) -> Request:
    """The request for the sentence's next allocation."""
    own = (own_pool(needed.current),) if needed.current else ()
    key = f"{supervision.sentence_id}/{len(supervision.allocations) + 1}"
    return Request(key=key, pools=(*needed.places, *own), details=needed)


def choose(
    request: Request, candidates: Sequence[PractitionerCase], today: date, policy: Policy
) -> Finding | Refusal:
    """Decide who takes the sentence; refused while there is nobody, or all are at capacity or over it.

    ALLOC-2, ALLOC-18: the current practitioner, even over capacity. Otherwise ALLOC-6, ALLOC-16: of the
    delivery unit's practitioners the one with the lowest workload in per cent, then by practitioner id:
    of those whom the case would not put over capacity, else of those who still have room before it.
    """
    needed: Needed = request.details
    offers = list(_offers(needed, candidates, today, policy))
    chosen = next((o for o in offers if o.practitioner.practitioner_id == needed.current), None)
    reason: Reason = "change" if needed.reason == "change" else "continuity"
    rules: tuple[str, ...] = ("ALLOC-2", "ALLOC-18")
    if chosen is None:
        chosen = _lowest_workload(needed, offers)
        reason = needed.reason
        rules = ("ALLOC-2" if reason == "change" else "ALLOC-5", "ALLOC-6", "ALLOC-7", "ALLOC-8", "ALLOC-16")
    if chosen is None:
        there = any(offer.practitioner.place in needed.places for offer in offers)
        return Refusal("no_capacity" if there else "no_practitioner")
    who = chosen.practitioner
    return Finding(
        event=CaseAllocated.model_validate(
            {
                "sentence_id": needed.sentence_id,
                "practitioner_id": who.practitioner_id,
                "team": who.team,
                "region": who.region,
                "pdu": who.pdu,
                "allocated_on": today,
                "late": needed.due_on is not None and today > needed.due_on,
                "reason": reason,
                "workload_percent_before": float(chosen.before),
                "workload_percent_after": float(chosen.after),
            }
        ),
        key=request.key,
        rules=("ALLOC-1", "ALLOC-3", *rules),
        because=(*needed.because, who),
        policy=policy.on(today, who.region).version,
    )


def _offers(
    needed: Needed, candidates: Iterable[PractitionerCase], today: date, policy: Policy
) -> Iterator[Offer]:
    for candidate in candidates:
        practitioner = candidate.on(today)
        if practitioner is None or not practitioner.active or candidate.subject in needed.excluded:
            continue
        values = policy.on(today, practitioner.region)
        available = available_points(practitioner, values)
        more = 0 if candidate.subject == needed.current else needed.points
        before = workload_percent(candidate.points, available, values)
        after = workload_percent(candidate.points + more, available, values)
        capacity = values.number("over_capacity_percent")
        has_room = available > 0 and before < capacity
        yield Offer(practitioner, before, after, has_room, has_room and after < capacity)


def _lowest_workload(needed: Needed, offers: Iterable[Offer]) -> Offer | None:
    return min(
        (o for o in offers if o.has_room and o.practitioner.place in needed.places),
        key=lambda o: (
            not o.keeps_room,
            needed.places.index(o.practitioner.place),
            o.before,
            o.practitioner.practitioner_id,
        ),
        default=None,
    )
