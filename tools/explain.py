"""One person's history: what was recorded, and what the services concluded, withdrew and decided, and why.

The databases keep only what stands now. What stood before follows from the journal: joining its facts again,
in their order and on the same days, gives the same events with the same ids (see `shared/engine`). So nothing
extra needs to be stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import asyncpg

from schemas import language
from schemas.envelope import CloudEvent
from shared.engine.batch import Batch, day_cause
from shared.engine.casefile import CaseFile
from shared.engine.intake import fact_of
from shared.engine.joining import Fact
from shared.engine.merging import roots
from shared.engine.queries import SQL
from shared.engine.service import Service
from shared.engine.store import describe
from shared.policy import Policy


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

    `fault` is the error if the history is incomplete because the rules cannot assess the case.
    """

    published: list[CloudEvent[Any]]
    sequences: dict[str, int]
    fault: str | None = None


def service_history(service: Service, journal: Journal, policy: Policy) -> ServiceHistory:
    """Reconstruct everything that the service published about a person from the facts in its journal.

    Uses today's rules and policy. If a release has changed them since, other events may have been published
    at the time, and `sequences` may differ from the journal's.
    """
    teller = _Teller(service, policy, journal.first)
    for row in journal.rows:
        teller.take(row)
    if journal.today is not None:
        teller.wait_until(journal.today)
    return ServiceHistory(
        published=[language.read(value, ())[0] for value in teller.published],
        sequences={subject: file.sequence for subject, file in teller.files.items()},
        fault=teller.fault,
    )


class _Teller:
    """Joins a person's facts in the order of the journal, as the engine did."""

    def __init__(self, service: Service, policy: Policy, first: date | None) -> None:
        self.service = service
        self.policy = policy
        self.files: dict[str, CaseFile] = {}
        self.published: list[bytes] = []
        self.fault: str | None = None
        self._first = first
        self._known: list[Fact] = []
        self._into: dict[str, str] = {}

    def take(self, row: JournalRow) -> None:
        """Join one fact on its day."""
        event, body = language.read(row.body, ())
        fact = fact_of(event, language.register_key(event), body)
        self._known.append(fact)
        if row.day is not None:
            self.wait_until(row.day)
        if self.fault is not None:
            return
        if fact.type == self.service.merged_by:
            self._merge(fact, row.day)
            return
        into = self._into.get(fact.subject, fact.subject)
        file = self._file(into)
        if fact.source == self.service.source:
            # A decision: it was taken then and is not taken again.
            file.sequence += 1
            self.published.append(fact.body)
        batch = self._batch(row.day)
        batch.join(fact, into)
        self._finish(batch)

    def wait_until(self, today: date) -> None:
        """Let the days up to this one begin: each case is assessed on those that it waited for."""
        for subject in sorted(self.files):
            while self.fault is None and (due := self._due(subject)) is not None and due <= today:
                batch = self._batch(due)
                batch.assess(subject, day_cause(due))
                self._finish(batch)

    def _due(self, subject: str) -> date | None:
        file = self.files[subject]
        return self._first if file.assessed_on is None else file.wake_on

    def _merge(self, fact: Fact, day: date | None) -> None:
        """One record went into another: join everybody's facts again, as `shared.engine.merging` does."""
        merges = [known for known in self._known if known.type == self.service.merged_by]
        subjects = {known.subject for known in self._known} | {merge.data.into for merge in merges}
        self._into = roots(sorted(subjects), merges)
        for subject in sorted(subjects):
            self.files[subject] = _emptied(self._file(subject))
        batch = self._batch(day)
        for subject in sorted(subjects):
            if self._into[subject] != subject:
                batch.withdraw_all(subject, fact.cause)
                continue
            for known in self._known:
                if self._into[known.subject] == subject and known.type != self.service.merged_by:
                    self.files[subject].join(known)
            batch.assess(subject, fact.cause, whole=True)
        self._finish(batch)

    def _file(self, subject: str) -> CaseFile:
        return self.files.setdefault(subject, CaseFile(self.service.person, subject))

    def _batch(self, day: date | None) -> Batch:
        return Batch(self.service, self.policy, day, files=self.files)

    def _finish(self, batch: Batch) -> None:
        self.published += [publication.value for publication in batch.publications]
        for fault in batch.failures.values():
            self.fault = describe(fault)


def _emptied(file: CaseFile) -> CaseFile:
    """The case without its facts, with all that was published of it."""
    empty = CaseFile(
        file.model, file.subject, sequence=file.sequence, assessed_on=file.assessed_on, pools=file.pools
    )
    months = {month: file.months.pack(month) for month in file.months.changed} if file.months else {}
    empty.salvage(file.pack(), {month: state for month, state in months.items() if state is not None})
    return empty


# -- from the databases ------------------------------------------------------------------------------


_PERSON = """
select c.subject, c.sequence, c.quarantined from cases c where c.subject = any($1::text[]) and c.kind = $2
"""
_DAYS = "select coalesce((select min(day) from journal), day) as first, day as today from clock"


async def journal_of(dsn: str, service: Service, crn: str) -> Journal | None:
    """What the service's database has about a person; None if it has nothing."""
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
class PersonHistory:
    """One person's history in all services.

    `facts` are the events from the feeds, each once. `published` is what each service published. `notes` are
    remarks for the reader.
    """

    crn: str
    facts: list[CloudEvent[Any]]
    published: dict[str, ServiceHistory]
    notes: list[str]


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
    return PersonHistory(
        crn, sorted(facts.values(), key=lambda event: (event.recorded, event.id)), published, notes
    )


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
