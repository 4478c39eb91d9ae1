"""A member is erased: nothing is held or published about them any more, and late facts are refused."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.engine.engine import Engine
from shared.engine.erasing import ErasureKeyError
from shared.engine.postgres import Postgres
from tests.engine import toy, toy_facts
from tests.engine import toy_language as says
from tests.engine.conftest import EITHER_WAY
from tests.engine.library import (
    erased,
    joined,
    lent,
    moved,
    noted,
    planned,
    returned,
    stocked,
    visited,
    wanted,
)
from tests.engine.running import InMemory, Office, Told, at, pool_of, until, waiting
from tests.engine.test_journal import FEW, check_claims, plans, play
from tests.engine.test_races import held_before_its_commit
from tests.engine.test_races import other as other

ANN = [
    joined(),
    lent("L1", "2026-03-01", "2026-03-10"),
    planned("V1", "2026-03-15"),
    visited("V2", "2026-03-02"),
]
BOB = [joined(who="Bob"), lent("L1", "2026-03-01", "2026-03-10", "Bob")]


async def filled(library: Office) -> None:
    await library.take(stocked("A", 1), *ANN, *BOB, wanted("W1", "Ann"))
    await library.day("2026-03-20")


@EITHER_WAY
async def test_nothing_more_is_published_about_an_erased_member(library: Office) -> None:
    await filled(library)
    told = (await library.history()).told("Bob")
    await library.take(erased())
    published = len((await library.history()).told("Ann"))
    await library.take(returned("L1", "2026-03-21"), *ANN)
    await library.until("2026-04-10")
    assert len((await library.history()).told("Ann")) == published
    assert (await library.history()).told("Bob")[: len(told)] == told
    assert library.engine.tally.erased == 1 + len(ANN)
    assert "Ann" not in [
        file.subject for file in library.engine._kept
    ]  # nor does memory keep anything of her


@EITHER_WAY
async def test_what_an_erased_member_had_borrowed_may_be_lent_to_others(library: Office) -> None:
    await filled(library)
    await library.take(wanted("W2", "Bob"))
    assert (await library.history()).of("CopyLent", "Bob") == []
    await library.take(erased())
    assert [lent["want_id"] for lent in (await library.history()).of("CopyLent", "Bob")] == ["W2"]
    assert "Ann" not in str(
        [event for event in (await library.history()).events if event["subject"] == "A"][-1]
    )


@EITHER_WAY
async def test_merged_records_are_one_member_and_are_erased_together(library: Office) -> None:
    await filled(library)
    await library.take(joined(who="Cyd"), moved("Ann", "Bob"), erased(who="Ann"))
    assert await cases(library) == {"A", "Cyd"}
    await library.take(joined("2026-01-06", "Bob"), joined("2026-01-06", "Ann"))
    assert library.engine.tally.erased == 2
    assert await cases(library) == {"A", "Cyd"}


@EITHER_WAY
async def test_records_that_were_taken_apart_again_are_two_members(library: Office) -> None:
    await filled(library)
    await library.take(moved("Ann", "Bob"), moved("Ann", "Bob", voided=True, when="2026-03-02"))
    before = (await library.history()).of("LoanOverdue", "Bob")
    await library.take(erased(who="Bob"))
    assert await cases(library) == {"A", "Ann"}
    await library.take(erased(who="Ann"))
    assert before
    assert await cases(library) == {"A"}


@EITHER_WAY
@pytest.mark.parametrize(("who", "into"), [("Ann", "Bob"), ("Bob", "Ann")])
async def test_nobody_is_merged_with_an_erased_member(library: Office, who: str, into: str) -> None:
    await filled(library)
    await library.take(erased())
    await library.take(moved(who, into))
    assert await cases(library) == {"A", "Bob"}
    assert library.engine.tally.erased == 1


@EITHER_WAY
async def test_an_erasure_that_was_voided_before_it_came_erases_nobody(library: Office) -> None:
    await filled(library)
    await library.take(erased(voided=True, when="2026-03-02"), erased(when="2026-03-01"))
    assert await cases(library) == {"A", "Ann", "Bob"}


@EITHER_WAY
async def test_an_erasure_cannot_be_voided_afterwards(library: Office) -> None:
    await filled(library)
    await library.take(erased())
    await library.take(erased(voided=True, when="2026-03-02"))
    assert await cases(library) == {"A", "Bob"}
    assert library.engine.tally.erased == 1


@EITHER_WAY
async def test_a_member_who_is_erased_twice_or_unknown_leaves_nothing(library: Office) -> None:
    await filled(library)
    await library.take(erased(), erased(), erased(when="2026-03-02"), erased(who="Dot"))
    assert await cases(library) == {"A", "Bob"}
    assert library.engine.tally.erased == 0


@EITHER_WAY
async def test_facts_in_one_batch_with_the_erasure_go_too(library: Office) -> None:
    await library.take(*ANN, erased(), returned("L1", "2026-03-11"), *BOB)
    await library.day("2026-03-20")
    assert await cases(library) == {"Bob"}
    assert library.engine.tally.erased == 1


async def cases(library: Office) -> set[str]:
    if isinstance(library, InMemory):
        return set(library.book.subjects)
    return {row["subject"] for row in await library.rows("select subject from cases")}


async def test_a_fact_that_waits_for_an_erasure_is_refused(library: Office, other: Office) -> None:
    """The erasure is written but not committed: the fact's own instance still sees the case."""
    await filled(library)
    async with held_before_its_commit(library):
        erasure = asyncio.create_task(library.take(erased()))
        await until(lambda: waiting(library))
        late = asyncio.create_task(other.take(returned("L1", "2026-03-21")))
        await until(lambda: waiting(library, 2))
    await asyncio.gather(erasure, late)
    assert await cases(library) == {"A", "Bob"}
    assert other.engine.tally.erased == 1


