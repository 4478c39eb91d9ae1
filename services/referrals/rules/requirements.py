"""Rules of every requirement: its referral and start, whether the law allows it, and when it is completed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Literal, cast

from schemas.referrals import (
    InterventionStarted,
    ReferralMade,
    RequirementCompleted,
    RequirementInvalid,
)
from schemas.words import ReferralKind, RequirementKind, ServiceCohort
from services.referrals.case import Sentence, Session
from services.referrals.ordered import Ordered, Version, concurrent_groups
from services.referrals.progress import Completion, Step, attended_sessions, completion
from services.referrals.rules.view import RequirementsView
from shared.engine.assessment import Finding

REFERRED_BY: dict[ReferralKind, str] = {
    "unpaid_work": "UPW-1",
    "accredited_programme": "AP-1",
    "treatment": "CSTR-1",
}
"""The rule that asks for the intervention, by kind of referral."""

Fault = Literal["hours_below_40", "hours_above_300", "rar_below_1"]


def referral_made(view: RequirementsView) -> Iterator[Finding]:
    """A requirement that needs an intervention leads to a referral (rules.md part 3, the flow from sentence).

    It bears the requirement's id and is made when the requirement begins. DF-9: it names the cohorts.
    """
    for ordered in view.requirements:
        if ordered.on(ordered.imposed_on) is None or not view.today.reached(ordered.imposed_on):
            continue
        values = view.values(ordered, ordered.imposed_on)
        kind = _referral_kind(view, ordered)
        if kind is not None:
            yield Finding(
                event=ReferralMade(
                    referral_id=ordered.requirement_id,
                    sentence_id=ordered.sentence.sentence_id,
                    requirement_id=ordered.requirement_id,
                    kind=kind,
                    cohorts=_cohorts(ordered.sentence),
                    desired_outcomes=[],
                    made_on=ordered.imposed_on,
                ),
                key=ordered.key,
                rules=(REFERRED_BY[kind], "DF-9"),
                because=(ordered.versions[0].record,),
                policy=values.version,
            )


def started(view: RequirementsView) -> Iterator[Finding]:
    """UPW-1, AP-1, CSTR-1: an intervention to which a requirement is referred starts with its first session.

    That is the first one worked for unpaid work, the first one attended for a programme or a treatment.
    """
    for ordered in view.requirements:
        kind = _referral_kind(view, ordered)
        if kind is None:
            continue
        if kind == "unpaid_work":
            worked = view.first_worked(ordered)
            first: Session | None = worked.session if worked else None
        else:
            first = next(iter(attended_sessions(ordered, view.sessions[ordered.key], view.policy)), None)
        version = ordered.on(first.held_on) if first else None
        if first is not None and version is not None:
            yield Finding(
                event=InterventionStarted(
                    referral_id=ordered.requirement_id,
                    requirement_id=ordered.requirement_id,
                    started_on=first.held_on,
                ),
                key=ordered.key,
                rules=(REFERRED_BY[kind],),
                because=(first, version.record),
                policy=view.values(ordered, first.held_on).version,
            )


def invalid(view: RequirementsView) -> Iterator[Finding]:
    """UPW-14: unpaid work is 40 to 300 hours; RAR-3: a RAR has at least one day.

    Also several requirements imposed on one day, counting concurrent ones once: 300 hours at most. What the
    court ordered stays on record as it was, when a variation mends it as well.
    """
    for ordered in view.requirements:
        for version in reversed(ordered.versions):
            if not view.today.reached(version.since) or ordered.on(version.since) is None:
                continue
            fault = _fault(view, ordered, version)
            if fault is not None:
                yield Finding(
                    event=RequirementInvalid(
                        requirement_id=ordered.requirement_id,
                        sentence_id=ordered.sentence.sentence_id,
                        reason=fault,
                    ),
                    key=ordered.key,
                    rules=("RAR-3",) if fault == "rar_below_1" else ("UPW-14",),
                    because=(version.record,),
                    policy=view.values(ordered, version.since).version,
                )
                break


def completed(view: RequirementsView) -> Iterator[Finding]:
    """RAR-6: every requirement is completed once its hours, days, sessions or term are reached."""
    for ordered in view.requirements:
        values = view.values(ordered, ordered.imposed_on)
        unit = values.table("requirement_units")[ordered.kind]
        done: Completion | None = None
        if unit == "hours":
            done = view.worked(ordered)
        elif unit == "days":
            done = _all_days(view, ordered)
        elif unit == "sessions" and ordered.versions[-1].requirement.amount is not None:
            attended = attended_sessions(ordered, view.sessions[ordered.key], view.policy)
            steps = [Step(session.held_on, n, session) for n, session in enumerate(attended, 1)]
            done = completion(ordered, steps, _amount, view.today.reached)
        elif _term_reached(view, ordered):
            done = Completion(ordered.life.last, 0, (ordered.versions[-1].record,))
        if done is not None:
            yield Finding(
                event=RequirementCompleted(
                    requirement_id=ordered.requirement_id,
                    sentence_id=ordered.sentence.sentence_id,
                    kind=cast(RequirementKind, ordered.kind),
                    completed_on=done.on,
                    amount=done.amount or None,
                ),
                key=ordered.key,
                rules=("RAR-6",),
                because=done.because,
                policy=values.version,
            )


def _referral_kind(view: RequirementsView, ordered: Ordered) -> ReferralKind | None:
    """The kind of referral that the requirement leads to by itself; None if it needs none."""
    kinds = view.values(ordered, ordered.imposed_on).table("requirement_referrals")
    return cast(ReferralKind | None, kinds.get(ordered.kind))


def _all_days(view: RequirementsView, ordered: Ordered) -> Completion | None:
    days = view.rar_days[ordered.key]
    steps = [Step(day.date, day.used, day.activities[0]) for day in days if day.used is not None]
    return completion(ordered, steps, _amount, view.today.reached)


def _term_reached(view: RequirementsView, ordered: Ordered) -> bool:
    """Is the last day of an order over, with the requirement in it?

    Not one that was revoked or ended early: its term was never reached. A licence is no term of a
    requirement: its conditions end with it.
    """
    life = ordered.life
    if not ordered.sentence.is_order or life.cut_short_on is not None or ordered.on(life.runs_out_on) is None:
        return False
    return view.today.after(life.runs_out_on)


def _amount(version: Version) -> int:
    return version.requirement.amount or 0


def _cohorts(sentence: Sentence) -> list[ServiceCohort]:
    cohorts: list[ServiceCohort] = sorted(set(sentence.person.cohorts))
    return [*cohorts, "women"] if sentence.person.sex == "female" else cohorts


def _fault(view: RequirementsView, ordered: Ordered, version: Version) -> Fault | None:
    values = view.values(ordered, version.since)
    amount = _amount(version)
    if ordered.kind == "rar":
        return "rar_below_1" if amount < values.integer("rar_least_days") else None
    if ordered.kind != "unpaid_work":
        return None
    if amount < values.integer("unpaid_work_least_hours"):
        return "hours_below_40"
    most = values.integer("unpaid_work_most_hours")
    if amount > most:
        return "hours_above_300"
    imposed_by_sentence = version.record is ordered.sentence
    if imposed_by_sentence and ordered.sentence.is_order and _hours_imposed_on(view, version.since) > most:
        return "hours_above_300"
    return None


def _hours_imposed_on(view: RequirementsView, day: date) -> int:
    """The hours of unpaid work in all orders made on a day; of concurrent ones only the longest counts."""
    same_day = {
        ordered.key: ordered
        for ordered in view.of_kind("unpaid_work")
        if ordered.sentence.is_order
        and ordered.imposed_on == day
        and ordered.versions[0].record is ordered.sentence
    }
    groups = concurrent_groups(same_day.values())
    longest: dict[frozenset[str], int] = defaultdict(int)
    for key, ordered in same_day.items():
        longest[groups[key]] = max(longest[groups[key]], _amount(ordered.versions[0]))
    return sum(longest.values())
