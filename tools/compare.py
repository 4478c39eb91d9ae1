"""Which findings that stand differ between two databases of a service.

What stands is read from the cases, whatever release packed them. A finding is known by its subject, type and
key. Decisions are not compared: they are facts, and both databases have the same.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import asyncpg

from shared.engine.difference import says_the_same
from shared.engine.packing import Raised, standing_of, standing_of_month

Kind = Literal["appears", "vanishes", "changes"]

_CASES = """
select subject, state, quarantined is not null as quarantined,
    (select count(*) from journal where journal.subject = cases.subject) as facts
from cases order by subject
"""
_MONTHS = "select subject, state from months order by subject"
_LEFT = """
select (select count(*) from cases where quarantined is null and merged_into is null
        and (wake_on <= (select day from clock)
            or release < (select release from clock) and assessed_on is not null))
    + (select count(*) from lost_events) + (select count(*) from catch_up)
"""


class NotComparable(Exception):
    """The two databases cannot be compared yet. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A finding that stands in the second database only (`appears`), in the first only, or in both otherwise.

    `rules` are the ids of the rules that it rests on, and `policy` the name of the policy by which it was
    concluded: in the second database, unless it vanishes.
    """

    kind: Kind
    subject: str
    type: str
    key: str
    rules: tuple[str, ...]
    policy: str


@dataclass
class Compared:
    """What a comparison found. `other_facts` are the cases left out since one database knows more of them."""

    day: date | None
    findings: int = 0
    cases: int = 0
    other_facts: int = 0
    quarantined: int = 0
    differences: list[Difference] = field(default_factory=list)


@dataclass(frozen=True)
class _Case:
    subject: str
    facts: int
    quarantined: bool
    standing: Mapping[str, Raised]


def differences(
    subject: str, first: Mapping[str, Raised], second: Mapping[str, Raised]
) -> Iterator[Difference]:
    """How the findings that stand of one case differ. A field that a release has added is no difference."""
    for name in sorted(first.keys() | second.keys()):
        before, after = first.get(name), second.get(name)
        kind: Kind = "changes"
        if before is None:
            kind = "appears"
        elif after is None:
            kind = "vanishes"
        elif says_the_same(before.data, after.data) or says_the_same(after.data, before.data):
            continue
        said = after or before
        assert said is not None
        type, _, key = name.partition(" ")
        yield Difference(kind, subject, type, key, said.rules, said.policy)


async def compare(first: asyncpg.Connection[Any], second: asyncpg.Connection[Any]) -> Compared:
    """Compare two databases, each as of one moment. Raises `NotComparable`."""
    async with (
        first.transaction(isolation="repeatable_read", readonly=True),
        second.transaction(isolation="repeatable_read", readonly=True),
    ):
        found = Compared(await _same_day(first, second))
        ours, theirs = _cases(first), _cases(second)
        left, right = await anext(ours, None), await anext(theirs, None)
        while left or right:
            subject = min(case.subject for case in (left, right) if case)
            one = left if left and left.subject == subject else None
            other = right if right and right.subject == subject else None
            nothing = _Case(subject, 0, False, {})  # an entity that is there without any fact
            _compare_case(found, one or nothing, other or nothing)
            left = await anext(ours, None) if one else left
            right = await anext(theirs, None) if other else right
    return found


def _compare_case(found: Compared, one: _Case, other: _Case) -> None:
    if one.facts != other.facts:
        found.other_facts += 1
    elif one.quarantined or other.quarantined:
        found.quarantined += 1
    else:
        found.cases += 1
        found.findings += len(one.standing)
        found.differences += differences(one.subject, one.standing, other.standing)


async def _same_day(first: asyncpg.Connection[Any], second: asyncpg.Connection[Any]) -> date | None:
    days = [await connection.fetchval("select day from clock") for connection in (first, second)]
    if days[0] != days[1]:
        raise NotComparable(
            f"the first database has reached {days[0]}, the second {days[1]}: fill the second again"
        )
    for name, connection in (("first", first), ("second", second)):
        if left := await connection.fetchval(_LEFT):
            raise NotComparable(f"the {name} database has {left} cases still to assess: wait, and try again")
    day: date | None = days[0]
    return day


async def _cases(connection: asyncpg.Connection[Any]) -> AsyncIterator[_Case]:
    """All cases in the order of their subjects, each with what stands of it and of its months."""
    months = _months(connection)
    month = await anext(months, None)
    async for row in connection.cursor(_CASES, prefetch=1_000):
        standing = dict(standing_of(row["state"])) if row["state"] else {}
        while month and month["subject"] <= row["subject"]:
            if month["subject"] == row["subject"]:
                standing |= standing_of_month(month["state"])
            month = await anext(months, None)
        yield _Case(row["subject"], row["facts"], row["quarantined"], standing)


async def _months(connection: asyncpg.Connection[Any]) -> AsyncIterator[Any]:
    async for row in connection.cursor(_MONTHS, prefetch=1_000):
        yield row
