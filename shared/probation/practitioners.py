"""Who has a sentence, and when a change of practitioner is in progress (ALLOC-2, CONT-30)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TypeVar

import msgspec

from shared.engine.assessment import Day
from shared.probation.facts import Allocation, ManagerDecision, PractitionerChange

A = TypeVar("A", bound=Allocation)

HANDED_OVER = ("change", "transfer")
"""The reasons of allocations that hand a sentence over to somebody else."""


class ChangeUnderWay(msgspec.Struct, frozen=True):
    """A change of practitioner on one sentence: who had the sentence before, and when it is in progress.

    `spans` are the periods in which it is in progress, each with its first and last day; the last day is None
    while it is open. A manager's refusal ends a period, and a later approval starts another: `answers` are
    the manager's decisions, in order. `had_it` is None if nobody is known to have had the sentence.
    `taken_on` is the day on which somebody else took it over; None if nobody did.
    """

    request: PractitionerChange
    had_it: str | None
    answers: tuple[ManagerDecision, ...]
    spans: tuple[tuple[date, date | None], ...]
    taken_on: date | None

    def open_on(self, today: Day) -> bool:
        """Does the change still have to be made today? Not on the day that ends it."""
        return any(
            today.reached(first) and not (last is not None and today.reached(last))
            for first, last in self.spans
        )


def in_order(allocations: Iterable[A], sentence_id: str) -> list[A]:
    """The allocations of a sentence in the order of decision."""
    return sorted((a for a in allocations if a.sentence_id == sentence_id), key=decided)


def decided(allocation: Allocation) -> tuple[date, int, int, str]:
    """Sort key: when an allocation was decided. At the same time, a change comes after a first allocation.

    A transfer comes after both: it is never followed by a change at the same time.
    """
    handed_over = HANDED_OVER.index(allocation.reason) + 1 if allocation.reason in HANDED_OVER else 0
    return (allocation.allocated_on, allocation.recorded, handed_over, allocation.event_id)


def changes_under_way(
    sentence_id: str,
    requests: Iterable[PractitionerChange],
    allocations: Sequence[Allocation],
    decisions: Iterable[ManagerDecision],
    needs_approval: Callable[[date], bool] = lambda day: False,  # noqa: ARG005
) -> list[ChangeUnderWay]:
    """ALLOC-2: the changes requested on a sentence, by day. `allocations` are the sentence's own, in order.

    A change is over once somebody else has the sentence. It is on hold while the manager's latest decision
    since the request is a refusal and, where one of that day `needs_approval`, until one is an approval.
    """
    about = [d for d in decisions if d.about == "practitioner_change"]
    asked = [r for r in requests if r.sentence_id in (None, sentence_id)]
    found = []
    for request in sorted(asked, key=lambda r: (r.requested_on, r.change_id)):
        had_it = _who_had_it(request, allocations)
        answers = [
            d
            for d in about
            if d.decided_on >= request.requested_on
            and request.sentence_id in (None, d.sentence_id)
            and d.about_id in (None, request.change_id)
        ]
        answers.sort(key=lambda d: (d.decided_on, *d.stamp))
        taken_on = _taken_on(request, had_it, allocations)
        waits = needs_approval(request.requested_on)
        spans = _spans(request, answers, taken_on, waits=waits)
        found.append(ChangeUnderWay(request, had_it, tuple(answers), spans, taken_on))
    return found


def _who_had_it(request: PractitionerChange, allocations: Sequence[Allocation]) -> str | None:
    """Who had the sentence when a change was requested, also if it was allocated earlier the same day."""
    day = request.requested_on
    before = [a.practitioner_id for a in allocations if a.allocated_on < day]
    first = [
        a.practitioner_id for a in allocations if a.allocated_on == day and a.recorded <= request.recorded
    ]
    return before[-1] if before else next(iter(first), None)


def _taken_on(
    request: PractitionerChange, had_it: str | None, allocations: Sequence[Allocation]
) -> date | None:
    """The day on which somebody else took over the sentence."""
    for allocation in allocations:
        if allocation.allocated_on < request.requested_on or allocation.practitioner_id == had_it:
            continue
        if had_it is not None or allocation.reason in HANDED_OVER:
            return allocation.allocated_on
    return None


def _spans(
    request: PractitionerChange, answers: Iterable[ManagerDecision], taken_on: date | None, *, waits: bool
) -> tuple[tuple[date, date | None], ...]:
    spans: list[tuple[date, date | None]] = [] if waits else [(request.requested_on, None)]
    for answer in answers:
        if taken_on is not None and answer.decided_on > taken_on:
            break
        in_progress = bool(spans) and spans[-1][1] is None
        if in_progress and not answer.approved:
            spans[-1] = (spans[-1][0], answer.decided_on)
        elif answer.approved and not in_progress:
            spans.append((answer.decided_on, None))
    if spans and spans[-1][1] is None and taken_on is not None:
        spans[-1] = (spans[-1][0], taken_on)
    return tuple(spans)
