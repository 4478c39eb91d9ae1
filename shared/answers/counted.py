"""What each measure counts: the cases of it among all that was published, and whether each was achieved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.envelope import CloudEvent
from shared.answers.groups import described
from shared.answers.standing import Standing

Event = CloudEvent[Any]
Cases = Callable[[Standing], Iterable["Case"]]


@dataclass(frozen=True, slots=True)
class Case:
    """One case that a measure counts: the finding, how much of it was achieved, its kind, and its amount.

    `achieved` is 1 or 0 for each of the amount; for an average it is what is averaged. `on` is the day it
    counts for, if that is not the finding's own. `groups` are its own, if they are not the person's.
    """

    event: Event
    achieved: int = 1
    kind: str = ""
    amount: int = 1
    on: date | None = None
    groups: tuple[str, ...] | None = None


def counted(*types: str, kind: str | None = None) -> Cases:
    """Each finding of these types once: those that stand, and the open items that were closed."""

    def cases(found: Standing) -> Iterator[Case]:
        for event in found.all(*types):
            yield Case(event, kind=_words(getattr(event.data, kind)) if kind else "")

    return cases


def standing(*types: str, kind: str | None = None, amount: str | None = None) -> Cases:
    """What stands now of these types; of each the field `amount`, or 1."""

    def cases(found: Standing) -> Iterator[Case]:
        for event in found.events(*types):
            yield Case(
                event,
                kind=_words(getattr(event.data, kind)) if kind else "",
                amount=getattr(event.data, amount) if amount else 1,
            )

    return cases


def _sentence(found: Standing, event: Event) -> tuple[str, str]:
    return found.person(event.subject), event.data.sentence_id


# -- outcomes and quality ----------------------------------------------------------------------------


def outcomes(found: Standing) -> Iterator[Case]:
    """The result of each desired outcome when its referral concluded."""
    for event in found.events("OutcomeRecorded"):
        yield Case(event, achieved=event.data.result == "achieved", kind=_words(event.data.result))


def requirements_completed(found: Standing) -> Iterator[Case]:
    """RAR-6: requirements that were completed, and those left when supervision ended, as varied before."""
    completed = set()
    for event in found.events("RequirementCompleted"):
        completed.add((found.person(event.subject), event.data.requirement_id))
        yield Case(event, kind=_words(event.data.kind))
    ended = {_sentence(found, event): event for event in found.events("SupervisionEnded")}
    required = {_sentence(found, fact): fact for fact in found.facts("SentenceImposed")}
    for fact in sorted(found.facts("SentenceVaried"), key=lambda fact: fact.data.varied_on):
        end = ended.get(_sentence(found, fact))
        if end is not None and fact.data.varied_on <= end.data.ended_on:
            required[_sentence(found, fact)] = fact
    for name, end in ended.items():
        for requirement in required[name].data.requirements if name in required else ():
            if (name[0], requirement.requirement_id) not in completed:
                yield Case(end, achieved=False, kind="not completed")


def referrals_completed(found: Standing) -> Iterator[Case]:
    """How referrals ended."""
    for event in found.events("ReferralEnded"):
        yield Case(event, achieved=event.data.state == "completed", kind=_words(event.data.state))


def continuity(found: Standing) -> Iterator[Case]:
    """ALLOC-2: sentences whose supervision ended, and whether one practitioner had them throughout."""
    for event in found.events("SupervisionEnded"):
        yield Case(event, achieved=event.data.practitioner_changes == 0)


def oral_reports(found: Standing) -> Iterator[Case]:
    """CRT-2: reports that were delivered to courts, by region, and whether they were given orally."""
    asked = {
        (found.person(fact.subject), fact.data.report_id): fact
        for fact in found.facts("PreSentenceReportRequested")
    }
    for given in found.facts("PreSentenceReportDelivered"):
        request = asked.get((found.person(given.subject), given.data.report_id))
        if request is None:
            continue
        data = request.data
        of_report = [
            name for name, on in (("complex", data.complex), ("short_custody", data.short_custody_risk)) if on
        ]
        yield Case(
            request,
            achieved=given.data.format == "oral",
            kind=_words(given.data.format),
            on=given.data.delivered_on,
            groups=(*described(data.person), *of_report),
        )


# -- by when things were done --------------------------------------------------------------------------


def allocated(found: Standing) -> Iterator[Case]:
    """The first allocation of each sentence, and those overdue that have none yet."""
    made = sorted(found.events("CaseAllocated"), key=lambda event: event.data.allocated_on, reverse=True)
    first = {_sentence(found, event): event for event in made}
    for event in first.values():
        yield Case(event, achieved=not event.data.late)
    for event in found.events("AllocationOverdue"):
        if _sentence(found, event) not in first:
            yield Case(event, achieved=False)


def planned(late: str) -> Cases:
    """Sentences with standard contact, and whether the step was not overdue."""

    def cases(found: Standing) -> Iterator[Case]:
        overdue = {_sentence(found, event) for event in found.events(late)}
        plans = [e for e in found.events("ContactPlanSet") if e.data.regime == "standard"]
        plans.sort(key=lambda event: event.data.from_, reverse=True)
        for name, event in {_sentence(found, e): e for e in plans}.items():
            yield Case(event, achieved=name not in overdue)

    return cases


def made_or_late(item: str, late: str, *fields: str) -> Cases:
    """Open items that were done, and those whose date passed before, by that date.

    The open item and the record that it is overdue are about the same thing if these fields are the same.
    """

    def cases(found: Standing) -> Iterator[Case]:
        def thing(event: Event) -> tuple[Any, ...]:
            return found.person(event.subject), *(getattr(event.data, field) for field in fields)

        overdue = {thing(event): event for event in found.events(late)}
        made = [h.event for h in found.held(item) if h.closed == "resolved" and h.event.data.due_on]
        for name, event in ({thing(e): e for e in made} | overdue).items():
            yield Case(event, achieved=name not in overdue, on=event.data.due_on)

    return cases


def standards_missed(found: Standing) -> Iterator[Case]:
    """Months with less than the minimum of face-to-face contact."""
    for event in found.events("ContactStandardMissed"):
        yield Case(event, kind="excused" if event.data.excused else "not excused")


def answered(found: Standing) -> Iterator[Case]:
    """Failures that had to be answered, and whether the letter was not overdue."""
    late = {(found.person(e.subject), e.data.contact_id) for e in found.events("WarningLetterOverdue")}
    asked = {(found.person(e.subject), e.data.contact_id) for e in found.all("EnforcementActionRequired")}
    for event in found.events("ContactMissed"):
        contact = found.person(event.subject), event.data.contact_id
        if contact in asked:
            yield Case(event, achieved=contact not in late)


def steps_overdue(found: Standing) -> Iterator[Case]:
    """Steps of a breach that were not taken in time."""
    for event in found.events("BreachPackOverdue", "BreachInformationOverdue"):
        yield Case(event, kind="packs" if event.type == "BreachPackOverdue" else "informations")


def work_started(found: Standing) -> Iterator[Case]:
    """Requirements of unpaid work that were started or are late, and whether they were not late."""

    def thing(event: Event) -> tuple[str, str | None]:
        return found.person(event.subject), event.data.requirement_id

    work = {thing(event) for event in found.events("ReferralMade") if event.data.kind == "unpaid_work"}
    late = {thing(event): event for event in found.events("UnpaidWorkStartOverdue")}
    started = {thing(event): event for event in found.events("InterventionStarted") if thing(event) in work}
    for name, event in (started | late).items():
        yield Case(event, achieved=name not in late)


def referrals_started(found: Standing) -> Iterator[Case]:
    """Referrals that were started, or escalated because they were not, and whether they never were."""
    late = {thing: event for thing, event in _escalated(found).items() if thing[2] == "start"}
    started = {(*thing, "start"): event for thing, event in _started(found).items()}
    for name, event in (started | late).items():
        yield Case(event, achieved=name not in late, on=event.data.due_on if name in late else None)


def escalated(found: Standing) -> Iterator[Case]:
    """Steps of referrals that were escalated, by the date on which they were due."""
    for (_, _, step), event in _escalated(found).items():
        yield Case(event, kind=_words(step), on=event.data.due_on)


def waited(found: Standing) -> Iterator[Case]:
    """Days from a referral to its first session, by the month of that session."""
    made: dict[tuple[str, str], date] = {}
    for event in found.events("ReferralMade"):
        name = found.person(event.subject), event.data.referral_id
        made[name] = min(event.data.made_on, made.get(name, event.data.made_on))
    for name, event in _started(found).items():
        if name in made:
            yield Case(event, achieved=max((event.data.started_on - made[name]).days, 0))


def _started(found: Standing) -> dict[tuple[str, str], Event]:
    events = [e for e in found.events("InterventionStarted") if e.data.referral_id is not None]
    return {(found.person(e.subject), e.data.referral_id): e for e in events}


def _escalated(found: Standing) -> dict[tuple[str, str, str], Event]:
    return {
        (found.person(e.subject), e.data.referral_id, e.data.step): e
        for e in found.events("ReferralEscalated")
    }


# -- what was done -------------------------------------------------------------------------------------


def stood_down(found: Standing) -> Iterator[Case]:
    """UPW-11: sessions of unpaid work that were worked or stood down."""
    for event in found.events("UnpaidWorkCredited"):
        if event.data.as_ == "work":
            yield Case(event, achieved=False)
    for event in found.events("ContactExcused"):
        if event.data.acceptable_reason == "stood_down":
            yield Case(event)


def worked(found: Standing) -> Iterator[Case]:
    """Minutes of unpaid work."""
    for event in found.events("UnpaidWorkCredited"):
        yield Case(event, amount=event.data.minutes)


def recalls_considered(found: Standing) -> Iterator[Case]:
    """Occasions on which recall had to be considered."""

    def thing(event: Event) -> tuple[Any, ...]:
        data = event.data
        return found.person(event.subject), data.sentence_id, data.contact_id, data.custody_id

    for event in {thing(e): e for e in found.all("RecallConsidered")}.values():
        yield Case(event)


def taken_back(found: Standing) -> Iterator[Case]:
    """What was withdrawn because later evidence showed that there was no failure."""
    for event in found.events("WarningWithdrawn"):
        yield Case(event, kind="warnings")
    for event in {_sentence(found, e): e for e in found.all("BreachWithdrawalDue")}.values():
        yield Case(event, kind="breaches")


def _words(code: str) -> str:
    return _GROUNDS.get(code, code.replace("_", " "))


_GROUNDS = {
    "reset": "by Reset",
    "custody": "in custody",
    "post_sentence_supervision": "by a manager",
}

KINDS = (
    *_GROUNDS.values(),
    "not completed",
    "excused",
    "not excused",
    "packs",
    "informations",
    "warnings",
    "breaches",
)
"""The kinds in words that are no code of an event."""
