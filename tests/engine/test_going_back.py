"""A database that went back to an earlier state: what was published is known again before anything new is.

The database is put back in the middle of a history; the lost events are given back to it as the service would
read them from its own topic, and what it had read is read again in another order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import CATALOGUE
from shared.engine.lost import lost_from
from shared.engine.outbox import headers_of
from shared.engine.queries import SQL
from tests.engine import toy, toy_facts
from tests.engine.library import begin, left, stocked, wanted
from tests.engine.running import EMPTIED, ONE_DAY, History, Office, Told, days, pool_of
from tests.engine.test_journal import END, FEW, START, check_claims, plans, play, told_to
from tests.engine.test_properties import UNDECIDED, roster
from tools.services import BY_NAME

DECIDING = {name: BY_NAME.get(name, toy.SERVICE) for name in ("allocation", "referrals", toy.SERVICE.name)}
TABLES = ("clock", *EMPTIED.split(", "))

Step = tuple[date | None, Sequence[Told]]


@pytest.fixture
async def office(request: pytest.FixtureRequest, opened: Any) -> Office:
    """A service on a database of the test's own."""
    name, decides = request.param
    made: Office = await opened(DECIDING[name] if decides else UNDECIDED[name])
    return made


async def keep(office: Office) -> None:
    """Keep the database as it is now."""
    async with pool_of(office.engine).acquire() as connection:
        for table in TABLES:
            await connection.execute(f"drop table if exists kept_{table}")
            await connection.execute(f"create table kept_{table} as select * from {table}")


async def go_back(office: Office) -> None:
    """Put the database back to where it was kept."""
    async with pool_of(office.engine).acquire() as connection:
        for table in TABLES:
            await connection.execute(f"delete from {table}")
            await connection.execute(
                f"insert into {table} overriding system value select * from kept_{table}"
            )


async def published(office: Office) -> list[tuple[bytes, list[tuple[str, bytes]]]]:
    """What the service has put into its outbox, in order."""
    rows = await office.rows(
        "select value, headers from outbox where topic = $1 order by id", office.engine.service.name
    )
    return [(row["value"], headers_of(row["headers"])) for row in rows]


async def lose(office: Office, events: Sequence[tuple[bytes, list[tuple[str, bytes]]]]) -> None:
    """Give lost events back, and let the service catch up from now on."""
    lost = [event for value, headers in events if (event := lost_from(value, headers))]
    assert len(lost) == len(events)
    async with pool_of(office.engine).acquire() as connection:
        if lost:
            await connection.execute(SQL["note_lost"], *map(list, zip(*lost, strict=True)))
        await connection.execute(SQL["note_catch_up"], ["court"], [0], ["one"], [10**9])


async def read_again(office: Office, steps: Sequence[Step], order: Sequence[Told]) -> None:
    """Read again what came in these steps, in this order, with the days in between; then catch up."""
    reached = await office.value("select day from clock") or START - ONE_DAY
    half = len(order) // 2
    await office.take(*order[:half])
    for day in days(reached + ONE_DAY, max((m for m, _ in steps if m), default=reached)):
        await office.day(day)
    await office.take(*order[half:])
    await office.rows("delete from catch_up")
    await office.rows(SQL["take_over_due"], office.engine.service.person.kind)
    await office.engine.sweep()
    assert await office.count("lost_events") == 0
    assert await office.engine.quarantined() == []


async def steps_of(office: Office, steps: Sequence[Step], reached: date) -> date:
    """Take these steps."""
    for morning, batch in steps:
        for day in days(reached + ONE_DAY, morning) if morning else []:
            await office.day(day)
            reached = day
        await office.take(*batch)
    return reached


async def decided(office: Office) -> list[str]:
    """The ids of the decisions in the journal."""
    source = office.engine.service.source
    rows = await office.rows("select id from journal where source = $1", source)
    return sorted(row["id"] for row in rows)


def stories(office: Office) -> st.SearchStrategy[list[Told]]:
    """What the service could hear; without decisions, if it takes them itself."""
    service = office.engine.service
    if service.decide is None:
        return told_to(service)
    if service.name == toy.SERVICE.name:
        return toy_facts.histories(merges=True, most=20)
    return told_to(service).map(lambda told: [t for t in told if service.name not in topics_of(t)])


