"""The end of supervision."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from schemas.allocation import SupervisionEnded
from services.allocation.managed import ManagedSentence
from services.allocation.view import AllocationView
from shared.engine.assessment import Finding


def supervision_ended(view: AllocationView) -> Iterator[Finding]:
    """ALLOC-2, ALLOC-3: supervision is over, and how often the practitioner changed by then.

    ENF-34: post-sentence supervision ends on the day before its repeal, for that reason. END-1: an order of
    which everything is done ends on that day, since the law says so.
    """
    for managed in view.managed:
        end = managed.end
        if end is None:
            continue
        more = {"repealed": ("ENF-34",), "completed": ("END-1",)}.get(end.reason, ())
        yield Finding(
            event=SupervisionEnded.model_validate(
                {
                    "sentence_id": managed.sentence_id,
                    "ended_on": end.on,
                    "reason": end.reason,
                    "practitioner_changes": practitioner_changes(view, managed),
                }
            ),
            key=managed.sentence_id,
            rules=("ALLOC-2", "ALLOC-3", *more),
            because=(*managed.because, end.record, *managed.allocations),
            policy=view.values(end.on, managed.sentence).version,
        )


def practitioner_changes(view: AllocationView, managed: ManagedSentence) -> int:
    """ALLOC-2: how often somebody else came to see the person, by today or by the end.

    Whoever stands in counts if it is for 28 days or more (by policy); the practitioner stays responsible.
    """
    last = managed.end.on if managed.end is not None else view.today.waited_for
    who: list[tuple[date, str]] = [(a.allocated_on, a.practitioner_id) for a in managed.allocations]
    seen = list(who)
    for cover in view.case.covers.values():
        days = (cover.until - cover.from_).days + 1
        shortest = view.values(cover.from_, managed.sentence).integer("cover_counts_from_days")
        if days < shortest or not view.today.reached(cover.from_) or cover.from_ > last:
            continue
        if _holder(who, cover.from_) != cover.for_practitioner_id:
            continue
        seen.append((cover.from_, cover.practitioner_id))
        if view.today.after(cover.until) and cover.until < last:
            back = _holder(who, cover.until)
            seen.append((cover.until, back or cover.practitioner_id))
    seen.sort(key=lambda one: one[0])
    return sum(a != b for (_, a), (_, b) in pairwise(seen))


def _holder(who: list[tuple[date, str]], day: date) -> str | None:
    """Who was responsible on a day."""
    return next((practitioner for since, practitioner in reversed(who) if since <= day), None)
