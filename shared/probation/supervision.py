"""When a person is supervised on a sentence.

Supervision on an order runs from `imposed_on` to `ends_on`, as varied. On a licence it runs from
`released_on` to `licence_ends_on`, followed by post-sentence supervision until `pss_ends_on` (the names of
the fields of events). The last day is included.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise, zip_longest
from typing import Literal

import msgspec

from shared.engine.assessment import Day
from shared.engine.case import Record
from shared.policy import Policy
from shared.probation.facts import (
    AppealDecision,
    Death,
    EndReason,
    Release,
    Revocation,
    Sentence,
    SupervisionEnd,
    Variation,
)
from shared.probation.requirements import RequirementList, list_on, requirement_lists

StageKind = Literal["order", "licence", "post_sentence_supervision"]

RAN_OUT = ("expired", "repealed")
"""The reasons why supervision ends on its planned or lawful last day, not early."""

ONE_DAY = timedelta(days=1)


class Stage(msgspec.Struct, frozen=True):
    """One unbroken stage of supervision on a sentence, including its first and last day.

    `begun_by` is the record that started the supervision: the sentence, or the release. (A new release
    continues supervision that was not over.) `unpaid_work_only` has the periods, each with its first and last
    day, in which unpaid work is the order's only requirement; all of a supervision default order is one.
    `would_have_ended_on` is the last day that the prison recorded, if a repeal ended the stage earlier.
    `because` are the records that it is based on.
    """

    sentence: Sentence
    kind: StageKind
    first: date
    last: date
    because: tuple[Record, ...]
    begun_by: Sentence | Release
    unpaid_work_only: tuple[tuple[date, date], ...] = ()
    would_have_ended_on: date | None = None

    @property
    def day_after(self) -> date:
        """The day after the last."""
        return self.last + ONE_DAY

    def on(self, day: date) -> bool:
        """Does it include that day?"""
        return self.first <= day <= self.last

    def until(self, day: date) -> Stage | None:
        """The part of it up to `day`; None if nothing is left."""
        if self.last <= day:
            return self
        return msgspec.structs.replace(self, last=day) if day >= self.first else None

    def supervised_throughout(self, first: date, last: date) -> bool:
        """Does the order require more than unpaid work on every day from `first` to `last`?"""
        if not self.unpaid_work_only:
            return True  # the common case, checked for every contact
        return not any(start <= last and end >= first for start, end in self.unpaid_work_only)


class End(msgspec.Struct, frozen=True):
    """How supervision ended. `on` is its last day; from `over_on` no action is due any more.

    `over_on` is the day after the last day if the sentence expired, or that last day if it ended early.
    """

    on: date
    over_on: date
    reason: EndReason
    record: Record


class SupervisionPeriod(msgspec.Struct, frozen=True):
    """Supervision on one sentence, from its start to its end.

    `stages` are in order. `over_on` is the first day on which it is over: the day after the last day if the
    sentence expires, and the last day itself if it ends early, because from that day no action is due. It is
    None if no start or end is known. `cut_short` is the revocation, death or completion that ends it early.
    `ordered` are the lists of requirements.
    """

    sentence: Sentence
    stages: tuple[Stage, ...]
    over_on: date | None
    cut_short: End | None
    ordered: tuple[RequirementList, ...]

    @property
    def begins_on(self) -> date | None:
        """The first day of supervision; None if there is none."""
        return self.stages[0].first if self.stages else None

    @property
    def enforceable_until(self) -> date | None:
        """ENF-34: the first day on which failures can no longer be enforced.

        That is the day when supervision is over. But if a repeal ended it, earlier failures can still be
        enforced until it would have ended anyway.
        """
        last = self.stages[-1] if self.stages else None
        if last is None or last.would_have_ended_on is None or self.over_on != last.day_after:
            return self.over_on
        planned = last.would_have_ended_on + ONE_DAY
        return planned if self.cut_short is None else min(planned, max(self.cut_short.on, self.over_on))

    def stage_on(self, day: date) -> Stage | None:
        """The stage that includes a day; None if the person is not supervised on the sentence that day."""
        for stage in self.stages:  # asked of every contact and session: a generator would be felt
            if stage.first <= day <= stage.last:
                return stage
        return None

    def supervised_on(self, day: date) -> bool:
        """Is the person supervised on the sentence that day, the last day included?"""
        return self.stage_on(day) is not None

    def until(self, stage: Stage) -> date:
        """The first day on which that stage is over; from then no action in it is due."""
        return stage.day_after if self.over_on is None else min(stage.day_after, self.over_on)

    def required_on(self, day: date) -> RequirementList:
        """What the sentence requires on a day when it is live."""
        return list_on(self.ordered, day)

    def live_on(self, day: date) -> bool:
        """Is the sentence live that day: under supervision, or in custody before it (ALLOC-3)?"""
        if day < self.sentence.imposed_on or (self.cut_short is not None and day >= self.cut_short.on):
            return False
        if self.sentence.custodial and (self.begins_on is None or day < self.begins_on):
            return True
        return self.supervised_on(day)

    def last_live_day(self, by: date) -> date | None:
        """The last day up to `by` on which the sentence is live; None if there is none."""
        if self.cut_short is not None:
            by = min(by, self.cut_short.on - ONE_DAY)
        for stage in reversed(self.stages):
            if stage.first <= by:
                return min(by, stage.last)
        if self.sentence.custodial and self.begins_on is not None:
            by = min(by, self.begins_on - ONE_DAY)
        return by if self.sentence.custodial and by >= self.sentence.imposed_on else None

    def under_way(self, today: Day) -> Stage | None:
        """The stage that started last; None before supervision starts."""
        begun = [stage for stage in self.stages if today.reached(stage.first)]
        return begun[-1] if begun else None

    def end(self, today: Day) -> End | None:
        """How supervision ended, as of today; None while it continues or has not started.

        The earliest end counts; on the same day, an early end comes before expiry. A new release after the
        end starts supervision again.
        """
        ends: list[End] = []
        if self.cut_short is not None and today.reached(self.cut_short.on):
            ends.append(self.cut_short)
        stage = self.under_way(today)
        if stage is not None and today.after(stage.last):
            reason: EndReason = "expired" if stage.would_have_ended_on is None else "repealed"
            ends.append(End(stage.last, stage.day_after, reason, stage.because[-1]))
        return min(ends, key=lambda end: end.on, default=None)


def supervision_period(
    sentence: Sentence,
    policy: Policy,
    *,
    variations: Collection[Variation] = (),
    releases: Collection[Release] = (),
    revocations: Collection[Revocation] = (),
    appeals: Collection[AppealDecision] = (),
    deaths: Collection[Death] = (),
    ends: Collection[SupervisionEnd] = (),
) -> SupervisionPeriod:
    """Supervision on a sentence, from its records. `policy` says when post-sentence supervision is law.

    ENF-24: a court may end an order early; so do death, an appeal that quashes the sentence, and completion.
    """
    early = revocations or appeals or deaths or ends
    cut = _cut_short(revocations, appeals, deaths, ends) if early else None
    counted = _counted(sentence, variations, cut) if variations and not sentence.custodial else ()
    lists = requirement_lists(sentence, counted)
    planned = _licences(sentence, releases, policy) if sentence.custodial else _order(sentence, lists)
    if not planned:
        # An order that ends before it starts is over on its first day. Before a release no end is known.
        over_on = None if sentence.custodial else sentence.imposed_on
        return SupervisionPeriod(sentence, (), over_on, cut, lists)
    runs_out = max(stage.day_after for stage in planned)
    if cut is None:
        return SupervisionPeriod(sentence, tuple(planned), runs_out, None, lists)
    stages = tuple(part for stage in planned if (part := stage.until(cut.on)))
    return SupervisionPeriod(sentence, stages, min(cut.on, runs_out), cut, lists)


def _cut_short(
    revocations: Iterable[Revocation],
    appeals: Iterable[AppealDecision],
    deaths: Iterable[Death],
    ends: Iterable[SupervisionEnd],
) -> End | None:
    """What ended supervision early. On the same day, the court's decision comes before death.

    A sentence that was quashed on appeal ends as one that is revoked as quashed.
    """
    found: list[End] = []
    for revocation in revocations:
        reason: EndReason = "quashed" if revocation.reason == "quashed" else "revoked"
        found.append(End(revocation.revoked_on, revocation.revoked_on, reason, revocation))
    for appeal in appeals:
        if appeal.outcome == "allowed_quashed":
            found.append(End(appeal.decided_on, appeal.decided_on, "quashed", appeal))
    found += [End(death.died_on, death.died_on, "died", death) for death in deaths]
    found += [End(e.ended_on, e.ended_on, e.reason, e) for e in ends if e.reason not in RAN_OUT]
    return min(found, key=lambda end: end.on, default=None)


def _counted(sentence: Sentence, variations: Iterable[Variation], cut: End | None) -> tuple[Variation, ...]:
    """The variations of an order that count, in order: those made before it ended."""
    counted: list[Variation] = []
    last = sentence.ends_on
    for variation in sorted(variations, key=lambda v: v.varied_on):
        if last is None or variation.varied_on > last or (cut is not None and variation.varied_on > cut.on):
            break
        counted.append(variation)
        last = variation.last_day
    return tuple(counted)


def _order(sentence: Sentence, lists: Sequence[RequirementList]) -> list[Stage]:
    """Supervision on an order, as varied.

    ENF-33: of a supervision default order only the requirements count: unpaid work, or a curfew. It has no
    contact standard, as an order has none while unpaid work is all that it requires.
    """
    latest = lists[-1].record
    last = latest.last_day if isinstance(latest, Variation) else sentence.ends_on
    if last is None or last < sentence.imposed_on:
        return []
    because = tuple(known.record for known in lists)
    default_order = sentence.kind == "supervision_default_order"
    only = ((sentence.imposed_on, last),) if default_order else _unpaid_work_only(lists, last)
    return [Stage(sentence, "order", sentence.imposed_on, last, because, sentence, only)]


def _unpaid_work_only(lists: Sequence[RequirementList], last: date) -> tuple[tuple[date, date], ...]:
    """The periods up to `last`, each with its first and last day, in which only unpaid work is required."""
    if not any(known.unpaid_work_only for known in lists):
        return ()  # the common case
    untils = [*(following.since for _, following in pairwise(lists)), last + ONE_DAY]
    return tuple(
        (known.since, until - ONE_DAY)
        for known, until in zip(lists, untils, strict=True)
        if known.since < until and known.unpaid_work_only
    )


def _licences(sentence: Sentence, releases: Iterable[Release], policy: Policy) -> list[Stage]:
    """Supervision on a custodial sentence: from each release a licence, then post-sentence supervision.

    A new release (after a recall) replaces the rest of the earlier licence.
    """
    stages: list[Stage] = []
    ordered = sorted(releases, key=lambda r: r.released_on)
    begun_by: Release | None = None
    runs_until = date.min
    for release, following in zip_longest(ordered, ordered[1:]):
        if begun_by is None or release.released_on > runs_until:
            begun_by = release
        own = _stages(sentence, release, begun_by, policy)
        runs_until = max((stage.last for stage in own), default=release.released_on - ONE_DAY)
        replaced = following.released_on - ONE_DAY if following else date.max
        stages += [kept for stage in own if (kept := stage.until(replaced))]
    return stages


def _stages(sentence: Sentence, release: Release, begun_by: Release, policy: Policy) -> list[Stage]:
    """The stages from one release, without regard to later releases."""
    ends: tuple[tuple[StageKind, date | None], ...] = (
        ("licence", release.licence_ends_on),
        ("post_sentence_supervision", release.pss_ends_on),
    )
    stages: list[Stage] = []
    first = release.released_on
    for kind, last in ends:
        if last is None or last < first:
            continue
        stage = Stage(sentence, kind, first, last, (sentence, release), begun_by)
        lawful = stage if kind == "licence" else _until_repeal(stage, policy)
        if lawful is not None:
            stages.append(lawful)
        first = last + ONE_DAY
    return stages


def _until_repeal(stage: Stage, policy: Policy) -> Stage | None:
    """ENF-34: post-sentence supervision ends the day before its repeal, as given in the policy."""
    region = stage.sentence.region
    days = (stage.first, *(day for day in policy.changes if stage.first < day <= stage.last))
    repeal = next((day for day in days if not policy.on(day, region).flag("post_sentence_supervision")), None)
    kept = stage if repeal is None else stage.until(repeal - ONE_DAY)
    if kept is None or kept is stage:
        return kept
    return msgspec.structs.replace(kept, would_have_ended_on=stage.last)
