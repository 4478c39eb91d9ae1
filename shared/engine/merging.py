"""Joining cases again from the journal: after a merge of two people's records, and to repair.

A merge is a fact like any other: it may be late, corrected, voided (then both records are apart
again), and several may form chains or even circles. So the whole group of people whom merges connect
is worked out anew each time: merges are taken in the order of (recordedtime, id), and one that would
join people who are joined already changes nothing. The outcome does not depend on arrival.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from shared.engine import store
from shared.engine.batch import Batch, day_cause
from shared.engine.casefile import CaseFile
from shared.engine.intake import fact_of
from shared.engine.joining import Fact
from shared.engine.queries import SQL
from shared.engine.store import Connection, Row
from shared.engine.stored import claims_of

if TYPE_CHECKING:
    from shared.engine.desk import Desk


class GroupGrew(Exception):
    """Another merge joined the group meanwhile: the transaction must be done again."""


async def merge(desk: Desk, connection: Connection, fact: Fact) -> tuple[Batch, set[tuple[str, str]]]:
    """Take the fact that one record went into another (or that it did not)."""
    rows = await _lock_group(desk, connection, [fact.subject, fact.data.into])
    day = await desk.read_clock(connection)
    fresh = await store.journal(connection, desk.service, [fact], day)
    if not fresh:
        return Batch(desk.service, desk.policy, day), fresh
    return await _regroup(desk, connection, rows, day, fact), fresh


async def _lock_group(desk: Desk, connection: Connection, subjects: list[str]) -> list[Row]:
    members = await _group(connection, subjects)
    await desk.add_cases(connection, dict.fromkeys(members, desk.service.person.kind))
    rows = await store.rows(connection, "lock_cases", members)
    if await _group(connection, subjects) != members:
        raise GroupGrew(", ".join(subjects))
    return rows


async def _group(connection: Connection, subjects: list[str]) -> list[str]:
    return [row["subject"] for row in await connection.fetch(SQL["merge_group"], subjects)]


async def _regroup(
    desk: Desk, connection: Connection, rows: Sequence[Row], day: date | None, fact: Fact
) -> Batch:
    batch = Batch(desk.service, desk.policy, day)
    facts = await known_facts(desk, connection, [row.subject for row in rows])
    stays = roots([row.subject for row in rows], [f for f in facts if f.type == desk.service.merged_by])
    for row in rows:
        subject = row.subject
        try:
            file = await _salvage(desk, connection, row)
            _join(file, [f for f in facts if stays[f.subject] == stays[subject] == subject])
        except Exception as fault:
            batch.failures[subject] = fault
            continue
        batch.files[subject] = file
        if stays[subject] == subject:
            batch.assess(subject, fact.cause, whole=True)
        else:
            batch.withdraw_all(subject, fact.cause)
    # All that is known of them has just been joined again.
    await connection.execute(SQL["release_quarantine"], list(batch.files))
    await connection.execute(
        SQL["set_merged"], list(stays), [root if root != s else None for s, root in stays.items()]
    )
    return batch


def roots(subjects: Iterable[str], merges: Iterable[Fact]) -> dict[str, str]:
    """In whose case each person's facts belong, given all facts that say who went into whom."""
    standing: dict[tuple[str, str], Fact] = {}
    for fact in merges:
        edge = (fact.subject, fact.data.into)
        if edge not in standing or fact.stamp > standing[edge].stamp:
            standing[edge] = fact
    into = {subject: subject for subject in subjects}

    def root(subject: str) -> str:
        while into[subject] != subject:
            subject = into[subject]
        return subject

    for fact in sorted(standing.values(), key=lambda fact: fact.stamp):
        if not fact.data.voided and root(fact.subject) != root(fact.data.into):
            into[root(fact.subject)] = root(fact.data.into)
    return {subject: root(subject) for subject in into}


async def recheck(desk: Desk, connection: Connection, subject: str) -> Batch:
    """Join one case again from the journal, with the facts of everyone who was merged into it."""
    found = await store.rows(connection, "lock_cases", [subject])
    day = await desk.read_clock(connection)
    batch = Batch(desk.service, desk.policy, day)
    if not found or found[0].merged_into:
        return batch
    row = found[0]
    files = batch.files if row.kind == desk.service.person.kind else batch.shared
    try:
        files[subject] = await rejoin(desk, connection, row)
        if files is batch.shared:
            files[subject].case.used = await _claimed(desk, connection, subject)
    except Exception as fault:
        batch.failures[subject] = fault
        return batch
    if day is not None:
        batch.assess(subject, day_cause(day), whole=True)
    return batch


async def rejoin(desk: Desk, connection: Connection, row: Row) -> CaseFile:
    """The case of a row joined again from the journal, with the facts of everyone who was merged into it.

    It is not yet assessed. Raises whatever a fact that cannot be joined raises.
    """
    file = await _salvage(desk, connection, row)
    subjects = [row.subject]
    if file.model is desk.service.person and desk.service.merged_by:
        subjects = await _merged_here(desk, connection, row.subject)
    _join(file, await known_facts(desk, connection, subjects))
    return file


async def _merged_here(desk: Desk, connection: Connection, subject: str) -> list[str]:
    members = await _group(connection, [subject])
    facts = await known_facts(desk, connection, members)
    stays = roots(members, [f for f in facts if f.type == desk.service.merged_by])
    return [member for member, root in stays.items() if root == subject]


async def _claimed(desk: Desk, connection: Connection, subject: str) -> dict[str, int]:
    """What all cases claim of a shared thing, by item: what was claimed while it waited for repair too.

    Whoever changes a claim locks the thing, so that none is overlooked while it is locked here.
    """
    used: dict[str, int] = {}
    kind, name = desk.service.person.kind, f"{subject} ".encode()
    async for row in connection.cursor(SQL["claims"], kind, name):
        for claim, amount in claims_of(row["state"]).items():
            thing, item = claim.split(" ", 1)
            if thing == subject:
                used[item] = used.get(item, 0) + amount
    return used


def _join(file: CaseFile, facts: Iterable[Fact]) -> None:
    """Join the facts that are of the case's kind: merges are not, nor those of a namesake."""
    for fact in facts:
        kind = fact.data.withdrawn_type if fact.type == "Withdrawn" else fact.type
        if kind in file.model.types:
            file.join(fact)


async def _salvage(desk: Desk, connection: Connection, row: Row) -> CaseFile:
    model = next(m for m in desk.service.models if m.kind == row.kind)
    file = CaseFile(
        model, row.subject, sequence=row.sequence, assessed_on=row.assessed_on, pools=tuple(row.pools)
    )
    months = await connection.fetch(SQL["all_months"], [row.subject])
    file.salvage(row.state, {month["month"]: month["state"] for month in months})
    return file


async def known_facts(desk: Desk, connection: Connection, subjects: Sequence[str]) -> list[Fact]:
    """All facts that the journal has of these subjects, in the order joined."""
    facts = []
    for row in await connection.fetch(SQL["known_facts"], list(subjects)):
        event, body = desk.language.read(row["body"], ())
        facts.append(fact_of(event, desk.language.register_key(event), body))
    return facts
