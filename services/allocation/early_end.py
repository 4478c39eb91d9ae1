"""When everything that an order asked for is done, and whether that ends it (END-1, C16)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from services.allocation.facts import RequirementDone, SentencePlan
from shared.engine.case import Record
from shared.policy import Policy
from shared.probation.facts import SupervisionEnd
from shared.probation.requirements import RequirementList
from shared.probation.supervision import SupervisionPeriod


@dataclass(frozen=True, slots=True)
class AllDone:
    """The time in which all requirements of an order were done and its plan's objectives met.

    `until` is the first day on which the court wants more: `date.max` if it never did.
    """

    since: date
    until: date
    because: tuple[Record, ...]


def all_done(
    period: SupervisionPeriod, plans: Collection[SentencePlan], done: Collection[RequirementDone]
) -> list[AllDone]:
    """END-1: when everything that an order required was done, in order of time.

    What the order requires on a day is what the court last ordered by then: if it adds a requirement, not
    everything is done any more. Nothing ends early on the last day: the order runs out, and with it the term
    of a requirement without another measure. If that ended the order early, the term had not been reached.
    """
    sentence_id = period.sentence.sentence_id
    if period.sentence.custodial or not period.stages:
        return []
    met = _objectives_met([plan for plan in plans if plan.sentence_id == sentence_id])
    if met is None:
        return []
    own = [one for one in done if one.sentence_id == sentence_id]
    found: list[AllDone] = []
    untils = [*(following.since for _, following in pairwise(period.ordered)), date.max]
    for ordered, until in zip(period.ordered, untils, strict=True):
        completed = _completed(ordered, own)
        if not completed:
            continue
        since = max(ordered.since, met[0], *(one.completed_on for one in completed))
        if since >= until or since >= period.stages[-1].last:
            continue
        if found and found[-1].until == since:
            found[-1] = replace(found[-1], until=until)
        else:
            found.append(AllDone(since, until, (ordered.record, met[1], *completed)))
    return found


def early_end(
    period: SupervisionPeriod,
    plans: Collection[SentencePlan],
    done: Collection[RequirementDone],
    policy: Policy,
) -> SupervisionEnd | None:
    """C16: the end of an order of which all is done, on that day or when the law came to end such orders."""
    for found in all_done(period, plans, done):
        if (end := _end_of_right(period, found, policy)) is not None:
            return end
    return None


def _end_of_right(period: SupervisionPeriod, found: AllDone, policy: Policy) -> SupervisionEnd | None:
    region, over_on = period.sentence.region, min(period.stages[-1].last + timedelta(days=1), found.until)
    days = (found.since, *(day for day in policy.changes if found.since < day < over_on))
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
