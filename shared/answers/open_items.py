"""What waits for somebody: by when, who must act, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

from schemas.envelope import CloudEvent
from schemas.published import OpenItem
from shared.answers.placing import Place, place_of
from shared.answers.responsible import Key, Responsible, responsible
from shared.answers.standing import Standing

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


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open item on a day. `who` is the id of the person who must act, or the provider; None: not known.

    `due_on` is None where no rule sets a date.
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
    allocated = responsible(found)
    items = []
    for event in found.events():
        if isinstance(event.data, OpenItem):
            person = found.person(event.subject)
            due_on = event.data.due_on  # type: ignore[attr-defined]  # every open item has it
            task = TASKS[event.type]
            who = _who(event, task.role, person, allocated, found)
            place = place_of(event, person, allocated)
            overdue = due_on is not None and due_on < today
            items.append(Waiting(event, person, task, who, place, due_on, overdue))
    items.sort(key=lambda item: (item.due_on or date.max, item.event.type, item.event.id))
    return items


def next_due(items: list[Waiting]) -> list[Waiting]:
    """Those that are due on the first day from now on on which anything is due."""
    coming = [item for item in items if item.due_on is not None and not item.overdue]
    return [item for item in coming if item.due_on == coming[0].due_on]


def _who(
    event: CloudEvent[Any], role: Role, person: str, allocated: dict[Key, Responsible], found: Standing
) -> str | None:
    data = event.data
    if role == "provider":
        made = [e for e in found.events("ReferralMade") if found.person(e.subject) == person]
        return next((e.data.provider_id for e in made if e.data.referral_id == data.referral_id), None)
    theirs = [one for (who, _), one in allocated.items() if who == person]
    mine = next((one for one in theirs if one.sentence_id == getattr(data, "sentence_id", None)), None)
    if mine is None and not hasattr(data, "sentence_id") and theirs:
        mine = theirs[-1]
    if role == "manager":
        return getattr(data, "manager_id", None) or (mine.manager_id if mine else None)
    return mine.practitioner_id if mine and role == "practitioner" else None
