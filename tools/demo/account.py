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
from shared.answers.listed import MEASURES
from shared.answers.measures import shown, total
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
    for measure in MEASURES:
        count = total(measure, account.found.standing)
        kinds = _list(count.kinds) if count.kinds else measure.definition
        table.add_row(measure.name, shown(measure, count), kinds)
    table.add_section()
    for row in _messages(account):
        table.add_row(*row)
    console.print()
    console.print(table)


Row = tuple[str, str, str]


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
    reasons: Counter[str] = Counter(by.reason for _, by in account.found.standing.withdrawn)
    withdrawn = _list(reasons, f"{reasons.total()} withdrawn: ")
    yield "events out", str(len(account.found.standing.published)), withdrawn
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
    for event in found.standing.published:
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
        (f"{probation} what-if --help", "say what another policy would change"),
        (f"{probation} rule ALLOC-5", "a rule in words, with its values and an example"),
        ("README.md", "how to publish and subscribe in ten lines, and to add a rule"),
    )
    width = max(len(what) for what, _ in steps)
    console.rule("[bold]What to try next", align="left")
    for what, why in steps:
        console.print(f"  {what:<{width}}   {why}", highlight=False, soft_wrap=True)
