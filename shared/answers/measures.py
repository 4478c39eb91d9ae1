"""Numbers of what was done and what was late, by delivery unit and month.

Each measure counts findings that are right: those that stand, and open items that were closed. The counts are
true: before such numbers are published, small ones must be suppressed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.envelope import CloudEvent
from shared.answers.placing import Place, day_of, month, place_of
from shared.answers.responsible import responsible
from shared.answers.standing import Standing
from shared.probation.names import name_key

Event = CloudEvent[Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One case that a measure counts: the finding, whether it was achieved, its kind, and its amount.

    `on` is the day it counts for, if that is not the finding's own.
    """

    event: Event
    achieved: bool = True
    kind: str = ""
    amount: int = 1
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with its definition. A share is shown as "8 of 9"; `per` divides the amounts for people."""

    name: str
    definition: str
    cases: Callable[[Standing], Iterable[Case]]
    share: bool = False
    per: int = 1


@dataclass
class Count:
    """What was counted: how many achieved it, of how many, and how many of each kind."""

    achieved: int = 0
    total: int = 0
    kinds: Counter[str] | None = None

    def add(self, case: Case) -> None:
        self.total += case.amount
        self.achieved += case.amount * case.achieved
        if case.kind:
            self.kinds = self.kinds or Counter()
            self.kinds[case.kind] += case.amount


Month = str
Counts = dict[tuple[str, Place, Month], Count]


def counts(found: Standing) -> Counts:
    """Every measure by name, delivery unit and month."""
    allocated = responsible(found)
    spelt: dict[tuple[str, str], Place] = {}
    counted: Counts = {}
    for measure in MEASURES:
        for case in measure.cases(found):
            place = place_of(case.event, allocated.get(found.person(case.event.subject), ()))
            place = spelt.setdefault((place.region, name_key(place.pdu)), place)
            key = measure.name, place, month(case.on or day_of(case.event))
            counted.setdefault(key, Count()).add(case)
    return counted


def summed(
    counted: Counts, measure: Measure, places: Iterable[Place], months: Iterable[Month]
) -> Count | None:
    """A measure's number over some delivery units and months; None if nothing was to be counted."""
    keys = [(measure.name, place, month) for place in places for month in months]
    found = [counted[key] for key in keys if key in counted]
    if not found:
        return None
    return Count(sum(one.achieved for one in found), sum(one.total for one in found))


def total(measure: Measure, found: Standing) -> Count:
    """The number over all delivery units and months."""
    whole = Count()
    for case in measure.cases(found):
        whole.add(case)
    return whole


