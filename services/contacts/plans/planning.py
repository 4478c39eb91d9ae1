"""The contact that is expected on each sentence, day by day: its plan (CONT-1).

A plan holds until the next one. It is worked out for each day on which anything that it depends on may
change, and a new one begins where it differs from the day before. A plan depends on nothing that is dated
after its day, so that days yet to come can be looked at like those that are past.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

import msgspec

from schemas.words import Mode
from services.contacts.facts import SentencePlan
from services.contacts.plans.forms import modes_of, suggested_modes
from services.contacts.plans.packages import (
    Package,
    exemptions,
    known_tiers,
    package,
    packages_hold,
    tier_on,
)
from services.contacts.plans.pre_release import releases_to_come
from services.contacts.plans.stages import PlannedStage, planned_stages
from services.contacts.suspensions.suspension import suspensions
from services.contacts.view import ContactsView
from shared.engine.case import Record
from shared.policy import Values
from shared.probation.facts import Sentence
from shared.probation.supervision import ONE_DAY

Regime = Literal[
    "standard", "post_sentence_supervision", "suspended", "custody", "unpaid_work_only", "pre_release"
]

Basis = Literal[
    "custody",
    "reset",
    "suspension_agreed",
    "post_sentence_supervision",
    "unpaid_work_only",
    "package",
    "pre_release",
    "requirements_done",
    "enhanced",
    "frequency",
    "frequency_risk_unknown",
]
"""What a plan follows from."""

SUSPENDED: dict[str, tuple[Regime, Basis]] = {
    "custody": ("custody", "custody"),
    "reset": ("suspended", "reset"),
    "post_sentence_supervision": ("suspended", "suspension_agreed"),
}
"""The plan while contact is suspended, by the ground of the suspension."""


class Expected(msgspec.Struct, frozen=True):
    """What a plan says.

    There is no frequency but in `standard` and `pre_release`, nor where a package takes its place. `modes`
    are the forms of contact that it suggests: none where no contact is expected, and none for packages.
    """

    regime: Regime
    face_to_face_every_days: int | None = None
    modes: tuple[Mode, ...] = ()
    package: Package | None = None
    package_unknown: bool = False


class ContactPlan(msgspec.Struct, frozen=True):
    """The plan of a sentence from a day on, with what it follows from and the records that say so."""

    sentence: Sentence
    first: date
    expected: Expected
    basis: Basis
    because: tuple[Record, ...]


def contact_plans(view: ContactsView) -> Iterator[ContactPlan]:
    """The plans of all sentences by the day on which they begin, also those known to begin in the future."""
    planning = Planning(view)
    former: dict[str, Expected] = {}
    for day in planning.days():
        plans = planning.on(day)
        for sentence_id, plan in plans.items():
            if former.get(sentence_id) != plan.expected:
                yield plan
        former = {sentence_id: plan.expected for sentence_id, plan in plans.items()}


class Frequency(msgspec.Struct, frozen=True):
    """Days from one face-to-face contact to the next, with the forms of contact that go with it (CONT-32).

    `because` are the records that they follow from.
    """

    every_days: int
    basis: Basis
    modes: tuple[Mode, ...]
    because: tuple[Record, ...] = ()


class Planning:
    """The plans of a case on any day."""

    def __init__(self, view: ContactsView) -> None:
        self.view = view
        self.stages = list(planned_stages(view))
        by_tier = any(packages_hold(planned.at_start) for planned in self.stages)
        self.tiers = known_tiers(view) if by_tier else []
        self.suspensions = {id: suspensions(view, id) for id in view.supervision}
        self.reviews = {id: view.frequency_reviews(id) for id in view.supervision}
        self.releases = [*releases_to_come(view)]

    def days(self) -> list[date]:
        """Every day on which a plan may differ from the day before, in order."""
        view, days = self.view, set(self.view.policy.changes)
        for planned in self.stages:
            days |= {planned.stage.first, planned.until, planned.first_weeks_until}
        for found in self.suspensions.values():
            days |= {day for suspension in found for day in (suspension.first, suspension.until)}
        days |= {day for release in self.releases for day in release.days}
        days |= {assessment.assessed_on for assessment in view.assessments}
        days |= {plan.completed_on for reviews in self.reviews.values() for plan in reviews}
        days |= {variation.varied_on for variation in view.case.variations.values()}
        days |= {completion.completed_on + ONE_DAY for completion in view.case.completions.values()}
        days |= {tier.known_from for tier in self.tiers}
        days |= {day for one in view.registrations for day in (one.first, one.until) if day}
        return sorted(days)

    def on(self, day: date) -> dict[str, ContactPlan]:
        """The plan of each sentence on which the person is supervised that day, or soon will be.

        The most intensive plan wins: of all sentences with a frequency, that of the most frequent holds.
        """
        own = {
            planned.sentence.sentence_id: self._own(planned, day)
            for planned in self.stages
            if planned.on(day)
        }
        frequencies = [days for plan in own.values() if (days := plan.expected.face_to_face_every_days)]
        most = min(frequencies, default=None)
        frequent = [plan for plan in own.values() if plan.expected.face_to_face_every_days == most]
        plans = {
            sentence_id: _as_often(plan, frequent[0]) if plan.expected.face_to_face_every_days else plan
            for sentence_id, plan in own.items()
        }
        return plans | self._before_release(plans, day)

    def _before_release(self, plans: dict[str, ContactPlan], day: date) -> dict[str, ContactPlan]:
        """RES-5: the plans in the last phase in prison before a release, the first one or after a recall."""
        found: dict[str, ContactPlan] = {}
        for release in self.releases:
            every_days, sentence = release.every_days(day), release.sentence
            own = plans.get(sentence.sentence_id)
            begins_on = self.view.supervision[sentence.sentence_id].begins_on
            inside = own.basis == "custody" if own else begins_on is None or day < begins_on
            if every_days is not None and inside:
                expected = Expected("pre_release", every_days, release.modes)
                found[sentence.sentence_id] = ContactPlan(
                    sentence, day, expected, "pre_release", release.because
                )
        return found

    def _own(self, planned: PlannedStage, day: date) -> ContactPlan:
        """The plan of one sentence as if there were no other. The first regime that holds is the regime."""
        sentence, stage = planned.sentence, planned.stage
        own = self.suspensions[sentence.sentence_id]
        resumed = [record for suspension in own if suspension.until == day for record in suspension.ended_by]
        said = (*planned.said_by(day), *resumed)

        def plan(expected: Expected, basis: Basis, *because: Record) -> ContactPlan:
            return ContactPlan(sentence, day, expected, basis, (*said, *because))

        def frequency(*because: Record, unknown: bool = False) -> ContactPlan:
            expected = Expected("standard", often.every_days, often.modes, package_unknown=unknown)
            return plan(expected, often.basis, *often.because, *because)

        suspension = next((suspension for suspension in own if suspension.on(day)), None)
        if suspension is not None:
            regime, basis = SUSPENDED[suspension.ground]
            return plan(Expected(regime), basis, *suspension.because)
        values = self.view.values(day, sentence)
        if stage.kind == "post_sentence_supervision" and not values.flag("post_sentence_frequency"):
            return plan(Expected("post_sentence_supervision"), "post_sentence_supervision")
        if not stage.supervised_throughout(day, day):
            return plan(Expected("unpaid_work_only"), "unpaid_work_only")
        often = self._frequency(planned, day)
        enhancing, enhanced_before = self._enhancing(values, day)
        if enhancing and often.basis != "requirements_done":
            every_days = min(often.every_days, values.integer("enhanced_plan_every_days"))
            expected = Expected("standard", every_days, modes_of(values, "enhanced_plan_modes"))
            return plan(expected, "enhanced", *often.because, *enhancing)
        said = (*said, *enhanced_before)
        if not packages_hold(planned.at_start):
            return frequency()
        exempting = exemptions(self.view, values)
        exempt = [registration.because[0] for registration in exempting if registration.on(day)]
        if exempt:
            return frequency(*exempt)
        tier = tier_on(self.tiers, day)
        allowed = package(tier, planned.since, planned.at_start) if tier else None
        calculated = [tier] if tier else []
        lifted = [registration.because[-1] for registration in exempting if registration.until == day]
        if allowed is not None:
            return plan(Expected("standard", package=allowed), "package", *calculated, *lifted)
        return frequency(*calculated, *lifted, unknown=True)

    def _enhancing(self, values: Values, day: date) -> tuple[list[Record], list[Record]]:
        """CONT-33: the registrations under which the enhanced plan holds, and those lifted on that day."""
        kinds = values.texts("enhanced_plan_registrations")
        known = [registration for registration in self.view.registrations if registration.kind in kinds]
        holding: list[Record] = [registration.because[0] for registration in known if registration.on(day)]
        lifted: list[Record] = [one.because[-1] for one in known if one.until == day]
        return holding, lifted

    def _frequency(self, planned: PlannedStage, day: date) -> Frequency:
        """CONT-28: after the end of all requirements; else as the practitioner's review says; else CONT-24.

        ALLOC-12: an unknown risk is not low.
        """
        sentence = planned.sentence
        values = self.view.values(day, sentence)
        if self.view.power_has_ended(sentence, day):
            every_days = values.integer("after_requirements_every_days")
            modes = modes_of(values, "after_requirements_modes")
            return Frequency(every_days, "requirements_done", modes, self._completed(sentence, day))
        risk = self.view.risk_on(day)
        assessed = () if risk is None else (risk,)
        suggested = suggested_modes(risk, values)
        review = self._review(planned, day)
        if review is not None and review.face_to_face_every_days is not None:
            every_days = review.face_to_face_every_days
            return Frequency(every_days, "frequency", suggested, (review, *assessed))
        reviewed = () if review is None else (review,)
        if day < planned.first_weeks_until:
            every_days = planned.at_start.integer("first_weeks_every_days")
            modes = modes_of(planned.at_start, "first_weeks_modes")
            return Frequency(every_days, "frequency", modes, reviewed)
        by_risk = values.table("face_to_face_every_days_by_risk")
        if risk is None:
            return Frequency(int(by_risk["unknown"]), "frequency_risk_unknown", suggested, reviewed)
        return Frequency(int(by_risk[risk.rosh]), "frequency", suggested, (risk, *reviewed))

    def _review(self, planned: PlannedStage, day: date) -> SentencePlan | None:
        """The practitioner's latest review, if it sets a frequency or ends one that would hold without it.

        A frequency holds until the next review, which may set none, or until the level of risk changes. One
        from before supervision began says nothing of its first weeks.
        """
        made = [plan for plan in self.reviews[planned.sentence.sentence_id] if plan.completed_on <= day]
        setting = next((plan for plan in reversed(made) if plan.face_to_face_every_days is not None), None)
        if setting is None:
            return None
        if day < planned.first_weeks_until and setting.completed_on < planned.since:
            return None
        level = self._rosh(setting.completed_on)
        assessed = {
            assessment.assessed_on
            for assessment in self.view.assessments
            if setting.completed_on < assessment.assessed_on <= day
        }
        if any(self._rosh(on) != level for on in assessed):
            return None
        return made[-1]

    def _rosh(self, day: date) -> str | None:
        risk = self.view.risk_on(day)
        return risk.rosh if risk else None

    def _completed(self, sentence: Sentence, day: date) -> tuple[Record, ...]:
        """What completed the requirements in force that day, in the order in which they were completed."""
        required = self.view.supervision[sentence.sentence_id].required_on(day).requirements
        ids = {requirement.requirement_id for requirement in required}
        completions = [c for c in self.view.completed_before(sentence, day) if c.requirement_id in ids]
        return tuple(sorted(completions, key=lambda c: (c.completed_on, *c.stamp)))


def _as_often(plan: ContactPlan, frequent: ContactPlan) -> ContactPlan:
    """The plan with the frequency and the forms of the most frequent one, and what these follow from."""
    most, modes = frequent.expected.face_to_face_every_days, frequent.expected.modes
    if plan.expected.face_to_face_every_days == most:
        return plan
    return msgspec.structs.replace(
        plan,
        expected=msgspec.structs.replace(plan.expected, face_to_face_every_days=most, modes=modes),
        basis=frequent.basis,
        because=(*plan.because, *frequent.because),
    )
