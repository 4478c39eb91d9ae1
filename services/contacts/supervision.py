"""When a person is supervised on a sentence, and when held in custody.

Supervision on an order runs from `imposed_on` to `ends_on`, as varied; on a licence from `released_on` to
`licence_ends_on`, followed by post-sentence supervision until `pss_ends_on` (the words of the event
catalogue). Nothing here depends on the day reached: a fact dated later changes no day before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, Literal

import msgspec

from shared.engine.case import Record
from shared.policy import Policy

if TYPE_CHECKING:
    from services.contacts.facts import (
        LeftCustody,
        Release,
        Requirement,
        Sentence,
        TakenIntoCustody,
        Variation,
    )

Stage = Literal["order", "licence", "post_sentence_supervision"]

DAY = timedelta(days=1)


class Supervision(msgspec.Struct, frozen=True):
    """One unbroken stretch of supervision on a sentence, its first and last day included.

    `unpaid_work_only` holds the spans of days, first and last included, on which unpaid work is the order's
    only requirement; `because` the records that say all this.
    """

    sentence: Sentence
    stage: Stage
    first: date
    last: date
    because: tuple[Record, ...]
    unpaid_work_only: tuple[tuple[date, date], ...] = ()

    @property
    def day_after(self) -> date:
        """The day after the last."""
        return self.last + DAY

    def until(self, day: date) -> Supervision | None:
        """The same, ending on `day` at the latest; None if nothing is left of it."""
        if self.last <= day:
            return self
        return msgspec.structs.replace(self, last=day) if day >= self.first else None

    def supervised_throughout(self, first: date, last: date) -> bool:
        """Is the order more than stand-alone unpaid work on each of these days?"""
        if not self.unpaid_work_only:
            return True  # by far the most, and asked with every contact
        return not any(start <= last and end >= first for start, end in self.unpaid_work_only)


class Course(msgspec.Struct, frozen=True):
    """Supervision on one sentence, from its start to its end.

    `stretches` in order. `over_on` is the first day on which it is over, None if there is none at all: the
    day after the last day of a sentence that runs out, and the very day on which it is cut short, since from
    that day nothing waits for anybody. `cut_on` is the day of the revocation, death or completion that cut
    it short, if one did.
    """

    stretches: tuple[Supervision, ...]
    over_on: date | None
    cut_on: date | None

    def until(self, stretch: Supervision) -> date:
        """The first day on which that stretch is over; from then on nothing of it waits for anybody."""
        return stretch.day_after if self.over_on is None else min(stretch.day_after, self.over_on)


def order(sentence: Sentence, variations: Sequence[Variation]) -> list[Supervision]:
    """Supervision on a community or suspended sentence order, as varied.

    A variation counts if the order was still running on its day, and cannot end the order before that day.
    """
    if sentence.ends_on is None:
        return []
    last = sentence.ends_on
    if not variations:  # by far the most, and asked for with every fact
        if last < sentence.imposed_on:
            return []
        span = (sentence.imposed_on, last)
        spans_only = [span] if _unpaid_work_only(sentence.requirements) else []
        return [Supervision(sentence, "order", *span, (sentence,), tuple(spans_only))]
    lists = [(sentence.imposed_on, sentence.requirements)]
    because: list[Record] = [sentence]
    for variation in sorted(variations, key=lambda v: v.varied_on):
        if variation.varied_on > last:
            break
        last = max(variation.ends_on, variation.varied_on)
        lists.append((variation.varied_on, variation.requirements))
        because.append(variation)
    if last < sentence.imposed_on:
        return []
    spans = [(start, end - DAY) for (start, _), (end, _) in pairwise([*lists, (last + DAY, ())])]
    only = tuple(
        span for span, (_, requirements) in zip(spans, lists, strict=True) if _unpaid_work_only(requirements)
    )
    return [Supervision(sentence, "order", sentence.imposed_on, last, tuple(because), only)]


def _unpaid_work_only(requirements: Sequence[Requirement]) -> bool:
    return bool(requirements) and all(requirement.kind == "unpaid_work" for requirement in requirements)


def licences(sentence: Sentence, releases: Iterable[Release]) -> list[Supervision]:
    """Supervision on a custodial sentence: from each release a licence, then post-sentence supervision.

    A new release (after a recall) takes the place of what is left of the former licence.
    """
    out: list[Supervision] = []
    ordered = sorted(releases, key=lambda r: r.released_on)
    for release, following in zip_longest(ordered, ordered[1:]):
        replaced = following.released_on - DAY if following else date.max
        stages: list[tuple[Stage, date | None]] = [
            ("licence", release.licence_ends_on),
            ("post_sentence_supervision", release.pss_ends_on),
        ]
        first = release.released_on
        for stage, ends_on in stages:
            if ends_on is None or ends_on < first:
                continue
            stretch = Supervision(sentence, stage, first, ends_on, (sentence, release)).until(replaced)
            if stretch is not None:
                out.append(stretch)
            first = ends_on + DAY
    return out


def until_repeal(stretches: Iterable[Supervision], policy: Policy) -> list[Supervision]:
    """ENF-34: post-sentence supervision ends the day before the policy no longer knows it (its repeal)."""
    out = []
    for stretch in stretches:
        if stretch.stage == "post_sentence_supervision":
            region = stretch.sentence.region
            days = (stretch.first, *(day for day in policy.changes if stretch.first < day <= stretch.last))
            repeal = next(
                (day for day in days if not policy.on(day, region).flag("post_sentence_supervision")), None
            )
            kept = stretch if repeal is None else stretch.until(repeal - DAY)
            if kept is not None:
                out.append(kept)
        else:
            out.append(stretch)
    return out


class Stay(msgspec.Struct, frozen=True):
    """A time in custody: from `start` up to, but not on, `end`, the day of leaving (None: still there)."""

    start: date
    end: date | None
    because: tuple[Record, ...]

    def touches(self, first: date, last: date) -> bool:
        """Was the person held on any of these days?"""
        return self.start <= last and (self.end is None or self.end > first)


def stays(
    taken: Iterable[TakenIntoCustody], left: Mapping[str, LeftCustody], releases: Iterable[Release]
) -> list[Stay]:
    """Each time in custody, in order.

    One of which the end was not recorded ends with the first release after its start: who is released is no
    longer held.
    """
    known = sorted(releases, key=lambda r: (r.released_on, r.sentence_id))
    out = []
    for start in taken:
        leaving = left.get(start.custody_id)
        if leaving is not None:
            out.append(Stay(start.taken_on, leaving.left_on, (start, leaving)))
            continue
        release = next((r for r in known if r.released_on > start.taken_on), None)
        if release is not None:
            out.append(Stay(start.taken_on, release.released_on, (start, release)))
        else:
            out.append(Stay(start.taken_on, None, (start,)))
    found = [stay for stay in out if stay.end is None or stay.end > stay.start]
    return sorted(found, key=lambda stay: (stay.start, stay.end or date.max, stay.because[0].event_id))


class Custody(msgspec.Struct, frozen=True):
    """All times in custody of a person, in order."""

    stays: Sequence[Stay]

    def held_on(self, day: date) -> bool:
        """Was the person held that day? Not on the day of leaving."""
        return bool(self.during(day, day))

    def during(self, first: date, last: date) -> list[Stay]:
        """The stays that touch these days."""
        return [stay for stay in self.stays if stay.touches(first, last)]
