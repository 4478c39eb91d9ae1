"""A person's case as the rules of referrals look at it: requirements, and what has been done under them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from operator import attrgetter
from typing import cast

from schemas.words import ReferralKind, RequirementKind, ServiceCohort
from services.referrals.case import ReferralsCase
from services.referrals.facts import ACTIVITIES, Assessment, Plan, Session
from services.referrals.progress import (
    Completion,
    Credit,
    RarDay,
    Step,
    attended_sessions,
    completion,
    credits_of,
    minutes_ordered,
    rar_days_of,
)
from services.referrals.requirements import ServedRequirement, concurrent_groups, served_requirements
from shared.engine.assessment import once, once_a_day
from shared.engine.case import Part
from shared.probation.custody import Custody
from shared.probation.delivery import Work
from shared.probation.facts import Contact, RiskAssessment, Sentence
from shared.probation.requirements import RequirementVersion
from shared.probation.risk import assessments_in_order, risk_on
from shared.probation.view import SupervisedView

For = tuple[str | None, str | None]
"""The sentence and the requirement that a session or contact is for."""

IN_ORDER = attrgetter("held_on", "session_id")
"""The order of sessions."""


class ReferralsView(SupervisedView[ReferralsCase, Part]):
    """A person's case; sessions and contacts dated later than today are not in it yet."""

    @property
    @once
    def requirements(self) -> Mapping[str, ServedRequirement]:
        """All requirements by their keys, by sentence in order and first appearance."""
        periods = (self.supervision[sentence.sentence_id] for sentence in self.sentences_in_order)
        return {requirement.key: requirement for requirement in served_requirements(periods)}

    def requirement(self, sentence_id: str, requirement_id: str | None) -> ServedRequirement | None:
        """A requirement of a sentence by its id; None if there is none."""
        if requirement_id is None:
            return None
        return self._by_place.get((sentence_id, requirement_id))

    @property
    @once
    def _by_place(self) -> Mapping[For, ServedRequirement]:
        return {_place(requirement): requirement for requirement in self.requirements.values()}

    def of_kind(self, kind: str) -> Iterator[ServedRequirement]:
        """The requirements of a kind."""
        return (requirement for requirement in self.requirements.values() if requirement.kind == kind)

    def versions_so_far(self, requirement: ServedRequirement) -> Iterator[RequirementVersion]:
        """What courts have ordered of a requirement by today, the latest first; nothing after its end."""
        for version in reversed(requirement.versions):
            if self.today.reached(version.since) and requirement.on(version.since) is not None:
                yield version

    @property
    @once
    def _by_referral(self) -> Mapping[str, ServedRequirement]:
        return {requirement.referral_id: requirement for requirement in self.requirements.values()}

    def place_of(self, session: Session) -> For:
        """What a session was for: the requirement that it names, or that its referral meets.

        A service or structured intervention on an order is within its RAR (RAR-8): where the referral names
        none, and there is only one, within that. Hours of unpaid work that name neither are of the only
        unpaid work.
        """
        requirement_id = session.requirement_id
        if requirement_id is None and session.referral_id is None and session.activity != "session":
            requirement_id = self._only("unpaid_work", session)
        elif requirement_id is None and session.referral_id is not None:
            request = self.case.requests.get(session.referral_id)
            referred = self._by_referral.get(session.referral_id)
            if request is not None:
                requirement_id = request.requirement_id
                if requirement_id is None and request.kind in ACTIVITIES:
                    requirement_id = self._only("rar", session)
            elif referred is not None and referred.sentence.sentence_id == session.sentence_id:
                requirement_id = referred.requirement_id
            else:
                requirement_id = session.referral_id
        return session.sentence_id, requirement_id

    def _only(self, kind: RequirementKind, session: Session) -> str | None:
        """The id of the one requirement of a kind that a session's sentence had that day; None if there is
        none, or several."""
        period = self.supervision.get(session.sentence_id)
        required = period.required_on(session.held_on).requirements if period is not None else ()
        ids = [requirement.requirement_id for requirement in required if requirement.kind == kind]
        return ids[0] if len(ids) == 1 else None

    @property
    @once_a_day
    def sessions(self) -> Mapping[str, list[Session]]:
        """By the requirement's key, in order: those recorded for it."""
        found: dict[For, list[Session]] = defaultdict(list)
        for session in sorted(self.case.sessions.values(), key=IN_ORDER):
            if self.today.reached(session.held_on):
                found[self.place_of(session)].append(session)
        return {key: found.get(_place(requirement), []) for key, requirement in self.requirements.items()}

    @once_a_day
    def sessions_of(self, key: str) -> list[Session]:
        """Those of the requirement with that key, in order."""
        return self.sessions[key]

    @once_a_day
    def sessions_naming(self, referral_id: str) -> list[Session]:
        """Those that name a referral, in order."""
        named = [s for s in self.case.sessions.values() if s.referral_id == referral_id]
        return sorted((s for s in named if self.today.reached(s.held_on)), key=IN_ORDER)

    @property
    @once_a_day
    def credits(self) -> Mapping[str, list[Credit]]:
        """By the key of an unpaid-work requirement, concurrent hours included."""
        unpaid_work = {requirement.key: requirement for requirement in self.of_kind("unpaid_work")}
        groups = concurrent_groups(unpaid_work.values())
        return {
            key: credits_of(
                requirement,
                self._hours(unpaid_work[member] for member in groups[key]),
                self.policy,
                partial(self.employment_need_on, requirement.sentence.sentence_id),
                self.gaps_in("unpaid_work", requirement.sentence),
            )
            for key, requirement in unpaid_work.items()
        }

    def _hours(self, group: Iterable[ServedRequirement]) -> list[Session]:
        """The sessions whose hours count for each of a group of concurrent requirements, in order.

        A session counts only if it was held while the requirement that it was recorded for was in force.
        """
        held = (
            s for member in group for s in self.sessions_of(member.key) if member.on(s.held_on) is not None
        )
        return sorted(held, key=IN_ORDER)

    @property
    @once
    def _activities(self) -> list[Contact]:
        """The contacts that may be an activity under a RAR, those dated later than today too."""
        return [contact for contact in self.case.contacts.values() if contact.kind == "session"]

    @property
    @once_a_day
    def rar_days(self) -> Mapping[str, list[RarDay]]:
        """By the key of a RAR."""
        contacts: dict[For, list[Contact]] = defaultdict(list)
        for contact in self._activities:
            if self.today.reached(contact.occurred_on):
                contacts[contact.sentence_id, contact.requirement_id].append(contact)
        return {
            rar.key: rar_days_of(
                rar,
                self.sessions_of(rar.key),
                # A contact that names no sentence belongs to the first one with a requirement of that id.
                [*contacts.get(_place(rar), ()), *contacts.get((None, rar.key), ())],
                self.policy,
            )
            for rar in self.of_kind("rar")
        }

    @property
    @once_a_day
    def attended(self) -> Mapping[str, list[tuple[Session, RequirementVersion]]]:
        """By the requirement's key, in order: the sessions attended of a programme or a treatment."""
        return {
            key: attended_sessions(requirement, self.sessions_of(key), self.policy)
            for key, requirement in self.requirements.items()
        }

    def referral_kind(self, requirement: ServedRequirement) -> ReferralKind | None:
        """The kind of referral that a requirement leads to by itself; None if it needs none."""
        values = self.values(requirement.imposed_on, requirement.sentence)
        return cast(ReferralKind | None, values.table("requirement_referrals").get(requirement.kind))

    @once_a_day
    def first_worked(self, key: str) -> Credit | None:
        """The first session of unpaid work proper under the requirement with that key; a course is none."""
        return next((c for c in self.credits[key] if c.is_work and c.minutes), None)

    def worked(self, requirement: ServedRequirement) -> Completion | None:
        """When the hours of an unpaid-work requirement were done; amounts in minutes."""
        credits = self.credits[requirement.key]
        steps = [Step(c.session.held_on, c.total + c.discount, c.session) for c in credits]
        return completion(requirement, steps, minutes_ordered, self.today.reached)

    def unpaid_work_on(self, sentence: Sentence, day: date) -> bool:
        """SH-9: did the region deliver unpaid work on that day?"""
        return not self.not_delivered("unpaid_work", sentence, day, day)

    def employment_need_on(self, sentence_id: str, day: date) -> bool:
        """UPW-8: had a need for education, training and employment been assessed by that day?"""
        known = [
            assessed
            for assessed in self.case.employment.values()
            if assessed.sentence_id == sentence_id and assessed.assessed_on <= day
        ]
        return bool(known) and max(known, key=lambda a: (a.assessed_on, *a.stamp)).has_need

    def clock(
        self, since: date, name: str, sentence: Sentence, work: Work
    ) -> tuple[date, date | None] | None:
        """ENF-35, SH-9: the last day within the policy's number of days of `since`; and, while the clock is
        stopped without an end, since when. The day is then that which it had.

        None while the clock has not started.
        """
        due_on = self.due_on(since, name, sentence, work)
        if due_on is not None:
            return due_on, None
        ended = [period for period in self.custody.periods if period.end is not None]
        gaps = self.gaps_in(work, sentence)
        stops = [period.start for period in self.custody.periods if period.end is None]
        stops += [gap.first for gap in gaps if gap.until is None]
        values, stopped_on = self.values(since, sentence), min(stops)
        pauses = [(gap.first, gap.until) for gap in gaps if gap.until is not None]
        due_on = Custody(ended).within(since, values.integer(name), values.day_unit(name), pauses)
        return (due_on, stopped_on) if due_on is not None and stopped_on > since else None

    # -- what is known of the person and the plan ------------------------------------------------------

    @property
    @once
    def _assessments(self) -> list[RiskAssessment]:
        return assessments_in_order(self.case.assessments.values())

    def assessment_on(self, day: date) -> Assessment | None:
        """The risk assessment in force on a day; None while there was none."""
        return cast(Assessment | None, risk_on(self._assessments, day))

    @property
    @once
    def _plans(self) -> Mapping[str, list[Plan]]:
        found: dict[str, list[Plan]] = defaultdict(list)
        for plan in sorted(self.case.plans.values(), key=lambda p: (p.completed_on, *p.stamp)):
            found[plan.sentence_id].append(plan)
        return found

    def plans_of(self, sentence_id: str) -> list[Plan]:
        """The plans of a sentence in order, those dated later than today too."""
        return self._plans.get(sentence_id, [])

    def begun_by(self, sentence_id: str, requirement_id: str, day: date) -> bool:
        """Had anything been done under a requirement by that day?"""
        requirement = self.requirement(sentence_id, requirement_id)
        if requirement is None:
            return False
        done = [session.held_on for session, _ in self.attended[requirement.key]]
        if requirement.kind == "unpaid_work":
            done = [credit.session.held_on for credit in self.credits[requirement.key]]
        elif requirement.kind == "rar":
            done = [rar_day.date for rar_day in self.rar_days[requirement.key]]
        return any(on <= day for on in done)


def cohorts_of(sentence: Sentence) -> list[ServiceCohort]:
    """DF-9: the groups that a person belongs to, women among them."""
    cohorts: list[ServiceCohort] = sorted(set(sentence.person.cohorts))
    return [*cohorts, "women"] if sentence.person.sex == "female" else cohorts


def _place(requirement: ServedRequirement) -> For:
    return requirement.sentence.sentence_id, requirement.requirement_id
