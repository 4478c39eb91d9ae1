"""What should have been published: the result of the same engines without a broker or interruptions."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

import asyncpg

from schemas import language
from shared.calendar import london_date
from tests.replaying import Replayed, on_databases
from tests.system.published import Event
from tools.embedded import choose
from tools.services import BY_NAME

FROM_FEEDS = "select id from journal where source like '/feeds/%'"
"""The feeds' events in a service's journal."""


_OFFERS = (b'"PractitionerUpdated"', b'"InterventionListed"')


def undecided(lines: Sequence[bytes]) -> list[bytes]:
    """The lines without those that offer something: with nothing on offer, nothing is decided.

    A decision depends on what is free at the moment, so that two runs may decide otherwise.
    """
    return [line for line in lines if not any(offer in line for offer in _OFFERS)]


def unreliable(line: bytes) -> bytes:
    """Make one in three kept appointments missed, so that there are many findings that could be lost."""
    event = json.loads(line)
    kept = event["data"].get("outcome") == "complied"
    if kept and Random(event["id"]).random() < 1 / 3:
        event["data"]["outcome"] = "failed_to_comply"
    return json.dumps(event).encode()


@dataclass(frozen=True)
class Undisturbed:
    """The result of an uninterrupted run."""

    published: list[Event]
    facts: dict[str, set[str]]
    """The ids of the feeds' events in each service's journal."""


async def replayed(
    postgres: choose.Postgres, lines: Sequence[bytes], until: date, *services: str
) -> Undisturbed:
    """The result if these services replay the lines, each on its day, in order."""
    token = secrets.token_hex(4)
    names = {service: f"oracle_{token}_{service}" for service in services}
    server = await asyncpg.connect(postgres.dsn())
    try:
        for name in names.values():
            await server.execute(f"create database {name}")
        chosen = [BY_NAME[service] for service in services]
        async with on_databases(lambda service: postgres.dsn(names[service]), services=chosen) as replay:
            outcome: Replayed = await replay.run(lines, until)
        assert not outcome.dead_letters
        assert not outcome.beyond
        facts = {service: await _facts(postgres.dsn(name)) for service, name in names.items()}
        return Undisturbed([json.loads(value) for value in outcome.published], facts)
    finally:
        for name in names.values():
            await server.execute(f"drop database if exists {name} with (force)")
        await server.close()


async def _facts(dsn: str) -> set[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return {row["id"] for row in await connection.fetch(FROM_FEEDS)}
    finally:
        await connection.close()


def day_of(line: bytes) -> date:
    """The day in London on which a line was recorded."""
    return london_date(language.read(line, ())[0].recorded)
