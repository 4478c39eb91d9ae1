"""When a practitioner is due, and what was missing where there was none in time."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Literal

from schemas.allocation import AllocationDue, AllocationOverdue
from services.allocation.managed import ONE_DAY, ManagedSentence
from services.allocation.view import AllocationView
from shared.calendar import london_date
from shared.engine.assessment import Finding
from shared.engine.case import Record
from shared.probation.facts import ReleasePlan, Sentence

OverdueReason = Literal["no_practitioner", "no_capacity", "awaiting_risk", "not_processed"]


def allocation_due(view: AllocationView) -> Iterator[Finding]:
    """ALLOC-1, ALLOC-3, ALLOC-20, SH-2: a person has a practitioner within 5 days of sentence.

    A prisoner within five days of a short sentence, at the hand-over from the prison in a long one, and
    before release in any case. ALLOC-18: a second sentence has a due date of its own. The item is open until
    the allocation or the end of supervision.
    """
    for managed in view.managed:
        if managed.due_on is None:
            continue
        made, end = managed.allocations, managed.end
        yield Finding(
            event=AllocationDue(sentence_id=managed.sentence_id, due_on=managed.due_on),
            key=managed.sentence_id,
            rules=_rules(managed),
            because=managed.because,
            policy=managed.policy,
            resolved_on=made[0].allocated_on if made else None,
            ended_on=end.over_on if end else None,
        )


def allocation_overdue(view: AllocationView) -> Iterator[Finding]:
    """ALLOC-1, ALLOC-3, ALLOC-5, ALLOC-20, SH-2: no practitioner by the due date; so too if found late.

    Not if supervision was over by the due date. On the last day of a sentence that ran out, it was not over
    yet.
    """
    for managed in view.managed:
        due_on = managed.due_on
        if due_on is None or (managed.end is not None and managed.end.over_on <= due_on):
            continue
        if _allocated_by(due_on, managed) or not view.today.after(due_on):
            continue
        waiting = [other for other in view.managed if not _allocated_by(due_on, other)]
        reason, because = _overdue_reason(view, managed, waiting, due_on)
        yield Finding(
            event=AllocationOverdue(sentence_id=managed.sentence_id, due_on=due_on, reason=reason),
            key=managed.sentence_id,
            rules=("ALLOC-5", *_rules(managed)),
            because=because,
            policy=managed.policy,
        )


def provisional_from(view: AllocationView, managed: ManagedSentence) -> date | None:
    """ALLOC-5: the first day on which a sentence is allocated without an assessment; None: it never is.

    When so many days of the clock have gone by, and by the due date at the latest.
    """
    values = view.values(managed.starts_on, managed.sentence)
    if not values.has("provisional_after") or managed.due_on is None:
        return None
    gone_by = values.within(managed.starts_on, "provisional_after") + ONE_DAY
    return max(managed.starts_on, min(gone_by, managed.due_on))


def _rules(managed: ManagedSentence) -> tuple[str, ...]:
    prisoner = ("ALLOC-20",) if managed.sentence.custodial else ()
    return ("ALLOC-1", "ALLOC-3", "SH-2", *prisoner)


def _allocated_by(day: date, managed: ManagedSentence) -> bool:
    return bool(managed.allocations) and managed.allocations[0].allocated_on <= day


def _overdue_reason(
    view: AllocationView, managed: ManagedSentence, waiting: Sequence[ManagedSentence], due: date
) -> tuple[OverdueReason, tuple[Record, ...]]:
    """ALLOC-5: what was missing on the due date, as the facts tell it, whatever came later.

    Not processed, if the sentence (or release) was recorded after the due date, or if nobody was requested in
    time. Otherwise the last refusal by then of a request for one of the sentences `waiting`. While there was
    no assessment, made and recorded by then, only a refusal of a provisional allocation counts: if there was
    none, it was the assessment that was missing.
    """
    if any(_told_after(due, versions) for versions in _versions(view, managed)):
        return "not_processed", managed.because
    known = [a for a in view.assessments if a.assessed_on <= due and not _told_after(due, [a])]
    because = (*managed.because, *known[-1:])
    since = date.min if known else provisional_from(view, managed) or date.max
    refusals = view.case.refusals
    said = [refusal for other in waiting for refusal in refusals.get(f"{other.sentence_id}/1", ())]
    refused = sorted(refusal for refusal in said if since <= refusal[0] <= due)
    if not refused:
        return "not_processed" if known else "awaiting_risk", because
    return "no_capacity" if refused[-1][1] == "no_capacity" else "no_practitioner", because


def _versions(view: AllocationView, managed: ManagedSentence) -> Iterator[Sequence[Record]]:
    """The versions of each record that says that the sentence is to be allocated, with the same dates."""
    former = (view.case.former_sentences, view.case.former_release_plans)
    for record in managed.because:
        before: list[Record] = []
        if isinstance(record, Sentence):
            sentences = former[0].get(managed.sentence_id, ())
            before += (one for one in sentences if one.imposed_on == record.imposed_on)
        elif isinstance(record, ReleasePlan):
            plans = former[1].get(managed.sentence_id, ())
            before += (p for p in plans if (p.release_on, p.stay) == (record.release_on, record.stay))
        yield [record, *before]


def _told_after(day: date, versions: Iterable[Record]) -> bool:
    """Whether the source first recorded it after the end of that day in London: a correction came later."""
    first = min(version.recorded for version in versions)
    return london_date(datetime.fromtimestamp(first // 1_000_000, UTC)) > day
