"""When everything that an order asked for is done, and whether that ends it (END-1, C16)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from services.allocation.facts import RequirementDone, SentencePlan
from shared.engine.case import Record
from shared.policy import Policy
from shared.probation.facts import SupervisionEnd
from shared.probation.requirements import RequirementList
from shared.probation.supervision import SupervisionPeriod


@dataclass(frozen=True, slots=True)
class AllDone:
    """The first day on which all requirements of an order were done and its plan's objectives met."""

    since: date
    because: tuple[Record, ...]


def all_done(
    period: SupervisionPeriod, plans: Collection[SentencePlan], done: Collection[RequirementDone]
) -> AllDone | None:
    """END-1: since when everything that an order requires is done; None if it is not, or there is no order.

    What the order requires on a day is what the court last ordered by then.
    """
    sentence_id = period.sentence.sentence_id
    if period.sentence.custodial or not period.stages:
        return None
    met = _objectives_met([plan for plan in plans if plan.sentence_id == sentence_id])
    if met is None:
        return None
    own = [one for one in done if one.sentence_id == sentence_id]
    untils = [*(following.since for _, following in pairwise(period.ordered)), date.max]
    for ordered, until in zip(period.ordered, untils, strict=True):
        completed = _completed(ordered, own)
        if not completed:
            continue
        since = max(ordered.since, met[0], *(one.completed_on for one in completed))
        if since < until and since <= period.stages[-1].last:
            return AllDone(since, (ordered.record, met[1], *completed))
    return None


def early_end(
    period: SupervisionPeriod,
    plans: Collection[SentencePlan],
    done: Collection[RequirementDone],
    policy: Policy,
) -> SupervisionEnd | None:
    """C16: the end of an order of which all is done, on that day or when the law came to end such orders."""
    found = all_done(period, plans, done)
    if found is None:
        return None
    region, last = period.sentence.region, period.stages[-1].last
    days = (found.since, *(day for day in policy.changes if found.since < day <= last))
    ended_on = next((day for day in days if policy.on(day, region).flag("order_ends_when_done")), None)
    if ended_on is None:
        return None
    latest = max(found.because, key=lambda record: record.stamp)
    return SupervisionEnd(
        event_id=latest.event_id,
        source=latest.source,
        recorded=latest.recorded,
        sentence_id=period.sentence.sentence_id,
        ended_on=ended_on,
        reason="completed",
    )


def _objectives_met(plans: Sequence[SentencePlan]) -> tuple[date, SentencePlan] | None:
    """When a plan's objectives were met, with the plan: not one that had been replaced by then."""
    found = [
        (plan.objectives_met_on, plan)
        for plan in plans
        if plan.objectives_met_on is not None
        and not any(plan.completed_on < other.completed_on <= plan.objectives_met_on for other in plans)
    ]
    return min(found, key=lambda met: (met[0], met[1].plan_id), default=None)


def _completed(ordered: RequirementList, done: Iterable[RequirementDone]) -> list[RequirementDone]:
    """What was done of a list of requirements; nothing if the list is empty or not all of it is done."""
    first: dict[str, RequirementDone] = {}
    for one in sorted(done, key=lambda d: (d.completed_on, *d.stamp)):
        first.setdefault(one.requirement_id, one)
    ids = [requirement.requirement_id for requirement in ordered.requirements]
    return [first[id] for id in ids] if ids and all(id in first for id in ids) else []
