"""What has been done under a requirement: minutes credited, days used, sessions attended; when it is done.

All of it is counted in the order of the business dates, ties by id: a record that comes late takes its place,
and the totals after it follow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import groupby

import msgspec

from services.referrals.facts import Session
from services.referrals.requirements import ServedRequirement
from shared.engine.case import Record
from shared.policy import Policy, Values
from shared.probation.delivery import DeliveryGap
from shared.probation.facts import Contact
from shared.probation.requirements import RequirementVersion

MINUTES_AN_HOUR = 60
MINUTES_A_DAY = 24 * MINUTES_AN_HOUR


class Credit(msgspec.Struct, frozen=True):
    """What one session counts for one unpaid-work requirement, in minutes."""

    session: Session
    version: RequirementVersion
    minutes: int
    """Credited for it; 0 when the cap left nothing."""
    total: int
    """Credited up to and including it, work and employment together."""
    cap: int | None
    """What may count as education, training and employment, if the session would have passed it."""
    policy: str
    discount: int = 0
    """Minutes off for good progress after it (UPW-20)."""
    disqualified_by: Session | None = None
    """Of the last credit: the failure that ended the discount, if one has."""

    @property
    def ordered(self) -> int:
        """The minutes ordered when it was held."""
        return minutes_ordered(self.version)

    @property
    def is_work(self) -> bool:
        return self.session.activity == "unpaid_work"


class RarDay(msgspec.Struct, frozen=True):
    """A date on which at least one activity under a RAR took place."""

    date: date
    version: RequirementVersion
    activities: tuple[Session | Contact, ...]
    used: int | None
    """Days used after it; None if there was no day left to use."""
    policy: str


class Step(msgspec.Struct, frozen=True):
    """How much had been done after something happened."""

    on: date
    total: int
    record: Record


class Completion(msgspec.Struct, frozen=True):
    """When a requirement was done, how much then had been done, and what shows it.

    `ran_out`: with the term of the order, of which that was the last day.
    """

    on: date
    amount: int
    because: tuple[Record, ...]
    ran_out: bool = False


def amount_ordered(version: RequirementVersion) -> int:
    """The hours, days or sessions ordered; 0 where they are not counted."""
    return version.requirement.amount or 0


def minutes_ordered(version: RequirementVersion) -> int:
    """The hours of an unpaid-work requirement in minutes."""
    return amount_ordered(version) * MINUTES_AN_HOUR


def credits_of(
    requirement: ServedRequirement,
    sessions: Iterable[Session],
    policy: Policy,
    need_assessed: Callable[[date], bool],
    gaps: Sequence[DeliveryGap],
) -> list[Credit]:
    """The minutes that count for an unpaid-work requirement, session by session.

    UPW-13, UPW-18: the minutes attended, never more than remain, nothing outside the order. UPW-17: travel
    over the agreed limit, up to what may be credited a day, however many sessions it has. UPW-6, UPW-7:
    education, training and employment up to its share of what was ordered, by the date of the session.
    UPW-20: what remains is less by the discount earned. UPW-8: `need_assessed` says whether education counts
    where the policy wants a need to be assessed first. SH-9: in the `gaps` no unpaid work was delivered: an
    absence then is no failure.
    """
    credits: list[Credit] = []
    total = employment = 0
    incentive = Incentive()
    travelled: dict[date, int] = defaultdict(int)
    for session in sessions:
        version = requirement.on(session.held_on)
        if version is None or session.activity == "session":
            continue
        values = policy.on(session.held_on, requirement.sentence.region)
        if not any(gap.touches(session.held_on, session.held_on) for gap in gaps):
            incentive.look_at(session, total, minutes_ordered(version), values)
        if session.outcome not in values.texts("unpaid_work_credited_outcomes"):
            continue
        learns = session.activity == "employment_training_education"
        if learns and values.flag("employment_needs_assessment") and not need_assessed(session.held_on):
            continue
        most = incentive.most_worked(minutes_ordered(version), values)
        travel = min(
            session.travel_credit_minutes,
            values.integer("most_travel_credit_minutes") - travelled[session.held_on],
        )
        travelled[session.held_on] += travel
        minutes = min(worked_minutes(session) + travel, MINUTES_A_DAY, max(0, most - total))
        cap = None
        if session.activity == "employment_training_education":
            may_count = minutes_ordered(version) * values.integer("employment_share") // 100
            left = max(0, may_count - employment)
            if minutes > left:
                minutes, cap = left, may_count
            employment += minutes
        total += minutes
        if minutes or cap is not None:
            discount = incentive.discount(total, minutes_ordered(version), values)
            credits.append(Credit(session, version, minutes, total, cap, values.version, discount))
    if credits and incentive.disqualified_by is not None:
        credits[-1] = msgspec.structs.replace(credits[-1], disqualified_by=incentive.disqualified_by)
    return credits


def worked_minutes(session: Session) -> int:
    """UPW-18: the minutes attended less a penalty, which is never more than they are."""
    return session.minutes - min(session.penalty_minutes, session.minutes)


class Incentive:
    """UPW-20: the discount for good progress on unpaid work, session after session.

    After a quarter worked without a failure, each further hour gives half an hour off, up to a quarter of the
    hours. A failure ends it for good; what was earned by then stays.
    """

    def __init__(self) -> None:
        self.disqualified_by: Session | None = None
        self._earned = 0

    def look_at(self, session: Session, total: int, ordered: int, values: Values) -> None:
        """Does this session end the incentive? `total` minutes were credited before it."""
        if self.disqualified_by is None and session.outcome in values.texts("incentive_disqualifying"):
            self._earned = self.discount(total, ordered, values)
            self.disqualified_by = session

    def discount(self, total: int, ordered: int, values: Values) -> int:
        """The minutes earned when so many have been credited."""
        if self.disqualified_by is not None or not values.flag("unpaid_work_incentive"):
            return self._earned
        qualifies = ordered * values.integer("incentive_qualifies_percent") // 100
        earned = max(0, total - qualifies) * values.integer("incentive_percent") // 100
        return min(earned, ordered * values.integer("incentive_most_percent") // 100)

    def most_worked(self, ordered: int, values: Values) -> int:
        """The minutes after which, with the discount, nothing remains."""
        if self.disqualified_by is not None or not values.flag("unpaid_work_incentive"):
            return max(0, ordered - self._earned)
        qualifies = ordered * values.integer("incentive_qualifies_percent") // 100
        rate = 100 + values.integer("incentive_percent")
        most = ordered * values.integer("incentive_most_percent") // 100
        return max(qualifies - (qualifies - ordered) * 100 // rate, ordered - most)


def rar_days_of(
    requirement: ServedRequirement, sessions: Iterable[Session], contacts: Iterable[Contact], policy: Policy
) -> list[RarDay]:
    """The dates with an activity under a RAR. RAR-4: however many there are on a date, it is one day.

    Activities are providers' sessions, and contacts of kind `session` with the practitioner: supervision
    appointments are none (RAR-3). Both may record the same activity: it has one date.
    """
    activities: list[tuple[date, int, str, Session | Contact]] = [
        (s.held_on, 0, s.session_id, s) for s in sessions if s.activity == "session"
    ]
    activities += [(c.occurred_on, 1, c.contact_id, c) for c in contacts if c.kind == "session"]
    days: list[RarDay] = []
    used = 0
    for day, on_day in groupby(sorted(activities, key=lambda a: a[:3]), key=lambda a: a[0]):
        values = policy.on(day, requirement.sentence.region)
        counted = values.texts("rar_day_outcomes")
        attended = tuple(activity for *_, activity in on_day if activity.outcome in counted)
        version = requirement.on(day)
        if version is None or not attended:
            continue
        left = used < amount_ordered(version)
        used += left
        days.append(RarDay(day, version, attended, used if left else None, values.version))
    return days


def attended_sessions(
    requirement: ServedRequirement, sessions: Iterable[Session], policy: Policy
) -> list[tuple[Session, RequirementVersion]]:
    """The sessions of a programme or a treatment that count, in order, each with the version in force."""
    found = []
    for session in sessions:
        version = requirement.on(session.held_on)
        values = policy.on(session.held_on, requirement.sentence.region)
        counts = session.activity == "session" and session.outcome in values.texts("session_outcomes")
        if version is not None and counts:
            found.append((session, version))
    return found


def completion(
    requirement: ServedRequirement,
    steps: Sequence[Step],
    target: Callable[[RequirementVersion], int],
    reached: Callable[[date], bool],
) -> Completion | None:
    """When what was done reached what was ordered; None while it has not.

    A variation may complete a requirement (less is ordered than was done) or reopen it (more is ordered). A
    requirement that was taken off the list stays as it was then.
    """
    ordered = [amount for version in requirement.versions if (amount := target(version))]
    if max((step.total for step in steps), default=0) < min(ordered, default=1):
        return None  # the common case
    marks: list[tuple[date, int, RequirementVersion | Step]] = [
        (version.since, 0, version) for version in requirement.versions if reached(version.since)
    ]
    marks += [(step.on, 1, step) for step in steps]
    done: Completion | None = None
    total = wanted = 0
    for on, _, mark in sorted(marks, key=lambda m: m[:2]):
        if isinstance(mark, RequirementVersion):
            wanted, record = target(mark), mark.record
        else:
            total, record = mark.total, mark.record
        if not wanted or total < wanted:
            done = None
        elif done is None:
            done = Completion(
                on, total, tuple({r.event_id: r for r in (record, _last(requirement, on))}.values())
            )
    return done


def _last(requirement: ServedRequirement, day: date) -> Record:
    """What said, on that day, how much was ordered."""
    return [version.record for version in requirement.versions if version.since <= day][-1]
