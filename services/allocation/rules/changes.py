"""Another practitioner is asked for: which sentences are to change hands (ALLOC-2)."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.allocation.case import AllocationCase, ChangeRequest
from services.allocation.supervision import Supervision
from shared.engine.assessment import Day


@dataclass(frozen=True, slots=True)
class Change:
    """A live sentence that is to go to another practitioner than those who had it when it was asked for."""

    supervision: Supervision
    excluded: frozenset[str]
    requests: tuple[ChangeRequest, ...]


def changes_wanted(case: AllocationCase, supervised: list[Supervision], today: Day) -> list[Change]:
    """ALLOC-2: a change of practitioner needs a request, and each request is fulfilled once.

    One that was made before the sentence had a practitioner asks for nothing. A manager may refuse it for as
    long as nobody else has taken the sentence; their last word since the request counts.
    """
    asked = sorted(case.change_requests.values(), key=lambda r: (r.requested_on, r.change_id))
    standing = [r for r in asked if today.reached(r.requested_on) and not _refused(case, r, today)]
    found = []
    for supervision in supervised:
        unfulfilled = dict(_unfulfilled(supervision, standing)) if supervision.live else {}
        if unfulfilled:
            requests = tuple(request for request in standing if request.change_id in unfulfilled)
            found.append(Change(supervision, frozenset(unfulfilled.values()), requests))
    return found


def _unfulfilled(supervision: Supervision, requests: list[ChangeRequest]) -> Iterator[tuple[str, str]]:
    """The requests for a sentence that nobody else has taken since, each with who had it then."""
    for request in requests:
        if request.sentence_id not in (None, supervision.sentence_id):
            continue
        had_it = _who_had_it(supervision, request)
        since = [a for a in supervision.allocations if a.allocated_on >= request.requested_on]
        if had_it is not None and all(a.practitioner_id == had_it for a in since):
            yield request.change_id, had_it


def _who_had_it(supervision: Supervision, request: ChangeRequest) -> str | None:
    """Who had the sentence when a change was asked for; on its first day, if allocated by then."""
    day = request.requested_on
    before = [a.practitioner_id for a in supervision.allocations if a.allocated_on < day]
    first = [
        a.practitioner_id
        for a in supervision.allocations
        if a.allocated_on == day and a.recorded <= request.recorded
    ]
    return before[-1] if before else next(iter(first), None)


def _refused(case: AllocationCase, request: ChangeRequest, today: Day) -> bool:
    decisions = [
        decision
        for decision in case.manager_decisions.values()
        if decision.about == "practitioner_change"
        and request.sentence_id in (None, decision.sentence_id)
        and request.requested_on <= decision.decided_on
        and today.reached(decision.decided_on)
    ]
    last = max(decisions, key=lambda d: (d.decided_on, *d.stamp), default=None)
    return last is not None and not last.approved