def topics_of(told: Told) -> tuple[str, ...]:
    """The topics on which something is told."""
    return (told.topic,) if told.topic else CATALOGUE[type(told.data).__name__].topics


EVERY = [(name, False) for name in UNDECIDED] + [(name, True) for name in DECIDING]


def short(events: Sequence[tuple[bytes, Any]]) -> list[str]:
    """Events in few words."""
    return [
        f"{e['subject']} {int(e['sequence'])} {e['type']} {e['data'].get('withdrawn_type', '')} "
        f"{e['data'].get('key', '')} {e['data'].get('reason', '')}"
        for e in (msgspec.json.decode(value) for value, _ in events)
    ]


@pytest.mark.parametrize("office", EVERY, indirect=True, ids=lambda p: p[0] + (" decides" if p[1] else ""))
@FEW
@given(data=st.data())
async def test_what_was_published_is_known_again_before_anything_new_is_said(
    office: Office, data: st.DataObject
) -> None:
    told = data.draw(stories(office))
    plan = data.draw(plans(told))
    here = data.draw(st.integers(0, len(plan)))
    lost_steps = data.draw(st.integers(here, len(plan)))

    await office.empty()
    await office.take(*roster(office.engine.service))
    reached = await steps_of(office, plan[:here], START - ONE_DAY)
    await keep(office)
    known = await published(office)
    await steps_of(office, plan[here:lost_steps], reached)
    await office.engine.sweep()
    before = await published(office)
    # The relay may not have published the last of them.
    said = before[: data.draw(st.integers(len(known), len(before)), label="published")]

    await go_back(office)
    await lose(office, said[len(known) :])
    again = data.draw(st.permutations([fact for _, batch in plan[here:lost_steps] for fact in batch]))
    await read_again(office, plan[here:lost_steps], again)
    told_now = [*said, *(await published(office))[len(known) :]]
    History(value for value, _ in told_now)
    await check_claims(office)
    if len(said) == len(before):
        assert short(told_now[len(before) :]) == [], short(before)

    reached = await office.value("select day from clock") or START - ONE_DAY
    await steps_of(office, plan[lost_steps:], reached)
    reached = await office.value("select day from clock") or START - ONE_DAY
    for day in days(reached + ONE_DAY, END):
        await office.day(day)
    history = History(value for value, _ in [*said, *(await published(office))[len(known) :]])
    await check_claims(office)
    if office.engine.service.decide is None:
        assert history.standing == (await play(office, [(None, told)])).standing
    else:
        told_now = [*said, *(await published(office))[len(known) :]]
        named = [dict(headers) for _, headers in told_now]
        taken = [headers["id"].decode() for headers in named if headers.get("decision") == b"taken"]
        assert sorted(taken) == await decided(office)


@pytest.mark.parametrize("shelf", ["A", "Z"])
async def test_an_entity_takes_over_after_the_cases_that_claim_something_of_it(
    library: Office, shelf: str
) -> None:
    """It neither forgets what is claimed of it, nor says anything before it knows what it said."""
    await begin(library, "2026-03-20", stocked(shelf, 1))
    await keep(library)
    known = await published(library)
    request = wanted("W1")
    await library.take(request)
    said = await published(library)
    assert [line.split()[::2] for line in short(said[len(known) :])] == [
        ["Ann", "CopyLent"],
        [shelf, "ShelfEmpty"],
    ]

    await go_back(library)
    await lose(library, said[len(known) :])
    await read_again(library, [(None, [request])], [request])
    assert await published(library) == known
    assert await library.rows("select from outbox where key is null") == []
    await check_claims(library)


async def test_an_entity_takes_over_after_a_case_of_which_nothing_but_a_claim_was_lost(
    library: Office,
) -> None:
    request, end = wanted("W1"), left("2026-03-19")
    await begin(library, "2026-03-20", stocked("A", 1))
    await library.take(request)
    await keep(library)
    known = await published(library)
    await library.take(end)
    said = await published(library)
    of_shelf = [event for event in said[len(known) :] if event[0].find(b'"subject":"A"') > 0]
    assert [line.split()[2:4] for line in short(of_shelf)] == [["Withdrawn", "ShelfEmpty"]]

    await go_back(library)
    await lose(library, of_shelf)
    await read_again(library, [(None, [end])], [end])
    again = (await published(library))[len(known) :]
    assert [line for line in short(again) if line.startswith("A ")] == []
    await check_claims(library)
