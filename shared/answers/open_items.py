"""What waits for somebody: by when, who must act, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

from schemas.envelope import CloudEvent
from schemas.published import OpenItem
from shared.answers.placing import Place, place_of
from shared.answers.responsible import Responsible, of_sentence, responsible
from shared.answers.standing import Standing
from shared.calendar import london_date

Role = Literal["practitioner", "manager", "allocating manager", "provider", "report author", "region"]


class Task(NamedTuple):
    """What an open item is called, who must act, and what they are to do next."""

    title: str
    role: Role
    step: str


TASKS: dict[str, Task] = {
    "AllocationDue": Task(
        "Sentence to allocate", "allocating manager", "Allocate the sentence to a practitioner."
    ),
    "PractitionerOverCapacity": Task(
        "Practitioner over capacity", "manager", "Look at the workload and move cases if needed."
    ),
    "TeamOverCapacity": Task("Team over capacity", "region", "Look at the team's workload and staffing."),
    "AllocationReviewRequired": Task(
        "Allocation to review", "manager", "Decide whether the practitioner keeps the case."
    ),
    "HandoverDue": Task("Handover from prison", "practitioner", "Take the case over from the prison."),
    "PreReleaseTaskDue": Task(
        "Task before release", "practitioner", "Do the task before the release and record it."
    ),
    "EarlyEndEligible": Task(
        "Order could end early", "practitioner", "Consider asking for an early end of the order."
    ),
    "AbsenceUndecided": Task(
        "Absence without a decision",
        "practitioner",
        "Find out the reason and decide whether it is acceptable.",
    ),
    "OutcomeOverdue": Task("Contact without an outcome", "practitioner", "Record what came of the contact."),
    "HomeVisitRequired": Task("Home visit", "practitioner", "Visit the person at home and record it."),
    "ResetFollowUpDue": Task("Follow-up contact", "practitioner", "See the person once and record it."),
    "PartnerCheckDue": Task("Check with another agency", "practitioner", "Make the check and record it."),
    "VictimUpdateDue": Task(
        "Victims to be told", "practitioner", "See that the victims are told, and record it."
    ),
    "EnforcementActionRequired": Task(
        "Failure to act on", "practitioner", "Take one of the actions allowed, and record it."
    ),
    "WarningIncomplete": Task(
        "Incomplete warning", "practitioner", "Give a warning that states all it must."
    ),
    "BreachRequired": Task("Breach to bring", "practitioner", "Start breach proceedings."),
    "BreachWithdrawalDue": Task("Breach to withdraw", "practitioner", "Withdraw the breach from court."),
    "ManagerReviewRequired": Task(
        "Absences to review", "manager", "Review the acceptable absences with the practitioner."
    ),
    "RecallConsidered": Task(
        "Recall to consider", "practitioner", "Decide with the manager whether to recommend recall."
    ),
    "CoverageGapDetected": Task("Need not covered", "region", "Commission or list an intervention."),
    "NeedUnmet": Task("Unmet need", "region", "Find or commission an intervention that meets the need."),
    "ReferralWaiting": Task("Referral waiting for a place", "provider", "Offer a place."),
    "ProposalNotEligible": Task(
        "Programme not open to the person", "report author", "Change the proposal in the report."
    ),
    "EmploymentAssessmentDue": Task(
        "Employment need to assess", "practitioner", "Assess the need and record it."
    ),
    "ReferralChased": Task("Late step of a referral", "provider", "Do the step and report it."),
    "RequirementAtRisk": Task(
        "Requirement at risk", "practitioner", "Plan how the requirement is completed in time."
    ),
    "ReturnToCourtRequired": Task(
        "Requirement to take back to court", "practitioner", "Apply to the court for one of the options."
    ),
    "RequirementReviewDue": Task(
        "Requirement to review", "practitioner", "Review the requirement with the provider."
    ),
}
"""For each type of open item."""

DEADLINES: dict[str, Task] = {
    "InitialAppointmentOverdue": Task(
        "First appointment", "practitioner", "Offer a first appointment and record it."
    ),
    "SentencePlanOverdue": Task("Sentence plan", "practitioner", "Complete the sentence plan."),
    "ContactStandardMissed": Task(
        "Face-to-face contact of the month", "practitioner", "See the person face to face and record it."
    ),
    "AbsenceDecisionOverdue": Task(
        "Decision about an absence", "practitioner", "Decide whether the reason is acceptable."
    ),
    "WarningLetterOverdue": Task("Letter about a failure", "practitioner", "Send the letter and record it."),
    "BreachPackOverdue": Task("Breach pack", "practitioner", "Complete the breach pack."),
    "BreachInformationOverdue": Task(
        "Information before the court", "practitioner", "Have the information laid before the court."
    ),
    "RecallDeadlineMissed": Task("Papers for a recall", "practitioner", "Send the papers."),
    "UnpaidWorkStartOverdue": Task("Start of unpaid work", "practitioner", "See that unpaid work starts."),
    "ReferralChased": Task("Step of a referral", "provider", "Do the step and report it."),
}
"""For what has a date before any item is open: by the type that is published when the date has passed."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for somebody on a day: an open item, or a date that a finding would follow.

    `who` is the id of the person who must act, or the provider; None: not known. `due_on` is None where no
    rule sets a date.
    """

    event: CloudEvent[Any]
    person: str
    task: Task
    who: str | None
    place: Place
    due_on: date | None
    overdue: bool

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that it rests on."""
        return tuple(self.event.data.why.rules)


