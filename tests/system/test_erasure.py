"""A person is erased from all services, each with its own role, which may otherwise only add facts."""

from __future__ import annotations

import json
from datetime import date

from schemas import language
from tests import facts as f
from tests.casebook import event_of
from tests.conftest import needs
from tests.facts import Fact
from tests.system.harness import System
from tests.system.instance import until
from tools.services import BY_NAME

GONE, OTHER = "X700001", "X700002"


def lines(*facts: Fact) -> list[bytes]:
    return [language.render(event_of(fact)) for fact in facts]


def about(crn: str) -> list[Fact]:
    """An order with a failure and a session: every service has something to say of it."""
    said = [
        f.order("2026-03-02", subject=crn),
        f.risk("2026-03-02", subject=crn),
        f.contact("2026-03-04", "unacceptable_absence", subject=crn),
        f.session("2026-03-05", requirement="RAR", subject=crn),
    ]
    return [Fact(one.data, crn, f"{one.id}-{crn}", one.recorded) for one in said]


async def published(system: System, crn: str) -> dict[str, int]:
    """How many events each service has published about a person."""
    counts = {}
    for service in BY_NAME:
        records = await system.read(service)
        counts[service] = sum(json.loads(r.value or b"")["subject"] == crn for r in records)
    return counts


async def held(system: System, service: str, crn: str) -> int:
    query = (
        "select (select count(*) from cases where subject = $1) + count(*) from journal where subject = $1"
    )
    found: int = (await system.fetch(service, query, crn))[0][0]
    return found


async def test_an_erased_person_is_gone_from_every_service_and_stays_so(system: System) -> None:
    needs(system.kafka, "real_kafka")  # only it says how many messages a topic has
    instances = await system.start_all(*BY_NAME)
    await system.begin(date(2026, 3, 6))
    await system.publish(lines(f.practitioner("2026-01-01"), *about(GONE), *about(OTHER)))
    await system.quiet()
    before = await published(system, GONE)
    assert min(before.values()) > 0

    await system.publish(lines(f.erased("2026-03-06", subject=GONE)))
    for service in BY_NAME:

        async def wrong(service: str = service) -> str | None:
            left = await held(system, service, GONE)
            return f"{service} still holds {left} rows" if left else None

        await until(wrong)
    await system.publish(lines(f.risk("2026-03-06", "high", subject=GONE)))
    await system.publish(lines(f.risk("2026-03-06", "high", subject=OTHER, event="last")))
    for service in ("allocation", "contacts"):  # those that use it

        async def untold(service: str = service) -> str | None:
            reasons = await system.fetch(service, "select reason, value from dead_letters")
            known = await system.fetch(service, "select from journal where id = 'last'")
            told = [tuple(row) for row in reasons] == [("person_erased", None)]
            return None if told and known else f"{service} has told {reasons}"

        await until(untold)
    for service in BY_NAME:
        assert await held(system, service, GONE) == 0
        assert await held(system, service, OTHER) > 0
    assert await published(system, GONE) == before

    # A service that starts reads its own topic for what its database lacks: not this.
    for instance in instances:
        assert await instance.stop() == 0
    await system.start_all(*BY_NAME)
    for service in BY_NAME:
        assert await held(system, service, GONE) == 0
        assert (await system.fetch(service, "select count(*) from lost_events"))[0][0] == 0
    assert await published(system, GONE) == before
