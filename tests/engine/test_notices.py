"""What an entity tells everyone: when a region does not deliver, every case is assessed again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from services.contacts.app import SERVICE
from tests import facts as f
from tests.engine.running import Office, Told, again, pool_of, until, waiting

PEOPLE = ("X100001", "X100002", "X100003")


def told(fact: f.Fact, subject: str | None = None) -> Told:
    who = subject or fact.subject
    return Told(fact.data, who, f"{fact.id}@{who}", fact.recorded)


def absent(subject: str) -> list[Told]:
    """A person who misses a contact on 10 June."""
    contact = f.contact("2026-06-10", "unacceptable_absence", id="C1")
    return [told(f.order("2026-06-01", "2027-05-31"), subject), told(contact, subject)]


SUSPENDED = told(f.delivery_suspended("2026-06-08"))
RESUMED = told(f.delivery_resumed("2026-06-15"))


@pytest.fixture
async def office(opened: Callable[..., Awaitable[Office]]) -> Office:
    office = await opened(SERVICE)
    await office.day("2026-06-11")
    return office


@pytest.fixture
async def other(office: Office) -> Office:
    """A second instance on the same database."""
    second = Office(again(office.engine), office.words)
    second.offset = 1000
    await second.engine.start()
    return second


async def failures(office: Office) -> list[str]:
    standing = (await office.history()).standing
    return sorted(subject for subject, kind, _ in standing if kind == "ContactMissed")


async def test_a_notice_assesses_all_cases_again_and_takes_back_what_was_wrong(office: Office) -> None:
    for person in PEOPLE:
        await office.take(*absent(person))
    assert await failures(office) == list(PEOPLE)
    await office.take(SUSPENDED)
    assert await failures(office) == []
    history = await office.history()
    said = ["FailureTakenBack", "-ContactMissed corrected"]
    assert [sorted(history.told(person)[-2:]) for person in PEOPLE] == [sorted(said)] * 3


async def test_those_who_come_later_know_of_it_and_another_notice_changes_nothing_for_them(
    office: Office,
) -> None:
    await office.take(SUSPENDED)
    await office.take(*absent("X100001"))
    assert await failures(office) == []
    before = len((await office.history()).events)
    await office.take(RESUMED)
    assert len((await office.history()).events) == before


async def test_the_same_notice_again_assesses_nothing(office: Office) -> None:
    await office.take(SUSPENDED, *absent("X100001"))
    swept = office.engine.tally.swept
    await office.take(SUSPENDED, told(f.delivery_resumed("2026-06-20", id="Z9")))
    assert office.engine.tally.swept == swept


async def test_an_instance_that_did_not_take_the_notice_goes_on_and_knows_of_it(
    office: Office, other: Office
) -> None:
    await office.take(SUSPENDED)
    await other.take(*absent("X100001"))
    assert await failures(office) == []
    await other.day("2026-06-12")


async def test_who_was_assessed_while_the_notice_came_is_assessed_again(
    office: Office, other: Office
) -> None:
    """The transaction read the notices before the new one was committed, and is committed after it."""
    await office.take(told(f.contact("2026-06-01", id="C0"), "X999999"))
    async with pool_of(office.engine).acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("select from offsets for update")  # the last thing that a batch writes
        late = asyncio.create_task(office.take(*absent("X100001")))
        await until(lambda: waiting(office, 1))
        await other.engine.take([SUSPENDED.fact(other.words)])
        await transaction.rollback()
        await late
    assert await failures(office) == ["X100001"]
    await other.engine.sweep()
    assert await failures(office) == []
