"""What became of one event: who took it, who refused it and why, and what was concluded from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from schemas.catalogue import CATALOGUE
from schemas.envelope import CloudEvent, Withdrawn
from tools.cli.addresses import database_of
from tools.cli.databases import connected
from tools.cli.redrive import Letter, find, of_event
from tools.explain import journal_of, service_history
from tools.services import BY_NAME
from tools.warned import Warned
from tools.warned import find as find_warnings

# One look into the index for each source, of which there are few: the journal has no index by id alone.
_TAKEN = """
with recursive sources(source) as (
    (select source from journal order by source limit 1)
    union all
    select (select j.source from journal j where j.source > s.source order by j.source limit 1)
    from sources s where s.source is not null)
select source, subject, type, day, place from journal join sources using (source)
where id = $1 and ($2::text is null or source = $2)
"""


@dataclass(frozen=True)
class Conclusion:
    """Something that a service published because of the event.

    `ended` is why it no longer stands: the reason of its withdrawal; None if it stands or is one itself.
    """

    event: CloudEvent[Any]
    ended: str | None


@dataclass(frozen=True)
class Traced:
    """What one service knows of the event. `day` is the day reached when it was taken."""

    service: str
    taken: bool = False
    day: date | None = None
    place: str | None = None
    letters: Sequence[Letter] = ()
    conclusions: Sequence[Conclusion] = ()
    fault: str | None = None
    """Why the conclusions are not complete."""


@dataclass
class Trace:
    """One event, as its sender calls it, in all services."""

    source: str
    id: str
    type: str | None = None
    subject: str | None = None
    services: list[Traced] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)

    @property
    def people(self) -> set[str]:
        """Whom the event may be about."""
        refused = {s for traced in self.services for letter in traced.letters for s in letter.subjects}
        return refused | {warned.subject for warned in self.warnings if warned.subject} | {self.subject or ""}

    def not_used_by(self, service: str) -> bool:
        """Has that service no use for events of this type?"""
        if self.type is None:
            return False
        reads = BY_NAME[service]
        topics = CATALOGUE[self.type].topics if self.type in CATALOGUE else ()
        return reads.model_of(self.type) is None or not set(topics) & set(reads.reads)


async def trace(services: Sequence[str], id: str, source: str | None) -> list[Trace]:
    """The events with this id, one for each source that gave it."""
    found: dict[str, Trace] = {}
    for service in services:
        async with connected(service) as connection:
            rows = await connection.fetch(_TAKEN, id, source)
        letters = of_event(await find(service, None, closed=True, event=id), id, source)
        by_source = {row["source"]: row for row in rows}
        for own in dict.fromkeys([*by_source, *(letter.event[0] for letter in letters if letter.event)]):
            traced = found.setdefault(own, Trace(own, id))
            row = by_source.get(own)
            refused = [letter for letter in letters if letter.event == (own, id)]
            if row is None:
                traced.services.append(Traced(service, letters=refused))
                continue
            traced.type, traced.subject = row["type"], row["subject"]
            conclusions, fault = await _conclusions(service, row["subject"], own, id)
            traced.services.append(
                Traced(service, True, row["day"], row["place"], refused, conclusions, fault)
            )
    for warned in await find_warnings(services, event=id, source=source):
        traced = found.setdefault(warned.source, Trace(warned.source, id))
        traced.type = traced.type or warned.type
        traced.warnings.append(warned)
    return [found[own] for own in sorted(found)]


async def _conclusions(
    service: str, subject: str, source: str, id: str
) -> tuple[list[Conclusion], str | None]:
    """What a service published because of an event about a person, and why this may not be all."""
    journal = await journal_of(database_of(service), BY_NAME[service], subject)
    if journal is None:
        return [], None  # about an entity: it is in no person's history
    history = service_history(BY_NAME[service], journal, BY_NAME[service].load_policy())
    ended = {e.data.withdraws: e.data.reason for e in history.published if isinstance(e.data, Withdrawn)}
    fault = next(iter(journal.quarantined.values()), history.fault)
    return [
        Conclusion(event, ended.get(event.id)) for event in history.published if _rests_on(event, source, id)
    ], fault


def _rests_on(event: CloudEvent[Any], source: str, id: str) -> bool:
    why = event.data.why
    if why.sources is None:
        return id in why.evidence
    return (id, source) in zip(why.evidence, why.sources, strict=True)
