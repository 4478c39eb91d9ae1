"""The clock of an allocation."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Literal

from schemas.allocation import AllocationDue, AllocationOverdue
from services.allocation.view import AllocationView, SupervisedSentence
from shared.calendar import london_date
from shared.engine.assessment import Finding
from shared.engine.case import Record
from shared.policy import Values

OverdueReason = Literal["no_practitioner", "no_capacity", "awaiting_risk", "not_processed"]


def clock(view: AllocationView, supervised: SupervisedSentence) -> tuple[date, Values] | None:
    """ALLOC-1, ALLOC-3, SH-2, SH-3: within 5 days of sentence or release, business days by default.

    The key date is the start of supervision. None for a start so early that no policy gives it a clock.
    """
    values = view.values(supervised.starts_on, supervised.sentence)
    if not values.has("allocation_days"):
        return None
    return values.within(supervised.starts_on, "allocation_days"), values


def allocation_due(view: AllocationView) -> Iterator[Finding]:
    """ALLOC-1, ALLOC-3, SH-2: a sentenced person has a practitioner within 5 days of sentence or release.

    ALLOC-18: a second sentence has a clock of its own. Waits until the allocation or the end.
    """
    for supervised in view.supervised:
        due = clock(view, supervised)
        if due is None:
            continue
        due_on, values = due
        made, end = supervised.allocations, supervised.end
        yield Finding(
            event=AllocationDue(sentence_id=supervised.sentence_id, due_on=due_on),
            key=supervised.sentence_id,
            rules=("ALLOC-1", "ALLOC-3", "SH-2"),
            because=supervised.because,
            policy=values.version,
            resolved_on=made[0].allocated_on if made else None,
            ended_on=end.over_on if end else None,
        )


def allocation_overdue(view: AllocationView) -> Iterator[Finding]:
    """ALLOC-1, ALLOC-5, SH-2: no practitioner by the due date; stays when one is found late.

    Never for a due date by which supervision was over; on the last day of a sentence that ran out it was not
    yet.
    """
    for supervised in view.supervised:
        due = clock(view, supervised)
        if due is None:
            continue
        due_on, values = due
        if supervised.end is not None and supervised.end.over_on <= due_on:
            continue
        if _allocated_by(due_on, supervised) or not view.today.after(due_on):
            continue
        waiting = [other for other in view.supervised if not _allocated_by(due_on, other)]
        reason, because = _overdue_reason(view, supervised, waiting, due_on)
        yield Finding(
            event=AllocationOverdue(sentence_id=supervised.sentence_id, due_on=due_on, reason=reason),
            key=supervised.sentence_id,
            rules=("ALLOC-1", "ALLOC-5", "SH-2"),
            because=because,
            policy=values.version,
        )


def _allocated_by(day: date, supervised: SupervisedSentence) -> bool:
    return bool(supervised.allocations) and supervised.allocations[0].allocated_on <= day


def _overdue_reason(
    view: AllocationView, supervised: SupervisedSentence, waiting: Sequence[SupervisedSentence], due: date
) -> tuple[OverdueReason, tuple[Record, ...]]:
    """ALLOC-5: what was missing on the due date, as the facts tell it, whatever came later.

    Without a risk assessment made and recorded by then, risk was awaited. With one, `choose` was asked on
    behalf of one of the sentences `waiting`, and what it last said by then was the reason. If it was not
    asked in time, or the sentence (or release) itself was recorded only after the due date, nobody had
    processed it.
    """
    if any(_recorded_after(due, record) for record in supervised.because):
        return "not_processed", supervised.because
    known = [a for a in view.assessments if a.assessed_on <= due and not _recorded_after(due, a)]
    if not known:
        return "awaiting_risk", supervised.because
    because = (*supervised.because, known[-1])
    refusals = view.case.refusals
    said = [refusal for other in waiting for refusal in refusals.get(f"{other.sentence_id}/1", ())]
    refused = sorted(refusal for refusal in said if refusal[0] <= due)
    if not refused:
        return "not_processed", because
    return "no_capacity" if refused[-1][1] == "no_capacity" else "no_practitioner", because


def _recorded_after(day: date, record: Record) -> bool:
    """Whether the source recorded it after the end of that day in London."""
    return london_date(datetime.fromtimestamp(record.recorded // 1_000_000, UTC)) > day