def shown(measure: Measure, count: Count | None) -> str:
    """The number as people read it."""
    if count is None:
        return "-"
    if measure.share:
        return f"{count.achieved // measure.per} of {count.total // measure.per}"
    return str(count.total // measure.per)


# -- the measures ------------------------------------------------------------------------------------


def _counted(*types: str, kind: str | None = None) -> Callable[[Standing], Iterator[Case]]:
    def cases(found: Standing) -> Iterator[Case]:
        for event in found.all(*types):
            yield Case(event, kind=_words(getattr(event.data, kind)) if kind else "")

    return cases


def _home_visits(found: Standing) -> Iterator[Case]:
    """Visits that were made or are overdue, by the date on which they were due."""

    def thing(event: Event) -> tuple[str, str, str]:
        return found.person(event.subject), event.data.sentence_id, event.data.registration

    late = {thing(event): event for event in found.events("HomeVisitOverdue")}
    made = [held.event for held in found.held("HomeVisitRequired") if held.closed == "resolved"]
    for name, event in ({thing(e): e for e in made} | late).items():
        yield Case(event, achieved=name not in late, on=event.data.due_on)


def _allocated(found: Standing) -> Iterator[Case]:
    """The first allocation of each sentence, and those overdue that have none yet."""

    def sentence(event: Event) -> tuple[str, str]:
        return found.person(event.subject), event.data.sentence_id

    made = sorted(found.events("CaseAllocated"), key=lambda event: event.data.allocated_on, reverse=True)
    first = {sentence(event): event for event in made}
    for event in first.values():
        yield Case(event, achieved=not event.data.late)
    for event in found.events("AllocationOverdue"):
        if sentence(event) not in first:
            yield Case(event, achieved=False)


def _planned(late: str) -> Callable[[Standing], Iterator[Case]]:
    """Sentences with standard contact, and whether the step was not overdue."""

    def cases(found: Standing) -> Iterator[Case]:
        def sentence(event: Event) -> tuple[str, str]:
            return found.person(event.subject), event.data.sentence_id

        overdue = {sentence(event) for event in found.events(late)}
        plans = [e for e in found.events("ContactPlanSet") if e.data.regime == "standard"]
        plans.sort(key=lambda event: event.data.from_, reverse=True)
        for name, event in {sentence(e): e for e in plans}.items():
            yield Case(event, achieved=name not in overdue)

    return cases


def _answered(found: Standing) -> Iterator[Case]:
    """Failures that had to be answered, and whether the letter was not overdue."""
    late = {(found.person(e.subject), e.data.contact_id) for e in found.events("WarningLetterOverdue")}
    asked = {(found.person(e.subject), e.data.contact_id) for e in found.all("EnforcementActionRequired")}
    for event in found.events("ContactMissed"):
        contact = found.person(event.subject), event.data.contact_id
        if contact in asked:
            yield Case(event, achieved=contact not in late)


def _standards_missed(found: Standing) -> Iterator[Case]:
    for event in found.events("ContactStandardMissed"):
        yield Case(event, kind="excused" if event.data.excused else "not excused")


def _recalls_considered(found: Standing) -> Iterator[Case]:
    def thing(event: Event) -> tuple[Any, ...]:
        data = event.data
        return found.person(event.subject), data.sentence_id, data.contact_id, data.custody_id

    for event in {thing(e): e for e in found.all("RecallConsidered")}.values():
        yield Case(event)


def _worked(found: Standing) -> Iterator[Case]:
    for event in found.events("UnpaidWorkCredited"):
        yield Case(event, amount=event.data.minutes)


def _steps_overdue(found: Standing) -> Iterator[Case]:
    for event in found.events("BreachPackOverdue", "BreachInformationOverdue"):
        yield Case(event, kind="packs" if event.type == "BreachPackOverdue" else "informations")


def _taken_back(found: Standing) -> Iterator[Case]:
    for event in found.events("WarningWithdrawn"):
        yield Case(event, kind="warnings")
    due = {(found.person(e.subject), e.data.sentence_id): e for e in found.all("BreachWithdrawalDue")}
    for event in due.values():
        yield Case(event, kind="breaches")


def _words(code: str) -> str:
    return _GROUNDS.get(code, code.replace("_", " "))


_GROUNDS = {
    "reset": "by Reset",
    "custody": "in custody",
    "post_sentence_supervision": "by a manager",
}

MEASURES = (
    Measure(
        "sentences allocated on time",
        "first allocations by their due date, of all that were made or are overdue",
        _allocated,
        share=True,
    ),
    Measure(
        "allocations overdue",
        "sentences not allocated by their due date",
        _counted("AllocationOverdue", kind="reason"),
    ),
    Measure("supervision ended", "sentences", _counted("SupervisionEnded", kind="reason")),
    Measure(
        "first appointments in time",
        "of the sentences with standard contact, by the first day of the plan",
        _planned("InitialAppointmentOverdue"),
        share=True,
    ),
    Measure(
        "sentence plans in time",
        "of the sentences with standard contact, by the first day of the plan",
        _planned("SentencePlanOverdue"),
        share=True,
    ),
    Measure(
        "home visits in time",
        "of the visits made or overdue, by the date they were due",
        _home_visits,
        share=True,
    ),
    Measure("monthly standards missed", "sentences and months", _standards_missed),
    Measure("months with too much video", "sentences and months", _counted("VideoShareExceeded")),
    Measure("contact suspended", "sentences", _counted("ContactSuspended", kind="ground")),
    Measure("failures to attend or comply", "enforceable failures", _counted("ContactMissed")),
    Measure("absences excused", "absences for an acceptable reason", _counted("ContactExcused")),
    Measure(
        "answered by letter in time",
        "failures that had to be answered whose letter is not overdue",
        _answered,
        share=True,
    ),
    Measure("breaches brought", "proceedings started", _counted("BreachStarted")),
    Measure("breaches concluded", "by outcome", _counted("BreachConcluded", kind="outcome")),
    Measure("steps of a breach overdue", "packs and informations", _steps_overdue),
    Measure("taken back on later evidence", "warnings and breaches", _taken_back),
    Measure("managers asked about absences", "reviews, done or not", _counted("ManagerReviewRequired")),
    Measure("recall considered", "occasions", _recalls_considered),
    Measure("recalls", "by the type that the law prescribes", _counted("RecallTypeDetermined", kind="type")),
    Measure("recall papers late", "recalls", _counted("RecallDeadlineMissed")),
    Measure("hours of unpaid work", "hours credited", _worked, per=60),
    Measure("unpaid work started too late", "requirements", _counted("UnpaidWorkStartOverdue")),
    Measure("days of rehabilitation activity", "days used", _counted("RarDayUsed")),
    Measure("requirements completed", "by kind", _counted("RequirementCompleted", kind="kind")),
)
"""In the order of the demo's table."""
