"""The days on which a region does not deliver a kind of work (SH-9): they are nobody's failure.

What a region suspended is told to everyone (`Overview.notice`): every case knows the notices of all regions,
and each sentence goes by that of the region which has it on the day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import msgspec

from schemas.words import SuspendedWork
from shared.engine.case import Case, Record, Register
from shared.probation.custody import united
from shared.probation.facts import Sentence, TransferAcceptance

ONE_DAY = timedelta(days=1)

Work = Literal["unpaid_work", "accredited_programme", "contact", "other"]
"""What is delivered to people. The services of providers are `other`: only a suspension of all stops them."""


class DeliverySuspension(Record, frozen=True, kw_only=True):
    """`DeliverySuspended`: from that day on a region does not deliver a kind of work."""

    suspension_id: str
    kind: SuspendedWork
    from_: date


class DeliveryResumption(Record, frozen=True, kw_only=True):
    """`DeliveryResumed`: the first day on which it does again."""

    suspension_id: str
    resumed_on: date


class DeliveryGap(msgspec.Struct, frozen=True, array_like=True):
    """A time without delivery, from `first` up to but not including `until` (None: no end yet)."""

    kind: SuspendedWork
    first: date
    until: date | None
    because: tuple[Record, ...]

    def stops(self, work: Work) -> bool:
        """Does it stop that kind of work?"""
        return self.kind in (work, "all")

    def touches(self, first: date, last: date) -> bool:
        """Does any day from `first` to `last` fall in it?"""
        return self.first <= last and (self.until is None or self.until > first)

    def within(self, first: date, until: date | None) -> DeliveryGap | None:
        """The part of it from `first` up to but not including `until`; None if nothing is left."""
        ends = [day for day in (self.until, until) if day is not None]
        first, last = max(first, self.first), min(ends, default=None)
        if last is not None and last <= first:
            return None
        return msgspec.structs.replace(self, first=first, until=last)


# -- what a region tells -------------------------------------------------------------------------


class DeliveryCase(Case, kw_only=True, omit_defaults=True):
    """What a region delivers. A service that knows more of regions extends it."""

    suspensions: dict[str, DeliverySuspension] = msgspec.field(default_factory=dict)
    resumptions: dict[str, DeliveryResumption] = msgspec.field(default_factory=dict)


DELIVERY_REGISTERS = {
    "DeliverySuspended": Register("suspensions", DeliverySuspension),
    "DeliveryResumed": Register("resumptions", DeliveryResumption),
}
"""The facts from which a region's notice is made."""

DELIVERY_TYPES = frozenset(DELIVERY_REGISTERS)


def delivery_notice(case: DeliveryCase) -> str:
    """The notice of a region: all its gaps in delivery, past and to come; empty if there are none."""
    gaps = sorted(_gaps(case), key=lambda gap: (gap.first, gap.because[0].event_id))
    return msgspec.json.encode(gaps).decode() if gaps else ""


def _gaps(case: DeliveryCase) -> Iterator[DeliveryGap]:
    """Each suspension up to its resumption. One that is over before it begins never was."""
    for suspension in case.suspensions.values():
        resumption = case.resumptions.get(suspension.suspension_id)
        until = resumption.resumed_on if resumption else None
        if until is None or until > suspension.from_:
            because = (_named(suspension), *((_named(resumption),) if resumption else ()))
            yield DeliveryGap(suspension.kind, suspension.from_, until, because)


def _named(record: Record) -> Record:
    """The record by its name alone: enough to cite it."""
    return Record(event_id=record.event_id, source=record.source)


# -- what a case knows of it ---------------------------------------------------------------------


_read = msgspec.json.Decoder(list[DeliveryGap]).decode


@lru_cache(maxsize=64)
def _read_notice(notice: str) -> tuple[DeliveryGap, ...]:
    return tuple(_read(notice))


def gaps_in_delivery(
    sentence: Sentence, work: Work, notice: Callable[[str], str], transfers: Iterable[TransferAcceptance]
) -> list[DeliveryGap]:
    """SH-9: when a kind of work was not delivered where the sentence was supervised, in order.

    A transfer takes the sentence from one region's gaps to the other's on its day.
    """
    found = []
    for region, first, until in _regions(sentence, transfers):
        told = notice(region)
        for gap in _read_notice(told) if told else ():
            part = gap.within(first, until)
            if part is not None and part.stops(work):
                found.append(part)
    return found


def _regions(
    sentence: Sentence, transfers: Iterable[TransferAcceptance]
) -> Iterator[tuple[str, date, date | None]]:
    """The regions that have the sentence in turn, each with its first day and the first day of the next."""
    made = sorted(
        (t for t in transfers if t.accepted_on >= sentence.imposed_on),
        key=lambda t: (t.accepted_on, *t.stamp),
    )
    moves = [(sentence.region, date.min), *((t.to_region, t.accepted_on) for t in made)]
    for (region, first), (_, until) in pairwise(moves):
        yield region, first, until
    region, first = moves[-1]
    yield region, first, None


def days_without(gaps: Sequence[DeliveryGap], first: date, until: date) -> int:
    """SH-9: the days from `first` up to but not including `until` on which work was not delivered."""
    if not gaps:
        return 0  # the common case
    found = 0
    for start, end in united((gap.first, gap.until) for gap in gaps):
        found += max(0, (min(until, end or until) - max(first, start)).days)
    return found


def put_off(first: date, last: date, gaps: Sequence[DeliveryGap]) -> date | None:
    """SH-9: the last day of a time from `first` to `last`, in which days without delivery do not count.

    It moves on by as many days as the time holds of them. None while one of the gaps in it has no end.
    """
    if not gaps:
        return last  # the common case
    moved = last
    while True:
        touched = [gap for gap in gaps if gap.touches(first, moved)]
        if any(gap.until is None for gap in touched):
            return None
        following = last + days_without(touched, first, moved + ONE_DAY) * ONE_DAY
        if following == moved:
            return moved
        moved = following
