"""An example of a rule at work: a small invented year, played through the services' rules in memory.

Nobody in it is real. It is played when somebody asks, so that what it shows is what the rules and the policy
say now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from schemas import language
from schemas.envelope import CloudEvent
from shared.answers.standing import Standing
from shared.calendar import london_date
from shared.engine.casebook import Casebook
from shared.engine.intake import fact_of
from shared.engine.service import Service
from tools.event_file import events_in
from tools.services import SERVICES

YEAR = Path(__file__).parent / "cli" / "example_year.jsonl.gz"
"""Facts about people in England and Wales in 2025, as `probation simulate` invents them."""

Event = CloudEvent[Any]


@dataclass(frozen=True)
class Example:
    """A finding that rests on a rule, what it rests on, and how it was withdrawn, if it was."""

    finding: Event
    evidence: list[Event]
    withdrawn: str | None


def example_of(id: str, lines: Iterable[bytes] | None = None) -> Example | None:
    """A finding that rests on a rule; None if the year has none.

    One that stands or was resolved is better than one that was corrected, one that names the rule first is
    better than others, and the one with the fewest grounds is the plainest.
    """
    events = [*played(events_in(YEAR) if lines is None else lines)]
    known = {event.id: event for event in events}
    found = Standing(events)
    reasons = {event.id: withdrawal.reason for event, withdrawal in found.withdrawn}
    right = {held.event.id for held in found.held()}
    citing = [event for event in found.published if event.type != "Withdrawn" and id in event.data.why.rules]
    if not citing:
        return None

    def plainness(event: Event) -> tuple[bool, int, int]:
        why = event.data.why
        return event.id not in right, why.rules.index(id), len(why.evidence)

    best = min(citing, key=plainness)
    evidence = [known[one] for one in best.data.why.evidence if one in known]
    return Example(best, evidence, reasons.get(best.id))


def played(lines: Iterable[bytes]) -> Iterator[Event]:
    """The events of some lines, each with what the services publish on it, day by day."""
    books = [(service, Casebook(service, language)) for service in SERVICES]
    today: date | None = None
    for line in lines:
        event = language.read(line, ())[0]
        day = london_date(event.recorded)
        today = today or day - timedelta(days=1)
        while today < day:
            today += timedelta(days=1)
            yield from _spread(books, [p.value for _, book in books for p in book.begin_day(today)])
        yield event
        yield from _spread(books, [line])


def _spread(books: list[tuple[Service, Casebook]], values: list[bytes]) -> Iterator[Event]:
    """Give messages to the services that read them, and what these publish to the others."""
    while values:
        read = [language.read(value, ()) for value in values]
        yield from (event for event, _ in read if event.source.startswith("/services/"))
        values = []
        for service, book in books:
            facts = [
                fact_of(event, language.register_key(event), body)
                for event, body in read
                if _concerns(service, event)
            ]
            values += [publication.value for publication in book.take(facts)]


def _concerns(service: Service, event: Event) -> bool:
    kind = event.data.withdrawn_type if event.type == "Withdrawn" else event.type
    if service.model_of(kind) is None or event.source == service.source:
        return False
    return not set(language.topics_of(kind)).isdisjoint(service.reads)
