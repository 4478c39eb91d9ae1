"""Which numbers are one person's: records that were merged."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

_LINKED = """
with recursive linked (subject) as (
    select unnest($1::text[])
    union
    select other.subject from linked l cross join lateral (
        select s.merged_into from subjects s where s.subject = l.subject and s.merged_into is not null
        union all
        select s.subject from subjects s where s.merged_into = l.subject
    ) as other (subject)
)
select linked.subject, s.merged_into from linked left join subjects s on s.subject = linked.subject
"""


async def linked(connection: Any, subjects: Collection[str]) -> dict[str, str | None]:
    """These subjects and all that they are merged with, each with the number that it was merged into."""
    rows = await connection.fetch(_LINKED, list(subjects))
    return {row["subject"]: row["merged_into"] for row in rows}


def together(merged: Mapping[str, str | None]) -> list[list[str]]:
    """The numbers of each person in order."""
    people = {number: {number} for number in merged}
    for number, into in merged.items():
        if into is not None and people[number] is not people[into]:
            both = people[number] | people[into]
            people |= dict.fromkeys(both, both)
    return [sorted(numbers) for numbers in {id(numbers): numbers for numbers in people.values()}.values()]
