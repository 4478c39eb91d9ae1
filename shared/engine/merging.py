"""Joining cases again from the journal: after a merge of two people's records, and to repair.

A merge is a fact like any other: it may be late, corrected, voided (then both records are apart
again), and several may form chains or even circles. So the whole group of people whom merges connect
is worked out anew each time: merges are taken in the order of (recordedtime, id), and one that would
join people who are joined already changes nothing. The outcome does not depend on arrival.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shared.engine.assessment import Reason
from shared.engine.casefile import CaseFile
from shared.engine.decisions import decisions_in
from shared.engine.intake import Language, fact_of
from shared.engine.joining import Fact
from shared.engine.packing import claims_of
from shared.engine.publication import Cause
from shared.engine.service import CaseModel, Service
from shared.engine.storage import Entry, Row, Transaction
from shared.engine.working_set import WorkingSet


class GroupGrew(Exception):
    """Another merge joined the group meanwhile: the transaction must be done again."""


def roots(subjects: Iterable[str], merges: Iterable[Fact]) -> dict[str, str]:
    """In whose case each person's facts belong, given all facts that say who went into whom, or no longer.

    A record that was reactivated is of its own again, whatever was said of it before.
    """
    standing: dict[tuple[str, str, str], Fact] = {}
    for fact in merges:
        about = (fact.type, fact.subject, other_record(fact))
        if about not in standing or fact.stamp > standing[about].stamp:
            standing[about] = fact
    holding = sorted((f for f in standing.values() if not f.data.voided), key=lambda fact: fact.stamp)
    reactivated = {fact.data.reactivated: fact.stamp for fact in holding if _undoes(fact)}
    into = {subject: subject for subject in subjects}

    def root(subject: str) -> str:
        while into[subject] != subject:
            subject = into[subject]
        return subject

    for fact in holding:
        if _undoes(fact) or (fact.subject in reactivated and fact.stamp < reactivated[fact.subject]):
            continue
        if root(fact.subject) != root(fact.data.into):
            into[root(fact.subject)] = root(fact.data.into)
    return {subject: root(subject) for subject in into}


def other_record(fact: Fact) -> str:
    """The other person whom a fact names that says that two records are one, or are not."""
    other: str = fact.data.reactivated if _undoes(fact) else fact.data.into
    return other


def _undoes(fact: Fact) -> bool:
    return hasattr(fact.data, "reactivated")


class Rejoining:
    """Joins cases of one service again from the journal, in one transaction."""

    def __init__(self, service: Service, language: Language, transaction: Transaction) -> None:
        self._service = service
        self._language = language
        self._transaction = transaction
        self.joined: list[str] = []
        """Whose cases were joined again."""

    async def lock_group(self, subjects: Sequence[str]) -> list[Row]:
        """Lock everyone whom merges connect with these subjects."""
        members = await self._transaction.merge_group(subjects)
        await self._transaction.add_cases(dict.fromkeys(members, self._service.person.kind))
        rows = await self._transaction.lock_cases(members)
        if await self._transaction.merge_group(subjects) != members:
            raise GroupGrew(", ".join(subjects))
        return rows

    async def regroup(self, cases: WorkingSet, rows: Sequence[Row], cause: Cause) -> None:
        """Join all cases of a group again, each person's facts where they belong, and assess."""
        facts = await self._facts([row.subject for row in rows])
        into = roots([row.subject for row in rows], [f for f in facts if f.type in self._service.merging])
        decisions = decisions_in(self._service, facts)
        for row in rows:
            subject = row.subject
            try:
                file = await self._salvage(self._service.person, row)
                _join(file, [fact for fact in facts if into[fact.subject] == into[subject] == subject])
                cases.people[subject] = file
            except Exception as fault:
                cases.failures[subject] = fault
        cases.into = into
        for subject in list(cases.people):
            if into[subject] == subject:
                cases.assess(subject, cause, whole=True)
            else:
                cases.withdraw_all(subject, cause)
            own = [decision for decision in decisions if decision.fact.subject == subject]
            here = [d for d in decisions if into[d.fact.subject] == into[subject] == subject]
            here = [decision for decision in here if decision.fact.id not in cases.reversed]
            reason: Reason = "corrected" if into[subject] == subject else "merged"
            cases.move_decisions(subject, own, here, cause, reason)
        # All that is known of them has just been joined again.
        await self._transaction.release_quarantine(list(cases.people))
        await self._transaction.set_merged({s: root if root != s else None for s, root in into.items()})

    async def recheck(self, cases: WorkingSet, row: Row) -> None:
        """Join one case again, with what all cases claim of it if it is an entity's."""
        model = next(model for model in self._service.models if model.kind == row.kind)
        files = cases.people if model is self._service.person else cases.entities
        try:
            file = await self.rejoin(model, row)
            if model is not self._service.person:
                file.case.used = await self._claimed(row.subject)
            files[row.subject] = file
        except Exception as fault:
            cases.failures[row.subject] = fault

    async def rejoin(self, model: CaseModel, row: Row) -> CaseFile:
        """The case of a row joined again, with the facts of everyone who was merged into it.

        It is not yet assessed. Raises whatever a fact that cannot be joined raises.
        """
        file = await self._salvage(model, row)
        subjects = [row.subject]
        if model is self._service.person and self._service.merging:
            subjects = await self._merged_into(row.subject)
        _join(file, await self._facts(subjects))
        return file

    async def _merged_into(self, subject: str) -> list[str]:
        members = await self._transaction.merge_group([subject])
        facts = await self._facts(members)
        into = roots(members, [f for f in facts if f.type in self._service.merging])
        return [member for member, root in into.items() if root == subject]

    async def _claimed(self, entity: str) -> dict[str, int]:
        """What all cases claim of an entity, by item: what was claimed while it waited for repair too.

        Whoever changes a claim locks the entity, so that none is overlooked while it is locked here.
        """
        used: dict[str, int] = {}
        for model in self._service.models:
            for state in await self._transaction.claimants(model.kind, entity):
                for claim, amount in claims_of(state).items():
                    claimed, item = claim.split(" ", 1)
                    if claimed == entity:
                        used[item] = used.get(item, 0) + amount
        return used

    async def _salvage(self, model: CaseModel, row: Row) -> CaseFile:
        file = CaseFile(
            model, row.subject, sequence=row.sequence, assessed_on=row.assessed_on, pools=tuple(row.pools)
        )
        months = await self._transaction.months((), (), [row.subject])
        file.salvage(row.state, {month: state for _, month, state in months})
        file.take_over(await self._transaction.lost_events([row.subject]))
        self.joined.append(row.subject)
        return file

    async def _facts(self, subjects: Sequence[str]) -> list[Fact]:
        """All facts of these subjects, in the order joined: first lost decisions become facts again."""
        decisions = [lost for lost in await self._transaction.lost_events(subjects) if lost.decision]
        if decisions:
            again = self._read(lost.value for lost in decisions)
            entries = [Entry(fact, f"{fact.type}/{fact.key}", None) for fact in again]
            await self._transaction.journal(entries, (await self._transaction.clock()).day)
        return self._read(await self._transaction.journaled(subjects))

    def _read(self, bodies: Iterable[bytes]) -> list[Fact]:
        facts = []
        for stored in bodies:
            event, body = self._language.read(stored, ())
            facts.append(fact_of(event, self._language.register_key(event), body))
        return facts


def _join(file: CaseFile, facts: Iterable[Fact]) -> None:
    """Join the facts that are of the case's kind: merges are not, nor those of a namesake."""
    for fact in facts:
        kind = fact.data.withdrawn_type if fact.type == "Withdrawn" else fact.type
        if kind in file.model.types:
            file.join(fact)
