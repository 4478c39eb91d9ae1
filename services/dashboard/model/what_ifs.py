"""Results of `probation what-if` in the dashboard's database, beside the read models.

They say what never happened. So nothing of them is in a read model, where what the services published is, and
a result names its policy as one that was tried.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.catalogue import CATALOGUE
from services.dashboard.model.taking import erased_hash
from shared.answers.comparison import KINDS, Difference, Group, Kind
from shared.answers.placing import day_of
from shared.probation.names import name_key

ALL_UNITS = "*"
"""In place of a delivery unit: all those of the region together."""


@dataclass(frozen=True)
class Result:
    """What a trial gave. `policy` is its name, such as what-if-3f2a90c1; `tried` says what was tried.

    `in_force` and `under_trial` count the findings that are right under the two policies.
    """

    policy: str
    tried: Sequence[str]
    first: date
    last: date
    lines: int
    in_force: Counter[Group]
    under_trial: Counter[Group]
    differences: Sequence[Difference]


async def publish(connection: Any, result: Result) -> str:
    """Add a result; one that is there already stays as it is. Returns its id.

    It needs only the right to insert into the three tables, so that whoever publishes can read nothing.
    """
    counts = [_row(each) for each in _counts(result)]
    findings = [_finding(n, each) for n, each in enumerate(result.differences)]
    content = repr((result.tried, result.first, result.last, result.lines, counts, findings))
    id = f"{result.policy}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"
    async with connection.transaction():
        await connection.execute(
            _WHAT_IF,
            *(id, result.policy, list(result.tried), result.first, result.last, result.lines),
            *_choices(result),
        )
        await connection.executemany(_COUNT, [(id, n, *row) for n, row in enumerate(counts)])
        await connection.executemany(_FINDING, [(id, *row) for row in findings])
    return id


async def forget_erased(connection: Any, schema: str, key: bytes) -> None:
    """Delete what results say of people who were erased, whenever that was. `key` hashes their numbers."""
    rows = await connection.fetch(_UNKNOWN.format(schema))
    hashes = {erased_hash(key, row["subject"]): row["subject"] for row in rows}
    if hashes:
        erased = await connection.fetch(_ERASED.format(schema), list(hashes))
        await connection.execute(_FORGET, [hashes[row["hash"]] for row in erased])


def _choices(result: Result) -> tuple[list[str], list[str], list[str]]:
    """The types, rules and months that there are."""
    groups = {*result.in_force, *result.under_trial}
    rules = {rule for group in groups for rule in group.rules}
    types, months = ({getattr(group, name) for group in groups} for name in ("type", "month"))
    return sorted(types), sorted(rules), sorted(months)


def _counts(result: Result) -> Iterable[tuple[Group, list[int]]]:
    """The numbers of each delivery unit, and those of each region under the key `ALL_UNITS`."""
    differ: dict[Kind, Counter[Group]] = {
        kind: Counter(one.group for one in result.differences if one.kind == kind) for kind in KINDS
    }
    columns = [result.in_force, result.under_trial, *differ.values()]
    regions = [_by_region(column) for column in columns]
    for counted in (columns, regions):
        for group in sorted(set().union(*counted)):
            yield group, [column[group] for column in counted]


def _by_region(counted: Counter[Group]) -> Counter[Group]:
    found: Counter[Group] = Counter()
    for group, number in counted.items():
        found[group._replace(pdu=ALL_UNITS)] += number
    return found


def _row(counted: tuple[Group, list[int]]) -> tuple[Any, ...]:
    group, numbers = counted
    return group.type, list(group.rules), group.region, name_key(group.pdu), group.month, *numbers


def _finding(n: int, one: Difference) -> tuple[Any, ...]:
    event, group = one.finding.event, one.group
    return (
        n,
        one.kind,
        group.type,
        CATALOGUE[group.type].subject,
        one.person or event.subject or "",
        event.data.limited,
        list(group.rules),
        group.region,
        group.pdu,
        name_key(group.pdu),
        group.month,
        day_of(event),
        one.about,
        *one.sides,
    )


_WHAT_IF = """
insert into what_ifs (id, policy, tried, first_day, last_day, lines, types, rules, months)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict do nothing
"""
_COUNT = """
insert into what_if_counts (what_if, n, type, rules, region, pdu_key, month, in_force, tried, appears,
    vanishes, changes)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing
"""
_FINDING = """
insert into what_if_findings (what_if, n, kind, type, about, subject, limited, rules, region, pdu, pdu_key,
    month, day, words, in_force, tried)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) on conflict do nothing
"""
_UNKNOWN = """
select distinct f.subject from public.what_if_findings f
where not exists (select from {}.subjects s where s.subject = f.subject)
"""
_ERASED = "select hash from {}.erased where hash = any($1::bytea[])"
_FORGET = "delete from public.what_if_findings where subject = any($1::text[])"