async def test_a_message_about_an_erased_member_that_cannot_be_read_is_not_kept_either(
    library: Office,
) -> None:
    await filled(library)
    await library.take(erased())
    broken = library.message(returned("L1", "2026-03-21"))
    await library.engine.handle([replace(broken, value=b"rubbish")])
    await library.engine.handle([replace(broken, key=b"Bob", offset=100)])
    nobody = [b'{"subject":"\\ud800"}', b'{"subject":1}', b"[1]", b"\xff", None]
    await library.engine.handle(
        [replace(broken, key=b"\xff", value=value, offset=200 + n) for n, value in enumerate(nobody)]
    )
    rows = await library.rows("select key, value, headers, reason from dead_letters")
    told = [(row["key"], row["value"], row["reason"]) for row in rows]
    assert told[:2] == [(None, None, "person_erased")] * 2
    assert [row[:2] for row in told[2:]] == [(b"\xff", value) for value in nobody]
    assert library.engine.tally.erased == 0


async def test_a_broken_message_in_binary_mode_is_not_kept_either(library: Office) -> None:
    await filled(library)
    await library.take(erased())
    broken = replace(library.message(erased()), key=None, value=b"{}", headers=[("ce_subject", b"Ann")])
    await library.engine.handle([broken])
    rows = await library.rows("select value, reason from dead_letters")
    assert [tuple(row) for row in rows] == [(None, "person_erased")]


async def test_what_other_services_say_of_an_erased_member_is_counted_only(library: Office) -> None:
    """They learn of the erasure themselves, a moment earlier or later."""
    await filled(library)
    await library.take(erased())
    await library.take(noted("late", "N1"))
    assert library.engine.tally.erased == 1
    assert await library.count("dead_letters") == 0


async def test_what_is_published_of_a_shelf_stays_even_if_an_erased_member_caused_it(library: Office) -> None:
    await filled(library)
    value = b'{"causationid":"of Ann, 1","subject":"A"}'
    insert = "insert into outbox (topic, key, event_id, value, headers) values ('library', 'A', '', $1, '')"
    await library.rows(insert, value)
    await library.take(erased())
    assert value in await library.outbox()


@FEW
@given(data=st.data())
async def test_whenever_the_erasure_comes_nothing_of_the_member_is_left(
    library: Office, data: st.DataObject
) -> None:
    told = data.draw(toy_facts.histories(merges=True, most=20))
    who = data.draw(st.sampled_from(["Ann", "Bob"]))
    erasure = Told(says.MemberErased(erased_on=date(2026, 3, 1)), who, "X1", at("2026-03-01"))
    history = await play(library, data.draw(plans([*told, erasure])))
    assert who not in {event["subject"] for event in history.events}
    assert who not in await cases(library)
    for table in ("journal", "months"):
        assert await library.value(f"select count(*) from {table} where subject = $1", who) == 0
    assert await library.value("select count(*) from journal where key = $1", f"merged/{who}") == 0
    await check_claims(library)


async def test_a_day_to_come_erases_nobody_yet(library: Office) -> None:
    await filled(library)
    message = library.message(erased("2026-03-22"))
    await library.engine.handle([replace(message, received=at("2026-03-21"))])
    assert "Ann" in await cases(library)
    assert await library.value("select reason from dead_letters") == "from_the_future"
    await library.engine.handle([replace(message, received=at("2026-03-22"), offset=100)])
    assert "Ann" not in await cases(library)


async def test_without_a_key_an_erasure_is_refused_until_there_is_one(library: Office) -> None:
    await filled(library)
    keyless = with_key(library, None)
    await keyless.start()
    message = library.message(erased())
    await keyless.handle([message])
    assert await library.value("select reason from dead_letters") == "no_erasure_key"
    await library.engine.handle([replace(message, offset=100)])
    assert "Ann" not in await cases(library)
    assert await library.count("dead_letters") == 0


@pytest.mark.parametrize(
    ("key", "told"), [(None, "is missing"), (b"another key", "is not the key that it was")]
)
async def test_only_the_key_with_which_members_were_erased_will_do(
    library: Office, key: bytes | None, told: str
) -> None:
    await filled(library)
    await with_key(library, key).start()  # nobody was erased yet
    await library.take(erased())
    with pytest.raises(ErasureKeyError, match=f"PROBATION_ERASURE_KEY {told}"):
        await with_key(library, key).start()


def with_key(library: Office, key: bytes | None) -> Engine:
    """Another instance with another erasure key."""
    storage = Postgres(pool_of(library.engine), erasure_key=key)
    return Engine(toy.SERVICE, library.words, storage, latest_day=lambda: date.max)
