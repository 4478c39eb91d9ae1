"""When a practitioner is due, and what was missing where there was none in time."""

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
    """ALLOC-1, ALLOC-3, SH-2, SH-3: the due date, 5 business days after sentence or release by default.

    With the policy that it comes from: that of the start of supervision. None where that policy sets no
    number of days, which is so for a start before the calendar begins.
    """
    values = view.values(supervised.starts_on, supervised.sentence)
    if not values.has("allocation_days"):
        return None
    return values.within(supervised.starts_on, "allocation_days"), values


def allocation_due(view: AllocationView) -> Iterator[Finding]:
    """ALLOC-1, ALLOC-3, SH-2: a person has a practitioner within 5 days of sentence or release.

    ALLOC-18: a second sentence has a due date of its own. The item is open until the allocation or the end
    of supervision.
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
    """ALLOC-1, ALLOC-5, SH-2: no practitioner by the due date; still so when one is found late.

    Not if supervision was over by the due date. On the last day of a sentence that ran out, it was not over
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

    Without a risk assessment made and recorded by then, it was the assessment. With one, the case requested a
    practitioner for one of the sentences `waiting`, and the last refusal by then is the reason. If there was
    none in time, or the sentence (or release) itself was recorded after the due date, it was not processed.
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