def waiting(found: Standing, today: date) -> list[Waiting]:
    """What is open on that day: the longest overdue first, then by date, and what has no date last."""
    actors = _Actors(found)
    return _sorted(
        _waiting(event, TASKS[event.type], actors, today)
        for event in found.events()
        if isinstance(event.data, OpenItem)
    )


def deadlines(found: Standing, foreseen: Iterable[CloudEvent[Any]], today: date) -> list[Waiting]:
    """The dates to come that no open item names, given what would be published if nothing more is recorded.

    The first of each type and sentence, in order.
    """
    actors = _Actors(found)
    coming = _sorted(
        _waiting(event, DEADLINES[event.type], actors, today) for event in foreseen if event.type in DEADLINES
    )
    first: dict[tuple[str, str, str | None], Waiting] = {}
    for item in coming:
        if item.due_on is not None and not item.overdue:
            sentence_id = getattr(item.event.data, "sentence_id", None)
            first.setdefault((item.event.type, item.person, sentence_id), item)
    return [*first.values()]


def next_due(items: Iterable[Waiting]) -> list[Waiting]:
    """Those that are due on the first day from now on on which any of them is due."""
    coming = [item for item in items if item.due_on is not None and not item.overdue]
    first = min((item.due_on for item in coming if item.due_on is not None), default=None)
    return [item for item in coming if item.due_on == first]


def _sorted(items: Iterable[Waiting]) -> list[Waiting]:
    return sorted(items, key=lambda item: (item.due_on or date.max, item.event.type, item.event.id))


class _Actors:
    """Who acts for whom: the practitioners of all sentences, and the providers of all referrals."""

    def __init__(self, found: Standing) -> None:
        self.person = found.person
        self.responsible = responsible(found)
        self._providers = {
            (found.person(event.subject), event.data.referral_id): event.data.provider_id
            for event in found.events("ReferralMade")
        }

    def theirs(self, event: CloudEvent[Any]) -> list[Responsible]:
        """Those who are responsible for the person's sentences."""
        return self.responsible.get(self.person(event.subject), [])

    def who(self, event: CloudEvent[Any], role: Role) -> str | None:
        """The id of the one who must act."""
        data = event.data
        if role == "provider":
            return self._providers.get((self.person(event.subject), data.referral_id))
        mine = of_sentence(self.theirs(event), getattr(data, "sentence_id", None))
        if role == "manager":
            return getattr(data, "manager_id", None) or (mine.manager_id if mine else None)
        return mine.practitioner_id if mine and role == "practitioner" else None


def _waiting(event: CloudEvent[Any], task: Task, actors: _Actors, today: date) -> Waiting:
    due_on = _due_on(event.data)
    return Waiting(
        event=event,
        person=actors.person(event.subject),
        task=task,
        who=actors.who(event, task.role),
        place=place_of(event, actors.theirs(event)),
        due_on=due_on,
        overdue=due_on is not None and due_on < today,
    )


def _due_on(data: Any) -> date | None:
    """The date by which it is to be done, in London; of a month's standard the last day of the month."""
    due_at = getattr(data, "due_at", None)
    if due_at is not None:
        return london_date(due_at)
    day: date | None = getattr(data, "due_on", None) or getattr(data, "period_end", None)
    return day
