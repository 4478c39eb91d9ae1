"""Who takes a sentence that needs a practitioner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from schemas.allocation import CaseAllocated
from services.allocation.case import PractitionerCase, RegionCase
from services.allocation.facts import Practitioner
from services.allocation.rules.requests import Wanted
from services.allocation.rules.workload import workload_percent
from services.allocation.units import Units
from services.allocation.view import available_points, latest
from shared.engine.assessment import Day, Finding, Refusal, Request
from shared.policy import Policy, Values

KEPT = ("ALLOC-1", "ALLOC-3", "ALLOC-2", "ALLOC-18")
CHOSEN = ("ALLOC-1", "ALLOC-3", "ALLOC-5", "ALLOC-6", "ALLOC-7", "ALLOC-8", "ALLOC-14", "ALLOC-16")
CHANGED = ("ALLOC-1", "ALLOC-3", "ALLOC-2", "ALLOC-6", "ALLOC-7", "ALLOC-8", "ALLOC-14", "ALLOC-16")
MOVED = ("ALLOC-1", "ALLOC-3", "ALLOC-21", "ALLOC-6", "ALLOC-7", "ALLOC-8", "ALLOC-14", "ALLOC-16")
"""The rules of an allocation to the current practitioner, or to one chosen anew, for a change, a transfer."""

LISTED = 50
"""How many candidates an allocation lists at most: enough to see why, and small enough for one message."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A practitioner who was considered, with the workload before and with this case, in per cent.

    `place` says how near: the index of the delivery unit among those wanted, or their number for elsewhere in
    the region. `ruled_out` is why the practitioner cannot take it, None if they can; `keeps_room`: below
    capacity after it too.
    """

    practitioner: Practitioner
    pdu: str
    place: int
    before: Decimal
    after: Decimal
    ruled_out: str | None
    keeps_room: bool


def allocation_keys(allocated: CaseAllocated) -> Iterator[str]:
    """The keys under which an allocation may have been decided: the sentence's first, second, third, ..."""
    return (f"{allocated.sentence_id}/{n}" for n in count(1))


def choose(
    request: Request, candidates: Sequence[PractitionerCase | RegionCase], today: date, policy: Policy
) -> Finding | Refusal:
    """ALLOC-1, ALLOC-3: who takes the sentence. Refused while nobody is there who may, or nobody has room.

    ALLOC-2, ALLOC-18: the current practitioner, even over capacity. Otherwise ALLOC-5, ALLOC-6, ALLOC-7,
    ALLOC-8, ALLOC-14, ALLOC-16, ALLOC-21: the one whom `preference` puts first, of those who are below
    capacity and may take the case. A replay gives the same answer.
    """
    wanted: Wanted = request.details
    offers = sorted(_offers(wanted, candidates, today, policy), key=lambda offer: preference(wanted, offer))
    kept = next((o for o in offers if o.practitioner.practitioner_id == wanted.keep), None)
    chosen = kept or next((o for o in offers if o.ruled_out is None), None)
    if chosen is None:
        return Refusal(
            "no_capacity" if any(o.ruled_out == "at_capacity" for o in offers) else "no_practitioner"
        )
    who = chosen.practitioner
    changes_hands = wanted.reason in ("change", "transfer")
    listed = [chosen, *(o for o in offers if o != chosen and (o.place <= len(wanted.places)))]
    return Finding(
        event=CaseAllocated.model_validate(
            {
                "sentence_id": wanted.sentence_id,
                "practitioner_id": who.practitioner_id,
                "team": who.team,
                "region": who.region,
                "pdu": chosen.pdu,
                "allocated_on": today,
                "late": wanted.due_on is not None and today > wanted.due_on,
                "reason": "continuity" if kept and not changes_hands else wanted.reason,
                "workload_percent_before": float(chosen.before),
                "workload_percent_after": float(chosen.after),
                "provisional": wanted.provisional,
                "manager_id": who.manager_id,
                "provider": wanted.provider,
                "candidates": [_told(offer) for offer in listed[:LISTED]],
            }
        ),
        key=request.key,
        rules=KEPT if kept else {"change": CHANGED, "transfer": MOVED}.get(wanted.reason, CHOSEN),
        because=(*wanted.because, who),
        policy=policy.on(today, who.region).version,
    )


