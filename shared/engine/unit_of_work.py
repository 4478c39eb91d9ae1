"""One transaction's work: cases are locked, opened, worked on and put away.

Order of locks, always: people in sorted order, then entities in sorted order; of either, those that are new
come last. A deadlock is still possible where two transactions meet at a new case, or a decision frees
something that was not foreseen; PostgreSQL then ends one of the two, and it is done again: the journal makes
every repeat a no-op.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Mapping, Sequence, Set
from datetime import date

from shared.engine.budget import Breath
from shared.engine.casefile import CaseFile
from shared.engine.entries import entry_of, merges, model_of
from shared.engine.erasing import Erasing, claims_given_back, erases, people_named
from shared.engine.joining import Fact
from shared.engine.kept_open import KeptOpen
from shared.engine.merging import Rejoining, other_record
from shared.engine.packing import form_of
from shared.engine.publication import Cause, day_cause
from shared.engine.release import Release
from shared.engine.service import CaseModel
from shared.engine.storage import Clock, Entry, Row, SavedCase, SavedMonth, Transaction
from shared.engine.working_set import WorkingSet, describe, waiting

log = logging.getLogger(__name__)

ENTITIES_OF_ENTITIES = ("claimed by people", "claimed by those entities")
"""An entity may itself claim something of another (a practitioner of a region), which claims nothing."""


ASK_SECONDS = 5.0
"""How long work may go on without a statement. PostgreSQL ends transactions that are idle for much longer
(`shared.database`), because nobody else can take on the cases of an instance that is frozen within one."""


class UnitOfWork:
    """The work of one transaction. Whoever begins it must `save` it before the transaction ends."""

    def __init__(self, release: Release, transaction: Transaction, kept: KeptOpen) -> None:
        self.release = release
        self.service = release.service
        self.cases = WorkingSet(release.service, release.policy, None)
        """The cases at hand, with all that was published, decided and could not be assessed."""
        self.refused: list[Fact] = []
        """Facts about erased people."""
        self.noticed: int | None = None
        """The release that began since entities tell every case something else; None if none did."""
        self._transaction = transaction
        self._kept = kept
        self._rejoining = Rejoining(release.service, release.language, transaction)
        self._erasing = Erasing(release.service, release.language, transaction)
        self._number = release.number
        self._rules_since = 0
        self._behind = False
        self._breath = Breath()
        self._asked = time.monotonic()

    # -- facts -----------------------------------------------------------------------------------

    async def take(self, facts: Sequence[Fact]) -> set[tuple[str, str]]:
        """Join facts, each known once, and assess; returns the (source, id) of those that are new.

        A merge of two people's records or an erasure must be the only fact.
        """
        people = [fact for fact in facts if model_of(self.service, fact) is self.service.person]
        entities = [fact for fact in facts if model_of(self.service, fact) is not self.service.person]
        if people and merges(self.service, people[0]):
            fresh = await self._merge(people[0])
        elif people and erases(self.service, people[0]):
            fresh = await self._erase(people[0])
        else:
            fresh = await self._join(people)
        return fresh | await self._share(entities)

    async def _join(self, facts: Sequence[Fact]) -> set[tuple[str, str]]:
        """Journal facts about people; join and assess those that are new."""
        rows = await self._lock_people(facts)
        named = {subject for fact in facts for subject in people_named(self.service, fact)}
        facts = await self._without(await self._read_clock(named), facts)
        entries = [entry_of(self.service, fact) for fact in facts]
        fresh = await self._transaction.journal(entries, self.cases.day) if facts else set()
        new = [entry for entry in entries if (entry.fact.source, entry.fact.id) in fresh]
        into = {row.subject: row.merged_into or row.subject for row in rows}
        wanted = {into[entry.fact.subject] for entry in new}
        await self._open(self.service.person, [row for row in rows if row.subject in wanted], new, into)
        for entry in new:
            subject = into[entry.fact.subject]
            if subject in self.cases.people:
                self.cases.join(entry.fact, subject)
                await self._breathe()
        return fresh

    async def _merge(self, fact: Fact) -> set[tuple[str, str]]:
        """Take the fact that one record went into another (or that it did not)."""
        rows = await self._rejoining.lock_group([fact.subject, other_record(fact)])
        if not await self._not_erased([fact]):
            return set()
        await self._read_clock()
        fresh = await self._transaction.journal([entry_of(self.service, fact)], self.cases.day)
        if fresh:
            await self._rejoining.regroup(self.cases, rows, fact.cause)
        return fresh

    async def _erase(self, fact: Fact) -> set[tuple[str, str]]:
        """Take the fact that a person is to be erased (or is not), which is then not held either."""
        rows = await self._rejoining.lock_group([fact.subject])
        await self._read_clock()
        if not await self._not_erased([fact]):
            return set()
        people = await self._erasing.people(fact, rows)
        if not people:
            return await self._transaction.journal([entry_of(self.service, fact)], self.cases.day)
        # A cause that does not speak of the person: entities may publish what follows, if there is a day.
        cause = fact.cause if self.cases.day is None else day_cause(self.cases.day)
        self.cases.give_back(claims_given_back(row for row in rows if row.subject in people), cause)
        standing = await self._erasing.standing(people, rows)
        await self._transaction.erase(people)
        self._kept.drop(people)
        await self._transaction.end_standing(self.service.name, standing)
        log.info("a person was erased", extra={"records": len(people)})
        return {(fact.source, fact.id)}

    async def _not_erased(self, facts: Sequence[Fact]) -> list[Fact]:
        """Refuse the facts that name erased people, and return the others.

        Their cases are locked, and so were opened for this: they are deleted again.
        """
        named = {subject for fact in facts for subject in people_named(self.service, fact)}
        return await self._without(await self._transaction.erased(named), facts)

    async def _without(self, erased: Set[str], facts: Sequence[Fact]) -> list[Fact]:
        if not erased:
            return list(facts)
        await self._transaction.erase(erased)
        self._kept.drop(erased)
        late = [fact for fact in facts if not erased.isdisjoint(people_named(self.service, fact))]
        # To erase a person once more is no late fact: there is nothing to do.
        self.refused += [f for f in late if not erases(self.service, f) or f.data.voided]
        return [fact for fact in facts if erased.isdisjoint(people_named(self.service, fact))]

    async def _lock_people(self, facts: Sequence[Fact]) -> list[Row]:
        if not facts:
            return []
        subjects = {fact.subject for fact in facts}
        rows = await self._transaction.lock_cases(subjects)
        if len(rows) < len(subjects):
            await self._transaction.add_cases_of([(fact, self.service.person.kind) for fact in facts])
            rows = await self._transaction.lock_cases(subjects)
        into = {row.merged_into for row in rows if row.merged_into} - subjects
        return rows + (await self._transaction.lock_cases(into) if into else [])

    async def _breathe(self) -> None:
        """Let others run now and then, and let PostgreSQL see that the transaction is not idle."""
        await self._breath.take()
        if time.monotonic() - self._asked > ASK_SECONDS:
            await self._transaction.clock()
            self._asked = time.monotonic()

    async def _read_clock(self, people: Collection[str] = ()) -> Set[str]:
        """Learn the day reached, and who of these people was erased.

        While the service catches up there is no day, and nothing is assessed.
        """
        clock = await self._clock(people)
        self._behind = clock.behind
        self.cases.day = None if clock.behind else clock.day
        return clock.erased

    async def _clock(self, people: Collection[str] = ()) -> Clock:
        clock = await self.release.clock(self._transaction, people)
        self._number, self.cases.notices = self.release.number, clock.notices
        self._rules_since = clock.rules_since
        return clock

    # -- time and repair -------------------------------------------------------------------------

    async def assess(self, model: CaseModel, rows: Sequence[Row]) -> None:
        """Assess cases because time passed or their release is old, or to try again what they request."""
        await self._read_clock()
        day = self.cases.day
        if day is None:
            return
        await self._open(model, rows)
        for row in rows:
            if row.subject in self.cases.people or row.subject in self.cases.entities:
                self.cases.assess(row.subject, day_cause(day))
                await self._breathe()
        await self._share(())

    async def recheck(self, subject: str) -> None:
        """Join one case again from the journal, with all that was merged into it, and assess it."""
        rows = await self._transaction.lock_cases([subject])
        await self._read_clock()
        if rows and not rows[0].merged_into:
            await self._rejoining.recheck(self.cases, rows[0])
            self.cases.assess(subject, day_cause(self.cases.day or date.min), whole=True)
        await self._share(())
        held = (*self.cases.people, *self.cases.entities)
        await self._transaction.release_quarantine([s for s in held if s not in self.cases.failures])

    async def take_over(self, subject: str, *, personal: bool) -> None:
        """Let a case, and those whom merges connect with it, take over the events that were lost.

        They are joined again from the journal, and what follows is published. No decision is taken: other
        cases may still have lost decisions to take over. Their pools are noted, so that they ask again. No
        entity is told what is claimed of it, since it may have lost events too: it takes over later.
        """
        cases, transaction = self.cases, self._transaction
        if not personal:
            models = self.service.entities
            kind = next((m.kind for m in models if subject in m.subjects), models[0].kind)
            await transaction.add_cases({subject: kind})
        rows = await transaction.lock_cases([subject])
        cases.day = (await self._clock()).day
        cause = day_cause(cases.day or date.min)
        if rows and rows[0].kind != self.service.person.kind:
            await self._rejoining.recheck(cases, rows[0])
            cases.assess(subject, cause, whole=True)
        else:
            group = await self._rejoining.lock_group([subject])
            await self._rejoining.regroup(cases, group, cause)
        await self._journal_decisions()
        if cases.entities_claimed:
            await transaction.take_over_later(dict.fromkeys(sorted(cases.entities_claimed), False))
        if cases.pools_asked:
            await transaction.note_pools(sorted(cases.pools_asked))

    # -- opening ---------------------------------------------------------------------------------

    async def _open(
        self,
        model: CaseModel,
        rows: Sequence[Row],
        entries: Sequence[Entry] = (),
        into: Mapping[str, str] | None = None,
    ) -> None:
        """Open the cases of these rows, with the months that facts and time will touch.

        `into` says in whose case the facts of each subject belong.
        """
        opened = self._held(model)
        lost: list[Row] = []
        for row in rows:
            if row.quarantined or row.subject in opened:
                continue
            if row.kind != model.kind:
                log.error("a person has the name of an entity", extra={"subject": row.subject})
            elif row.state is not None and not form_of(model).knows(row.state):
                lost.append(row)
            else:
                opened[row.subject] = self._kept.take(row) or case_file(model, row)
        if model.months is not None:
            await self._open_months(rows, entries, into or {})
        for row in lost:
            try:
                opened[row.subject] = await self._rejoining.rejoin(model, row)
            except Exception as fault:
                self.cases.failures[row.subject] = fault
        day = self.cases.day
        if model is self.service.person and day is not None:
            for row in rows:
                if row.subject in opened and row.release != self._number and row.assessed_on:
                    if row.release < self._rules_since:
                        cause = Cause(self.release.cause, day_cause(day).at, self.release.cause)
                        self.cases.assess(row.subject, cause, "policy", whole=True)
                    else:
                        known = opened[row.subject].is_known
                        self.cases.assess(row.subject, day_cause(day), whole=not known)
                    await self._breathe()

    def _held(self, model: CaseModel) -> dict[str, CaseFile]:
        return self.cases.people if model is self.service.person else self.cases.entities

    async def _open_months(
        self, rows: Sequence[Row], entries: Sequence[Entry], into: Mapping[str, str]
    ) -> None:
        whole: set[str] = set()
        wanted: list[tuple[str, int]] = []
        keys: list[tuple[str, str]] = []
        day = self.cases.day
        for row in rows:
            file = self.cases.people.get(row.subject)
            if file is None:
                continue
            if row.release != self._number or row.assessed_on is None or self.service.decide is not None:
                # A decision is a fact of the case's own registers: all months are assessed after it.
                whole.add(row.subject)
            elif day is not None:
                wanted += [(row.subject, month) for month in file.months_due(day)]
        whole |= {into[fact.subject] for fact, _, month in entries if month is None}
        for fact, key, month in entries:
            subject = into[fact.subject]
            if month is not None and subject not in whole:
                wanted.append((subject, month))
                keys.append((subject, key))
        for subject, month, state in await self._transaction.months(wanted, keys, whole):
            file = self.cases.people.get(subject)
            if file is not None and file.months is not None:
                file.months.open(month, state)

    # -- entities --------------------------------------------------------------------------------

    async def _share(self, facts: Sequence[Fact]) -> set[tuple[str, str]]:
        """Join facts about entities, tell entities what is claimed of them, and decide requests."""
        cases, transaction = self.cases, self._transaction
        fresh: set[tuple[str, str]] = set()
        subjects = cases.entities_claimed | {fact.subject for fact in facts}
        pools = cases.pools_asked
        if not subjects and not pools and not cases.decisions:
            return fresh
        rows = await transaction.lock_entities(subjects, pools)
        if not {row.subject for row in rows}.issuperset(fact.subject for fact in facts):
            await transaction.add_cases_of([(f, model_of(self.service, f).kind) for f in facts])
            rows = await transaction.lock_entities(subjects, pools)
        await self._open_entities(rows)
        if not self.service.notices.isdisjoint(fact.type for fact in facts):
            # Read again, now that the entities are locked: another instance may have been there.
            cases.notices = (await transaction.clock()).notices
        if facts:
            fresh = await transaction.journal([entry_of(self.service, fact) for fact in facts], cases.day)
        for fact in facts:
            if (fact.source, fact.id) in fresh and fact.subject in cases.entities:
                cases.join(fact)
        cases.settle()
        cases.decide()
        for _ in ENTITIES_OF_ENTITIES:
            await self._open_claimed()
            cases.settle()
        await self._journal_decisions()
        return fresh

    async def _journal_decisions(self) -> None:
        """Add the decisions that were taken, or taken back, to the journal."""
        cases = self.cases
        if cases.decisions:
            entries = [entry_of(self.service, fact) for fact in cases.decisions]
            await self._transaction.journal(entries, cases.day)

    async def _open_claimed(self) -> None:
        """Open the entities of which a claim has changed."""
        claimed = self.cases.entities_claimed
        if not claimed:
            return
        kinds = {s: model.kind for model in self.service.entities for s in model.subjects & claimed}
        if kinds:
            await self._transaction.add_cases(kinds)
        await self._open_entities(await self._transaction.lock_entities(claimed, ()))

    async def _open_entities(self, rows: Sequence[Row]) -> None:
        for model in self.service.entities:
            await self._open(model, [row for row in rows if row.kind == model.kind])

    # -- putting away ----------------------------------------------------------------------------

    async def save(self) -> None:
        """Write back what was assessed, put what was published into the outbox, quarantine what failed."""
        cases, transaction = self.cases, self._transaction
        sound = [
            file
            for file in (*cases.people.values(), *cases.entities.values())
            if file.subject not in cases.failures
        ]
        saved = [case for file in sound if (case := _saved(file, self._number)) is not None]
        if saved:
            await transaction.save_cases(saved, self._number)
        months = [
            SavedMonth(file.subject, month, file.months.pack(month), file.months.shown(month))
            for file in sound
            if file.months is not None
            for month in sorted(file.months.changed)
        ]
        if months:
            await transaction.save_months(months)
        if cases.failures:
            faults = {subject: describe(fault) for subject, fault in cases.failures.items()}
            await transaction.quarantine(faults)
            for subject, fault in faults.items():
                log.error("a case was quarantined", extra={"subject": subject, "fault": fault})
        taken_over = [subject for subject in self._rejoining.joined if subject not in cases.failures]
        if taken_over:
            await transaction.taken_over(self.service.name, taken_over)
            if self._behind:  # what was withdrawn of merged records, say, is published then
                await transaction.take_over_later({s: s in cases.people for s in taken_over})
        if cases.changed_notices:
            self.noticed = await transaction.give_notice(cases.changed_notices)
        if cases.changed_pools:
            await transaction.note_pools(sorted(cases.changed_pools))
        if cases.publications:
            await transaction.send(self.service.name, cases.publications)


def _saved(file: CaseFile, release: int) -> SavedCase | None:
    """The case as it is to be put away; None if it is as it was."""
    state = file.pack(release)
    if state is None:
        return None
    wake_on = file.wake_on if file.assessed_on else date.min
    return SavedCase(
        file.subject, file.sequence, file.assessed_on, wake_on, state, file.overview, waiting(file)
    )


def case_file(model: CaseModel, row: Row) -> CaseFile:
    """The case of a row, whose state must be of this code's form."""
    return CaseFile(
        model,
        row.subject,
        state=row.state,
        sequence=row.sequence,
        assessed_on=row.assessed_on,
        release=row.release,
        pools=tuple(row.pools),
    )
