"""One transaction's work on the database: cases are locked, opened, worked on and put away.

Order of locks, always: people in sorted order, then what is shared in sorted order. A deadlock is
still possible where a decision frees something that was not foreseen; PostgreSQL then ends one of
the two transactions, and it is done again: the journal makes every repeat a no-op.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from typing import Any

import asyncpg

from shared.engine import merging, store
from shared.engine.batch import Batch, day_cause
from shared.engine.intake import Language
from shared.engine.joining import Fact
from shared.engine.publication import Cause
from shared.engine.queries import SQL
from shared.engine.service import CaseModel, Service
from shared.engine.store import Connection, Row
from shared.policy import Policy

log = logging.getLogger(__name__)


class Superseded(Exception):
    """A newer release of rules and policy is at work on this database; this one must stop."""


class Desk:
    """Where an instance of a service works on cases, one transaction at a time."""

    def __init__(self, service: Service, language: Language, policy: Policy) -> None:
        self.service = service
        self.language = language
        self.policy = policy
        self.release = 0
        """The release of rules and policy by which this instance assesses."""
        self.pools_changed = False
        """Did something change that waiting cases may be glad of?"""
        self._known: set[str] = set()
        self._waits: list[tuple[list[str], list[str]]] = []

    def forget(self) -> None:
        """A transaction was rolled back: the rows that it added are gone again."""
        self._known.clear()

    def merges(self, fact: Fact) -> bool:
        """Does the fact say that a person's record went into another's, or that it did not?"""
        return fact.type == self.service.merged_by or (
            fact.type == "Withdrawn" and fact.data.withdrawn_type == self.service.merged_by
        )

    def model(self, fact: Fact) -> CaseModel:
        """The kind of case to which the fact belongs."""
        kind = fact.data.withdrawn_type if fact.type == "Withdrawn" else fact.type
        model = self.service.model_of(kind)
        assert model is not None
        return model

    # -- people ----------------------------------------------------------------------------------

    async def join_people(
        self, connection: Connection, facts: Sequence[Fact]
    ) -> tuple[Batch, set[tuple[str, str]]]:
        """Journal facts about people, join and assess those that are new; returns their (source, id) too."""
        person = self.service.person
        await self.add_cases(connection, {f.subject: person.kind for f in facts})
        rows = await self._lock_people(connection, {f.subject for f in facts})
        day = await self.read_clock(connection)
        fresh = await store.journal(connection, self.service, facts, day) if facts else set()
        new = [f for f in facts if (f.source, f.id) in fresh]
        into = {row.subject: row.merged_into or row.subject for row in rows}
        wanted = {into[f.subject] for f in new}
        batch = await self.open(connection, [r for r in rows if r.subject in wanted], day, new, into)
        for fact in new:
            if into[fact.subject] in batch.files:
                batch.join(fact, into[fact.subject])
        return batch, fresh

    async def add_cases(self, connection: Connection, kinds: dict[str, str]) -> None:
        """Make sure that each subject has a row to lock."""
        unknown = {s: kind for s, kind in kinds.items() if s not in self._known}
        if unknown:
            await connection.execute(SQL["add_cases"], list(unknown), list(unknown.values()))
            self._known.update(unknown)

    async def _lock_people(self, connection: Connection, subjects: set[str]) -> list[Row]:
        rows = await store.rows(connection, "lock_cases", list(subjects)) if subjects else []
        into = {row.merged_into for row in rows if row.merged_into} - {row.subject for row in rows}
        if into:
            rows += await store.rows(connection, "lock_cases", list(into))
        return rows

    async def read_clock(self, connection: Connection) -> date | None:
        """The day reached. Raises `Superseded` if a newer release is at work."""
        row = await connection.fetchrow(SQL["clock"])
        assert row is not None
        if row["release"] > self.release:
            raise Superseded(f"release {row['release']} of rules and policy is newer than {self.release}")
        day: date | None = row["day"]
        return day

    async def open(
        self,
        connection: Connection,
        rows: Sequence[Row],
        day: date | None,
        facts: Sequence[Fact] = (),
        into: dict[str, str] | None = None,
    ) -> Batch:
        """Open the cases of these rows with the months that facts and time will touch."""
        into = into or {}
        batch = Batch(self.service, self.policy, day)
        whole: set[str] = set()
        wanted: list[tuple[str, int]] = []
        lost: list[Row] = []
        for row in rows:
            if row.quarantined:
                continue
            if row.kind != self.service.person.kind:
                log.error("a person has the name of a shared thing", extra={"subject": row.subject})
                continue
            file = store.open_case(self.service.person, row)
            if file is None:
                lost.append(row)
                continue
            batch.files[row.subject] = file
            if row.release != self.release or row.assessed_on is None or self.service.decide is not None:
                # A decision is a fact of the case's own registers: all months are assessed after it.
                whole.add(row.subject)
            elif day is not None:
                wanted += [(row.subject, month) for month in file.months_due(day)]
        if self.service.person.months is not None:
            things = []
            for fact in facts:
                key, month = store.journal_place(self.service, fact)
                if month is None:
                    whole.add(into[fact.subject])
                else:
                    wanted.append((into[fact.subject], month))
                    things.append((into[fact.subject], key))
            for subject, month, state in await store.load_months(connection, wanted, things, whole):
                if subject in batch.files and (months := batch.files[subject].months) is not None:
                    months.open(month, state)
        for row in lost:
            try:
                batch.files[row.subject] = await merging.rejoin(self, connection, row)
            except Exception as fault:
                batch.failures[row.subject] = fault
        for row in rows:
            if row.subject in batch.files and row.release != self.release and row.assessed_on and day:
                batch.assess(row.subject, self.release_cause(day), "policy", whole=True)
        return batch

    def release_cause(self, day: date) -> Cause:
        """The cause of what follows from a change of rules or policy alone."""
        return Cause(f"release-{self.release}", day_cause(day).at, f"release-{self.release}")

    # -- what is shared --------------------------------------------------------------------------

    async def share(
        self, connection: Connection, batch: Batch, facts: Sequence[Fact]
    ) -> set[tuple[str, str]]:
        """Join facts about shared things, tell them what is claimed of them, and decide requests."""
        fresh: set[tuple[str, str]] = set()
        pools = {pool for _, request in batch.requests for pool in request.pools}
        things = batch.things_claimed | {f.subject for f in facts}
        if not things and not pools:
            return fresh
        await self.add_cases(connection, {f.subject: self.model(f).kind for f in facts})
        rows = await store.rows(connection, "lock_shared", list(things), list(pools))
        await self.open_shared(connection, batch, rows)
        if facts:
            fresh = await store.journal(connection, self.service, facts, batch.day)
        for fact in facts:
            if (fact.source, fact.id) in fresh and fact.subject in batch.shared:
                batch.join(fact)
        batch.settle()
        batch.decide()
        if batch.things_claimed:
            more = await store.rows(connection, "lock_shared", list(batch.things_claimed), [])
            await self.open_shared(connection, batch, more)
            batch.settle()
        if batch.decisions:
            await store.journal(connection, self.service, batch.decisions, batch.day)
        return fresh

    async def open_shared(self, connection: Connection, batch: Batch, rows: Sequence[Row]) -> None:
        """Open the cases of shared things."""
        models = {model.kind: model for model in self.service.entities}
        for row in rows:
            if row.kind not in models or row.quarantined or row.subject in batch.shared:
                continue
            file = store.open_case(models[row.kind], row)
            try:
                batch.shared[row.subject] = file or await merging.rejoin(self, connection, row)
            except Exception as fault:
                batch.failures[row.subject] = fault

    async def save(self, connection: Connection, batch: Batch) -> None:
        """Write back what was assessed, put what was published into the outbox, quarantine what failed."""
        if batch.files or batch.shared:
            await store.save_cases(connection, batch, self.release)
            await store.save_months(connection, batch)
        if batch.failures:
            await store.quarantine(connection, batch.failures)
            for subject, fault in batch.failures.items():
                log.error(
                    "a case was quarantined", extra={"subject": subject, "fault": store.describe(fault)}
                )
        if batch.changed_pools:
            await connection.execute(SQL["note_pools"], sorted(batch.changed_pools))
            self.pools_changed = True
        if batch.publications:
            await store.send(connection, self.service, batch.publications)
        if batch.requests:
            pools = {pool for _, request in batch.requests for pool in request.pools}
            self._waits.append((sorted(pools), list(batch.shared)))

    async def look_again(self, pool: asyncpg.Pool[Any]) -> None:
        """Was something offered to a request while its transaction could not see it, nor be seen to wait?

        What it saw was locked until the commit: only what came into its pools meanwhile could miss it.
        """
        waits, self._waits = self._waits, []
        for pools, seen in waits:
            async with pool.acquire() as connection:
                if await connection.fetch(SQL["note_unseen"], pools, seen):
                    self.pools_changed = True
