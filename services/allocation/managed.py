"""The sentences for which a practitioner is to be responsible, from when, and by when (ALLOC-1, 20, D6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from services.allocation.facts import Allocation
from shared.engine.case import Record
from shared.probation.facts import Release, ReleasePlan, Sentence
from shared.probation.supervision import End, SupervisionPeriod

if TYPE_CHECKING:
    from services.allocation.view import AllocationView

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ManagedSentence:
    """A sentence for which a practitioner is, or was, to be responsible from `starts_on`.

    That is the day of an order, and of a release; for a prisoner whose release is planned, the day of the
    sentence (short term) or of the hand-over from the prison (long term). `due_on` is the last day on which
    the allocation is in time; None where the policy of that time sets none. `plan` is the planned release,
    if it gave the start. `end` and `allocations` are those known by today, the allocations in order.
    """

    period: SupervisionPeriod
    starts_on: date
    due_on: date | None
    policy: str
    because: tuple[Record, ...]
    plan: ReleasePlan | None
    released: Release | None
    end: End | None
    allocations: tuple[Allocation, ...]

    @property
    def sentence(self) -> Sentence:
        """The sentence itself."""
        return self.period.sentence

    @property
    def sentence_id(self) -> str:
        return self.sentence.sentence_id

    @property
    def live(self) -> bool:
        """Is it not over?"""
        return self.end is None


def managed_sentence(
    view: AllocationView, period: SupervisionPeriod, allocations: tuple[Allocation, ...]
) -> ManagedSentence | None:
    """The sentence if somebody is to be responsible for it by today, else None.

    ALLOC-3: a custodial sentence is not managed before release, unless the release is planned. Nor is a
    sentence that was over before it began.
    """
    end, stage = period.end(view.today), period.under_way(view.today)
    sentence = period.sentence
    if not sentence.custodial:
        if stage is None:
            return None
        due_on, policy = clock(view, sentence, sentence.imposed_on)
        return ManagedSentence(
            period, sentence.imposed_on, due_on, policy, (sentence,), None, None, end, allocations
        )
    release = stage.begun_by if stage is not None and isinstance(stage.begun_by, Release) else None
    first_time = release is None or release is period.stages[0].begun_by
    plan = _plan(view, sentence, release) if first_time else None
    if plan is not None:
        return _before_release(view, period, plan, release, end, allocations)
    if release is None:
        return None
    # Nobody announced the release: somebody should have been there by the day before it.
    due_on, policy = clock(view, sentence, release.released_on)
    if due_on is not None:
        due_on = release.released_on - ONE_DAY
    because = (sentence, release)
    return ManagedSentence(
        period, release.released_on, due_on, policy, because, None, release, end, allocations
    )


def _before_release(
    view: AllocationView,
    period: SupervisionPeriod,
    plan: ReleasePlan,
    release: Release | None,
    end: End | None,
    allocations: tuple[Allocation, ...],
) -> ManagedSentence | None:
    """ALLOC-20, D6: a sentence of which the release was planned; somebody is there by the day before it.

    Which release is the one that was planned, or the one that came if that was earlier.
    """
    sentence = period.sentence
    starts_on = min(responsible_from(view, sentence, plan), plan.release_on)
    due_on, policy = clock(view, sentence, sentence.imposed_on)
    because: tuple[Record, ...] = (sentence, plan)
    if due_on is not None:
        due_on = min(due_on if plan.stay == "short_term" else starts_on, plan.release_on - ONE_DAY)
    if release is not None and release.released_on <= (due_on or date.max):
        starts_on = min(starts_on, release.released_on)
        due_on = None if due_on is None else release.released_on - ONE_DAY
        because = (sentence, plan, release)
    if not view.today.reached(starts_on) or (end is not None and end.on < starts_on):
        return None
    return ManagedSentence(period, starts_on, due_on, policy, because, plan, release, end, allocations)


def clock(view: AllocationView, sentence: Sentence, since: date) -> tuple[date | None, str]:
    """ALLOC-1, ALLOC-3, SH-2, SH-3: the due date, 5 business days after sentence by default.

    With the version of the policy that it comes from: that of the day. None where that policy sets no number
    of days, which is so for a start before the calendar begins.
    """
    values = view.values(since, sentence)
    if not values.has("allocation_days"):
        return None, values.version
    return values.within(since, "allocation_days"), values.version


def responsible_from(view: AllocationView, sentence: Sentence, plan: ReleasePlan) -> date:
    """RES-3, RES-4: from when the community is responsible for a prisoner whose release is planned.

    A short-term prisoner from the sentence; a long-term one from the hand-over, so many days before release.
    """
    if plan.stay == "short_term":
        return sentence.imposed_on
    days = view.values(plan.release_on, sentence).integer("handover_days")
    return max(plan.release_on - timedelta(days=days), sentence.imposed_on)


def _plan(view: AllocationView, sentence: Sentence, release: Release | None) -> ReleasePlan | None:
    """The planned release that was known when the first release came; before it, the one that stands."""
    plan = view.case.release_plans.get(sentence.sentence_id)
    if plan is None or release is None or plan.recorded <= release.recorded:
        return plan
    earlier = view.case.former_release_plans.get(sentence.sentence_id, ())
    known = [former for former in earlier if former.recorded <= release.recorded]
    if known:
        return known[-1]
    # What was planned after the release is the next one, after a recall.
    return plan if plan.release_on <= release.released_on else None
