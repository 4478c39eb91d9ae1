"""One person's history: what was recorded, and what the services concluded, withdrew and decided, and why.

The databases keep only what stands now. What stood before follows from the journal: joining its facts again,
in their order and on the same days, gives the same events with the same ids (see `shared/engine`). So nothing
extra needs to be stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import asyncpg

from schemas import language
from schemas.envelope import CloudEvent
from shared.answers.standing import Standing
from shared.calendar import london_date
from shared.database import check
from shared.engine.casebook import Casebook
from shared.engine.erasing import hashed
from shared.engine.intake import fact_of
from shared.engine.publication import Publication
from shared.engine.queries import SQL
from shared.engine.service import Service
from shared.policy import Policy

FORESEEN = timedelta(days=31)
"""How far ahead it looks for dates that pass if nothing more is recorded."""


@dataclass(frozen=True, slots=True)
class JournalRow:
    """A fact in a service's journal. `day` is the day when it was joined, or None before the first day."""

    subject: str
    day: date | None
    body: bytes


@dataclass
class Journal:
    """What one service's database has about one person, under all merged case reference numbers.

    `first` and `today` are the first and the current day of the service's clock. By number, `sequences` says
    how many events it has published and `quarantined` why a case waits for `recheck`.
    """

    rows: list[JournalRow] = field(default_factory=list)
    first: date | None = None
    today: date | None = None
    sequences: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, str] = field(default_factory=dict)


@dataclass
class ServiceHistory:
    """What a service published about a person, in order, and how many events under each number.

    `fault` is the error if the history is incomplete because the rules cannot assess the case. `foreseen` is
    what would be published next if nothing more is recorded.
    """

    published: list[CloudEvent[Any]]
    sequences: dict[str, int]
    fault: str | None = None
    foreseen: list[CloudEvent[Any]] = field(default_factory=list)


def service_history(service: Service, journal: Journal, policy: Policy) -> ServiceHistory:
    """Reconstruct everything that the service published about a person from the facts in its journal.

    Uses today's rules and policy. If a release has changed them since, other events may have been published
    at the time, and `sequences` may differ from the journal's.
    """
    undecided = replace(service, entities=(), decide=None)  # decisions are in the journal
    book = Casebook(undecided, language, policy)
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
    return ServiceHistory(
        published=[language.read(publication.value, ())[0] for publication in published],
        sequences={subject: book.file(subject).sequence for subject in book.subjects},
        fault=next(iter(book.faults.values()), None),
        foreseen=_foreseen(book, journal.today) if journal.today and not book.faults else [],
    )


def _foreseen(book: Casebook, today: date) -> list[CloudEvent[Any]]:
    return [language.read(publication.value, ())[0] for publication in book.begin_day(today + FORESEEN)]


# -- from the databases ------------------------------------------------------------------------------


_PERSON = """
select c.subject, c.sequence, c.quarantined from cases c where c.subject = any($1::text[]) and c.kind = $2
"""
_DAYS = "select coalesce((select min(day) from journal), day) as first, day as today from clock"


async def journal_of(dsn: str, service: Service, crn: str) -> Journal | None:
    """What the service's database has about a person; None if it has nothing."""
    connection = await asyncpg.connect(dsn)
    try:
        await check(connection, service)
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


async def was_erased(dsn: str, crn: str, key: bytes | None) -> bool | None:
    """Was the person erased in the service's database? None if that cannot be told without the key."""
    connection = await asyncpg.connect(dsn)
    try:
        if key is not None:
            return bool(await connection.fetch(SQL["erased"], [hashed(key, crn)]))
        used: bool = await connection.fetchval(SQL["erasure_key"], b"")
        return None if used else False
    finally:
        await connection.close()


@dataclass
class PersonHistory:
    """One person's history in all services.

    `facts` are the events from the feeds, each once. `published` is what each service published. `notes` are
    remarks for the reader.
    """

    crn: str
    facts: list[CloudEvent[Any]]
    published: dict[str, ServiceHistory]
    notes: list[str]
    today: date | None = None


def person_history(crn: str, journals: dict[str, Journal], services: Iterable[Service]) -> PersonHistory:
    """Combine what the services' journals have about one person."""
    facts: dict[tuple[str, str], CloudEvent[Any]] = {}
    published: dict[str, ServiceHistory] = {}
    notes: list[str] = []
    for service in services:
        journal = journals.get(service.name)
        if journal is None:
            continue
        published[service.name] = service_history(service, journal, service.load_policy())
        for event in _events(journal.rows):
            if not event.source.startswith("/services/"):
                facts.setdefault((event.source, event.id), event)
        notes += _notes(service.name, journal, published[service.name])
    others = sorted({event.subject or crn for event in facts.values()} - {crn})
    if others:
        notes.insert(0, f"also recorded as {', '.join(others)}")
    days = [journal.today for journal in journals.values() if journal.today is not None]
    return PersonHistory(crn, _in_order(facts.values()), published, notes, max(days, default=None))


def history_in(
    events: Iterable[CloudEvent[Any]], crn: str, today: date | None = None
) -> PersonHistory | None:
    """A person's history in events of a file, such as a replay's; None if none is about the person.

    What was recorded after `today` is left out; without it, the last day of the file counts.
    """
    known = [(day, event) for day, event in _known(events) if today is None or day <= today]
    everything = [event for _, event in known]
    found = Standing(everything)
    person = found.person(crn)
    theirs = [event for event in everything if event.subject and found.person(event.subject) == person]
    if not theirs:
        return None
    facts = {(e.source, e.id): e for e in theirs if not e.source.startswith("/services/")}
    published: dict[str, ServiceHistory] = {}
    for event in found.about(crn).published:
        name = event.source.removeprefix("/services/")
        published.setdefault(name, ServiceHistory([], {})).published.append(event)
    others = sorted({event.subject or crn for event in theirs} - {crn})
    notes = [f"also recorded as {', '.join(others)}"] if others else []
    last = today or max(day for day, _ in known)
    return PersonHistory(crn, _in_order(facts.values()), published, notes, last)


def _known(events: Iterable[CloudEvent[Any]]) -> Iterator[tuple[date, CloudEvent[Any]]]:
    """Each event with the day on which it became known.

    What a service publishes has the time of its cause, which may have arrived late: then the time of what it
    published before counts.
    """
    latest: dict[str, date] = {}
    for event in events:
        day = london_date(event.recorded)
        if event.source.startswith("/services/"):
            day = latest[event.source] = max(day, latest.get(event.source, day))
        yield day, event


def _in_order(facts: Iterable[CloudEvent[Any]]) -> list[CloudEvent[Any]]:
    return sorted(facts, key=lambda event: (event.recorded, event.id))


def _events(rows: Sequence[JournalRow]) -> list[CloudEvent[Any]]:
    return [language.read(row.body, ())[0] for row in rows]


def _notes(service: str, journal: Journal, history: ServiceHistory) -> list[str]:
    notes = [
        f"{service} could not assess {subject} ({why}): fix the cause, then run "
        f"`probation recheck {service} {subject}`"
        for subject, why in journal.quarantined.items()
    ]
    if history.fault is not None and not notes:
        notes.append(f"{service}: today's rules cannot assess the case ({history.fault})")
    published = sum(journal.sequences.values())
    if not notes and published != sum(history.sequences.values()):
        notes.append(
            f"{service} published {published} events, but today's rules and policy give "
            f"{sum(history.sequences.values())}: they have changed since, or another policy is in use"
        )
    return notes
