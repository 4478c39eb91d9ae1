"""The results of the year: a short table, three people's histories, and what to try next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from shutil import which
from typing import Any

from rich.console import Console
from rich.table import Table

from schemas.envelope import CloudEvent, Withdrawn
from schemas.parsing import parse
from tools.cli import timeline
from tools.demo.follow import Follower
from tools.explain import journal_of, person_history
from tools.services import SERVICES


@dataclass(frozen=True)
class Account:
    """What was sent and published, and how long it took."""

    lines: Sequence[bytes]
    found: Follower
    seconds: float


def numbers(account: Account, console: Console) -> None:
    """Print what happened, using only the published events."""
    table = Table(title="What happened", title_justify="left", box=None, show_header=False, padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    table.add_column(style="dim", overflow="fold")
    for rows in (_supervision, _contacts, _enforcement, _requirements):
        for row in rows(account.found):
            table.add_row(*row)
    table.add_section()
    for row in _messages(account):
        table.add_row(*row)
    console.print()
    console.print(table)


Row = tuple[str, str, str]


def _supervision(found: Follower) -> Iterable[Row]:
    allocated = [e.data for e in found.events("CaseAllocated")]
    overdue = Counter(e.data.reason.replace("_", " ") for e in found.events("AllocationOverdue"))
    on_time = sum(not each.late for each in allocated)
    yield "sentences allocated on time", f"{on_time} of {len(allocated)}", _list(overdue, "overdue: ")
    ends = Counter(e.data.reason for e in found.events("SupervisionEnded"))
    yield "supervision ended", str(ends.total()), _list(ends)


GROUNDS = {
    "reset": "by Reset",
    "custody": "in custody",
    "post_sentence_supervision": "by a manager",
}
"""Why contact was suspended, as the table puts it."""


def _contacts(found: Follower) -> Iterable[Row]:
    seen = {e.data.sentence_id for e in found.events("ContactPlanSet") if e.data.regime == "standard"}
    for said, type in (
        ("first appointments in time", "InitialAppointmentOverdue"),
        ("sentence plans in time", "SentencePlanOverdue"),
    ):
        late = {e.data.sentence_id for e in found.events(type)} & seen
        yield said, f"{len(seen - late)} of {len(seen)}", f"{len(late)} overdue" if late else ""
    required, overdue = found.events("HomeVisitRequired"), found.events("HomeVisitOverdue")
    resolved = [e for e, reason in found.withdrawn if e.type == "HomeVisitRequired" and reason == "resolved"]
    visits, late = (
        {(e.data.sentence_id, e.data.registration) for e in of} for of in (required + resolved, overdue)
    )
    yield (
        "home visits in time",
        f"{len(visits - late)} of {len(visits)}",
        f"{len(required)} still to be made",
    )
    people = {e.subject for e in found.events("CaseAllocated")}
    missed = found.events("ContactStandardMissed")
    excused = sum(e.data.excused for e in missed)
    failed = {e.subject for e in missed if not e.data.excused} & people
    yield (
        "people seen every month",
        f"{len(people - failed)} of {len(people)}",
        f"standard missed {len(missed)} times, {excused} of them excused",
    )
    yield "months with too much video", str(len(found.events("VideoShareExceeded"))), ""
    suspended = Counter(GROUNDS[e.data.ground] for e in found.events("ContactSuspended"))
    resumed = len(found.events("ContactResumed"))
    yield (
        "contact suspended",
        str(suspended.total()),
        _list(suspended) + (f"; resumed {resumed} times" if resumed else ""),
    )


def _enforcement(found: Follower) -> Iterable[Row]:
    failures, excused = found.events("ContactMissed"), found.events("ContactExcused")
    open_items = len(found.events("AbsenceUndecided"))
    yield (
        "failures to attend or comply",
        str(len(failures)),
        f"{len(excused)} more excused, {open_items} undecided",
    )
    late = {e.data.contact_id for e in found.events("WarningLetterOverdue")}
    demanded = {e.data.contact_id for e in found.all("EnforcementActionRequired")}
    asked = [e for e in failures if e.data.contact_id in demanded]
    in_time = sum(e.data.contact_id not in late for e in asked)
    yield (
        "answered by letter in time",
        f"{in_time} of {len(asked)}",
        "of those that had to be answered, within two business days",
    )
    outcomes = Counter(e.data.outcome.replace("_", " ") for e in found.events("BreachConcluded"))
    started = len(found.events("BreachStarted"))
    yield "breaches brought", str(started), _list(outcomes, f"{outcomes.total()} concluded: ")
    steps = Counter(
        {
            "packs": len(found.events("BreachPackOverdue")),
            "informations": len(found.events("BreachInformationOverdue")),
        }
    )
    yield "steps of a breach overdue", str(steps.total()), _list(+steps)
    taken_back = Counter(
        {
            "warnings": len(found.events("WarningWithdrawn")),
            "breaches": len({e.data.sentence_id for e in found.all("BreachWithdrawalDue")}),
        }
    )
    yield "taken back on later evidence", str(taken_back.total()), _list(+taken_back)
    asked_for = {e.id for e in found.all("ManagerReviewRequired")}
    waiting = len(found.events("ManagerReviewRequired"))
    yield "managers asked about absences", str(len(asked_for)), f"{waiting} still to be decided"
    considered = {
        (e.data.sentence_id, e.data.contact_id, e.data.custody_id) for e in found.all("RecallConsidered")
    }
    recalls = Counter(e.data.type.replace("_", " ") for e in found.events("RecallTypeDetermined"))
    late_papers = len(found.events("RecallDeadlineMissed"))
    decided = [_list(recalls, f"{recalls.total()} recalled: ")] if recalls else []
    yield "recall considered", str(len(considered)), ", ".join([*decided, f"{late_papers} papers late"])


def _requirements(found: Follower) -> Iterable[Row]:
    minutes = sum(e.data.minutes for e in found.events("UnpaidWorkCredited"))
    late = len(found.events("UnpaidWorkStartOverdue"))
    yield "hours of unpaid work", f"{minutes // 60}", f"{late} started too late"
    yield "days of rehabilitation activity", str(len(found.events("RarDayUsed"))), ""
    done = Counter(e.data.kind.replace("_", " ") for e in found.events("RequirementCompleted"))
    yield "requirements completed", str(done.total()), _list(done)


def _messages(account: Account) -> Iterable[Row]:
    late = twice = overtaken = 0
    seen: set[str] = set()
    newest = None
    for event in map(parse, account.lines):
        if event.id in seen:
            twice += 1
            continue
        seen.add(event.id)
        late += event.recorded - event.time > timedelta(days=1)
        overtaken += newest is not None and event.recorded < newest
        newest = max(newest or event.recorded, event.recorded)
    said = f"{late} recorded late, {twice} sent twice, {overtaken} out of order"
    yield "facts in", str(len(account.lines)), said
    reasons = Counter(reason for _, reason in account.found.withdrawn)
    withdrawn = _list(reasons, f"{reasons.total()} withdrawn: ")
    yield "events out", str(len(account.found.published)), withdrawn
    yield (
        "time taken",
        f"{account.seconds:.0f} s",
        "four services, one broker, one database server, on this machine",
    )


def _list(counted: Counter[str], before: str = "") -> str:
    return before + ", ".join(f"{n} {name}" for name, n in counted.most_common()) if counted else ""


# -- three histories ---------------------------------------------------------------------------------

Events = Sequence[CloudEvent[Any]]


def _went_well(events: Events) -> bool:
    types = {event.type for event in events}
    went_wrong = {"AllocationOverdue", "ContactMissed", "ContactStandardMissed"}
    return {"RequirementCompleted", "CaseAllocated"} <= types and types.isdisjoint(went_wrong)


def _was_breached(events: Events) -> bool:
    types = {event.type for event in events}
    return {"BreachRequired", "BreachConcluded"} <= types and not _was_corrected(events)


def _was_corrected(events: Events) -> bool:
    return any(
        isinstance(e.data, Withdrawn)
        and e.data.reason == "corrected"
        and e.data.withdrawn_type == "ContactMissed"
        for e in events
    )


HISTORIES: tuple[tuple[str, Callable[[Events], bool]], ...] = (
    ("A case that went well", _went_well),
    ("A case that went back to court", _was_breached),
    ("A case with a corrected record", _was_corrected),
)


def choose(found: Follower) -> list[tuple[str, str]]:
    """For each kind of history the person with the shortest one: (title, case reference number)."""
    people: dict[str, list[CloudEvent[Any]]] = {}
    for event in found.published:
        if event.subject and event.dataclassification:
            people.setdefault(event.subject, []).append(event)
    shortest = sorted(people.items(), key=lambda item: (len(item[1]), item[0]))
    chosen = []
    for title, fits in HISTORIES:
        crn = next((crn for crn, events in shortest if fits(events)), None)
        if crn is not None:
            chosen.append((title, crn))
    return chosen


async def print_histories(account: Account, databases: Mapping[str, str], console: Console) -> None:
    """Print the histories from the services' databases, as `probation explain` does."""
    for title, crn in choose(account.found):
        journals = {}
        for service in SERVICES:
            journal = await journal_of(databases[service.name], service, crn)
            if journal is not None:
                journals[service.name] = journal
        console.rule(f"[bold]{title}", align="left")
        timeline.show(person_history(crn, journals, SERVICES), console, short=True)


def next_steps(console: Console) -> None:
    """Print what to try next."""
    probation = "probation" if which("probation") else ".venv/bin/probation"
    steps = (
        (f"{probation} demo --keep", f"the same, but keep it running: then `{probation} explain X100001`"),
        (f"{probation} up", "run everything on this machine, in real time"),
        (f"{probation} simulate --help", "write the caseload to a file,"),
        (f"{probation} replay --help", "and play it through the services without a broker"),
        ("README.md", "how to publish and subscribe in ten lines, and to add a rule"),
    )
    width = max(len(what) for what, _ in steps)
    console.rule("[bold]What to try next", align="left")
    for what, why in steps:
        console.print(f"  {what:<{width}}   {why}", highlight=False, soft_wrap=True)
