"""The last day for unpaid work, and the end of an order as it is planned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from services.referrals.requirements import ServedRequirement
from services.referrals.view import ReferralsView
from shared.calendar import year_beginning
from shared.engine.assessment import once_a_day
from shared.engine.case import Record
from shared.probation.delivery import put_off
from shared.probation.facts import Variation


@dataclass(frozen=True, slots=True)
class Limit:
    """The last day for unpaid work; `repealed_on` is when an earlier one ceased to be law, if one did."""

    due_on: date
    repealed_on: date | None
    because: tuple[Record, ...]


def bound(view: ReferralsView) -> Iterator[ServedRequirement]:
    """The unpaid work that has a limit: that of orders."""
    return (work for work in view.of_kind("unpaid_work") if not work.sentence.custodial)


@once_a_day
def limits(view: ReferralsView) -> Mapping[str, Limit]:
    """The last day for each unpaid work of an order, by its key."""
    return {work.key: _limit(view, work) for work in bound(view)}


def _limit(view: ReferralsView, work: ServedRequirement) -> Limit:
    """UPW-2, UPW-19: twelve months from the day on which it was imposed while that is law, else the order.

    SH-9: days on which the region offers no unpaid work are not among the twelve months; while it offers none
    without an end to that, only the end of the order is known. A court may extend the twelve months
    (`unpaid_work_until`). The dates that a court gave stay: no days are counted up to them.
    """
    today, sentence = view.today, work.sentence
    ends_on = order_ends_on(view, work) or date.max
    because: list[Record] = [work.versions[0].record]
    months_end = year_beginning(work.imposed_on)
    gaps = view.gaps_in("unpaid_work", sentence)
    due_on = put_off(work.imposed_on, months_end, gaps) or ends_on
    extended = next(
        (v for v in view.versions_so_far(work) if v.requirement.unpaid_work_until is not None), None
    )
    if extended is not None and extended.requirement.unpaid_work_until is not None:
        due_on = extended.requirement.unpaid_work_until
        because += [extended.record] if extended.record != because[0] else []
    elif due_on != months_end:
        because += [record for g in gaps if g.touches(work.imposed_on, due_on) for record in g.because]
    repeal = next(
        (
            change
            for change in view.policy.changes
            if work.imposed_on < change <= due_on
            and view.values(change, sentence).text("unpaid_work_period") != "12_months"
        ),
        None,
    )
    twelve = view.values(work.imposed_on, sentence).text("unpaid_work_period") == "12_months"
    if twelve and (repeal is None or not today.reached(repeal)):
        return Limit(min(due_on, ends_on), None, tuple(because))
    return Limit(ends_on, repeal, tuple(because))


def order_ends_on(view: ReferralsView, requirement: ServedRequirement) -> date | None:
    """The last day of an order, as varied so far; None if it is not known."""
    return [end for _, end in order_ends(view, requirement)][-1]


def order_ends(view: ReferralsView, requirement: ServedRequirement) -> Iterator[tuple[date, date | None]]:
    """The last day of an order as it was imposed, and as each variation so far set it, and since when."""
    yield requirement.sentence.imposed_on, requirement.sentence.ends_on
    for known in requirement.period.ordered:
        if isinstance(known.record, Variation) and view.today.reached(known.since):
            yield known.since, known.record.last_day
