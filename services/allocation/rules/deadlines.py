"""The clock of an allocation, and the end of supervision: what is said of each sentence."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Literal

from schemas.allocation import AllocationDue, AllocationOverdue, SupervisionEnded
from services.allocation.case import AllocationCase
from services.allocation.supervision import Supervision
from shared.calendar import london_date
from shared.engine.assessment import Day, Finding
from shared.engine.case import Record
from shared.policy import Policy, Values

OverdueReason = Literal["no_practitioner", "no_capacity", "awaiting_risk", "not_processed"]


def due_on(supervision: Supervision, policy: Policy) -> tuple[date, Values] | None:
    """ALLOC-1, ALLOC-3, SH-2, SH-3: within 5 days of sentence or release, business days by default.

    The key date is the start of supervision. None for a start so early that no policy gives it a clock.
    """
    values = policy.on(supervision.starts_on, supervision.sentence.region)
    if not values.has("allocation_days"):
        return None
    return values.within(supervision.starts_on, "allocation_days"), values


def allocation_due(supervision: Supervision, policy: Policy) -> Iterator[Finding]:
    """ALLOC-1: a sentenced person has a practitioner within 5 days of sentence.

    ALLOC-18: a second sentence has a clock of its own. Waits until the allocation or the end.
    """
    clock = due_on(supervision, policy)
    if clock is None:
        return
    due, values = clock
    yield Finding(
        event=AllocationDue(sentence_id=supervision.sentence_id, due_on=due),
        key=supervision.sentence_id,
        rules=("ALLOC-1", "ALLOC-3", "SH-2"),
        because=supervision.because,
        policy=values.version,
        resolved_on=supervision.allocations[0].allocated_on if supervision.allocations else None,
        ended_on=supervision.end.over_on if supervision.end else None,
    )


def allocation_overdue(
    case: AllocationCase,
    supervision: Supervision,
    supervised: Sequence[Supervision],
    today: Day,
    policy: Policy,
) -> Iterator[Finding]:
    """ALLOC-1: no practitioner by the due date; stays when one is found late.

    Never for a due date by which supervision was over; on the last day of a sentence that ran out it was not
    yet. `supervised` are all of the person's.
    """
    clock = due_on(supervision, policy)
    if clock is None:
        return
    due, values = clock
    if supervision.end is not None and supervision.end.over_on <= due:
        return
    if _allocated_by(due, supervision) or not today.after(due):
        return
    waiting = [other for other in supervised if not _allocated_by(due, other)]
    reason, because = _overdue_reason(case, supervision, waiting, due)
    yield Finding(
        event=AllocationOverdue(sentence_id=supervision.sentence_id, due_on=due, reason=reason),
        key=supervision.sentence_id,
        rules=("ALLOC-1", "ALLOC-5", "SH-2"),
        because=because,
        policy=values.version,
    )


def supervision_ended(supervision: Supervision, policy: Policy) -> Iterator[Finding]:
    """ALLOC-2, ALLOC-3: one practitioner is kept to the end where possible; every change counts."""
    if supervision.end is None:
        return
    who = [allocation.practitioner_id for allocation in supervision.allocations]
    yield Finding(
        event=SupervisionEnded(
            sentence_id=supervision.sentence_id,
            ended_on=supervision.end.on,
            reason=supervision.end.reason,
            practitioner_changes=sum(a != b for a, b in pairwise(who)),
        ),
        key=supervision.sentence_id,
        rules=("ALLOC-2", "ALLOC-3"),
        because=(*supervision.because, supervision.end.record, *supervision.allocations),
        policy=policy.on(supervision.end.on, supervision.sentence.region).version,
    )


def _allocated_by(day: date, supervision: Supervision) -> bool:
    return bool(supervision.allocations) and supervision.allocations[0].allocated_on <= day


def _overdue_reason(
    case: AllocationCase, supervision: Supervision, waiting: Sequence[Supervision], due: date
) -> tuple[OverdueReason, tuple[Record, ...]]:
    """ALLOC-5: what was missing on the due date, as the facts tell it, whatever came later.

    Without a risk assessment made and recorded by then, risk was awaited. With one, `choose` was asked on
    behalf of one of the sentences `waiting`, and what it last said by then was the reason. If it was not
    asked in time, or the sentence (or release) itself was recorded only after the due date, nobody had
    processed it.
    """
    if any(_recorded_after(due, record) for record in supervision.because):
        return "not_processed", supervision.because
    known = [a for a in case.assessments.values() if a.assessed_on <= due and not _recorded_after(due, a)]
    if not known:
        return "awaiting_risk", supervision.because
    latest = max(known, key=lambda a: (a.assessed_on, a.assessment_id))
    because = (*supervision.because, latest)
    said = [refusal for other in waiting for refusal in case.refusals.get(f"{other.sentence_id}/1", ())]
    refused = sorted(refusal for refusal in said if refusal[0] <= due)
    if not refused:
        return "not_processed", because
    return "no_capacity" if refused[-1][1] == "no_capacity" else "no_practitioner", because


def _recorded_after(day: date, record: Record) -> bool:
    """Whether the source recorded it after the end of that day in London."""
    return london_date(datetime.fromtimestamp(record.recorded // 1_000_000, UTC)) > day
