"""One person's history: what the services were told, what they concluded, withdrew and decided, and why.

The databases hold what stands now. What stood before follows from the journal: its facts, joined again in
their order on the days on which they were joined, give the same events with the same ids (see
`shared/engine`). So nothing is kept only to be explained.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import asyncpg

from schemas import language
from schemas.envelope import CloudEvent
from shared.engine.casebook import Casebook
from shared.engine.intake import fact_of
from shared.engine.publication import Publication
from shared.engine.queries import SQL
from shared.engine.service import Service
from shared.policy import Policy


@dataclass(frozen=True, slots=True)
class JournalRow:
    """A fact in a service's journal; `day` is the day reached when it was joined (None: before the first)."""

    subject: str
    day: date | None
    body: bytes


@dataclass
class Journal:
    """What one service's database holds about one person, under all the numbers that merges connect.

    `first` and `today` are the first and the present day of the service's clock; `sequences` how much it has
    published under each number; `quarantined` why a case waits for `recheck`, by number.
    """

    rows: list[JournalRow] = field(default_factory=list)
    first: date | None = None
    today: date | None = None
    sequences: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, str] = field(default_factory=dict)


@dataclass
class Told:
    """What a service published about a person, in order, and how much under each number.

    `fault` says where the telling had to stop because the rules cannot assess the case.
    """

    published: list[CloudEvent[Any]]
    sequences: dict[str, int]
    fault: str | None = None


def history(service: Service, journal: Journal, policy: Policy) -> Told:
    """Tell again all that the service published of a person, from the facts in its journal.

    By today's rules and policy: where a release changed them since, `sequences` may differ from the
    journal's, and what was published at the time was another thing.
    """
    told_again = replace(service, entities=(), decide=None)  # decisions are in the journal
    book = Casebook(told_again, language, policy)
    published: list[Publication] = []
    for row in journal.rows:
        if book.faults:
            break
        event, body = language.read(row.body, ())
        fact = fact_of(event, language.register_key(event), body)
        if row.day is not None and journal.first is not None:
            published += book.begin_day(journal.first if book.day is None else row.day)
            published += book.begin_day(row.day)
        published += book.repeat(fact) if fact.source == service.source else book.take([fact])
    if journal.today is not None and not book.faults:
        published += book.begin_day(journal.today)
    return Told(
        published=[language.read(publication.value, ())[0] for publication in published],
        sequences={subject: book.file(subject).sequence for subject in book.subjects},
        fault=next(iter(book.faults.values()), None),
    )


# -- from the databases ------------------------------------------------------------------------------


_PERSON = """
select c.subject, c.sequence, c.quarantined from cases c where c.subject = any($1::text[]) and c.kind = $2
"""
_DAYS = "select coalesce((select min(day) from journal), day) as first, day as today from clock"


async def journal_of(dsn: str, service: Service, crn: str) -> Journal | None:
    """What the service's database holds about a person; None if it holds nothing."""
    connection = await asyncpg.connect(dsn)
    try:
        group = [row["subject"] for row in await connection.fetch(SQL["merge_group"], [crn])]
        cases = await connection.fetch(_PERSON, group, service.person.kind)
        if not cases:
            return None
        rows = await connection.fetch(SQL["known_facts"], group)
        days = await connection.fetchrow(_DAYS)
        assert days is not None
        return Journal(
            rows=[JournalRow(row["subject"], row["day"], row["body"]) for row in rows],
            first=days["first"],
            today=days["today"],
            sequences={case["subject"]: case["sequence"] for case in cases},
            quarantined={case["subject"]: case["quarantined"] for case in cases if case["quarantined"]},
        )
    finally:
        await connection.close()


@dataclass
class Story:
    """One person's history in all services.

    `facts` as the feeds told them, each once; `told` what each service published; `notes` what the reader
    must know besides.
    """

    crn: str
    facts: list[CloudEvent[Any]]
    told: dict[str, Told]
    notes: list[str]


def story(crn: str, journals: dict[str, Journal], services: Iterable[Service]) -> Story:
    """Put together what the services' journals say of one person."""
    facts: dict[tuple[str, str], CloudEvent[Any]] = {}
    told: dict[str, Told] = {}
    notes: list[str] = []
    for service in services:
        journal = journals.get(service.name)
        if journal is None:
            continue
        told[service.name] = history(service, journal, service.load_policy())
        for event in _events(journal.rows):
            if not event.source.startswith("/services/"):
                facts.setdefault((event.source, event.id), event)
        notes += _notes(service.name, journal, told[service.name])
    others = sorted({event.subject or crn for event in facts.values()} - {crn})
    if others:
        notes.insert(0, f"also recorded as {', '.join(others)}")
    return Story(crn, sorted(facts.values(), key=lambda event: (event.recorded, event.id)), told, notes)


def _events(rows: Sequence[JournalRow]) -> list[CloudEvent[Any]]:
    return [language.read(row.body, ())[0] for row in rows]


def _notes(service: str, journal: Journal, told: Told) -> list[str]:
    notes = [
        f"{service} could not assess {subject} ({why}): mend the cause, then run "
        f"`probation recheck {service} {subject}`"
        for subject, why in journal.quarantined.items()
    ]
    if told.fault is not None and not notes:
        notes.append(f"{service}: today's rules cannot assess the case ({told.fault})")
    published = sum(journal.sequences.values())
    if not notes and published != sum(told.sequences.values()):
        notes.append(
            f"{service} published {published} events, today's rules and policy give "
            f"{sum(told.sequences.values())}: they were changed meanwhile, or another policy is in use"
        )
    return notes
