"""When a referral rests: the person is in custody, or the region does no such work (ENF-35, SH-9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Literal

from schemas.referrals import ReferralPaused, ReferralResumed
from services.referrals.lifecycle.referral import Referral
from services.referrals.lifecycle.referrals import referrals
from services.referrals.view import ReferralsView
from shared.engine.assessment import Finding, once_a_day
from shared.engine.case import Record
from shared.probation.custody import CustodyPeriod
from shared.probation.facts import TakenIntoCustody

Why = Literal["recall", "custody", "delivery_suspended"]

RULES: dict[Why, tuple[str, ...]] = {
    "recall": ("ENF-35", "DF-10"),
    "custody": ("ENF-35", "DF-10"),
    "delivery_suspended": ("SH-9", "DF-10"),
}


@dataclass(frozen=True, slots=True)
class Rest:
    """A time in which a referral rests for one reason, from `first` up to but not on `until`.

    `until` is None while it has no end. `goes_on`: on that day it goes on, instead of resting for another
    reason.
    """

    referral: Referral
    first: date
    until: date | None
    why: Why
    begun_by: tuple[Record, ...]
    ended_by: tuple[Record, ...]
    goes_on: bool = True


@once_a_day
def _rests(view: ReferralsView) -> list[Rest]:
    """The rests that began while a referral was going on. Custody goes before a suspension of delivery."""
    found: list[Rest] = []
    for referral in referrals(view).values():
        if referral.made_on is None:
            continue
        rests = [*_apart(referral, view)]
        for rest, following in pairwise([*rests, None]):
            if rest is None or rest.first <= referral.made_on or not view.today.reached(rest.first):
                continue
            if referral.end is None or referral.end.over_on > rest.first:
                goes_on = following is None or following.first != rest.until
                found.append(replace(rest, goes_on=goes_on))
    return found


def _apart(referral: Referral, view: ReferralsView) -> Iterator[Rest]:
    """The rests of a referral in order, one after the other."""
    held = view.custody.periods
    gaps = view.gaps_in(referral.work, referral.sentence)
    days = {p.start for p in held} | {p.end for p in held if p.end}
    days |= {gap.first for gap in gaps} | {gap.until for gap in gaps if gap.until}
    last: Rest | None = None
    for first, until in pairwise([*sorted(days), None]):
        assert first is not None
        period = view.custody.on(first)
        gap = next((gap for gap in gaps if gap.touches(first, first)), None)
        rest: Rest | None = None
        if period is not None:
            rest = Rest(referral, first, until, _why(period), period.begun_by, period.ended_by)
        elif gap is not None:
            rest = Rest(referral, first, until, "delivery_suspended", gap.because[:1], gap.because[1:])
        if last is not None and rest is not None and last.until == first and last.why == rest.why:
            last = replace(last, until=until, ended_by=rest.ended_by)
            continue
        if last is not None:
            yield last
        last = rest
    if last is not None:
        yield last


def _why(period: CustodyPeriod) -> Why:
    recalled = any(
        isinstance(taken, TakenIntoCustody) and taken.reason == "recall" for taken in period.begun_by
    )
    return "recall" if recalled else "custody"


def referral_paused(view: ReferralsView) -> Iterator[Finding]:
    """ENF-35, DF-10: a referral rests while the person is in custody, and its provider is told.

    SH-9: it also rests while the region does not deliver such work.
    """
    for rest in _rests(view):
        referral = rest.referral
        yield Finding(
            event=ReferralPaused(
                referral_id=referral.referral_id,
                sentence_id=referral.sentence.sentence_id,
                reason=rest.why,
                from_=rest.first,
            ),
            key=f"{referral.referral_id}/{rest.first}",
            rules=RULES[rest.why],
            because=(*rest.begun_by, *referral.because),
            policy=view.values(rest.first, referral.sentence).version,
        )


def referral_resumed(view: ReferralsView) -> Iterator[Finding]:
    """ENF-35, SH-9, DF-10: a referral goes on when nothing stops it any more, unless it has ended by then.

    One that its provider completed or ended on that very day had gone on.
    """
    for rest in _rests(view):
        referral, until = rest.referral, rest.until
        if until is None or not rest.goes_on or not view.today.reached(until):
            continue
        end = referral.end
        if end is not None and (end.on < until or (end.over_on == until and end.state == "withdrawn")):
            continue
        yield Finding(
            event=ReferralResumed(
                referral_id=referral.referral_id,
                sentence_id=referral.sentence.sentence_id,
                reason=rest.why,
                from_=until,
            ),
            key=f"{referral.referral_id}/{until}",
            rules=RULES[rest.why],
            because=(*rest.begun_by, *rest.ended_by, *referral.because),
            policy=view.values(until, referral.sentence).version,
        )
