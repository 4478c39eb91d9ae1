"""To which cases access is limited, as the services' databases know it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from schemas import language
from shared.calendar import LONDON
from shared.engine.intake import fact_of
from shared.engine.joining import join
from shared.engine.queries import SQL
from shared.engine.service import Service
from tools.cli.databases import connected
from tools.services import BY_NAME

CHANGED = "CaseAccessChanged"
_CHANGES = "select body from journal where subject = any($1::text[]) and type = $2"
_DAY = "select day from clock"


def is_limited(service: Service, bodies: Iterable[bytes], day: date | None) -> bool:
    """Do these events limit the access to a case, on the day that the service has reached or today?"""
    case = service.person.case()
    for body in bodies:
        event, body = language.read(body, ())
        if event.type == CHANGED:
            join(case, service.person.registers[CHANGED], fact_of(event, language.register_key(event), body))
    today = datetime.now(LONDON).date()
    limited = service.person.limited
    return limited is not None and any(limited(case, on) for on in (day or today, today))


async def limited_people(services: Iterable[str], subjects: Collection[str]) -> set[str]:
    """Those of these people to whose cases access is limited in a service, under whatever number."""
    found = set()
    for name in services if subjects else ():
        async with connected(name) as connection:
            day = await connection.fetchval(_DAY)
            for subject in subjects:
                group = [row["subject"] for row in await connection.fetch(SQL["merge_group"], [subject])]
                rows = await connection.fetch(_CHANGES, group, CHANGED)
                if is_limited(BY_NAME[name], [row["body"] for row in rows], day):
                    found.add(subject)
    return found
