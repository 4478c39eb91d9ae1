"""The sentences for which a practitioner is to be responsible, from when, and by when (ALLOC-1, 20, D6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from services.allocation.facts import Allocation
from shared.engine.case import Record
from shared.probation.facts import Release, ReleasePlan, Sentence
from shared.probation.supervision import End, SupervisionPeriod

if TYPE_CHECKING:
    from services.allocation.view import AllocationView

ONE_DAY = timedelta(days=1)
Stay = Literal["short_term", "long_term"]


@dataclass(frozen=True, slots=True)
class ManagedSentence:
    """A sentence for which a practitioner is, or was, to be responsible from `starts_on`.

    That is the day of an order, and of a release; for a prisoner, the day of the sentence (short term), of
    the hand-over from the prison (long term) or some days before a temporary release. `due_on` is the last
    day on which the allocation is in time; None where the policy of that time sets none. `plan` is the
    planned release, if it gave the start; `short_term`: a short-term prisoner who has not been released.
    `end` and `allocations` are those known by today, the allocations in order.
    """

    period: SupervisionPeriod
    starts_on: date
    due_on: date | None
    policy: str
    because: tuple[Record, ...]
    plan: ReleasePlan | None
    short_term: bool
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

    ALLOC-3: a custodial sentence is not managed before release, unless the release is planned or near. Nor is
    a sentence that was over before it began.
    """
    end, stage = period.end(view.today), period.under_way(view.today)
    sentence = period.sentence
    if not sentence.custodial:
        if stage is None:
            return None
        due_on, policy = clock(view, sentence, sentence.imposed_on)
        return ManagedSentence(
            period, sentence.imposed_on, due_on, policy, (sentence,), None, False, end, allocations
        )
    release = stage.begun_by if stage is not None and isinstance(stage.begun_by, Release) else None
    if release is None or release == period.stages[0].begun_by:
        before = _before_release(view, period, release, end, allocations)
        if before is not None:
            return before
    if release is None:
        return None
    # Nobody announced the release: somebody should have been there by the day before it.
    due_on, policy = clock(view, sentence, release.released_on)
    if due_on is not None:
        due_on = release.released_on - ONE_DAY
    because = (sentence, release)
    return ManagedSentence(
        period, release.released_on, due_on, policy, because, None, False, end, allocations
    )


def _before_release(
    view: AllocationView,
    period: SupervisionPeriod,
    release: Release | None,
    end: End | None,
    allocations: tuple[Allocation, ...],
) -> ManagedSentence | None:
    """ALLOC-20, D6: a prisoner for whom somebody is responsible; they are there by the day before release.

    That is the first release: the planned one, the one that came, or a temporary one. Who has taken the case
    keeps it when the release is moved. None if no release is known, or nobody is to be responsible yet.
    """
    sentence = period.sentence
    plan = plan_known(view, sentence, release)
    needs = list(_needs(view, sentence, plan, release))
    due_on = min((need.due_on for need in needs), default=date.max)
    if needs and release is not None and release.released_on <= due_on:
        due_on = release.released_on - ONE_DAY
        needs.append(_Need(release.released_on, due_on, (release,)))
    starts = [need.since for need in needs]
    if release is None or needs:
        starts += (made.allocated_on for made in allocations[:1])
    starts_on = min(starts, default=date.max)
    if not starts or not view.today.reached(starts_on) or (end is not None and end.on < starts_on):
        return None
    deciding = [need for need in needs if need.since == min(starts) or need.due_on == due_on]
    timed, policy = clock(view, sentence, sentence.imposed_on)
    return ManagedSentence(
        period,
        starts_on,
        due_on if needs and timed is not None else None,
        policy,
        (sentence, *(record for need in deciding for record in need.because)),
        plan,
        release is None and stay(view, sentence, plan) == "short_term",
        end,
        allocations,
    )


@dataclass(frozen=True, slots=True)
class _Need:
    """Somebody is responsible for a prisoner from `since`, and in place by `due_on`."""

    since: date
    due_on: date
    because: tuple[Record, ...]


def _needs(
    view: AllocationView, sentence: Sentence, plan: ReleasePlan | None, release: Release | None
) -> Iterator[_Need]:
    """ALLOC-20, D6: why somebody is to be responsible for a prisoner before the first release.

    A short-term prisoner has the five days of the sentence; a long-term one the day of the hand-over, but no
    less than those five days. In every case, also of a temporary release, by the day before it.
    """
    timed, _ = clock(view, sentence, sentence.imposed_on)
    if plan is not None:
        since = responsible_from(view, sentence, plan)
        due_on = min(max(timed or since, since), plan.release_on - ONE_DAY)
        yield _Need(min(since, plan.release_on), due_on, (plan,))
    elif stay(view, sentence, plan) == "short_term":
        yield _Need(sentence.imposed_on, timed or sentence.imposed_on, ())
    until = date.max if release is None else release.released_on
    for grant in view.case.temporary_releases.values():
        if grant.sentence_id == sentence.sentence_id and sentence.imposed_on < grant.from_ < until:
            days = view.values(grant.from_, sentence).integer("temporary_release_days")
            since = max(grant.from_ - timedelta(days=days), sentence.imposed_on)
            yield _Need(since, grant.from_ - ONE_DAY, (grant,))


def clock(view: AllocationView, sentence: Sentence, since: date) -> tuple[date | None, str]:
    """ALLOC-1, ALLOC-3, SH-2, SH-3: the due date, 5 business days after sentence by default.

    With the version of the policy that it comes from: that of the day. None where that policy sets no number
    of days, which is so for a start before the calendar begins.
    """
    values = view.values(since, sentence)
    if not values.has("allocation_days"):
        return None, values.version
    return values.within(since, "allocation_days"), values.version


def stay(view: AllocationView, sentence: Sentence, plan: ReleasePlan | None) -> Stay | None:
    """RES-3, RES-4: whether a prisoner's stay is short or long term; None while that is not known.

    As the prison says with the planned release. Until then a determinate sentence of fewer days than the
    policy says is short term: it may be over before a release is planned.
    """
    if plan is not None:
        return plan.stay
    days = sentence.custodial_days
    if days is None or sentence.custody_type != "determinate":
        return None
    limit = view.values(sentence.imposed_on, sentence).integer("short_term_below_days")
    return "short_term" if days < limit else None


def responsible_from(view: AllocationView, sentence: Sentence, plan: ReleasePlan) -> date:
    """RES-3, RES-4: from when the community is responsible for a prisoner whose release is planned.

    A short-term prisoner from the sentence; a long-term one from the hand-over, so many days before release.
    """
    if plan.stay == "short_term":
        return sentence.imposed_on
    days = view.values(plan.release_on, sentence).integer("handover_days")
    return max(plan.release_on - timedelta(days=days), sentence.imposed_on)


def plan_known(view: AllocationView, sentence: Sentence, release: Release | None) -> ReleasePlan | None:
    """The planned release that was known when a release came; before it, the one that stands."""
    plan = view.case.release_plans.get(sentence.sentence_id)
    if plan is None or release is None or plan.recorded <= release.recorded:
        return plan
    earlier = view.case.former_release_plans.get(sentence.sentence_id, ())
    known = [former for former in earlier if former.recorded <= release.recorded]
    if known:
        return known[-1]
    # What was planned after the release is the next one, after a recall.
    return plan if plan.release_on <= release.released_on else None
