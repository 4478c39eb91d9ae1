"""A case as the rules look at it: what several rules ask, each answer worked out once."""

from __future__ import annotations

from datetime import date

from services.contacts.case import ContactsCase, ContactsMonth
from services.contacts.facts import Appointment, Completion, Contact, SentencePlan
from shared.engine.assessment import once
from shared.probation.delivery import DeliveryGap, Work
from shared.probation.facts import Allocation, RiskAssessment, Sentence
from shared.probation.practitioners import in_order
from shared.probation.risk import Registration, assessments_in_order, registrations, risk_on
from shared.probation.supervision import Stage, StageKind
from shared.probation.view import SupervisedView

CLOSEST: tuple[StageKind, ...] = ("licence", "order", "post_sentence_supervision")
"""The stages of supervision, the closest first."""

UNPAID_WORK = ("unpaid_work", "employment_training_education")
"""The activities of a provider's session that are unpaid work."""


class ContactsView(SupervisedView[ContactsCase, ContactsMonth]):
    """A case as the rules look at it; see the module's text."""

    def linked_to(self, sentence_id: str | None, day: date) -> Sentence | None:
        """ENF-32: the sentence to which a contact of that day is linked: the one named, if supervised then.

        A contact that names none is linked to the sentence whose supervision that day is the closest: a
        licence before an order, post-sentence supervision last; of several the one imposed first.
        """
        if sentence_id is not None:
            period = self.supervision.get(sentence_id)
            return period.sentence if period is not None and period.supervised_on(day) else None
        closest = min(
            (stage for _, stage in self.stages() if stage.first <= day <= stage.last),
            key=lambda s: (CLOSEST.index(s.kind), s.sentence.imposed_on, s.sentence.sentence_id),
            default=None,
        )
        return closest.sentence if closest else None

    def sentence_of(self, contact: Contact) -> Sentence | None:
        """The sentence of a contact: the one that it names, supervised then or not, else the closest."""
        if contact.sentence_id is None:
            return self.linked_to(None, contact.occurred_on)
        return self.case.sentences.get(contact.sentence_id)

    def work_of(self, contact: Contact | Appointment, sentence: Sentence) -> Work:
        """SH-9: which kind of work a contact is part of.

        That of its requirement, unpaid work or a programme; else a practitioner's is contact, and a
        provider's a service.
        """
        activity = contact.activity if isinstance(contact, Contact) else None
        if activity in UNPAID_WORK:
            return "unpaid_work"
        on = contact.occurred_on if isinstance(contact, Contact) else contact.scheduled_on
        required = self.supervision[sentence.sentence_id].required_on(on).requirements
        kind = next((r.kind for r in required if r.requirement_id == contact.requirement_id), None)
        if kind == "unpaid_work" or kind == "accredited_programme":
            return kind
        return "contact" if activity is None else "other"

    def gap_on(self, contact: Contact | Appointment, sentence: Sentence) -> DeliveryGap | None:
        """SH-9: the gap in which the region did no such work on the day of the contact; None if it did."""
        on = contact.occurred_on if isinstance(contact, Contact) else contact.scheduled_on
        return next(iter(self.not_delivered(self.work_of(contact, sentence), sentence, on, on)), None)

    def allocations_of(self, sentence_id: str) -> list[Allocation]:
        """The allocations of a sentence, in order."""
        return self._allocations[sentence_id] if self.case.allocations else []

    @property
    @once
    def _allocations(self) -> dict[str, list[Allocation]]:
        made = self.case.allocations.values()
        return {sentence_id: in_order(made, sentence_id) for sentence_id in self.case.sentences}

    # -- risk, need and registrations ------------------------------------------------------------

    @property
    @once
    def assessments(self) -> list[RiskAssessment]:
        """The risk assessments in order."""
        return assessments_in_order(self.case.assessments.values())

    def risk_on(self, day: date) -> RiskAssessment | None:
        """The assessment that holds on a day; None while the risk is unknown (which is not low)."""
        return risk_on(self.assessments, day)

    @property
    @once
    def registrations(self) -> list[Registration]:
        """When which registration was in force, in order."""
        return registrations(self.case.registrations.values())

    def sentence_plans(self, sentence_id: str) -> list[SentencePlan]:
        """The sentence plans of a sentence, in order of their completion."""
        plans = [plan for plan in self.case.sentence_plans.values() if plan.sentence_id == sentence_id]
        return sorted(plans, key=lambda p: (p.completed_on, *p.stamp))

    @once
    def frequency_reviews(self, sentence_id: str) -> list[SentencePlan]:
        """The same, if any of them sets a frequency; else none, as none matters to it."""
        plans = self.sentence_plans(sentence_id)
        return plans if any(plan.face_to_face_every_days is not None for plan in plans) else []

    # -- requirements that are done --------------------------------------------------------------

    def power_has_ended(self, sentence: Sentence, day: date) -> bool:
        """CONT-28: is there no power left to require attendance at supervision on that day of an order?

        All its requirements were completed before, and none of them is a rehabilitation activity requirement.
        CONT-29: there always is power over those sentenced since the promised power came into force, whatever
        the day of the contact.
        """
        if not self.case.completions:
            return False  # the common case
        required = self.supervision[sentence.sentence_id].required_on(day).requirements
        if not required or any(requirement.kind == "rar" for requirement in required):
            return False
        completed = {completion.requirement_id for completion in self.completed_before(sentence, day)}
        if not completed.issuperset(requirement.requirement_id for requirement in required):
            return False
        return not self.values(sentence.imposed_on, sentence).flag("whole_order_power")

    def completed_before(self, sentence: Sentence, day: date) -> list[Completion]:
        """What completed requirements of a sentence before that day, in no order."""
        return [
            completion
            for completion in self.case.completions.values()
            if completion.sentence_id == sentence.sentence_id and completion.completed_on < day
        ]


def extent(view: ContactsView) -> tuple[date, date] | None:
    """The first and the last day of all supervision: periods end in it without any contact."""
    stages: list[Stage] = [stage for _, stage in view.stages()]
    if not stages:
        return None
    return min(stage.first for stage in stages), max(stage.last for stage in stages)
