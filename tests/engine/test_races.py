"""Two connections at once: each interleaving is arranged with a lock that the test itself holds.

The first number of a test's text is the trap's of engine.md part 8.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import asyncpg
import pytest

from shared.engine.packing import claims_of, form_of
from shared.engine.queries import SQL
from tests.engine import toy
from tests.engine.library import brought, joined, left, lent, moved, stocked, wanted
from tests.engine.running import Office, Told, again, pool_of, until, waiting

SEVERAL = ("Ann", "Bob", "Cyd", "Dan", "Eve", "Fay")
LOCK = "select from cases where subject = $1 for update"


@pytest.fixture
async def other(library: Office) -> Office:
    """A second instance of the library on the same database."""
    office = Office(again(library.engine), library.words)
    office.offset = 1000
    await office.engine.start()
    return office


async def begin(library: Office, *told: Told) -> None:
    await library.take(joined(), joined(who="Bob"), *told)
    await library.day("2026-03-20")


@asynccontextmanager
async def holding(library: Office, query: str, *arguments: object) -> AsyncIterator[Any]:
    """Hold the locks that the query takes, on a connection of its own."""
    async with pool_of(library.engine).acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(query, *arguments)
        try:
            yield connection
        finally:
            await transaction.rollback()


@asynccontextmanager
async def held_before_its_commit(library: Office) -> AsyncIterator[None]:
    """Every batch from the desk now waits with its last statement, when all else is written."""
    async with holding(library, "select from offsets where topic = 'desk' for update"):
        yield


async def free(library: Office, subject: str) -> bool:
    """Does nobody hold that case?"""
    try:
        await library.rows(f"{LOCK} nowait", subject)
    except asyncpg.LockNotAvailableError:
        return False
    return True


def blocked(library: Office, count: int = 1) -> Callable[[], Awaitable[bool]]:
    return lambda: waiting(library, count)


async def used(library: Office) -> dict[str, int]:
    row = (await library.rows("select state from cases where kind = 'shelf'"))[0]
    found: dict[str, int] = form_of(toy.SERVICE.entities[0]).case(row["state"]).case.used
    return found


async def claimed(library: Office) -> int:
    rows = await library.rows("select state from cases where kind = 'member' and state is not null")
    return sum(amount for row in rows for amount in claims_of(row["state"]).values())


async def test_a_day_passes_over_a_case_in_hand_and_comes_back_for_it(library: Office) -> None:
    """11. The others need not wait for it, and the day is not over before it was looked at."""
    loans = [lent("L1", "2026-03-01", "2026-03-20", who) for who in ("Ann", "Bob")]
    await begin(library, *loans)
    async with holding(library, LOCK, "Ann"):
        dawn = asyncio.create_task(library.day("2026-03-21"))
        await until(blocked(library))
        history = await library.history()
        assert [len(history.of("LoanOverdue", who)) for who in ("Ann", "Bob")] == [0, 1]
        assert not dawn.done()
    await dawn
    assert len((await library.history()).of("LoanOverdue", "Ann")) == 1


async def test_a_batch_reads_the_day_after_it_has_the_locks(library: Office) -> None:
    """11. The day that began while it waited counts; the fact is journaled with that day."""
    await begin(library)
    async with holding(library, LOCK, "Ann"):
        batch = asyncio.create_task(library.take(lent("L1", "2026-03-01", "2026-03-20")))
        await until(blocked(library))
        await library.rows("update clock set day = '2026-03-21'")
    await batch
    day = await library.value("select day from journal where type = 'LoanMade'")
    assert day == date(2026, 3, 21)
    assert len((await library.history()).of("LoanOverdue")) == 1


async def test_a_case_that_was_assessed_on_the_day_before_is_swept_after_all(
    library: Office, other: Office
) -> None:
    """11. Its batch was under way when the day began, and nothing told the sweep of it."""
    await begin(library)
    async with held_before_its_commit(library):
        batch = asyncio.create_task(library.take(lent("L1", "2026-03-01", "2026-03-20")))
        await until(blocked(library))
        await other.day("2026-03-21")
    await batch
    assert await library.value("select assessed_on from cases where subject = 'Ann'") == date(2026, 3, 20)
    await other.engine.sweep()  # as every few seconds
    assert len((await library.history()).of("LoanOverdue")) == 1


async def test_the_day_comes_before_the_facts_that_are_joined_on_it(library: Office) -> None:
    """11. Whether the sweep or a batch gets the case first, the history is the same."""
    await begin(library, lent("L1", "2026-03-01", "2026-03-20"))
    await library.rows("update clock set day = '2026-03-21'")  # and the sweep has not come yet
    await library.take(lent("L1", "2026-03-01", "2026-03-25", when="2026-03-21"))
    told = (await library.history()).told("Ann")
    assert told.index("LoanOverdue") < told.index("-LoanOverdue corrected")


async def test_cases_are_locked_in_sorted_order_before_the_journal(library: Office) -> None:
    """13. Journal first, two owners of a partition could wait for each other; unsorted, two batches."""
    await begin(library)
    fact = lent("L1", "2026-03-01", "2026-03-10")
    async with holding(library, LOCK, "Bob"):
        batch = asyncio.create_task(library.take(left("2026-03-19", "Bob"), fact))
        await until(blocked(library))
        assert not await free(library, "Ann")
        async with holding(library, "set local lock_timeout = '2s'") as connection:
            # Nobody waits for a journal key of a batch that waits for its cases.
            await connection.execute(
                "insert into journal (source, id, subject, type, key, recorded, body)"
                " values ('/desk', $1, 'x', 'x', 'x', now(), '')",
                fact.id,
            )
    await batch
    assert await library.value("select count(*) from journal where type = 'LoanMade'") == 1


async def test_entities_are_locked_after_people(library: Office) -> None:
    """13. As late as possible, since everybody wants them."""
    await begin(library, stocked("A", 1))
    async with holding(library, LOCK, "Ann"):
        batch = asyncio.create_task(library.take(wanted("W1")))
        await until(blocked(library))
        assert await free(library, "A")
    await batch


async def test_a_merge_locks_both_records_in_sorted_order(library: Office) -> None:
    """13, 14. Both, whichever goes into the other."""
    await begin(library)
    async with holding(library, LOCK, "Bob"):
        merge = asyncio.create_task(library.take(moved("Bob", "Ann")))
        await until(blocked(library))
        assert not await free(library, "Ann")
    await merge
    assert await library.value("select merged_into from cases where subject = 'Bob'") == "Ann"


async def test_two_owners_of_a_partition_take_a_message_once(library: Office, other: Office) -> None:
    """13. A partition may have a late first owner still at work: the journal decides."""
    await begin(library)
    fact = lent("L1", "2026-03-01", "2026-03-10")
    async with holding(library, LOCK, "Ann"):
        both = asyncio.gather(library.take(fact), other.take(fact))
        await until(blocked(library, 2))
    await both
    assert await library.value("select count(*) from journal where type = 'LoanMade'") == 1
    assert (await library.history()).told("Ann").count("LoanOverdue") == 1
    assert library.engine.tally.duplicates + other.engine.tally.duplicates == 1


async def test_the_last_place_is_given_once(library: Office, other: Office) -> None:
    """15. Two instances decide at the same moment; the row lock lets one of them find it taken."""
    await begin(library, stocked("A", 1))
    async with holding(library, LOCK, "A"):
        both = asyncio.gather(library.take(wanted("W1")), other.take(wanted("W2", "Bob")))
        await until(blocked(library, 2))
    await both
    assert len((await library.history()).of("CopyLent")) == 1
    assert await used(library) == {"Emma": 1}
    assert await claimed(library) == 1
    waits = await library.rows("select waiting from cases where waiting is not null")
    assert [row["waiting"] for row in waits] == [["Emma"]]


async def test_no_more_places_than_there_are_are_given_and_all_of_them(
    library: Office, other: Office
) -> None:
    await begin(library, stocked("A", 2), stocked("B", 1), *(joined(who=who) for who in SEVERAL[2:]))
    requests = [wanted(f"W-{who}", who) for who in SEVERAL]
    turns = (
        [library.take(request) for request in requests[::2]],
        [other.take(request) for request in requests[1::2]],
    )

    async def one_after_the_other(takes: list[Any]) -> None:
        for take in takes:
            await take

    await asyncio.gather(*map(one_after_the_other, turns))
    history = await library.history()
    lent_by = sorted(event["shelf_id"] for event in history.of("CopyLent"))
    assert lent_by == ["A", "A", "B"]
    assert await claimed(library) == 3
    # Each copy that comes back goes to somebody who waits.
    first = history.of("CopyLent")[0]["want_id"]
    await other.take(brought(first, "2026-03-20", first.removeprefix("W-")))
    assert len((await library.history()).of("CopyLent")) == 4
    assert await claimed(library) == 3


async def test_a_wish_is_not_forgotten_when_its_place_appears_meanwhile(
    library: Office, other: Office
) -> None:
    """15. The new shelf finds nobody waiting yet, and who begins to wait did not see the shelf."""
    await begin(library)
    async with held_before_its_commit(library):
        request = asyncio.create_task(library.take(wanted("W1")))
        await until(blocked(library))
        await other.take(stocked("A", 1))
    await request
    assert len((await library.history()).of("CopyLent")) == 1


async def test_who_changes_a_pool_does_not_wait_for_who_wakes_those_that_wait_for_it(
    library: Office, other: Office
) -> None:
    """13. The sweep wants a case that the batch holds: it must hold nothing that the batch wants."""
    await begin(library, wanted("W1"))
    await library.rows("insert into changed_pools (pool) values ('Emma')")
    async with holding(library, LOCK, "Ann") as batch:
        sweep = asyncio.create_task(other.engine.sweep())
        await until(blocked(library))
        await batch.execute("set local lock_timeout = '2s'")
        await batch.execute(SQL["note_pools"], ["Emma"])
    await sweep


async def test_a_change_is_not_forgotten_because_the_pool_was_noted_before(library: Office) -> None:
    """15. The change is not committed yet when those who wait are woken for the one before."""
    await begin(library)
    await library.rows("insert into changed_pools (pool) values ('Emma')")
    async with pool_of(library.engine).acquire() as batch, batch.transaction():
        await batch.execute(SQL["note_pools"], ["Emma"])
        await library.engine.sweep()
        assert await library.count("changed_pools") == 0
    assert await library.count("changed_pools") == 1


async def test_a_batch_that_a_deadlock_ended_is_repeated_with_the_same_outcome(library: Office) -> None:
    """13. PostgreSQL ends one of the two; the journal makes the repeat whole."""
    await begin(library)
    batch = [library.message(lent("L1", "2026-03-01", "2026-03-10", who)) for who in ("Ann", "Bob")]
    before = await library.outbox()
    async with holding(library, LOCK, "Bob") as connection:
        await connection.execute("set local deadlock_timeout = '1min'")  # so that the batch is ended
        handled = asyncio.create_task(library.engine.handle(batch))
        await until(blocked(library))
        backwards = asyncio.create_task(connection.execute(LOCK, "Ann"))
        with pytest.raises(asyncpg.DeadlockDetectedError):
            await handled
        await backwards
    assert await library.outbox() == before
    await library.engine.handle(batch)
    history = await library.history()
    assert [len(history.of("LoanOverdue", who)) for who in ("Ann", "Bob")] == [1, 1]
