"""A member is erased: nothing is held or published about them any more, and late facts are refused."""

from __future__ import annotations

import pytest

from tests.engine.conftest import EITHER_WAY
from tests.engine.library import erased, joined, lent, moved, planned, returned, stocked, visited, wanted
from tests.engine.running import InMemory, Office

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
