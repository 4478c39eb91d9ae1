"""Warnings of the services, from their databases: one for each thing that is doubtful, whoever told it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tools.cli.databases import connected

_FIND = """
select kind, source, event_id, type, subject, topic, partition, "offset", field, explanation, received
from warnings
where ($1::text is null or kind = $1) and ($2::text is null or event_id = $2)
    and ($3::text is null or source = $3) and ($4::text is null or subject = $4)
order by number
"""


@dataclass(frozen=True)
class Warned:
    """A warning, with the services that told it. `where` is topic, partition and offset."""

    kind: str
    source: str
    event_id: str
    type: str
    subject: str | None
    where: str
    field: str | None
    explanation: str
    received: datetime
    services: list[str]


async def find(
    services: Sequence[str],
    kind: str | None = None,
    event: str | None = None,
    source: str | None = None,
    subject: str | None = None,
) -> list[Warned]:
    """The warnings of these services, in order of receipt; None: any."""
    found: dict[tuple[object, ...], Warned] = {}
    for service in services:
        async with connected(service) as connection:
            rows = await connection.fetch(_FIND, kind, event, source, subject)
        for row in rows:
            where = f"{row['topic']}/{row['partition']}/{row['offset']}"
            name = (row["kind"], row["source"], row["event_id"], row["field"], where)
            if name in found:
                found[name].services.append(service)
            else:
                found[name] = Warned(
                    kind=row["kind"],
                    source=row["source"],
                    event_id=row["event_id"],
                    type=row["type"],
                    subject=row["subject"],
                    where=where,
                    field=row["field"],
                    explanation=row["explanation"],
                    received=row["received"],
                    services=[service],
                )
    return sorted(found.values(), key=lambda one: one.received)