def _offers(
    wanted: Wanted, candidates: Iterable[PractitionerCase | RegionCase], today: date, policy: Policy
) -> Iterator[Offer]:
    """Everybody who is asked, with what speaks against them; not who has left or is not there yet."""
    cases = list(candidates)
    day = Day(today)
    units = {
        case.subject: Units(change for change in case.unit_changes.values() if change.effective_on <= today)
        for case in cases
        if isinstance(case, RegionCase)
    }
    for candidate in cases:
        if isinstance(candidate, RegionCase):
            continue
        practitioner = latest(u for u in candidate.updates.values() if u.effective_on <= today)
        if practitioner is None or not practitioner.active:
            continue
        values = policy.on(today, practitioner.region)
        available = available_points(candidate, practitioner, day, values)
        more = 0 if candidate.subject == wanted.holder else wanted.points
        before = workload_percent(candidate.points, available, values)
        after = workload_percent(candidate.points + more, available, values)
        capacity = values.number("over_capacity_percent")
        of_region = units.get(practitioner.region, Units(()))
        place = _place(wanted, practitioner, of_region)
        ruled_out = "not_here" if place is None else unsuitable(wanted, practitioner, values)
        if ruled_out is None and (available <= 0 or before >= capacity):
            ruled_out = "at_capacity"
        yield Offer(
            practitioner=practitioner,
            pdu=of_region.name(practitioner.pdu),
            place=len(wanted.places) + 1 if place is None else place,
            before=before,
            after=after,
            ruled_out=ruled_out,
            keeps_room=after < capacity,
        )


def _place(wanted: Wanted, practitioner: Practitioner, units: Units) -> int | None:
    """ALLOC-16, REG-8: how near the practitioner is, by what the units are called today; None: too far."""
    own = units.today(practitioner.pdu)
    for n, (region, pdu) in enumerate(wanted.places):
        if region == practitioner.region and own & units.today(pdu):
            return n
    there = any(region == practitioner.region for region, _ in wanted.places)
    return len(wanted.places) if wanted.wide and there else None


def unsuitable(wanted: Wanted, practitioner: Practitioner, values: Values) -> str | None:
    """ALLOC-14, ALLOC-12, ALLOC-5: why the practitioner may not take a case of this risk; None if they may.

    Of high risk only who is qualified, of unknown risk only certain grades, and trainees only of low risk, by
    policy.
    """
    if practitioner.practitioner_id in wanted.excluded:
        return "had_it"
    if wanted.provisional:
        suits = practitioner.grade in values.texts("provisional_grades") and not practitioner.trainee
        return None if suits else "not_qualified"
    high = wanted.rosh in values.texts("qualified_rosh") or (
        str(wanted.mappa_level) in values.texts("qualified_mappa_levels")
    )
    if high and not practitioner.qualified:
        return "not_qualified"
    if practitioner.trainee and (high or wanted.rosh not in values.texts("trainee_rosh")):
        return "trainee"
    return None


def preference(wanted: Wanted, offer: Offer) -> tuple[Any, ...]:
    """ALLOC-6, ALLOC-16, ALLOC-17, ALLOC-19, RES-3: the order in which practitioners are preferred.

    Who is not put over capacity; the team of short-term prisoners or of unpaid work, if the case is for it;
    the nearest place; for other cases the generic team; a woman if she was asked for; the most specialisms
    that fit; then the lowest workload with the case, and the first practitioner id.
    """
    who = offer.practitioner
    other_team = who.team != wanted.team
    dedicated = wanted.team != "generic"
    return (
        not offer.keeps_room,
        dedicated and other_team,
        offer.place,
        other_team,
        wanted.prefers_woman and who.sex != "female",
        -len(wanted.specialisms.intersection(who.specialisms)),
        offer.after,
        who.practitioner_id,
    )


def _told(offer: Offer) -> dict[str, object]:
    return {
        "practitioner_id": offer.practitioner.practitioner_id,
        "workload_percent_before": float(offer.before),
        "workload_percent_after": float(offer.after),
        "ruled_out": offer.ruled_out,
    }
