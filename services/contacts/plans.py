"""The contact that is expected on each sentence, day by day: its plan (CONT-1).

A plan holds until the next one. It is worked out for each day on which anything that it depends on may
change, and begins where its content is another than the day before. A plan depends on nothing that is dated
after its day, so that days yet to come can be looked at like those that are past.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

import msgspec

from services.contacts.facts import Plan, Sentence, Variation
from services.contacts.packages import Package, exemptions, known_tiers, package, packages_hold, tier_on
from services.contacts.requirements import in_force, power_has_ended
from services.contacts.supervision import DAY, Supervision
from services.contacts.suspension import suspensions
from services.contacts.view import ContactsView
from shared.engine.case import Record
from shared.policy import Values

Regime = Literal["standard", "post_sentence_supervision", "suspended", "custody", "unpaid_work_only"]

SUSPENDED_BY = {"custody": "ENF-35", "reset": "CONT-22", "post_sentence_supervision": "CONT-19"}
"""The rule behind each ground of a suspension."""


class Expected(msgspec.Struct, frozen=True):
    """What a plan says. No frequency outside `standard`, nor where a package takes its place."""

    regime: Regime
    face_to_face_every_days: int | None = None
    package: Package | None = None
    package_unknown: bool = False


class ContactPlan(msgspec.Struct, frozen=True):
    """The plan of a sentence from a day on, with the rules and the records that it follows from."""

    sentence: Sentence
    first: date
    expected: Expected
    rules: tuple[str, ...]
    because: tuple[Record, ...]


def contact_plans(of: ContactsView) -> Iterator[ContactPlan]:
    """The plans of all sentences by the day on which they begin, also those known to begin in the future."""
    planning = Planning(of)
    former: dict[str, Expected] = {}
    for day in planning.days():
        plans = planning.on(day)
        for sentence_id, plan in plans.items():
            if former.get(sentence_id) != plan.expected:
                yield plan
        former = {sentence_id: plan.expected for sentence_id, plan in plans.items()}


class Running(msgspec.Struct, frozen=True):
    """A stretch of supervision as plans look at it: it runs up to, but not on, `until`.

    `since` is the first day of supervision without a new release (post-sentence supervision continues a
    licence), `at_start` the policy of that day, `first_weeks_until` the day after the first weeks.
    """

    stretch: Supervision
    until: date
    since: date
    first_weeks_until: date
    at_start: Values

    @property
    def sentence(self) -> Sentence:
        """The sentence supervised."""
        return self.stretch.sentence

    def said_by(self, day: date) -> tuple[Record, ...]:
        """What was said of it up to a day: the sentence, its release, and how it was varied by then."""
        records = self.stretch.because
        return tuple(r for r in records if not isinstance(r, Variation) or r.varied_on <= day)


class Frequency(msgspec.Struct, frozen=True):
    """Days from one face-to-face contact to the next, with the rules and the records it follows from."""

    every_days: int
    rules: tuple[str, ...]
    because: tuple[Record, ...] = ()


class Planning:
    """The plans of a case on any day."""

    def __init__(self, of: ContactsView) -> None:
        self.of = of
        self.running = list(_running(of))
        self.tiers = known_tiers(of)
        self.suspensions = {sentence_id: suspensions(of, sentence_id) for sentence_id in of.courses}
        self.reviews = {sentence_id: of.plans(sentence_id) for sentence_id in of.courses}

    def days(self) -> list[date]:
        """Every day on which a plan may differ from the day before, in order."""
        of, days = self.of, set(self.of.policy.changes)
        for running in self.running:
            days |= {running.stretch.first, running.until, running.first_weeks_until}
        for spans in self.suspensions.values():
            days |= {day for span in spans for day in (span.first, span.until)}
        days |= {risk.assessed_on for risk in of.risks}
        days |= {plan.completed_on for plan in of.case.plans.values()}
        days |= {variation.varied_on for variation in of.case.variations.values()}
        days |= {completion.completed_on + DAY for completion in of.case.completions.values()}
        days |= {tier.known_from for tier in self.tiers}
        days |= {day for held in of.registrations for day in (held.first, held.until) if day}
        return sorted(days)

    def on(self, day: date) -> dict[str, ContactPlan]:
        """The plan of each sentence on which the person is supervised that day.

        The most intensive plan wins: of all sentences with a frequency, that of the most frequent holds.
        """
        own = {
            running.sentence.sentence_id: self._own(running, day)
            for running in self.running
            if running.stretch.first <= day < running.until
        }
        frequencies = [days for plan in own.values() if (days := plan.expected.face_to_face_every_days)]
        most = min(frequencies, default=None)
        frequent = [plan for plan in own.values() if plan.expected.face_to_face_every_days == most]
        return {
            sentence_id: _as_often(plan, frequent[0]) if plan.expected.face_to_face_every_days else plan
            for sentence_id, plan in own.items()
        }

    def _own(self, running: Running, day: date) -> ContactPlan:
        """The plan of one sentence as if there were no other. The first regime that holds is the regime."""
        sentence, stretch = running.sentence, running.stretch
        suspended = self.suspensions[sentence.sentence_id]
        resumed = [record for span in suspended if span.until == day for record in span.ended_by]
        said = (*running.said_by(day), *resumed)

        def plan(expected: Expected, rules: tuple[str, ...], *because: Record) -> ContactPlan:
            return ContactPlan(sentence, day, expected, ("CONT-1", *rules), (*said, *because))

        def frequency(*because: Record, unknown: bool = False) -> ContactPlan:
            often = self._frequency(running, day)
            expected = Expected("standard", often.every_days, package_unknown=unknown)
            return plan(expected, often.rules, *often.because, *because)

        span = next((span for span in suspended if span.first <= day < span.until), None)
        if span is not None:
            regime: Regime = "custody" if span.ground == "custody" else "suspended"
            return plan(Expected(regime), (SUSPENDED_BY[span.ground],), *span.because)
        values = self.of.values(day, sentence)
        if stretch.stage == "post_sentence_supervision" and not values.flag("post_sentence_frequency"):
            return plan(Expected("post_sentence_supervision"), ("CONT-17", "CONT-21"))
        if not stretch.supervised_throughout(day, day):
            return plan(Expected("unpaid_work_only"), ())
        if not packages_hold(running.at_start):
            return frequency()
        exempting = exemptions(self.of, values)
        exempt = [registered.because[0] for registered in exempting if registered.on(day)]
        if exempt:
            return frequency(*exempt)
        tier = tier_on(self.tiers, day)
        allowed = package(tier, running.since, running.at_start) if tier else None
        calculated = [tier] if tier else []
        lifted = [registered.because[-1] for registered in exempting if registered.until == day]
        if allowed is not None:
            return plan(Expected("standard", package=allowed), (), *calculated, *lifted)
        return frequency(*calculated, *lifted, unknown=True)

    def _frequency(self, running: Running, day: date) -> Frequency:
        """CONT-28: after the end of all requirements; else as the practitioner's review says; else CONT-24.

        ALLOC-12: an unknown risk is not low.
        """
        sentence = running.sentence
        values = self.of.values(day, sentence)
        if power_has_ended(self.of, sentence, day):
            every_days = values.integer("after_requirements_every_days")
            return Frequency(every_days, ("CONT-28",), self._completed(sentence, day))
        review = self._review(running, day)
        if review is not None and review.face_to_face_every_days is not None:
            return Frequency(review.face_to_face_every_days, ("CONT-24",), (review,))
        reviewed = () if review is None else (review,)
        if day < running.first_weeks_until:
            return Frequency(running.at_start.integer("first_weeks_every_days"), ("CONT-24",), reviewed)
        risk = self.of.risk_on(day)
        by_risk = values.table("face_to_face_every_days_by_risk")
        if risk is None:
            return Frequency(int(by_risk["unknown"]), ("CONT-24", "ALLOC-12"), reviewed)
        return Frequency(int(by_risk[risk.rosh]), ("CONT-24",), (risk, *reviewed))

    def _review(self, running: Running, day: date) -> Plan | None:
        """The practitioner's latest review, if it sets a frequency or ends one that would hold without it.

        A frequency holds until the next review, which may set none, or until the level of risk changes. One
        from before supervision began says nothing of its first weeks.
        """
        made = [plan for plan in self.reviews[running.sentence.sentence_id] if plan.completed_on <= day]
        setting = next((plan for plan in reversed(made) if plan.face_to_face_every_days is not None), None)
        if setting is None:
            return None
        if day < running.first_weeks_until and setting.completed_on < running.since:
            return None
        level = self._rosh(setting.completed_on)
        assessed = {r.assessed_on for r in self.of.risks if setting.completed_on < r.assessed_on <= day}
        if any(self._rosh(on) != level for on in assessed):
            return None
        return made[-1]

    def _rosh(self, day: date) -> str | None:
        risk = self.of.risk_on(day)
        return risk.rosh if risk else None

    def _completed(self, sentence: Sentence, day: date) -> tuple[Record, ...]:
        """What completed the requirements in force that day, in the order in which they were completed."""
        required = {requirement.requirement_id for requirement in in_force(self.of, sentence, day)}
        completions = [
            completion
            for completion in self.of.case.completions.values()
            if completion.sentence_id == sentence.sentence_id
            and completion.requirement_id in required
            and completion.completed_on < day
        ]
        return tuple(sorted(completions, key=lambda c: (c.completed_on, *c.stamp)))


def _running(of: ContactsView) -> Iterator[Running]:
    """The stretches of supervision, sentence by sentence, as far as they run."""
    for _, course, stretch in of.stretches():
        since = min(other.first for other in course.stretches if other.because == stretch.because)
        at_start = of.values(since, stretch.sentence)
        first_weeks_until = since + timedelta(days=at_start.integer("first_weeks_days"))
        yield Running(stretch, course.until(stretch), since, first_weeks_until, at_start)


def _as_often(plan: ContactPlan, frequent: ContactPlan) -> ContactPlan:
    """The plan with the frequency of the most frequent one, and what that follows from."""
    most = frequent.expected.face_to_face_every_days
    if plan.expected.face_to_face_every_days == most:
        return plan
    return msgspec.structs.replace(
        plan,
        expected=msgspec.structs.replace(plan.expected, face_to_face_every_days=most),
        rules=frequent.rules,
        because=(*plan.because, *frequent.because),
    )
